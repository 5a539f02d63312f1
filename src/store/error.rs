//! What can go wrong between us and the database, by situation: an outage is not a conflict, and broken data is neither.

use std::{error::Error, fmt, io};

use sqlx::error::ErrorKind;

use super::value::NulInText;

/// Why a statement gave no answer. "Not found" is not among these: look-ups answer with an `Option`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is shutting down, has no connection to spare or stays locked. Trying later may
    /// help: answered with 503.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// A row that must be unique exists already, or a row that is referred to does not exist (or is still needed).
    #[error("{kind} violated on {subject}")]
    Conflict {
        /// Which kind of constraint.
        kind: ConstraintKind,
        /// The table that the statement was about.
        subject: &'static str,
        /// The constraint's name, where the database tells it (SQLite does not).
        constraint: Option<String>,
    },
    /// A row holds what it cannot hold: a time that is none, JSON that does not parse, a project that is its own ancestor.
    #[error("column {column} of {table} is broken: {reason}")]
    Broken {
        /// Table, or the subject of a joined statement.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The database refused the statement: the schema is not what we expect, or the statement is wrong.
    #[error("the database refused a statement about {subject}")]
    Refused {
        /// The table that the statement was about.
        subject: &'static str,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
}

/// What is wrong with the database itself, for who is told what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is not there.
    Unavailable,
    /// It does not understand us: its tables are not Keystone 30's.
    Refused,
}

impl Trouble {
    /// The trouble that led to an error, whatever wraps it.
    pub fn behind(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            match error.downcast_ref() {
                Some(StoreError::Unavailable(_)) => return Some(Self::Unavailable),
                Some(StoreError::Refused { .. }) => return Some(Self::Refused),
                _ => {}
            }
            // A wrapper without words of its own hides the store's error and shows the driver's.
            if let Some(driver) = error.downcast_ref::<sqlx::Error>() {
                let is_refusal =
                    matches!(driver, sqlx::Error::Database(it) if !it.code().is_some_and(|it| is_outage(&it)));
                return Some(if is_refusal { Self::Refused } else { Self::Unavailable });
            }
            cause = error.source();
        }
        None
    }
}

/// The two kinds of constraint that a write can run into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintKind {
    /// A unique or primary key.
    Unique,
    /// A foreign key.
    ForeignKey,
}

impl fmt::Display for ConstraintKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unique => "unique constraint",
            Self::ForeignKey => "foreign key",
        })
    }
}

impl StoreError {
    /// Sorts a driver's error into ours; `subject` is the table that the statement was about.
    pub(super) fn from_driver(subject: &'static str, error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::BeginFailed
            | sqlx::Error::Configuration(_)
            | sqlx::Error::Protocol(_) => Self::Unavailable(error),
            sqlx::Error::Database(database) => {
                let kind = match database.kind() {
                    ErrorKind::UniqueViolation => ConstraintKind::Unique,
                    ErrorKind::ForeignKeyViolation => ConstraintKind::ForeignKey,
                    _ if database.code().is_some_and(|code| is_outage(&code)) => return Self::Unavailable(error),
                    _ => return Self::Refused { subject, source: error },
                };
                Self::Conflict { kind, subject, constraint: database.constraint().map(str::to_owned) }
            }
            _ => Self::Refused { subject, source: error },
        }
    }

    /// Whether the database refused a value that its column cannot hold: text with a NUL in Postgres, text or numbers that
    /// are too long.
    pub fn is_unstorable_value(&self) -> bool {
        match self {
            // SQLSTATE class 22: data exception.
            Self::Refused { source: sqlx::Error::Database(error), .. } => {
                error.code().is_some_and(|code| code.len() == 5 && code.starts_with("22"))
            }
            Self::Refused { source: sqlx::Error::Encode(error), .. } => error.is::<NulInText>(),
            _ => false,
        }
    }

    /// Whether the database gave up a transaction for the sake of another one (a deadlock ends one of its parties): nothing
    /// of it happened, and begun again it may well succeed.
    pub fn gave_way(&self) -> bool {
        let Self::Unavailable(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| code.len() == 5 && code.starts_with("40"))
    }

    /// The same outage, for somebody else who waited for the same answer. `None`: it is not one.
    pub(super) fn shared_outage(&self) -> Option<Self> {
        let Self::Unavailable(error) = self else { return None };
        Some(Self::Unavailable(sqlx::Error::Io(io::Error::other(error.to_string()))))
    }

    /// Whether a unique constraint was violated.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Conflict { kind: ConstraintKind::Unique, .. })
    }
}

/// Whether a database's error code says that it cannot work now, as opposed to: that the statement is wrong.
fn is_outage(code: &str) -> bool {
    // SQLSTATE has five characters; SQLite's (extended) result codes are numbers below 10000.
    if code.len() == 5 {
        // 08 connection, 25006 read-only (a standby), 40 serialization failure and deadlock, 53 resources, 55P03 lock,
        // 57014 ended for its time, 57P shutdown, 58 system error
        return code.starts_with("08")
            || code == "25006"
            || code.starts_with("40")
            || code.starts_with("53")
            || code == "55P03"
            || code == "57014"
            || code.starts_with("57P")
            || code.starts_with("58");
    }
    // The low byte is the primary code: BUSY, LOCKED, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 9 | 10 | 13 | 14 | 15))
}
