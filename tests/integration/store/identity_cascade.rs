//! What goes with a user, a group or a role, and what stays.

use fernstone::{
    cascade::{Moment, group::delete_group, membership::remove_member, role::delete_role, user::delete_user},
    domain::revocation::RevocationEvent,
    store::{Query, revocation::events},
};

use super::{World, on_every_backend, time};

on_every_backend! {
    a_user_takes_with_him_what_hangs_from_him,
    what_is_not_there_is_not_deleted,
    a_group_takes_with_it_who_is_in_it_and_what_it_may,
    a_group_without_roles_revokes_nothing,
    who_leaves_a_group_loses_his_tokens,
    a_role_takes_with_it_who_has_it,
}

fn noon() -> Moment {
    Moment { now: time("2026-06-01T12:00:00.25Z"), oldest: time("2026-06-01T11:00:00Z") }
}

/// Ada (`u`) and Bob (`v`), the group `g` that both are in, and one row in each table that knows a user or a group: for Ada,
/// and for Bob to see that his stays.
const BELONGINGS: [&str; 38] = [
    r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('u', 'd', true)"#,
    r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('v', 'd', true)"#,
    "INSERT INTO local_user (id, user_id, domain_id, name) VALUES (1, 'u', 'd', 'Ada')",
    "INSERT INTO local_user (id, user_id, domain_id, name) VALUES (2, 'v', 'd', 'Bob')",
    "INSERT INTO password (id, local_user_id, created_at) VALUES (1, 1, '2026-01-01 00:00:00')",
    "INSERT INTO password (id, local_user_id, created_at) VALUES (2, 2, '2026-01-01 00:00:00')",
    "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('u', '1000', 'true')",
    "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('v', '1000', 'true')",
    "INSERT INTO identity_provider (id, enabled, domain_id) VALUES ('idp', true, 'd')",
    "INSERT INTO federation_protocol (id, idp_id, mapping_id) VALUES ('saml2', 'idp', 'm')",
    "INSERT INTO federated_user (id, user_id, idp_id, protocol_id, unique_id) VALUES (1, 'u', 'idp', 'saml2', 'ada')",
    "INSERT INTO federated_user (id, user_id, idp_id, protocol_id, unique_id) VALUES (2, 'v', 'idp', 'saml2', 'bob')",
    r#"INSERT INTO "group" (id, domain_id, name) VALUES ('g', 'd', 'g')"#,
    r#"INSERT INTO "group" (id, domain_id, name) VALUES ('h', 'd', 'h')"#,
    "INSERT INTO user_group_membership (user_id, group_id) VALUES ('u', 'g')",
    "INSERT INTO user_group_membership (user_id, group_id) VALUES ('v', 'g')",
    "INSERT INTO user_group_membership (user_id, group_id) VALUES ('v', 'h')",
    "INSERT INTO expiring_user_group_membership (user_id, group_id, idp_id, last_verified)
        VALUES ('u', 'h', 'idp', '2026-06-01 11:59:00')",
    "INSERT INTO role (id, name) VALUES ('r', 'r')",
    "INSERT INTO role (id, name) VALUES ('s', 's')",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserProject', 'u', 'p', 'r', false)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserDomain', 'u', 'd', 's', true)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserProject', 'v', 'p', 's', false)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('GroupProject', 'g', 'p', 'r', false)",
    "INSERT INTO system_assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('UserSystem', 'u', 'system', 'r', false)",
    "INSERT INTO system_assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('UserSystem', 'v', 'system', 's', false)",
    "INSERT INTO credential (id, encrypted_blob, type, key_hash, user_id, extra) VALUES ('1', 'x', 'cert', 'x', 'u', '{}')",
    "INSERT INTO credential (id, encrypted_blob, type, key_hash, user_id, extra) VALUES ('2', 'x', 'cert', 'x', 'v', '{}')",
    "INSERT INTO application_credential (internal_id, id, name, secret_hash, user_id, project_id)
        VALUES (1, 'a1', 'x', 'x', 'u', 'p')",
    "INSERT INTO application_credential (internal_id, id, name, secret_hash, user_id, project_id)
        VALUES (2, 'a2', 'x', 'x', 'v', 'p')",
    "INSERT INTO access_rule (id, service, path, method, external_id, user_id) VALUES (1, 's', '/', 'GET', 'x1', 'u')",
    "INSERT INTO application_credential_access_rule (application_credential_id, access_rule_id) VALUES (1, 1)",
    "INSERT INTO trust (id, trustor_user_id, trustee_user_id, impersonation) VALUES ('t1', 'u', 'v', true)",
    "INSERT INTO trust (id, trustor_user_id, trustee_user_id, impersonation) VALUES ('t2', 'v', 'u', true)",
    "INSERT INTO trust (id, trustor_user_id, trustee_user_id, impersonation) VALUES ('t3', 'v', 'v', true)",
    "INSERT INTO id_mapping (public_id, domain_id, local_id, entity_type) VALUES ('u', 'd', 'ada', 'user')",
    "INSERT INTO id_mapping (public_id, domain_id, local_id, entity_type) VALUES ('g', 'd', 'g', 'group')",
    "INSERT INTO implied_role (prior_role_id, implied_role_id) VALUES ('s', 'r')",
];

