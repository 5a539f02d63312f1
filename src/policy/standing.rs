//! A yes that holds whatever is asked about: found once for a caller, and good until the rules change.

use std::{cell::Cell, sync::Arc};

use serde_json::Value;

use super::{Enforcer, attributes::Attributes, rule_set::RuleSet};

/// A caller may do something to any target.
#[derive(Debug, Clone)]
pub struct StandingYes {
    /// The rules that say so.
    rules: Arc<RuleSet>,
}

impl Enforcer {
    /// Judges `action` without a target. `None`: the answer is no, or depends on the target.
    pub fn standing_yes(&self, action: &str, credentials: &dyn Attributes) -> Option<StandingYes> {
        let rules = self.rules();
        let target = Unseen::default();
        let allowed = rules.enforce(action, credentials, &target).is_ok();
        (allowed && !target.0.get()).then_some(StandingYes { rules })
    }

    /// Whether the rules in force are those that said so.
    pub fn still_says(&self, yes: &StandingYes) -> bool {
        self.is_in_force(&yes.rules)
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
        let yes = |roles: Value| {
            enforcer
                .standing_yes("identity:validate_token", &caller(json!({ "roles": roles, "user_id": "u" })))
                .is_some()
        };
        assert!(yes(json!(["admin"])));
        assert!(yes(json!(["member", "service"])));
        assert!(!yes(json!(["member"])), "of one's own tokens, but not of any");
        assert!(!yes(json!([])));
    }

    #[test]
    fn it_ends_with_the_rules() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("policy.yaml");
        let settings = PolicySettings { policy_file: file.clone(), ..PolicySettings::default() };
        let enforcer = Enforcer::new(settings).unwrap();
        let admin = caller(json!({ "roles": ["admin"] }));
        let yes = enforcer.standing_yes("identity:validate_token", &admin).unwrap();
        assert!(enforcer.still_says(&yes));
        std::fs::write(&file, "identity:validate_token: '!'").unwrap();
        while !matches!(enforcer.look(), crate::policy::Look::Replaced) {}
        assert!(!enforcer.still_says(&yes));
        assert!(enforcer.standing_yes("identity:validate_token", &admin).is_none());
    }
}
