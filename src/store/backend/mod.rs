//! What each kind of database does in its own way. Everything else is written once, above.

mod postgres;
mod sqlite;

use std::{future::Future, time::Duration};

use super::{query::Part, row::Row};

/// A connection to one kind of database.
pub(super) trait Backend: sqlx::Connection + 'static {
    /// Begins a transaction that will write.
    const BEGIN: &'static str;

    /// Answers with the columns `table_name` and `column_name`: every column of every table that is visible.
    const COLUMNS: &'static str;

    /// Waits until no other transaction is at work on the schema, where one could be.
    const LOCK_SCHEMA: Option<&'static str>;

    /// Makes the tables of Keystone 30.
    const SCHEMA: &'static str;

    /// Whether a connection is of no use any more when nobody waited for the end of a statement.
    const FRAGILE: bool;

    /// Whether a connection could not be made because somebody else makes one, and can be made in a moment.
    fn is_in_the_way(error: &sqlx::Error) -> bool;

    /// Tells the server how this connection is used, where there is a server: whether each statement that takes longer than
    /// `limit` is to be ended.
    fn introduce(&mut self, limit: Option<Duration>) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// The rows that a statement gives.
    fn fetch(&mut self, part: &Part) -> impl Future<Output = Result<Vec<Row>, sqlx::Error>> + Send;

    /// The rows that each of several statements gives, on one state of the database.
    fn fetch_batch(&mut self, parts: &[Part]) -> impl Future<Output = Result<Vec<Vec<Row>>, sqlx::Error>> + Send;

    /// Runs a statement that writes; the number of rows affected.
    fn execute(&mut self, part: &Part) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;

    /// Runs statements without values.
    fn script(&mut self, script: &'static str) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}
