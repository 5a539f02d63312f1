//! The same over the store: a random world is written down, then lists and tokens' roles are compared.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use fernstone::{
    assignment::{
        expansion::{Entry, Party, Scope},
        listing::{ListFilter, ScopeFilter},
        resolver::{Holder, RoleResolver},
    },
    domain::{
        assignment::{Actor, Target},
        ids::{ProjectId, RoleId, UserId},
        resource::Project,
    },
    store::{assignment::grant, resource::create_project, role},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngSeed, TestRunner},
};

use super::world::{GROUPS, RandomWorld, domain, group, user, worlds};
use crate::store::{World, on_every_backend, time};

on_every_backend! {
    lists_and_tokens_agree_in_random_worlds,
}

const WORLDS: usize = 12;

fn now() -> DateTime<Utc> {
    time("2026-05-01T00:00:00Z")
}

/// One world after the other in the same database, so that a list is not right because it is short.
async fn lists_and_tokens_agree_in_random_worlds(world: World) {
    let config = ProptestConfig { rng_seed: RngSeed::Fixed(5), ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let resolver = RoleResolver::new(world.store.clone(), 60);
    world.execute(&["INSERT INTO identity_provider (id, enabled, domain_id) VALUES ('idp', true, 'd0')"]).await;
    for number in 0..WORLDS {
        let random = worlds().new_tree(&mut runner).expect("a world").current();
        write_down(&world, &random).await;
        agree(&resolver, &random).await.unwrap_or_else(|fault| panic!("world {number}: {fault}\n{random:#?}"));
        erase(&world).await;
    }
}

async fn agree(resolver: &RoleResolver, random: &RandomWorld) -> Result<(), String> {
    let list = async |filter: ListFilter| resolver.list_effective(filter, now()).await.expect("a list");
    let everything = list(ListFilter::default()).await;
    let everything = everything.entries();
    for user_id in random.users() {
        let holder = Holder::user(&user_id);
        let actor = Some(Actor::User(user_id.clone()));
        let own = list(ListFilter { actor: actor.clone(), ..ListFilter::default() }).await;
        let own = own.entries();
        let reached: BTreeSet<ProjectId> = projects_in(&own).cloned().collect();
        let found = resolver.projects(holder, now()).await.expect("projects");
        same("what the user reaches", found.into_iter().map(|project| project.id).collect(), reached)?;

        for node in random.nodes() {
            let on =
                |scope: ScopeFilter| ListFilter { actor: actor.clone(), scope: Some(scope), ..ListFilter::default() };
            let expected = random.roles_on_project(&user_id, &node.id);
            let what = |which: &str| format!("{user_id} on {} by {which}", node.id);
            let token = resolver.project_roles(&user_id, &node.id, now()).await.expect("roles");
            same(&what("the token"), token.iter().map(|role| role.id.clone()).collect(), expected.clone())?;
            same(&what("the user's list"), roles_on(&own, &user_id, Scope::Project(&node.id)), expected.clone())?;
            let one = list(on(ScopeFilter::Project(node.id.clone()))).await;
            same(&what("the project's list"), roles_of(&one.entries(), &user_id), expected.clone())?;
            let parent = node.parent_id.clone().expect("a parent");
            let tree = list(on(ScopeFilter::Subtree(parent))).await;
            let listed = roles_on(&tree.entries(), &user_id, Scope::Project(&node.id));
            same(&what("the list of the tree"), listed, expected.clone())?;

            // Lists that are not of one user open groups only for those who are in them for good.
            if random.expiring.is_empty() {
                let listed = roles_on(&everything, &user_id, Scope::Project(&node.id));
                same(&what("the list of all"), listed, expected.clone())?;
                let scope = Some(ScopeFilter::Project(node.id.clone()));
                let of_all = list(ListFilter { scope, ..ListFilter::default() }).await;
                same(&what("the project's list of all"), roles_of(&of_all.entries(), &user_id), expected)?;
            }
        }
        for id in random.domains() {
            let expected = random.roles_on_domain(&user_id, &id);
            let holdings = resolver.for_project(holder, &id.as_project(), now()).await.expect("holdings");
            let token = holdings.on_domain(&id).iter().map(|role| role.id.clone()).collect();
            same(&format!("{user_id} on {id} by the token"), token, expected.clone())?;
            let scope = Some(ScopeFilter::Domain(id.clone()));
            let listed = list(ListFilter { actor: actor.clone(), scope, ..ListFilter::default() }).await;
            same(&format!("{user_id} on {id} by the list"), roles_of(&listed.entries(), &user_id), expected.clone())?;
            same(
                &format!("{user_id} on {id} by the long list"),
                roles_on(&own, &user_id, Scope::Domain(&id)),
                expected,
            )?;
        }
        let (direct, inherited) = (kind(&list, &actor, false).await, kind(&list, &actor, true).await);
        if direct.0 + inherited.0 != own.len() || direct.1 != 0 || inherited.1 != inherited.0 {
            return Err(format!("{user_id}: {direct:?} and {inherited:?} are not the {} of both", own.len()));
        }
    }
    Ok(())
}

/// How many entries the list of that kind has, and how many of these are inherited.
async fn kind(
    list: &impl AsyncFn(ListFilter) -> fernstone::assignment::listing::EffectiveList,
    actor: &Option<Actor>,
    inherited: bool,
) -> (usize, usize) {
    let list = list(ListFilter { actor: actor.clone(), inherited: Some(inherited), ..ListFilter::default() }).await;
    let entries = list.entries();
    (entries.len(), entries.iter().filter(|entry| entry.source.is_some()).count())
}

fn same<T: Ord + std::fmt::Debug>(what: &str, found: BTreeSet<T>, expected: BTreeSet<T>) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?} and not {expected:?}")) }
}

