//! The projects and domains that a user can get a token for (`/v3/auth/projects`, `/v3/auth/domains`,
//! `/v3/users/{id}/projects`).

use std::collections::{BTreeSet, HashMap};

use super::implication::RoleGraph;
use crate::domain::{
    assignment::{Assignment, Target},
    ids::{DomainId, ProjectId},
    resource::ProjectNode,
};

/// Ids of the projects on which the assignments give at least one global role.
///
/// `tree` must hold the projects of every domain, and below every project, that an inherited assignment is on.
pub fn projects(assignments: &[Assignment], graph: &RoleGraph, tree: &[ProjectNode]) -> BTreeSet<ProjectId> {
    let mut children: HashMap<&str, Vec<&ProjectNode>> = HashMap::new();
    for node in tree {
        if let Some(parent) = &node.parent_id {
            children.entry(parent.as_str()).or_default().push(node);
        }
    }
    let mut reached = BTreeSet::new();
    for assignment in assignments.iter().filter(|assignment| gives_a_global_role(assignment, graph)) {
        match (&assignment.target, assignment.inherited) {
            (Target::Project(id), false) => {
                reached.insert(id.clone());
            }
            (Target::Project(id), true) => add_below(id, &children, &mut reached),
            (Target::Domain(id), true) => {
                reached
                    .extend(tree.iter().filter(|node| node.domain_id.as_ref() == Some(id)).map(|node| node.id.clone()));
            }
            (Target::Domain(_), false) | (Target::System, _) => {}
        }
    }
    reached
}

/// Ids of the domains on which the assignments give at least one global role.
pub fn domains(assignments: &[Assignment], graph: &RoleGraph) -> BTreeSet<DomainId> {
    assignments
        .iter()
        .filter(|assignment| !assignment.inherited && gives_a_global_role(assignment, graph))
        .filter_map(|assignment| match &assignment.target {
            Target::Domain(id) => Some(id.clone()),
            Target::Project(_) | Target::System => None,
        })
        .collect()
}

fn gives_a_global_role(assignment: &Assignment, graph: &RoleGraph) -> bool {
    !graph.global_closure([&assignment.role_id]).is_empty()
}

fn add_below(top: &ProjectId, children: &HashMap<&str, Vec<&ProjectNode>>, reached: &mut BTreeSet<ProjectId>) {
    let mut seen: BTreeSet<&str> = BTreeSet::from([top.as_str()]);
    let mut to_visit = vec![top.as_str()];
    while let Some(id) = to_visit.pop() {
        for child in children.get(id).into_iter().flatten() {
            if seen.insert(child.id.as_str()) {
                reached.insert(child.id.clone());
                to_visit.push(child.id.as_str());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::domain::{assignment::Actor, role::Role};

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
    fn a_tree_that_bites_its_tail_ends() {
        let node =
            |id: &str, parent: &str| ProjectNode { id: id.into(), domain_id: None, parent_id: Some(parent.into()) };
        let tree = [node("a", "b"), node("b", "a")];
        let reached = projects(&[grant("reader", Target::Project("a".into()), true)], &graph(), &tree);
        assert_eq!(reached.len(), 1);
    }
}
