//! `GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints`: the endpoints that a policy is for.

use std::collections::HashSet;

use axum::extract::{Path, State};
use serde_json::{Map, Value};

use crate::{
    domain::catalog::{Endpoint, Region},
    http::{
        caller::Caller,
        collection::Page,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{Readable, Resource},
        state::HttpState,
        v3::{endpoints::Endpoints, policies::Policies},
    },
    store::{
        catalog::{EndpointFilter, endpoints as all_endpoints, regions},
        endpoint_policy::associations_of_policy,
        policy::policy,
    },
};

/// Lists them, one as often as associations lead to it. One that an association names and that is gone makes the whole list
/// a 404, as in Keystone.
pub(in crate::http) async fn endpoints(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(policy_id): Path<String>,
) -> Result<Json, ApiError> {
    caller.may("identity:list_endpoints_for_policy").path("policy_id", &policy_id).in_general(&state).await?;
    let (policy, associations, endpoints, regions) = state
        .store
        .run_batch((
            policy(&policy_id),
            associations_of_policy(&policy_id),
            all_endpoints(&EndpointFilter::default()),
            regions(None),
        ))
        .await?;
    if policy.is_none() {
        return Err(Policies::absent(&policy_id));
    }
    let mut found: Vec<&Endpoint> = Vec::new();
    for association in &associations {
        if let Some(id) = &association.endpoint_id {
            let named = endpoints.iter().find(|endpoint| endpoint.id == *id);
            found.push(named.ok_or_else(|| Endpoints::absent(id))?);
        } else if let Some(service_id) = &association.service_id {
            let within = association.region_id.as_deref().map(|id| with_below(id, &regions));
            found.extend(endpoints.iter().filter(|endpoint| {
                endpoint.service_id == *service_id
                    && within.as_ref().is_none_or(|within| {
                        endpoint.region_id.as_deref().is_some_and(|region_id| within.contains(region_id))
                    })
            }));
        }
    }
    let page = Page { items: found.into_iter().map(wire).collect(), truncated: false };
    Ok(Json(page.wrap::<Endpoints>(&state, &inbound, None)))
}

/// As endpoints look elsewhere, without the attribute for old clients.
fn wire(endpoint: &Endpoint) -> Map<String, Value> {
    let mut wire = Endpoints::wire(endpoint);
    match endpoint.extra.get("region") {
        Some(region) => wire.insert("region".to_owned(), region.clone()),
        None => wire.remove("region"),
    };
    wire
}

/// A region and all regions below it.
fn with_below<'r>(region_id: &'r str, regions: &'r [Region]) -> HashSet<&'r str> {
    let mut found = HashSet::from([region_id]);
    let mut open = vec![region_id];
    while let Some(above) = open.pop() {
        for region in regions.iter().filter(|region| region.parent_region_id.as_deref() == Some(above)) {
            if found.insert(&region.id) {
                open.push(&region.id);
            }
        }
    }
    found
}
