//! `GET` and `HEAD /v3/auth/tokens`.

use axum::{extract::State, response::Response};
use hyper::{Method, StatusCode, header::HeaderValue};

use super::shown;
use crate::http::{caller::Caller, error::ApiError, inbound::Inbound, state::HttpState, subject};

/// Tells what the subject token means. HEAD is judged by a rule of its own.
pub(in crate::http) async fn validate(
    State(state): State<HttpState>,
    method: Method,
    inbound: Inbound,
    caller: Caller,
) -> Result<Response, ApiError> {
    let action = if method == Method::HEAD { "identity:check_token" } else { "identity:validate_token" };
    let subject = caller.may(action).in_general(&state).await?;
    let token = match subject {
        Some(token) => token,
        None => subject::validated(&state, &inbound, &subject::token(&inbound).unwrap_or_default()).await?,
    };
    // As it came, whatever characters the decoder does not mind.
    let text = inbound.headers.get(subject::SUBJECT_TOKEN).cloned().unwrap_or(HeaderValue::from_static(""));
    shown(&state, &inbound, StatusCode::OK, text, &token).await
}
