//! `GET /v3/users/{user_id}/projects`.

use axum::extract::{Path, State};

use super::{Users, find};
use crate::{
    assignment::resolver::Holder,
    domain::ids::UserId,
    http::{
        caller::Caller, collection::Page, error::ApiError, hints::Hints, inbound::Inbound, json::Json,
        resource::Resource, state::HttpState, v3::projects::Projects,
    },
};

const FILTERS: &[&str] = &["domain_id", "enabled", "name"];

/// The projects on which a user has a role. Users may ask for their own: this is what clients fall back to when
/// `GET /v3/projects` is refused.
pub(in crate::http) async fn projects(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let user_id = UserId::from(id.as_str());
    let user = find(&state, &id).await?;
    caller.may("identity:list_user_projects").path("user_id", &id).filters(FILTERS).on(
        &state,
        "user",
        user.as_ref().map(Users::wire),
    )?;
    let max_limit = i64::try_from(state.settings.max_db_limit).unwrap_or(i64::MAX);
    let hints = Hints::from_query(&inbound.query, FILTERS, None, max_limit)?;
    if user.is_none() {
        return Err(ApiError::no_such("user", &id));
    }
    let projects = state.roles.projects(Holder::user(&user_id), state.clock.now()).await?;
    // No filter is left to the database here.
    let page = Page::of::<Projects>(&projects).narrowed(&hints, &[])?;
    Ok(Json(page.wrap::<Projects>(&state, &inbound, Some(&hints))))
}
