//! `GET /v3/auth/tokens` where everything that the answer takes is in memory: what a cloud asks thousands of times a second.
//!
//! Nothing is decided here that [`super::validate()`] would decide otherwise: whatever is not plain is left to it, and what is
//! in memory was put there by it.

use std::sync::Arc;

use axum::response::Response;
use hyper::{
    HeaderMap, Method, StatusCode, Uri,
    header::{CONTENT_LENGTH, HeaderName, HeaderValue, ORIGIN, TRANSFER_ENCODING},
};

use super::{PATH, answer, includes_catalog};
use crate::{
    http::{
        caller::{AUTH_TOKEN, KnownCaller, SERVICE_TOKEN},
        state::HttpState,
        subject::{ACCESS_RULES, SUBJECT_TOKEN},
    },
    token::{kept_text::KeptText, valid::ValidToken},
};

/// Headers that make a request more than a plain validation.
const SPECIAL: [HeaderName; 5] = [ORIGIN, CONTENT_LENGTH, TRANSFER_ENCODING, SERVICE_TOKEN, ACCESS_RULES];

/// The answer, and the caller's token. `None`: this is for the router.
pub(in crate::http) fn validate_known(
    state: &HttpState,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Option<(Response<KeptText>, Arc<ValidToken>)> {
    let is_plain = method == Method::GET && uri.path() == PATH && state.settings.admin_token.is_none();
    if !is_plain {
        return None;
    }
    let include_catalog = includes_catalog(uri)?;
    let (own, text) = tokens_of_plain(headers)?;
    let [own, subject] = state.tokens.both_known(own.to_str().ok()?, text.to_str().ok()?)?;
    if !own.known::<KnownCaller>()?.may_validate_any(&state.enforcer) {
        return None;
    }
    let body = KeptText::of(subject, include_catalog)?;
    Some((answer(StatusCode::OK, text.clone(), body), own))
}

/// The caller's token and the one that is asked about. In one pass: a look for each header by its name takes longer than to look
/// at the few that there are.
fn tokens_of_plain(headers: &HeaderMap) -> Option<(&HeaderValue, &HeaderValue)> {
    let (mut own, mut subject) = (None, None);
    for (name, value) in headers {
        if name == SUBJECT_TOKEN {
            subject.get_or_insert(value);
        } else if name == AUTH_TOKEN {
            own.get_or_insert(value);
        } else if SPECIAL.contains(name) {
            return None;
        }
    }
    own.zip(subject)
}
