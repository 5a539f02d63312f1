//! `GET /v3/auth/projects`.

use axum::extract::State;

use super::holder;
use crate::http::{
    caller::Caller, collection::Page, error::ApiError, inbound::Inbound, json::Json, state::HttpState,
    v3::projects::Projects,
};

/// The projects that the caller can get a token for.
pub(in crate::http) async fn projects(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
) -> Result<Json, ApiError> {
    caller.may("identity:get_auth_projects").in_general(&state).await?;
    let projects = match holder(&caller) {
        Some(holder) => state.roles.projects(holder, state.clock.now()).await?,
        None => Vec::new(),
    };
    Ok(Json(Page::of::<Projects>(&projects).wrap::<Projects>(&state, &inbound, None)))
}
