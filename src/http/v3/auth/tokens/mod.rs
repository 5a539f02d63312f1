//! `/v3/auth/tokens`: POST mints, GET and HEAD validate, DELETE revokes.

mod issue;
mod rescope_known;
mod revocation_list;
mod revoke;
mod validate;
mod validate_known;

pub(in crate::http) use self::{
    issue::issue, rescope_known::rescope_known, revocation_list::revocation_list, revoke::revoke, validate::validate,
    validate_known::validate_known,
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use hyper::{
    StatusCode, Uri,
    header::{CONTENT_TYPE, HeaderValue, InvalidHeaderValue},
};

use crate::{
    domain::secret::SecretText,
    http::{error::ApiError, inbound::Facts, pieces::Pieces, state::HttpState, subject::SUBJECT_TOKEN},
    token::valid::ValidToken,
};

/// The path of all of them.
pub(in crate::http) const PATH: &str = "/v3/auth/tokens";

/// The answer that shows a token: its meaning in the body, its text in a header. `?nocatalog` leaves the catalog out,
/// whatever its value.
async fn shown(
    state: &HttpState,
    inbound: &Facts,
    status: StatusCode,
    text: HeaderValue,
    token: &ValidToken,
) -> Result<Response, ApiError> {
    let include_catalog = !inbound.query.has("nocatalog");
    let body = state.bodies.text(token, include_catalog).await?;
    Ok(answer(status, text, Body::new(Pieces::new(body))))
}

fn answer<B>(status: StatusCode, mut text: HeaderValue, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    text.set_sensitive(true);
    headers.insert(SUBJECT_TOKEN, text);
    response
}

/// The header with the text of a new token.
fn header_of(text: SecretText) -> Result<HeaderValue, InvalidHeaderValue> {
    HeaderValue::from_maybe_shared(Bytes::from(text.into_text()))
}

/// Whether the answer to a plain request holds the catalog. `None`: the query says more than that.
fn includes_catalog(uri: &Uri) -> Option<bool> {
    match uri.query() {
        None => Some(true),
        Some("nocatalog") => Some(false),
        Some(_) => None,
    }
}
