//! `/v3/policies` (`keystone/api/policy.py`, `policy/core.py`): documents kept for other services, which nobody reads here.

mod create;
mod schema;
mod update;

pub(in crate::http) use self::{create::create, update::update};

use axum::{
    extract::{Path, State},
    routing::{MethodRouter, get},
};
use hyper::StatusCode;
use serde_json::{Map, Value};

use crate::{
    domain::service_policy::ServicePolicy,
    http::{
        HttpSettings,
        caller::Caller,
        error::ApiError,
        hints::Hints,
        resource::{self, Change, Readable, Resource, Target},
        state::HttpState,
    },
    store::{
        Query,
        policy::{delete_policy, policies, policy},
    },
};

/// What is particular about policies: Keystone asks who is calling before it looks at the body.
pub(in crate::http) struct Policies;

impl Resource for Policies {
    type Item = ServicePolicy;

    const COLLECTION: &'static str = "policies";
    const MEMBER: &'static str = "policy";
    const FILTERS: &'static [&'static str] = &["type"];
    /// The table has columns, but its driver leaves all filters to others.
    const COLUMNS: &'static [&'static str] = &[];

    fn wire(policy: &ServicePolicy) -> Map<String, Value> {
        let mut wire = policy.extra.clone();
        wire.insert("id".to_owned(), policy.id.as_str().into());
        wire.insert("blob".to_owned(), policy.blob.clone());
        wire.insert("type".to_owned(), policy.policy_type.as_str().into());
        wire
    }
}

impl Readable for Policies {
    const ID: &'static str = "policy_id";
    const GET: &'static str = "identity:get_policy";
    const LIST: &'static str = "identity:list_policies";
    const TARGET: Target = Target::Nothing;

    fn one(id: &str) -> Query<Option<ServicePolicy>> {
        policy(id)
    }

    fn matching(_: &Hints) -> Query<Vec<ServicePolicy>> {
        policies()
    }

    fn list_limit(settings: &HttpSettings) -> Option<u64> {
        settings.policy_list_limit
    }
}

/// `/v3/policies`.
pub(in crate::http) fn collection() -> MethodRouter<HttpState> {
    get(resource::list::<Policies>).post(create)
}

/// `/v3/policies/{policy_id}`.
pub(in crate::http) fn member() -> MethodRouter<HttpState> {
    get(resource::show::<Policies>).patch(update).delete(delete)
}

/// The attributes that have columns.
const COLUMNS: [&str; 3] = ["id", "blob", "type"];

/// `DELETE /v3/policies/{policy_id}`. What the policy was for keeps its association with it, as in Keystone.
async fn delete(
    State(state): State<HttpState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.may("identity:delete_policy").path(Policies::ID, &id).in_general(&state).await?;
    let mut change = Change::begin(&state).await?;
    let policy = change.run(policy(&id)).await?.ok_or_else(|| Policies::absent(&id))?;
    delete_policy(&mut change.transaction, &policy.id).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
