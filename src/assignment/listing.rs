//! Fetches what lists of assignments are made of (`/v3/role_assignments`; Keystone's `assignment/core.py`,
//! `list_role_assignments`).

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use super::{
    effective::ProjectPath,
    expansion::{Entry, Expansion, Members, Spot},
    reach::Tree,
    resolver::{Holder, RoleResolver, path_of},
    role_sets::RoleSets,
};
use crate::{
    domain::{
        assignment::{Actor, Assignment, Target},
        ids::{DomainId, GroupId, ProjectId, RoleId, UserId},
        resource::ProjectNode,
    },
    store::{
        StoreError,
        assignment::{ActorFilter, AssignmentFilter, TargetFilter, assignments, members, system_assignments},
        resource::{self, Lineage},
    },
};

/// What a list of assignments is narrowed by. Every field that is `None` lets all through.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// Of this user or group. An effective list has no groups in it.
    pub actor: Option<Actor>,
    /// On what.
    pub scope: Option<ScopeFilter>,
    /// Of this role.
    pub role_id: Option<RoleId>,
    /// Inherited ones, or others. It is about how an assignment was made, and says nothing of those on the system.
    pub inherited: Option<bool>,
}

/// What assignments are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeFilter {
    /// A project.
    Project(ProjectId),
    /// A project and all below it.
    Subtree(ProjectId),
    /// A domain.
    Domain(DomainId),
    /// The system.
    System,
}

/// What an effective list is made of.
#[derive(Debug)]
pub struct EffectiveList {
    assignments: Vec<Assignment>,
    graph: Arc<RoleSets>,
    members: Members,
    role_id: Option<RoleId>,
    lineage: Option<Lineage>,
    nodes: Vec<ProjectNode>,
    scope: Option<ScopeFilter>,
}

impl EffectiveList {
    /// The entries.
    pub fn entries(&self) -> Vec<Entry<'_>> {
        Expansion::new(&self.assignments, &self.graph, &self.members, self.role_id.as_ref()).entries(&self.spots())
    }

    /// Where to look.
    fn spots(&self) -> Vec<Spot<'_>> {
        let tree = Tree::new(&self.nodes);
        let own_path = |id| match &self.lineage {
            Some(lineage) => path_of(lineage),
            None => tree.path(id),
        };
        match &self.scope {
            Some(ScopeFilter::Project(id)) => vec![Spot::Project(own_path(id))],
            Some(ScopeFilter::Subtree(id)) => {
                let below = tree.below(id).into_iter().map(|id| Spot::Project(tree.path(id)));
                std::iter::once(Spot::Project(own_path(id))).chain(below).collect()
            }
            Some(ScopeFilter::Domain(id)) => vec![Spot::Domain(id)],
            Some(ScopeFilter::System) | None => {
                let (mut projects, mut domains) = (BTreeSet::new(), BTreeSet::new());
                projects.extend(self.nodes.iter().map(|node| &node.id));
                for assignment in self.assignments.iter().filter(|assignment| !assignment.inherited) {
                    match &assignment.target {
                        Target::Project(id) => {
                            projects.insert(id);
                        }
                        Target::Domain(id) => {
                            domains.insert(id);
                        }
                        Target::System => {}
                    }
                }
                let projects = projects.into_iter().map(|id| Spot::Project(tree.path(id)));
                projects.chain(domains.into_iter().map(Spot::Domain)).collect()
            }
        }
    }
}

