//! What a payload says, before it is known to be a token: the attributes of Keystone's formatter, types and all.

use chrono::{DateTime, Utc};

use super::{error::ClaimsError, msgpack::Value, payload::PayloadClass, selection};
use crate::domain::{
    claims::{AuditIds, Claims, Federation, Grant},
    ids::{DomainId, GroupId, ProjectId, TrustId, UserId},
};

/// The attributes that a payload is made of and is read into (`TokenFormatter.create_token`, `.validate_token`).
///
/// [`Claims`] is what the rest of the program uses. This type also holds what Keystone reads without complaint and no
/// token should say: ids that are numbers, no audit ids, more than two of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Fields {
    /// Id of the user.
    pub user_id: Value,
    /// Names of the authentication methods.
    pub methods: Vec<String>,
    /// The token's own audit id and that of the chain, as base64.
    pub audit_ids: Vec<String>,
    /// `all` for a token for the system.
    pub system: Value,
    /// Id of the domain, if that is the scope.
    pub domain_id: Value,
    /// Id of the project, if that is the scope.
    pub project_id: Value,
    /// Id of the trust.
    pub trust_id: Value,
    /// Ids of the groups that a mapping gave; `None` unless the token is federated.
    pub federated_group_ids: Option<Vec<Value>>,
    /// Id of the identity provider of a federated token.
    pub identity_provider_id: Value,
    /// Id of the protocol of a federated token.
    pub protocol_id: Value,
    /// Id of the OAuth1 access token.
    pub access_token_id: Value,
    /// Id of the application credential.
    pub app_cred_id: Value,
    /// Thumbprint of the OAuth2 client certificate.
    pub thumbprint: Value,
    /// When the token expires. Payloads hold microseconds; Keystone mints, and always reads, whole seconds.
    pub expires_at: DateTime<Utc>,
}

impl Fields {
    /// Fields with nothing but an expiry.
    pub fn expiring_at(expires_at: DateTime<Utc>) -> Self {
        Self {
            user_id: Value::Nil,
            methods: Vec::new(),
            audit_ids: Vec::new(),
            system: Value::Nil,
            domain_id: Value::Nil,
            project_id: Value::Nil,
            trust_id: Value::Nil,
            federated_group_ids: None,
            identity_provider_id: Value::Nil,
            protocol_id: Value::Nil,
            access_token_id: Value::Nil,
            app_cred_id: Value::Nil,
            thumbprint: Value::Nil,
            expires_at,
        }
    }

    /// The token that these fields make, issued at `issued_at`.
    ///
    /// # Errors
    /// [`ClaimsError`] where Keystone's token manager fails, or would look up an id that is not text.
    pub fn into_claims(mut self, issued_at: DateTime<Utc>) -> Result<Claims, ClaimsError> {
        // As Keystone's manager takes them off the end of the list (`_validate_token`).
        let last = self.audit_ids.pop().ok_or(ClaimsError::NoAuditId)?;
        let audit = match self.audit_ids.pop() {
            Some(own) => AuditIds { own, parent: Some(last) },
            None => AuditIds { own: last, parent: None },
        };
        let user_id = text_of(std::mem::take(&mut self.user_id), "user id")?.map(UserId::from);
        let methods = std::mem::take(&mut self.methods);
        let expires_at = self.expires_at;
        Ok(Claims { user_id, methods, audit, issued_at, expires_at, grant: self.into_grant()? })
    }

