//! What requests about users must look like (`keystone/identity/schema.py`).

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::schema::{Schema, query};

/// `GET /v3/users`.
pub(super) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    let text = || json!({ "type": "string" });
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "domain_id": domain_id(),
            "enabled": query::boolean(),
            "idp_id": text(),
            "name": name(),
            "password_expires_at": text(),
            "protocol_id": text(),
            "unique_id": text(),
            "marker": text(),
            "limit": { "type": ["integer", "string"] },
            "sort_key": text(),
            "sort_dir": { "type": "string", "enum": ["asc", "desc"] },
        },
        "additionalProperties": true,
    }))
});

/// `POST /v3/users`.
pub(super) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "user": {
                "type": "object",
                "properties": {
                    "domain_id": domain_id(),
                    "default_project_id": text_or_null(),
                    "description": text_or_null(),
                    "enabled": query::boolean(),
                    "federated": federated(),
                    "name": name(),
                    "password": text_or_null(),
                    "options": options(),
                },
                "required": ["name"],
                "additionalProperties": true,
            },
        },
        "required": ["user"],
        "additionalProperties": false,
    }))
});

/// `PATCH /v3/users/{user_id}`.
pub(super) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "user": {
                "type": "object",
                "properties": {
                    "default_project_id": text_or_null(),
                    "description": text_or_null(),
                    "domain_id": domain_id(),
                    "enabled": query::boolean(),
                    "federated": federated(),
                    "name": name(),
                    "password": text_or_null(),
                    "options": options(),
                },
                "minProperties": 1,
                "additionalProperties": true,
            },
        },
        "required": ["user"],
        "additionalProperties": false,
    }))
});

/// The object `user` in `POST /v3/users/{user_id}/password`.
pub(super) static CHANGE_PASSWORD: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": { "original_password": { "type": "string" }, "password": { "type": "string" } },
        "required": ["original_password", "password"],
        "additionalProperties": false,
    }))
});

/// The name of a user or a group.
pub(in crate::http::v3) fn name() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": r"[\S]+" })
}

/// A domain's id.
pub(in crate::http::v3) fn domain_id() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-zA-Z0-9-]+$" })
}

/// A description, and the like.
pub(in crate::http::v3) fn text_or_null() -> Value {
    json!({ "type": ["string", "null"] })
}

/// An option that is on, off or unset.
pub(in crate::http::v3) fn flag_or_null() -> Value {
    json!({ "type": ["boolean", "null"], "enum": [true, false, null] })
}

fn federated() -> Value {
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "idp_id": { "type": "string" },
                "protocols": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": { "protocol_id": { "type": "string" }, "unique_id": { "type": "string" } },
                        "required": ["protocol_id", "unique_id"],
                    },
                    "minItems": 1,
                },
            },
            "required": ["idp_id", "protocols"],
        },
    })
}

fn options() -> Value {
    json!({
        "type": "object",
        "properties": {
            "ignore_change_password_upon_first_use": flag_or_null(),
            "ignore_password_expiry": flag_or_null(),
            "ignore_lockout_failure_attempts": flag_or_null(),
            "lock_password": flag_or_null(),
            "ignore_user_inactivity": flag_or_null(),
            "multi_factor_auth_rules": {
                "type": ["array", "null"],
                "items": { "type": "array", "items": { "type": "string" }, "minItems": 1, "uniqueItems": true },
                "uniqueItems": true,
            },
            "multi_factor_auth_enabled": flag_or_null(),
        },
        "additionalProperties": false,
    })
}
