//! What is held and what that comes to: users are many, and most of them hold the same few roles.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, PoisonError, RwLock},
};

use super::implication::RoleGraph;
use crate::domain::{ids::RoleId, role::Role};

/// So many different sets of roles are kept; with one more all are forgotten, which nobody sees: there are hardly ever as many.
const MOST_SETS: usize = 1000;

/// All roles, what each implies, and what sets of them were found to come to.
#[derive(Debug)]
pub struct RoleSets {
    graph: RoleGraph,
    known: RwLock<Known>,
}

/// What is held, in the order of ids, and what it comes to.
type Known = HashMap<Box<[RoleId]>, Arc<[Role]>>;

impl RoleSets {
    /// With nothing worked out yet.
    pub fn new(graph: RoleGraph) -> Self {
        Self { graph, known: RwLock::default() }
    }

    /// The roles of [`RoleGraph::global_closure`], in the order of their ids.
    pub fn global(&self, mut held: Vec<&RoleId>) -> Arc<[Role]> {
        held.sort_unstable();
        held.dedup();
        let key: Box<[RoleId]> = held.iter().copied().cloned().collect();
        if let Some(known) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        let closed = self.graph.global_closure(held);
        let roles: Arc<[Role]> = closed.iter().filter_map(|id| self.graph.role(id)).cloned().collect();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_SETS {
            known.clear();
        }
        known.insert(key, Arc::clone(&roles));
        roles
    }
}

impl Default for RoleSets {
    /// No roles.
    fn default() -> Self {
        Self::new(RoleGraph::default())
    }
}

impl Deref for RoleSets {
    type Target = RoleGraph;

    fn deref(&self) -> &RoleGraph {
        &self.graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::role::ImpliedRole;

    fn role(id: &str, domain_id: Option<&str>) -> Role {
        Role {
            id: id.into(),
            name: id.to_owned(),
            domain_id: domain_id.map(Into::into),
            description: None,
            extra: serde_json::Map::new(),
            immutable: None,
        }
    }

    #[test]
    fn a_set_comes_to_the_same_in_any_order_and_the_second_time() {
        let implied = |prior: &str, implied: &str| ImpliedRole { prior: prior.into(), implied: implied.into() };
        let roles = [role("a", None), role("b", None), role("c", None), role("local", Some("d"))];
        let sets = RoleSets::new(RoleGraph::new(roles, [implied("local", "c"), implied("b", "a")]));
        let ids: [RoleId; 4] = ["a", "b", "local", "gone"].map(Into::into);
        let come_to = |held: &[usize]| {
            let roles = sets.global(held.iter().map(|number| &ids[*number]).collect());
            roles.iter().map(|role| role.name.clone()).collect::<Vec<_>>().join(" ")
        };
        for _ in 0..2 {
            assert_eq!(come_to(&[]), "");
            assert_eq!(come_to(&[1]), "a b");
            assert_eq!(come_to(&[0]), "a");
            assert_eq!(come_to(&[2, 3, 1, 1]), "a b c");
            assert_eq!(come_to(&[1, 2]), "a b c");
            assert_eq!(come_to(&[3]), "");
        }
    }
}
