//! Users, logins, groups.

use chrono::NaiveDate;
use fernstone::{
    domain::{ids::GroupId, user::UserOptions},
    store::{
        StoreError,
        identity::{UserFilter, existing_groups, login, login_by_name, memberships, users, users_by_ids},
    },
};

use super::{World, on_every_backend, time};

on_every_backend! {
    a_local_user_is_read_with_name_password_and_options,
    the_newest_password_counts,
    users_with_several_passwords_and_options_are_one_user_each,
    times_kept_only_as_timestamps_are_read,
    users_without_a_local_part_have_names_too,
    broken_options_are_named,
    names_are_looked_up_in_their_domain,
    memberships_tell_when_they_end,
    failed_logins_are_counted_and_forgotten,
    activity_is_noted_by_the_day,
}

const ALICE: &str = r#"INSERT INTO "user" (id, domain_id, enabled, default_project_id, created_at, extra)
    VALUES ('alice', 'default', true, 'p1', '2026-01-02 03:04:05.678901', '{"email": "a@example.org"}')"#;
const ALICE_LOCAL: &str =
    "INSERT INTO local_user (id, user_id, domain_id, name) VALUES (7, 'alice', 'default', 'Alice')";

async fn a_local_user_is_read_with_name_password_and_options(world: World) {
    world
        .execute(&[
            ALICE,
            ALICE_LOCAL,
            "INSERT INTO password (local_user_id, password_hash, self_service, created_at, created_at_int, expires_at_int)
                VALUES (7, '$2b$04$x', true, '2026-01-02 03:04:05', 1767323045000001, 1767409445000000)",
            "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('alice', '1000', 'true')",
            "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('alice', '1002', 'false')",
            "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('alice', '1003', 'null')",
            "INSERT INTO user_option (user_id, option_id, option_value)
                VALUES ('alice', 'MFAR', '[[\"password\", \"totp\"], [\"password\"]]')",
            "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('alice', 'ZZZZ', 'gibberish')",
        ])
        .await;
    let (user, local) = world.store.run(login(&"alice".into())).await.expect("an answer").expect("the user");
    assert_eq!(user.name.as_deref(), Some("Alice"));
    assert!(user.enabled);
    assert_eq!(user.default_project_id, Some("p1".into()));
    assert_eq!(user.created_at, Some(time("2026-01-02T03:04:05.678901Z")));
    assert_eq!(user.password_expires_at, Some(time("2026-01-03T03:04:05Z")));
    assert_eq!(user.extra["email"], "a@example.org");
    assert_eq!(
        user.options,
        UserOptions {
            ignore_change_password_upon_first_use: Some(true),
            ignore_lockout_failure_attempts: Some(false),
            multi_factor_auth_rules: Some(vec![vec!["password".into(), "totp".into()], vec!["password".into()]]),
            ..UserOptions::default()
        }
    );
    let local = local.expect("a local part");
    assert_eq!((local.local_user_id, local.failed_auth_count, local.failed_auth_at), (7, 0, None));
    let password = local.password.expect("a password");
    assert_eq!(password.hash.as_deref(), Some("$2b$04$x"));
    assert_eq!(password.created_at, time("2026-01-02T03:04:05.000001Z"));
    assert!(password.self_service);

    assert_eq!(world.store.user(&"alice".into()).await.expect("an answer"), Some(user));
    assert_eq!(world.store.user(&"nobody".into()).await.expect("an answer"), None);
}

async fn the_newest_password_counts(world: World) {
    world
        .execute(&[
            ALICE,
            ALICE_LOCAL,
            "INSERT INTO password (local_user_id, password_hash, created_at, created_at_int)
                VALUES (7, 'newest', '2026-01-01 00:00:00', 3000000)",
            "INSERT INTO password (local_user_id, password_hash, created_at, created_at_int, expires_at_int)
                VALUES (7, 'oldest', '2026-01-01 00:00:00', 1000000, 5000000)",
            "INSERT INTO password (local_user_id, password_hash, created_at, created_at_int, expires_at_int)
                VALUES (7, 'older', '2026-01-01 00:00:00', 2000000, 5000000)",
        ])
        .await;
    let (user, local) = world.store.run(login(&"alice".into())).await.expect("an answer").expect("the user");
    let password = local.and_then(|local| local.password).expect("a password");
    assert_eq!(password.hash.as_deref(), Some("newest"));
    assert_eq!(user.password_expires_at, None);
}

