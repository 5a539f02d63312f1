//! The database: Keystone's own schema, on Postgres and SQLite.
//!
//! `open` makes a `pool` of connections, `database` runs statements on it, `backend` is what each kind of database does in
//! its own way, `query` is a read as a value (so that several can travel together), `statement` is the
//! little that differs between the dialects in the text, `value` and `row` what goes in and comes out
//! (and `record` a row that travelled with others); `feed` knows what
//! has changed, whoever changed it, `directory` keeps users and projects until then, `roster` has all users at hand (an `account` is a user
//! with what is the user's), and `gather` asks about many things together. Then one file for each subject,
//! with the SQL beside what it becomes: `identity`, `resource`, `domain_config`, `role`, `assignment`, `catalog`,
//! `endpoint_filter`, `policy`, `endpoint_policy`, `limit`, `revocation`, `trust`, `application_credential`, `credential_key`, `oauth1`, `federation`; and `survey`, which is about
//! all of them.

pub mod account;
pub mod application_credential;
pub mod assignment;
mod backend;
pub mod catalog;
pub mod credential_key;
mod database;
pub mod directory;
pub mod domain_config;
pub mod endpoint_filter;
pub mod endpoint_policy;
mod error;
pub mod federation;
pub mod feed;
pub mod gather;
pub mod identity;
pub mod json;
mod libpq;
pub mod limit;
pub mod oauth1;
mod open;
pub mod policy;
mod pool;
mod query;
mod record;
pub mod resource;
pub mod revocation;
pub mod role;
pub mod roster;
mod row;
pub mod schema;
mod statement;
pub mod survey;
pub mod trust;
pub mod url;
mod value;

use std::borrow::Cow;

pub use self::{
    database::{Database, Transaction},
    error::{ConstraintKind, StoreError, Trouble},
    open::{DatabaseSettings, Location, OpenError, max_connections},
    pool::PoolState,
    query::{Batch, BatchDecode, PartHandle, Query},
    row::Row,
    statement::Conditions,
    value::Value,
};

/// The database as the rest of the program sees it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
}

impl Store {
    /// Prepares the store; the database is first spoken to by the first statement.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub fn open(settings: &DatabaseSettings) -> Result<Self, OpenError> {
        Ok(Self { database: Database::open(settings)? })
    }

    /// The database below.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Runs one read.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn run<T>(&self, query: Query<T>) -> Result<T, StoreError> {
        self.database.run(query).await
    }

    /// Runs several reads on one state of the database: one round trip.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn run_batch<B: Batch>(&self, batch: B) -> Result<B::Output, StoreError> {
        self.database.run_batch(batch).await
    }

    /// Begins a transaction that will write.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        self.database.begin().await
    }

    /// What is known of changes to the database: for who keeps what he read.
    pub fn feed(&self) -> &feed::Feed {
        self.database.feed()
    }

    async fn execute(
        &self,
        table: &'static str,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        self.database.execute(table, sql, values).await
    }
}
