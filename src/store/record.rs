//! A row that travelled as one value: Postgres's `record` in its binary form (`record_send` in `utils/adt/rowtypes.c`).
//!
//! That is the number of columns, and of each column its type, the length of its value (-1: null) and the value; numbers are
//! big-endian. The columns' names do not travel.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};
use sqlx::{Row as _, postgres::PgRow};

/// The names of a statement's columns, in their order.
pub(super) type Columns = [Box<str>];

/// A row with the record in it.
pub(super) struct Record {
    row: PgRow,
    /// Where in the row.
    place: usize,
    columns: Arc<Columns>,
}

/// What a column holds.
pub(super) enum Cell<'r> {
    Null,
    Text(&'r str),
    Bool(bool),
    Integer(i64),
    Time(NaiveDateTime),
    Date(NaiveDate),
}

/// Types by their numbers (`pg_type.dat`).
mod oid {
    pub(super) const BOOL: u32 = 16;
    pub(super) const NAME: u32 = 19;
    pub(super) const INT8: u32 = 20;
    pub(super) const INT4: u32 = 23;
    pub(super) const TEXT: u32 = 25;
    pub(super) const UNKNOWN: u32 = 705;
    pub(super) const BPCHAR: u32 = 1042;
    pub(super) const VARCHAR: u32 = 1043;
    pub(super) const DATE: u32 = 1082;
    pub(super) const TIMESTAMP: u32 = 1114;
}

/// When Postgres's times and days begin, 2000-01-01, in microseconds and in days since 1970.
const BEGIN_MICROSECONDS: i64 = 946_684_800_000_000;
const BEGIN_DAYS: i64 = 10_957;

impl Record {
    pub(super) fn new(row: PgRow, place: usize, columns: Arc<Columns>) -> Self {
        Self { row, place, columns }
    }

    /// The column with this name; or what is wrong with it.
    pub(super) fn cell(&self, column: &str) -> Result<Cell<'_>, String> {
        let number = self.columns.iter().position(|name| **name == *column).ok_or("there is no such column")?;
        let value = self.row.try_get_raw(self.place).map_err(|error| error.to_string())?;
        let (kind, bytes) = value.as_bytes().ok().and_then(|record| field(record, number)).ok_or("a broken record")?;
        bytes.map_or(Ok(Cell::Null), |bytes| {
            decoded(kind, bytes).ok_or_else(|| format!("{} bytes of type {kind} are not understood", bytes.len()))
        })
    }
}

/// Type and value of one of the columns; `None` for the value: null.
fn field(record: &[u8], number: usize) -> Option<(u32, Option<&[u8]>)> {
    let (_columns, mut rest) = number_from(record)?;
    for at in 0.. {
        let (kind, length);
        (kind, rest) = number_from(rest)?;
        (length, rest) = number_from(rest)?;
        // Only -1 is no length.
        let value = match usize::try_from(length) {
            Err(_) => None,
            Ok(length) => {
                let (value, after) = rest.split_at_checked(length)?;
                rest = after;
                Some(value)
            }
        };
        if at == number {
            return Some((kind.cast_unsigned(), value));
        }
    }
    None
}

fn number_from(bytes: &[u8]) -> Option<(i32, &[u8])> {
    bytes.split_first_chunk().map(|(first, rest)| (i32::from_be_bytes(*first), rest))
}

fn decoded(kind: u32, bytes: &[u8]) -> Option<Cell<'_>> {
    let long = || bytes.try_into().ok().map(i64::from_be_bytes);
    let short = || bytes.try_into().ok().map(i32::from_be_bytes).map(i64::from);
    Some(match kind {
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::UNKNOWN => {
            Cell::Text(std::str::from_utf8(bytes).ok()?)
        }
        oid::BOOL => Cell::Bool(*bytes.first()? != 0),
        oid::INT8 => Cell::Integer(long()?),
        oid::INT4 => Cell::Integer(short()?),
        oid::TIMESTAMP => {
            let microseconds = long()?.checked_add(BEGIN_MICROSECONDS)?;
            Cell::Time(DateTime::from_timestamp_micros(microseconds)?.naive_utc())
        }
        oid::DATE => {
            let days = TimeDelta::try_days(short()?.checked_add(BEGIN_DAYS)?)?;
            Cell::Date(NaiveDate::default().checked_add_signed(days)?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `SELECT record_send(ROW('a'::varchar, NULL::text, true, 7::bigint))`, by Postgres 15.
    const RECORD: &[u8] = b"\0\0\0\x04\0\0\x04\x13\0\0\0\x01a\0\0\0\x19\xff\xff\xff\xff\0\0\0\x10\0\0\0\x01\x01\
        \0\0\0\x14\0\0\0\x08\0\0\0\0\0\0\0\x07";

    #[test]
    fn columns_are_found_by_their_numbers() {
        assert_eq!(field(RECORD, 0), Some((oid::VARCHAR, Some(&b"a"[..]))));
        assert_eq!(field(RECORD, 1), Some((oid::TEXT, None)));
        assert_eq!(field(RECORD, 3), Some((oid::INT8, Some(&7_i64.to_be_bytes()[..]))));
        assert_eq!(field(RECORD, 4), None);
    }

    #[test]
    fn a_record_that_ends_too_early_is_noticed() {
        for length in 0..RECORD.len() {
            assert_eq!(field(&RECORD[..length], 3), None);
        }
    }

    #[test]
    fn what_a_value_is_not_is_noticed() {
        let broken: [(u32, &[u8]); 7] = [
            (oid::TEXT, b"\xff"),
            (oid::BOOL, b""),
            (oid::INT8, b"1234"),
            (oid::INT4, b"12345678"),
            // `infinity`
            (oid::TIMESTAMP, &i64::MAX.to_be_bytes()),
            (oid::DATE, &i32::MAX.to_be_bytes()),
            (1700, b"12"),
        ];
        for (kind, bytes) in broken {
            assert!(decoded(kind, bytes).is_none(), "{kind}");
        }
    }
}
