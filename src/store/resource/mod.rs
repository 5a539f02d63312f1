//! Projects and domains. Facts: Keystone `resource/backends/sql.py` and `sql_model.py`.
//!
//! Here is how they are found; `lineage` is what is above a project, `subtree` what is below it, `write` how they are
//! made, changed and deleted, `belongings` what tables of other subjects hold for them.

pub mod belongings;
mod lineage;
mod subtree;
mod write;

pub(super) use self::lineage::with_chain;
pub use self::{
    lineage::{Lineage, MAX_DEPTH, lineage},
    subtree::{has_children, has_enabled_below, immutable_project_of, tree_around},
    write::{create_project, delete_project, loosen_tree, update_project},
};
use super::{Store, error::StoreError, query::Query, row::Row, statement::Conditions};
use crate::domain::{
    ids::{DomainId, ProjectId},
    resource::{Domain, Project, ROOT_DOMAIN_ID},
};

macro_rules! project_columns {
    () => {
        "project.id,
            project.name,
            project.domain_id,
            project.parent_id,
            project.is_domain,
            project.enabled,
            project.description,
            project.extra,
            (
                SELECT option_value FROM project_option
                WHERE project_option.project_id = project.id AND project_option.option_id = 'IMMU'
            ) AS immutable,
            project_tag.name AS tag"
    };
}

/// Projects come with one row for each tag, or one row.
macro_rules! select_project {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            project_columns!(),
            " FROM project LEFT JOIN project_tag ON project_tag.project_id = project.id
            WHERE ",
            $condition,
            " AND project.id <> '<<keystone.domain.root>>' ORDER BY project.id, project_tag.name"
        )
    };
}

/// A project, or the project that acts as a domain. Never the hidden root.
pub fn project(id: &ProjectId) -> Query<Option<Project>> {
    Query::new("project", select_project!("project.id = $1"), vec![id.into()], |rows| one(&rows))
}

/// A project by name; without a domain, a project that acts as one.
pub fn project_by_name(name: &str, domain_id: Option<&DomainId>) -> Query<Option<Project>> {
    let domain_id = domain_id.map_or(ROOT_DOMAIN_ID, DomainId::as_str);
    Query::new(
        "project",
        select_project!("project.name = $1 AND project.domain_id = $2"),
        vec![name.into(), domain_id.into()],
        |rows| one(&rows),
    )
}

/// Those of the projects that exist, by id.
pub fn projects_by_ids(ids: &[ProjectId]) -> Query<Vec<Project>> {
    Query::new("project", select_project!("project.id IN ($1)"), vec![ids.into()], |rows| many(&rows))
}

/// The ids of the projects of these domains, domains themselves left out.
pub fn project_ids_of_domains(domain_ids: &[DomainId]) -> Query<Vec<ProjectId>> {
    Query::list(
        "project",
        "SELECT id FROM project WHERE domain_id IN ($1) AND id <> '<<keystone.domain.root>>' ORDER BY id",
        vec![domain_ids.into()],
        |row| row.id("id"),
    )
}

/// What a list of projects can be narrowed by. Every field that is `None` lets all through.
#[derive(Debug, Clone, Default)]
pub struct ProjectFilter {
    /// Of this domain. The root domain's id gives the projects that act as domains.
    pub domain_id: Option<DomainId>,
    /// With this name.
    pub name: Option<String>,
    /// Enabled, or not. A null column is neither.
    pub enabled: Option<bool>,
    /// Directly below this project or domain.
    pub parent_id: Option<ProjectId>,
    /// Acting as a domain, or not.
    pub is_domain: Option<bool>,
    /// One of these.
    pub ids: Option<Vec<ProjectId>>,
    /// After this one, in the order of ids.
    pub marker: Option<ProjectId>,
    /// At most so many.
    pub limit: Option<i64>,
}

/// Projects, in the order of ids.
pub fn projects(filter: &ProjectFilter) -> Query<Vec<Project>> {
    let (conditions, mut values) = Conditions::new()
        .and("id <> ?", ROOT_DOMAIN_ID)
        .and_if("domain_id = ?", filter.domain_id.as_ref())
        .and_if("name = ?", filter.name.as_deref())
        .and_if("enabled = ?", filter.enabled)
        .and_if("parent_id = ?", filter.parent_id.as_ref())
        .and_if("is_domain = ?", filter.is_domain)
        .and_if("id IN (?)", filter.ids.as_deref())
        .and_if("id > ?", filter.marker.as_ref())
        .finish();
    let limit = match filter.limit {
        None => String::new(),
        Some(limit) => {
            values.push(limit.into());
            format!(" LIMIT ${}", values.len())
        }
    };
    // The limit counts projects, not tags: hence the inner statement.
    let sql = format!(
        "SELECT {columns}
            FROM (SELECT * FROM project{conditions} ORDER BY id{limit}) AS project
            LEFT JOIN project_tag ON project_tag.project_id = project.id
            ORDER BY project.id, project_tag.name",
        columns = project_columns!(),
    );
    Query::new("project", sql, values, |rows| many(&rows))
}

/// A domain.
pub fn domain(id: &DomainId) -> Query<Option<Domain>> {
    project(&id.as_project()).map(|project| project.filter(|project| project.is_domain).map(domain_of))
}

/// A domain by name.
pub fn domain_by_name(name: &str) -> Query<Option<Domain>> {
    project_by_name(name, None).map(|project| project.map(domain_of))
}

impl Store {
    /// Runs [`project`].
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn project(&self, id: &ProjectId) -> Result<Option<Project>, StoreError> {
        self.run(project(id)).await
    }

    /// Runs [`domain`].
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn domain(&self, id: &DomainId) -> Result<Option<Domain>, StoreError> {
        self.run(domain(id)).await
    }

    /// Runs [`lineage()`].
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn lineage(&self, id: &ProjectId) -> Result<Option<Lineage>, StoreError> {
        self.run(lineage(id)).await
    }
}

/// The row of a project that acts as a domain, seen as a domain.
pub fn domain_of(project: Project) -> Domain {
    Domain {
        id: project.id.as_domain(),
        name: project.name,
        enabled: project.enabled,
        description: project.description,
        tags: project.tags,
        extra: project.extra,
        immutable: project.immutable,
    }
}

fn one(rows: &[Row]) -> Result<Option<Project>, StoreError> {
    Ok(many(rows)?.into_iter().next())
}

/// Projects from rows in the order of ids, one row for each tag.
fn many(rows: &[Row]) -> Result<Vec<Project>, StoreError> {
    let mut projects: Vec<Project> = Vec::new();
    for row in rows {
        let id: ProjectId = row.id("id")?;
        match projects.last_mut() {
            Some(last) if last.id == id => last.tags.extend(row.opt_text("tag")?),
            _ => projects.push(project_from(row)?),
        }
    }
    Ok(projects)
}

fn project_from(row: &Row) -> Result<Project, StoreError> {
    Ok(Project {
        id: row.id("id")?,
        name: row.text("name")?,
        domain_id: row.opt_id::<DomainId>("domain_id")?.filter(|id| id.as_str() != ROOT_DOMAIN_ID),
        parent_id: row.opt_id("parent_id")?,
        is_domain: row.bool("is_domain")?,
        enabled: row.opt_bool("enabled")?,
        description: row.opt_text("description")?,
        tags: row.opt_text("tag")?.into_iter().collect(),
        extra: row.json_map("extra")?,
        immutable: row.opt_json("immutable")?.and_then(|value| value.as_bool()),
    })
}
