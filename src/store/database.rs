//! One face for every kind of database: statements in, rows out.
//!
//! Nothing above this file knows which database it talks to. A third kind is a variant more in [`Database`],
//! [`Transaction`] and `Row`, and its way of writing lists in `statement`.

use std::{borrow::Cow, collections::HashSet, fmt};

use sqlx::{
    AssertSqlSafe, Connection as _, PgPool, Postgres, Sqlite, SqlitePool,
    postgres::{PgArguments, PgConnection},
    sqlite::{SqliteArguments, SqliteConnection},
};

use super::{
    error::StoreError,
    query::{Batch, Part, Query},
    row::Row,
    schema,
    statement::{ListStyle, rewrite},
    value::Value,
};

/// A pool of connections. Cheap to clone.
#[derive(Clone)]
pub enum Database {
    /// Postgres.
    Postgres(PgPool),
    /// SQLite.
    Sqlite(SqlitePool),
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres(_) => "Database::Postgres",
            Self::Sqlite(_) => "Database::Sqlite",
        })
    }
}

impl Database {
    /// Every column of every table that is visible, with its table.
    pub(super) async fn columns(&self) -> Result<HashSet<(String, String)>, StoreError> {
        self.run(match self {
            Self::Postgres(_) => columns_query(POSTGRES_COLUMNS),
            Self::Sqlite(_) => columns_query(SQLITE_COLUMNS),
        })
        .await
    }

    /// Closes all connections, waiting for statements under way.
    pub async fn close(&self) {
        match self {
            Self::Postgres(pool) => pool.close().await,
            Self::Sqlite(pool) => pool.close().await,
        }
    }

    /// Runs one read.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn run<T>(&self, query: Query<T>) -> Result<T, StoreError> {
        let Query { part, decode } = query;
        let rows = match self {
            Self::Postgres(pool) => {
                let mut connection =
                    pool.acquire().await.map_err(|error| StoreError::from_driver(part.table, error))?;
                postgres_fetch(&mut connection, &part).await
            }
            Self::Sqlite(pool) => {
                let mut connection =
                    pool.acquire().await.map_err(|error| StoreError::from_driver(part.table, error))?;
                sqlite_fetch(&mut connection, &part).await
            }
        }?;
        decode(rows)
    }

    /// Runs several reads on one state of the database.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn run_batch<B: Batch>(&self, batch: B) -> Result<B::Output, StoreError> {
        let (parts, decode) = batch.split();
        let parts: Vec<Part> = parts.into_iter().map(|part| part.0).collect();
        let failed = |error| StoreError::from_driver("several tables", error);
        let answers = match self {
            Self::Postgres(pool) => {
                let mut connection = pool.acquire().await.map_err(failed)?;
                postgres_fetch_batch(&mut connection, &parts).await?
            }
            Self::Sqlite(pool) => {
                let mut connection = pool.acquire().await.map_err(failed)?;
                let mut transaction = connection.begin().await.map_err(failed)?;
                let mut answers = Vec::with_capacity(parts.len());
                for part in &parts {
                    answers.push(sqlite_fetch(&mut transaction, part).await?);
                }
                transaction.commit().await.map_err(failed)?;
                answers
            }
        };
        decode(answers)
    }

    /// Runs one statement that writes, by itself. Answers with the number of rows affected.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn execute(
        &self,
        table: &'static str,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let part = Part { table, sql: sql.into(), values };
        match self {
            Self::Postgres(pool) => {
                let mut connection = pool.acquire().await.map_err(|error| StoreError::from_driver(table, error))?;
                postgres_execute(&mut connection, &part).await
            }
            Self::Sqlite(pool) => {
                let mut connection = pool.acquire().await.map_err(|error| StoreError::from_driver(table, error))?;
                sqlite_execute(&mut connection, &part).await
            }
        }
    }

    /// Begins a transaction that will write. In SQLite it waits for its turn here (`BEGIN IMMEDIATE`): a transaction
    /// that began as a reader could not become a writer after another one wrote.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        let failed = |error| StoreError::from_driver("transaction", error);
        Ok(match self {
            Self::Postgres(pool) => Transaction::Postgres(pool.begin().await.map_err(failed)?),
            Self::Sqlite(pool) => Transaction::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?),
        })
    }
}

/// A transaction: dropped without [`Transaction::commit`], it never happened.
#[must_use = "a transaction that is not committed is rolled back"]
pub enum Transaction {
    /// Postgres.
    Postgres(sqlx::Transaction<'static, Postgres>),
    /// SQLite.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
}

impl Transaction {
    /// Runs one read.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn run<T>(&mut self, query: Query<T>) -> Result<T, StoreError> {
        let Query { part, decode } = query;
        let rows = match self {
            Self::Postgres(transaction) => postgres_fetch(transaction, &part).await,
            Self::Sqlite(transaction) => sqlite_fetch(transaction, &part).await,
        }?;
        decode(rows)
    }

