//! What tables of other subjects hold for a project or a domain, where no foreign key takes it away.
//!
//! Facts: Keystone's `delete_project_assignments`, `delete_domain_assignments` (`assignment/backends/sql.py`),
//! `delete_credentials_for_project`, `delete_trusts_for_project`, `delete_limits_for_project`,
//! `delete_association_by_project`, `delete_endpoint_group_association_by_project` (`catalog/backends/sql.py`) and
//! `unset_default_project_id` (`identity/backends/sql.py`). Application credentials and OAuth1 tokens stay, as they do
//! there; so do the roles and limits of a domain.

use chrono::{DateTime, Utc};

use crate::{
    domain::ids::{DomainId, GroupId, ProjectId, UserId},
    store::{Transaction, error::StoreError, query::Query},
};

/// Deletes who has which role on a project, its credentials, limits and associations with endpoints and endpoint groups;
/// lets no user have it as default project; and marks its trusts as deleted.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_belongings_of_project(
    transaction: &mut Transaction,
    id: &ProjectId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let statements = [
        ("assignment", "DELETE FROM assignment WHERE target_id = $1 AND type IN ('UserProject', 'GroupProject')"),
        ("credential", "DELETE FROM credential WHERE project_id = $1"),
        ("limit", "DELETE FROM \"limit\" WHERE project_id = $1"),
        ("project_endpoint", "DELETE FROM project_endpoint WHERE project_id = $1"),
        ("project_endpoint_group", "DELETE FROM project_endpoint_group WHERE project_id = $1"),
        ("user", "UPDATE \"user\" SET default_project_id = NULL WHERE default_project_id = $1"),
    ];
    for (table, statement) in statements {
        transaction.execute(table, statement, vec![id.into()]).await?;
    }
    transaction
        .execute("trust", "UPDATE trust SET deleted_at = $2 WHERE project_id = $1", vec![id.into(), now.into()])
        .await
        .map(drop)
}

/// Deletes who has which role on a domain, and its identity providers with their protocols.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_belongings_of_domain(transaction: &mut Transaction, id: &DomainId) -> Result<(), StoreError> {
    let statements = [
        ("assignment", "DELETE FROM assignment WHERE target_id = $1 AND type IN ('UserDomain', 'GroupDomain')"),
        ("identity_provider", "DELETE FROM identity_provider WHERE domain_id = $1"),
    ];
    for (table, statement) in statements {
        transaction.execute(table, statement, vec![id.into()]).await?;
    }
    Ok(())
}

/// The users of a domain.
pub fn user_ids(domain_id: &DomainId) -> Query<Vec<UserId>> {
    Query::list("user", "SELECT id FROM \"user\" WHERE domain_id = $1 ORDER BY id", vec![domain_id.into()], |row| {
        row.id("id")
    })
}

/// The groups of a domain.
pub fn group_ids(domain_id: &DomainId) -> Query<Vec<GroupId>> {
    Query::list("group", "SELECT id FROM \"group\" WHERE domain_id = $1 ORDER BY id", vec![domain_id.into()], |row| {
        row.id("id")
    })
}
