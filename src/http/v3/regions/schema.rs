//! What requests about regions must look like (`keystone/catalog/schema.py`).

use std::sync::LazyLock;

use serde_json::json;

use crate::http::schema::Schema;

/// `GET /v3/regions`: the only list that allows nothing but its filters.
pub(super) static LIST_QUERY: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": { "parent_region_id": { "type": ["string", "null"], "minLength": 1, "maxLength": 255 } },
        "additionalProperties": false,
    }))
});
