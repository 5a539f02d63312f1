//! What can be bound to a statement, and how each dialect writes it.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Timelike, Utc};
use sqlx::{Arguments, postgres::PgArguments, sqlite::SqliteArguments};

use crate::domain::ids::{
    AccessTokenId, ApplicationCredentialId, DomainId, GroupId, ProjectId, RoleId, TrustId, UserId,
};

/// A value for a placeholder.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, or null.
    Text(Option<Arc<str>>),
    /// A truth value, or null; 0 and 1 in SQLite.
    Bool(Option<bool>),
    /// A number, or null. Postgres narrows it to the column.
    Integer(Option<i64>),
    /// A time to be stored, or null: `timestamp without time zone` in UTC; in SQLite SQLAlchemy's text, always with six
    /// digits after the second.
    Time(Option<DateTime<Utc>>),
    /// A time to compare a column with. In SQLite, where times compare as text, the fraction of a whole second is left
    /// out, so that rows written with and without fraction both count as not before it.
    Bound(DateTime<Utc>),
    /// A day, or null.
    Date(Option<NaiveDate>),
    /// For a placeholder written `IN ($n)`: any of these. An empty list matches nothing.
    AnyOf(Vec<Arc<str>>),
}

/// What becomes of text with a NUL in it, which Postgres cannot hold; in SQLite it is the same, so that a database can be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NulText {
    /// In a read it is compared with columns, and equal to none, as null is.
    MatchesNothing,
    /// In a write it is an error.
    IsRefused,
}

impl Value {
    pub(super) fn add_to_postgres(
        &self,
        arguments: &mut PgArguments,
        nul_text: NulText,
    ) -> Result<(), sqlx::error::BoxDynError> {
        let dropped = |text: &str| nul_text == NulText::MatchesNothing && text.contains('\0');
        match self {
            Self::Text(text) => arguments.add(text.as_deref().filter(|text| !dropped(text))),
            Self::AnyOf(texts) => {
                let kept: Vec<&str> = texts.iter().map(|text| &**text).filter(|text| !dropped(text)).collect();
                arguments.add(kept)
            }
            Self::Bool(flag) => arguments.add(flag),
            Self::Integer(number) => arguments.add(number),
            Self::Time(time) => arguments.add(time.map(|time| time.naive_utc())),
            Self::Bound(time) => arguments.add(time.naive_utc()),
            Self::Date(date) => arguments.add(date),
        }
    }

    /// A NUL in a read is compared as it is: nothing that was written holds one.
    pub(super) fn add_to_sqlite(
        &self,
        arguments: &mut SqliteArguments,
        nul_text: NulText,
    ) -> Result<(), sqlx::error::BoxDynError> {
        match self {
            Self::Text(Some(text)) if nul_text == NulText::IsRefused && text.contains('\0') => Err(NulInText.into()),
            Self::Text(text) => arguments.add(text.clone()),
            Self::Bool(flag) => arguments.add(flag.map(i64::from)),
            Self::Integer(number) => arguments.add(number),
            Self::Time(time) => arguments.add(time.map(stored_time)),
            Self::Bound(time) => arguments.add(compared_time(*time)),
            Self::Date(date) => arguments.add(date.map(|date| date.format("%Y-%m-%d").to_string())),
            Self::AnyOf(texts) => {
                let texts: serde_json::Value = texts.iter().map(|text| &**text).collect();
                arguments.add(texts.to_string())
            }
        }
    }
}

/// A text with a NUL in it was to be written.
#[derive(Debug, thiserror::Error)]
#[error("text with a NUL in it cannot be stored")]
pub(super) struct NulInText;

fn stored_time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

fn compared_time(time: DateTime<Utc>) -> String {
    if time.nanosecond() < 1_000 { time.format("%Y-%m-%d %H:%M:%S").to_string() } else { stored_time(time) }
}

macro_rules! text_values {
    ($($id:ty),*) => {$(
        impl From<&$id> for Value {
            fn from(id: &$id) -> Self {
                Self::Text(Some(id.into()))
            }
        }

        impl From<Option<&$id>> for Value {
            fn from(id: Option<&$id>) -> Self {
                Self::Text(id.map(Arc::from))
            }
        }

        impl From<&[$id]> for Value {
            fn from(ids: &[$id]) -> Self {
                Self::AnyOf(ids.iter().map(Arc::from).collect())
            }
        }
    )*};
}

text_values!(UserId, GroupId, ProjectId, DomainId, RoleId, TrustId, ApplicationCredentialId, AccessTokenId);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<Option<&String>> for Value {
    fn from(text: Option<&String>) -> Self {
        text.map(String::as_str).into()
    }
}

impl From<&[String]> for Value {
    fn from(texts: &[String]) -> Self {
        Self::AnyOf(texts.iter().map(|text| text.as_str().into()).collect())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(Arc::from))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(Some(flag))
    }
}

impl From<Option<bool>> for Value {
    fn from(flag: Option<bool>) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Integer(number)
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Time(Some(time))
    }
}

impl From<Option<DateTime<Utc>>> for Value {
    fn from(time: Option<DateTime<Utc>>) -> Self {
        Self::Time(time)
    }
}

impl From<NaiveDate> for Value {
    fn from(date: NaiveDate) -> Self {
        Self::Date(Some(date))
    }
}
