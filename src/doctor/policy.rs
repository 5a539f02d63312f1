//! The policy files: whether they can be used, and where they differ from what Keystone does by default.

use crate::{
    app::policy_settings,
    config::Config,
    domain::finding::Finding,
    policy::{Enforcer, Origin},
};

pub(super) fn examine(config: &Config, findings: &mut Vec<Finding>) {
    let enforcer = match Enforcer::new(policy_settings(config)) {
        Ok(enforcer) => enforcer,
        Err(error) => {
            findings.push(
                Finding::error(
                    "policy-unusable",
                    "policy",
                    format!("`fernstone serve` does not start: {}.", crate::doctor::causes(&error)),
                )
                .advise("Correct the file (YAML or JSON, a rule a line), and let the user of the service read it."),
            );
            return;
        }
    };
    let rules = enforcer.rules();
    findings.extend(
        rules.warnings().iter().map(|warning| {
            Finding::warning("policy-rule", "policy", format!("{warning}.")).advise("Correct the rule.")
        }),
    );
    for rule in rules.differences() {
        let from = match &rule.origin {
            Origin::File(path) => format!("{} says", path.display()),
            Origin::ReplacedName(path) => format!("{} says, under its old name,", path.display()),
            Origin::Default | Origin::DefaultOrReplaced => {
                "enforce_new_defaults is off, and the defaults of old say".to_owned()
            }
        };
        let what = match rule.default {
            Some(default) => format!("{from} \"{}\", and the default \"{}\".", rule.expression, default.check),
            None => format!("{from} \"{}\"; Keystone has no rule of this name.", rule.expression),
        };
        findings.push(Finding::note("policy-differs", rule.name.clone(), what));
    }
}
