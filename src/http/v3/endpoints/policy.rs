//! `GET /v3/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy`: the policy that is for an endpoint.

use axum::extract::{Path, State};
use serde_json::json;

use super::Endpoints;
use crate::{
    domain::{catalog::Endpoint, service_policy::PolicySubject},
    http::{
        caller::Caller,
        collection::set_self_link,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{Readable, Resource},
        state::HttpState,
        v3::{policies::Policies, regions::Regions},
    },
    store::{catalog, endpoint_policy::policy_id_for, policy as policies},
};

/// Shows it. Its link leads below `/v3/endpoints`, as in Keystone, to nothing.
pub(in crate::http) async fn policy(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(endpoint_id): Path<String>,
) -> Result<Json, ApiError> {
    caller.may("identity:get_policy_for_endpoint").path("endpoint_id", &endpoint_id).in_general(&state).await?;
    let endpoint = state.store.run(catalog::endpoint(&endpoint_id)).await?;
    let endpoint = endpoint.ok_or_else(|| Endpoints::absent(&endpoint_id))?;
    let Some(policy_id) = closest(&state, &endpoint).await? else {
        return Err(ApiError::not_found(format!("No policy is associated with endpoint {endpoint_id}.")));
    };
    let policy = state.store.run(policies::policy(&policy_id)).await?;
    // Here alone Keystone tells the id as Python shows a tuple.
    let policy = policy.ok_or_else(|| Policies::absent(&format!("('{policy_id}',)")))?;
    let mut wire = Policies::wire(&policy);
    let link = state.url(&inbound, &format!("endpoints/{policy_id}"));
    set_self_link(&mut wire, link);
    Ok(Json(json!({ "policy": wire })))
}

/// The id of the policy for the endpoint itself, else for its service in its region or in the next region above that has
/// one, else for its service.
async fn closest(state: &HttpState, endpoint: &Endpoint) -> Result<Option<String>, ApiError> {
    if let Some(id) = state.store.run(policy_id_for(PolicySubject::Endpoint(&endpoint.id))).await? {
        return Ok(Some(id));
    }
    let service_id = endpoint.service_id.as_str();
    let mut seen = Vec::new();
    let mut here = endpoint.region_id.clone();
    // A region that was seen before closes a circle.
    while let Some(region_id) = here.take().filter(|id| !seen.contains(id)) {
        let subject = PolicySubject::ServiceInRegion { service_id, region_id: &region_id };
        if let Some(id) = state.store.run(policy_id_for(subject)).await? {
            return Ok(Some(id));
        }
        let region = state.store.run(catalog::region(&region_id)).await?;
        here = region.ok_or_else(|| Regions::absent(&region_id))?.parent_region_id;
        seen.push(region_id);
    }
    Ok(state.store.run(policy_id_for(PolicySubject::Service(service_id))).await?)
}
