//! `/v3/registered_limits` (`keystone/api/registered_limits.py`, `limit/core.py`): how much of a resource there is for whoever
//! has no limit of his own.

mod create;
mod delete;
pub(super) mod schema;
mod update;

pub(super) use self::create::{given_list, wrap};

use axum::routing::{MethodRouter, get};
use serde_json::{Map, Value};

use crate::{
    domain::limit::RegisteredLimit,
    http::{
        HttpSettings,
        error::ApiError,
        hints::Hints,
        resource::{self, Change, Readable, Resource, Target},
        schema::Schema,
        state::HttpState,
    },
    store::{
        Query,
        catalog::{lock_service, region, service},
        limit::{self, LimitFilter, registered_limit, registered_limits},
    },
};

/// What is particular about registered limits: they are made several at a time.
pub(in crate::http) struct RegisteredLimits;

impl Resource for RegisteredLimits {
    type Item = RegisteredLimit;

    const COLLECTION: &'static str = "registered_limits";
    const MEMBER: &'static str = "registered_limit";
    const FILTERS: &'static [&'static str] = &["service_id", "region_id", "resource_name"];
    const COLUMNS: &'static [&'static str] =
        &["id", "service_id", "region_id", "resource_name", "default_limit", "description"];

    fn wire(limit: &RegisteredLimit) -> Map<String, Value> {
        Map::from_iter([
            ("id".to_owned(), limit.id.as_str().into()),
            ("service_id".to_owned(), limit.service_id.as_deref().into()),
            ("region_id".to_owned(), limit.region_id.as_deref().into()),
            ("resource_name".to_owned(), limit.resource_name.as_deref().into()),
            ("default_limit".to_owned(), limit.default_limit.into()),
            ("description".to_owned(), limit.description.as_deref().into()),
        ])
    }
}

impl Readable for RegisteredLimits {
    const ID: &'static str = "registered_limit_id";
    const GET: &'static str = "identity:get_registered_limit";
    const LIST: &'static str = "identity:list_registered_limits";
    const TARGET: Target = Target::Nothing;

    fn one(id: &str) -> Query<Option<RegisteredLimit>> {
        registered_limit(id)
    }

    fn matching(hints: &Hints) -> Query<Vec<RegisteredLimit>> {
        let exact = |name: &str| hints.exact(name).map(str::to_owned);
        registered_limits(&LimitFilter {
            service_id: exact("service_id"),
            region_id: exact("region_id"),
            resource_name: exact("resource_name"),
            ..LimitFilter::default()
        })
    }

    fn absent(id: &str) -> ApiError {
        ApiError::not_found(format!("Could not find registered limit for {id}."))
    }

    /// None: Keystone hands its hints over in a way that its own `list_limit` does not see.
    fn list_limit(_: &HttpSettings) -> Option<u64> {
        None
    }

    fn list_query() -> Option<&'static Schema> {
        Some(&schema::LIST_QUERY)
    }
}

/// `/v3/registered_limits`.
pub(in crate::http) fn collection() -> MethodRouter<HttpState> {
    get(resource::list::<RegisteredLimits>).post(create::create)
}

/// `/v3/registered_limits/{registered_limit_id}`.
pub(in crate::http) fn member() -> MethodRouter<HttpState> {
    get(resource::show::<RegisteredLimits>).patch(update::update).delete(delete::delete)
}

/// Takes hold of the services that limits are about, each once and always in one order, so that two writers do not wait for
/// each other. Those that do not exist are passed over.
pub(super) async fn hold_services<'s>(
    change: &mut Change<'_>,
    service_ids: impl Iterator<Item = &'s str> + Send,
) -> Result<(), ApiError> {
    let mut service_ids: Vec<&str> = service_ids.collect();
    service_ids.sort_unstable();
    service_ids.dedup();
    for id in service_ids {
        lock_service(&mut change.transaction, id).await?;
    }
    Ok(())
}

/// What a limit is about must exist; `target` is the limit's kind, as the refusal calls it.
pub(super) async fn require_service_and_region(
    change: &mut Change<'_>,
    service_id: Option<&str>,
    region_id: Option<&str>,
    target: &'static str,
) -> Result<(), ApiError> {
    if let Some(id) = service_id
        && change.run(service(id)).await?.is_none()
    {
        return Err(ApiError::expecting("service_id", target));
    }
    if let Some(id) = region_id
        && change.run(region(id)).await?.is_none()
    {
        return Err(ApiError::expecting("region_id", target));
    }
    Ok(())
}

/// Of one resource there is one registered limit.
async fn require_unique(change: &mut Change<'_>, limit: &RegisteredLimit) -> Result<(), ApiError> {
    match limit::resource_of(limit) {
        Some(resource) if change.run(limit::registered_limit_of(resource)).await?.is_some() => {
            Err(ApiError::Conflict { kind: RegisteredLimits::MEMBER.to_owned(), details: "Duplicate entry".to_owned() })
        }
        _ => Ok(()),
    }
}

/// A registered limit that limits refer to stays as it is.
async fn require_unused(change: &mut Change<'_>, id: &str) -> Result<(), ApiError> {
    if change.run(limit::is_referred_to(id)).await? {
        return Err(ApiError::Refused {
            message: format!(
                "Unable to update or delete registered limit {id} because there are project limits associated with it."
            ),
        });
    }
    Ok(())
}

/// A number as the client wrote it, `2.0` for one: so Keystone tells it until it reads it back from the database.
pub(super) fn tell_as_given(wire: &mut Map<String, Value>, attributes: &Map<String, Value>, name: &str) {
    if let Some(number) = attributes.get(name) {
        wire.insert(name.to_owned(), number.clone());
    }
}

/// A number that passed the schema, for which a float without a fraction will do too.
pub(super) fn amount(attributes: &Map<String, Value>, name: &str) -> Option<i64> {
    let number = attributes.get(name)?;
    number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))
}
