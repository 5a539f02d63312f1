//! Unified limits. Facts: Keystone `limit/backends/sql.py`.
//!
//! The tables have no constraint that would keep two limits about the same thing apart, nor one that ties a limit to its
//! registered limit. So a writer takes hold of the service first: [`super::catalog::lock_service`].

use super::{Transaction, error::StoreError, query::Query, row::Row, statement::Conditions, value::Value};
use crate::domain::{
    ids::{DomainId, ProjectId},
    limit::{Limit, RegisteredLimit},
};

macro_rules! select_registered_limit {
    () => {
        "SELECT id, service_id, region_id, resource_name, default_limit, description FROM registered_limit"
    };
}

macro_rules! select_limit {
    () => {
        r#"SELECT
            "limit".id,
            "limit".project_id,
            "limit".domain_id,
            "limit".resource_limit,
            "limit".description,
            registered_limit.service_id,
            registered_limit.region_id,
            registered_limit.resource_name
            FROM "limit" LEFT JOIN registered_limit ON registered_limit.id = "limit".registered_limit_id"#
    };
}

/// A resource that limits are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource<'r> {
    /// Of this service.
    pub service_id: &'r str,
    /// In this region; `None`: in none.
    pub region_id: Option<&'r str>,
    /// By this name.
    pub name: &'r str,
}

/// What a registered limit is about, if it says so: all but broken ones do.
pub fn resource_of(limit: &RegisteredLimit) -> Option<Resource<'_>> {
    Some(Resource {
        service_id: limit.service_id.as_deref()?,
        region_id: limit.region_id.as_deref(),
        name: limit.resource_name.as_deref()?,
    })
}

/// What a limit is about.
pub fn resource_of_limit(limit: &Limit) -> Option<Resource<'_>> {
    Some(Resource {
        service_id: limit.service_id.as_deref()?,
        region_id: limit.region_id.as_deref(),
        name: limit.resource_name.as_deref()?,
    })
}

/// A registered limit.
pub fn registered_limit(id: &str) -> Query<Option<RegisteredLimit>> {
    Query::optional(
        "registered_limit",
        concat!(select_registered_limit!(), " WHERE id = $1"),
        vec![id.into()],
        registered_limit_from,
    )
}

/// The registered limit of a resource.
pub fn registered_limit_of(resource: Resource<'_>) -> Query<Option<RegisteredLimit>> {
    Query::optional(
        "registered_limit",
        concat!(
            select_registered_limit!(),
            " WHERE service_id = $1 AND region_id IS NOT DISTINCT FROM $2 AND resource_name = $3"
        ),
        vec![resource.service_id.into(), resource.region_id.into(), resource.name.into()],
        registered_limit_from,
    )
}

/// What a list of limits, registered or not, can be narrowed by.
#[derive(Debug, Clone, Default)]
pub struct LimitFilter {
    /// Of this service.
    pub service_id: Option<String>,
    /// In this region.
    pub region_id: Option<String>,
    /// Of this resource.
    pub resource_name: Option<String>,
    /// For this project; registered limits are for none.
    pub project_id: Option<ProjectId>,
    /// For this domain; registered limits are for none.
    pub domain_id: Option<DomainId>,
}

/// Registered limits.
pub fn registered_limits(filter: &LimitFilter) -> Query<Vec<RegisteredLimit>> {
    let (conditions, values) = Conditions::new()
        .and_if("service_id = ?", filter.service_id.as_deref())
        .and_if("region_id = ?", filter.region_id.as_deref())
        .and_if("resource_name = ?", filter.resource_name.as_deref())
        .finish();
    Query::list(
        "registered_limit",
        format!("{}{conditions}", select_registered_limit!()),
        values,
        registered_limit_from,
    )
}