    /// Scope and provenance: of the class that Keystone would choose for a token with these attributes, which need not be
    /// the class that they were read from. An application credential that is absent, say, leaves a project token.
    fn into_grant(self) -> Result<Grant, ClaimsError> {
        let class = selection::class_for(&self).ok_or(ClaimsError::NoGrant)?;
        let project_id = text_of(self.project_id, "project id")?.map(ProjectId::from);
        let domain_id = text_of(self.domain_id, "domain id")?.map(DomainId::from);
        let federation = match self.federated_group_ids {
            None => None,
            Some(groups) => Some(Federation {
                group_ids: groups.into_iter().map(group_id).collect::<Result<_, _>>()?,
                identity_provider_id: text_of(self.identity_provider_id, "identity provider id")?,
                protocol_id: text_of(self.protocol_id, "protocol id")?,
            }),
        };
        let trust_id = text_of(self.trust_id, "trust id")?.map(TrustId::from);
        let access_token_id = text_of(self.access_token_id, "access token id")?.map(Into::into);
        let app_cred_id = text_of(self.app_cred_id, "application credential id")?.map(Into::into);
        let thumbprint = text_of(self.thumbprint, "thumbprint")?;
        let system = text_of(self.system, "system")?;
        // The class was chosen because these are present.
        let grant = match class {
            PayloadClass::Unscoped => Some(Grant::Unscoped),
            PayloadClass::Domain => domain_id.map(Grant::Domain),
            PayloadClass::Project => project_id.map(Grant::Project),
            PayloadClass::Trust => trust_id.map(|trust_id| Grant::Trust { project_id, trust_id }),
            PayloadClass::FederatedUnscoped => federation.map(Grant::FederatedUnscoped),
            PayloadClass::FederatedProject => {
                project_id.zip(federation).map(|(id, federation)| Grant::FederatedProject(id, federation))
            }
            PayloadClass::FederatedDomain => {
                domain_id.zip(federation).map(|(id, federation)| Grant::FederatedDomain(id, federation))
            }
            PayloadClass::OAuth1 => {
                access_token_id.map(|access_token_id| Grant::OAuth1 { project_id, access_token_id })
            }
            PayloadClass::System => system.map(Grant::System),
            PayloadClass::ApplicationCredential => app_cred_id.map(|application_credential_id| {
                Grant::ApplicationCredential { project_id, application_credential_id }
            }),
            PayloadClass::OAuth2Mtls => {
                thumbprint.map(|thumbprint| Grant::OAuth2Mtls { project_id, domain_id, thumbprint })
            }
        };
        grant.ok_or(ClaimsError::NoGrant)
    }
}

impl From<&Claims> for Fields {
    fn from(claims: &Claims) -> Self {
        let mut fields = Self::expiring_at(claims.expires_at);
        fields.user_id = claims.user_id.as_ref().map(UserId::as_str).into();
        fields.methods.clone_from(&claims.methods);
        // An empty parent is no parent to Keystone (`TokenModel.audit_ids`).
        let parent = claims.audit.parent.as_ref().filter(|parent| !parent.is_empty());
        fields.audit_ids = std::iter::once(&claims.audit.own).chain(parent).cloned().collect();
        fields.project_id = claims.grant.project_id().map(ProjectId::as_str).into();
        fields.domain_id = claims.grant.domain_id().map(DomainId::as_str).into();
        match &claims.grant {
            Grant::Unscoped | Grant::Domain(_) | Grant::Project(_) => {}
            Grant::Trust { trust_id, .. } => fields.trust_id = trust_id.as_str().into(),
            Grant::FederatedUnscoped(federation)
            | Grant::FederatedProject(_, federation)
            | Grant::FederatedDomain(_, federation) => {
                let groups = federation.group_ids.iter().map(|id| Value::from(id.as_str()));
                fields.federated_group_ids = Some(groups.collect());
                fields.identity_provider_id = federation.identity_provider_id.as_deref().into();
                fields.protocol_id = federation.protocol_id.as_deref().into();
            }
            Grant::OAuth1 { access_token_id, .. } => fields.access_token_id = access_token_id.as_str().into(),
            Grant::System(system) => fields.system = system.as_str().into(),
            Grant::ApplicationCredential { application_credential_id, .. } => {
                fields.app_cred_id = application_credential_id.as_str().into();
            }
            Grant::OAuth2Mtls { thumbprint, .. } => fields.thumbprint = thumbprint.as_str().into(),
        }
        fields
    }
}

/// `value` as an id, which is text or absent; `name` is for the refusal of all else.
pub(super) fn text_of(value: Value, name: &'static str) -> Result<Option<String>, ClaimsError> {
    match value {
        Value::Nil => Ok(None),
        Value::Text(text) => Ok(Some(text)),
        _ => Err(ClaimsError::NotText(name)),
    }
}

fn group_id(value: Value) -> Result<GroupId, ClaimsError> {
    text_of(value, "group id")?.map(GroupId::from).ok_or(ClaimsError::NotText("group id"))
}
