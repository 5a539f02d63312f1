//! Trees of projects, and where in them a user has roles: the projects and domains that a user can get a token for
//! (`/v3/auth/projects`, `/v3/auth/domains`, `/v3/users/{id}/projects`).

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    effective::{Place, ProjectPath},
    implication::RoleGraph,
};
use crate::domain::{
    assignment::Assignment,
    ids::{DomainId, ProjectId},
    resource::ProjectNode,
};

/// Projects by what is above and below them.
#[derive(Debug, Clone)]
pub struct Tree<'a> {
    nodes: HashMap<&'a str, &'a ProjectNode>,
    children: HashMap<&'a str, Vec<&'a ProjectId>>,
}

impl<'a> Tree<'a> {
    /// A tree of these projects; ancestors that are not among them end it.
    pub fn new(nodes: &'a [ProjectNode]) -> Self {
        let mut children: HashMap<&str, Vec<&ProjectId>> = HashMap::new();
        for node in nodes {
            if let Some(parent) = &node.parent_id {
                children.entry(parent.as_str()).or_default().push(&node.id);
            }
        }
        Self { nodes: nodes.iter().map(|node| (node.id.as_str(), node)).collect(), children }
    }

    /// The way up from a project. One that is not in the tree has nothing above it.
    pub fn path(&self, id: &'a ProjectId) -> ProjectPath<'a> {
        let mut ancestors = Vec::new();
        let mut here = self.nodes.get(id.as_str()).copied();
        let domain_id = here.and_then(|node| node.domain_id.as_ref());
        while let Some(above) = here.and_then(|node| node.parent_id.as_ref()) {
            // A tree that bites its tail ends where it would begin again.
            if above == id || ancestors.contains(&above) {
                break;
            }
            ancestors.push(above);
            here = self.nodes.get(above.as_str()).copied();
        }
        ProjectPath { project_id: id, domain_id, ancestors }
    }

    /// Everything below a project or a domain, level by level.
    pub fn below(&self, top: &'a ProjectId) -> Vec<&'a ProjectId> {
        let mut found = vec![top];
        let mut seen = HashSet::from([top]);
        let mut next = 0;
        while let Some(parent) = found.get(next).copied() {
            next += 1;
            found.extend(self.children.get(parent.as_str()).into_iter().flatten().filter(|id| seen.insert(*id)));
        }
        found.split_off(1)
    }
}

/// Ids of the projects on which the assignments give at least one global role.
///
/// `nodes` must hold the projects of every domain, and below every project, that an inherited assignment is on.
pub fn projects(assignments: &[Assignment], graph: &RoleGraph, nodes: &[ProjectNode]) -> BTreeSet<ProjectId> {
    let giving = giving_places(assignments, graph);
    let tree = Tree::new(nodes);
    let inheriting = nodes.iter().map(|node| &node.id);
    let direct = giving.iter().filter_map(|place| match place {
        Place::OnProject(id) => Some(*id),
        _ => None,
    });
    inheriting.filter(|id| tree.path(id).places().any(|place| giving.contains(&place))).chain(direct).cloned().collect()
}

/// Ids of the domains on which the assignments give at least one global role.
pub fn domains(assignments: &[Assignment], graph: &RoleGraph) -> BTreeSet<DomainId> {
    giving_places(assignments, graph)
        .into_iter()
        .filter_map(|place| match place {
            Place::OnDomain(id) => Some(id.clone()),
            _ => None,
        })
        .collect()
}

/// Where a global role is given.
fn giving_places<'a>(assignments: &'a [Assignment], graph: &RoleGraph) -> HashSet<Place<'a>> {
    let mut gives = HashMap::new();
    assignments
        .iter()
        .filter(|assignment| {
            let role_id = &assignment.role_id;
            *gives.entry(role_id).or_insert_with(|| !graph.global_closure([role_id]).is_empty())
        })
        .filter_map(Place::of)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::domain::{
        assignment::{Actor, Target},
        role::Role,
    };

    fn graph() -> RoleGraph {
        let role = |name: &str, domain: Option<&str>| Role {
            id: name.into(),
            name: name.to_owned(),
            domain_id: domain.map(Into::into),
            description: None,
            extra: Map::new(),
            immutable: None,
        };
        RoleGraph::new([role("reader", None), role("local", Some("d"))], [])
    }

    fn grant(role: &str, target: Target, inherited: bool) -> Assignment {
        Assignment { actor: Actor::User("u".into()), target, role_id: role.into(), inherited }
    }

    fn tree() -> Vec<ProjectNode> {
        let node = |id: &str, parent: &str| ProjectNode {
            id: id.into(),
            domain_id: Some("d".into()),
            parent_id: Some(parent.into()),
        };
        vec![node("top", "d"), node("middle", "top"), node("leaf", "middle"), node("side", "d")]
    }

    fn reached(assignment: Assignment) -> Vec<String> {
        projects(&[assignment], &graph(), &tree()).into_iter().map(ProjectId::into_string).collect()
    }

    #[test]
    fn a_direct_role_reaches_one_project() {
        assert_eq!(reached(grant("reader", Target::Project("middle".into()), false)), ["middle"]);
    }

    #[test]
    fn an_inherited_role_reaches_what_is_below() {
        assert_eq!(reached(grant("reader", Target::Project("top".into()), true)), ["leaf", "middle"]);
        assert_eq!(reached(grant("reader", Target::Domain("d".into()), true)), ["leaf", "middle", "side", "top"]);
    }

    #[test]
    fn a_role_on_a_domain_reaches_the_domain_alone() {
        let assignment = grant("reader", Target::Domain("d".into()), false);
        assert!(reached(assignment.clone()).is_empty());
        assert_eq!(domains(&[assignment], &graph()).len(), 1);
    }

    #[test]
    fn a_domain_specific_role_that_implies_nothing_reaches_nothing() {
        assert!(reached(grant("local", Target::Project("top".into()), false)).is_empty());
    }

    #[test]
    fn what_is_below_comes_level_by_level() {
        let nodes = tree();
        let tree = Tree::new(&nodes);
        let (domain, unknown) = ("d".into(), "unknown".into());
        let below: Vec<&str> = tree.below(&domain).into_iter().map(ProjectId::as_str).collect();
        assert_eq!(below, ["top", "side", "middle", "leaf"]);
        let path = tree.path(&nodes[2].id);
        assert_eq!(path.ancestors.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["middle", "top", "d"]);
        assert_eq!(path.domain_id, nodes[2].domain_id.as_ref());
        assert!(tree.below(&unknown).is_empty());
        assert_eq!(tree.path(&unknown).places().count(), 1);
    }

    #[test]
    fn a_tree_that_bites_its_tail_ends() {
        let node =
            |id: &str, parent: &str| ProjectNode { id: id.into(), domain_id: None, parent_id: Some(parent.into()) };
        let tree = [node("a", "b"), node("b", "a")];
        let reached = projects(&[grant("reader", Target::Project("a".into()), true)], &graph(), &tree);
        assert_eq!(reached.len(), 1);
        let (top, tree) = ("a".into(), Tree::new(&tree));
        assert_eq!(tree.below(&top).len(), 1);
        assert_eq!(tree.path(&top).ancestors.len(), 1);
    }
}
