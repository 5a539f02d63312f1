//! Implied roles: `admin` implies `manager`, which implies `member`, which implies `reader`.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::domain::{
    ids::RoleId,
    role::{ImpliedRole, Role},
};

/// Every role of the deployment and what each implies. Roles are few; assignments are many.
#[derive(Debug, Clone, Default)]
pub struct RoleGraph {
    roles: HashMap<RoleId, Role>,
    implied: HashMap<RoleId, Vec<RoleId>>,
}

impl RoleGraph {
    /// Builds the graph from the tables `role` and `implied_role`.
    pub fn new(roles: impl IntoIterator<Item = Role>, implications: impl IntoIterator<Item = ImpliedRole>) -> Self {
        let mut implied: HashMap<RoleId, Vec<RoleId>> = HashMap::new();
        for ImpliedRole { prior, implied: role } in implications {
            implied.entry(prior).or_default().push(role);
        }
        Self { roles: roles.into_iter().map(|role| (role.id.clone(), role)).collect(), implied }
    }

    /// The role with this id.
    pub fn role(&self, id: &RoleId) -> Option<&Role> {
        self.roles.get(id)
    }

    /// `held` and all that they imply, directly or through others. Cycles are harmless.
    pub fn closure<'a>(&self, held: impl IntoIterator<Item = &'a RoleId>) -> BTreeSet<RoleId> {
        let mut closed: HashSet<&RoleId> = HashSet::new();
        let mut to_visit: Vec<&RoleId> = held.into_iter().collect();
        while let Some(role) = to_visit.pop() {
            if closed.insert(role) {
                to_visit.extend(self.implied.get(role).into_iter().flatten());
            }
        }
        closed.into_iter().cloned().collect()
    }

    /// As [`RoleGraph::closure`], less the domain-specific roles: these exist only for what they imply.
    pub fn global_closure<'a>(&self, held: impl IntoIterator<Item = &'a RoleId>) -> BTreeSet<RoleId> {
        let mut closed = self.closure(held);
        closed.retain(|id| self.is_global(id));
        closed
    }

    /// Whether the role exists and belongs to no domain.
    pub fn is_global(&self, id: &RoleId) -> bool {
        self.roles.get(id).is_some_and(|role| role.domain_id.is_none())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Map;

    use super::*;

    fn role(name: &str, domain: Option<&str>) -> Role {
        Role {
            id: name.into(),
            name: name.to_owned(),
            domain_id: domain.map(Into::into),
            description: None,
            extra: Map::new(),
            immutable: None,
        }
    }

    fn implies(prior: &str, implied: &str) -> ImpliedRole {
        ImpliedRole { prior: prior.into(), implied: implied.into() }
    }

    fn names(ids: &BTreeSet<RoleId>) -> Vec<&str> {
        ids.iter().map(RoleId::as_str).collect()
    }

    #[test]
    fn implication_is_transitive() {
        let graph = RoleGraph::new(
            ["admin", "manager", "member", "reader"].map(|name| role(name, None)),
            [implies("admin", "manager"), implies("manager", "member"), implies("member", "reader")],
        );
        assert_eq!(names(&graph.closure([&"manager".into()])), ["manager", "member", "reader"]);
    }

    #[test]
    fn a_domain_specific_role_gives_what_it_implies_and_is_not_seen_itself() {
        let graph = RoleGraph::new([role("local", Some("d1")), role("reader", None)], [implies("local", "reader")]);
        assert_eq!(names(&graph.global_closure([&"local".into()])), ["reader"]);
    }

    #[test]
    fn an_assignment_of_a_role_that_is_gone_gives_nothing() {
        assert!(RoleGraph::default().global_closure([&"gone".into()]).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

        /// Whatever the graph, cycles and self-loops included: closing is idempotent, keeps what was held, and more
        /// roles held never give fewer roles.
        #[test]
        fn closure_is_a_closure(edges in prop::collection::vec((0u8..12, 0u8..12), 0..40), held in prop::collection::vec(0u8..12, 0..6), more in 0u8..12) {
            let graph = RoleGraph::new(
                (0..12u8).map(|n| role(&n.to_string(), None)),
                edges.iter().map(|(a, b)| implies(&a.to_string(), &b.to_string())),
            );
            let held: Vec<RoleId> = held.iter().map(|n| n.to_string().into()).collect();
            let once = graph.closure(&held);
            prop_assert!(held.iter().all(|role| once.contains(role)));
            prop_assert_eq!(&graph.closure(&once), &once);
            let mut wider = held.clone();
            wider.push(more.to_string().into());
            prop_assert!(graph.closure(&wider).is_superset(&once));
        }
    }
}
