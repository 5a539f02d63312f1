//! What is known of a caller, in the form in which rules refer to it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::attributes::Attributes;

/// A caller's attributes, read off the token that came with the request.
///
/// The names are those of Keystone's request context (`keystone.common.context.RequestContext.to_policy_values`):
///
/// | name | value |
/// |---|---|
/// | `user_id`, `user_domain_id` | the user |
/// | `project_id`, `project_domain_id` | the project of a project token, else null |
/// | `domain_id` | the domain of a domain token, else null |
/// | `system_scope` | `"all"` for a system token, else null |
/// | `roles` | names of the roles |
/// | `is_admin_project` | false for a domain token, else what the token says, or true where it says nothing |
/// | `service_user_id`, `service_user_domain_id`, `service_project_id`, `service_project_domain_id` | null |
/// | `service_roles` | empty |
/// | `token` | the token as it is rendered, for rules like `token.project.domain.id:...` |
///
/// There is no `is_admin`: with `[DEFAULT] admin_token` Keystone asks no rule at all.
#[derive(Debug, Clone)]
pub struct Credentials {
    values: Map<String, Value>,
    token: Arc<Value>,
}

impl Credentials {
    /// Reads `token`: what is under `"token"` in the body of a validation response. It is shared, not copied.
    pub fn of_token(token: Arc<Value>) -> Self {
        let at = |pointer: &str| token.pointer(pointer).cloned().unwrap_or(Value::Null);
        let all_of_system = token.pointer("/system/all").is_some_and(|all| *all == Value::Bool(true));
        let roles = token.get("roles").and_then(Value::as_array).into_iter().flatten();
        let of_domain = token.get("domain").is_some();
        let admin_project = token.get("is_admin_project").and_then(Value::as_bool).unwrap_or(true) && !of_domain;
        let values = [
            ("user_id", at("/user/id")),
            ("user_domain_id", at("/user/domain/id")),
            ("system_scope", if all_of_system { json!("all") } else { Value::Null }),
            ("domain_id", at("/domain/id")),
            ("project_id", at("/project/id")),
            ("project_domain_id", at("/project/domain/id")),
            ("roles", roles.filter_map(|role| role.get("name").cloned()).collect()),
            ("is_admin_project", Value::Bool(admin_project)),
            ("service_user_id", Value::Null),
            ("service_user_domain_id", Value::Null),
            ("service_project_id", Value::Null),
            ("service_project_domain_id", Value::Null),
            ("service_roles", json!([])),
        ];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { values, token }
    }
}

impl Attributes for Credentials {
    fn attribute(&self, name: &str) -> Option<&Value> {
        if name == "token" { Some(&self.token) } else { self.values.get(name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_has_its_attributes() {
        let user = json!({"id": "u", "name": "n", "domain": {"id": "ud", "name": "D"}});
        let of = |scope: Value| {
            let mut token =
                json!({"user": user, "roles": [{"id": "1", "name": "admin"}, {"id": "2", "name": "Reader"}]});
            if let (Some(token), Value::Object(scope)) = (token.as_object_mut(), scope) {
                token.extend(scope);
            }
            Credentials::of_token(Arc::new(token))
        };
        let get =
            |credentials: &Credentials, name: &str| credentials.attribute(name).cloned().unwrap_or(json!("absent"));

        let project = of(json!({"project": {"id": "p", "domain": {"id": "pd"}}, "is_admin_project": false}));
        assert_eq!(get(&project, "user_id"), json!("u"));
        assert_eq!(get(&project, "user_domain_id"), json!("ud"));
        assert_eq!(get(&project, "project_id"), json!("p"));
        assert_eq!(get(&project, "project_domain_id"), json!("pd"));
        assert_eq!(get(&project, "domain_id"), Value::Null);
        assert_eq!(get(&project, "system_scope"), Value::Null);
        assert_eq!(get(&project, "roles"), json!(["admin", "Reader"]));
        assert_eq!(get(&project, "is_admin_project"), json!(false));
        assert_eq!(get(&project, "token")["project"]["domain"]["id"], json!("pd"));
        assert_eq!(get(&project, "is_admin"), json!("absent"));

        let domain = of(json!({"domain": {"id": "d"}}));
        assert_eq!(get(&domain, "domain_id"), json!("d"));
        assert_eq!(get(&domain, "is_admin_project"), json!(false));

        let system = of(json!({"system": {"all": true}}));
        assert_eq!(get(&system, "system_scope"), json!("all"));
        assert_eq!(get(&system, "is_admin_project"), json!(true));
    }
}
