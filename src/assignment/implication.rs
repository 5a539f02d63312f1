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
    implied: HashMap<RoleId, BTreeSet<RoleId>>,
}

/// A role that somebody has, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason<'a> {
    /// The role.
    pub role_id: &'a RoleId,
    /// The role that implies it; `None` for one that is held by itself.
    pub prior: Option<&'a RoleId>,
}

impl RoleGraph {
    /// Builds the graph from the tables `role` and `implied_role`.
    pub fn new(roles: impl IntoIterator<Item = Role>, implications: impl IntoIterator<Item = ImpliedRole>) -> Self {
        let mut implied: HashMap<RoleId, BTreeSet<RoleId>> = HashMap::new();
        for ImpliedRole { prior, implied: role } in implications {
            implied.entry(prior).or_default().insert(role);
        }
        Self { roles: roles.into_iter().map(|role| (role.id.clone(), role)).collect(), implied }
    }

    /// The role with this id.
    pub fn role(&self, id: &RoleId) -> Option<&Role> {
        self.roles.get(id)
    }

    /// `held` and all that they imply, directly or through others. Cycles are harmless.
    pub fn closure<'a>(&self, held: impl IntoIterator<Item = &'a RoleId>) -> BTreeSet<RoleId> {
        self.closed(held.into_iter().collect()).into_iter().cloned().collect()
    }

    /// The same roles as [`RoleGraph::closure`], each as often as there is a reason for it: once if it is held, and once
    /// for every role of the closure that implies it.
    pub fn reasons<'a>(&'a self, held: impl IntoIterator<Item = &'a RoleId>) -> Vec<Reason<'a>> {
        let held: BTreeSet<&RoleId> = held.into_iter().collect();
        let mut closed: Vec<&RoleId> = self.closed(held.iter().copied().collect()).into_iter().collect();
        closed.sort_unstable();
        let implied = closed.into_iter().flat_map(|prior| {
            let implied = self.implied.get(prior).into_iter().flatten();
            implied.map(move |role_id| Reason { role_id, prior: Some(prior) })
        });
        held.into_iter().map(|role_id| Reason { role_id, prior: None }).chain(implied).collect()
    }

    fn closed<'a>(&'a self, held: Vec<&'a RoleId>) -> HashSet<&'a RoleId> {
        let mut closed: HashSet<&RoleId> = HashSet::new();
        let mut to_visit = held;
        while let Some(role) = to_visit.pop() {
            if closed.insert(role) {
                to_visit.extend(self.implied.get(role).into_iter().flatten());
            }
        }
        closed
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

    #[test]
    fn every_reason_for_a_role_is_named() {
        let graph = RoleGraph::new(
            ["a", "b", "c", "d"].map(|name| role(name, None)),
            [implies("a", "b"), implies("a", "c"), implies("b", "d"), implies("c", "d"), implies("d", "a")],
        );
        let named = |held: &[RoleId]| -> Vec<String> {
            let text = |reason: &Reason<'_>| match reason.prior {
                None => reason.role_id.to_string(),
                Some(prior) => format!("{}({prior})", reason.role_id),
            };
            graph.reasons(held).iter().map(text).collect()
        };
        assert_eq!(named(&["b".into()]), ["b", "b(a)", "c(a)", "d(b)", "d(c)", "a(d)"]);
        assert_eq!(named(&["d".into(), "d".into()])[..1], ["d"], "held twice is held once");
        assert!(named(&[]).is_empty());
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
            let reasons = graph.reasons(&held);
            prop_assert_eq!(reasons.iter().map(|reason| reason.role_id.clone()).collect::<BTreeSet<_>>(), once.clone());
            prop_assert_eq!(reasons.iter().collect::<HashSet<_>>().len(), reasons.len());
            let mut wider = held.clone();
            wider.push(more.to_string().into());
            prop_assert!(graph.closure(&wider).is_superset(&once));
        }
    }
}
