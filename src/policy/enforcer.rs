//! The one question that requests ask: may this caller do that?

use serde_json::{Map, Value};

use super::{LoadError, PolicyError, PolicySettings};

/// The rules in force. Cheap to clone: clones share the rules.
#[derive(Debug, Clone)]
pub struct Enforcer {
    settings: PolicySettings,
}

impl Enforcer {
    /// Reads the policy files that `settings` name.
    ///
    /// # Errors
    ///
    /// When a file exists and cannot be used.
    pub fn new(settings: PolicySettings) -> Result<Self, LoadError> {
        Ok(Self { settings })
    }

    /// Judges `action` as oslo.policy does: `credentials` is what `to_policy_values()` of Keystone's request context
    /// gives, `target` is flat, with dotted names (`target.user.id`).
    ///
    /// # Errors
    ///
    /// When the answer is no.
    pub fn enforce(
        &self,
        action: &str,
        credentials: &Map<String, Value>,
        target: &Map<String, Value>,
    ) -> Result<(), PolicyError> {
        let _ = (&self.settings, credentials, target);
        Err(PolicyError::NotAuthorized { action: action.to_owned() })
    }

    /// [`Enforcer::enforce`] as a condition: what Keystone asks for each element of a list.
    pub fn allows(&self, action: &str, credentials: &Map<String, Value>, target: &Map<String, Value>) -> bool {
        self.enforce(action, credentials, target).is_ok()
    }
}