/// The column `id` of what a statement finds, in one text.
async fn found(world: &World, sql: &'static str) -> String {
    let ids = world.store.run(Query::list("test", sql, vec![], |row| row.text("id"))).await.expect(sql);
    ids.join(" ")
}

/// Runs a cascade in a transaction of its own.
macro_rules! commit {
    ($world:expr, $cascade:expr) => {{
        let mut transaction = $world.store.begin().await.expect("a transaction");
        let done = $cascade(&mut transaction).await.expect("done");
        transaction.commit().await.expect("committed");
        done
    }};
}

fn of_user(id: &str) -> RevocationEvent {
    RevocationEvent::of_user(id.into(), noon().now)
}

async fn a_user_takes_with_him_what_hangs_from_him(world: World) {
    world.execute(&BELONGINGS).await;
    assert!(commit!(world, async |tx| delete_user(tx, &"u".into(), &noon()).await));
    for (left, sql) in [
        ("v", r#"SELECT id FROM "user""#),
        ("v", "SELECT user_id AS id FROM local_user"),
        ("2", "SELECT CAST(id AS VARCHAR(9)) AS id FROM password"),
        ("v", "SELECT user_id AS id FROM user_option"),
        ("v", "SELECT user_id AS id FROM federated_user"),
        ("v v", "SELECT user_id AS id FROM user_group_membership"),
        ("", "SELECT user_id AS id FROM expiring_user_group_membership"),
        ("g v", "SELECT actor_id AS id FROM assignment ORDER BY actor_id"),
        ("v", "SELECT actor_id AS id FROM system_assignment"),
        ("2", "SELECT id FROM credential"),
        ("a2", "SELECT id FROM application_credential"),
        ("", "SELECT external_id AS id FROM access_rule"),
        ("t3", "SELECT id FROM trust WHERE deleted_at IS NULL"),
        ("t1 t2 t3", "SELECT id FROM trust ORDER BY id"),
        ("g", "SELECT public_id AS id FROM id_mapping"),
    ] {
        assert_eq!(found(&world, sql).await, left, "{sql}");
    }
    assert_eq!(world.store.run(events(None)).await.expect("an answer"), [of_user("u")]);
}

async fn what_is_not_there_is_not_deleted(world: World) {
    assert!(!commit!(world, async |tx| delete_user(tx, &"u".into(), &noon()).await));
    assert!(!commit!(world, async |tx| delete_group(tx, &"g".into(), &noon()).await));
    assert!(!commit!(world, async |tx| delete_role(tx, &"r".into(), &noon()).await));
    assert!(!commit!(world, async |tx| remove_member(tx, &"u".into(), &"g".into(), &noon()).await));
    assert_eq!(world.store.run(events(None)).await.expect("an answer"), []);
}

async fn a_group_takes_with_it_who_is_in_it_and_what_it_may(world: World) {
    world.execute(&BELONGINGS).await;
    assert!(commit!(world, async |tx| delete_group(tx, &"g".into(), &noon()).await));
    for (left, sql) in [
        ("h", r#"SELECT id FROM "group""#),
        ("v", "SELECT user_id AS id FROM user_group_membership"),
        ("u u v", "SELECT actor_id AS id FROM assignment ORDER BY actor_id"),
        ("u", "SELECT public_id AS id FROM id_mapping"),
    ] {
        assert_eq!(found(&world, sql).await, left, "{sql}");
    }
    assert_eq!(world.store.run(events(None)).await.expect("an answer"), [of_user("u"), of_user("v")]);
}

async fn a_group_without_roles_revokes_nothing(world: World) {
    world.execute(&BELONGINGS).await;
    assert!(commit!(world, async |tx| delete_group(tx, &"h".into(), &noon()).await));
    assert_eq!(found(&world, "SELECT user_id AS id FROM expiring_user_group_membership").await, "");
    assert_eq!(world.store.run(events(None)).await.expect("an answer"), []);
}

async fn who_leaves_a_group_loses_his_tokens(world: World) {
    world.execute(&BELONGINGS).await;
    assert!(commit!(world, async |tx| remove_member(tx, &"u".into(), &"g".into(), &noon()).await));
    assert_eq!(found(&world, "SELECT user_id AS id FROM user_group_membership").await, "v v");
    assert_eq!(world.store.run(events(None)).await.expect("an answer"), [of_user("u")]);
    let by_login = commit!(world, async |tx| remove_member(tx, &"u".into(), &"h".into(), &noon()).await);
    assert!(!by_login, "what a federated login gave cannot be taken away so");
}

async fn a_role_takes_with_it_who_has_it(world: World) {
    world.execute(&BELONGINGS).await;
    assert!(commit!(world, async |tx| delete_role(tx, &"r".into(), &noon()).await));
    for (left, sql) in [
        ("s", "SELECT id FROM role"),
        ("u v", "SELECT actor_id AS id FROM assignment ORDER BY actor_id"),
        ("v", "SELECT actor_id AS id FROM system_assignment"),
        ("", "SELECT prior_role_id AS id FROM implied_role"),
        // Bob's stays, because he had the role through his group.
        ("a2", "SELECT id FROM application_credential"),
        ("t1 t2 t3", "SELECT id FROM trust WHERE deleted_at IS NULL ORDER BY id"),
    ] {
        assert_eq!(found(&world, sql).await, left, "{sql}");
    }
    assert_eq!(world.store.run(events(None)).await.expect("an answer"), []);
}
