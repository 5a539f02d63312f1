//! `DELETE /v3/users/{user_id}/tokens`.

use axum::extract::{Path, State};
use hyper::StatusCode;

use super::member::permitted;
use crate::{
    cascade::user::revoke_tokens_of_user,
    http::{caller::Caller, error::ApiError, resource::Change, state::HttpState},
};

/// Revokes every token of a user: for those who cannot change a password here.
pub(in crate::http) async fn revoke_tokens(
    State(state): State<HttpState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    permitted(&state, &caller, "identity:revoke_tokens_for_user", &id).await?;
    let mut change = Change::begin(&state).await?;
    let moment = change.moment;
    revoke_tokens_of_user(&mut change.transaction, &id.as_str().into(), &moment).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