impl RoleResolver {
    /// Assignments as they stand. Those on the system are among them unless a project or a domain is asked for.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn list_direct(&self, filter: &ListFilter) -> Result<Vec<Assignment>, StoreError> {
        let target = match &filter.scope {
            None | Some(ScopeFilter::System) => None,
            Some(ScopeFilter::Domain(id)) => Some(TargetFilter::Domain(id.clone())),
            Some(ScopeFilter::Project(id)) => Some(TargetFilter::Projects(vec![id.clone()])),
            Some(ScopeFilter::Subtree(id)) => {
                let nodes = self.store.run(resource::tree_around(&[], std::slice::from_ref(id))).await?;
                let below = Tree::new(&nodes).below(id).into_iter().cloned();
                Some(TargetFilter::Projects(std::iter::once(id.clone()).chain(below).collect()))
            }
        };
        let with_system = target.is_none();
        let actor = filter.actor.as_ref().map(|actor| match actor {
            Actor::User(id) => ActorFilter::User(id.clone()),
            Actor::Group(id) => ActorFilter::Groups(vec![id.clone()]),
        });
        let mut found = Vec::new();
        if filter.scope != Some(ScopeFilter::System) {
            let role_id = filter.role_id.clone();
            let query = assignments(&AssignmentFilter { actor, target, role_id, inherited: filter.inherited });
            found = self.store.run(query).await?;
        }
        if with_system {
            let on_system = self.store.run(system_assignments(filter.actor.as_ref())).await?.into_iter();
            found.extend(on_system.filter(|one| filter.role_id.as_ref().is_none_or(|id| *id == one.role_id)));
        }
        Ok(found)
    }

    /// What the effective list is made of. Nothing in it is on the system, whatever is asked for.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn list_effective(&self, filter: ListFilter, now: DateTime<Utc>) -> Result<EffectiveList, StoreError> {
        let ListFilter { actor, scope, role_id, inherited } = filter;
        // Nothing is inherited by a domain.
        let inherited = if matches!(scope, Some(ScopeFilter::Domain(_))) { Some(false) } else { inherited };
        let (lineage, mut nodes) = match &scope {
            Some(ScopeFilter::Project(id)) => (self.store.lineage(id).await?, Vec::new()),
            Some(ScopeFilter::Subtree(id)) => {
                let tree = resource::tree_around(&[], std::slice::from_ref(id));
                self.store.run_batch((resource::lineage(id), tree)).await?
            }
            Some(ScopeFilter::Domain(_) | ScopeFilter::System) | None => (None, Vec::new()),
        };
        let (assignments, graph, members) = match &actor {
            Some(Actor::User(id)) => self.of_user(id, inherited, now).await?,
            Some(Actor::Group(_)) => Default::default(),
            None => self.of_everybody(sources(scope.as_ref(), lineage.as_ref(), &nodes), inherited).await?,
        };
        if matches!(scope, None | Some(ScopeFilter::System)) {
            nodes = self.trees_below(&assignments).await?;
        }
        Ok(EffectiveList { assignments, graph, members, role_id, lineage, nodes, scope })
    }

    /// Assignments of a user and of the groups the user is in now, in which nobody else is looked for.
    async fn of_user(
        &self,
        user_id: &UserId,
        inherited: Option<bool>,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Assignment>, Arc<RoleSets>, Members), StoreError> {
        let mut holdings = self.everywhere(Holder::user(user_id), now).await?;
        holdings.assignments.retain(|one| inherited.is_none_or(|inherited| inherited == one.inherited));
        let groups = groups_of(&holdings.assignments);
        let members = groups.into_iter().map(|id| (id.clone(), vec![user_id.clone()])).collect();
        Ok((holdings.assignments, holdings.graph, members))
    }

    /// Assignments of all users and of groups with their members.
    async fn of_everybody(
        &self,
        target: Option<TargetFilter>,
        inherited: Option<bool>,
    ) -> Result<(Vec<Assignment>, Arc<RoleSets>, Members), StoreError> {
        let filter = AssignmentFilter { target, inherited, ..AssignmentFilter::default() };
        let assignments = self.store.run(assignments(&filter)).await?;
        let groups: Vec<GroupId> = groups_of(&assignments).into_iter().cloned().collect();
        let mut in_groups: Members = HashMap::new();
        if !groups.is_empty() {
            for (group_id, user_id) in self.store.run(members(&groups)).await? {
                in_groups.entry(group_id).or_default().push(user_id);
            }
        }
        Ok((assignments, self.graph().await?, in_groups))
    }

    /// The projects that may inherit something.
    async fn trees_below(&self, assignments: &[Assignment]) -> Result<Vec<ProjectNode>, StoreError> {
        let (domains, projects) = inheriting_targets(assignments);
        if domains.is_empty() && projects.is_empty() {
            return Ok(Vec::new());
        }
        self.store.run(resource::tree_around(&domains, &projects)).await
    }
}

/// Where assignments can be that count on the scope; `None`: anywhere.
fn sources(scope: Option<&ScopeFilter>, lineage: Option<&Lineage>, nodes: &[ProjectNode]) -> Option<TargetFilter> {
    let own = match scope? {
        ScopeFilter::Domain(id) => return Some(TargetFilter::Domain(id.clone())),
        ScopeFilter::System => return None,
        ScopeFilter::Project(id) | ScopeFilter::Subtree(id) => id,
    };
    let tree = Tree::new(nodes);
    let path = match lineage {
        Some(lineage) => path_of(lineage),
        None => ProjectPath { project_id: own, domain_id: None, ancestors: Vec::new() },
    };
    let domain = path.domain_id.map(DomainId::as_project);
    let projects = std::iter::once(own).chain(path.ancestors).chain(tree.below(own)).cloned();
    Some(TargetFilter::AnyOf(projects.chain(domain).collect()))
}

fn groups_of(assignments: &[Assignment]) -> BTreeSet<&GroupId> {
    assignments
        .iter()
        .filter_map(|assignment| match &assignment.actor {
            Actor::Group(id) => Some(id),
            Actor::User(_) => None,
        })
        .collect()
}

/// The domains and projects that inherited assignments are on.
pub(super) fn inheriting_targets(assignments: &[Assignment]) -> (Vec<DomainId>, Vec<ProjectId>) {
    let (mut domains, mut projects) = (BTreeSet::new(), BTreeSet::new());
    for assignment in assignments.iter().filter(|assignment| assignment.inherited) {
        match &assignment.target {
            Target::Domain(id) => {
                domains.insert(id.clone());
            }
            Target::Project(id) => {
                projects.insert(id.clone());
            }
            Target::System => {}
        }
    }
    (domains.into_iter().collect(), projects.into_iter().collect())
}
