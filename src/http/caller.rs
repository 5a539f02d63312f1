//! Who is asking, and whether they may.
//!
//! Keystone finds this out before it routes a request (`AuthContextMiddleware`): a token that is not good leaves the
//! request anonymous, and only an endpoint that wants to know who asks answers 401. A token that is good but means
//! something impossible today (its project is disabled, its user gone) is refused on any URL.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use futures_util::future::BoxFuture;
use hyper::{Method, header::HeaderName, http::request::Parts};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::{
    access_rules,
    error::ApiError,
    inbound::{Facts, Inbound},
    state::HttpState,
    subject,
};
use crate::{
    domain::ids::UserId,
    policy::{Credentials, Enforcer, StandingYes, target},
    token::{context::TokenContext, error::ValidationError, provider::Leniency, valid::ValidToken},
};

pub(super) const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
pub(super) const STORAGE_TOKEN: HeaderName = HeaderName::from_static("x-storage-token");
pub(super) const SERVICE_TOKEN: HeaderName = HeaderName::from_static("x-service-token");

/// Who sent a request.
#[derive(Debug, Clone, Default)]
pub enum Asker {
    /// No token, or none that is good.
    #[default]
    Nobody,
    /// `[DEFAULT] admin_token`: passes every rule, and is nobody in particular.
    AdminToken,
    /// The holder of a token.
    Token(Arc<Holder>),
}

/// A token that came with a request as the caller's own.
#[derive(Debug)]
pub struct Holder {
    /// The token.
    pub token: Arc<ValidToken>,
    known: Arc<KnownCaller>,
}

/// What was made of a caller's token, and is kept with it.
#[derive(Debug)]
pub(super) struct KnownCaller {
    /// What rules see of it.
    credentials: Credentials,
    /// That the caller may validate anybody's token.
    validates: StandingYes,
}

impl KnownCaller {
    /// Whether the rules in force are known to let the caller validate anybody's token.
    pub(super) fn may_validate_any(&self, enforcer: &Enforcer) -> bool {
        enforcer.allows_any("identity:validate_token", &self.credentials, &self.validates)
    }
}

impl Asker {
    /// The user as whom the token acts, if it is a user's.
    pub fn user_id(&self) -> Option<&UserId> {
        match self {
            Self::Token(holder) => Some(&holder.token.acting_user().id),
            Self::Nobody | Self::AdminToken => None,
        }
    }
}

/// Finds out who sent a request. `facts` lacks only its asker and its body.
pub(super) async fn identify(state: &HttpState, facts: &Facts, method: &Method) -> Result<Asker, ApiError> {
    let own = facts.header(&AUTH_TOKEN);
    if let (Some(expected), Some(token)) = (&state.settings.admin_token, &own)
        && !expected.expose().is_empty()
        && bool::from(expected.expose().as_bytes().ct_eq(token.as_bytes()))
    {
        return Ok(Asker::AdminToken);
    }
    // Like the middleware's: a service token that is not good says nothing, and neither does a good one by itself.
    let from_service = match facts.header(&SERVICE_TOKEN).filter(|token| !token.is_empty()) {
        Some(token) => validated(state, &token).await?.is_some(),
        None => false,
    };
    let Some(token) = own.or_else(|| facts.header(&STORAGE_TOKEN)).filter(|token| !token.is_empty()) else {
        return Ok(Asker::Nobody);
    };
    let Some(token) = validated(state, &token).await? else { return Ok(Asker::Nobody) };

    if let Some(credential) = token.application_credential()
        && !credential.access_rules.is_empty()
        && !from_service
    {
        let path = format!("{}{}", facts.site.prefix, facts.path);
        let catalog = state.bodies.catalog(&token.user.id, token.project_id()).await?;
        let is_in_catalog = catalog.iter().any(|service| service.service_type.as_deref() == Some("identity"));
        if !access_rules::allow(&credential.access_rules, is_in_catalog, method, &path) {
            return Err(ApiError::unauthorized("Not authorized."));
        }
    }
    if token.claims.methods.iter().any(|method| method == "ec2credential") {
        return Err(ApiError::forbidden("EC2 credential tokens cannot be used for authorization."));
    }
    let known = token.derived(|| known(state, &token)).await?;
    Ok(Asker::Token(Arc::new(Holder { token, known })))
}

async fn known(state: &HttpState, token: &ValidToken) -> Result<KnownCaller, ApiError> {
    let rendered = state.bodies.with_body(token, |body| serde_json::to_value(&body.token)).await?;
    let rendered = rendered.map_err(|error| ApiError::unexpected("rendering the caller's token", error))?;
    Ok(KnownCaller { credentials: Credentials::of_token(Arc::new(rendered)), validates: StandingYes::default() })
}

