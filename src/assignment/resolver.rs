//! Fetches what effective roles are computed from, and computes them.
//!
//! Every answer is of today: nothing is kept between two calls but the roles, while they do not change.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use super::{
    effective::{self, ProjectPath},
    implication::RoleGraph,
    listing::inheriting_targets,
    reach,
    role_sets::RoleSets,
};
use crate::{
    domain::{
        assignment::{Actor, Assignment},
        ids::{DomainId, GroupId, ProjectId, RoleId, UserId},
        resource::{Domain, Project},
        role::Role,
    },
    store::{
        Query, Store, StoreError,
        assignment::{assignments_for_project, assignments_of_user, system_assignments_of_user},
        feed::{Remembered, Topic},
        identity::{self, GroupMembership},
        resource::{self, Lineage},
        role::{RoleFilter, implied_roles, roles},
    },
};

/// Computes effective roles from the database.
#[derive(Debug, Clone)]
pub struct RoleResolver {
    pub(super) store: Store,
    default_authorization_ttl: i64,
    graph: Arc<Remembered<RoleSets>>,
}

/// Whose assignments count: a user with the groups the user is in, and groups that a federated token brings.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// The user.
    pub user_id: &'a UserId,
    /// Groups beside those that the user is in.
    pub group_ids: &'a [GroupId],
}

impl<'a> Holder<'a> {
    /// A user who has nothing but what the database says.
    pub fn user(user_id: &'a UserId) -> Self {
        Self { user_id, group_ids: &[] }
    }
}

/// Assignments that hold now, with the roles that they can lead to.
#[derive(Debug, Clone)]
pub struct Holdings {
    /// Of the user and of the groups the user is in now.
    pub assignments: Vec<Assignment>,
    /// All roles and implications.
    pub graph: Arc<RoleSets>,
    /// The groups that count now.
    pub groups: Vec<GroupId>,
    /// When the next membership ends by itself.
    pub until: Option<DateTime<Utc>>,
}

impl Holdings {
    /// Effective roles on a project, domain-specific ones left out.
    pub fn on_project(&self, path: &ProjectPath<'_>) -> Arc<[Role]> {
        self.graph.global(effective::on_project(&self.assignments, path))
    }

    /// As [`Holdings::on_project`], domain-specific roles included: what a trustor can delegate.
    pub fn on_project_with_domain_roles(&self, path: &ProjectPath<'_>) -> BTreeSet<RoleId> {
        self.graph.closure(effective::on_project(&self.assignments, path))
    }

    /// Effective roles on a domain.
    pub fn on_domain(&self, domain_id: &DomainId) -> Arc<[Role]> {
        self.graph.global(effective::on_domain(&self.assignments, domain_id))
    }

    /// Effective roles on the system: each as often as the user and each of the groups has a reason for it, for so often
    /// do they stand in Keystone's tokens (`models/token_model.py`, `_get_system_roles`).
    pub fn on_system(&self) -> Vec<Role> {
        let actors: BTreeSet<&Actor> = self.assignments.iter().map(|assignment| &assignment.actor).collect();
        let reasons = actors.into_iter().flat_map(|actor| {
            let of_actor = self.assignments.iter().filter(|assignment| assignment.actor == *actor);
            self.graph.reasons(effective::on_system(of_actor))
        });
        reasons.filter_map(|reason| self.graph.role(reason.role_id)).cloned().collect()
    }

    /// Roles held on the system by assignments of their own, not by implication: the user's, and those of `groups`.
    pub fn directly_on_system(&self, groups: &[GroupId]) -> Vec<Role> {
        let counts = |actor: &Actor| match actor {
            Actor::User(_) => true,
            Actor::Group(id) => groups.contains(id),
        };
        let held = self.assignments.iter().filter(|assignment| counts(&assignment.actor));
        let held: BTreeSet<&RoleId> = effective::on_system(held).into_iter().collect();
        held.into_iter().filter_map(|id| self.graph.role(id)).cloned().collect()
    }
}

impl RoleResolver {
    /// `default_authorization_ttl` is `[federation] default_authorization_ttl`, in minutes.
    pub fn new(store: Store, default_authorization_ttl: i64) -> Self {
        let graph = Arc::new(Remembered::new(store.feed().clone(), [Topic::roles()]));
        Self { store, default_authorization_ttl, graph }
    }

    /// What the holder has on a project and above it.
    pub async fn for_project(
        &self,
        holder: Holder<'_>,
        project_id: &ProjectId,
        now: DateTime<Utc>,
    ) -> Result<Holdings, StoreError> {
        self.holdings(holder, assignments_for_project(holder.user_id, holder.group_ids, project_id), now).await
    }

    /// What the holder has on any project and any domain.
    pub async fn everywhere(&self, holder: Holder<'_>, now: DateTime<Utc>) -> Result<Holdings, StoreError> {
        self.holdings(holder, assignments_of_user(holder.user_id, holder.group_ids), now).await
    }

