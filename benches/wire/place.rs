//! A furnished database, and Fernstone on it.

use std::ops::Range;

use ::fernstone::store::{DatabaseSettings, Location, Store, url::DatabaseUrl};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::{fernstone::Fernstone, load::Requests, postgres, world::World};

/// A furnished database with its files, and the server on it.
pub(crate) struct Place {
    pub directory: TempDir,
    pub url: String,
    pub store: Store,
    pub world: World,
    pub server: Fernstone,
}

impl Place {
    pub(crate) async fn sqlite(users: u64) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("keystone.db");
        let url = format!("sqlite:///{}", path.display());
        Self::on(directory, Location::SqliteFile { path, create: true }, url, users).await
    }

    pub(crate) async fn postgres(users: u64) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let database = postgres::fresh_database().await;
        let DatabaseUrl::Postgres(parts) = &database else { panic!("not Postgres") };
        let (port, name) = (parts.port.expect("a port"), parts.database.clone().expect("a name"));
        let url = format!("postgresql://postgres@127.0.0.1:{port}/{name}");
        let options = postgres::options_of(&database);
        let place = Self::on(directory, Location::Postgres(Box::new(options.clone())), url, users).await;
        // Postgres does both by itself within minutes of so many inserts, and shall not while something is measured.
        let mut connection = PgConnection::connect_with(&options).await.expect("the cluster answers");
        for statement in ["VACUUM", "CHECKPOINT"] {
            sqlx::raw_sql(statement).execute(&mut connection).await.expect("done");
        }
        place
    }

    async fn on(directory: TempDir, location: Location, url: String, users: u64) -> Self {
        let store = Store::open(&DatabaseSettings::new(location)).expect("a store");
        let world = World::furnish(&store, &directory.path().join("keys"), users).await;
        let server = Fernstone::start(directory.path(), &url);
        Self { directory, url, store, world, server }
    }

    /// Writes to the database.
    pub(crate) async fn execute(&self, statements: impl IntoIterator<Item = String>) {
        let mut transaction = self.store.begin().await.expect("a transaction");
        for statement in statements {
            let done = transaction.execute("the world", statement.clone(), vec![]).await;
            done.unwrap_or_else(|error| panic!("{error:?}: {statement}"));
        }
        transaction.commit().await.expect("committed");
    }

    /// Validations of these tokens, by the callers in turn.
    pub(crate) fn validations(&self, path: &str, numbers: Range<u64>) -> Vec<Box<[u8]>> {
        self.validations_of(path, numbers.map(|number| self.world.token(number)))
    }

    /// The same of these tokens.
    pub(crate) fn validations_of(&self, path: &str, tokens: impl Iterator<Item = String>) -> Vec<Box<[u8]>> {
        let callers = self.world.callers();
        tokens.zip(callers.iter().cycle()).map(|(token, caller)| validation(path, caller, &token)).collect()
    }
}

/// Every one of them once, and then no more.
pub(crate) fn once(requests: &[Box<[u8]>]) -> std::sync::Arc<Requests> {
    Requests::once(requests.to_vec())
}

fn validation(path: &str, caller: &str, token: &str) -> Box<[u8]> {
    let headers = "Host: bench\r\nUser-Agent: bench\r\nAccept: application/json";
    format!("GET {path} HTTP/1.1\r\n{headers}\r\nX-Auth-Token: {caller}\r\nX-Subject-Token: {token}\r\n\r\n")
        .into_bytes()
        .into_boxed_slice()
}

/// A request with a JSON body.
pub(crate) fn post(path: &str, body: &str) -> Box<[u8]> {
    let length = body.len();
    let headers = "Host: bench\r\nContent-Type: application/json";
    format!("POST {path} HTTP/1.1\r\n{headers}\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
        .into_boxed_slice()
}
