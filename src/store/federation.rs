//! Identity providers and service providers. Facts: Keystone `federation/backends/sql.py`.

use super::query::Query;
use crate::domain::catalog::ServiceProvider;

/// The service providers that tokens show: those enabled.
pub fn enabled_service_providers() -> Query<Vec<ServiceProvider>> {
    Query::list(
        "service_provider",
        "SELECT id, auth_url, sp_url FROM service_provider WHERE enabled = $1",
        vec![true.into()],
        |row| Ok(ServiceProvider { id: row.text("id")?, auth_url: row.text("auth_url")?, sp_url: row.text("sp_url")? }),
    )
}

/// Whether there is such an identity provider, and whether it is enabled.
pub fn identity_provider_enabled(id: &str) -> Query<Option<bool>> {
    Query::optional(
        "identity_provider",
        "SELECT enabled FROM identity_provider WHERE id = $1",
        vec![id.into()],
        |row| row.bool("enabled"),
    )
}
