//! `GET` of one grant, and of those of one actor on one target.

use axum::extract::State;
use hyper::StatusCode;

use super::{
    parties::{self, Missing},
    path::{CHECK, GrantPath, LIST, RoleGrantPath},
};
use crate::{
    domain::assignment::Target,
    http::{
        caller::Caller, collection::Page, error::ApiError, inbound::Inbound, json::Json, state::HttpState,
        v3::roles::Roles,
    },
    store::{
        assignment::{granted_role_ids, is_granted},
        role,
    },
};

/// Whether the role is given there: 204 or 404.
pub(in crate::http) async fn check(
    State(state): State<HttpState>,
    caller: Caller,
    path: RoleGrantPath,
) -> Result<StatusCode, ApiError> {
    let target = parties::target(&state, &caller, &path.grant, Some(&path.role_id), Missing::Refused).await?;
    path.grant.may(&caller, CHECK).on_target(&state, target)?;
    if path.grant.target != Target::System && state.store.run(role::role(&path.role_id)).await?.is_none() {
        return Err(ApiError::no_such("role", path.role_id.as_str()));
    }
    require_target(&state, &path.grant.target).await?;
    if !state.store.run(is_granted(&path.assignment())).await? {
        return Err(path.not_found());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The roles that are given there.
pub(in crate::http) async fn list(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    path: GrantPath,
) -> Result<Json, ApiError> {
    let target = parties::target(&state, &caller, &path, None, Missing::Refused).await?;
    path.may(&caller, LIST).on_target(&state, target)?;
    require_target(&state, &path.target).await?;
    let ids = state.store.run(granted_role_ids(&path.actor, &path.target, path.inherited)).await?;
    let roles = state.store.run(role::roles_by_ids(&ids)).await?;
    Ok(Json(Page::of::<Roles>(&roles).wrap::<Roles>(&state, &inbound, None)))
}

/// 404 unless what the role is given on exists.
async fn require_target(state: &HttpState, target: &Target) -> Result<(), ApiError> {
    if let Some(query) = parties::project_of(target)
        && state.store.run(query).await?.is_none()
    {
        return Err(parties::no_such_target(target));
    }
    Ok(())
}
