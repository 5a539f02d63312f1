//! Regions, services and their endpoints.

use serde_json::{Map, Value};

/// A row of `region`.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Chosen by whoever made it: `RegionOne`.
    pub id: String,
    /// Text.
    pub description: String,
    /// The region above, if any.
    pub parent_region_id: Option<String>,
    /// The `extra` column.
    pub extra: Map<String, Value>,
}

/// A row of `service`. Name and description live in `extra`.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Id.
    pub id: String,
    /// `identity`, `compute`, ...
    pub service_type: Option<String>,
    /// Disabled services are left out of catalogs.
    pub enabled: bool,
    /// The `extra` column; `name` and `description` are in it.
    pub extra: Map<String, Value>,
}

impl Service {
    /// The name that catalogs show: empty when there is none.
    pub fn name(&self) -> &str {
        self.extra.get("name").and_then(Value::as_str).unwrap_or_default()
    }
}

/// A row of `endpoint`.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Id.
    pub id: String,
    /// The service it belongs to.
    pub service_id: String,
    /// `public`, `internal` or `admin`.
    pub interface: String,
    /// With `$(...)s` or `%(...)s` to be filled in.
    pub url: String,
    /// Where it is.
    pub region_id: Option<String>,
    /// Disabled endpoints are left out of catalogs.
    pub enabled: bool,
    /// Left over from the v2 API.
    pub legacy_endpoint_id: Option<String>,
    /// The `extra` column.
    pub extra: Map<String, Value>,
}

/// A row of `endpoint_group` (OS-EP-FILTER): endpoints chosen by attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointGroup {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Text.
    pub description: Option<String>,
    /// `interface`, `service_id`, `region_id`, `enabled`: all must match.
    pub filters: Map<String, Value>,
}

/// A row of `service_provider` that is enabled: what a token shows of it (K2K federation).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceProvider {
    /// Id.
    pub id: String,
    /// Where to authenticate.
    pub auth_url: String,
    /// Where to send assertions.
    pub sp_url: String,
}
