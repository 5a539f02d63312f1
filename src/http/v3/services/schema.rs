//! What requests about services must look like (`keystone/catalog/schema.py`).

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::schema::Schema;

fn properties() -> Value {
    json!({
        "enabled": { "type": "boolean" },
        "type": { "type": "string", "minLength": 1, "maxLength": 255 },
        "name": { "type": "string", "minLength": 1, "maxLength": 255 },
    })
}

/// `POST /v3/services`. Keystone forgot to ask for the service itself.
pub(super) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "service": {
                "type": "object",
                "properties": properties(),
                "additionalProperties": true,
                "required": ["type"],
            },
        },
    }))
});

/// `PATCH /v3/services/{service_id}`.
pub(super) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "service": {
                "type": "object",
                "properties": properties(),
                "additionalProperties": true,
                "minProperties": 1,
            },
        },
        "required": ["service"],
    }))
});
