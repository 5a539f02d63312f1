//! What is above a project.

use std::{collections::HashSet, sync::Arc};

use super::{domain_of, project_from};
use crate::{
    domain::{
        ids::ProjectId,
        resource::{Domain, Project},
    },
    store::{error::StoreError, feed::Topic, query::Query, row::Row},
};

/// How far up a project's ancestors are followed. Keystone's `max_project_tree_depth` is 5 by default; whoever goes
/// beyond this has made a circle.
pub const MAX_DEPTH: i64 = 100;

/// The rows of a project and of everything above it, as a table expression `chain (id, parent_id, depth)`: the project
/// has depth 0, its parent 1 and so on. The domain that owns it is there with depth -1 too, should its tree not lead
/// there. `$1` is the project; a domain's id will do.
macro_rules! with_chain {
    () => {
        "WITH RECURSIVE chain (id, parent_id, depth) AS (
            SELECT project.id, project.parent_id, 0 FROM project WHERE project.id = $1
            UNION ALL
            SELECT owner.id, NULL, -1 FROM project JOIN project AS owner ON owner.id = project.domain_id
                WHERE project.id = $1
            UNION ALL
            SELECT project.id, project.parent_id, chain.depth + 1
                FROM chain JOIN project ON project.id = chain.parent_id
                WHERE chain.depth < 100
        )"
    };
}
pub(in crate::store) use with_chain;

/// A project with everything above it.
#[derive(Debug, Clone, PartialEq)]
pub struct Lineage {
    /// The project, or the project that acts as a domain.
    pub project: Arc<Project>,
    /// The domain it belongs to, or is.
    pub domain: Arc<Domain>,
    /// The project's ancestors, the parent first; the last one is normally the domain. Empty for a domain.
    pub parents: Vec<Project>,
    targets: Box<[ProjectId]>,
    topics: Box<[Topic]>,
}

impl Lineage {
    fn new(project: Project, domain: Domain, parents: Vec<Project>) -> Self {
        // A project is named twice in its own lineage if it is a domain, and a domain if it is the last of the parents.
        let mut targets = vec![project.id.clone()];
        for id in parents.iter().map(|parent| parent.id.clone()).chain([domain.id.as_project()]) {
            if !targets.contains(&id) {
                targets.push(id);
            }
        }
        let topics = targets.iter().map(Topic::project).collect();
        Self { project: project.into(), domain: domain.into(), parents, targets: targets.into(), topics }
    }

    /// The project and all above it, the domain included, each once: an assignment on any of them may count.
    pub fn targets(&self) -> &[ProjectId] {
        &self.targets
    }

    /// What this rests on.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }
}

/// A project with everything above it, in one go. `None` if there is no such project, or if its domain is missing.
/// Tags are left out.
pub fn lineage(id: &ProjectId) -> Query<Option<Lineage>> {
    Query::new(
        "project",
        concat!(
            with_chain!(),
            " SELECT
                project.id,
                project.name,
                project.domain_id,
                project.parent_id,
                project.is_domain,
                project.enabled,
                project.description,
                project.extra,
                NULL AS immutable,
                NULL AS tag,
                chain.depth
            FROM chain JOIN project ON project.id = chain.id
            WHERE project.id <> '<<keystone.domain.root>>'
            ORDER BY chain.depth"
        ),
        vec![id.into()],
        |rows| lineage_from(&rows),
    )
}

fn lineage_from(rows: &[Row]) -> Result<Option<Lineage>, StoreError> {
    let mut project = None;
    let mut owner = None;
    let mut parents = Vec::new();
    let mut seen = HashSet::new();
    let mut ordered = Vec::with_capacity(rows.len());
    for row in rows {
        ordered.push((row.integer("depth")?, row));
    }
    ordered.sort_by_key(|(depth, _)| *depth);
    for (depth, row) in ordered {
        let found = project_from(row)?;
        if depth < 0 {
            owner = Some(found);
            continue;
        }
        if !seen.insert(found.id.clone()) || depth >= MAX_DEPTH {
            return Err(row.broken("parent_id", format!("project {} is its own ancestor", found.id)));
        }
        if depth == 0 {
            project = Some(found);
        } else {
            parents.push(found);
        }
    }
    let Some(project) = project else { return Ok(None) };
    let domain = if project.is_domain { Some(project.clone()) } else { owner };
    Ok(domain.map(|domain| Lineage::new(project, domain_of(domain), parents)))
}
