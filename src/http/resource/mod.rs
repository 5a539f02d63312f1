//! What the API serves, noun by noun: each says once what is particular about it, and the rest follows.
//!
//! [`Resource`] is its names, filters and wire form; [`Readable`] how it is found, and which rules guard that;
//! [`Writable`] how it is made, changed and deleted, and what bodies must look like. `read` and `write` have the handlers
//! that follow from these. A noun whose way of doing one thing is its own writes that handler, and uses the others.

pub mod attributes;
pub mod change;
mod read;
mod write;

use std::future::Future;

use axum::routing::{MethodRouter, get};
use serde_json::{Map, Value};

pub use self::change::Change;
pub(super) use self::{
    read::{asked, list, show},
    write::{create, delete, update},
};
use super::{error::ApiError, hints::Hints, inbound::Facts, schema::Schema, settings::HttpSettings, state::HttpState};
use crate::store::Query;

/// What is particular about one kind of thing that the API serves: its names, its filters, its wire form. The list, the
/// single read, their links and filters follow from it.
pub trait Resource: 'static {
    /// The domain's type.
    type Item: Send;

    /// `projects`: the key of the list.
    const COLLECTION: &'static str;

    /// Where below `/v3` they are; for most, that is their name.
    const PATH: &'static str = Self::COLLECTION;

    /// `project`: the key around a single one.
    const MEMBER: &'static str;

    /// Query parameters that filter the list; their inexact forms (`name__contains`) come with them.
    const FILTERS: &'static [&'static str];

    /// Those attributes that are columns of the table.
    const COLUMNS: &'static [&'static str];

    /// The attributes that clients see, without links. Attributes of the `extra` column come first, so that a column of the
    /// same name wins, as in Keystone's `ModelDictMixinWithExtras`.
    fn wire(item: &Self::Item) -> Map<String, Value>;
}

/// What a rule sees of the thing that a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Nothing: the rule is asked before anything is looked up.
    Nothing,
    /// The thing itself (`target.<member>.<attribute>`), in its wire form. It is looked up first; whether it was not found
    /// is said only to those who may.
    Itself,
    /// As [`Target::Itself`], but that it was not found is said to all who have a token: where Keystone leaves it to its
    /// enforcer to look the thing up.
    ItselfIfFound,
}

/// A resource that is found by its id, and listed.
pub trait Readable: Resource {
    /// What rules know the id in the path by: `service_id`.
    const ID: &'static str;

    /// The rule of `GET /v3/<collection>/{id}`.
    const GET: &'static str;

    /// The rule of `GET /v3/<collection>`.
    const LIST: &'static str;

    /// What the rules about a single one see.
    const TARGET: Target;

    /// The one with this id.
    fn one(id: &str) -> Query<Option<Self::Item>>;

    /// Those that pass the exact filters that the database applies; the rest of the filters follow here.
    fn matching(hints: &Hints) -> Query<Vec<Self::Item>>;

    /// What is said where there is none with this id.
    fn absent(id: &str) -> ApiError {
        ApiError::no_such(Self::MEMBER, id)
    }

    /// The most entries that the list shows, where the caller does not say.
    fn list_limit(settings: &HttpSettings) -> Option<u64>;

    /// What the query string of the list must look like; checked before it is asked who is calling.
    fn list_query() -> Option<&'static Schema> {
        None
    }
}

/// A resource that clients make, change and delete. All three happen in a transaction, which is committed when they
/// succeed.
pub trait Writable: Readable {
    /// The rule of `POST /v3/<collection>`.
    const CREATE: &'static str;

    /// The rule of `PATCH /v3/<collection>/{id}`.
    const UPDATE: &'static str;

    /// The rule of `DELETE /v3/<collection>/{id}`.
    const DELETE: &'static str;

    /// What the body of a `POST` must look like; checked before it is asked who is calling.
    fn create_schema() -> &'static Schema;

    /// What the body of a `PATCH` must look like.
    fn update_schema() -> &'static Schema;

    /// Makes one of the attributes that the client gave.
    fn create(
        change: &mut Change<'_>,
        attributes: Map<String, Value>,
    ) -> impl Future<Output = Result<Self::Item, ApiError>> + Send;

    /// What is checked, or settled, of a change before it is looked whether there is anything to change.
    fn before_update(
        _change: &mut Change<'_>,
        _attributes: &mut Map<String, Value>,
    ) -> impl Future<Output = Result<(), ApiError>> + Send {
        std::future::ready(Ok(()))
    }

    /// Changes those attributes that the client gave.
    fn update(
        change: &mut Change<'_>,
        item: Self::Item,
        attributes: Map<String, Value>,
    ) -> impl Future<Output = Result<Self::Item, ApiError>> + Send;

    /// Deletes it, with what hangs from it.
    fn delete(change: &mut Change<'_>, item: Self::Item) -> impl Future<Output = Result<(), ApiError>> + Send;
}

/// `/v3/<collection>`.
pub(super) fn collection<R: Writable>() -> MethodRouter<HttpState> {
    get(list::<R>).post(create::<R>)
}

/// `/v3/<collection>/{id}`.
pub(super) fn member<R: Writable>() -> MethodRouter<HttpState> {
    get(show::<R>).patch(update::<R>).delete(delete::<R>)
}

/// What a caller asks of a list whose page size is `list_limit` unless he says otherwise.
///
/// # Errors
///
/// A limit that is no number.
pub fn list_hints(
    state: &HttpState,
    inbound: &Facts,
    filters: &[&str],
    list_limit: Option<u64>,
) -> Result<Hints, ApiError> {
    let integer = |limit: u64| i64::try_from(limit).unwrap_or(i64::MAX);
    let mut hints = Hints::from_query(&inbound.query, filters, None, integer(state.settings.max_db_limit))?;
    hints.limit = hints.limit.or(list_limit.filter(|limit| *limit > 0).map(integer));
    Ok(hints)
}