async fn users_with_several_passwords_and_options_are_one_user_each(world: World) {
    world
        .execute(&[
            ALICE,
            ALICE_LOCAL,
            r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('bob', 'default', true)"#,
            "INSERT INTO local_user (id, user_id, domain_id, name) VALUES (8, 'bob', 'default', 'Bob')",
            "INSERT INTO password (id, local_user_id, password_hash, created_at, created_at_int, expires_at_int)
                VALUES (30, 7, 'the later of two', '2026-01-01 00:00:00', 2000000, 7000000)",
            "INSERT INTO password (id, local_user_id, password_hash, created_at, created_at_int, expires_at_int)
                VALUES (20, 7, 'the first', '2026-01-01 00:00:00', 2000000, 6000000)",
            "INSERT INTO password (id, local_user_id, password_hash, created_at, created_at_int, expires_at_int)
                VALUES (40, 8, 'old', '2026-01-01 00:00:00', 1000000, 8000000)",
            "INSERT INTO password (id, local_user_id, password_hash, created_at, created_at_int, expires_at_int)
                VALUES (41, 8, 'new', '2026-01-01 00:00:00', 3000000, 9000000)",
            "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('alice', '1000', 'true')",
            "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('alice', '1003', 'false')",
            "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('bob', '1001', 'true')",
        ])
        .await;
    let ids = ["bob".into(), "alice".into(), "nobody".into()];
    let found = world.store.run(users_by_ids(&ids)).await.expect("an answer");
    assert_eq!(found, world.store.run(users(&UserFilter::default())).await.expect("an answer"));
    let shown: Vec<_> = found
        .iter()
        .map(|user| (user.id.as_str(), user.password_expires_at.map(|end| end.timestamp()), &user.options))
        .collect();
    let of_alice = UserOptions {
        ignore_change_password_upon_first_use: Some(true),
        lock_password: Some(false),
        ..UserOptions::default()
    };
    let of_bob = UserOptions { ignore_password_expiry: Some(true), ..UserOptions::default() };
    assert_eq!(shown, [("alice", Some(7), &of_alice), ("bob", Some(9), &of_bob)]);
    let (user, local) =
        world.store.run(login_by_name("Alice", &"default".into())).await.expect("an answer").expect("her");
    assert_eq!(user, found[0]);
    assert_eq!(local.and_then(|local| local.password?.hash).as_deref(), Some("the later of two"));
}

async fn times_kept_only_as_timestamps_are_read(world: World) {
    world
        .execute(&[
            ALICE,
            ALICE_LOCAL,
            "INSERT INTO password (local_user_id, password_hash, created_at, created_at_int, expires_at)
                VALUES (7, 'x', '2026-01-01 00:00:00', 0, '2026-03-01 10:00:00.5')",
        ])
        .await;
    let (user, local) = world.store.run(login(&"alice".into())).await.expect("an answer").expect("the user");
    assert_eq!(user.password_expires_at, Some(time("2026-03-01T10:00:00.5Z")));
    let password = local.and_then(|local| local.password).expect("a password");
    assert_eq!(password.created_at, time("2026-01-01T00:00:00Z"));
}

async fn users_without_a_local_part_have_names_too(world: World) {
    world
        .execute(&[
            r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('ldap', 'default', NULL)"#,
            "INSERT INTO nonlocal_user (domain_id, name, user_id) VALUES ('default', 'Leo', 'ldap')",
            r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('fed', 'default', true)"#,
            "INSERT INTO identity_provider (id, enabled, domain_id) VALUES ('idp', true, 'default')",
            "INSERT INTO federation_protocol (id, idp_id, mapping_id) VALUES ('saml2', 'idp', 'm')",
            "INSERT INTO federated_user (user_id, idp_id, protocol_id, unique_id, display_name)
                VALUES ('fed', 'idp', 'saml2', 'f@idp', 'Fay')",
            r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('ghost', 'default', true)"#,
        ])
        .await;
    let user = |id: &'static str| {
        let store = world.store.clone();
        async move { store.user(&id.into()).await.expect("an answer").expect("the user") }
    };
    assert_eq!(user("ldap").await.name.as_deref(), Some("Leo"));
    assert!(!user("ldap").await.enabled, "a null column counts as false");
    assert_eq!(user("fed").await.name.as_deref(), Some("Fay"));
    assert_eq!(user("ghost").await.name, None);
    let (_, local) = world.store.run(login(&"fed".into())).await.expect("an answer").expect("the user");
    assert!(local.is_none());
}

