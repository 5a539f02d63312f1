//! `POST /v3/auth/tokens`.

use axum::{extract::State, response::Response};
use hyper::StatusCode;
use serde_json::Value;

use super::{header_of, shown};
use crate::http::{error::ApiError, inbound::Inbound, schema, state::HttpState};

/// Logs somebody in. Open to all; a token in the request's headers does not matter.
pub(in crate::http) async fn issue(State(state): State<HttpState>, inbound: Inbound) -> Result<Response, ApiError> {
    let auth = inbound.body.as_ref().and_then(|body| body.get("auth")).unwrap_or(&Value::Null);
    if !auth.is_null() {
        schema::auth::check_token_request(auth)?;
    }
    let token = state.authenticator.authenticate(auth).await?;
    let text = header_of(token.text).map_err(|error| ApiError::unexpected("showing a new token", error))?;
    shown(&state, &inbound, StatusCode::CREATED, text, &token.token).await
}
