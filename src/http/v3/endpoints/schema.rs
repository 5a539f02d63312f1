//! What requests about endpoints must look like (`keystone/catalog/schema.py`).

use std::sync::LazyLock;

use serde_json::json;

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
