//! A yes that holds whatever is asked about: found once for a caller, and good until the rules change.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering},
};

use serde_json::Value;

use super::{Enforcer, attributes::Attributes};

/// Whether one caller may do one thing to any target; it is not known at first.
#[derive(Debug, Default)]
pub struct StandingYes {
    /// The version of the rules that said so.
    version: AtomicU64,
}

impl Enforcer {
    /// Whether `action` is allowed whatever its target. That it is, is noted in `known`, and holds until other rules are in
    /// force. `false`: it is not, or it depends on the target.
    pub fn allows_any(&self, action: &str, credentials: &dyn Attributes, known: &StandingYes) -> bool {
        let version = self.version();
        if known.version.load(Ordering::Relaxed) == version {
            return true;
        }
        let target = Unseen::default();
        let stands = self.allows(action, credentials, &target) && !target.0.get();
        if stands {
            known.version.store(version, Ordering::Relaxed);
        }
        stands
    }
}

/// A target that notes whether anybody looked at it.
#[derive(Default)]
struct Unseen(Cell<bool>);

impl Attributes for Unseen {
    fn attribute(&self, _name: &str) -> Option<&Value> {
        self.0.set(true);
        None
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::policy::PolicySettings;

    fn caller(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn only_a_yes_that_looked_at_no_target_stands() {
        let enforcer = Enforcer::new(PolicySettings::default()).unwrap();
        let stands = |roles: Value| {
            let known = StandingYes::default();
            let caller = caller(json!({ "roles": roles, "user_id": "u" }));
            let answers = [(); 2].map(|()| enforcer.allows_any("identity:validate_token", &caller, &known));
            assert_eq!(answers[0], answers[1]);
            answers[0]
        };
        assert!(stands(json!(["admin"])));
        assert!(stands(json!(["member", "service"])));
        assert!(!stands(json!(["member"])), "of one's own tokens, but not of any");
        assert!(!stands(json!([])));
    }

    #[test]
    fn it_ends_with_the_rules() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("policy.yaml");
        let settings = PolicySettings { policy_file: file.clone(), ..PolicySettings::default() };
        let enforcer = Enforcer::new(settings).unwrap();
        let (admin, known) = (caller(json!({ "roles": ["admin"] })), StandingYes::default());
        assert!(enforcer.allows_any("identity:validate_token", &admin, &known));
        std::fs::write(&file, "identity:validate_token: '!'").unwrap();
        while !matches!(enforcer.look(), crate::policy::Look::Replaced) {}
        assert!(!enforcer.allows_any("identity:validate_token", &admin, &known));
    }
}
