//! One face for every kind of database: statements in, rows out.
//!
//! Nothing above this file knows which database it talks to. A third kind is a variant more here and in `row`, and an
//! implementation of `Backend`.

use std::{borrow::Cow, collections::HashSet, fmt};

use futures_util::future::BoxFuture;
use sqlx::{postgres::PgConnection, sqlite::SqliteConnection};

use super::{
    backend::Backend,
    error::StoreError,
    feed::Feed,
    pool::{Lease, Pool, PoolState, is_loss, is_silence},
    query::{Batch, Part, Query},
    row::Row,
    value::Value,
};

/// A pool of connections. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Kind<Pool<PgConnection>, Pool<SqliteConnection>>,
    feed: Feed,
}

/// An answer on its way. Boxed, and of one type for all who wait for it: there are hundreds of places that ask the database, and
/// the whole way to it would be compiled into each of them, with room for it in the future of every request.
type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// One of the kinds of database.
#[derive(Clone)]
pub(super) enum Kind<P, S> {
    Postgres(P),
    Sqlite(S),
}

/// The same expression for every kind.
macro_rules! each_kind {
    ($kind:expr, $inner:ident => $do:expr) => {
        match $kind {
            Kind::Postgres($inner) => $do,
            Kind::Sqlite($inner) => $do,
        }
    };
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.pool {
            Kind::Postgres(_) => "Database::Postgres",
            Kind::Sqlite(_) => "Database::Sqlite",
        })
    }
}

impl Database {
    pub(super) fn new(pool: Kind<Pool<PgConnection>, Pool<SqliteConnection>>, feed: Feed) -> Self {
        Self { pool, feed }
    }

    /// What is known of changes to the database.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Whether this is Postgres.
    pub fn is_postgres(&self) -> bool {
        matches!(self.pool, Kind::Postgres(_))
    }

    /// How the pool of connections is doing.
    pub fn pool_state(&self) -> PoolState {
        each_kind!(&self.pool, pool => pool.state())
    }

    /// How many may wait for the database at a time.
    pub(super) fn queue(&self) -> usize {
        each_kind!(&self.pool, pool => pool.queue())
    }

    /// What one is told for whom there is no room to wait.
    pub(super) fn turn_away(&self) -> StoreError {
        StoreError::Unavailable(each_kind!(&self.pool, pool => pool.turn_away()))
    }

    /// Closes all connections, waiting for statements under way.
    pub async fn close(&self) {
        each_kind!(&self.pool, pool => pool.close().await);
    }

    /// Every column of every table that is visible, with its table.
    pub(super) async fn columns(&self) -> Result<HashSet<(String, String)>, StoreError> {
        self.run(match self.pool {
            Kind::Postgres(_) => columns_query::<PgConnection>(),
            Kind::Sqlite(_) => columns_query::<SqliteConnection>(),
        })
        .await
    }

    /// Runs one read.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn run<T>(&self, query: Query<T>) -> Result<T, StoreError> {
        let Query { part, decode } = query;
        decode(self.rows(part).await?)
    }

    fn rows(&self, part: Part) -> Answer<'_, Vec<Row>> {
        Box::pin(async move {
            let rows = each_kind!(&self.pool, pool => fetch(pool, &part).await);
            rows.map_err(|error| StoreError::from_driver(part.table, error))
        })
    }

    /// Runs several reads on one state of the database.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn run_batch<B: Batch>(&self, batch: B) -> Result<B::Output, StoreError> {
        let (parts, decode) = batch.split();
        decode(self.rows_of_each(parts.into_iter().map(|part| part.0).collect()).await?)
    }

    fn rows_of_each(&self, parts: Vec<Part>) -> Answer<'_, Vec<Vec<Row>>> {
        Box::pin(async move {
            let answers = each_kind!(&self.pool, pool => fetch_batch(pool, &parts).await);
            answers.map_err(|error| StoreError::from_driver("several tables", error))
        })
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
        // In a transaction, because its beginning can safely be tried again on another connection; this cannot.
        let mut transaction = self.begin().await?;
        let rows = transaction.execute(table, sql, values).await?;
        transaction.commit().await?;
        Ok(rows)
    }

    /// Begins a transaction that will write. In SQLite it waits for its turn here.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub fn begin(&self) -> Answer<'_, Transaction> {
        Box::pin(async move {
            let begun = match &self.pool {
                Kind::Postgres(pool) => begin(pool).await.map(Kind::Postgres),
                Kind::Sqlite(pool) => begin(pool).await.map(Kind::Sqlite),
            };
            let lease = begun.map_err(|error| StoreError::from_driver("transaction", error))?;
            Ok(Transaction { lease, failed: false, feed: self.feed.clone() })
        })
    }
}

/// A transaction: dropped without [`Transaction::commit`], it never happened. After an error nothing more can be done in
/// it.
#[must_use = "a transaction that is not committed is rolled back"]
pub struct Transaction {
    lease: Kind<Lease<PgConnection>, Lease<SqliteConnection>>,
    failed: bool,
    feed: Feed,
}

