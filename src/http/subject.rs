//! The token that a request is about, as opposed to the one it is made with: `X-Subject-Token`.

use std::{borrow::Cow, sync::Arc};

use hyper::header::HeaderName;
use serde_json::{Value, json};

use super::{error::ApiError, inbound::Facts, state::HttpState};
use crate::token::{context::TokenContext, provider::Leniency, valid::ValidToken};

/// The header.
pub(super) const SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");
pub(super) const ACCESS_RULES: HeaderName = HeaderName::from_static("openstack-identity-access-rules");

/// The version of access rules that a client must enforce at least.
const ACCESS_RULES_VERSION: f64 = 1.0;

/// The token's text; an empty header is one too.
pub(super) fn token(inbound: &Facts) -> Option<Cow<'_, str>> {
    inbound.header(&SUBJECT_TOKEN)
}

/// What the token means, with the leniency that the request asks for: `?allow_expired`, and
/// `OpenStack-Identity-Access-Rules` from clients that enforce such rules.
///
/// # Errors
///
/// 404 where it is not good.
pub(super) async fn validated(state: &HttpState, inbound: &Facts, token: &str) -> Result<Arc<ValidToken>, ApiError> {
    let mut leniency = Leniency::default();
    if inbound.query.boolean("allow_expired", false) {
        leniency.expired_for = state.settings.allow_expired_window;
    }
    leniency.access_rules_enforced = inbound
        .header(&ACCESS_RULES)
        .and_then(|version| version.trim().parse::<f64>().ok())
        .is_some_and(|version| version >= ACCESS_RULES_VERSION);
    Ok(state.tokens.validate(token, leniency).await?)
}

/// What rules see of it.
pub(super) fn target(context: &TokenContext) -> Value {
    json!({ "user_id": context.user.id.as_str(), "user": { "domain": { "id": context.user.domain.id.as_str() } } })
}
