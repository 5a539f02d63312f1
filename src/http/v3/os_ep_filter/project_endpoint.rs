//! `/v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}`: the association of one endpoint with a project.

use axum::extract::{Path, State};
use hyper::StatusCode;

use super::{require, require_project};
use crate::{
    domain::ids::ProjectId,
    http::{caller::Caller, error::ApiError, resource::Change, state::HttpState, v3::endpoints::Endpoints},
    store::endpoint_filter::{add_endpoint_to_project, is_endpoint_in_project, remove_endpoint_from_project},
};

/// `GET`: whether there is one.
pub(in crate::http) async fn check_endpoint(
    State(state): State<HttpState>,
    caller: Caller,
    Path((project_id, endpoint_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let action = "identity:check_endpoint_in_project";
    let project_id = permitted(&state, &caller, action, project_id, &endpoint_id).await?;
    require::<Endpoints>(&state, &endpoint_id).await?;
    require_project(&state, &project_id).await?;
    match state.store.run(is_endpoint_in_project(&endpoint_id, &project_id)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(not_there(&endpoint_id, &project_id)),
    }
}

/// `PUT`: makes one.
pub(in crate::http) async fn add_endpoint(
    State(state): State<HttpState>,
    caller: Caller,
    Path((project_id, endpoint_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let action = "identity:add_endpoint_to_project";
    let project_id = permitted(&state, &caller, action, project_id, &endpoint_id).await?;
    require::<Endpoints>(&state, &endpoint_id).await?;
    require_project(&state, &project_id).await?;
    let mut change = Change::begin(&state).await?;
    add_endpoint_to_project(&mut change.transaction, &endpoint_id, &project_id).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE`: ends it.
pub(in crate::http) async fn remove_endpoint(
    State(state): State<HttpState>,
    caller: Caller,
    Path((project_id, endpoint_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let action = "identity:remove_endpoint_from_project";
    let project_id = permitted(&state, &caller, action, project_id, &endpoint_id).await?;
    let mut change = Change::begin(&state).await?;
    if !remove_endpoint_from_project(&mut change.transaction, &endpoint_id, &project_id).await? {
        return Err(not_there(&endpoint_id, &project_id));
    }
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn permitted(
    state: &HttpState,
    caller: &Caller,
    action: &'static str,
    project_id: String,
    endpoint_id: &str,
) -> Result<ProjectId, ApiError> {
    let question = caller.may(action).path("project_id", &project_id).path("endpoint_id", endpoint_id);
    question.in_general(state).await?;
    Ok(project_id.into())
}

fn not_there(endpoint_id: &str, project_id: &ProjectId) -> ApiError {
    ApiError::not_found(format!("Endpoint {endpoint_id} not found in project {project_id}"))
}
