//! What requests about domains must look like (`keystone/resource/schema.py`).

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::{
    schema::{Schema, query},
    v3::projects::schema::{name, options, tags},
};

/// `GET /v3/domains`.
pub(super) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "enabled": query::boolean(),
            "name": name(),
            "marker": { "type": "string" },
            "limit": { "type": ["integer", "string"] },
        },
        "additionalProperties": true,
    }))
});

/// `POST /v3/domains`.
pub(super) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    let id = json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-zA-Z0-9-]+$" });
    let mut properties = properties();
    properties.insert(0, ("explicit_domain_id", id));
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "domain": { "type": "object", "properties": object(properties), "required": ["name"] },
        },
        "required": ["domain"],
        "additionalProperties": false,
    }))
});

/// `PATCH /v3/domains/{domain_id}`.
pub(super) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "domain": { "type": "object", "properties": object(properties()), "minProperties": 1 },
        },
        "required": ["domain"],
        "additionalProperties": false,
    }))
});

fn properties() -> Vec<(&'static str, Value)> {
    vec![
        ("description", json!({ "type": ["string", "null"], "maxLength": 255 })),
        ("enabled", query::boolean()),
        ("name", name()),
        ("options", options()),
        ("tags", tags()),
    ]
}

/// In this order: it decides which fault is named.
fn object(properties: Vec<(&'static str, Value)>) -> Value {
    Value::Object(properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect())
}
