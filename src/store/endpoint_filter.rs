//! Which project sees which endpoint (OS-EP-FILTER): endpoints named one by one, and groups of endpoints chosen by
//! attribute. Facts: Keystone `catalog/backends/sql.py`.
//!
//! Neither the endpoint nor the project of an association need exist for the database; only an endpoint group must.

use super::{Transaction, error::StoreError, json, query::Query, row::Row, statement::Conditions};
use crate::domain::{catalog::EndpointGroup, ids::ProjectId};

macro_rules! group_columns {
    () => {
        "endpoint_group.id, endpoint_group.name, endpoint_group.description, endpoint_group.filters"
    };
}

/// The endpoints that a project is associated with directly. They need not exist.
pub fn endpoint_ids_of_project(project_id: &ProjectId) -> Query<Vec<String>> {
    Query::list(
        "project_endpoint",
        "SELECT endpoint_id FROM project_endpoint WHERE project_id = $1",
        vec![project_id.into()],
        |row| row.text("endpoint_id"),
    )
}

/// The projects that an endpoint is associated with directly. They need not exist.
pub fn project_ids_of_endpoint(endpoint_id: &str) -> Query<Vec<ProjectId>> {
    Query::list(
        "project_endpoint",
        "SELECT project_id FROM project_endpoint WHERE endpoint_id = $1",
        vec![endpoint_id.into()],
        |row| row.id("project_id"),
    )
}

/// Whether an endpoint is associated with a project directly.
pub fn is_endpoint_in_project(endpoint_id: &str, project_id: &ProjectId) -> Query<bool> {
    Query::new(
        "project_endpoint",
        "SELECT endpoint_id FROM project_endpoint WHERE endpoint_id = $1 AND project_id = $2",
        vec![endpoint_id.into(), project_id.into()],
        |rows| Ok(!rows.is_empty()),
    )
}

/// An endpoint group.
pub fn endpoint_group(id: &str) -> Query<Option<EndpointGroup>> {
    Query::optional(
        "endpoint_group",
        concat!("SELECT ", group_columns!(), " FROM endpoint_group WHERE id = $1"),
        vec![id.into()],
        group_from,
    )
}

/// Endpoint groups; with `name`, those of that name, of which there may be several.
pub fn endpoint_groups(name: Option<&str>) -> Query<Vec<EndpointGroup>> {
    let (conditions, values) = Conditions::new().and_if("name = ?", name).finish();
    Query::list(
        "endpoint_group",
        format!("{}{conditions}", concat!("SELECT ", group_columns!(), " FROM endpoint_group")),
        values,
        group_from,
    )
}

/// The endpoint groups that a project is associated with.
pub fn endpoint_groups_of_project(project_id: &ProjectId) -> Query<Vec<EndpointGroup>> {
    Query::list(
        "endpoint_group",
        concat!(
            "SELECT ",
            group_columns!(),
            " FROM project_endpoint_group
                JOIN endpoint_group ON endpoint_group.id = project_endpoint_group.endpoint_group_id
                WHERE project_endpoint_group.project_id = $1"
        ),
        vec![project_id.into()],
        group_from,
    )
}

/// The projects that an endpoint group is associated with. They need not exist.
pub fn project_ids_of_endpoint_group(group_id: &str) -> Query<Vec<ProjectId>> {
    Query::list(
        "project_endpoint_group",
        "SELECT project_id FROM project_endpoint_group WHERE endpoint_group_id = $1",
        vec![group_id.into()],
        |row| row.id("project_id"),
    )
}

/// Whether an endpoint group is associated with a project.
pub fn is_endpoint_group_in_project(group_id: &str, project_id: &ProjectId) -> Query<bool> {
    Query::new(
        "project_endpoint_group",
        "SELECT project_id FROM project_endpoint_group WHERE endpoint_group_id = $1 AND project_id = $2",
        vec![group_id.into(), project_id.into()],
        |rows| Ok(!rows.is_empty()),
    )
}

/// Associates an endpoint with a project.
///
/// # Errors
/// A conflict if they are associated.
pub async fn add_endpoint_to_project(
    transaction: &mut Transaction,
    endpoint_id: &str,
    project_id: &ProjectId,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "project_endpoint",
            "INSERT INTO project_endpoint (endpoint_id, project_id) VALUES ($1, $2)",
            vec![endpoint_id.into(), project_id.into()],
        )
        .await
        .map(drop)
}

