//! The pure functions, in random worlds.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use fernstone::{
    assignment::{
        effective,
        expansion::{Entry, Expansion, Members, Party, Scope, Spot},
        implication::RoleGraph,
        reach::{self, Tree},
    },
    domain::{
        assignment::{Actor, Assignment, Target},
        ids::{ProjectId, RoleId, UserId},
    },
};
use proptest::{prelude::*, test_runner::RngSeed};

use super::world::{GROUPS, RandomWorld, group, worlds};

/// Groups with those who are in them now.
fn members(world: &RandomWorld) -> Members {
    let in_group = |n| {
        let is_in = |user_id: &UserId| world.is_member(user_id, &group(n));
        (group(n), world.users().into_iter().filter(is_in).collect())
    };
    (0..GROUPS).map(in_group).collect()
}

fn held_by(world: &RandomWorld, user_id: &UserId) -> Vec<Assignment> {
    let holds = |assignment: &&Assignment| match &assignment.actor {
        Actor::User(id) => id == user_id,
        Actor::Group(id) => world.is_member(user_id, id),
    };
    world.assignments.iter().filter(holds).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(11), ..ProptestConfig::default() })]

    /// The list of effective assignments has for each user and each target exactly the roles that a token for it has,
    /// and both are what they should be by definition. The projects that a user reaches are those where that is any.
    #[test]
    fn lists_tokens_and_reach_agree(world in worlds()) {
        let (nodes, domains, members) = (world.nodes(), world.domains(), members(&world));
        let (tree, graph) = (Tree::new(&nodes), RoleGraph::new(world.roles(), world.implications()));
        let mut spots: Vec<Spot<'_>> = nodes.iter().map(|node| Spot::Project(tree.path(&node.id))).collect();
        spots.extend(domains.iter().map(Spot::Domain));
        let expansion = Expansion::new(&world.assignments, &graph, &members, None);
        let mut listed: BTreeMap<(String, String), BTreeSet<RoleId>> = BTreeMap::new();
        for entry in expansion.entries(&spots) {
            listed.entry((user_of(&entry), scope_of(&entry))).or_default().insert(entry.role_id.clone());
        }
        for user_id in world.users() {
            let held = held_by(&world, &user_id);
            let mut reached = BTreeSet::new();
            for node in &nodes {
                let expected = world.roles_on_project(&user_id, &node.id);
                let token = graph.global_closure(effective::on_project(&held, &tree.path(&node.id)));
                prop_assert_eq!(&token, &expected, "the token of {} on {}", &user_id, &node.id);
                let listed = listed.remove(&(user_id.to_string(), format!("project {}", node.id)));
                prop_assert_eq!(listed.unwrap_or_default(), expected.clone(), "{} on {}", &user_id, &node.id);
                if !expected.is_empty() {
                    reached.insert(node.id.clone());
                }
            }
            for id in &domains {
                let expected = world.roles_on_domain(&user_id, id);
                prop_assert_eq!(&graph.global_closure(effective::on_domain(&held, id)), &expected);
                let listed = listed.remove(&(user_id.to_string(), format!("domain {id}")));
                prop_assert_eq!(listed.unwrap_or_default(), expected, "{} on {}", &user_id, id);
            }
            let mut found = reach::projects(&held, &graph, &nodes);
            found.retain(|id| nodes.iter().any(|node| node.id == *id));
            prop_assert_eq!(found, reached, "what {} reaches", &user_id);
        }
        prop_assert!(listed.is_empty(), "entries about nobody or nothing: {:?}", listed);
    }

    /// No entry comes twice, and each names an assignment that exists, made where and for whom the entry says, and a
    /// rule by which its role follows.
    #[test]
    fn every_entry_gives_its_reason(world in worlds()) {
        let (nodes, domains, members) = (world.nodes(), world.domains(), members(&world));
        let (tree, graph) = (Tree::new(&nodes), RoleGraph::new(world.roles(), world.implications()));
        let mut spots: Vec<Spot<'_>> = nodes.iter().map(|node| Spot::Project(tree.path(&node.id))).collect();
        spots.extend(domains.iter().map(Spot::Domain));
        let expansion = Expansion::new(&world.assignments, &graph, &members, None);
        let entries = expansion.entries(&spots);
        prop_assert_eq!(entries.iter().collect::<HashSet<_>>().len(), entries.len());
        for entry in &entries {
            let actor = match (entry.group_id, entry.holder) {
                (Some(group_id), Party::User(user_id)) => {
                    prop_assert!(world.is_member(user_id, group_id), "{:?}", entry);
                    Actor::Group(group_id.clone())
                }
                (None, Party::User(user_id)) => Actor::User(user_id.clone()),
                (_, Party::Group(_)) => panic!("{entry:?}"),
            };
            let target = target_of(entry.source.unwrap_or(entry.scope));
            let made: Vec<&RoleId> = world
                .assignments
                .iter()
                .filter(|one| one.actor == actor && one.target == target && one.inherited == entry.source.is_some())
                .map(|one| &one.role_id)
                .collect();
            match entry.prior {
                None => prop_assert!(made.contains(&entry.role_id), "{:?}", entry),
                Some(prior) => {
                    let rules = world.implications();
                    prop_assert!(rules.iter().any(|rule| rule.prior == *prior && rule.implied == *entry.role_id));
                    prop_assert!(graph.closure(made).contains(prior), "{:?}", entry);
                }
            }
        }
        let only = RoleId::from("r1");
        let narrowed = Expansion::new(&world.assignments, &graph, &members, Some(&only));
        let narrowed: HashSet<Entry<'_>> = narrowed.entries(&spots).into_iter().collect();
        prop_assert_eq!(narrowed, entries.into_iter().filter(|entry| *entry.role_id == only).collect());
    }
}

fn user_of(entry: &Entry<'_>) -> String {
    match entry.holder {
        Party::User(id) => id.to_string(),
        Party::Group(id) => panic!("the group {id} in an effective list"),
    }
}

fn scope_of(entry: &Entry<'_>) -> String {
    match entry.scope {
        Scope::Project(id) => format!("project {id}"),
        Scope::Domain(id) => format!("domain {id}"),
        Scope::System => "system".to_owned(),
    }
}

fn target_of(scope: Scope<'_>) -> Target {
    match scope {
        Scope::Project(id) => Target::Project(ProjectId::clone(id)),
        Scope::Domain(id) => Target::Domain(id.clone()),
        Scope::System => Target::System,
    }
}
