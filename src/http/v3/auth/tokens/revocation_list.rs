//! `GET /v3/auth/tokens/OS-PKI/revoked`: a list from the days when tokens were stored.

use axum::extract::State;

use crate::http::{error::ApiError, state::HttpState};

/// Refuses everybody, logged in or not.
pub(in crate::http) async fn revocation_list(State(state): State<HttpState>) -> ApiError {
    if state.settings.revoke_by_id { ApiError::Forbidden { detail: None } } else { ApiError::Gone }
}
