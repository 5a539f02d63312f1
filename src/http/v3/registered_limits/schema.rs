//! What requests about registered limits must look like (`keystone/limit/schema.py`).

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::schema::Schema;

/// `GET /v3/registered_limits`.
pub(super) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": { "service_id": uuid(), "region_id": region_id(), "resource_name": resource_name() },
        "additionalProperties": true,
    }))
});

/// `POST /v3/registered_limits`.
pub(super) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "registered_limits": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": properties(),
                    "additionalProperties": false,
                    "required": ["service_id", "resource_name", "default_limit"],
                },
                "minItems": 1,
            },
        },
        "required": ["registered_limits"],
        "additionalProperties": false,
    }))
});

/// `PATCH /v3/registered_limits/{registered_limit_id}`.
pub(super) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "registered_limit": {
                "type": "object",
                "properties": properties(),
                "additionalProperties": false,
            },
        },
        "additionalProperties": false,
        "required": ["registered_limit"],
    }))
});

fn properties() -> Value {
    json!({
        "service_id": uuid(),
        "region_id": region_id(),
        "resource_name": resource_name(),
        "default_limit": amount(),
        "description": description(),
    })
}

/// An id that must look like a UUID.
pub(in crate::http::v3) fn uuid() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

/// The id of a region, or null.
pub(in crate::http::v3) fn region_id() -> Value {
    json!({ "type": ["string", "null"], "minLength": 1, "maxLength": 255 })
}

/// The name of a resource.
pub(in crate::http::v3) fn resource_name() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": r"[\S]+" })
}

/// How much: -1 for no limit, and at most what the column holds.
pub(in crate::http::v3) fn amount() -> Value {
    json!({ "type": "integer", "minimum": -1, "maximum": i32::MAX })
}

/// Text, or null.
pub(in crate::http::v3) fn description() -> Value {
    json!({ "type": ["string", "null"], "maxLength": 255 })
}
