//! What a query for role assignments must look like (`keystone/assignment/schema.py`).
//!
//! Keystone's schema has two keys twice, so that half of what it wants to say is lost: that scopes exclude each other is
//! said later, in other words, and that `effective` and groups do is said of a parameter `group` that nobody sends.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::schema::Schema;

fn id() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-zA-Z0-9-]+$" })
}

/// `GET /v3/role_assignments`.
pub(in crate::http::v3) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "group.id": id(),
            "role.id": id(),
            "scope.domain.id": id(),
            "scope.project.id": id(),
            "user.id": { "type": "string" },
        },
        "dependentRequired": { "include_subtree": ["scope.project.id"] },
        "oneOf": [
            { "required": ["user.id"] },
            { "required": ["group.id"] },
            {
                "allOf": [
                    { "not": { "required": ["user.id"] } },
                    { "not": { "required": ["group.id"] } },
                ],
            },
        ],
        "not": { "required": ["effective", "group"] },
        "additionalProperties": true,
    }))
});
