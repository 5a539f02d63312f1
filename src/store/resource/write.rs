//! Making, changing and deleting projects and domains.

use crate::{
    domain::{
        ids::{DomainId, ProjectId},
        resource::{Project, ROOT_DOMAIN_ID},
    },
    store::{Transaction, error::StoreError, json},
};

/// Makes a project, or one that acts as a domain (then without a domain and a parent of its own).
///
/// # Errors
/// A conflict if the domain has a project of that name, the id is taken, or domain or parent do not exist.
pub async fn create_project(transaction: &mut Transaction, project: &Project) -> Result<(), StoreError> {
    transaction
        .execute(
            "project",
            "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled, description, extra)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            vec![
                (&project.id).into(),
                project.name.as_str().into(),
                project.domain_id.as_ref().map_or(ROOT_DOMAIN_ID, DomainId::as_str).into(),
                project.parent_id.as_ref().into(),
                project.is_domain.into(),
                project.enabled.into(),
                project.description.as_deref().into(),
                json::dumps_map(&project.extra).into(),
            ],
        )
        .await?;
    insert_tags(transaction, project).await?;
    insert_option(transaction, project).await
}

/// Writes what can change of a project: name, description, whether it is enabled, tags, options and extra attributes.
/// Whether it is still there.
///
/// # Errors
/// A conflict if the domain has another project of that name.
pub async fn update_project(transaction: &mut Transaction, project: &Project) -> Result<bool, StoreError> {
    let changed = transaction
        .execute(
            "project",
            "UPDATE project SET name = $2, enabled = $3, description = $4, extra = $5 WHERE id = $1",
            vec![
                (&project.id).into(),
                project.name.as_str().into(),
                project.enabled.into(),
                project.description.as_deref().into(),
                json::dumps_map(&project.extra).into(),
            ],
        )
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    let id = || vec![(&project.id).into()];
    transaction.execute("project_tag", "DELETE FROM project_tag WHERE project_id = $1", id()).await?;
    insert_tags(transaction, project).await?;
    transaction.execute("project_option", "DELETE FROM project_option WHERE project_id = $1", id()).await?;
    insert_option(transaction, project).await?;
    Ok(true)
}

/// Deletes the row of a project with its tags and options, and nothing else: see [`crate::cascade`] for the rest. Whether
/// it was there.
///
/// # Errors
/// A conflict if there are projects below it, or in it where it acts as a domain.
pub async fn delete_project(transaction: &mut Transaction, id: &ProjectId) -> Result<bool, StoreError> {
    transaction.execute("project", "DELETE FROM project WHERE id = $1", vec![id.into()]).await.map(|rows| rows > 0)
}

/// Lets no project of a domain be above another, so that they can be deleted one by one in any order, trees that bite
/// their tail included.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn loosen_tree(transaction: &mut Transaction, domain_id: &DomainId) -> Result<(), StoreError> {
    transaction
        .execute("project", "UPDATE project SET parent_id = NULL WHERE domain_id = $1", vec![domain_id.into()])
        .await
        .map(drop)
}

async fn insert_tags(transaction: &mut Transaction, project: &Project) -> Result<(), StoreError> {
    for tag in &project.tags {
        transaction
            .execute(
                "project_tag",
                "INSERT INTO project_tag (project_id, name) VALUES ($1, $2)",
                vec![(&project.id).into(), tag.into()],
            )
            .await?;
    }
    Ok(())
}

async fn insert_option(transaction: &mut Transaction, project: &Project) -> Result<(), StoreError> {
    let Some(immutable) = project.immutable else { return Ok(()) };
    transaction
        .execute(
            "project_option",
            "INSERT INTO project_option (project_id, option_id, option_value) VALUES ($1, 'IMMU', $2)",
            vec![(&project.id).into(), immutable.to_string().into()],
        )
        .await
        .map(drop)
}
