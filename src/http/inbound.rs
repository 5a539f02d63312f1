//! What the front learnt of a request before it was routed.

use std::{
    borrow::Cow,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use axum::extract::{FromRequestParts, MatchedPath};
use hyper::{HeaderMap, header::HeaderName, http::request::Parts};
use serde_json::{Map, Value};

use super::{
    caller::{Asker, Caller},
    error::ApiError,
    query::Query,
    site::Site,
};

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
    /// The headers.
    pub headers: HeaderMap,
    /// Who sent it, as far as the token tells.
    pub asker: Asker,
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

    /// Who asks, if that is known: for handlers that have to look at something before they ask.
    ///
    /// # Errors
    ///
    /// 401 for an anonymous request.
    pub fn caller(&self) -> Result<Caller, ApiError> {
        Caller::of(self)
    }
}

impl Facts {
    /// A header's text; bytes that are no UTF-8 are replaced. Of a repeated header the first counts.
    pub fn header(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()))
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
