//! What is above and below a project: `parents_as_list`, `parents_as_ids`, `subtree_as_list`, `subtree_as_ids`.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::Projects;
use crate::{
    assignment::resolver::Holder,
    domain::{
        ids::{ProjectId, UserId},
        resource::{Project, ProjectNode},
    },
    http::{
        collection::wrap_member, error::ApiError, inbound::Facts, resource::Resource, state::HttpState,
        v3::limits::Limits,
    },
    store::{
        limit::{LimitFilter, limits},
        resource::{projects_by_ids, tree_around},
    },
};

/// Adds what the query asks for. Lists hold only projects on which the caller has a role; ids are not filtered.
pub(super) async fn expand(
    wire: &mut Map<String, Value>,
    project: &Project,
    state: &HttpState,
    inbound: &Facts,
    user_id: Option<&UserId>,
) -> Result<(), ApiError> {
    let wants = |name: &str| inbound.query.is_switched_on(name);
    for kin in ["parents", "subtree"] {
        if wants(&format!("{kin}_as_list")) && wants(&format!("{kin}_as_ids")) {
            return Err(ApiError::invalid(format!(
                "Cannot use {kin}_as_list and {kin}_as_ids query params at the same time."
            )));
        }
    }
    if wants("parents_as_list") {
        let ids = parents(state, project).await?;
        wire.insert("parents".to_owned(), listed(&ids, state, inbound, user_id).await?);
    } else if wants("parents_as_ids") {
        let ids = parents(state, project).await?;
        let nested = ids.iter().rev().fold(Value::Null, |above, id| Map::from_iter([(id.to_string(), above)]).into());
        wire.insert("parents".to_owned(), nested);
    }
    if wants("subtree_as_list") {
        let tree = tree(state, project).await?;
        wire.insert("subtree".to_owned(), listed(&below(&project.id, &tree), state, inbound, user_id).await?);
    } else if wants("subtree_as_ids") {
        let tree = tree(state, project).await?;
        wire.insert("subtree".to_owned(), nested_below(&project.id, &tree));
    }
    Ok(())
}

/// Ids of the ancestors, the nearest first.
async fn parents(state: &HttpState, project: &Project) -> Result<Vec<ProjectId>, ApiError> {
    let lineage = state.store.lineage(&project.id).await?;
    Ok(lineage.into_iter().flat_map(|lineage| lineage.parents).map(|parent| parent.id).collect())
}

async fn tree(state: &HttpState, project: &Project) -> Result<Vec<ProjectNode>, ApiError> {
    Ok(state.store.run(tree_around(&[], std::slice::from_ref(&project.id))).await?)
}

/// The projects with their links, and on request their limits; those left out on which the user has no role.
async fn listed(
    ids: &[ProjectId],
    state: &HttpState,
    inbound: &Facts,
    user_id: Option<&UserId>,
) -> Result<Value, ApiError> {
    let mut found: HashMap<ProjectId, Project> =
        state.store.run(projects_by_ids(ids)).await?.into_iter().map(|project| (project.id.clone(), project)).collect();
    if let Some(user_id) = user_id {
        let own = state.roles.projects(Holder::user(user_id), state.clock.now()).await?;
        let own: HashSet<ProjectId> = own.into_iter().map(|project| project.id).collect();
        found.retain(|id, _| own.contains(id));
    }
    let include_limits = inbound.query.is_switched_on("include_limits");
    let mut list = Vec::new();
    for project in ids.iter().filter_map(|id| found.get(id)) {
        let mut wire = Projects::wire(project);
        if include_limits {
            let own = LimitFilter { project_id: Some(project.id.clone()), ..LimitFilter::default() };
            let own = state.store.run(limits(&own)).await?;
            wire.insert("limits".to_owned(), own.iter().map(Limits::wire).collect());
        }
        list.push(wrap_member::<Projects>(wire, state, inbound));
    }
    Ok(list.into())
}

fn children(tree: &[ProjectNode]) -> HashMap<&str, Vec<&ProjectId>> {
    let mut children: HashMap<&str, Vec<&ProjectId>> = HashMap::new();
    for node in tree {
        if let Some(parent) = &node.parent_id {
            children.entry(parent.as_str()).or_default().push(&node.id);
        }
    }
    children
}

/// Everything below `top`, level by level. A tree that bites its tail ends where it was entered.
fn below(top: &ProjectId, tree: &[ProjectNode]) -> Vec<ProjectId> {
    let children = children(tree);
    let mut found: Vec<&ProjectId> = vec![top];
    let mut seen: HashSet<&str> = HashSet::from([top.as_str()]);
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        next += 1;
        found.extend(children.get(parent.as_str()).into_iter().flatten().filter(|id| seen.insert(id.as_str())));
    }
    found.into_iter().skip(1).cloned().collect()
}

/// The same as nested objects; null where there is nothing below.
fn nested_below(top: &ProjectId, tree: &[ProjectNode]) -> Value {
    let children = children(tree);
    let mut built: HashMap<&str, Value> = HashMap::new();
    let order = below(top, tree);
    // From the leaves up: what is below a project comes after it in the order.
    let mut entered: HashSet<&str> = order.iter().map(ProjectId::as_str).collect();
    for id in order.iter().rev().chain([top]) {
        let members: Map<String, Value> = children
            .get(id.as_str())
            .into_iter()
            .flatten()
            .filter(|child| entered.remove(child.as_str()))
            .map(|child| (child.to_string(), built.remove(child.as_str()).unwrap_or(Value::Null)))
            .collect();
        built.insert(id.as_str(), if members.is_empty() { Value::Null } else { members.into() });
    }
    built.remove(top.as_str()).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree(nodes: &[(&str, &str)]) -> Vec<ProjectNode> {
        nodes
            .iter()
            .map(|(id, parent)| ProjectNode {
                id: (*id).into(),
                domain_id: Some("d".into()),
                parent_id: Some((*parent).into()),
            })
            .collect()
    }

    #[test]
    fn level_by_level() {
        let tree = tree(&[("leaf", "left"), ("left", "top"), ("right", "top"), ("other", "d"), ("top", "d")]);
        let ids: Vec<String> = below(&"top".into(), &tree).into_iter().map(ProjectId::into_string).collect();
        assert_eq!(ids, ["left", "right", "leaf"]);
        assert_eq!(nested_below(&"top".into(), &tree), json!({"left": {"leaf": null}, "right": null}));
        assert_eq!(nested_below(&"d".into(), &tree)["top"]["left"], json!({"leaf": null}));
        assert_eq!(nested_below(&"leaf".into(), &tree), Value::Null);
    }

    #[test]
    fn a_circle_ends() {
        let tree = tree(&[("a", "b"), ("b", "a")]);
        assert_eq!(below(&"a".into(), &tree).len(), 1);
        assert_eq!(nested_below(&"a".into(), &tree), json!({"b": null}));
    }
}