impl Transaction {
    /// Runs one read.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn run<T>(&mut self, query: Query<T>) -> Result<T, StoreError> {
        let Query { part, decode } = query;
        decode(self.rows(part).await?)
    }

    fn rows(&mut self, part: Part) -> Answer<'_, Vec<Row>> {
        Box::pin(async move {
            let answer = each_kind!(&mut self.lease, lease => lease.fetch(&part).await);
            self.noted(part.table, answer)
        })
    }

    /// Runs one statement that writes. Answers with the number of rows affected.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub fn execute(
        &mut self,
        table: &'static str,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Answer<'_, u64> {
        let part = Part { table, sql: sql.into(), values };
        Box::pin(async move {
            let answer = each_kind!(&mut self.lease, lease => lease.execute(&part).await);
            self.noted(table, answer)
        })
    }

    /// As [`Database::columns`], when nobody else is at work on the schema.
    pub(super) async fn lock_schema_and_list_columns(&mut self) -> Result<HashSet<(String, String)>, StoreError> {
        let (lock, columns) = match self.lease {
            Kind::Postgres(_) => (PgConnection::LOCK_SCHEMA, columns_query::<PgConnection>()),
            Kind::Sqlite(_) => (SqliteConnection::LOCK_SCHEMA, columns_query::<SqliteConnection>()),
        };
        if let Some(lock) = lock {
            self.execute("schema", lock, vec![]).await?;
        }
        self.run(columns).await
    }

    /// Makes the tables of Keystone 30.
    pub(super) async fn create_schema(&mut self) -> Result<(), StoreError> {
        let answer = match &mut self.lease {
            Kind::Postgres(lease) => lease.script(PgConnection::SCHEMA).await,
            Kind::Sqlite(lease) => lease.script(SqliteConnection::SCHEMA).await,
        };
        self.noted("schema", answer)
    }

    /// Makes what was written last. When this returns, nothing that was kept in memory is older than it.
    ///
    /// # Errors
    /// As [`StoreError`] says; the transaction is then rolled back, or it is not known whether it was committed. A
    /// transaction in which a statement failed is not committed.
    pub fn commit(mut self) -> Answer<'static, ()> {
        Box::pin(async move {
            // Postgres would answer a commit in this state with a rollback and no error.
            if self.failed {
                let source = sqlx::Error::InvalidArgument("a statement of the transaction failed".to_owned());
                return Err(StoreError::Refused { subject: "transaction", source });
            }
            let mark = self.feed.mark();
            if let Some(mark) = &mark {
                self.run(mark.query()).await?;
            }
            let answer = each_kind!(&mut self.lease, lease => lease.commit().await);
            // Also where it is not known whether it was committed: then it may have been.
            let mark = mark.filter(|_| answer.is_ok());
            self.feed.wait_for(mark).await;
            self.noted("transaction", answer)
        })
    }

    fn noted<T>(&mut self, subject: &'static str, answer: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        self.failed |= answer.is_err();
        answer.map_err(|error| StoreError::from_driver(subject, error))
    }
}

/// Whether to try again on a new connection: the one that lay ready turned out to be lost. Whatever it was, the others that
/// lie ready are then of as little use.
fn is_worth_another<C: Backend>(pool: &Pool<C>, error: &sqlx::Error) -> bool {
    let is_loss = is_loss(error);
    if is_loss {
        pool.forget_idle();
    }
    is_loss && !is_silence(error)
}

/// Reads; once more, on a new connection, if the one that lay ready turns out to be lost. Reading twice does no harm.
async fn fetch<C: Backend>(pool: &Pool<C>, part: &Part) -> Result<Vec<Row>, sqlx::Error> {
    match pool.lease().await?.fetch(part).await {
        Err(error) if is_worth_another(pool, &error) => pool.lease().await?.fetch(part).await,
        answer => answer,
    }
}

/// As [`fetch`].
async fn fetch_batch<C: Backend>(pool: &Pool<C>, parts: &[Part]) -> Result<Vec<Vec<Row>>, sqlx::Error> {
    match pool.lease().await?.fetch_batch(parts).await {
        Err(error) if is_worth_another(pool, &error) => pool.lease().await?.fetch_batch(parts).await,
        answer => answer,
    }
}

/// Begins, as [`fetch`] reads. What comes after the beginning is never tried again here.
async fn begin<C: Backend>(pool: &Pool<C>) -> Result<Lease<C>, sqlx::Error> {
    let mut lease = pool.lease().await?;
    match lease.begin().await {
        Err(error) if is_worth_another(pool, &error) => {
            drop(lease);
            let mut lease = pool.lease().await?;
            lease.begin().await?;
            Ok(lease)
        }
        begun => begun.map(|()| lease),
    }
}

fn columns_query<C: Backend>() -> Query<HashSet<(String, String)>> {
    Query::new("information_schema.columns", C::COLUMNS, vec![], |rows| {
        rows.iter().map(|row| Ok((row.text("table_name")?, row.text("column_name")?))).collect()
    })
}
