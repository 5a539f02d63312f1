//! `GET /` and `GET /v3`: which versions there are, or for who asks for it JSON home (`keystone/api/discovery.py`).

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper::{
    StatusCode,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION},
};
use serde_json::{Value, json};

use crate::http::{accept, inbound::Inbound, json::Json, json_home::JsonHome, state::HttpState};

const JSON: &str = "application/json";
const JSON_HOME: &str = "application/json-home";

/// All versions: there is one, and `Location` leads to it.
pub(in crate::http) async fn versions(
    State(state): State<HttpState>,
    Extension(json_home): Extension<Arc<JsonHome>>,
    inbound: Inbound,
) -> Response {
    if wants_json_home(&inbound) {
        return home(json_home.of_all_versions.clone());
    }
    let url = format!("{}/", state.url(&inbound, ""));
    let body = json!({ "versions": { "values": [version(&url)] } });
    let mut response = (StatusCode::MULTIPLE_CHOICES, Json(body)).into_response();
    // werkzeug writes the host of a `Location` in lower case.
    let location = url::Url::parse(&url).map_or(url, String::from);
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// Version 3.
pub(in crate::http) async fn v3(
    State(state): State<HttpState>,
    Extension(json_home): Extension<Arc<JsonHome>>,
    inbound: Inbound,
) -> Response {
    if wants_json_home(&inbound) {
        return home(json_home.of_version_3.clone());
    }
    Json(json!({ "version": version(&format!("{}/", state.url(&inbound, ""))) })).into_response()
}

fn wants_json_home(inbound: &Inbound) -> bool {
    inbound.header(&ACCEPT).is_some_and(|accept| accept::most_specific(&accept, &[JSON, JSON_HOME]) == Some(JSON_HOME))
}

fn home(document: Bytes) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static(JSON_HOME))], Body::from(document)).into_response()
}

fn version(url: &str) -> Value {
    json!({
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{ "rel": "self", "href": url }],
        "media-types": [{ "base": "application/json", "type": "application/vnd.openstack.identity-v3+json" }],
    })
}
