//! Role assignments, roles and implied roles.

use fernstone::{
    domain::{
        assignment::{Actor, Assignment, Target},
        role::ImpliedRole,
    },
    store::{
        assignment::{assignments_for_project, assignments_of_user, system_assignments_of_user},
        role::{RoleFilter, implied_roles, role, roles, roles_by_ids},
    },
};

use super::{World, on_every_backend};

on_every_backend! {
    assignments_for_a_project_come_from_the_user_his_groups_and_all_above,
    all_assignments_of_a_user,
    system_assignments,
    groups_are_not_mistaken_for_users,
    roles_and_what_they_imply,
}

/// `c` below `b` below domain `dom`; user `u`, in group `g1` for good and in `g2` for a while, not in `g3`.
const SETTING: [&str; 14] = [
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled)
        VALUES ('dom', 'dom', '<<keystone.domain.root>>', NULL, true, true)",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('b', 'b', 'dom', 'dom', false, true)",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('c', 'c', 'dom', 'b', false, true)",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('x', 'x', 'dom', 'dom', false, true)",
    r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('u', 'dom', true)"#,
    r#"INSERT INTO "group" (id, domain_id, name) VALUES ('g1', 'dom', 'g1')"#,
    r#"INSERT INTO "group" (id, domain_id, name) VALUES ('g2', 'dom', 'g2')"#,
    r#"INSERT INTO "group" (id, domain_id, name) VALUES ('g3', 'dom', 'g3')"#,
    "INSERT INTO user_group_membership (user_id, group_id) VALUES ('u', 'g1')",
    "INSERT INTO identity_provider (id, enabled, domain_id) VALUES ('idp', true, 'dom')",
    "INSERT INTO expiring_user_group_membership (user_id, group_id, idp_id, last_verified)
        VALUES ('u', 'g2', 'idp', '2020-01-01 00:00:00')",
    "INSERT INTO role (id, name) VALUES ('r1', 'one')",
    "INSERT INTO role (id, name) VALUES ('r2', 'two')",
    "INSERT INTO role (id, name, domain_id) VALUES ('r3', 'one', 'dom')",
];

const GRANTS: [&str; 8] = [
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserProject', 'u', 'c', 'r1', false)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserProject', 'u', 'x', 'r1', false)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('GroupProject', 'g1', 'b', 'r2', true)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('GroupDomain', 'g2', 'dom', 'r2', true)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('GroupProject', 'g3', 'c', 'r2', false)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserDomain', 'u', 'dom', 'r1', false)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserProject', 'v', 'c', 'r1', false)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserDomain', 'u', 'elsewhere', 'r1', false)",
];

fn assignment(actor: Actor, target: Target, role: &str, inherited: bool) -> Assignment {
    Assignment { actor, target, role_id: role.into(), inherited }
}

fn sorted(mut assignments: Vec<Assignment>) -> Vec<String> {
    let mut texts: Vec<String> = assignments.drain(..).map(|assignment| format!("{assignment:?}")).collect();
    texts.sort();
    texts
}

async fn assignments_for_a_project_come_from_the_user_his_groups_and_all_above(world: World) {
    world.execute(&SETTING).await;
    world.execute(&GRANTS).await;
    let user = || Actor::User("u".into());
    let expected = vec![
        assignment(user(), Target::Project("c".into()), "r1", false),
        assignment(user(), Target::Domain("dom".into()), "r1", false),
        assignment(Actor::Group("g1".into()), Target::Project("b".into()), "r2", true),
        assignment(Actor::Group("g2".into()), Target::Domain("dom".into()), "r2", true),
    ];
    let found = world.store.run(assignments_for_project(&"u".into(), &[], &"c".into())).await.expect("an answer");
    assert_eq!(sorted(found), sorted(expected.clone()));

    // A federated token brings groups of its own; one that was deleted brings nothing.
    let brought = ["g3".into(), "gone".into(), "g1".into()];
    let found = world.store.run(assignments_for_project(&"u".into(), &brought, &"c".into())).await.expect("an answer");
    let mut more = expected;
    more.push(assignment(Actor::Group("g3".into()), Target::Project("c".into()), "r2", false));
    assert_eq!(sorted(found), sorted(more));

    let on_domain = world.store.run(assignments_for_project(&"u".into(), &[], &"dom".into())).await.expect("an answer");
    assert_eq!(on_domain.len(), 2);
    let nowhere = world.store.run(assignments_for_project(&"u".into(), &[], &"none".into())).await.expect("an answer");
    assert_eq!(nowhere, []);
}

