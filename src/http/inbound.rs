//! What the front learnt of a request before it was routed.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use axum::extract::{FromRequestParts, MatchedPath};
use hyper::http::request::Parts;
use serde_json::{Map, Value};

use super::{error::ApiError, query::Query, site::Site};

/// The facts of one request. Every handler can take it as an argument.
#[derive(Debug, Clone)]
pub struct Inbound(Arc<Facts>);

/// See [`Inbound`].
#[derive(Debug)]
pub struct Facts {
    /// Where the client believes us to be.
    pub site: Site,
    /// The decoded path, without trailing slashes (WSGI's `PATH_INFO`).
    pub path: String,
    /// The query string.
    pub query: Query,
    /// The JSON object in the body; `None`: no body.
    pub body: Option<Map<String, Value>>,
    /// Our id for this request.
    pub request_id: String,
    /// The id of the chain of calls that this request is part of.
    pub global_request_id: Option<String>,
    /// The client's address, as far as proxies tell it.
    pub remote: String,
    /// The URL pattern that matched; set on the way through the router.
    pub(super) route: OnceLock<MatchedPath>,
}

impl Inbound {
    pub(super) fn new(facts: Facts) -> Self {
        Self(Arc::new(facts))
    }

    /// The body, or an empty object where there is none.
    pub fn body_or_empty(&self) -> Map<String, Value> {
        self.0.body.clone().unwrap_or_default()
    }
}

impl Deref for Inbound {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Inbound {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let inbound = parts.extensions.get::<Self>().cloned().ok_or_else(|| ApiError::Unexpected {
            detail: "a request reached the router without passing the front".to_owned(),
            source: None,
        })?;
        if let Some(route) = parts.extensions.get::<MatchedPath>() {
            inbound.route.get_or_init(|| route.clone());
        }
        Ok(inbound)
    }
}
