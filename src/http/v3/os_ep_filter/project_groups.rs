//! `GET /v3/OS-EP-FILTER/projects/{project_id}/endpoint_groups`.

use axum::extract::{Path, State};

use super::{EndpointGroups, require_project};
use crate::{
    domain::ids::ProjectId,
    http::{caller::Caller, collection::Page, error::ApiError, inbound::Inbound, json::Json, state::HttpState},
    store::endpoint_filter::endpoint_groups_of_project,
};

/// Lists the endpoint groups that a project is associated with.
pub(in crate::http) async fn groups_of_project(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(project_id): Path<String>,
) -> Result<Json, ApiError> {
    let question = caller.may("identity:list_endpoint_groups_for_project");
    question.path("project_id", &project_id).in_general(&state).await?;
    let project_id = ProjectId::from(project_id);
    require_project(&state, &project_id).await?;
    let groups = state.store.run(endpoint_groups_of_project(&project_id)).await?;
    Ok(Json(Page::of::<EndpointGroups>(&groups).wrap::<EndpointGroups>(&state, &inbound, None)))
}
