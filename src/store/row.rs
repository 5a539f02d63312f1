//! A row of an answer, read the same way whatever database it came from.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Map, Value as Json};
use sqlx::{Row as _, TypeInfo, ValueRef, postgres::PgRow, sqlite::SqliteRow};

use super::{
    error::StoreError,
    record::{Cell, Record},
};

/// One row. Columns are read by name and type; what does not fit is [`StoreError::Broken`], naming table and column.
pub struct Row {
    table: &'static str,
    cells: Cells,
}

enum Cells {
    Postgres(PgRow),
    Sqlite(SqliteRow),
    /// A row that travelled with others, in a batch.
    Record(Record),
}

impl Row {
    pub(super) fn postgres(table: &'static str, row: PgRow) -> Self {
        Self { table, cells: Cells::Postgres(row) }
    }

    pub(super) fn sqlite(table: &'static str, row: SqliteRow) -> Self {
        Self { table, cells: Cells::Sqlite(row) }
    }

    pub(super) fn record(table: &'static str, record: Record) -> Self {
        Self { table, cells: Cells::Record(record) }
    }

    /// The error for a column whose content makes no sense.
    pub fn broken(&self, column: &'static str, reason: impl Into<String>) -> StoreError {
        StoreError::Broken { table: self.table, column, reason: reason.into() }
    }

    fn required<T>(&self, column: &'static str, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.broken(column, "null"))
    }

    fn cell(&self, column: &'static str, result: sqlx::Error) -> StoreError {
        self.broken(column, result.to_string())
    }

    /// What a column of a record holds.
    fn of_record<'r>(&self, record: &'r Record, column: &'static str) -> Result<Cell<'r>, StoreError> {
        record.cell(column).map_err(|reason| self.broken(column, reason))
    }

    fn opt_str(&self, column: &'static str) -> Result<Option<&str>, StoreError> {
        match &self.cells {
            Cells::Postgres(row) => row.try_get_unchecked(column).map_err(|error| self.cell(column, error)),
            Cells::Sqlite(row) => row.try_get_unchecked(column).map_err(|error| self.cell(column, error)),
            Cells::Record(record) => match self.of_record(record, column)? {
                Cell::Null => Ok(None),
                Cell::Text(text) => Ok(Some(text)),
                _ => Err(self.broken(column, "text expected")),
            },
        }
    }

