//! `/v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}`: the association of an endpoint group with a
//! project.

use axum::extract::{Path, State};
use hyper::StatusCode;
use serde_json::json;

use super::{EndpointGroups, require, require_project};
use crate::{
    domain::ids::ProjectId,
    http::{caller::Caller, error::ApiError, json::Json, resource::Change, state::HttpState},
    store::endpoint_filter::{
        add_endpoint_group_to_project, is_endpoint_group_in_project, remove_endpoint_group_from_project,
    },
};

/// `GET`: shows it. Its link has no host, as in Keystone.
pub(in crate::http) async fn check_group(
    State(state): State<HttpState>,
    caller: Caller,
    Path((group_id, project_id)): Path<(String, String)>,
) -> Result<Json, ApiError> {
    let action = "identity:get_endpoint_group_in_project";
    let project_id = permitted(&state, &caller, action, &group_id, project_id).await?;
    if !state.store.run(is_endpoint_group_in_project(&group_id, &project_id)).await? {
        return Err(not_there());
    }
    Ok(Json(json!({
        "project_endpoint_group": {
            "endpoint_group_id": group_id,
            "project_id": project_id.as_str(),
            "links": { "self": format!("/OS-EP-FILTER/endpoint_groups/{group_id}/projects/{project_id}") },
        },
    })))
}

/// `PUT`: makes one.
pub(in crate::http) async fn add_group(
    State(state): State<HttpState>,
    caller: Caller,
    Path((group_id, project_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let action = "identity:add_endpoint_group_to_project";
    let project_id = permitted(&state, &caller, action, &group_id, project_id).await?;
    let mut change = Change::begin(&state).await?;
    add_endpoint_group_to_project(&mut change.transaction, &group_id, &project_id).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE`: ends it.
pub(in crate::http) async fn remove_group(
    State(state): State<HttpState>,
    caller: Caller,
    Path((group_id, project_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let action = "identity:remove_endpoint_group_from_project";
    let project_id = permitted(&state, &caller, action, &group_id, project_id).await?;
    let mut change = Change::begin(&state).await?;
    if !remove_endpoint_group_from_project(&mut change.transaction, &group_id, &project_id).await? {
        return Err(not_there());
    }
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets pass who may do `action`, if project and group are there.
async fn permitted(
    state: &HttpState,
    caller: &Caller,
    action: &'static str,
    group_id: &str,
    project_id: String,
) -> Result<ProjectId, ApiError> {
    let question = caller.may(action).path("endpoint_group_id", group_id).path("project_id", &project_id);
    question.in_general(state).await?;
    let project_id = ProjectId::from(project_id);
    require_project(state, &project_id).await?;
    require::<EndpointGroups>(state, group_id).await?;
    Ok(project_id)
}

fn not_there() -> ApiError {
    ApiError::not_found("Endpoint Group Project Association not found")
}
