//! `GET /v3/projects/{project_id}`.

use axum::extract::{Path, State};

use super::{Projects, hierarchy};
use crate::http::{
    caller::Caller, collection::wrap_member, error::ApiError, inbound::Inbound, json::Json, resource::Resource,
    state::HttpState,
};

/// Shows a project, on request with what is above or below it in the tree.
pub(in crate::http) async fn show(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let project = state.store.project(&id.as_str().into()).await?;
    caller.may("identity:get_project").path("project_id", &id).on(
        &state,
        "project",
        project.as_ref().map(Projects::wire),
    )?;
    let project = project.ok_or_else(|| ApiError::no_such("project", &id))?;
    let mut wire = Projects::wire(&project);
    hierarchy::expand(&mut wire, &project, &state, &inbound, caller.user_id()).await?;
    Ok(Json(wrap_member::<Projects>(wire, &state, &inbound)))
}
