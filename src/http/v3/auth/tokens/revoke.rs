//! `DELETE /v3/auth/tokens`.

use axum::extract::State;
use hyper::StatusCode;

use crate::http::{caller::Caller, error::ApiError, inbound::Inbound, state::HttpState, subject};

/// Revokes the subject token and, unless `?cascade=false`, all that were made from it.
pub(in crate::http) async fn revoke(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
) -> Result<StatusCode, ApiError> {
    caller.may("identity:revoke_token").in_general(&state).await?;
    let token = subject::token(&inbound).unwrap_or_default();
    state.tokens.revoke(&token, inbound.query.boolean("cascade", true)).await?;
    Ok(StatusCode::NO_CONTENT)
}
