//! `GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects`.

use axum::extract::{Path, State};

use super::list_projects;
use crate::{
    http::{caller::Caller, error::ApiError, inbound::Inbound, json::Json, state::HttpState},
    store::endpoint_filter::project_ids_of_endpoint_group,
};

/// Lists the projects that an endpoint group is associated with: none for a group that does not exist.
pub(in crate::http) async fn projects_of_group(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(group_id): Path<String>,
) -> Result<Json, ApiError> {
    let question = caller.may("identity:list_projects_associated_with_endpoint_group");
    question.path("endpoint_group_id", &group_id).in_general(&state).await?;
    let ids = state.store.run(project_ids_of_endpoint_group(&group_id)).await?;
    list_projects(&state, &inbound, &ids).await
}
