//! Effective assignments with their reasons (`/v3/role_assignments?effective`): what a token's roles are made of, spelt out.
//!
//! A group's assignment becomes one for each member, an inherited one becomes one for each project below, and each is
//! repeated for the roles that its role implies. Which places count on a target is said in [`effective`](super::effective),
//! which roles follow from which in [`implication`](super::implication): a token's roles come from the same two.
//!
//! The work is proportional to what comes out: assignments are sorted by place once, with the roles that they lead to,
//! and each target then collects what lies in its few places.

use std::collections::HashMap;

use super::{
    effective::{Place, ProjectPath},
    implication::{Reason, RoleGraph},
};
use crate::domain::{
    assignment::{Actor, Assignment, Target},
    ids::{DomainId, GroupId, ProjectId, RoleId, UserId},
};

/// One entry of a list of assignments, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry<'a> {
    /// Who has the role.
    pub holder: Party<'a>,
    /// Where.
    pub scope: Scope<'a>,
    /// Which.
    pub role_id: &'a RoleId,
    /// Whether the assignment as it stands is one for what is below the scope.
    pub inherited: bool,
    /// The group whose member the holder is.
    pub group_id: Option<&'a GroupId>,
    /// What the scope inherits the role from.
    pub source: Option<Scope<'a>>,
    /// The role that implies this one.
    pub prior: Option<&'a RoleId>,
}

/// An [`Actor`], borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Party<'a> {
    /// A user.
    User(&'a UserId),
    /// A group.
    Group(&'a GroupId),
}

/// A [`Target`], borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope<'a> {
    /// A project.
    Project(&'a ProjectId),
    /// A domain.
    Domain(&'a DomainId),
    /// The system.
    System,
}

impl<'a> From<&'a Actor> for Party<'a> {
    fn from(actor: &'a Actor) -> Self {
        match actor {
            Actor::User(id) => Self::User(id),
            Actor::Group(id) => Self::Group(id),
        }
    }
}

impl<'a> From<&'a Target> for Scope<'a> {
    fn from(target: &'a Target) -> Self {
        match target {
            Target::Project(id) => Self::Project(id),
            Target::Domain(id) => Self::Domain(id),
            Target::System => Self::System,
        }
    }
}

impl<'a> Entry<'a> {
    /// An assignment as it stands.
    pub fn direct(assignment: &'a Assignment) -> Self {
        Self {
            holder: (&assignment.actor).into(),
            scope: (&assignment.target).into(),
            role_id: &assignment.role_id,
            inherited: assignment.inherited,
            group_id: None,
            source: None,
            prior: None,
        }
    }
}

/// A place where roles are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot<'a> {
    /// A project, with what is above it.
    Project(ProjectPath<'a>),
    /// A domain.
    Domain(&'a DomainId),
}

/// Who is in which group.
pub type Members = HashMap<GroupId, Vec<UserId>>;

/// Assignments by place, with the roles that they lead to.
#[derive(Debug)]
pub struct Expansion<'a> {
    made_in: HashMap<Place<'a>, Vec<Share<'a>>>,
    members: &'a Members,
}

/// What one actor has in one place.
#[derive(Debug)]
struct Share<'a> {
    actor: &'a Actor,
    target: &'a Target,
    reasons: Vec<Reason<'a>>,
}

impl<'a> Expansion<'a> {
    /// Sorts `assignments`. Only global roles are kept, as in tokens; with `role_id`, only that role.
    pub fn new(
        assignments: &'a [Assignment],
        graph: &'a RoleGraph,
        members: &'a Members,
        role_id: Option<&RoleId>,
    ) -> Self {
        let mut held: HashMap<(Place<'a>, &'a Actor), (&'a Target, Vec<&'a RoleId>)> = HashMap::new();
        for assignment in assignments {
            if let Some(place) = Place::of(assignment) {
                let (_, roles) =
                    held.entry((place, &assignment.actor)).or_insert_with(|| (&assignment.target, Vec::new()));
                roles.push(&assignment.role_id);
            }
        }
        let mut made_in: HashMap<Place<'a>, Vec<Share<'a>>> = HashMap::new();
        for ((place, actor), (target, roles)) in held {
            let mut reasons = graph.reasons(roles);
            reasons.retain(|reason| {
                graph.is_global(reason.role_id) && role_id.is_none_or(|wanted| wanted == reason.role_id)
            });
            if !reasons.is_empty() {
                made_in.entry(place).or_default().push(Share { actor, target, reasons });
            }
        }
        Self { made_in, members }
    }

    /// The entries of these spots.
    pub fn entries(&self, spots: &[Spot<'a>]) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        for spot in spots {
            match spot {
                Spot::Project(path) => {
                    for place in path.places() {
                        self.collect(Scope::Project(path.project_id), place, &mut entries);
                    }
                }
                Spot::Domain(id) => self.collect(Scope::Domain(id), Place::OnDomain(id), &mut entries),
            }
        }
        entries
    }

