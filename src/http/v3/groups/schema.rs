//! What requests about groups must look like (`keystone/identity/schema.py`).

use std::sync::LazyLock;

use serde_json::json;

use crate::http::{
    schema::Schema,
    v3::users::schema::{domain_id, name, text_or_null},
};

/// `GET /v3/groups`.
pub(super) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "domain_id": domain_id(),
            "name": name(),
            "marker": { "type": "string" },
            "limit": { "type": ["integer", "string"] },
            "sort_key": { "type": "string" },
            "sort_dir": { "type": "string", "enum": ["asc", "desc"] },
        },
        "additionalProperties": true,
    }))
});

/// `POST /v3/groups`.
pub(super) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "group": {
                "type": "object",
                "properties": { "domain_id": domain_id(), "description": text_or_null(), "name": name() },
                "required": ["name"],
                "additionalProperties": true,
            },
        },
        "required": ["group"],
        "additionalProperties": false,
    }))
});

/// `PATCH /v3/groups/{group_id}`.
pub(super) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "group": {
                "type": "object",
                "properties": { "description": text_or_null(), "name": name() },
                "minProperties": 1,
                "additionalProperties": true,
            },
        },
        "required": ["group"],
        "additionalProperties": false,
    }))
});
