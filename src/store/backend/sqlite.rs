//! SQLite.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe,
    sqlite::{SqliteArguments, SqliteConnection},
};

use super::Backend;
use crate::store::{
    query::Part,
    row::Row,
    statement::{ListStyle, rewrite},
    value::NulText,
};

impl Backend for SqliteConnection {
    // Waits for its turn here: a transaction that began as a reader could not become a writer after another one wrote.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";

    const COLUMNS: &'static str = "SELECT master.name AS table_name, info.name AS column_name
        FROM sqlite_master AS master JOIN pragma_table_info(master.name) AS info
        WHERE master.type = 'table'";

    const LOCK_SCHEMA: Option<&'static str> = None;

    const SCHEMA: &'static str = include_str!("../../../migrations/sqlite/20260101000000_keystone_30.sql");

    // Its thread finishes one statement before the next, whoever waits.
    const FRAGILE: bool = false;

    // Who turns a new file into one with a write-ahead log is refused at once where another one does: for this lock SQLite does
    // not wait. When the other one is done, there is nothing left to do.
    fn is_in_the_way(error: &sqlx::Error) -> bool {
        const BUSY: &str = "5";
        error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == BUSY)
    }

    async fn introduce(&mut self, _limit: Option<Duration>) -> Result<(), sqlx::Error> {
        Ok(())
    }

    async fn fetch(&mut self, part: &Part) -> Result<Vec<Row>, sqlx::Error> {
        let rows = sqlx::query_with(text(part), arguments(part, NulText::MatchesNothing)?).fetch_all(self).await?;
        Ok(rows.into_iter().map(|row| Row::sqlite(part.table, row)).collect())
    }

    async fn fetch_batch(&mut self, parts: &[Part]) -> Result<Vec<Vec<Row>>, sqlx::Error> {
        let mut transaction = sqlx::Connection::begin(self).await?;
        let mut answers = Vec::with_capacity(parts.len());
        for part in parts {
            answers.push(transaction.fetch(part).await?);
        }
        transaction.commit().await?;
        Ok(answers)
    }

    async fn execute(&mut self, part: &Part) -> Result<u64, sqlx::Error> {
        let done = sqlx::query_with(text(part), arguments(part, NulText::IsRefused)?).execute(self).await?;
        Ok(done.rows_affected())
    }

    async fn script(&mut self, script: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(script).execute(self).await.map(drop)
    }
}

/// The statement's text. It is made of constants of this crate only: every value travels as a parameter.
fn text(part: &Part) -> AssertSqlSafe<String> {
    AssertSqlSafe(rewrite(&part.sql, &part.values, ListStyle::JsonEach, 0).into_owned())
}

fn arguments(part: &Part, nul_text: NulText) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    for value in &part.values {
        value.add_to_sqlite(&mut arguments, nul_text).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