    /// What the holder has on the system.
    pub async fn for_system(&self, holder: Holder<'_>, now: DateTime<Utc>) -> Result<Holdings, StoreError> {
        self.holdings(holder, system_assignments_of_user(holder.user_id, holder.group_ids), now).await
    }

    /// The effective roles of a user on a project.
    pub async fn project_roles(
        &self,
        user_id: &UserId,
        project_id: &ProjectId,
        now: DateTime<Utc>,
    ) -> Result<Arc<[Role]>, StoreError> {
        let Some(lineage) = self.store.lineage(project_id).await? else { return Ok(Arc::default()) };
        self.roles_on(user_id, &lineage, now).await
    }

    /// The same where the project is known.
    pub async fn roles_on(
        &self,
        user_id: &UserId,
        lineage: &Lineage,
        now: DateTime<Utc>,
    ) -> Result<Arc<[Role]>, StoreError> {
        Ok(self.for_project(Holder::user(user_id), &lineage.project.id, now).await?.on_project(&path_of(lineage)))
    }

    /// The projects on which the holder has a role.
    pub async fn projects(&self, holder: Holder<'_>, now: DateTime<Utc>) -> Result<Vec<Project>, StoreError> {
        let holdings = self.everywhere(holder, now).await?;
        let (domains, projects) = inheriting_targets(&holdings.assignments);
        let tree = self.store.run(resource::tree_around(&domains, &projects)).await?;
        let reached: Vec<ProjectId> =
            reach::projects(&holdings.assignments, &holdings.graph, &tree).into_iter().collect();
        self.store.run(resource::projects_by_ids(&reached)).await
    }

    /// The domains on which the holder has a role.
    pub async fn domains(&self, holder: Holder<'_>, now: DateTime<Utc>) -> Result<Vec<Domain>, StoreError> {
        let holdings = self.everywhere(holder, now).await?;
        let reached: Vec<ProjectId> =
            reach::domains(&holdings.assignments, &holdings.graph).iter().map(DomainId::as_project).collect();
        let projects = self.store.run(resource::projects_by_ids(&reached)).await?;
        Ok(projects.into_iter().filter(|project| project.is_domain).map(resource::domain_of).collect())
    }

    async fn holdings(
        &self,
        holder: Holder<'_>,
        assignments: Query<Vec<Assignment>>,
        now: DateTime<Utc>,
    ) -> Result<Holdings, StoreError> {
        let held = self.store.run_batch((assignments, identity::memberships(holder.user_id))).await?;
        self.held(holder, held, now).await
    }

    /// What those of the holder's assignments that were read come to, given the groups he is or was in.
    ///
    /// # Errors
    ///
    /// The roles cannot be read.
    pub async fn held(
        &self,
        holder: Holder<'_>,
        (assignments, memberships): (Vec<Assignment>, Vec<GroupMembership>),
        now: DateTime<Utc>,
    ) -> Result<Holdings, StoreError> {
        let graph = self.graph().await?;
        let groups = self.live_groups(&memberships, holder, now);
        let holds = |actor: &Actor| match actor {
            Actor::User(id) => id == holder.user_id,
            Actor::Group(id) => groups.contains(id),
        };
        let ends = memberships.iter().filter_map(|membership| membership.expires_at(self.default_authorization_ttl));
        Ok(Holdings {
            assignments: assignments.into_iter().filter(|assignment| holds(&assignment.actor)).collect(),
            graph,
            until: ends.filter(|end| now < *end).min(),
            groups: groups.into_iter().cloned().collect(),
        })
    }

    /// All roles and implications.
    pub(super) async fn graph(&self) -> Result<Arc<RoleSets>, StoreError> {
        let read = async || {
            let (roles, implications) = self.store.run_batch((roles(&RoleFilter::default()), implied_roles())).await?;
            Ok(RoleSets::new(RoleGraph::new(roles, implications)))
        };
        self.graph.get(read).await
    }

    /// The groups whose assignments count now: memberships given by a federated login end by themselves.
    fn live_groups<'a>(
        &self,
        memberships: &'a [GroupMembership],
        holder: Holder<'a>,
        now: DateTime<Utc>,
    ) -> HashSet<&'a GroupId> {
        memberships
            .iter()
            .filter(|membership| membership.expires_at(self.default_authorization_ttl).is_none_or(|end| now < end))
            .map(|membership| &membership.group_id)
            .chain(holder.group_ids)
            .collect()
    }
}

/// The path that inheritance follows.
pub fn path_of(lineage: &Lineage) -> ProjectPath<'_> {
    ProjectPath {
        project_id: &lineage.project.id,
        domain_id: Some(&lineage.domain.id),
        ancestors: lineage.parents.iter().map(|parent| &parent.id).collect(),
    }
}
