//! The store's contract, over every backend: SQLite in memory, SQLite in a file, Postgres.
//!
//! A test is a function of a [`World`], written once; `on_every_backend!` makes three of it. Rows that only a real
//! Keystone (or a broken program) would have written are put in by SQL.

mod assignment;
mod bootstrap;
mod catalog;
mod credential_key;
mod delegation;
mod domain_config;
mod feed;
mod identity;
mod identity_cascade;
mod identity_groups;
mod identity_writes;
mod limit;
mod outage;
mod resource;
mod resource_cascade;
mod revocation;
mod role;
mod roster;
mod schema;
mod survey;
mod transaction;

use std::time::Duration;

use fernstone::store::{
    DatabaseSettings, Location, Store, Value,
    url::{DatabaseUrl, SqliteLocation},
};
use tempfile::TempDir;

use crate::postgres;

/// A store with Keystone's schema and nothing in it, and what must live as long as it does.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) url: DatabaseUrl,
    _directory: Option<TempDir>,
}

impl World {
    pub(crate) async fn sqlite_memory() -> Self {
        Self::at(DatabaseUrl::Sqlite(SqliteLocation::Memory), None)
    }

    pub(crate) async fn sqlite_file() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let url = DatabaseUrl::Sqlite(SqliteLocation::File(directory.path().join("keystone.db")));
        Self::at(url, Some(directory))
    }

    pub(crate) async fn postgres() -> Self {
        Self::at(postgres::fresh_database().await, None)
    }

    fn at(url: DatabaseUrl, directory: Option<TempDir>) -> Self {
        let store = Store::open(&settings(&url)).expect("the store opens");
        Self { store, url, _directory: directory }
    }

    /// Whether it is the one connection that there is.
    pub(crate) fn is_memory(&self) -> bool {
        self.url == DatabaseUrl::Sqlite(SqliteLocation::Memory)
    }

    /// With Keystone's schema.
    pub(crate) async fn synced(self) -> Self {
        self.store.db_sync().await.expect("the schema is made");
        self
    }

    /// Runs SQL that writes, one statement after the other.
    pub(crate) async fn execute(&self, statements: &[&'static str]) {
        let mut transaction = self.store.begin().await.expect("a transaction");
        for statement in statements {
            transaction
                .execute("test", *statement, vec![])
                .await
                .unwrap_or_else(|error| panic!("{statement}: {error:?}"));
        }
        transaction.commit().await.expect("the transaction commits");
    }

    /// Returns when the feed knows of everything written so far for good: on a SQLite file, what this process writes is noticed
    /// once more by looking at the file.
    pub(crate) async fn settle(&self) {
        if !self.is_memory() {
            let feed = self.store.feed();
            let beats = feed.beats();
            let later = feed.wait_until(|feed| feed.beats() > beats + 1);
            tokio::time::timeout(Duration::from_secs(30), later).await.expect("the feed works");
        }
    }

    /// Runs one statement with values.
    pub(crate) async fn insert(&self, statement: &'static str, values: Vec<Value>) {
        let mut transaction = self.store.begin().await.expect("a transaction");
        transaction.execute("test", statement, values).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
        transaction.commit().await.expect("the transaction commits");
    }
}

pub(crate) fn settings(url: &DatabaseUrl) -> DatabaseSettings {
    let location = url.location(true).expect("parameters that are heeded");
    let pool_timeout = Duration::from_secs(if matches!(location, Location::SqliteMemory) { 1 } else { 30 });
    DatabaseSettings { max_connections: 3, pool_timeout, ..DatabaseSettings::new(location) }
}

/// Makes of each `async fn name(world: World)` a test on every backend.
macro_rules! on_every_backend {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite_in_memory {
            $(#[tokio::test] async fn $name() { super::$name($crate::store::World::sqlite_memory().await.synced().await).await; })+
        }
        mod on_a_sqlite_file {
            $(#[tokio::test] async fn $name() { super::$name($crate::store::World::sqlite_file().await.synced().await).await; })+
        }
        mod on_postgres {
            $(#[tokio::test] async fn $name() { super::$name($crate::store::World::postgres().await.synced().await).await; })+
        }
    };
}
pub(crate) use on_every_backend;

/// A time from its text.
pub(crate) fn time(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().expect("a time")
}
