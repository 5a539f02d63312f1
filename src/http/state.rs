//! What handlers work with.

use std::{ops::Deref, sync::Arc};

use super::settings::HttpSettings;
use crate::{
    assignment::resolver::RoleResolver,
    auth::{authenticate::Authenticator, new_password::NewPasswords, password_change::PasswordChanges},
    domain::{clock::SharedClock, random::SharedRandom},
    policy::Enforcer,
    store::Store,
    token::{body::TokenBodies, provider::TokenProvider},
};

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct HttpState(Arc<Parts>);

/// See [`HttpState`]. The composition root fills it in.
pub struct Parts {
    /// The operator's settings.
    pub settings: HttpSettings,
    /// Request ids.
    pub random: SharedRandom,
    /// Time.
    pub clock: SharedClock,
    /// The database.
    pub store: Store,
    /// Who may do what.
    pub enforcer: Enforcer,
    /// Mints, validates and revokes tokens.
    pub tokens: TokenProvider,
    /// Renders tokens and catalogs.
    pub bodies: TokenBodies,
    /// Effective roles.
    pub roles: RoleResolver,
    /// Logins.
    pub authenticator: Authenticator,
    /// Passwords that administrators set.
    pub passwords: NewPasswords,
    /// Passwords that users change.
    pub password_changes: PasswordChanges,
}

impl HttpState {
    /// Shares `parts`.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The root of all links in the answer to this request, ending in `/v3`, with `path` behind it.
    pub fn url(&self, inbound: &super::inbound::Facts, path: &str) -> String {
        inbound.site.base_url(self.settings.public_endpoint.as_deref(), path)
    }
}

impl Deref for HttpState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
