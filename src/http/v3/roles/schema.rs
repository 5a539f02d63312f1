//! What requests about roles must look like (`keystone/assignment/schema.py`).

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::{
    schema::Schema,
    v3::users::schema::{domain_id, flag_or_null, name, text_or_null},
};

/// `GET /v3/roles`.
pub(super) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": { "name": name(), "domain_id": domain_id() },
        "additionalProperties": true,
    }))
});

/// `POST /v3/roles`.
pub(super) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "role": {
                "type": "object",
                "properties": properties(),
                "required": ["name"],
                "additionalProperties": true,
            },
        },
        "required": ["role"],
        "additionalProperties": false,
    }))
});

/// `PATCH /v3/roles/{role_id}`.
pub(super) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "role": {
                "type": "object",
                "properties": properties(),
                "minProperties": 1,
                "additionalProperties": true,
            },
        },
        "required": ["role"],
        "additionalProperties": false,
    }))
});

fn properties() -> Value {
    let nullable_id =
        json!({ "type": ["string", "null"], "minLength": 1, "maxLength": 64, "pattern": "^[a-zA-Z0-9-]+$" });
    json!({
        "name": name(),
        "description": text_or_null(),
        "domain_id": nullable_id,
        "options": {
            "type": "object",
            "properties": { "immutable": flag_or_null() },
            "additionalProperties": false,
        },
    })
}
