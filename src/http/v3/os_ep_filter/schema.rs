//! What requests about endpoint groups must look like (`keystone/catalog/schema.py`).

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::schema::Schema;

/// `GET /v3/OS-EP-FILTER/endpoint_groups`.
pub(super) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": { "name": name() },
        "additionalProperties": false,
    }))
});

/// `POST /v3/OS-EP-FILTER/endpoint_groups`. Keystone forgot to ask for the group itself.
pub(super) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "endpoint_group": {
                "type": "object",
                "properties": properties(),
                "required": ["name", "filters"],
                "additionalProperties": false,
            },
        },
        "additionalProperties": false,
    }))
});

/// `PATCH /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}`.
pub(super) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "endpoint_group": {
                "type": "object",
                "properties": properties(),
                "minProperties": 1,
                "additionalProperties": false,
            },
        },
        "required": ["endpoint_group"],
        "additionalProperties": false,
    }))
});

fn properties() -> Value {
    json!({
        "description": { "type": ["string", "null"] },
        "filters": {
            "type": "object",
            "properties": {
                "interface": { "type": "string", "enum": ["admin", "internal", "public"] },
                "service_id": { "type": "string" },
                "region_id": { "type": ["string", "null"] },
                "enabled": { "type": "boolean" },
            },
        },
        "name": name(),
    })
}

fn name() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": r"[\S]+" })
}