async fn all_assignments_of_a_user(world: World) {
    world.execute(&SETTING).await;
    world.execute(&GRANTS).await;
    let found = world.store.run(assignments_of_user(&"u".into(), &[])).await.expect("an answer");
    assert_eq!(found.len(), 6);
    let found = world.store.run(assignments_of_user(&"u".into(), &["g3".into()])).await.expect("an answer");
    assert_eq!(found.len(), 7);
    assert_eq!(world.store.run(assignments_of_user(&"nobody".into(), &[])).await.expect("an answer"), []);
}

async fn system_assignments(world: World) {
    world.execute(&SETTING).await;
    world
        .execute(&[
            "INSERT INTO system_assignment (type, actor_id, target_id, role_id, inherited)
                VALUES ('UserSystem', 'u', 'system', 'r1', false)",
            "INSERT INTO system_assignment (type, actor_id, target_id, role_id, inherited)
                VALUES ('GroupSystem', 'g1', 'system', 'r2', false)",
            "INSERT INTO system_assignment (type, actor_id, target_id, role_id, inherited)
                VALUES ('GroupSystem', 'g3', 'system', 'r2', false)",
        ])
        .await;
    let found = world.store.run(system_assignments_of_user(&"u".into(), &[])).await.expect("an answer");
    assert_eq!(
        sorted(found),
        sorted(vec![
            assignment(Actor::User("u".into()), Target::System, "r1", false),
            assignment(Actor::Group("g1".into()), Target::System, "r2", false),
        ])
    );
}

async fn groups_are_not_mistaken_for_users(world: World) {
    world.execute(&SETTING).await;
    world
        .execute(&[
            r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('g3', 'dom', true)"#,
            "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
                VALUES ('GroupProject', 'g3', 'c', 'r1', false)",
        ])
        .await;
    let found = world.store.run(assignments_for_project(&"g3".into(), &[], &"c".into())).await.expect("an answer");
    assert_eq!(found, [], "the grant is to the group of that id");
}

async fn roles_and_what_they_imply(world: World) {
    world.execute(&SETTING).await;
    world
        .execute(&[
            "UPDATE role SET extra = '{\"k\": 1}', description = 'first' WHERE id = 'r1'",
            "INSERT INTO role_option (role_id, option_id, option_value) VALUES ('r1', 'IMMU', 'true')",
            "INSERT INTO implied_role (prior_role_id, implied_role_id) VALUES ('r1', 'r2')",
            "INSERT INTO implied_role (prior_role_id, implied_role_id) VALUES ('r1', 'r1')",
        ])
        .await;
    let one = world.store.run(role(&"r1".into())).await.expect("an answer").expect("the role");
    assert_eq!((one.name.as_str(), one.domain_id.as_ref(), one.immutable), ("one", None, Some(true)));
    assert_eq!((one.description.as_deref(), one.extra["k"].as_i64()), (Some("first"), Some(1)));
    let names = |filter: RoleFilter| {
        let store = world.store.clone();
        async move {
            let found = store.run(roles(&filter)).await.expect("an answer");
            let mut ids: Vec<String> = found.into_iter().map(|role| role.id.into_string()).collect();
            ids.sort();
            ids
        }
    };
    assert_eq!(names(RoleFilter::default()).await, ["r1", "r2", "r3"]);
    assert_eq!(names(RoleFilter { name: Some("one".into()), domain_id: None }).await, ["r1", "r3"]);
    assert_eq!(names(RoleFilter { name: Some("one".into()), domain_id: Some(None) }).await, ["r1"]);
    assert_eq!(names(RoleFilter { name: None, domain_id: Some(Some("dom".into())) }).await, ["r3"]);
    let by_ids = world.store.run(roles_by_ids(&["r3".into(), "none".into()])).await.expect("an answer");
    assert_eq!(by_ids.len(), 1);
    assert_eq!(by_ids[0].domain_id, Some("dom".into()));
    let mut rules = world.store.run(implied_roles()).await.expect("an answer");
    rules.sort_by(|a, b| a.implied.cmp(&b.implied));
    let rule = |prior: &str, implied: &str| ImpliedRole { prior: prior.into(), implied: implied.into() };
    assert_eq!(rules, [rule("r1", "r1"), rule("r1", "r2")]);
}
