//! A user's `multi_factor_auth_rules`: lists of methods, one of which a login must satisfy (Keystone
//! `auth/core.py`, `UserMFARulesValidator`). Pure.

use crate::domain::user::UserOptions;

/// Whether the methods that were proven are enough.
///
/// A method that is not configured is left out of a rule, so that taking a method away does not lock anybody out; if
/// that leaves no rule at all, any login is enough.
pub fn satisfied(options: &UserOptions, proven: &[String], configured: &[String]) -> bool {
    if options.multi_factor_auth_enabled == Some(false) {
        return true;
    }
    let rules: Vec<Vec<&String>> = options
        .multi_factor_auth_rules
        .iter()
        .flatten()
        .map(|rule| rule.iter().filter(|method| configured.contains(method)).collect())
        .filter(|rule: &Vec<_>| !rule.is_empty())
        .collect();
    rules.is_empty() || rules.iter().any(|rule| rule.iter().all(|method| proven.contains(method)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn with_rules(rules: &[&[&str]]) -> UserOptions {
        UserOptions {
            multi_factor_auth_rules: Some(rules.iter().map(|rule| texts(rule)).collect()),
            ..UserOptions::default()
        }
    }

    fn enough(options: &UserOptions, proven: &[&str]) -> bool {
        satisfied(options, &texts(proven), &texts(&["password", "token", "totp"]))
    }

    #[test]
    fn one_rule_must_be_satisfied_in_full() {
        let options = with_rules(&[&["password", "totp"], &["token"]]);
        assert!(!enough(&options, &["password"]));
        assert!(enough(&options, &["totp", "password"]));
        assert!(enough(&options, &["token"]));
    }

    #[test]
    fn no_rules_or_rules_switched_off_ask_for_nothing() {
        assert!(enough(&UserOptions::default(), &["password"]));
        assert!(enough(&with_rules(&[]), &["password"]));
        let off = UserOptions { multi_factor_auth_enabled: Some(false), ..with_rules(&[&["totp"]]) };
        assert!(enough(&off, &["password"]));
    }

    #[test]
    fn methods_that_are_not_configured_do_not_count() {
        assert!(enough(&with_rules(&[&["password", "retina"]]), &["password"]));
        assert!(enough(&with_rules(&[&["retina"]]), &["password"]), "rules that nobody can satisfy lock nobody out");
        assert!(!enough(&with_rules(&[&["retina"], &["totp"]]), &["password"]));
    }
}
