//! Postgres.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    AssertSqlSafe, Column as _, Executor as _, Row as _, SqlSafeStr as _, Statement as _,
    postgres::{PgArguments, PgConnection},
};

use super::Backend;
use crate::store::{
    query::Part,
    record::{Columns, Record},
    row::Row,
    statement::{ListStyle, rewrite},
    value::NulText,
};

/// Nearly every statement looks a few rows up by their keys, again and again. Planned for disks whose arms have to move, tables
/// of thousands of rows are read whole instead; and planning one takes longer than answering it (`docs/performance.md`).
const PLANNING: &str =
    "SELECT set_config('random_page_cost', '1.1', false), set_config('plan_cache_mode', 'force_generic_plan', false)";

impl Backend for PgConnection {
    const BEGIN: &'static str = "BEGIN";

    const COLUMNS: &'static str = "SELECT table_name::text, column_name::text FROM information_schema.columns
        WHERE table_schema = ANY(current_schemas(false))";

    // The number is arbitrary; both sides of a race only have to use the same one.
    const LOCK_SCHEMA: Option<&'static str> = Some("SELECT pg_advisory_xact_lock(20260101000000)");

    const SCHEMA: &'static str = include_str!("../../../migrations/postgres/20260101000000_keystone_30.sql");

    const FRAGILE: bool = true;

    fn is_in_the_way(_error: &sqlx::Error) -> bool {
        false
    }

    async fn introduce(&mut self, limit: Option<Duration>) -> Result<(), sqlx::Error> {
        // Who administers the database may want less, and then it is less.
        let timeout = "SELECT set_config('statement_timeout', $1::text, false) FROM pg_settings
            WHERE name = 'statement_timeout' AND $1 > 0 AND (setting::bigint = 0 OR setting::bigint > $1)";
        let milliseconds =
            limit.map_or(0, |limit| i64::from(i32::try_from(limit.as_millis()).unwrap_or(i32::MAX)).max(1));
        let asked = async {
            sqlx::query(timeout).bind(milliseconds).persistent(false).execute(&mut *self).await?;
            sqlx::query(PLANNING).persistent(false).execute(&mut *self).await
        };
        match asked.await {
            // What only speaks as Postgres does need not have this. We look at the time ourselves, too.
            Err(sqlx::Error::Database(error)) => {
                tracing::debug!(%error, "the server takes no settings");
                Ok(())
            }
            asked => asked.map(drop),
        }
    }

    async fn fetch(&mut self, part: &Part) -> Result<Vec<Row>, sqlx::Error> {
        let rows = sqlx::query_with(text(part), arguments([part], NulText::MatchesNothing)?).fetch_all(self).await?;
        Ok(rows.into_iter().map(|row| Row::postgres(part.table, row)).collect())
    }

    /// All parts as one statement, so that they take one round trip: each row comes back as the number of its part and a
    /// record of its cells.
    async fn fetch_batch(&mut self, parts: &[Part]) -> Result<Vec<Vec<Row>>, sqlx::Error> {
        let mut columns = Vec::with_capacity(parts.len());
        for part in parts {
            columns.push(columns_of(self, part).await?);
        }
        let mut sql = String::new();
        let mut offset = 0;
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                sql.push_str(" UNION ALL ");
            }
            sql.push_str(&format!("SELECT {number} AS part, answer AS cells FROM ("));
            sql.push_str(&rewrite(&part.sql, &part.values, ListStyle::Array, offset));
            sql.push_str(") AS answer");
            offset += part.values.len();
        }
        let arguments = arguments(parts, NulText::MatchesNothing)?;
        let rows = sqlx::query_with(AssertSqlSafe(sql), arguments).fetch_all(self).await?;
        let mut answers: Vec<Vec<Row>> = parts.iter().map(|_| Vec::new()).collect();
        for row in rows {
            let number = usize::try_from(row.try_get::<i32, _>(0)?).unwrap_or(usize::MAX);
            if let (Some(answer), Some(part), Some(columns)) =
                (answers.get_mut(number), parts.get(number), columns.get(number))
            {
                answer.push(Row::record(part.table, Record::new(row, 1, Arc::clone(columns))));
            }
        }
        Ok(answers)
    }

    async fn execute(&mut self, part: &Part) -> Result<u64, sqlx::Error> {
        let done = sqlx::query_with(text(part), arguments([part], NulText::IsRefused)?).execute(self).await?;
        Ok(done.rows_affected())
    }

    async fn script(&mut self, script: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(script).execute(self).await.map(drop)
    }
}

/// The columns of statements that were asked together with others, by their texts. A text says itself which columns it
/// has, so that what one server said of it is true of any.
static COLUMNS: LazyLock<Mutex<HashMap<Cow<'static, str>, Arc<Columns>>>> = LazyLock::new(Mutex::default);

/// The columns of a part's rows: asked of the server once.
async fn columns_of(connection: &mut PgConnection, part: &Part) -> Result<Arc<Columns>, sqlx::Error> {
    let known = || COLUMNS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(columns) = known().get(&part.sql) {
        return Ok(Arc::clone(columns));
    }
    let statement = connection.prepare(text(part).into_sql_str()).await?;
    let columns: Arc<Columns> = statement.columns().iter().map(|column| column.name().into()).collect();
    known().insert(part.sql.clone(), Arc::clone(&columns));
    Ok(columns)
}

/// The statement's text. It is made of constants of this crate only: every value travels as a parameter.
fn text(part: &Part) -> AssertSqlSafe<String> {
    AssertSqlSafe(rewrite(&part.sql, &part.values, ListStyle::Array, 0).into_owned())
}

fn arguments<'p>(parts: impl IntoIterator<Item = &'p Part>, nul_text: NulText) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for value in parts.into_iter().flat_map(|part| &part.values) {
        value.add_to_postgres(&mut arguments, nul_text).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
