//! Role assignments, roles and implied roles.

use fernstone::{
    domain::{
        assignment::{Actor, Assignment, Target},
        role::ImpliedRole,
    },
    store::{
        assignment::{
            ActorFilter, AssignmentFilter, Named, TargetFilter, assignments, assignments_for_project,
            assignments_of_user, delete_of_group, delete_of_role, delete_of_user, grant, granted_role_ids, group_names,
            is_granted, members, project_names, revoke, system_assignments, system_assignments_of_user, user_names,
        },
        role::{RoleFilter, implied_roles, role, roles, roles_by_ids},
    },
};

use super::{World, on_every_backend};

on_every_backend! {
    assignments_for_a_project_come_from_the_user_his_groups_and_all_above,
    all_assignments_of_a_user,
    system_assignments_of_a_user,
    groups_are_not_mistaken_for_users,
    roles_and_what_they_imply,
    lists_are_narrowed_by_actor_target_role_and_kind,
    a_role_is_granted_once_and_taken_away_once,
    what_is_granted_on_one_target_is_listed_by_ids_alone,
    deleting_leaves_what_belongs_to_others,
    members_and_names_come_many_at_a_time,
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

async fn system_assignments_of_a_user(world: World) {
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

async fn lists_are_narrowed_by_actor_target_role_and_kind(world: World) {
    world.execute(&SETTING).await;
    world.execute(&GRANTS).await;
    let count = |filter: AssignmentFilter| {
        let store = world.store.clone();
        async move { store.run(assignments(&filter)).await.expect("an answer").len() }
    };
    let all = AssignmentFilter::default;
    assert_eq!(count(all()).await, 8);
    let user = || Some(ActorFilter::User("u".into()));
    assert_eq!(count(AssignmentFilter { actor: user(), ..all() }).await, 4);
    let groups = |ids: &[&str]| Some(ActorFilter::Groups(ids.iter().map(|id| (*id).into()).collect()));
    assert_eq!(count(AssignmentFilter { actor: groups(&["g1", "g3"]), ..all() }).await, 2);
    assert_eq!(count(AssignmentFilter { actor: groups(&["u"]), ..all() }).await, 0, "a user is no group");
    assert_eq!(count(AssignmentFilter { actor: groups(&[]), ..all() }).await, 0, "no group has nothing");
    let projects = |ids: &[&str]| Some(TargetFilter::Projects(ids.iter().map(|id| (*id).into()).collect()));
    assert_eq!(count(AssignmentFilter { target: projects(&["c", "b"]), ..all() }).await, 4);
    assert_eq!(count(AssignmentFilter { target: projects(&["dom"]), ..all() }).await, 0, "nothing is on its project");
    assert_eq!(count(AssignmentFilter { target: Some(TargetFilter::Domain("dom".into())), ..all() }).await, 2);
    let any = Some(TargetFilter::AnyOf(vec!["c".into(), "dom".into()]));
    assert_eq!(count(AssignmentFilter { target: any, ..all() }).await, 5);
    assert_eq!(count(AssignmentFilter { role_id: Some("r2".into()), ..all() }).await, 3);
    assert_eq!(count(AssignmentFilter { inherited: Some(true), ..all() }).await, 2);
    assert_eq!(count(AssignmentFilter { inherited: Some(false), role_id: Some("r2".into()), ..all() }).await, 1);
    let together = AssignmentFilter {
        actor: user(),
        target: projects(&["c", "x"]),
        role_id: Some("r1".into()),
        inherited: Some(false),
    };
    assert_eq!(count(together).await, 2);
}

async fn a_role_is_granted_once_and_taken_away_once(world: World) {
    world.execute(&SETTING).await;
    let actors = [Actor::User("u".into()), Actor::Group("g1".into())];
    let targets = [Target::Project("c".into()), Target::Domain("dom".into()), Target::System];
    let mut all = Vec::new();
    for actor in &actors {
        for target in &targets {
            all.push(assignment(actor.clone(), target.clone(), "r1", false));
            if *target != Target::System {
                all.push(assignment(actor.clone(), target.clone(), "r1", true));
            }
        }
    }
    let mut transaction = world.store.begin().await.expect("a transaction");
    for one in &all {
        assert!(grant(&mut transaction, one).await.expect("granted"), "{one:?}");
        assert!(!grant(&mut transaction, one).await.expect("granted before"), "{one:?}");
    }
    let mut found = transaction.run(assignments(&AssignmentFilter::default())).await.expect("an answer");
    found.extend(transaction.run(system_assignments(None)).await.expect("an answer"));
    assert_eq!(sorted(found), sorted(all.clone()));
    for actor in &actors {
        let found = transaction.run(system_assignments(Some(actor))).await.expect("an answer");
        assert_eq!(found, [assignment(actor.clone(), Target::System, "r1", false)]);
    }
    for (at, one) in all.iter().enumerate() {
        assert!(transaction.run(is_granted(one)).await.expect("an answer"), "{one:?}");
        assert!(revoke(&mut transaction, one).await.expect("revoked"), "{one:?}");
        assert!(!revoke(&mut transaction, one).await.expect("an answer"), "{one:?}");
        assert!(!transaction.run(is_granted(one)).await.expect("an answer"), "{one:?}");
        let mut left = transaction.run(assignments(&AssignmentFilter::default())).await.expect("an answer");
        left.extend(transaction.run(system_assignments(None)).await.expect("an answer"));
        assert_eq!(left.len(), all.len() - at - 1, "{one:?} takes nothing else with it");
    }
    transaction.commit().await.expect("committed");
}

async fn what_is_granted_on_one_target_is_listed_by_ids_alone(world: World) {
    world.execute(&SETTING).await;
    let user = Actor::User("u".into());
    let mut transaction = world.store.begin().await.expect("a transaction");
    for one in [
        assignment(user.clone(), Target::Domain("dom".into()), "r2", false),
        assignment(user.clone(), Target::Project("dom".into()), "r1", false),
        assignment(user.clone(), Target::Project("dom".into()), "r2", false),
        assignment(user.clone(), Target::Domain("dom".into()), "r3", true),
        assignment(user.clone(), Target::System, "r1", false),
        assignment(Actor::Group("u".into()), Target::System, "r2", false),
    ] {
        grant(&mut transaction, &one).await.expect("granted");
    }
    let mut ids = async |target: Target, inherited: bool| -> Vec<String> {
        let found = transaction.run(granted_role_ids(&user, &target, inherited)).await.expect("an answer");
        found.into_iter().map(|id| id.into_string()).collect()
    };
    assert_eq!(ids(Target::Domain("dom".into()), false).await, ["r1", "r2"], "the domain's project counts too");
    assert_eq!(ids(Target::Project("dom".into()), true).await, ["r3"]);
    assert_eq!(ids(Target::System, false).await, ["r1"], "on the system a group is not taken for a user");
    assert!(ids(Target::Project("c".into()), false).await.is_empty());
}

async fn deleting_leaves_what_belongs_to_others(world: World) {
    world.execute(&SETTING).await;
    let actors = [Actor::User("u".into()), Actor::Group("u".into()), Actor::User("v".into())];
    let targets = [Target::Project("dom".into()), Target::Domain("dom".into()), Target::System];
    let mut transaction = world.store.begin().await.expect("a transaction");
    for role in ["r1", "r2"] {
        for actor in &actors {
            for target in &targets {
                grant(&mut transaction, &assignment(actor.clone(), target.clone(), role, false))
                    .await
                    .expect("granted");
            }
        }
    }
    transaction.commit().await.expect("committed");
    macro_rules! left_after {
        ($delete:ident, $id:literal) => {{
            let mut transaction = world.store.begin().await.expect("a transaction");
            $delete(&mut transaction, &$id.into()).await.expect("deleted");
            let mut left = transaction.run(assignments(&AssignmentFilter::default())).await.expect("an answer");
            left.extend(transaction.run(system_assignments(None)).await.expect("an answer"));
            left
        }};
    }
    let left = left_after!(delete_of_user, "u");
    assert!(left.len() == 12 && left.iter().all(|one| one.actor != actors[0]));
    let left = left_after!(delete_of_group, "u");
    assert!(left.len() == 12 && left.iter().all(|one| one.actor != actors[1]));
    let left = left_after!(delete_of_role, "r1");
    assert!(left.len() == 9 && left.iter().all(|one| one.role_id != "r1".into()));
}

async fn members_and_names_come_many_at_a_time(world: World) {
    world.execute(&SETTING).await;
    world
        .execute(&[
            r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('v', 'dom', true)"#,
            "INSERT INTO local_user (id, user_id, domain_id, name) VALUES (1, 'v', 'dom', 'vera')",
            "INSERT INTO user_group_membership (user_id, group_id) VALUES ('v', 'g1')",
            "INSERT INTO user_group_membership (user_id, group_id) VALUES ('v', 'g3')",
        ])
        .await;
    let found = world.store.run(members(&["g1".into(), "g2".into(), "none".into()])).await.expect("an answer");
    assert_eq!(found, [("g1".into(), "u".into()), ("g1".into(), "v".into())], "g2 has no member for good");
    let mut users = world.store.run(user_names(&["v".into(), "u".into(), "none".into()])).await.expect("an answer");
    users.sort_by(|a, b| a.id.cmp(&b.id));
    let domain = || Some("dom".into());
    assert_eq!(
        users,
        [
            Named { id: "u".into(), name: None, domain_id: domain() },
            Named { id: "v".into(), name: Some("vera".to_owned()), domain_id: domain() },
        ]
    );
    let groups = world.store.run(group_names(&["g3".into()])).await.expect("an answer");
    assert_eq!(groups, [Named { id: "g3".into(), name: Some("g3".to_owned()), domain_id: domain() }]);
    let ids = ["c".into(), "dom".into(), "<<keystone.domain.root>>".into()];
    let mut projects = world.store.run(project_names(&ids)).await.expect("an answer");
    projects.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(
        projects,
        [
            Named { id: "c".into(), name: Some("c".to_owned()), domain_id: domain() },
            Named { id: "dom".into(), name: Some("dom".to_owned()), domain_id: None },
        ]
    );
}
