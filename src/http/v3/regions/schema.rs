//! What requests about regions must look like (`keystone/catalog/schema.py`).

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::schema::Schema;

/// `GET /v3/regions`: the only list that allows nothing but its filters.
pub(super) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": { "parent_region_id": id(1) },
        "additionalProperties": false,
    }))
});

/// `POST /v3/regions` and `PUT /v3/regions/{region_id}`.
pub(super) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "region": {
                "type": "object",
                "properties": {
                    "description": description(),
                    "id": id(0),
                    "parent_region_id": id(1),
                },
                "additionalProperties": true,
            },
        },
        "required": ["region"],
    }))
});

/// `PATCH /v3/regions/{region_id}`.
pub(super) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "region": {
                "type": "object",
                "properties": {
                    "description": description(),
                    "id": id(1),
                    "parent_region_id": id(1),
                },
                "minProperties": 1,
                "additionalProperties": true,
            },
        },
        "required": ["region"],
        "additionalProperties": false,
    }))
});

fn description() -> Value {
    json!({ "type": ["string", "null"], "maxLength": 255 })
}

fn id(shortest: u64) -> Value {
    json!({ "type": ["string", "null"], "minLength": shortest, "maxLength": 255 })
}
