//! What requests about projects and domains must look like (`keystone/resource/schema.py`).

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::schema::{Schema, query};

/// `GET /v3/projects`.
pub(in crate::http::v3) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    let tags = json!({ "type": "string" });
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "domain_id": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-zA-Z0-9-]+$" },
            "enabled": query::boolean(),
            "name": name(),
            "parent_id": { "type": "string", "format": "uuid" },
            "is_domain": query::boolean(),
            "tags": tags,
            "tags-any": tags,
            "not-tags": tags,
            "not-tags-any": tags,
            "marker": { "type": "string" },
            "limit": { "type": ["integer", "string"] },
        },
        "additionalProperties": true,
    }))
});

/// `POST /v3/projects`. Keystone forgot to ask for the project itself.
pub(in crate::http::v3) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    let id = json!({ "type": ["string", "null"], "minLength": 1, "maxLength": 64, "pattern": "^[a-zA-Z0-9-]+$" });
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "project": {
                "type": "object",
                "properties": {
                    "description": { "type": ["string", "null"] },
                    "domain_id": id,
                    "enabled": query::boolean(),
                    "is_domain": query::boolean(),
                    "parent_id": id,
                    "name": name(),
                    "tags": tags(),
                    "options": options(),
                },
                "required": ["name"],
            },
        },
        "additionalProperties": false,
    }))
});

/// `PATCH /v3/projects/{project_id}`. The same was forgotten here.
pub(in crate::http::v3) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "project": {
                "type": "object",
                "properties": {
                    "description": { "type": ["string", "null"] },
                    "enabled": query::boolean(),
                    "name": name(),
                    "options": options(),
                    "tags": tags(),
                },
            },
        },
        "additionalProperties": false,
    }))
});

/// `PUT /v3/projects/{project_id}/tags`, before it is asked who is calling.
pub(super) static PUT_TAGS: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": { "tags": { "type": "array", "items": tag() } },
        "additionalProperties": false,
    }))
});

/// All tags that a project is to have.
pub(super) static TAGS: LazyLock<Schema> = LazyLock::new(|| Schema::builtin(tags()));

/// One of them.
pub(super) static TAG: LazyLock<Schema> = LazyLock::new(|| Schema::builtin(tag()));

/// The name of a project or a domain.
pub(in crate::http::v3) fn name() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": r"[\S]+" })
}

/// Their tags.
pub(in crate::http::v3) fn tags() -> Value {
    json!({ "type": "array", "items": tag(), "required": [], "maxItems": 80, "uniqueItems": true })
}

fn tag() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^,/]*$" })
}

/// Their options. Null takes one away.
pub(in crate::http::v3) fn options() -> Value {
    json!({
        "type": "object",
        "properties": { "immutable": { "type": ["boolean", "null"], "enum": [true, false, null] } },
        "additionalProperties": false,
    })
}