/// A limit.
pub fn limit(id: &str) -> Query<Option<Limit>> {
    Query::optional("limit", concat!(select_limit!(), r#" WHERE "limit".id = $1"#), vec![id.into()], limit_from)
}

/// Limits.
pub fn limits(filter: &LimitFilter) -> Query<Vec<Limit>> {
    let (conditions, values) = Conditions::new()
        .and_if("registered_limit.service_id = ?", filter.service_id.as_deref())
        .and_if("registered_limit.region_id = ?", filter.region_id.as_deref())
        .and_if("registered_limit.resource_name = ?", filter.resource_name.as_deref())
        .and_if(r#""limit".project_id = ?"#, filter.project_id.as_ref())
        .and_if(r#""limit".domain_id = ?"#, filter.domain_id.as_ref())
        .finish();
    Query::list("limit", format!("{}{conditions}", select_limit!()), values, limit_from)
}

/// The limits of a resource, for whomever.
pub fn limits_of(resource: Resource<'_>) -> Query<Vec<Limit>> {
    Query::list(
        "limit",
        concat!(
            select_limit!(),
            " WHERE registered_limit.service_id = $1
                AND registered_limit.region_id IS NOT DISTINCT FROM $2
                AND registered_limit.resource_name = $3"
        ),
        vec![resource.service_id.into(), resource.region_id.into(), resource.name.into()],
        limit_from,
    )
}

/// Whether a registered limit is referred to by limits.
pub fn is_referred_to(registered_limit_id: &str) -> Query<bool> {
    Query::new(
        "limit",
        r#"SELECT id FROM "limit" WHERE registered_limit_id = $1 LIMIT 1"#,
        vec![registered_limit_id.into()],
        |rows| Ok(!rows.is_empty()),
    )
}

/// Whether a project, or else a domain, or else nobody in particular, has a limit that refers to this registered limit.
pub fn has_limit(
    registered_limit_id: &str,
    project_id: Option<&ProjectId>,
    domain_id: Option<&DomainId>,
) -> Query<bool> {
    let conditions = Conditions::new().and("registered_limit_id = ?", registered_limit_id);
    let conditions = match (project_id, domain_id) {
        (Some(id), _) => conditions.and("project_id = ?", Some(id)),
        (None, Some(id)) => conditions.and("domain_id = ?", Some(id)),
        (None, None) => conditions.and_always("domain_id IS NULL"),
    };
    let (conditions, values) = conditions.finish();
    Query::new("limit", format!(r#"SELECT id FROM "limit"{conditions}"#), values, |rows| Ok(!rows.is_empty()))
}

/// Makes a registered limit.
///
/// # Errors
/// A conflict if the id is taken.
pub async fn create_registered_limit(transaction: &mut Transaction, limit: &RegisteredLimit) -> Result<(), StoreError> {
    transaction
        .execute(
            "registered_limit",
            "INSERT INTO registered_limit (id, service_id, region_id, resource_name, default_limit, description)
                VALUES ($1, $2, $3, $4, $5, $6)",
            registered_columns(limit),
        )
        .await
        .map(drop)
}

/// Writes a registered limit as it is now; the id says which.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn update_registered_limit(transaction: &mut Transaction, limit: &RegisteredLimit) -> Result<(), StoreError> {
    transaction
        .execute(
            "registered_limit",
            "UPDATE registered_limit SET
                service_id = $2, region_id = $3, resource_name = $4, default_limit = $5, description = $6
                WHERE id = $1",
            registered_columns(limit),
        )
        .await
        .map(drop)
}

/// Deletes a registered limit.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_registered_limit(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM registered_limit WHERE id = $1";
    transaction.execute("registered_limit", sql, vec![id.into()]).await.map(drop)
}

/// Makes a limit that refers to a registered limit; what `limit` repeats of that is not written.
///
/// # Errors
/// A conflict if the id is taken.
pub async fn create_limit(
    transaction: &mut Transaction,
    limit: &Limit,
    registered_limit_id: &str,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "limit",
            r#"INSERT INTO "limit" (id, project_id, domain_id, resource_limit, description, registered_limit_id)
                VALUES ($1, $2, $3, $4, $5, $6)"#,
            vec![
                limit.id.as_str().into(),
                limit.project_id.as_ref().into(),
                limit.domain_id.as_ref().into(),
                limit.resource_limit.into(),
                limit.description.as_deref().into(),
                registered_limit_id.into(),
            ],
        )
        .await
        .map(drop)
}

/// Writes how much a limit allows, and its description.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn update_limit(transaction: &mut Transaction, limit: &Limit) -> Result<(), StoreError> {
    transaction
        .execute(
            "limit",
            r#"UPDATE "limit" SET resource_limit = $2, description = $3 WHERE id = $1"#,
            vec![limit.id.as_str().into(), limit.resource_limit.into(), limit.description.as_deref().into()],
        )
        .await
        .map(drop)
}

/// Deletes a limit.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_limit(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    transaction.execute("limit", r#"DELETE FROM "limit" WHERE id = $1"#, vec![id.into()]).await.map(drop)
}

fn registered_columns(limit: &RegisteredLimit) -> Vec<Value> {
    vec![
        limit.id.as_str().into(),
        limit.service_id.as_deref().into(),
        limit.region_id.as_deref().into(),
        limit.resource_name.as_deref().into(),
        limit.default_limit.into(),
        limit.description.as_deref().into(),
    ]
}

fn registered_limit_from(row: &Row) -> Result<RegisteredLimit, StoreError> {
    Ok(RegisteredLimit {
        id: row.text("id")?,
        service_id: row.opt_text("service_id")?,
        region_id: row.opt_text("region_id")?,
        resource_name: row.opt_text("resource_name")?,
        default_limit: row.integer("default_limit")?,
        description: row.opt_text("description")?,
    })
}

fn limit_from(row: &Row) -> Result<Limit, StoreError> {
    Ok(Limit {
        id: row.text("id")?,
        project_id: row.opt_id("project_id")?,
        domain_id: row.opt_id("domain_id")?,
        service_id: row.opt_text("service_id")?,
        region_id: row.opt_text("region_id")?,
        resource_name: row.opt_text("resource_name")?,
        resource_limit: row.integer("resource_limit")?,
        description: row.opt_text("description")?,
    })
}