async fn broken_options_are_named(world: World) {
    world
        .execute(&[ALICE, "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('alice', '1001', '{')"])
        .await;
    match world.store.user(&"alice".into()).await {
        Err(StoreError::Broken { table: "user", column: "option_value", .. }) => {}
        other => panic!("{other:?}"),
    }
}

async fn names_are_looked_up_in_their_domain(world: World) {
    world.execute(&[ALICE, ALICE_LOCAL]).await;
    let found = |name: &'static str, domain: &'static str| {
        let store = world.store.clone();
        async move { store.run(login_by_name(name, &domain.into())).await.expect("an answer").map(|(user, _)| user.id) }
    };
    assert_eq!(found("Alice", "default").await, Some("alice".into()));
    assert_eq!(found("alice", "default").await, None, "names are compared as they are");
    assert_eq!(found("Alice", "other").await, None);
    assert_eq!(found("Alice' OR '1'='1", "default").await, None);
    assert_eq!(found("Alice\0", "default").await, None, "what Postgres cannot hold is not there");
    let asked: Vec<GroupId> = vec!["g\0".into()];
    assert_eq!(world.store.run(existing_groups(&asked)).await.expect("an answer"), []);
}

async fn memberships_tell_when_they_end(world: World) {
    world
        .execute(&[
            ALICE,
            r#"INSERT INTO "group" (id, domain_id, name) VALUES ('g1', 'default', 'one')"#,
            r#"INSERT INTO "group" (id, domain_id, name) VALUES ('g2', 'default', 'two')"#,
            r#"INSERT INTO "group" (id, domain_id, name) VALUES ('g3', 'default', 'three')"#,
            "INSERT INTO user_group_membership (user_id, group_id) VALUES ('alice', 'g1')",
            "INSERT INTO identity_provider (id, enabled, domain_id, authorization_ttl) VALUES ('hour', true, 'd', 60)",
            "INSERT INTO identity_provider (id, enabled, domain_id, authorization_ttl) VALUES ('unset', true, 'd', NULL)",
            "INSERT INTO expiring_user_group_membership (user_id, group_id, idp_id, last_verified)
                VALUES ('alice', 'g2', 'hour', '2026-01-01 12:00:00')",
            "INSERT INTO expiring_user_group_membership (user_id, group_id, idp_id, last_verified)
                VALUES ('alice', 'g3', 'unset', '2026-01-01 12:00:00.25')",
        ])
        .await;
    let mut found = world.store.run(memberships(&"alice".into())).await.expect("an answer");
    found.sort_by(|a, b| a.group_id.cmp(&b.group_id));
    let ends: Vec<_> =
        found.iter().map(|membership| (membership.group_id.as_str(), membership.expires_at(5))).collect();
    assert_eq!(
        ends,
        [("g1", None), ("g2", Some(time("2026-01-01T13:00:00Z"))), ("g3", Some(time("2026-01-01T12:05:00.25Z"))),]
    );
    let asked: Vec<GroupId> = vec!["g3".into(), "none".into(), "g1".into()];
    let mut existing = world.store.run(existing_groups(&asked)).await.expect("an answer");
    existing.sort();
    assert_eq!(existing, ["g1".into(), "g3".into()]);
    assert_eq!(world.store.run(existing_groups(&[])).await.expect("an answer"), []);
}

async fn failed_logins_are_counted_and_forgotten(world: World) {
    world.execute(&[ALICE, ALICE_LOCAL]).await;
    let alice = "alice".into();
    let facts = || async {
        let (_, local) = world.store.run(login(&alice)).await.expect("an answer").expect("the user");
        local.map(|local| (local.failed_auth_count, local.failed_auth_at)).expect("a local part")
    };
    let first = time("2026-01-01T12:00:00.000001Z");
    world.store.record_failed_login(&alice, first).await.expect("recorded");
    assert_eq!(facts().await, (1, Some(first)));
    let second = time("2026-01-01T12:00:01Z");
    world.store.record_failed_login(&alice, second).await.expect("recorded");
    assert_eq!(facts().await, (2, Some(second)));
    world.store.reset_failed_logins(&alice).await.expect("reset");
    assert_eq!(facts().await, (0, None));
}

async fn activity_is_noted_by_the_day(world: World) {
    world.insert(ALICE, vec![]).await;
    let today = NaiveDate::from_ymd_opt(2026, 2, 28).expect("a day");
    world.store.set_last_active(&"alice".into(), today).await.expect("noted");
    let user = world.store.user(&"alice".into()).await.expect("an answer").expect("the user");
    assert_eq!(user.last_active_at, Some(today));
}