fn projects_in<'a>(entries: &'a [Entry<'_>]) -> impl Iterator<Item = &'a ProjectId> {
    entries.iter().filter_map(|entry| match entry.scope {
        Scope::Project(id) => Some(id),
        Scope::Domain(_) | Scope::System => None,
    })
}

fn roles_of(entries: &[Entry<'_>], user_id: &UserId) -> BTreeSet<RoleId> {
    entries.iter().filter(|entry| entry.holder == Party::User(user_id)).map(|entry| entry.role_id.clone()).collect()
}

fn roles_on(entries: &[Entry<'_>], user_id: &UserId, scope: Scope<'_>) -> BTreeSet<RoleId> {
    let on: Vec<Entry<'_>> = entries.iter().filter(|entry| entry.scope == scope).copied().collect();
    roles_of(&on, user_id)
}

async fn write_down(world: &World, random: &RandomWorld) {
    let mut transaction = world.store.begin().await.expect("a transaction");
    let project = |id: &ProjectId, domain_id, parent_id, is_domain| Project {
        id: id.clone(),
        name: id.to_string(),
        domain_id,
        parent_id,
        is_domain,
        enabled: Some(true),
        description: None,
        tags: Vec::new(),
        extra: serde_json::Map::new(),
        immutable: None,
    };
    for id in random.domains() {
        create_project(&mut transaction, &project(&id.as_project(), None, None, true)).await.expect("a domain");
    }
    for node in random.nodes() {
        let made = project(&node.id, node.domain_id.clone(), node.parent_id.clone(), false);
        create_project(&mut transaction, &made).await.expect("a project");
    }
    for user_id in random.users() {
        let sql = r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ($1, $2, true)"#;
        transaction.execute("user", sql, vec![(&user_id).into(), (&domain(0)).into()]).await.expect("a user");
    }
    for number in 0..GROUPS {
        let sql = r#"INSERT INTO "group" (id, domain_id, name) VALUES ($1, $2, $1)"#;
        transaction.execute("group", sql, vec![(&group(number)).into(), (&domain(1)).into()]).await.expect("a group");
    }
    for &(u, g) in &random.memberships {
        let sql = "INSERT INTO user_group_membership (user_id, group_id) VALUES ($1, $2)";
        transaction
            .execute("user_group_membership", sql, vec![(&user(u)).into(), (&group(g)).into()])
            .await
            .expect("in");
    }
    for &(u, g, counts) in &random.expiring {
        let sql = "INSERT INTO expiring_user_group_membership (user_id, group_id, idp_id, last_verified)
            VALUES ($1, $2, 'idp', $3)";
        let verified = now() - TimeDelta::minutes(if counts { 59 } else { 61 });
        let values = vec![(&user(u)).into(), (&group(g)).into(), verified.into()];
        transaction.execute("expiring_user_group_membership", sql, values).await.expect("in");
    }
    for one in random.roles() {
        role::create_role(&mut transaction, &one).await.expect("a role");
    }
    for rule in random.implications() {
        role::create_implied_role(&mut transaction, &rule).await.expect("a rule");
    }
    for assignment in &random.assignments {
        assert!(!matches!(assignment.target, Target::System));
        grant(&mut transaction, assignment).await.expect("granted");
    }
    transaction.commit().await.expect("committed");
}

async fn erase(world: &World) {
    world
        .execute(&[
            "DELETE FROM assignment",
            "DELETE FROM implied_role",
            "DELETE FROM role",
            "DELETE FROM expiring_user_group_membership",
            "DELETE FROM user_group_membership",
            r#"DELETE FROM "group""#,
            r#"DELETE FROM "user""#,
            "DELETE FROM project WHERE id <> '<<keystone.domain.root>>'",
        ])
        .await;
}
