//! What requests about endpoints must look like (`keystone/catalog/schema.py`).

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::http::schema::Schema;

/// `GET /v3/endpoints`.
pub(super) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "interface": { "type": "string", "enum": ["admin", "internal", "public"] },
            "region_id": { "type": ["string", "null"] },
            "service_id": { "type": "string" },
        },
        "additionalProperties": true,
    }))
});

/// `POST /v3/endpoints`. Keystone forgot to ask for the endpoint itself.
pub(super) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    let id = [("id".to_owned(), json!({ "type": "string" }))];
    let properties: Map<String, Value> = id.into_iter().chain(properties()).collect();
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "endpoint": {
                "type": "object",
                "properties": properties,
                "required": ["interface", "service_id", "url"],
                "additionalProperties": true,
            },
        },
        "additionalProperties": false,
    }))
});

/// `PATCH /v3/endpoints/{endpoint_id}`.
pub(super) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "endpoint": {
                "type": "object",
                "properties": properties(),
                "additionalProperties": true,
                "minProperties": 1,
            },
        },
        "required": ["endpoint"],
        "additionalProperties": false,
    }))
});

fn properties() -> Map<String, Value> {
    let text = || json!({ "type": "string" });
    let optional = || json!({ "type": ["string", "null"] });
    let properties = [
        ("enabled", json!({ "type": "boolean" })),
        ("interface", json!({ "type": "string", "enum": ["admin", "internal", "public"] })),
        ("region_id", optional()),
        ("region", optional()),
        ("service_id", text()),
        ("url", json!({ "type": "string", "minLength": 0, "maxLength": 225, "pattern": "^[a-zA-Z0-9+.-]+:.+" })),
        ("name", text()),
        ("description", optional()),
    ];
    properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