    /// Text, or null.
    pub fn opt_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        Ok(self.opt_str(column)?.map(str::to_owned))
    }

    /// Text.
    pub fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.required(column, self.opt_text(column)?)
    }

    /// An id, or null.
    pub fn opt_id<I: for<'t> From<&'t str>>(&self, column: &'static str) -> Result<Option<I>, StoreError> {
        Ok(self.opt_str(column)?.map(I::from))
    }

    /// An id.
    pub fn id<I: for<'t> From<&'t str>>(&self, column: &'static str) -> Result<I, StoreError> {
        self.required(column, self.opt_id(column)?)
    }

    /// A truth value, or null.
    pub fn opt_bool(&self, column: &'static str) -> Result<Option<bool>, StoreError> {
        match &self.cells {
            Cells::Postgres(row) => row.try_get_unchecked(column).map_err(|error| self.cell(column, error)),
            Cells::Sqlite(row) => row
                .try_get_unchecked::<Option<i64>, _>(column)
                .map(|number| number.map(|number| number != 0))
                .map_err(|error| self.cell(column, error)),
            Cells::Record(record) => match self.of_record(record, column)? {
                Cell::Null => Ok(None),
                Cell::Bool(flag) => Ok(Some(flag)),
                _ => Err(self.broken(column, "a truth value expected")),
            },
        }
    }

    /// A truth value.
    pub fn bool(&self, column: &'static str) -> Result<bool, StoreError> {
        self.required(column, self.opt_bool(column)?)
    }

    /// A number, or null.
    pub fn opt_integer(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        match &self.cells {
            Cells::Postgres(row) => {
                let narrow = row
                    .try_get_raw(column)
                    .map(|value| value.type_info().name() == "INT4")
                    .map_err(|error| self.cell(column, error))?;
                if narrow {
                    row.try_get_unchecked::<Option<i32>, _>(column)
                        .map(|number| number.map(i64::from))
                        .map_err(|error| self.cell(column, error))
                } else {
                    row.try_get(column).map_err(|error| self.cell(column, error))
                }
            }
            Cells::Sqlite(row) => row.try_get_unchecked(column).map_err(|error| self.cell(column, error)),
            Cells::Record(record) => match self.of_record(record, column)? {
                Cell::Null => Ok(None),
                Cell::Integer(number) => Ok(Some(number)),
                _ => Err(self.broken(column, "a number expected")),
            },
        }
    }

    /// A number.
    pub fn integer(&self, column: &'static str) -> Result<i64, StoreError> {
        self.required(column, self.opt_integer(column)?)
    }

    /// A time, or null. All times are stored in UTC without a zone.
    pub fn opt_time(&self, column: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let time = match &self.cells {
            Cells::Postgres(row) => {
                row.try_get_unchecked::<Option<NaiveDateTime>, _>(column).map_err(|error| self.cell(column, error))?
            }
            Cells::Sqlite(_) => self
                .opt_str(column)?
                .map(|text| parse_time(text).ok_or_else(|| self.broken(column, format!("not a time: {text:?}"))))
                .transpose()?,
            Cells::Record(record) => match self.of_record(record, column)? {
                Cell::Null => None,
                Cell::Time(time) => Some(time),
                _ => return Err(self.broken(column, "a time expected")),
            },
        };
        Ok(time.map(|time| time.and_utc()))
    }

    /// A time.
    pub fn time(&self, column: &'static str) -> Result<DateTime<Utc>, StoreError> {
        self.required(column, self.opt_time(column)?)
    }

    /// A time kept as microseconds since 1970 (Keystone's `*_int` columns), or null. Zero counts as null, as it does
    /// in Keystone, where such a column is always read with an `or`.
    pub fn opt_microseconds(&self, column: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
        match self.opt_integer(column)? {
            None | Some(0) => Ok(None),
            Some(number) => DateTime::from_timestamp_micros(number)
                .map(Some)
                .ok_or_else(|| self.broken(column, format!("not a time: {number}"))),
        }
    }

    /// A day, or null.
    pub fn opt_date(&self, column: &'static str) -> Result<Option<NaiveDate>, StoreError> {
        match &self.cells {
            Cells::Postgres(row) => row.try_get_unchecked(column).map_err(|error| self.cell(column, error)),
            Cells::Record(record) => match self.of_record(record, column)? {
                Cell::Null => Ok(None),
                Cell::Date(date) => Ok(Some(date)),
                _ => Err(self.broken(column, "a day expected")),
            },
            Cells::Sqlite(_) => self
                .opt_str(column)?
                .map(|text| {
                    NaiveDate::parse_from_str(text, "%Y-%m-%d")
                        .ok()
                        .or_else(|| parse_time(text).map(|time| time.date()))
                        .ok_or_else(|| self.broken(column, format!("not a date: {text:?}")))
                })
                .transpose(),
        }
    }

    /// JSON text, or null.
    pub fn opt_json(&self, column: &'static str) -> Result<Option<Json>, StoreError> {
        self.opt_str(column)?
            .map(|text| serde_json::from_str(text).map_err(|error| self.broken(column, error.to_string())))
            .transpose()
    }

    /// JSON text that holds an object. Null, in the column or in the JSON, counts as an empty one.
    pub fn json_map(&self, column: &'static str) -> Result<Map<String, Json>, StoreError> {
        match self.opt_json(column)? {
            None | Some(Json::Null) => Ok(Map::new()),
            Some(Json::Object(map)) => Ok(map),
            Some(other) => Err(self.broken(column, format!("a JSON object expected, found {other}"))),
        }
    }
}

/// SQLAlchemy's text for a time in SQLite, with or without a fraction.
fn parse_time(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()
}
