//! What requests about limits must look like (`keystone/limit/schema.py`).

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::{
    schema::Schema,
    v3::registered_limits::schema::{amount, description, region_id, resource_name, uuid},
};

/// `GET /v3/limits`.
pub(super) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "service_id": uuid(),
            "region_id": region_id(),
            "resource_name": resource_name(),
            "project_id": owner(json!("string")),
            "domain_id": owner(json!("string")),
        },
        "additionalProperties": true,
    }))
});

/// `POST /v3/limits`.
pub(super) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "limits": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "project_id": owner(json!(["string", "null"])),
                        "domain_id": owner(json!(["string", "null"])),
                        "resource_name": resource_name(),
                        "region_id": region_id(),
                        "service_id": uuid(),
                        "resource_limit": amount(),
                        "description": description(),
                    },
                    "required": ["service_id", "resource_name", "resource_limit"],
                    "oneOf": [
                        { "required": ["service_id", "resource_name", "resource_limit", "domain_id"] },
                        { "required": ["service_id", "resource_name", "resource_limit", "project_id"] },
                    ],
                    "additionalProperties": false,
                },
                "minItems": 1,
            },
        },
        "required": ["limits"],
        "additionalProperties": false,
    }))
});

/// `PATCH /v3/limits/{limit_id}`.
pub(super) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "limit": {
                "type": "object",
                "properties": { "resource_limit": amount(), "description": description() },
                "additionalProperties": false,
            },
        },
        "additionalProperties": false,
        "required": ["limit"],
    }))
});

/// The id of whom a limit is for.
fn owner(types: Value) -> Value {
    json!({ "type": types, "minLength": 1, "maxLength": 64, "pattern": "^[a-zA-Z0-9-]+$" })
}
