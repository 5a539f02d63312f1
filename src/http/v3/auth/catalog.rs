//! `GET /v3/auth/catalog`.

use axum::extract::State;
use serde_json::json;

use crate::http::{caller::Caller, error::ApiError, inbound::Inbound, json::Json, state::HttpState};

/// The catalog of the caller's own token, which must be a project's.
pub(in crate::http) async fn catalog(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
) -> Result<Json, ApiError> {
    caller.may("identity:get_auth_catalog").in_general(&state).await?;
    let project = caller.context().and_then(|context| Some((&context.acting_user().id, context.project_id()?)));
    let Some((user_id, project_id)) = project else {
        return Err(ApiError::forbidden("A project-scoped token is required to produce a service catalog."));
    };
    let catalog = state.bodies.catalog(user_id, Some(project_id)).await?;
    Ok(Json(json!({ "catalog": catalog, "links": { "self": state.url(&inbound, "auth/catalog") } })))
}
