//! Which assignments count on a target.
//!
//! An assignment is made in a [`Place`]; a target knows the places whose assignments count on it. That is the whole rule,
//! and there is no other: a token's roles, the projects that a user reaches and the list of effective assignments are
//! all found through it. What it says is Keystone's `assignment/core.py` (`_list_effective_role_assignments`).
//!
//! Who holds an assignment no longer matters here: a user's are those of the user and of the groups the user is in now.

use crate::domain::{
    assignment::{Assignment, Target},
    ids::{DomainId, ProjectId, RoleId},
};

/// Where an assignment is made, and whether it is meant for that or for what is below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place<'a> {
    /// For this project alone.
    OnProject(&'a ProjectId),
    /// Inherited: for the projects below this one, and not for it.
    BelowProject(&'a ProjectId),
    /// For this domain alone.
    OnDomain(&'a DomainId),
    /// Inherited: for the projects of this domain, and not for it.
    InDomain(&'a DomainId),
    /// For the deployment as a whole.
    OnSystem,
}

impl<'a> Place<'a> {
    /// Where `assignment` is made. `None` for one that counts nowhere: nothing inherits from the system.
    pub fn of(assignment: &'a Assignment) -> Option<Self> {
        match (&assignment.target, assignment.inherited) {
            (Target::Project(id), false) => Some(Self::OnProject(id)),
            (Target::Project(id), true) => Some(Self::BelowProject(id)),
            (Target::Domain(id), false) => Some(Self::OnDomain(id)),
            (Target::Domain(id), true) => Some(Self::InDomain(id)),
            (Target::System, false) => Some(Self::OnSystem),
            (Target::System, true) => None,
        }
    }
}

/// A project and what lies above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectPath<'a> {
    /// The project itself.
    pub project_id: &'a ProjectId,
    /// Its domain, where that is known.
    pub domain_id: Option<&'a DomainId>,
    /// Its parent, that one's parent and so on, up to and including the project that acts as its domain.
    pub ancestors: Vec<&'a ProjectId>,
}

impl<'a> ProjectPath<'a> {
    /// The places whose assignments count on the project.
    pub fn places(&self) -> impl Iterator<Item = Place<'a>> {
        std::iter::once(Place::OnProject(self.project_id))
            .chain(self.ancestors.iter().copied().map(Place::BelowProject))
            .chain(self.domain_id.map(Place::InDomain))
    }

    /// Those of `assignments` that count on the project.
    pub fn counting(&self, assignments: &'a [Assignment]) -> impl Iterator<Item = &'a Assignment> {
        made_in(assignments, self.places().collect())
    }
}

/// The roles held on a project, before implication.
pub fn on_project<'a>(assignments: &'a [Assignment], path: &ProjectPath<'a>) -> Vec<&'a RoleId> {
    roles_of(path.counting(assignments))
}

/// The roles held on a domain itself, before implication.
pub fn on_domain<'a>(assignments: &'a [Assignment], domain_id: &'a DomainId) -> Vec<&'a RoleId> {
    roles_of(made_in(assignments, vec![Place::OnDomain(domain_id)]))
}

/// The roles held on the system, before implication.
pub fn on_system<'a>(assignments: impl IntoIterator<Item = &'a Assignment>) -> Vec<&'a RoleId> {
    roles_of(made_in(assignments, vec![Place::OnSystem]))
}

fn made_in<'a>(
    assignments: impl IntoIterator<Item = &'a Assignment>,
    places: Vec<Place<'a>>,
) -> impl Iterator<Item = &'a Assignment> {
    assignments.into_iter().filter(move |made| Place::of(made).is_some_and(|place| places.contains(&place)))
}

fn roles_of<'a>(assignments: impl Iterator<Item = &'a Assignment>) -> Vec<&'a RoleId> {
    assignments.map(|assignment| &assignment.role_id).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::assignment::Actor;

    fn grant(target: Target, inherited: bool) -> Assignment {
        Assignment { actor: Actor::User("u".into()), target, role_id: "r".into(), inherited }
    }

    fn counts(target: Target, inherited: bool) -> bool {
        let ids: [ProjectId; 4] = ["leaf", "middle", "top", "d"].map(Into::into);
        let domain_id = "d".into();
        let path =
            ProjectPath { project_id: &ids[0], domain_id: Some(&domain_id), ancestors: ids[1..].iter().collect() };
        !on_project(&[grant(target, inherited)], &path).is_empty()
    }

    #[test]
    fn direct_assignments_count_where_they_are_and_nowhere_else() {
        assert!(counts(Target::Project("leaf".into()), false));
        assert!(!counts(Target::Project("middle".into()), false));
        assert!(!counts(Target::Domain("d".into()), false));
        assert!(!counts(Target::System, false));
    }

    #[test]
    fn inherited_assignments_count_below_where_they_are() {
        assert!(counts(Target::Project("middle".into()), true));
        assert!(counts(Target::Project("top".into()), true));
        assert!(counts(Target::Domain("d".into()), true));
        assert!(!counts(Target::Project("leaf".into()), true), "not on the project itself");
        assert!(!counts(Target::Project("elsewhere".into()), true));
        assert!(!counts(Target::Domain("other".into()), true));
    }

    #[test]
    fn a_domain_does_not_inherit() {
        let domain: DomainId = "d".into();
        assert_eq!(on_domain(&[grant(Target::Domain("d".into()), false)], &domain).len(), 1);
        assert!(on_domain(&[grant(Target::Domain("d".into()), true)], &domain).is_empty());
        assert!(on_domain(&[grant(Target::Project("d".into()), false)], &domain).is_empty());
    }

    #[test]
    fn system_roles_do_not_reach_projects_and_the_reverse() {
        assert_eq!(on_system(&[grant(Target::System, false)]).len(), 1);
        assert!(on_system(&[grant(Target::Project("leaf".into()), false)]).is_empty());
        assert!(on_system(&[grant(Target::System, true)]).is_empty(), "nothing inherits from the system");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, rng_seed: proptest::test_runner::RngSeed::Fixed(2), ..ProptestConfig::default() })]

        /// In a tree of any depth, an inherited assignment on a project counts on exactly the projects below it, and
        /// more assignments never give fewer roles.
        #[test]
        fn inheritance_follows_the_tree(parents in prop::collection::vec(any::<prop::sample::Index>(), 1..24), at in any::<prop::sample::Index>(), target in any::<prop::sample::Index>()) {
            let count = parents.len() + 1;
            // Project n > 0 has some project before it as its parent; project 0 is below the domain.
            let parent_of = |n: usize| (n > 0).then(|| parents[n - 1].index(n));
            let ancestors = |n: usize| {
                let mut above = Vec::new();
                let mut here = n;
                while let Some(parent) = parent_of(here) {
                    above.push(parent);
                    here = parent;
                }
                above
            };
            let (at, target) = (at.index(count), target.index(count));
            let (project_id, domain_id): (ProjectId, DomainId) = (target.to_string().into(), "d".into());
            let above: Vec<ProjectId> = ancestors(target).iter().map(|n| n.to_string().into()).chain(["d".into()]).collect();
            let path = ProjectPath {
                project_id: &project_id,
                domain_id: Some(&domain_id),
                ancestors: above.iter().collect(),
            };
            let mut grants = vec![grant(Target::Project(at.to_string().into()), true)];
            let below = ancestors(target).contains(&at);
            prop_assert_eq!(on_project(&grants, &path).len(), usize::from(below));
            grants.push(grant(Target::Domain("d".into()), true));
            prop_assert_eq!(on_project(&grants, &path).len(), usize::from(below) + 1);
        }
    }
}
