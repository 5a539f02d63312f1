//! The one place where a situation becomes an HTTP status.
//!
//! Handlers and extractors return an [`ApiError`]: it names what happened, with the values that belong to it. What the
//! client reads and what the log reads are two different texts: Keystone shows the details of a refusal (`SecurityError`
//! in `keystone/exception.py`) and of an internal failure only where `[DEFAULT] insecure_debug` is on.

use std::{borrow::Cow, error::Error, sync::Arc};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use hyper::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde_json::{Map, Value, json};

use super::schema::Violation;
use crate::{domain::secret::SecretText, store::StoreError};

/// What Keystone appends to every text that it shows only because of `insecure_debug`.
const AMENDMENT: &str = "(Disable insecure_debug mode to suppress these details.)";

const UNEXPECTED: &str = "An unexpected error prevented the server from fulfilling your request.";

/// When a client may try again after a 503, in seconds: each request looks anew whether there is room, or a database.
const RETRY: HeaderValue = HeaderValue::from_static("1");

/// What a handler can answer besides success.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 400: something is not where it belongs (`ValidationError` with its two arguments).
    #[error("{attribute} is missing in {target}")]
    Expecting {
        /// What: `domain`.
        attribute: String,
        /// Where: `user`.
        target: String,
    },
    /// 400: the request is wrong in a way that the text explains (`ValidationError`, `SchemaValidationError`).
    #[error("{message}")]
    Invalid {
        /// Shown to the client as it is.
        message: String,
    },
    /// 400: the request does not fit its schema (`SchemaValidationError`). The text for the client quotes the request, so
    /// that it is not the one for the log.
    #[error(transparent)]
    Malformed(#[from] Violation),
    /// 401: no identity, or none that counts (`Unauthorized`).
    #[error("unauthorized: {}", detail.as_deref().unwrap_or("no details"))]
    Unauthorized {
        /// Shown under `insecure_debug` only.
        detail: Option<String>,
    },
    /// 401: `PasswordExpired`.
    #[error("password of {user_id} is expired")]
    PasswordExpired {
        /// Whose.
        user_id: String,
    },
    /// 401 for whoever has proven who he is, and cannot be let in all the same (`UserDisabled`, `AccountLocked`).
    #[error("{message}")]
    AccountUnusable {
        /// Shown to the client as it is.
        message: String,
    },
    /// 401: `AuthMethodNotSupported`.
    #[error("authentication method not supported")]
    AuthMethodNotSupported {
        /// `[auth] methods`.
        supported: Vec<String>,
    },
    /// 401: a method needs another round (`AdditionalAuthRequired`).
    #[error("additional authentication steps required")]
    AdditionalAuthRequired {
        /// What the method wants next.
        response: Value,
    },
    /// 401: a plug-in's own refusal that is told to the client (`ApplicationCredentialAuthError` and its like).
    #[error("{message}")]
    AuthPluginRefusal {
        /// Shown to the client as it is.
        message: String,
    },
    /// 403 (`Forbidden`).
    #[error("forbidden: {}", detail.as_deref().unwrap_or("no details"))]
    Forbidden {
        /// Shown under `insecure_debug` only.
        detail: Option<String>,
    },
    /// 403: the policy refuses (`ForbiddenAction`).
    #[error("policy refuses {action}")]
    ForbiddenAction {
        /// The rule's name: `identity:list_users`.
        action: String,
    },
    /// 403 with a reason that is always safe to tell (`ForbiddenNotSecurity`).
    #[error("{message}")]
    Refused {
        /// Shown to the client as it is.
        message: String,
    },
    /// 404 (`NotFound` and all its children).
    #[error("{message}")]
    NotFound {
        /// Shown to the client as it is: `Could not find project: abc.`
        message: String,
    },
    /// 404: a token that was good once (`TokenNotFound`). Keystone's text for the client repeats the token; the log must
    /// not.
    #[error("a token is no longer good")]
    NoSuchToken {
        /// As the client sent it.
        token: SecretText,
    },
    /// 409 (`Conflict`).
    #[error("conflict while storing {kind}: {details}")]
    Conflict {
        /// `project`.
        kind: String,
        /// `it is not permitted to have two projects ...`
        details: String,
    },
    /// 410 (`Gone`).
    #[error("gone")]
    Gone,
    /// 501 (`NotImplemented`).
    #[error("not implemented")]
    NotImplemented,
    /// 500: something that should not happen did.
    #[error("{detail}")]
    Unexpected {
        /// Logged, and shown under `insecure_debug` only.
        detail: String,
        /// What it came from.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// 500: the operator has to do something first (`KeysNotFound` and the like).
    #[error("{detail}")]
    Misconfigured {
        /// Logged, and shown under `insecure_debug` only.
        detail: String,
    },
    /// 503: the database or the key repository cannot be reached just now.
    #[error("{detail}")]
    Unavailable {
        /// Logged, never shown.
        detail: String,
        /// What it came from.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

impl ApiError {
    /// A 400 `Expecting to find ... in ...`.
    pub fn expecting(attribute: impl Into<String>, target: impl Into<String>) -> Self {
        Self::Expecting { attribute: attribute.into(), target: target.into() }
    }

    /// A 400 with this text.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid { message: message.into() }
    }

    /// A 401 whose reason only `insecure_debug` shows.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::Unauthorized { detail: Some(detail.into()) }
    }

    /// A 403 whose reason only `insecure_debug` shows.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::Forbidden { detail: Some(detail.into()) }
    }

    /// A 404 with this text.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::NotFound { message: message.into() }
    }

    /// A 404 `Could not find <kind>: <id>.`
    pub fn no_such(kind: &str, id: &str) -> Self {
        Self::NotFound { message: format!("Could not find {kind}: {id}.") }
    }

    /// A 500 caused by `source`; `detail` says during what.
    pub fn unexpected(detail: impl Into<String>, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Unexpected { detail: detail.into(), source: Some(Box::new(source)) }
    }

    /// A 503 caused by `source`; `detail` says what is away.
    pub fn unavailable(detail: impl Into<String>, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Unavailable { detail: detail.into(), source: Some(Box::new(source)) }
    }

    /// Whether nothing is wrong but that two transactions waited for each other: the request may be asked again.
    pub(super) fn gave_way(&self) -> bool {
        match self {
            Self::Unavailable { source: Some(source), .. } => {
                source.downcast_ref::<StoreError>().is_some_and(StoreError::gave_way)
            }
            _ => false,
        }
    }

    /// The status. No catch-all arm: a new situation asks its author for one.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Expecting { .. } | Self::Invalid { .. } | Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized { .. }
            | Self::PasswordExpired { .. }
            | Self::AccountUnusable { .. }
            | Self::AuthMethodNotSupported { .. }
            | Self::AdditionalAuthRequired { .. }
            | Self::AuthPluginRefusal { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } | Self::ForbiddenAction { .. } | Self::Refused { .. } => StatusCode::FORBIDDEN,
            Self::NotFound { .. } | Self::NoSuchToken { .. } => StatusCode::NOT_FOUND,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::Gone => StatusCode::GONE,
            Self::NotImplemented => StatusCode::NOT_IMPLEMENTED,
            Self::Unexpected { .. } | Self::Misconfigured { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the client reads.
    fn message(&self, insecure_debug: bool) -> Cow<'_, str> {
        match self {
            Self::Expecting { attribute, target } => format!(
                "Expecting to find {attribute} in {target}. The server could not comply with the request since it is \
                 either malformed or otherwise incorrect. The client is assumed to be in error."
            )
            .into(),
            Self::Malformed(violation) => violation.detail().into(),
            Self::Invalid { message }
            | Self::AccountUnusable { message }
            | Self::AuthPluginRefusal { message }
            | Self::Refused { message }
            | Self::NotFound { message } => message.into(),
            Self::Unauthorized { detail } => {
                amended(detail, insecure_debug, "The request you have made requires authentication.")
            }
            Self::PasswordExpired { user_id } => {
                format!("The password is expired and needs to be changed for user: {user_id}.").into()
            }
            Self::AuthMethodNotSupported { .. } => "Attempted to authenticate with an unsupported method.".into(),
            Self::AdditionalAuthRequired { .. } => "Additional authentications steps required.".into(),
            Self::Forbidden { detail } => {
                amended(detail, insecure_debug, "You are not authorized to perform the requested action.")
            }
            Self::ForbiddenAction { action } => {
                format!("You are not authorized to perform the requested action: {action}.").into()
            }
            Self::NoSuchToken { token } => format!("Could not find token: {}.", token.expose()).into(),
            Self::Conflict { kind, details } => {
                format!("Conflict occurred attempting to store {kind} - {details}.").into()
            }
            Self::Gone => "The service you have requested is no longer available on this server.".into(),
            Self::NotImplemented => "The action you have requested has not been implemented.".into(),
            Self::Unexpected { detail, .. } if insecure_debug => {
                format!("{}: {detail}. {AMENDMENT}", UNEXPECTED.trim_end_matches('.')).into()
            }
            Self::Misconfigured { detail } if insecure_debug => format!("{detail} {AMENDMENT}").into(),
            Self::Unexpected { .. } | Self::Misconfigured { .. } => UNEXPECTED.into(),
            Self::Unavailable { .. } => {
                "The server is currently unable to handle the request due to misconfiguration or maintenance.".into()
            }
        }
    }

    /// `error.identity`, which only authentication plug-ins have.
    fn identity(&self) -> Option<Value> {
        match self {
            Self::AuthMethodNotSupported { supported } => Some(json!({ "methods": supported })),
            Self::AdditionalAuthRequired { response } => Some(response.clone()),
            Self::AuthPluginRefusal { .. } => Some(json!({})),
            _ => None,
        }
    }

    /// The answer. `url` goes into the challenge of a 401.
    pub(super) fn render(&self, insecure_debug: bool, url: &str) -> Response {
        let status = self.status();
        let mut error = Map::new();
        error.insert("code".to_owned(), status.as_u16().into());
        if let Some(identity) = self.identity() {
            error.insert("identity".to_owned(), identity);
        }
        error.insert("message".to_owned(), self.message(insecure_debug).into());
        error.insert("title".to_owned(), status.canonical_reason().unwrap_or_default().into());
        let body = json!({ "error": error });

        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if status == StatusCode::UNAUTHORIZED
            && let Ok(challenge) = HeaderValue::try_from(format!("Keystone uri=\"{url}\""))
        {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, RETRY);
        }
        (status, headers, Body::from(format!("{body}\n"))).into_response()
    }

    /// Says once in the log what happened, at a level that fits: this is the only place where an error is logged. What
    /// happened goes into a field, where line breaks and the like are escaped: it may quote the request.
    pub(super) fn log(&self, remote: &str) {
        let reason = self.with_causes();
        match self.status().as_u16() {
            401 => tracing::warn!(remote, reason, "authorization failed"),
            404 => tracing::debug!(reason, "not found"),
            500.. => tracing::error!(reason, "request failed"),
            _ => tracing::info!(reason, "request refused"),
        }
    }

    fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

