//! Method `token`: a token for another scope (Keystone `auth/plugins/token.py`).

use serde_json::{Map, Value};

use super::Proof;
use crate::{
    auth::{error::AuthError, request::ScopeRequest},
    domain::claims::Grant,
    token::{
        context::TokenContext,
        error::{ContextError, Missing, ValidationError},
        provider::TokenProvider,
    },
};

/// Methods by which a user proves himself. Anything else is a delegation, whose token must not be turned into one
/// with another scope; so is a method that nobody has thought about yet.
const PRIMARY_METHODS: [&str; 9] =
    ["external", "kerberos", "mapped", "openid", "password", "saml2", "token", "totp", "x509"];

/// Rules for making tokens from tokens.
#[derive(Debug, Clone, Default)]
pub struct RescopeSettings {
    /// `[token] allow_rescope_scoped_token`.
    pub allow_rescope_scoped_token: bool,
    /// `[auth] additional_primary_auth_methods`.
    pub additional_primary_methods: Vec<String>,
}

/// Proves the identity of whoever holds the token in `block`.
pub async fn authenticate(
    block: &Map<String, Value>,
    scope: Option<&ScopeRequest>,
    tokens: &TokenProvider,
    settings: &RescopeSettings,
) -> Result<Proof, AuthError> {
    let id = block.get("id").and_then(Value::as_str).ok_or_else(|| AuthError::expecting("id", "token"))?;
    let token = match tokens.validate(id, Default::default()).await {
        Err(ValidationError::Context(ContextError::Missing(missing @ Missing::Trust(_)))) => {
            return Err(AuthError::unauthorized(missing.to_string()));
        }
        outcome => outcome?,
    };
    prove(&token, asks_for_project_or_domain(scope), settings)
}

/// Whether the scope that is asked for is one that a token for the system may not be exchanged for.
fn asks_for_project_or_domain(scope: Option<&ScopeRequest>) -> bool {
    matches!(scope, Some(ScopeRequest::Project(_) | ScopeRequest::Domain(_)))
}

/// Proves the identity of whoever holds `token`, which is good, for a token with another scope.
pub fn prove(token: &TokenContext, to_project_or_domain: bool, settings: &RescopeSettings) -> Result<Proof, AuthError> {
    check_rescope(token, to_project_or_domain, settings)?;
    let claims = &token.claims;
    let audit_chain_id = Some(claims.audit.chain().to_owned());
    let methods =
        std::iter::once("token").chain(claims.methods.iter().map(String::as_str)).map(str::to_owned).collect();
    Ok(Proof {
        user_id: token.user.id.clone(),
        user: None,
        methods,
        expires_at: Some(claims.expires_at),
        audit_chain_id,
    })
}

/// Which tokens may become which.
fn check_rescope(
    token: &TokenContext,
    to_project_or_domain: bool,
    settings: &RescopeSettings,
) -> Result<(), AuthError> {
    let forbidden = |action: &str| Err(AuthError::Forbidden { action: action.to_owned() });
    match &token.claims.grant {
        Grant::FederatedUnscoped(_) | Grant::FederatedProject(..) | Grant::FederatedDomain(..) => {
            return Err(AuthError::unauthorized("federated tokens cannot be rescoped here"));
        }
        Grant::OAuth1 { .. } => {
            return forbidden(
                "Using OAuth-scoped token to create another token. Create a new OAuth-scoped token instead",
            );
        }
        Grant::Trust { .. } => {
            return forbidden(
                "Using trust-scoped token to create another token. Create a new trust-scoped token instead",
            );
        }
        Grant::System(_) if to_project_or_domain => {
            return forbidden(
                "Using a system-scoped token to create a project-scoped or domain-scoped token is not allowed.",
            );
        }
        _ => {}
    }
    if is_delegated(&token.claims.methods, settings) {
        return forbidden("Using a delegated token to create another token is not allowed.");
    }
    if !settings.allow_rescope_scoped_token && !token.is_unscoped() {
        return forbidden("rescope a scoped token");
    }
    Ok(())
}

/// A token without methods counts as delegated: its methods were lost on the way through the bitmask.
fn is_delegated(methods: &[String], settings: &RescopeSettings) -> bool {
    let is_primary = |method: &String| {
        method != "ec2credential"
            && (PRIMARY_METHODS.contains(&method.as_str()) || settings.additional_primary_methods.contains(method))
    };
    methods.is_empty() || !methods.iter().all(is_primary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_methods_known_to_be_primary_are_not_delegations() {
        let settings = RescopeSettings { additional_primary_methods: vec!["badge".to_owned()], ..Default::default() };
        let delegated = |methods: &[&str]| {
            is_delegated(&methods.iter().map(|method| (*method).to_owned()).collect::<Vec<_>>(), &settings)
        };
        assert!(!delegated(&["token", "password"]));
        assert!(!delegated(&["badge"]));
        assert!(delegated(&[]));
        assert!(delegated(&["password", "application_credential"]));
        assert!(delegated(&["something_new"]));
        assert!(delegated(&["ec2credential"]));
    }
}
