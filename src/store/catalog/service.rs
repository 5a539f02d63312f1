//! Rows of `service`. A service's name is in `extra`, where SQL does not look.

use crate::{
    domain::catalog::Service,
    store::{Query, Row, StoreError, Transaction, json, statement::Conditions},
};

/// A service.
pub fn service(id: &str) -> Query<Option<Service>> {
    Query::optional(
        "service",
        "SELECT id, type, enabled, extra FROM service WHERE id = $1",
        vec![id.into()],
        service_from,
    )
}

/// What a list of services can be narrowed by.
#[derive(Debug, Clone, Default)]
pub struct ServiceFilter {
    /// `identity`, `compute`, ...
    pub service_type: Option<String>,
    /// Enabled, or not.
    pub enabled: Option<bool>,
}

/// Services.
pub fn services(filter: &ServiceFilter) -> Query<Vec<Service>> {
    let (conditions, values) = Conditions::new()
        .and_if("type = ?", filter.service_type.as_deref())
        .and_if("enabled = ?", filter.enabled)
        .finish();
    Query::list("service", format!("SELECT id, type, enabled, extra FROM service{conditions}"), values, service_from)
}

/// Makes a service.
///
/// # Errors
/// A conflict if the id is taken.
pub async fn create_service(transaction: &mut Transaction, service: &Service) -> Result<(), StoreError> {
    transaction
        .execute(
            "service",
            "INSERT INTO service (id, type, enabled, extra) VALUES ($1, $2, $3, $4)",
            vec![
                service.id.as_str().into(),
                service.service_type.as_deref().into(),
                service.enabled.into(),
                json::dumps_map(&service.extra).into(),
            ],
        )
        .await
        .map(drop)
}

/// Writes a service as it is now; the id says which.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn update_service(transaction: &mut Transaction, service: &Service) -> Result<(), StoreError> {
    transaction
        .execute(
            "service",
            "UPDATE service SET type = $2, enabled = $3, extra = $4 WHERE id = $1",
            vec![
                service.id.as_str().into(),
                service.service_type.as_deref().into(),
                service.enabled.into(),
                json::dumps_map(&service.extra).into(),
            ],
        )
        .await
        .map(drop)
}

/// Deletes a service.
///
/// # Errors
/// A conflict if it still has endpoints.
pub async fn delete_service(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    transaction.execute("service", "DELETE FROM service WHERE id = $1", vec![id.into()]).await.map(drop)
}

/// Waits until no other transaction holds this service, and holds it until this one ends: for tables that have rules about
/// a service, and no constraint that would keep two writers apart. Answers whether there is such a service.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn lock_service(transaction: &mut Transaction, id: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE service SET enabled = enabled WHERE id = $1";
    Ok(transaction.execute("service", sql, vec![id.into()]).await? > 0)
}

fn service_from(row: &Row) -> Result<Service, StoreError> {
    Ok(Service {
        id: row.text("id")?,
        service_type: row.opt_text("type")?,
        enabled: row.bool("enabled")?,
        extra: row.json_map("extra")?,
    })
}
