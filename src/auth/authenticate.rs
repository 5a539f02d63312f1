//! `POST /v3/auth/tokens`, from the parsed request to a minted token (Keystone `api/_shared/authentication.py`).

use std::sync::Arc;

use serde_json::Value;

use super::{
    error::AuthError,
    lookup::{Lookup, StrictNames},
    methods::{self, Proof, password::PasswordMethod, token::RescopeSettings},
    mfa,
    request::{AuthRequest, ScopeRequest},
    scope,
};
use crate::{
    assignment::resolver::RoleResolver,
    domain::{claims::Grant, clock::SharedClock, user::InactivityLimit},
    store::directory::Directory,
    token::provider::{IssueRequest, IssuedToken, TokenProvider},
};

/// Options of logins.
#[derive(Debug, Clone)]
pub struct AuthSettings {
    /// `[auth] methods`: their order is the order of the bits in tokens.
    pub methods: Vec<String>,
    /// Which names are refused.
    pub strict_names: StrictNames,
    /// When a user counts as disabled for not having logged in.
    pub inactivity: InactivityLimit,
    /// Rules for making tokens from tokens.
    pub rescope: RescopeSettings,
}

/// Turns auth requests into tokens.
#[derive(Clone)]
pub struct Authenticator {
    directory: Directory,
    roles: RoleResolver,
    tokens: TokenProvider,
    password: PasswordMethod,
    clock: SharedClock,
    settings: Arc<AuthSettings>,
}

impl Authenticator {
    /// Puts the parts together.
    pub fn new(
        directory: Directory,
        roles: RoleResolver,
        tokens: TokenProvider,
        password: PasswordMethod,
        clock: SharedClock,
        settings: AuthSettings,
    ) -> Self {
        Self { directory, roles, tokens, password, clock, settings: Arc::new(settings) }
    }

    /// Authenticates the caller and mints a token. `auth` is the request's `auth` member, checked against the schema.
    ///
    /// # Errors
    ///
    /// In Keystone's order: malformed requests, unknown or disabled scopes, then what the methods refuse, then
    /// multi-factor rules, then a scope on which the user has no role.
    pub async fn authenticate(&self, auth: &Value) -> Result<IssuedToken, AuthError> {
        let request = AuthRequest::parse(auth, &self.settings.methods)?;
        let now = self.clock.now();
        let lookup = Lookup {
            directory: &self.directory,
            strict_names: self.settings.strict_names,
            inactivity: self.settings.inactivity,
            now,
        };
        let grant = scope::requested(request.scope.as_ref(), lookup).await?;
        let proof = self.prove(&request, lookup).await?;
        let user = match &proof.user {
            Some(user) => Arc::clone(user),
            None => self
                .directory
                .user(&proof.user_id)
                .await?
                .ok_or_else(|| AuthError::unauthorized(format!("Could not find user: {}.", proof.user_id)))?,
        };
        let grant = match grant {
            Some(grant) => grant,
            None => scope::default_for(&user, &self.directory, &self.roles, now).await?,
        };
        if !mfa::satisfied(&user.options, &proof.methods, &self.settings.methods) {
            return Err(AuthError::InsufficientMethods { user_id: user.id.clone(), methods: proof.methods });
        }
        Ok(self.tokens.issue(to_issue(proof, grant)).await?)
    }

    /// A token for a project by a token, as [`Authenticator::authenticate`] makes it, where it is known without asking anybody
    /// that there is nothing against it. `None`: ask that.
    pub fn rescope_known(&self, token: &str, project_id: &str) -> Option<IssuedToken> {
        if !self.settings.methods.iter().any(|method| method == "token") {
            return None;
        }
        let token = self.tokens.known(token)?;
        let to_project_or_domain = true;
        let proof = methods::token::prove(&token, to_project_or_domain, &self.settings.rescope).ok()?;
        if !mfa::satisfied(&token.user.options, &proof.methods, &self.settings.methods) {
            return None;
        }
        // Where the user's access to the project is known, both are enabled, and so are their domains.
        self.tokens.issue_known(to_issue(proof, Grant::Project(project_id.into())))
    }

    /// Lets every method prove an identity, and sees to it that they prove the same one.
    async fn prove(&self, request: &AuthRequest, lookup: Lookup<'_>) -> Result<Proof, AuthError> {
        let mut proven: Option<Proof> = None;
        for method in &request.methods {
            let proof = match method.name.as_str() {
                "password" => self.password.authenticate(&method.block, lookup).await?,
                "token" => self.token(method, request.scope.as_ref()).await?,
                // No web server in front of us vouches for anybody.
                "external" => return Err(AuthError::unauthorized("nobody has authenticated the user externally")),
                _ => return Err(AuthError::MethodNotSupported { supported: self.settings.methods.clone() }),
            };
            proven = Some(match proven {
                None => proof,
                Some(earlier) => combine(earlier, proof)?,
            });
        }
        proven.ok_or_else(|| AuthError::unauthorized("User not found by auth plugin; authentication failed"))
    }

    async fn token(
        &self,
        method: &super::request::MethodRequest,
        scope: Option<&ScopeRequest>,
    ) -> Result<Proof, AuthError> {
        methods::token::authenticate(&method.block, scope, &self.tokens, &self.settings.rescope).await
    }
}

fn to_issue(proof: Proof, grant: Grant) -> IssueRequest {
    IssueRequest {
        user_id: proof.user_id,
        methods: proof.methods,
        grant,
        expires_at: proof.expires_at,
        parent_audit_id: proof.audit_chain_id,
    }
}

/// One login by two methods: the user must be the same, the earlier expiry counts, and every method is named once.
fn combine(earlier: Proof, later: Proof) -> Result<Proof, AuthError> {
    if earlier.user_id != later.user_id {
        return Err(AuthError::unauthorized(format!(
            "Unable to reconcile identity attribute user_id as it has conflicting values {} and {}",
            later.user_id, earlier.user_id
        )));
    }
    let mut methods = later.methods;
    methods.extend(earlier.methods);
    let expires_at = match (earlier.expires_at, later.expires_at) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    Ok(Proof {
        user_id: earlier.user_id,
        user: later.user.or(earlier.user),
        methods,
        expires_at,
        audit_chain_id: later.audit_chain_id.or(earlier.audit_chain_id),
    })
}
