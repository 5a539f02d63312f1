//! Rows of `endpoint`.

use crate::{
    domain::catalog::Endpoint,
    store::{Query, Row, StoreError, Transaction, json, statement::Conditions},
};

macro_rules! select_endpoint {
    () => {
        "SELECT id, service_id, interface, url, region_id, enabled, legacy_endpoint_id, extra FROM endpoint"
    };
}

/// An endpoint.
pub fn endpoint(id: &str) -> Query<Option<Endpoint>> {
    Query::optional("endpoint", concat!(select_endpoint!(), " WHERE id = $1"), vec![id.into()], endpoint_from)
}

/// What a list of endpoints can be narrowed by.
#[derive(Debug, Clone, Default)]
pub struct EndpointFilter {
    /// Of this service.
    pub service_id: Option<String>,
    /// `public`, `internal` or `admin`.
    pub interface: Option<String>,
    /// In this region.
    pub region_id: Option<String>,
    /// Enabled, or not.
    pub enabled: Option<bool>,
}

/// Endpoints.
pub fn endpoints(filter: &EndpointFilter) -> Query<Vec<Endpoint>> {
    let (conditions, values) = Conditions::new()
        .and_if("service_id = ?", filter.service_id.as_deref())
        .and_if("interface = ?", filter.interface.as_deref())
        .and_if("region_id = ?", filter.region_id.as_deref())
        .and_if("enabled = ?", filter.enabled)
        .finish();
    Query::list("endpoint", format!("{}{conditions}", select_endpoint!()), values, endpoint_from)
}

/// Makes an endpoint.
///
/// # Errors
/// A conflict if the id is taken, or service or region do not exist.
pub async fn create_endpoint(transaction: &mut Transaction, endpoint: &Endpoint) -> Result<(), StoreError> {
    transaction
        .execute(
            "endpoint",
            "INSERT INTO endpoint (id, service_id, interface, url, region_id, enabled, legacy_endpoint_id, extra)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            columns(endpoint),
        )
        .await
        .map(drop)
}

/// Writes an endpoint as it is now; the id says which.
///
/// # Errors
/// A conflict if service or region do not exist.
pub async fn update_endpoint(transaction: &mut Transaction, endpoint: &Endpoint) -> Result<(), StoreError> {
    transaction
        .execute(
            "endpoint",
            "UPDATE endpoint SET
                service_id = $2, interface = $3, url = $4, region_id = $5, enabled = $6, legacy_endpoint_id = $7, extra = $8
                WHERE id = $1",
            columns(endpoint),
        )
        .await
        .map(drop)
}

/// Moves an endpoint to another URL.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn set_endpoint_url(transaction: &mut Transaction, id: &str, url: &str) -> Result<(), StoreError> {
    transaction
        .execute("endpoint", "UPDATE endpoint SET url = $2 WHERE id = $1", vec![id.into(), url.into()])
        .await
        .map(drop)
}

/// Deletes an endpoint.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_endpoint(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    transaction.execute("endpoint", "DELETE FROM endpoint WHERE id = $1", vec![id.into()]).await.map(drop)
}

/// Deletes all endpoints of a service.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_endpoints_of_service(transaction: &mut Transaction, service_id: &str) -> Result<(), StoreError> {
    transaction
        .execute("endpoint", "DELETE FROM endpoint WHERE service_id = $1", vec![service_id.into()])
        .await
        .map(drop)
}

/// As [`super::lock_service`], of an endpoint.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn lock_endpoint(transaction: &mut Transaction, id: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE endpoint SET enabled = enabled WHERE id = $1";
    Ok(transaction.execute("endpoint", sql, vec![id.into()]).await? > 0)
}

fn columns(endpoint: &Endpoint) -> Vec<crate::store::Value> {
    vec![
        endpoint.id.as_str().into(),
        endpoint.service_id.as_str().into(),
        endpoint.interface.as_str().into(),
        endpoint.url.as_str().into(),
        endpoint.region_id.as_deref().into(),
        endpoint.enabled.into(),
        endpoint.legacy_endpoint_id.as_deref().into(),
        json::dumps_map(&endpoint.extra).into(),
    ]
}

fn endpoint_from(row: &Row) -> Result<Endpoint, StoreError> {
    Ok(Endpoint {
        id: row.text("id")?,
        service_id: row.text("service_id")?,
        interface: row.text("interface")?,
        url: row.text("url")?,
        region_id: row.opt_text("region_id")?,
        enabled: row.bool("enabled")?,
        legacy_endpoint_id: row.opt_text("legacy_endpoint_id")?,
        extra: row.json_map("extra")?,
    })
}
