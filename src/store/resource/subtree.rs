//! What is below a project.

use crate::{
    domain::{
        ids::{DomainId, ProjectId},
        resource::ProjectNode,
    },
    store::query::Query,
};

/// The trees that these domains and projects are part of: every project of the domains, and of the domains that own the
/// projects or that they act as. The domains themselves are left out.
pub fn tree_around(domain_ids: &[DomainId], project_ids: &[ProjectId]) -> Query<Vec<ProjectNode>> {
    Query::list(
        "project",
        "SELECT id, domain_id, parent_id FROM project
            WHERE domain_id <> '<<keystone.domain.root>>' AND (
                domain_id IN ($1)
                OR domain_id IN ($2)
                OR domain_id IN (SELECT domain_id FROM project WHERE id IN ($2))
            )",
        vec![domain_ids.into(), project_ids.into()],
        |row| {
            Ok(ProjectNode {
                id: row.id("id")?,
                domain_id: row.opt_id("domain_id")?,
                parent_id: row.opt_id("parent_id")?,
            })
        },
    )
}

/// A project of this domain that is immutable, if there is one.
pub fn immutable_project_of(domain_id: &DomainId) -> Query<Option<ProjectId>> {
    Query::optional(
        "project",
        "SELECT project.id FROM project JOIN project_option ON project_option.project_id = project.id
            WHERE project.domain_id = $1
                AND project_option.option_id = 'IMMU'
                AND project_option.option_value = 'true'
            ORDER BY project.id LIMIT 1",
        vec![domain_id.into()],
        |row| row.id("id"),
    )
}

/// Whether a project has others directly below it (Keystone's `is_leaf_project`, turned round).
pub fn has_children(id: &ProjectId) -> Query<bool> {
    Query::new("project", "SELECT id FROM project WHERE parent_id = $1 LIMIT 1", vec![id.into()], |rows| {
        Ok(!rows.is_empty())
    })
}

/// Whether any project below this one, however deep, is enabled. A null column counts as not.
pub fn has_enabled_below(id: &ProjectId) -> Query<bool> {
    Query::new(
        "project",
        // UNION, not UNION ALL: a tree that bites its tail ends where it was entered.
        "WITH RECURSIVE below (id, enabled) AS (
            SELECT id, enabled FROM project WHERE parent_id = $1
            UNION
            SELECT project.id, project.enabled FROM below JOIN project ON project.parent_id = below.id
        )
        SELECT id FROM below WHERE enabled LIMIT 1",
        vec![id.into()],
        |rows| Ok(!rows.is_empty()),
    )
}
