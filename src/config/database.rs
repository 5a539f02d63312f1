//! `[database]`: the store (`oslo_db.options`).

use crate::{
    domain::secret::SecretText,
    store::url::{DatabaseUrl, SqliteLocation, UrlError},
};

use super::section::section;

section! {
    /// `[database]`
    Database in "database" {
        /// `connection`, default `sqlite:///keystone.db`: the database's SQLAlchemy URL, or why it is none that can be
        /// opened: who works on keys alone need not care which database a Keystone has.
        connection: Result<DatabaseUrl, UrlError> = Ok(DatabaseUrl::Sqlite(SqliteLocation::File("keystone.db".into()))),
        /// `connection_parameters`, default empty: `name=value&name=value`, appended to the URL's own.
        connection_parameters: SecretText = SecretText::default(),
        /// `max_pool_size`, default 5: connections that are kept open. 0 means any number.
        max_pool_size: Option<u32> = Some(5),
        /// `max_overflow`, default 50: connections beyond `max_pool_size` at times of need. -1 means any number.
        max_overflow: Option<i64> = Some(50),
        /// `pool_timeout`, default none: seconds to wait for a connection of the pool. Unset: 5 (SQLAlchemy's 30 is longer
        /// than clients wait).
        pool_timeout: Option<u64> = None,
        /// `connection_recycle_time`, default 3600: a connection older than this is replaced before use, in seconds.
        connection_recycle_time: i64 = 3600,
    }
}

impl Database {
    /// The URL with `connection_parameters` applied.
    ///
    /// # Errors
    ///
    /// It is a database that cannot be opened, or the parameters cannot be decoded.
    pub fn url(&self) -> Result<DatabaseUrl, UrlError> {
        self.connection.clone()?.with_parameters(self.connection_parameters.expose())
    }

    /// Finds what is wrong with the URL and the parameters before anything is connected to: the option at fault and
    /// what it should have been.
    pub(super) fn check(&self) -> Result<(), (&'static str, UrlError)> {
        self.connection.clone().and_then(|url| url.location(false)).map_err(|error| ("connection", error))?;
        let parameters = |error| ("connection_parameters", error);
        self.url().map_err(parameters)?.location(false).map_err(parameters)?;
        Ok(())
    }
}
