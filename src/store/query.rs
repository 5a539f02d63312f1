//! A read, as a value: its statement, its parameters and how its rows become an answer.
//!
//! Kept apart from running it, so that several reads can travel to the database together: see [`Batch`].

use std::borrow::Cow;

use super::{error::StoreError, row::Row, value::Value};

type Decode<T> = Box<dyn FnOnce(Vec<Row>) -> Result<T, StoreError> + Send>;

/// A statement that reads.
pub struct Query<T> {
    pub(super) part: Part,
    pub(super) decode: Decode<T>,
}

/// The database's side of a query.
pub(super) struct Part {
    pub(super) table: &'static str,
    pub(super) sql: Cow<'static, str>,
    pub(super) values: Vec<Value>,
}

impl<T> Query<T> {
    /// A read of `table` (which errors will name).
    pub fn new(
        table: &'static str,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
        decode: impl FnOnce(Vec<Row>) -> Result<T, StoreError> + Send + 'static,
    ) -> Self {
        Self { part: Part { table, sql: sql.into(), values }, decode: Box::new(decode) }
    }

    /// The same read with its answer turned into something else.
    pub fn map<U>(self, f: impl FnOnce(T) -> U + Send + 'static) -> Query<U>
    where
        T: 'static,
    {
        let decode = self.decode;
        Query { part: self.part, decode: Box::new(move |rows| decode(rows).map(f)) }
    }
}

impl<T: 'static> Query<Vec<T>> {
    /// A read whose every row is an item.
    pub fn list(
        table: &'static str,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
        item: fn(&Row) -> Result<T, StoreError>,
    ) -> Self {
        Self::new(table, sql, values, move |rows| rows.iter().map(item).collect())
    }
}

impl<T: 'static> Query<Option<T>> {
    /// A read of at most one row.
    pub fn optional(
        table: &'static str,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
        item: fn(&Row) -> Result<T, StoreError>,
    ) -> Self {
        Self::new(table, sql, values, move |rows| rows.first().map(item).transpose())
    }
}

/// Several queries that are answered together, from one state of the database: one round trip in Postgres, one read
/// transaction in SQLite. Implemented by tuples of queries.
pub trait Batch: Send {
    /// The tuple of answers.
    type Output: Send;

    /// Runs the queries through `fetch`, which answers each part with its rows, and decodes the answers.
    fn split(self) -> (Vec<PartHandle>, BatchDecode<Self::Output>);
}

/// A part of a batch on its way to the database.
pub struct PartHandle(pub(super) Part);

/// What makes a batch's answer of the rows of its parts.
pub type BatchDecode<T> = Box<dyn FnOnce(Vec<Vec<Row>>) -> Result<T, StoreError> + Send>;

macro_rules! batch {
    ($($answer:ident $query:ident),+) => {
        impl<$($answer: Send + 'static),+> Batch for ($(Query<$answer>,)+) {
            type Output = ($($answer,)+);

            fn split(self) -> (Vec<PartHandle>, BatchDecode<Self::Output>) {
                let ($($query,)+) = self;
                let mut parts = Vec::new();
                $(
                    parts.push(PartHandle($query.part));
                    let $query = $query.decode;
                )+
                (
                    parts,
                    Box::new(move |answers| {
                        let mut answers = answers.into_iter();
                        Ok(($($query(answers.next().unwrap_or_default())?,)+))
                    }),
                )
            }
        }
    };
}

batch!(A a, B b);
batch!(A a, B b, C c);
batch!(A a, B b, C c, D d);
batch!(A a, B b, C c, D d, E e);
batch!(A a, B b, C c, D d, E e, F f);
batch!(A a, B b, C c, D d, E e, F f, G g);
batch!(A a, B b, C c, D d, E e, F f, G g, H h);
batch!(A a, B b, C c, D d, E e, F f, G g, H h, I i);
batch!(A a, B b, C c, D d, E e, F f, G g, H h, I i, J j);
