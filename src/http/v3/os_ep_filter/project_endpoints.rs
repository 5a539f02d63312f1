//! `GET /v3/OS-EP-FILTER/projects/{project_id}/endpoints`.

use std::collections::HashSet;

use axum::extract::{Path, State};

use super::require_project;
use crate::{
    domain::ids::ProjectId,
    http::{
        caller::Caller, collection::Page, error::ApiError, inbound::Inbound, json::Json, resource::Change,
        state::HttpState, v3::endpoints::Endpoints,
    },
    store::{
        catalog::{EndpointFilter, endpoints},
        endpoint_filter::{endpoint_groups_of_project, endpoint_ids_of_project, remove_endpoint_from_project},
    },
    token::catalog::group_has,
};

/// Lists the endpoints that a project is associated with, one by one or through a group. Takes the opportunity to forget
/// associations with endpoints that are gone.
pub(in crate::http) async fn endpoints_of_project(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(project_id): Path<String>,
) -> Result<Json, ApiError> {
    caller.may("identity:list_endpoints_for_project").path("project_id", &project_id).in_general(&state).await?;
    let project_id = ProjectId::from(project_id);
    require_project(&state, &project_id).await?;
    let (named, groups, mut endpoints) = state
        .store
        .run_batch((
            endpoint_ids_of_project(&project_id),
            endpoint_groups_of_project(&project_id),
            endpoints(&EndpointFilter::default()),
        ))
        .await?;
    let known: HashSet<&str> = endpoints.iter().map(|endpoint| endpoint.id.as_str()).collect();
    let gone: Vec<&String> = named.iter().filter(|id| !known.contains(id.as_str())).collect();
    if !gone.is_empty() {
        let mut change = Change::begin(&state).await?;
        for id in gone {
            remove_endpoint_from_project(&mut change.transaction, id, &project_id).await?;
        }
        change.commit().await?;
    }
    let named: HashSet<String> = named.into_iter().collect();
    endpoints.retain(|endpoint| named.contains(&endpoint.id) || groups.iter().any(|group| group_has(group, endpoint)));
    Ok(Json(Page::of::<Endpoints>(&endpoints).wrap::<Endpoints>(&state, &inbound, None)))
}
