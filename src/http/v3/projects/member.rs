//! `/v3/projects/{project_id}`.

use axum::extract::{Path, State};
use hyper::StatusCode;
use serde_json::{Map, Value};

use super::{Projects, change, hierarchy, permitted, remove, schema};
use crate::{
    http::{
        caller::Caller,
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Resource,
            attributes::{body, require_matching_id},
        },
        schema::Wording,
        state::HttpState,
    },
    store::resource::project,
};

/// Shows a project, on request with what is above or below it in the tree.
pub(in crate::http) async fn show(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let project = permitted(&state, &caller, "identity:get_project", &id).await?;
    let mut wire = Projects::wire(&project);
    hierarchy::expand(&mut wire, &project, &state, &inbound, caller.user_id()).await?;
    Ok(Json(wrap_member::<Projects>(wire, &state, &inbound)))
}

/// Changes a project. The answer has what is in its `extra` column twice, as Keystone's has.
pub(in crate::http) async fn update(
    State(state): State<HttpState>,
    inbound: Inbound,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    schema::UPDATE.check(&body(&inbound), Wording::Brief)?;
    let caller = inbound.caller()?;
    permitted(&state, &caller, "identity:update_project", &id).await?;
    // No body, or none that says anything, is a change of nothing.
    let attributes: Map<String, Value> = inbound
        .body
        .as_ref()
        .and_then(|body| body.get("project"))
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    require_matching_id(&attributes, &id)?;
    let mut changing = Change::begin(&state).await?;
    // Once more: what was seen before the transaction may have changed.
    let found = changing.run(project(&id.as_str().into())).await?.ok_or_else(|| ApiError::no_such("project", &id))?;
    let project = change(&mut changing, found, &attributes).await?;
    changing.commit().await?;

    let mut answer = wrap_member::<Projects>(Projects::wire(&project), &state, &inbound);
    let mut extra = project.extra;
    if let Some(links) = extra.get_mut("links") {
        *links = answer["project"]["links"].clone();
    }
    answer["project"]["extra"] = extra.into();
    Ok(Json(answer))
}

/// Deletes a project that has none below it, or a disabled domain with all that is in it.
pub(in crate::http) async fn delete(
    State(state): State<HttpState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    permitted(&state, &caller, "identity:delete_project", &id).await?;
    let mut change = Change::begin(&state).await?;
    let found = change.run(project(&id.as_str().into())).await?.ok_or_else(|| ApiError::no_such("project", &id))?;
    remove(&mut change, &found).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
