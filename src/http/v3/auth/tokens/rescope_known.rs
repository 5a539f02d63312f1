//! `POST /v3/auth/tokens` with a token for a project, where everything that it takes is in memory: what a service does for
//! each of its users' requests.
//!
//! Nothing is decided here that [`super::issue()`] would decide otherwise: whatever is not plain is left to it.

use axum::response::Response;
use hyper::{
    HeaderMap, Method, StatusCode, Uri,
    header::{CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN},
};
use serde::Deserialize;

use super::{PATH, answer, header_of, includes_catalog};
use crate::http::{
    caller::{AUTH_TOKEN, SERVICE_TOKEN, STORAGE_TOKEN},
    json,
    pieces::Pieces,
    state::HttpState,
};

/// Headers that make a request more than a plain rescoping.
const SPECIAL: [HeaderName; 4] = [ORIGIN, AUTH_TOKEN, STORAGE_TOKEN, SERVICE_TOKEN];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rescoping<'b> {
    #[serde(borrow)]
    auth: Auth<'b>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Auth<'b> {
    #[serde(borrow)]
    identity: Identity<'b>,
    #[serde(borrow)]
    scope: Scope<'b>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity<'b> {
    #[serde(borrow)]
    methods: [&'b str; 1],
    #[serde(borrow)]
    token: ById<'b>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scope<'b> {
    #[serde(borrow)]
    project: ById<'b>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ById<'b> {
    id: &'b str,
}

/// The answer. `None`: this is for the router.
pub(in crate::http) fn rescope_known(
    state: &HttpState,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Response<Pieces>> {
    let is_plain =
        method == Method::POST && uri.path() == PATH && !SPECIAL.iter().any(|name| headers.contains_key(name));
    if !is_plain {
        return None;
    }
    let include_catalog = includes_catalog(uri)?;
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::to_str).transpose().ok()?;
    if !json::is_json(content_type) {
        return None;
    }
    let Rescoping { auth: Auth { identity, scope } } = serde_json::from_slice(body).ok()?;
    if identity.methods != ["token"] {
        return None;
    }
    let made = state.authenticator.rescope_known(identity.token.id, scope.project.id)?;
    let body = state.bodies.text_at_once(&made.token, include_catalog)?;
    let text = header_of(made.text).ok()?;
    Some(answer(StatusCode::CREATED, text, Pieces::new(body)))
}
