//! Random worlds, and what follows from them by definition: slow, plain, and without a line of what is tested.

use std::collections::BTreeSet;

use fernstone::domain::{
    assignment::{Actor, Assignment, Target},
    ids::{DomainId, GroupId, ProjectId, RoleId, UserId},
    resource::ProjectNode,
    role::{ImpliedRole, Role},
};
use proptest::{prelude::*, sample::Index};

pub(super) const USERS: usize = 4;
pub(super) const GROUPS: usize = 3;
pub(super) const DOMAINS: usize = 2;
const ROLES: usize = 7;

/// Users `u0`.., groups `g0`.., domains `d0`.., projects `p0`.., roles `r0`...
#[derive(Debug, Clone)]
pub(super) struct RandomWorld {
    /// Domain and parent (`None`: directly below the domain) of each project.
    projects: Vec<(usize, Option<usize>)>,
    /// Which users are in which groups for good.
    pub(super) memberships: BTreeSet<(usize, usize)>,
    /// Which users are in which groups by a federated login, and whether that still counts.
    pub(super) expiring: Vec<(usize, usize, bool)>,
    /// The domains of the roles.
    roles: Vec<Option<usize>>,
    implications: BTreeSet<(usize, usize)>,
    pub(super) assignments: Vec<Assignment>,
}

/// A world of some projects in two domains, with cycles among the roles and everything that assignments can be.
pub(super) fn worlds() -> impl Strategy<Value = RandomWorld> {
    let projects = prop::collection::vec((any::<bool>(), any::<Index>(), any::<bool>()), 1..10);
    let memberships = prop::collection::btree_set((0..USERS, 0..GROUPS), 0..7);
    let expiring = prop::collection::vec((0..USERS, 0..GROUPS, any::<bool>()), 0..3);
    let roles = prop::collection::vec(prop::option::weighted(0.25, 0..DOMAINS), ROLES);
    let implications = prop::collection::btree_set((0..ROLES, 0..ROLES), 0..8);
    let actor = (any::<bool>(), any::<Index>());
    let target = (0u8..4, any::<Index>());
    let assignments = prop::collection::vec((actor, target, 0..ROLES, any::<bool>()), 0..24);
    (projects, memberships, expiring, roles, implications, assignments).prop_map(
        |(projects, memberships, expiring, roles, implications, assignments)| {
            let mut placed: Vec<(usize, Option<usize>)> = Vec::new();
            for (second_domain, parent, is_top) in projects {
                let parent = (!is_top && !placed.is_empty()).then(|| parent.index(placed.len()));
                placed.push((parent.map_or(usize::from(second_domain), |parent| placed[parent].0), parent));
            }
            let mut made: Vec<Assignment> = Vec::new();
            for ((is_group, actor), (kind, target), role, inherited) in assignments {
                let actor = if is_group {
                    Actor::Group(group(actor.index(GROUPS)))
                } else {
                    Actor::User(user(actor.index(USERS)))
                };
                let target = match kind {
                    0 => Target::Domain(domain(target.index(DOMAINS))),
                    // A domain is a project too.
                    1 if target.index(3) == 0 => Target::Project(domain(target.index(DOMAINS)).as_project()),
                    _ => Target::Project(project(target.index(placed.len()))),
                };
                let assignment = Assignment { actor, target, role_id: role_id(role), inherited };
                if !made.contains(&assignment) {
                    made.push(assignment);
                }
            }
            let expiring = expiring.into_iter().fold(Vec::new(), |mut kept: Vec<(usize, usize, bool)>, one| {
                if !kept.iter().any(|known| (known.0, known.1) == (one.0, one.1)) {
                    kept.push(one);
                }
                kept
            });
            RandomWorld { projects: placed, memberships, expiring, roles, implications, assignments: made }
        },
    )
}

pub(super) fn user(n: usize) -> UserId {
    format!("u{n}").into()
}

pub(super) fn group(n: usize) -> GroupId {
    format!("g{n}").into()
}

pub(super) fn domain(n: usize) -> DomainId {
    format!("d{n}").into()
}

fn project(n: usize) -> ProjectId {
    format!("p{n}").into()
}

fn role_id(n: usize) -> RoleId {
    format!("r{n}").into()
}

impl RandomWorld {
    pub(super) fn users(&self) -> Vec<UserId> {
        (0..USERS).map(user).collect()
    }

