//! `GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/endpoints`.

use axum::extract::{Path, State};

use super::{EndpointGroups, require};
use crate::{
    http::{
        caller::Caller, collection::Page, error::ApiError, inbound::Inbound, json::Json, state::HttpState,
        v3::endpoints::Endpoints,
    },
    store::catalog::{EndpointFilter, endpoints},
    token::catalog::group_has,
};

/// Lists the endpoints that a group chooses.
pub(in crate::http) async fn endpoints_of_group(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(group_id): Path<String>,
) -> Result<Json, ApiError> {
    let question = caller.may("identity:list_endpoints_associated_with_endpoint_group");
    question.path("endpoint_group_id", &group_id).in_general(&state).await?;
    let group = require::<EndpointGroups>(&state, &group_id).await?;
    let mut endpoints = state.store.run(endpoints(&EndpointFilter::default())).await?;
    endpoints.retain(|endpoint| group_has(&group, endpoint));
    Ok(Json(Page::of::<Endpoints>(&endpoints).wrap::<Endpoints>(&state, &inbound, None)))
}
