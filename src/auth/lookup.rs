//! Finding domains, projects and users that a request names, and refusing those that are not there or disabled, all with
//! the same answer (Keystone `auth/core.py` and `auth/plugins/core.py`).

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    error::AuthError,
    request::{DomainReference, ProjectReference, UserReference},
};
use crate::{
    domain::{
        resource::{Domain, Project},
        user::{InactivityLimit, LocalLogin, User},
    },
    store::{
        Store,
        directory::Directory,
        identity::{login, login_by_name},
        resource::{domain_by_name, project_by_name},
    },
};

/// `[resource] project_name_url_safe` and `domain_name_url_safe`, as far as logins go: whether each is `strict`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StrictNames {
    /// No login to a project whose name a URL cannot carry.
    pub projects: bool,
    /// No login to a domain whose name a URL cannot carry.
    pub domains: bool,
}

/// Finds what a scope names.
#[derive(Debug, Clone, Copy)]
pub struct Lookup<'a> {
    /// Where to look.
    pub directory: &'a Directory,
    /// Which names are refused.
    pub strict_names: StrictNames,
    /// When a user counts as disabled for not having logged in.
    pub inactivity: InactivityLimit,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Lookup<'_> {
    fn store(&self) -> &Store {
        self.directory.store()
    }

    /// An enabled domain.
    pub async fn domain(&self, reference: &DomainReference) -> Result<Arc<Domain>, AuthError> {
        if self.strict_names.domains
            && let DomainReference::Name(name) = reference
            && has_url_reserved(name)
        {
            return Err(AuthError::unauthorized("Domain name cannot contain reserved characters."));
        }
        self.domain_of_user(reference).await
    }

    /// An enabled domain beside a user's name, where reserved characters are never looked at.
    async fn domain_of_user(&self, reference: &DomainReference) -> Result<Arc<Domain>, AuthError> {
        let (domain, named) = match reference {
            DomainReference::Name(name) => (self.store().run(domain_by_name(name)).await?.map(Arc::new), name.as_str()),
            DomainReference::Id(Some(id)) => (self.directory.domain(&id.as_str().into()).await?, id.as_str()),
            DomainReference::Id(None) => (None, "None"),
        };
        let domain = domain.ok_or_else(|| AuthError::unauthorized(format!("Could not find domain: {named}.")))?;
        if !domain.is_enabled() {
            return Err(AuthError::Disabled(format!("Domain is disabled: {}", domain.id)));
        }
        Ok(domain)
    }

    /// An enabled project in an enabled domain.
    pub async fn project(&self, reference: &ProjectReference) -> Result<Arc<Project>, AuthError> {
        let not_found = |named: &str| AuthError::unauthorized(format!("Could not find project: {named}."));
        let project = match reference {
            ProjectReference::Name { name, domain } => {
                if self.strict_names.projects && has_url_reserved(name) {
                    return Err(AuthError::unauthorized("Project name cannot contain reserved characters."));
                }
                let domain = domain.as_ref().ok_or_else(|| AuthError::expecting("domain", "project"))?;
                let domain = self.domain(domain).await?;
                let found = self.store().run(project_by_name(name, Some(&domain.id))).await?;
                found.ok_or_else(|| not_found(name))?.into()
            }
            ProjectReference::Id(Some(id)) => {
                let found = self.directory.lineage(&id.as_str().into()).await?.ok_or_else(|| not_found(id))?;
                // A project that acts as a domain is no scope of a project token.
                let domain_id = found.project.domain_id.clone().ok_or_else(|| not_found(id))?;
                self.domain(&DomainReference::Id(Some(domain_id.into_string()))).await?;
                found.project.clone()
            }
            ProjectReference::Id(None) => return Err(not_found("None")),
        };
        if !project.is_enabled() {
            return Err(AuthError::Disabled(format!("Project is disabled: {}", project.id)));
        }
        Ok(project)
    }

    /// An enabled user in an enabled domain, with what a password is verified against, if there is one.
    pub async fn user(&self, reference: &UserReference) -> Result<(User, Option<LocalLogin>), AuthError> {
        let not_found = |named: &str| AuthError::unauthorized(format!("Could not find user: {named}."));
        let (user, login) = match reference {
            UserReference::Name { name, domain } => {
                let domain = domain.as_ref().ok_or_else(|| AuthError::expecting("domain", "user"))?;
                if matches!(domain, DomainReference::Id(id) if id.as_deref().is_none_or(str::is_empty)) {
                    return Err(AuthError::expecting("id or name", "domain"));
                }
                let domain = self.domain_of_user(domain).await?;
                self.store().run(login_by_name(name, &domain.id)).await?.ok_or_else(|| not_found(name))?
            }
            UserReference::Id(id) => {
                let found = self.store().run(login(&id.as_str().into())).await?.ok_or_else(|| not_found(id))?;
                self.domain_of_user(&DomainReference::Id(Some(found.0.domain_id.to_string()))).await?;
                found
            }
        };
        if !user.is_enabled(self.inactivity, self.now.date_naive()) {
            return Err(AuthError::Disabled(format!("User is disabled: {}", user.id)));
        }
        Ok((user, login))
    }
}

/// Whether the name has a character that RFC 3986 reserves (Keystone `common/utils.py`, `is_not_url_safe`).
fn has_url_reserved(name: &str) -> bool {
    name.contains([':', '/', '?', '#', '[', ']', '@', '!', '$', '&', '\'', '(', ')', '*', '+', ',', ';', '='])
}