    pub(super) fn domains(&self) -> Vec<DomainId> {
        (0..DOMAINS).map(domain).collect()
    }

    /// Projects, those above before those below.
    pub(super) fn nodes(&self) -> Vec<ProjectNode> {
        let node = |(n, (domain_number, parent)): (usize, &(usize, Option<usize>))| ProjectNode {
            id: project(n),
            domain_id: Some(domain(*domain_number)),
            parent_id: Some(parent.map_or_else(|| domain(*domain_number).as_project(), project)),
        };
        self.projects.iter().enumerate().map(node).collect()
    }

    pub(super) fn roles(&self) -> Vec<Role> {
        let role = |(n, domain_number): (usize, &Option<usize>)| Role {
            id: role_id(n),
            name: format!("r{n}"),
            domain_id: domain_number.map(domain),
            description: None,
            extra: serde_json::Map::new(),
            immutable: None,
        };
        self.roles.iter().enumerate().map(role).collect()
    }

    pub(super) fn implications(&self) -> Vec<ImpliedRole> {
        let rule = |&(prior, implied)| ImpliedRole { prior: role_id(prior), implied: role_id(implied) };
        self.implications.iter().map(rule).collect()
    }

    /// Whether the user is in the group now.
    pub(super) fn is_member(&self, user_id: &UserId, group_id: &GroupId) -> bool {
        self.is_member_for_good(user_id, group_id)
            || self.expiring.iter().any(|&(u, g, counts)| counts && user(u) == *user_id && group(g) == *group_id)
    }

    pub(super) fn is_member_for_good(&self, user_id: &UserId, group_id: &GroupId) -> bool {
        self.memberships.iter().any(|&(u, g)| user(u) == *user_id && group(g) == *group_id)
    }

    /// The projects below this one, or below a domain.
    pub(super) fn is_below(&self, id: &ProjectId, above: &ProjectId) -> bool {
        let nodes = self.nodes();
        let mut here = id;
        while let Some(node) = nodes.iter().find(|node| node.id == *here) {
            match &node.parent_id {
                Some(parent) if parent == above => return true,
                Some(parent) => here = parent,
                None => return false,
            }
        }
        false
    }

    /// Whether the assignment counts on a project that is no domain.
    pub(super) fn counts_on_project(&self, assignment: &Assignment, id: &ProjectId) -> bool {
        match (&assignment.target, assignment.inherited) {
            (Target::Project(made_on), false) => made_on == id,
            (Target::Project(made_on), true) => self.is_below(id, made_on),
            (Target::Domain(made_on), true) => self.is_below(id, &made_on.as_project()),
            (Target::Domain(_), false) | (Target::System, _) => false,
        }
    }

    fn counts_on_domain(&self, assignment: &Assignment, id: &DomainId) -> bool {
        !assignment.inherited && assignment.target == Target::Domain(id.clone())
    }

    /// The roles of a user on a project, as a token has them.
    pub(super) fn roles_on_project(&self, user_id: &UserId, id: &ProjectId) -> BTreeSet<RoleId> {
        self.global_roles(user_id, |assignment| self.counts_on_project(assignment, id))
    }

    /// The roles of a user on a domain, as a token has them.
    pub(super) fn roles_on_domain(&self, user_id: &UserId, id: &DomainId) -> BTreeSet<RoleId> {
        self.global_roles(user_id, |assignment| self.counts_on_domain(assignment, id))
    }

    fn global_roles(&self, user_id: &UserId, counts: impl Fn(&Assignment) -> bool) -> BTreeSet<RoleId> {
        let holds = |assignment: &&Assignment| match &assignment.actor {
            Actor::User(id) => id == user_id,
            Actor::Group(id) => self.is_member(user_id, id),
        };
        let counting = self.assignments.iter().filter(holds).filter(|assignment| counts(assignment));
        let mut roles: BTreeSet<RoleId> = counting.map(|assignment| assignment.role_id.clone()).collect();
        loop {
            let more: BTreeSet<RoleId> = self
                .implications()
                .into_iter()
                .filter(|rule| roles.contains(&rule.prior))
                .map(|rule| rule.implied)
                .collect();
            if more.is_subset(&roles) {
                break;
            }
            roles.extend(more);
        }
        let global: BTreeSet<RoleId> =
            self.roles().into_iter().filter(|role| role.domain_id.is_none()).map(|role| role.id).collect();
        roles.intersection(&global).cloned().collect()
    }
}
