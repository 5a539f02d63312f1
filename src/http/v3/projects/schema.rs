//! What requests about projects must look like (`keystone/resource/schema.py`).

use std::sync::LazyLock;

use serde_json::json;

use crate::http::schema::{Schema, query};

/// `GET /v3/projects`.
pub(in crate::http::v3) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    let tags = json!({ "type": "string" });
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "domain_id": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-zA-Z0-9-]+$" },
            "enabled": query::boolean(),
            "name": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": r"[\S]+" },
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
