//! The options of a user on the wire (`keystone/identity/backends/resource_options.py`).

use serde_json::{Map, Value};

use crate::domain::user::UserOptions;

/// The options that are set.
pub(super) fn wire(options: &UserOptions) -> Value {
    let flags = [
        ("ignore_change_password_upon_first_use", options.ignore_change_password_upon_first_use),
        ("ignore_password_expiry", options.ignore_password_expiry),
        ("ignore_lockout_failure_attempts", options.ignore_lockout_failure_attempts),
        ("lock_password", options.lock_password),
        ("ignore_user_inactivity", options.ignore_user_inactivity),
        ("multi_factor_auth_enabled", options.multi_factor_auth_enabled),
    ];
    let mut wire: Map<String, Value> =
        flags.into_iter().filter_map(|(name, flag)| Some((name.to_owned(), flag?.into()))).collect();
    if let Some(rules) = &options.multi_factor_auth_rules {
        wire.insert("multi_factor_auth_rules".to_owned(), rules.clone().into());
    }
    Value::Object(wire)
}

/// Changes those options that a client names in a body that passed the schema; null unsets one.
pub(super) fn apply(given: &Map<String, Value>, options: &mut UserOptions) {
    for (name, value) in given {
        let flag = match name.as_str() {
            "ignore_change_password_upon_first_use" => &mut options.ignore_change_password_upon_first_use,
            "ignore_password_expiry" => &mut options.ignore_password_expiry,
            "ignore_lockout_failure_attempts" => &mut options.ignore_lockout_failure_attempts,
            "lock_password" => &mut options.lock_password,
            "ignore_user_inactivity" => &mut options.ignore_user_inactivity,
            "multi_factor_auth_enabled" => &mut options.multi_factor_auth_enabled,
            "multi_factor_auth_rules" => {
                options.multi_factor_auth_rules = value.as_array().map(|rules| rules.iter().map(methods).collect());
                continue;
            }
            _ => continue,
        };
        *flag = value.as_bool();
    }
}

fn methods(rule: &Value) -> Vec<String> {
    rule.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_are_shown_as_they_were_given_and_null_unsets_one() {
        let all = json!({
            "ignore_change_password_upon_first_use": true,
            "ignore_password_expiry": false,
            "ignore_lockout_failure_attempts": true,
            "lock_password": false,
            "ignore_user_inactivity": true,
            "multi_factor_auth_enabled": false,
            "multi_factor_auth_rules": [["password", "totp"], ["password"]],
        });
        let mut options = UserOptions::default();
        assert_eq!(wire(&options), json!({}));
        apply(all.as_object().unwrap_or(&Map::new()), &mut options);
        assert_eq!(wire(&options), all);
        let unset = json!({ "lock_password": null, "multi_factor_auth_rules": null, "ignore_password_expiry": true });
        apply(unset.as_object().unwrap_or(&Map::new()), &mut options);
        let left = wire(&options);
        assert_eq!((&left["lock_password"], &left["multi_factor_auth_rules"]), (&Value::Null, &Value::Null));
        assert_eq!((&left["ignore_password_expiry"], &left["ignore_user_inactivity"]), (&true.into(), &true.into()));
    }
}
