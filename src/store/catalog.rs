//! Regions, services, endpoints, and which project sees which endpoint. Facts: Keystone `catalog/backends/sql.py`.

use super::{Transaction, error::StoreError, json, query::Query, row::Row, statement::Conditions};
use crate::domain::{
    catalog::{Endpoint, EndpointGroup, Region, Service},
    ids::ProjectId,
};

/// A region.
pub fn region(id: &str) -> Query<Option<Region>> {
    Query::optional(
        "region",
        "SELECT id, description, parent_region_id, extra FROM region WHERE id = $1",
        vec![id.into()],
        region_from,
    )
}

/// Regions; with `parent_region_id`, those directly below it.
pub fn regions(parent_region_id: Option<&str>) -> Query<Vec<Region>> {
    let (conditions, values) = Conditions::new().and_if("parent_region_id = ?", parent_region_id).finish();
    Query::list(
        "region",
        format!("SELECT id, description, parent_region_id, extra FROM region{conditions}"),
        values,
        region_from,
    )
}

/// A service.
pub fn service(id: &str) -> Query<Option<Service>> {
    Query::optional(
        "service",
        "SELECT id, type, enabled, extra FROM service WHERE id = $1",
        vec![id.into()],
        service_from,
    )
}

/// What a list of services can be narrowed by. A service's name is in `extra`, where SQL does not look.
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

/// The endpoints that a project is associated with directly (OS-EP-FILTER). They need not exist.
pub fn endpoint_ids_of_project(project_id: &ProjectId) -> Query<Vec<String>> {
    Query::list(
        "project_endpoint",
        "SELECT endpoint_id FROM project_endpoint WHERE project_id = $1",
        vec![project_id.into()],
        |row| row.text("endpoint_id"),
    )
}

/// The endpoint groups that a project is associated with (OS-EP-FILTER).
pub fn endpoint_groups_of_project(project_id: &ProjectId) -> Query<Vec<EndpointGroup>> {
    Query::list(
        "endpoint_group",
        "SELECT endpoint_group.id, endpoint_group.name, endpoint_group.description, endpoint_group.filters
            FROM project_endpoint_group
            JOIN endpoint_group ON endpoint_group.id = project_endpoint_group.endpoint_group_id
            WHERE project_endpoint_group.project_id = $1",
        vec![project_id.into()],
        |row| {
            Ok(EndpointGroup {
                id: row.text("id")?,
                name: row.text("name")?,
                description: row.opt_text("description")?,
                filters: row.json_map("filters")?,
            })
        },
    )
}

/// Makes a region.
///
/// # Errors
/// A conflict if the id is taken.
pub async fn create_region(transaction: &mut Transaction, region: &Region) -> Result<(), StoreError> {
    transaction
        .execute(
            "region",
            "INSERT INTO region (id, description, parent_region_id, extra) VALUES ($1, $2, $3, $4)",
            vec![
                region.id.as_str().into(),
                region.description.as_str().into(),
                region.parent_region_id.as_deref().into(),
                json::dumps_map(&region.extra).into(),
            ],
        )
        .await
        .map(drop)
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

/// Writes a service's columns.
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

/// Deletes a service and its endpoints.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_service(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    for (table, sql) in
        [("endpoint", "DELETE FROM endpoint WHERE service_id = $1"), ("service", "DELETE FROM service WHERE id = $1")]
    {
        transaction.execute(table, sql, vec![id.into()]).await?;
    }
    Ok(())
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
            vec![
                endpoint.id.as_str().into(),
                endpoint.service_id.as_str().into(),
                endpoint.interface.as_str().into(),
                endpoint.url.as_str().into(),
                endpoint.region_id.as_deref().into(),
                endpoint.enabled.into(),
                endpoint.legacy_endpoint_id.as_deref().into(),
                json::dumps_map(&endpoint.extra).into(),
            ],
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

fn region_from(row: &Row) -> Result<Region, StoreError> {
    Ok(Region {
        id: row.text("id")?,
        description: row.text("description")?,
        parent_region_id: row.opt_text("parent_region_id")?,
        extra: row.json_map("extra")?,
    })
}

fn service_from(row: &Row) -> Result<Service, StoreError> {
    Ok(Service {
        id: row.text("id")?,
        service_type: row.opt_text("type")?,
        enabled: row.bool("enabled")?,
        extra: row.json_map("extra")?,
    })
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
