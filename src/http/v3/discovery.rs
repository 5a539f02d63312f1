//! `GET /` and `GET /v3`: which versions there are (`keystone/api/discovery.py`).

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use hyper::{
    StatusCode,
    header::{HeaderValue, LOCATION},
};
use serde_json::{Value, json};

use crate::http::{inbound::Inbound, json::Json, state::HttpState};

/// All versions: there is one, and `Location` leads to it.
pub(in crate::http) async fn versions(State(state): State<HttpState>, inbound: Inbound) -> Response {
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
pub(in crate::http) async fn v3(State(state): State<HttpState>, inbound: Inbound) -> Json {
    Json(json!({ "version": version(&format!("{}/", state.url(&inbound, ""))) }))
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
