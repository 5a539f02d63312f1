//! What a token means today: its claims, joined with the user, the scope and the roles as the database has them now.
//! Nothing here is ever taken from the token if the database knows it.

use std::{ops::Deref, sync::Arc};

use chrono::{DateTime, Utc};

use super::access_text::KnownText;
use crate::domain::{
    claims::Claims,
    delegation::{ApplicationCredential, OAuth1AccessToken, Trust},
    ids::{DomainId, ProjectId, UserId},
    resource::{Domain, Project},
    role::Role,
    user::UserOptions,
};

/// A token that has been understood.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenContext {
    /// What the token itself says.
    pub claims: Claims,
    /// What it gives access to: the same for all tokens of a user for one scope.
    pub access: Arc<Access>,
}

/// What somebody may do today, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// Whom the token speaks for.
    pub user: TokenUser,
    /// Where it is good.
    pub scope: ScopeTarget,
    /// The effective roles there. Empty for an unscoped token only.
    pub roles: Arc<[Role]>,
    /// By what the user came to it, other than by logging in himself. Large, and rare.
    pub delegation: Option<Box<Delegation>>,
    /// What its tokens' bodies have in common.
    pub text: KnownText,
}

impl Deref for TokenContext {
    type Target = Access;

    fn deref(&self) -> &Access {
        &self.access
    }
}

/// What a token shows of a user.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenUser {
    /// Id.
    pub id: UserId,
    /// `None` for a federated user without a display name.
    pub name: Option<String>,
    /// The user's domain.
    pub domain: Arc<Domain>,
    /// When the password expires, if it does.
    pub password_expires_at: Option<DateTime<Utc>>,
    /// What the account's logins have to satisfy, and other options of it.
    pub options: UserOptions,
    /// Whether the account is enabled. A disabled user's token is refused, after the revocation events were looked at.
    pub enabled: bool,
}

/// The target of a token's scope, looked up.
#[derive(Debug, Clone, PartialEq)]
pub enum ScopeTarget {
    /// No target: no roles, no catalog.
    Unscoped,
    /// A project and the domain it is in. A project that acts as a domain is never the target of a token.
    Project {
        /// The project.
        project: Arc<Project>,
        /// Its domain.
        domain: Arc<Domain>,
    },
    /// A domain.
    Domain(Arc<Domain>),
    /// The deployment as a whole.
    System,
}

/// The delegation a token was made from, looked up.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one for each token, and the large variant is the usual one")]
pub enum Delegation {
    /// A trust and its two parties.
    Trust {
        /// The trust.
        trust: Trust,
        /// Who delegates.
        trustor: TokenUser,
        /// Who acts.
        trustee: TokenUser,
    },
    /// An OAuth1 access token.
    OAuth1(OAuth1AccessToken),
    /// An application credential.
    ApplicationCredential(ApplicationCredential),
}

impl Access {
    /// The id of the project the token is scoped to.
    pub fn project_id(&self) -> Option<&ProjectId> {
        match &self.scope {
            ScopeTarget::Project { project, .. } => Some(&project.id),
            _ => None,
        }
    }

    /// The id of the domain the token is scoped to.
    pub fn domain_id(&self) -> Option<&DomainId> {
        match &self.scope {
            ScopeTarget::Domain(domain) => Some(&domain.id),
            _ => None,
        }
    }

    /// Whether the token has neither a scope nor a trust.
    pub fn is_unscoped(&self) -> bool {
        matches!(self.scope, ScopeTarget::Unscoped) && self.trust().is_none()
    }

    /// The trust, for a token made from one.
    pub fn trust(&self) -> Option<(&Trust, &TokenUser, &TokenUser)> {
        match self.delegation.as_deref() {
            Some(Delegation::Trust { trust, trustor, trustee }) => Some((trust, trustor, trustee)),
            _ => None,
        }
    }

    /// The OAuth1 access token, for a token made from one.
    pub fn oauth1(&self) -> Option<&OAuth1AccessToken> {
        match self.delegation.as_deref() {
            Some(Delegation::OAuth1(access_token)) => Some(access_token),
            _ => None,
        }
    }

    /// The application credential, for a token made from one.
    pub fn application_credential(&self) -> Option<&ApplicationCredential> {
        match self.delegation.as_deref() {
            Some(Delegation::ApplicationCredential(credential)) => Some(credential),
            _ => None,
        }
    }

    /// Whom others take the holder for: under a trust that impersonates, the trustor.
    pub fn acting_user(&self) -> &TokenUser {
        match self.trust() {
            Some((trust, trustor, _)) if trust.impersonation => trustor,
            _ => &self.user,
        }
    }

    /// The user whose id fills `$(user_id)s` in the catalog: for a trust, the trustor.
    pub fn catalog_user_id(&self) -> &UserId {
        self.trust().map_or(&self.user.id, |(trust, _, _)| &trust.trustor_user_id)
    }
}
