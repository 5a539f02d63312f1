//! Which assignments count on a target.
//!
//! The caller passes only assignments of the user and of the groups the user is in now; who holds them no longer
//! matters here. What each rule says is Keystone's `assignment/core.py` (`_list_effective_role_assignments`).

use crate::domain::{
    assignment::{Assignment, Target},
    ids::{DomainId, ProjectId, RoleId},
};

/// A project and what lies above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectPath {
    /// The project itself.
    pub project_id: ProjectId,
    /// Its domain.
    pub domain_id: DomainId,
    /// Its parent, that one's parent and so on, up to and including the project that acts as its domain.
    pub ancestors: Vec<ProjectId>,
}

/// The roles held on a project, before implication.
///
/// Counted are assignments on the project itself that are not inherited, and inherited ones on its domain or on a
/// project above it. An inherited assignment on the project itself is for the projects below, not for it.
pub fn on_project<'a>(assignments: &'a [Assignment], path: &ProjectPath) -> Vec<&'a RoleId> {
    roles_where(assignments, |assignment| match (&assignment.target, assignment.inherited) {
        (Target::Project(id), false) => *id == path.project_id,
        (Target::Project(id), true) => path.ancestors.contains(id),
        (Target::Domain(id), true) => *id == path.domain_id,
        (Target::Domain(_), false) | (Target::System, _) => false,
    })
}

/// The roles held on a domain itself, before implication.
pub fn on_domain<'a>(assignments: &'a [Assignment], domain_id: &DomainId) -> Vec<&'a RoleId> {
    roles_where(assignments, |assignment| {
        !assignment.inherited && matches!(&assignment.target, Target::Domain(id) if id == domain_id)
    })
}

/// The roles held on the system, before implication.
pub fn on_system(assignments: &[Assignment]) -> Vec<&RoleId> {
    roles_where(assignments, |assignment| !assignment.inherited && assignment.target == Target::System)
}

fn roles_where(assignments: &[Assignment], counts: impl Fn(&Assignment) -> bool) -> Vec<&RoleId> {
    assignments.iter().filter(|assignment| counts(assignment)).map(|assignment| &assignment.role_id).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::assignment::Actor;

    fn grant(target: Target, inherited: bool) -> Assignment {
        Assignment { actor: Actor::User("u".into()), target, role_id: "r".into(), inherited }
    }

    fn path() -> ProjectPath {
        ProjectPath {
            project_id: "leaf".into(),
            domain_id: "d".into(),
            ancestors: vec!["middle".into(), "top".into(), "d".into()],
        }
    }

    fn counts(target: Target, inherited: bool) -> bool {
        !on_project(&[grant(target, inherited)], &path()).is_empty()
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
            let path = ProjectPath {
                project_id: target.to_string().into(),
                domain_id: "d".into(),
                ancestors: ancestors(target).iter().map(|n| n.to_string().into()).chain(["d".into()]).collect(),
            };
            let mut grants = vec![grant(Target::Project(at.to_string().into()), true)];
            let below = ancestors(target).contains(&at);
            prop_assert_eq!(on_project(&grants, &path).len(), usize::from(below));
            grants.push(grant(Target::Domain("d".into()), true));
            prop_assert_eq!(on_project(&grants, &path).len(), usize::from(below) + 1);
        }
    }
}
