//! `/v3/limits` (`keystone/api/limits.py`, `limit/core.py`): how much of a resource one project or domain may have.

mod create;
mod list;
mod model;
mod schema;
mod show;
mod strict_two_level;
mod update;

use axum::{
    extract::{Path, State},
    routing::{MethodRouter, get},
};
use hyper::StatusCode;
use serde_json::{Map, Value};

use crate::{
    domain::limit::Limit,
    http::{
        HttpSettings,
        caller::Caller,
        error::ApiError,
        hints::Hints,
        inbound::Inbound,
        resource::{self, Change, Readable, Resource, Target},
        schema::Schema,
        state::HttpState,
    },
    store::{
        Query,
        limit::{LimitFilter, delete_limit, limit, limits},
    },
};

/// What is particular about limits: they are made several at a time, and lists show callers their own.
pub(in crate::http) struct Limits;

impl Resource for Limits {
    type Item = Limit;

    const COLLECTION: &'static str = "limits";
    const MEMBER: &'static str = "limit";
    const FILTERS: &'static [&'static str] = &["service_id", "region_id", "resource_name", "project_id", "domain_id"];
    const COLUMNS: &'static [&'static str] =
        &["id", "project_id", "domain_id", "service_id", "region_id", "resource_name", "resource_limit", "description"];

    fn wire(limit: &Limit) -> Map<String, Value> {
        Map::from_iter([
            ("id".to_owned(), limit.id.as_str().into()),
            ("project_id".to_owned(), limit.project_id.as_ref().map(|id| id.as_str()).into()),
            ("domain_id".to_owned(), limit.domain_id.as_ref().map(|id| id.as_str()).into()),
            ("service_id".to_owned(), limit.service_id.as_deref().into()),
            ("region_id".to_owned(), limit.region_id.as_deref().into()),
            ("resource_name".to_owned(), limit.resource_name.as_deref().into()),
            ("resource_limit".to_owned(), limit.resource_limit.into()),
            ("description".to_owned(), limit.description.as_deref().into()),
        ])
    }
}

impl Readable for Limits {
    const ID: &'static str = "limit_id";
    const GET: &'static str = "identity:get_limit";
    const LIST: &'static str = "identity:list_limits";
    /// Of changing and deleting one. What the rule of showing one sees is told where that is done.
    const TARGET: Target = Target::ItselfIfFound;

    fn one(id: &str) -> Query<Option<Limit>> {
        limit(id)
    }

    fn matching(hints: &Hints) -> Query<Vec<Limit>> {
        let exact = |name: &str| hints.exact(name).map(str::to_owned);
        limits(&LimitFilter {
            service_id: exact("service_id"),
            region_id: exact("region_id"),
            resource_name: exact("resource_name"),
            project_id: exact("project_id").map(Into::into),
            domain_id: exact("domain_id").map(Into::into),
        })
    }

    fn absent(id: &str) -> ApiError {
        ApiError::not_found(format!("Could not find limit for {id}."))
    }

    /// None: Keystone hands its hints over in a way that its own `list_limit` does not see.
    fn list_limit(_: &HttpSettings) -> Option<u64> {
        None
    }

    fn list_query() -> Option<&'static Schema> {
        Some(&schema::LIST_QUERY)
    }
}

/// `/v3/limits`.
pub(in crate::http) fn collection() -> MethodRouter<HttpState> {
    get(list::list).post(create::create)
}

/// `/v3/limits/{limit_id}`.
pub(in crate::http) fn member() -> MethodRouter<HttpState> {
    get(show::show).patch(update::update).delete(delete)
}

/// `/v3/limits/model`: also a limit by that id, as far as other methods than GET go.
pub(in crate::http) fn model() -> MethodRouter<HttpState> {
    const ID: &str = "model";
    get(model::model)
        .patch(async |state: State<HttpState>, inbound: Inbound| {
            update::update(state, inbound, Path(ID.to_owned())).await
        })
        .delete(async |state: State<HttpState>, caller: Caller| delete(state, caller, Path(ID.to_owned())).await)
}

/// `DELETE /v3/limits/{limit_id}`.
async fn delete(
    State(state): State<HttpState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    resource::asked::<Limits>(&state, &caller, "identity:delete_limit", &id).await?;
    let mut change = Change::begin(&state).await?;
    let limit = change.run(limit(&id)).await?.ok_or_else(|| Limits::absent(&id))?;
    delete_limit(&mut change.transaction, &limit.id).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
