//! What an action is done to, in the form in which rules refer to it.

use serde_json::{Map, Value};

/// Flattens nested maps: `{"target": {"user": {"id": "u"}}}` becomes `{"target.user.id": "u"}`.
///
/// This is `keystone.common.utils.flatten_dict`, which Keystone applies to what `RBACEnforcer.enforce_call` gathers for a
/// request, in this order:
///
/// 1. the parameters in the URL, by their names: `user_id`, `project_id`, ... (so that `%(user_id)s` is the one in
///    `/v3/users/{user_id}`);
/// 2. `target`: the thing itself, `{"user": {...}}`, or for token calls
///    `{"token": {"user_id": ..., "user": {"domain": {"id": ...}}}}` made from `X-Subject-Token`;
/// 3. `request_body`: the JSON body, if there is one;
/// 4. `filter_attr`: those query parameters that the call declares as filters.
///
/// Lists stay as they are, empty maps leave nothing. Where two ways lead to the same name, the later value counts.
pub fn flatten(nested: Map<String, Value>) -> Map<String, Value> {
    let mut flat = Map::new();
    flatten_into(&mut flat, nested, "");
    flat
}

fn flatten_into(flat: &mut Map<String, Value>, nested: Map<String, Value>, parent: &str) {
    for (name, value) in nested {
        let name = if parent.is_empty() { name } else { format!("{parent}.{name}") };
        match value {
            Value::Object(members) => flatten_into(flat, members, &name),
            value => {
                flat.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_joined_by_dots() {
        let Value::Object(nested) = json!({
            "user_id": "u1",
            "target": {"token": {"user_id": "u2", "user": {"domain": {"id": "d"}}}, "empty": {}},
            "list": [{"a": 1}],
            "none": null,
        }) else {
            return;
        };
        assert_eq!(
            Value::Object(flatten(nested)),
            json!({
                "user_id": "u1",
                "target.token.user_id": "u2",
                "target.token.user.domain.id": "d",
                "list": [{"a": 1}],
                "none": null,
            })
        );
    }

    #[test]
    fn of_two_ways_to_a_name_the_later_counts() {
        for (nested, value) in [(json!({"a": {"b": 1}, "a.b": 2}), 2), (json!({"a.b": 2, "a": {"b": 1}}), 1)] {
            let Value::Object(nested) = nested else { return };
            assert_eq!(Value::Object(flatten(nested)), json!({"a.b": value}));
        }
    }
}
