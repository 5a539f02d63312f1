//! What a token says of itself: everything that travels inside the Fernet payload, and nothing that is looked up.

use chrono::{DateTime, Utc};

use super::ids::{AccessTokenId, ApplicationCredentialId, DomainId, GroupId, ProjectId, TrustId, UserId};

/// The facts carried by one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Whom the token speaks for. Keystone can read back a token without one; it then fails to validate.
    pub user_id: Option<UserId>,
    /// Names of the authentication methods used, in the order in which the payload's bitmask reads back.
    pub methods: Vec<String>,
    /// The token's own audit id and, after a rescope, that of the first token of the chain.
    pub audit: AuditIds,
    /// The Fernet timestamp: whole seconds.
    pub issued_at: DateTime<Utc>,
    /// Whole seconds.
    pub expires_at: DateTime<Utc>,
    /// What the token gives access to, and by which way it was obtained. One variant a payload class.
    pub grant: Grant,
}

/// A token's own audit id and the first one of its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditIds {
    /// This token's.
    pub own: String,
    /// The first token's of the chain, `None` for a token that was not made from another.
    pub parent: Option<String>,
}

impl AuditIds {
    /// What a token made from this one carries as its parent: the head of the chain (`audit_chain_id`).
    pub fn chain(&self) -> &str {
        self.parent.as_deref().unwrap_or(&self.own)
    }

    /// Both, in the order in which bodies list them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.own.as_str()).chain(self.parent.as_deref())
    }
}

/// Scope and provenance of a token: one variant for each payload class of Keystone 30.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// Payload 0.
    Unscoped,
    /// Payload 1.
    Domain(DomainId),
    /// Payload 2.
    Project(ProjectId),
    /// Payload 3.
    Trust {
        /// Absent only for a trust without a project.
        project_id: Option<ProjectId>,
        /// The trust by which the token was obtained.
        trust_id: TrustId,
    },
    /// Payload 4.
    FederatedUnscoped(Federation),
    /// Payload 5.
    FederatedProject(ProjectId, Federation),
    /// Payload 6.
    FederatedDomain(DomainId, Federation),
    /// Payload 7.
    OAuth1 {
        /// The project of the access token; Keystone reads back a token without one.
        project_id: Option<ProjectId>,
        /// The OAuth1 access token by which the token was obtained.
        access_token_id: AccessTokenId,
    },
    /// Payload 8; the text is `all` in every token Keystone mints.
    System(String),
    /// Payload 9.
    ApplicationCredential {
        /// The project of the application credential.
        project_id: Option<ProjectId>,
        /// The application credential by which the token was obtained.
        application_credential_id: ApplicationCredentialId,
    },
    /// Payload 10.
    OAuth2Mtls {
        /// Scope, if it is a project.
        project_id: Option<ProjectId>,
        /// Scope, if it is a domain.
        domain_id: Option<DomainId>,
        /// `x5t#S256` of the client certificate.
        thumbprint: String,
    },
}

/// How a federated user came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Federation {
    /// The groups that the mapping gave.
    pub group_ids: Vec<GroupId>,
    /// The identity provider.
    pub identity_provider_id: Option<String>,
    /// The protocol.
    pub protocol_id: Option<String>,
}

impl Grant {
    /// The project that the token is scoped to, whatever way it was obtained (`token.project_id` in Keystone).
    pub fn project_id(&self) -> Option<&ProjectId> {
        match self {
            Self::Project(id) | Self::FederatedProject(id, _) => Some(id),
            Self::Trust { project_id, .. }
            | Self::OAuth1 { project_id, .. }
            | Self::ApplicationCredential { project_id, .. }
            | Self::OAuth2Mtls { project_id, .. } => project_id.as_ref(),
            Self::Unscoped
            | Self::Domain(_)
            | Self::FederatedUnscoped(_)
            | Self::FederatedDomain(..)
            | Self::System(_) => None,
        }
    }

    /// The domain that the token is scoped to.
    pub fn domain_id(&self) -> Option<&DomainId> {
        match self {
            Self::Domain(id) | Self::FederatedDomain(id, _) => Some(id),
            Self::OAuth2Mtls { domain_id, .. } => domain_id.as_ref(),
            _ => None,
        }
    }

    /// How the user came in, for a federated token.
    pub fn federation(&self) -> Option<&Federation> {
        match self {
            Self::FederatedUnscoped(federation)
            | Self::FederatedProject(_, federation)
            | Self::FederatedDomain(_, federation) => Some(federation),
            _ => None,
        }
    }

    /// The trust, for a trust-scoped token.
    pub fn trust_id(&self) -> Option<&TrustId> {
        match self {
            Self::Trust { trust_id, .. } => Some(trust_id),
            _ => None,
        }
    }

    /// Whether the token is for the system.
    pub fn is_system(&self) -> bool {
        matches!(self, Self::System(_))
    }
}
