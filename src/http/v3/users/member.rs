//! `/v3/users/{user_id}`: showing and deleting one.

use axum::extract::{Path, State};
use hyper::StatusCode;

use super::{Shown, Today, Users};
use crate::{
    cascade::user::delete_user,
    http::{
        caller::Caller,
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{Change, Resource},
        state::HttpState,
    },
    store::identity::{federated_identities, user},
};

/// The user with this id, if there is one.
pub(in crate::http::v3) async fn find(state: &HttpState, id: &str) -> Result<Option<Shown>, ApiError> {
    let id = id.into();
    let (found, federated) = state.store.run_batch((user(&id), federated_identities(&id))).await?;
    Ok(found.map(|user| Shown { federated, ..Today::of(state).shown(user) }))
}

/// The user with this id, for a caller who may do `action` to him.
///
/// # Errors
///
/// 403 for who may not; 404 where there is none.
pub(super) async fn permitted(
    state: &HttpState,
    caller: &Caller,
    action: &'static str,
    id: &str,
) -> Result<Shown, ApiError> {
    let found = find(state, id).await?;
    caller.may(action).path("user_id", id).on(state, Users::MEMBER, found.as_ref().map(Users::wire))?;
    found.ok_or_else(|| ApiError::no_such("user", id))
}

/// `GET /v3/users/{user_id}`.
pub(in crate::http) async fn show(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let found = permitted(&state, &caller, "identity:get_user", &id).await?;
    Ok(Json(wrap_member::<Users>(Users::wire(&found), &state, &inbound)))
}

/// `DELETE /v3/users/{user_id}`.
pub(in crate::http) async fn delete(
    State(state): State<HttpState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    permitted(&state, &caller, "identity:delete_user", &id).await?;
    let mut change = Change::begin(&state).await?;
    let moment = change.moment;
    if !delete_user(&mut change.transaction, &id.as_str().into(), &moment).await? {
        return Err(ApiError::no_such("user", &id));
    }
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
