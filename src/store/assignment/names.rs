//! What the ids in assignments are called (`?include_names`): many at a time, and no more than name and domain of each.

use crate::{
    domain::{
        ids::{DomainId, GroupId, ProjectId, UserId},
        resource::ROOT_DOMAIN_ID,
    },
    store::{Query, Row, StoreError, Value},
};

/// A name and where it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<I> {
    /// Whose.
    pub id: I,
    /// `None` for a user that has no name anywhere.
    pub name: Option<String>,
    /// `None` for a project that acts as a domain.
    pub domain_id: Option<DomainId>,
}

/// Those of the users that exist.
pub fn user_names(ids: &[UserId]) -> Query<Vec<Named<UserId>>> {
    named(
        "user",
        r#"SELECT
                "user".id,
                "user".domain_id,
                COALESCE(
                    local_user.name,
                    nonlocal_user.name,
                    (
                        SELECT display_name FROM federated_user
                        WHERE federated_user.user_id = "user".id
                        ORDER BY federated_user.id
                        LIMIT 1
                    )
                ) AS name
            FROM "user"
            LEFT JOIN local_user ON local_user.user_id = "user".id
            LEFT JOIN nonlocal_user ON nonlocal_user.user_id = "user".id
            WHERE "user".id IN ($1)"#,
        ids.into(),
    )
}

/// Those of the groups that exist.
pub fn group_names(ids: &[GroupId]) -> Query<Vec<Named<GroupId>>> {
    named("group", r#"SELECT id, domain_id, name FROM "group" WHERE id IN ($1)"#, ids.into())
}

/// Those of the projects that exist; a domain is one of them.
pub fn project_names(ids: &[ProjectId]) -> Query<Vec<Named<ProjectId>>> {
    named(
        "project",
        "SELECT id, domain_id, name FROM project WHERE id IN ($1) AND id <> '<<keystone.domain.root>>'",
        ids.into(),
    )
}

fn named<I: for<'t> From<&'t str> + 'static>(
    table: &'static str,
    sql: &'static str,
    ids: Value,
) -> Query<Vec<Named<I>>> {
    Query::list(table, sql, vec![ids], named_from)
}

fn named_from<I: for<'t> From<&'t str>>(row: &Row) -> Result<Named<I>, StoreError> {
    Ok(Named {
        id: row.id("id")?,
        name: row.opt_text("name")?,
        domain_id: row.opt_id::<DomainId>("domain_id")?.filter(|id| id.as_str() != ROOT_DOMAIN_ID),
    })
}
