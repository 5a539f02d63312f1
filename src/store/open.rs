//! From `[database]` to a pool of connections.

use std::{fmt, fs, io, path::PathBuf, time::Duration};

use sqlx::{
    ConnectOptions as _,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::{
    database::{Database, Kind},
    feed::{Feed, Source},
    pool::{Limits, Pool},
};

/// Where the database is: made by [`super::url::DatabaseUrl::location`].
#[derive(Clone)]
pub enum Location {
    /// A Postgres server.
    Postgres(Box<PgConnectOptions>),
    /// A SQLite file.
    SqliteFile {
        /// The file.
        path: PathBuf,
        /// Whether to make it when it is not there; otherwise that is an error.
        create: bool,
    },
    /// A SQLite database that is gone with the process: one connection, kept for good.
    SqliteMemory,
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The options hold the password.
            Self::Postgres(_) => f.write_str("Postgres"),
            Self::SqliteFile { path, .. } => write!(f, "SqliteFile({})", path.display()),
            Self::SqliteMemory => f.write_str("SqliteMemory"),
        }
    }
}

/// What `[database]` says, and how patient to be.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// Where the database is.
    pub location: Location,
    /// The most connections there may be: `max_pool_size` and `max_overflow` together, see [`max_connections`].
    pub max_connections: usize,
    /// How many of them stay open when nobody uses them: `max_pool_size`.
    pub kept_connections: usize,
    /// `pool_timeout`: how long to wait for a free connection.
    pub pool_timeout: Duration,
    /// How many may wait for a free connection; one more is an outage at once.
    pub queue: usize,
    /// How long a statement may take on a server; `None`: as long as it takes. (A SQLite file has no server that could hang.)
    pub statement_timeout: Option<Duration>,
    /// `connection_recycle_time`: a connection older than this is replaced.
    pub connection_recycle_time: Duration,
}

impl DatabaseSettings {
    /// The defaults for a database at `location`: oslo.db's, and less patience than SQLAlchemy has.
    pub fn new(location: Location) -> Self {
        Self {
            location,
            max_connections: max_connections(Some(5), Some(50)),
            kept_connections: 5,
            pool_timeout: Duration::from_secs(5),
            queue: 1000,
            statement_timeout: None,
            connection_recycle_time: Duration::from_secs(3600),
        }
    }
}

/// How many connections `max_pool_size` and `max_overflow` allow. Zero for the one, or a negative number for the other,
/// means any number; so does none.
pub fn max_connections(max_pool_size: Option<u32>, max_overflow: Option<i64>) -> usize {
    match (max_pool_size, max_overflow) {
        (Some(size @ 1..), Some(overflow @ 0..)) => {
            usize::try_from(i64::from(size).saturating_add(overflow)).unwrap_or(ANY_NUMBER).min(ANY_NUMBER)
        }
        _ => ANY_NUMBER,
    }
}

/// No database serves more connections than this well.
const ANY_NUMBER: usize = 1000;

/// Settings that cannot lead to a connection.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The SQLite file is not there, or cannot be looked at.
    #[error("cannot open the database file {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// How long a SQLite statement waits for another process to finish writing.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// SQLite connections are threads, and more of them than this do not read faster.
const MAX_SQLITE_CONNECTIONS: usize = 8;

/// How many prepared statements a connection remembers: more than there are in this crate.
const STATEMENTS: usize = 256;

impl Database {
    /// Prepares connections to the database without making one: a database that is down is noticed by the first
    /// statement, and does not keep a server from starting.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub fn open(settings: &DatabaseSettings) -> Result<Self, OpenError> {
        let limits = Limits {
            most: settings.max_connections,
            kept: settings.kept_connections,
            wait: settings.pool_timeout,
            queue: settings.queue,
            statement: settings.statement_timeout,
            lifetime: Some(settings.connection_recycle_time),
        };
        match &settings.location {
            Location::Postgres(options) => {
                let options = options.as_ref().clone().disable_statement_logging();
                let feed = Feed::new(Source::Postgres(Box::new(options.clone())));
                let pool = Pool::new(options.statement_cache_capacity(STATEMENTS), limits);
                Ok(Self::new(Kind::Postgres(pool), feed))
            }
            Location::SqliteFile { path, create } => {
                let is_new = match fs::metadata(path) {
                    Ok(metadata) => metadata.len() == 0,
                    Err(error) if error.kind() == io::ErrorKind::NotFound && *create => true,
                    Err(source) => return Err(OpenError::File { path: path.clone(), source }),
                };
                let mut options = sqlite_options().filename(path).create_if_missing(*create);
                // Somebody else's file keeps the journal mode it has; ours lets readers and a writer work side by side.
                if is_new {
                    options = options.journal_mode(SqliteJournalMode::Wal);
                }
                let most = settings.max_connections.min(MAX_SQLITE_CONNECTIONS);
                let feed = Feed::new(Source::SqliteFile(Box::new(options.clone())));
                Ok(Self::new(Kind::Sqlite(Pool::new(options, Limits { most, statement: None, ..limits })), feed))
            }
            // The database lives and dies with its one connection.
            Location::SqliteMemory => {
                let options = sqlite_options().in_memory(true);
                let pool = Pool::new(options, Limits { most: 1, lifetime: None, statement: None, ..limits });
                Ok(Self::new(Kind::Sqlite(pool), Feed::new(Source::Private)))
            }
        }
    }
}

fn sqlite_options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .foreign_keys(true)
        .busy_timeout(SQLITE_BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;
    use crate::store::url::DatabaseUrl;

    #[test]
    fn the_pool_is_as_large_as_configured() {
        assert_eq!(max_connections(Some(5), Some(50)), 55);
        assert_eq!(max_connections(Some(7), Some(0)), 7);
        assert_eq!(max_connections(Some(0), Some(50)), ANY_NUMBER);
        assert_eq!(max_connections(Some(5), Some(-1)), ANY_NUMBER);
        assert_eq!(max_connections(Some(u32::MAX), Some(i64::MAX)), ANY_NUMBER);
    }

    #[tokio::test]
    async fn settings_and_pool_do_not_show_the_password() {
        let url = DatabaseUrl::parse("postgresql://me:hunter2@127.0.0.1/k").unwrap();
        let settings = DatabaseSettings::new(url.location(false).unwrap());
        let database = Database::open(&settings).unwrap();
        assert!(!format!("{settings:?} {database:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_is_not_made_by_accident() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("none.db");
        let at = |create| DatabaseSettings::new(Location::SqliteFile { path: path.clone(), create });
        assert!(matches!(Database::open(&at(false)), Err(OpenError::File { .. })));
        assert!(!path.exists());
        assert!(Database::open(&at(true)).is_ok());
    }
}