/// What a caller's own token means; `None` where Keystone's middleware shrugs.
async fn validated(state: &HttpState, token: &str) -> Result<Option<Arc<ValidToken>>, ApiError> {
    let leniency = Leniency { access_rules_enforced: true, ..Leniency::default() };
    match state.tokens.validate(token.trim(), leniency).await {
        Ok(token) => Ok(Some(token)),
        Err(
            ValidationError::NoToken
            | ValidationError::Unrecognized
            | ValidationError::UnknownPayloadVersion(_)
            | ValidationError::NotValid
            | ValidationError::NoLongerValid { .. },
        ) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Somebody who may ask for things that are not public. A handler that takes this answers 401 to everybody else, before
/// it has looked at anything.
#[derive(Debug, Clone)]
pub struct Caller {
    inbound: Inbound,
}

impl Caller {
    pub(super) fn of(inbound: &Inbound) -> Result<Self, ApiError> {
        match inbound.asker {
            Asker::Nobody => Err(ApiError::unauthorized("auth_context did not decode anything useful")),
            Asker::AdminToken | Asker::Token(_) => Ok(Self { inbound: inbound.clone() }),
        }
    }

    /// What the caller's token means; `None` for the admin token.
    pub fn context(&self) -> Option<&TokenContext> {
        match &self.inbound.asker {
            Asker::Token(holder) => Some(holder.token.context()),
            Asker::Nobody | Asker::AdminToken => None,
        }
    }

    /// The user; `None` for the admin token.
    pub fn user_id(&self) -> Option<&UserId> {
        self.inbound.asker.user_id()
    }

    /// Whether the caller passes every rule (the admin token). For such a caller Keystone does not even look up what the
    /// rules could refer to, so that nothing is missed there (`RBACEnforcer.enforce_call`).
    pub fn is_above_policy(&self) -> bool {
        matches!(self.inbound.asker, Asker::AdminToken)
    }

    /// Begins the question whether the caller may do `action` (`identity:list_projects`).
    pub fn may(&self, action: &'static str) -> Question<'_> {
        Question { caller: self, action, path: Map::new(), filters: &[], about: Map::new() }
    }

    fn enforce(&self, state: &HttpState, action: &str, target: Map<String, Value>) -> Result<(), ApiError> {
        match &self.inbound.asker {
            Asker::AdminToken => {
                tracing::warn!(action, "the admin token bypasses the policy");
                Ok(())
            }
            Asker::Token(holder) => {
                Ok(state.enforcer.enforce(action, &holder.known.credentials, &target::flatten(target))?)
            }
            Asker::Nobody => Err(ApiError::Unauthorized { detail: None }),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Inbound::from_request_parts(parts, state).await?.caller()
    }
}

/// May this caller do that? What rules can refer to is gathered as `RBACEnforcer.enforce_call` does: parameters of the
/// path, the target, the request body, and query parameters that are filters.
#[derive(Debug)]
#[must_use = "a question that is not put to the policy refuses nobody"]
pub struct Question<'a> {
    caller: &'a Caller,
    action: &'static str,
    path: Map<String, Value>,
    filters: &'static [&'static str],
    about: Map<String, Value>,
}

impl Question<'_> {
    /// A parameter of the path, by Keystone's name.
    pub fn path(mut self, name: &str, value: &str) -> Self {
        self.path.insert(name.to_owned(), value.into());
        self
    }

    /// The query parameters that rules may refer to.
    pub fn filters(mut self, filters: &'static [&'static str]) -> Self {
        self.filters = filters;
        self
    }

    /// What [`Question::in_general`] tells of beside a subject token: the thing that Keystone looks up by itself, by the
    /// parameter in the path, before it asks the policy. That there is none is a 404 before any 403.
    pub fn about(mut self, name: &str, thing: Map<String, Value>) -> Self {
        self.about.insert(name.to_owned(), thing.into());
        self
    }

    /// Puts the question without a target of its own. Whatever the URL, an `X-Subject-Token` is the target then; it is
    /// validated first, and handed back.
    ///
    /// # Errors
    ///
    /// 404 for a subject token that is not good, 403 where the policy says no.
    pub fn in_general<'f>(mut self, state: &'f HttpState) -> BoxFuture<'f, Result<Option<Arc<ValidToken>>, ApiError>>
    where
        Self: 'f,
    {
        // Dozens of endpoints ask: what validates a token is compiled once for all of them.
        Box::pin(async move {
            if self.caller.is_above_policy() {
                self.put(state, None)?;
                return Ok(None);
            }
            let subject = match subject::token(&self.caller.inbound) {
                Some(token) => Some(subject::validated(state, &self.caller.inbound, &token).await?),
                None => None,
            };
            let mut target = std::mem::take(&mut self.about);
            if let Some(context) = &subject {
                target.insert("token".to_owned(), subject::target(context));
            }
            self.put(state, Some(target).filter(|target| !target.is_empty()))?;
            Ok(subject)
        })
    }

    /// Puts the question for a target: `("project", ...)`, or nothing where the thing does not exist, so that those who
    /// may not see it do not learn that.
    ///
    /// # Errors
    ///
    /// 403 where the policy says no.
    pub fn on(self, state: &HttpState, name: &str, thing: Option<Map<String, Value>>) -> Result<(), ApiError> {
        let target = thing.map(|thing| (name.to_owned(), Value::Object(thing))).into_iter().collect();
        self.put(state, Some(target))
    }

    /// Puts the question for a target that is not one thing.
    ///
    /// # Errors
    ///
    /// 403 where the policy says no.
    pub fn on_target(self, state: &HttpState, target: Map<String, Value>) -> Result<(), ApiError> {
        self.put(state, Some(target))
    }

    fn put(self, state: &HttpState, target: Option<Map<String, Value>>) -> Result<(), ApiError> {
        let inbound = &self.caller.inbound;
        let mut all = self.path;
        if let Some(target) = target {
            all.insert("target".to_owned(), target.into());
        }
        if let Some(body) = inbound.body.as_ref().filter(|body| !body.is_empty()) {
            all.insert("request_body".to_owned(), body.clone().into());
        }
        let filters: Map<String, Value> = self
            .filters
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), inbound.query.get(name)?.into())))
            .collect();
        if !filters.is_empty() {
            all.insert("filter_attr".to_owned(), filters.into());
        }
        self.caller.enforce(state, self.action, all)
    }
}