    fn collect(&self, scope: Scope<'a>, place: Place<'a>, entries: &mut Vec<Entry<'a>>) {
        for share in self.made_in.get(&place).into_iter().flatten() {
            let source = match place {
                Place::BelowProject(_) | Place::InDomain(_) => Some(share.target.into()),
                Place::OnProject(_) | Place::OnDomain(_) | Place::OnSystem => None,
            };
            let mut add = |user_id: &'a UserId, group_id: Option<&'a GroupId>| {
                entries.extend(share.reasons.iter().map(|reason| Entry {
                    holder: Party::User(user_id),
                    scope,
                    role_id: reason.role_id,
                    inherited: false,
                    group_id,
                    source,
                    prior: reason.prior,
                }));
            };
            match share.actor {
                Actor::User(id) => add(id, None),
                Actor::Group(id) => {
                    for user_id in self.members.get(id).into_iter().flatten() {
                        add(user_id, Some(id));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::domain::role::{ImpliedRole, Role};

    fn graph() -> RoleGraph {
        let role = |name: &str, domain: Option<&str>| Role {
            id: name.into(),
            name: name.to_owned(),
            domain_id: domain.map(Into::into),
            description: None,
            extra: Map::new(),
            immutable: None,
        };
        let implies = |prior: &str, implied: &str| ImpliedRole { prior: prior.into(), implied: implied.into() };
        RoleGraph::new(
            [role("member", None), role("reader", None), role("local", Some("d"))],
            [implies("member", "reader"), implies("local", "reader")],
        )
    }

    fn grant(actor: Actor, target: Target, role: &str, inherited: bool) -> Assignment {
        Assignment { actor, target, role_id: role.into(), inherited }
    }

    /// What `top` and `leaf` below it in `d` come to, one line for each entry.
    fn expanded(assignments: &[Assignment], role_id: Option<&str>) -> Vec<String> {
        let (graph, role_id) = (graph(), role_id.map(RoleId::from));
        let members = Members::from([("g".into(), vec!["u".into(), "v".into()])]);
        let (top, leaf, domain_id) = (ProjectId::from("top"), ProjectId::from("leaf"), DomainId::from("d"));
        let above = domain_id.as_project();
        let path = |project_id, ancestors| ProjectPath { project_id, domain_id: Some(&domain_id), ancestors };
        let spots = [
            Spot::Project(path(&top, vec![&above])),
            Spot::Project(path(&leaf, vec![&top, &above])),
            Spot::Domain(&domain_id),
        ];
        let mut lines: Vec<String> = Expansion::new(assignments, &graph, &members, role_id.as_ref())
            .entries(&spots)
            .into_iter()
            .map(|entry| {
                let scope = |scope| match scope {
                    Scope::Project(id) => id.as_str(),
                    Scope::Domain(id) => id.as_str(),
                    Scope::System => "system",
                };
                let Party::User(user) = entry.holder else { panic!("{entry:?}") };
                let mut line = format!("{user} {} on {}", entry.role_id, scope(entry.scope));
                line.extend(entry.prior.map(|prior| format!(" by {prior}")));
                line.extend(entry.group_id.map(|group| format!(" as of {group}")));
                line.extend(entry.source.map(|source| format!(" from {}", scope(source))));
                line
            })
            .collect();
        lines.sort();
        lines
    }

    #[test]
    fn implied_roles_are_entries_of_their_own() {
        let user = || Actor::User("u".into());
        let on_top = |role| grant(user(), Target::Project("top".into()), role, false);
        assert_eq!(expanded(&[on_top("member")], None), ["u member on top", "u reader on top by member"]);
        assert_eq!(expanded(&[on_top("local")], None), ["u reader on top by local"], "domain roles are not seen");
        assert_eq!(
            expanded(&[on_top("member"), on_top("local"), on_top("reader")], Some("reader")),
            ["u reader on top", "u reader on top by local", "u reader on top by member"]
        );
    }

    #[test]
    fn groups_become_their_members() {
        let group = |id: &str| Actor::Group(id.into());
        let on_domain = |actor| grant(actor, Target::Domain("d".into()), "reader", false);
        assert_eq!(expanded(&[on_domain(group("g"))], None), ["u reader on d as of g", "v reader on d as of g"]);
        assert!(expanded(&[on_domain(group("empty"))], None).is_empty());
    }

    #[test]
    fn what_is_inherited_is_seen_below_and_not_where_it_was_made() {
        let user = || Actor::User("u".into());
        let below_top = grant(user(), Target::Project("top".into()), "reader", true);
        assert_eq!(expanded(&[below_top], None), ["u reader on leaf from top"]);
        let in_domain = grant(user(), Target::Domain("d".into()), "reader", true);
        assert_eq!(expanded(&[in_domain], None), ["u reader on leaf from d", "u reader on top from d"]);
        assert!(expanded(&[grant(user(), Target::System, "reader", false)], None).is_empty());
    }
}