/// Keystone's `SecurityError`: the detail, with a note on why it is visible, or the text that says nothing.
fn amended<'a>(detail: &Option<String>, insecure_debug: bool, public: &'a str) -> Cow<'a, str> {
    match detail {
        Some(detail) if insecure_debug => format!("{detail} {AMENDMENT}").into(),
        _ => public.into(),
    }
}

/// An error on its way out of the router: the front renders it, because only the front knows the base URL and
/// whether details may be shown.
#[derive(Clone)]
pub(super) struct Failure(pub(super) Arc<ApiError>);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Failure(Arc::new(self)));
        response
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use http_body_util::BodyExt;

    use super::*;

    async fn body_of(error: ApiError, insecure_debug: bool) -> String {
        let response = error.render(insecure_debug, "http://k/v3");
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_refusal_tells_its_reason_only_in_insecure_debug() {
        assert_eq!(
            body_of(ApiError::unauthorized("wrong password"), false).await,
            "{\"error\":{\"code\":401,\"message\":\"The request you have made requires authentication.\",\
             \"title\":\"Unauthorized\"}}\n"
        );
        assert!(
            body_of(ApiError::unauthorized("wrong password"), true)
                .await
                .contains("wrong password (Disable insecure_debug mode to suppress these details.)")
        );
    }

    #[tokio::test]
    async fn a_refusal_by_policy_names_the_rule_and_never_more() {
        let error = || ApiError::ForbiddenAction { action: "identity:list_projects".to_owned() };
        assert_eq!(body_of(error(), false).await, body_of(error(), true).await);
        assert!(body_of(error(), false).await.contains("requested action: identity:list_projects."));
    }

    #[tokio::test]
    async fn an_internal_failure_hides_its_cause() {
        let error = || ApiError::unexpected("reading project", std::io::Error::other("host db17"));
        let shown = body_of(error(), false).await;
        assert!(!shown.contains("project") && !shown.contains("db17"), "{shown}");
        assert!(error().with_causes().contains("reading project: host db17"));
        assert!(body_of(error(), true).await.contains("your request: reading project. (Disable"));
    }

    #[test]
    fn every_401_carries_the_challenge() {
        let error = ApiError::AuthMethodNotSupported { supported: vec!["password".to_owned()] };
        let response = error.render(false, "https://cloud/identity/v3");
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Keystone uri=\"https://cloud/identity/v3\"");
    }
}