    /// Runs one statement that writes. Answers with the number of rows affected. In Postgres nothing more can be done
    /// in this transaction after an error.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn execute(
        &mut self,
        table: &'static str,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let part = Part { table, sql: sql.into(), values };
        match self {
            Self::Postgres(transaction) => postgres_execute(transaction, &part).await,
            Self::Sqlite(transaction) => sqlite_execute(transaction, &part).await,
        }
    }

    /// As [`Database::columns`].
    pub(super) fn columns_query(&self) -> Query<HashSet<(String, String)>> {
        match self {
            Self::Postgres(_) => columns_query(POSTGRES_COLUMNS),
            Self::Sqlite(_) => columns_query(SQLITE_COLUMNS),
        }
    }

    /// Waits until no other transaction is at work on the schema. In SQLite no other one can be.
    pub(super) async fn lock_schema(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Postgres(_) => {
                // The number is arbitrary; both sides of a race only have to use the same one.
                self.execute("alembic_version", "SELECT pg_advisory_xact_lock(20260101000000)", vec![]).await.map(drop)
            }
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// Makes the tables of Keystone 30.
    pub(super) async fn create_schema(&mut self) -> Result<(), StoreError> {
        let failed = |error| StoreError::from_driver("schema", error);
        match self {
            Self::Postgres(transaction) => {
                sqlx::raw_sql(schema::POSTGRES).execute(&mut **transaction).await.map_err(failed)?;
            }
            Self::Sqlite(transaction) => {
                sqlx::raw_sql(schema::SQLITE).execute(&mut **transaction).await.map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Makes what was written last.
    ///
    /// # Errors
    /// As [`StoreError`] says; the transaction is then rolled back, or it is not known whether it was committed.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Postgres(transaction) => transaction.commit().await,
            Self::Sqlite(transaction) => transaction.commit().await,
        }
        .map_err(|error| StoreError::from_driver("transaction", error))
    }
}

const POSTGRES_COLUMNS: &str = "SELECT table_name::text, column_name::text FROM information_schema.columns
    WHERE table_schema = ANY(current_schemas(false))";

const SQLITE_COLUMNS: &str = "SELECT master.name AS table_name, info.name AS column_name
    FROM sqlite_master AS master JOIN pragma_table_info(master.name) AS info
    WHERE master.type = 'table'";

fn columns_query(sql: &'static str) -> Query<HashSet<(String, String)>> {
    Query::new("information_schema.columns", sql, vec![], |rows| {
        rows.iter().map(|row| Ok((row.text("table_name")?, row.text("column_name")?))).collect()
    })
}

fn postgres_arguments<'v>(values: impl Iterator<Item = &'v Value>) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for value in values {
        value.add_to_postgres(&mut arguments).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn sqlite_arguments(values: &[Value]) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        value.add_to_sqlite(&mut arguments).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// The statement's text for the driver. It is made of constants of this crate only: every value travels as a parameter.
fn postgres_text(part: &Part) -> AssertSqlSafe<String> {
    AssertSqlSafe(rewrite(&part.sql, &part.values, ListStyle::Array, 0).into_owned())
}

fn sqlite_text(part: &Part) -> AssertSqlSafe<String> {
    AssertSqlSafe(rewrite(&part.sql, &part.values, ListStyle::JsonEach, 0).into_owned())
}

async fn postgres_fetch(connection: &mut PgConnection, part: &Part) -> Result<Vec<Row>, StoreError> {
    let failed = |error| StoreError::from_driver(part.table, error);
    let arguments = postgres_arguments(part.values.iter()).map_err(failed)?;
    let rows = sqlx::query_with(postgres_text(part), arguments).fetch_all(connection).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| Row::postgres(part.table, row)).collect())
}

async fn sqlite_fetch(connection: &mut SqliteConnection, part: &Part) -> Result<Vec<Row>, StoreError> {
    let failed = |error| StoreError::from_driver(part.table, error);
    let arguments = sqlite_arguments(&part.values).map_err(failed)?;
    let rows = sqlx::query_with(sqlite_text(part), arguments).fetch_all(connection).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| Row::sqlite(part.table, row)).collect())
}

async fn postgres_execute(connection: &mut PgConnection, part: &Part) -> Result<u64, StoreError> {
    let failed = |error| StoreError::from_driver(part.table, error);
    let arguments = postgres_arguments(part.values.iter()).map_err(failed)?;
    let done = sqlx::query_with(postgres_text(part), arguments).execute(connection).await.map_err(failed)?;
    Ok(done.rows_affected())
}

async fn sqlite_execute(connection: &mut SqliteConnection, part: &Part) -> Result<u64, StoreError> {
    let failed = |error| StoreError::from_driver(part.table, error);
    let arguments = sqlite_arguments(&part.values).map_err(failed)?;
    let done = sqlx::query_with(sqlite_text(part), arguments).execute(connection).await.map_err(failed)?;
    Ok(done.rows_affected())
}

/// All parts as one statement: each row comes back as the number of its part and its cells as JSON.
async fn postgres_fetch_batch(connection: &mut PgConnection, parts: &[Part]) -> Result<Vec<Vec<Row>>, StoreError> {
    let failed = |error| StoreError::from_driver("several tables", error);
    let mut sql = String::new();
    let mut offset = 0;
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            sql.push_str(" UNION ALL ");
        }
        sql.push_str(&format!("SELECT {number} AS part, row_to_json(answer)::text AS cells FROM ("));
        sql.push_str(&rewrite(&part.sql, &part.values, ListStyle::Array, offset));
        sql.push_str(") AS answer");
        offset += part.values.len();
    }
    let arguments = postgres_arguments(parts.iter().flat_map(|part| &part.values)).map_err(failed)?;
    let rows: Vec<(i32, String)> =
        sqlx::query_as_with(AssertSqlSafe(sql), arguments).fetch_all(connection).await.map_err(failed)?;
    let mut answers: Vec<Vec<Row>> = parts.iter().map(|_| Vec::new()).collect();
    for (number, cells) in rows {
        let number = usize::try_from(number).unwrap_or_default();
        if let (Some(answer), Some(part)) = (answers.get_mut(number), parts.get(number)) {
            answer.push(Row::json(part.table, &cells)?);
        }
    }
    Ok(answers)
}