/// Ends the association of an endpoint with a project. Answers whether there was one.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn remove_endpoint_from_project(
    transaction: &mut Transaction,
    endpoint_id: &str,
    project_id: &ProjectId,
) -> Result<bool, StoreError> {
    let removed = transaction
        .execute(
            "project_endpoint",
            "DELETE FROM project_endpoint WHERE endpoint_id = $1 AND project_id = $2",
            vec![endpoint_id.into(), project_id.into()],
        )
        .await?;
    Ok(removed > 0)
}

/// Makes an endpoint group.
///
/// # Errors
/// A conflict if the id is taken.
pub async fn create_endpoint_group(transaction: &mut Transaction, group: &EndpointGroup) -> Result<(), StoreError> {
    transaction
        .execute(
            "endpoint_group",
            "INSERT INTO endpoint_group (id, name, description, filters) VALUES ($1, $2, $3, $4)",
            vec![
                group.id.as_str().into(),
                group.name.as_str().into(),
                group.description.as_deref().into(),
                json::dumps_map(&group.filters).into(),
            ],
        )
        .await
        .map(drop)
}

/// Writes an endpoint group as it is now; the id says which.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn update_endpoint_group(transaction: &mut Transaction, group: &EndpointGroup) -> Result<(), StoreError> {
    transaction
        .execute(
            "endpoint_group",
            "UPDATE endpoint_group SET name = $2, description = $3, filters = $4 WHERE id = $1",
            vec![
                group.id.as_str().into(),
                group.name.as_str().into(),
                group.description.as_deref().into(),
                json::dumps_map(&group.filters).into(),
            ],
        )
        .await
        .map(drop)
}

/// Deletes an endpoint group with its associations.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_endpoint_group(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    transaction
        .execute(
            "project_endpoint_group",
            "DELETE FROM project_endpoint_group WHERE endpoint_group_id = $1",
            vec![id.into()],
        )
        .await?;
    transaction.execute("endpoint_group", "DELETE FROM endpoint_group WHERE id = $1", vec![id.into()]).await.map(drop)
}

/// Associates an endpoint group with a project.
///
/// # Errors
/// A conflict if they are associated, or there is no such group.
pub async fn add_endpoint_group_to_project(
    transaction: &mut Transaction,
    group_id: &str,
    project_id: &ProjectId,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "project_endpoint_group",
            "INSERT INTO project_endpoint_group (endpoint_group_id, project_id) VALUES ($1, $2)",
            vec![group_id.into(), project_id.into()],
        )
        .await
        .map(drop)
}

/// Ends the association of an endpoint group with a project. Answers whether there was one.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn remove_endpoint_group_from_project(
    transaction: &mut Transaction,
    group_id: &str,
    project_id: &ProjectId,
) -> Result<bool, StoreError> {
    let removed = transaction
        .execute(
            "project_endpoint_group",
            "DELETE FROM project_endpoint_group WHERE endpoint_group_id = $1 AND project_id = $2",
            vec![group_id.into(), project_id.into()],
        )
        .await?;
    Ok(removed > 0)
}

/// Ends all direct associations of an endpoint.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn remove_endpoint_from_all_projects(
    transaction: &mut Transaction,
    endpoint_id: &str,
) -> Result<(), StoreError> {
    transaction
        .execute("project_endpoint", "DELETE FROM project_endpoint WHERE endpoint_id = $1", vec![endpoint_id.into()])
        .await
        .map(drop)
}

/// Whether any project is associated with an endpoint or a group of endpoints.
pub fn any_filter() -> Query<bool> {
    Query::new(
        "project_endpoint",
        "SELECT project_id FROM project_endpoint UNION SELECT project_id FROM project_endpoint_group LIMIT 1",
        vec![],
        |rows| Ok(!rows.is_empty()),
    )
}

fn group_from(row: &Row) -> Result<EndpointGroup, StoreError> {
    Ok(EndpointGroup {
        id: row.text("id")?,
        name: row.text("name")?,
        description: row.opt_text("description")?,
        filters: row.json_map("filters")?,
    })
}
