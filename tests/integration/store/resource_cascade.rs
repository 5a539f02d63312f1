//! What goes with a project or a domain, and what stays.

use fernstone::{
    cascade::{Moment, domain::delete_domain, project::delete_project},
    domain::revocation::RevocationEvent,
    store::{Query, resource::project_ids_of_domains, revocation::events},
};

use super::{World, on_every_backend, resource::PROJECTS, time};

on_every_backend! {
    a_project_takes_with_it_what_hangs_from_it,
    a_project_leaves_what_keystone_leaves,
    a_domain_takes_with_it_what_is_in_it,
    a_domain_whose_projects_run_in_a_circle_can_be_deleted,
}

const NOON: &str = "2026-06-01T12:00:00.25Z";

fn noon() -> Moment {
    Moment { now: time(NOON), oldest: time("2026-06-01T11:00:00Z") }
}

/// One row in each table that knows a project or a domain, for `id` and, so that it can be seen to stay, for `b`.
const BELONGINGS: [&str; 22] = [
    "INSERT INTO role (id, name, domain_id) VALUES ('r', 'r', '<<null>>')",
    "INSERT INTO role (id, name, domain_id) VALUES ('r1', 'r1', 'dom1')",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserProject', 'u', 'c', 'r', false)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('GroupProject', 'g', 'c', 'r', true)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserProject', 'u', 'b', 'r', false)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserDomain', 'u', 'dom1', 'r', false)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('GroupDomain', 'g', 'dom1', 'r', true)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserDomain', 'u', 'dom2', 'r', true)",
    r#"INSERT INTO "user" (id, domain_id, enabled, default_project_id) VALUES ('u', 'dom2', true, 'c')"#,
    r#"INSERT INTO "user" (id, domain_id, enabled, default_project_id) VALUES ('v', 'dom2', true, 'b')"#,
    "INSERT INTO credential (id, user_id, encrypted_blob, type, key_hash, project_id, extra) VALUES ('1', 'u', 'x', 'cert', 'x', 'c', '{}')",
    "INSERT INTO credential (id, user_id, encrypted_blob, type, key_hash, project_id, extra) VALUES ('2', 'u', 'x', 'cert', 'x', 'b', '{}')",
    "INSERT INTO trust (id, trustor_user_id, trustee_user_id, project_id, impersonation) VALUES ('t1', 'u', 'v', 'c', true)",
    "INSERT INTO trust (id, trustor_user_id, trustee_user_id, project_id, impersonation) VALUES ('t2', 'u', 'v', 'b', true)",
    "INSERT INTO project_endpoint (endpoint_id, project_id) VALUES ('e', 'c')",
    "INSERT INTO project_endpoint (endpoint_id, project_id) VALUES ('e', 'b')",
    "INSERT INTO endpoint_group (id, name, filters) VALUES ('eg', 'eg', '{}')",
    "INSERT INTO project_endpoint_group (endpoint_group_id, project_id) VALUES ('eg', 'c')",
    "INSERT INTO project_endpoint_group (endpoint_group_id, project_id) VALUES ('eg', 'b')",
    r#"INSERT INTO "limit" (id, project_id, resource_limit) VALUES ('l1', 'c', 1)"#,
    r#"INSERT INTO "limit" (id, project_id, resource_limit) VALUES ('l2', 'b', 1)"#,
    r#"INSERT INTO "limit" (id, domain_id, resource_limit) VALUES ('l3', 'dom1', 1)"#,
];

/// The column `id` of what a statement finds, in one text.
async fn found(world: &World, sql: &'static str) -> String {
    let ids = world.store.run(Query::list("test", sql, vec![], |row| row.text("id"))).await.expect(sql);
    ids.join(" ")
}

async fn remove_project(world: &World, id: &str) {
    let mut transaction = world.store.begin().await.expect("a transaction");
    delete_project(&mut transaction, &id.into(), &noon()).await.expect("deleted");
    transaction.commit().await.expect("the transaction commits");
}

async fn remove_domain(world: &World, id: &str) {
    let mut transaction = world.store.begin().await.expect("a transaction");
    delete_domain(&mut transaction, &id.into(), &noon()).await.expect("deleted");
    transaction.commit().await.expect("the transaction commits");
}

async fn a_project_takes_with_it_what_hangs_from_it(world: World) {
    world.execute(&PROJECTS).await;
    world.execute(&BELONGINGS).await;
    world
        .execute(&[
            "INSERT INTO project_tag (project_id, name) VALUES ('c', 'red')",
            "INSERT INTO project_option (project_id, option_id, option_value) VALUES ('c', 'IMMU', 'false')",
            "INSERT INTO revocation_event (user_id, issued_before, revoked_at)
                VALUES ('old', '2026-06-01 10:59:59', '2026-06-01 10:59:59')",
        ])
        .await;
    remove_project(&world, "c").await;
    for (sql, left) in [
        ("SELECT target_id AS id FROM assignment ORDER BY target_id", "b dom1 dom1 dom2"),
        ("SELECT id FROM credential", "2"),
        ("SELECT id FROM trust WHERE deleted_at IS NULL", "t2"),
        ("SELECT project_id AS id FROM project_endpoint", "b"),
        ("SELECT project_id AS id FROM project_endpoint_group", "b"),
        (r#"SELECT id FROM "limit" ORDER BY id"#, "l2 l3"),
        (r#"SELECT id FROM "user" WHERE default_project_id IS NOT NULL"#, "v"),
        ("SELECT project_id AS id FROM project_tag ORDER BY name", "a a"),
        ("SELECT project_id AS id FROM project_option", ""),
    ] {
        assert_eq!(found(&world, sql).await, left, "{sql}");
    }
    let deleted_at =
        Query::optional("trust", "SELECT deleted_at FROM trust WHERE id = 't1'", vec![], |row| row.time("deleted_at"));
    assert_eq!(world.store.run(deleted_at).await.expect("an answer"), Some(time(NOON)));
    // The event's times are whole seconds, and what was written before anything that could still be good is dropped.
    let written = world.store.run(events(None)).await.expect("an answer");
    assert_eq!(written, [RevocationEvent::of_project("c".into(), time("2026-06-01T12:00:00Z"))]);
}

async fn a_project_leaves_what_keystone_leaves(world: World) {
    world.execute(&PROJECTS).await;
    world
        .execute(&[
            "INSERT INTO application_credential (internal_id, id, name, user_id, project_id, system, unrestricted, secret_hash)
                VALUES (1, 'ac', 'ac', 'u', 'c', NULL, false, 'x')",
            "INSERT INTO role (id, name, domain_id) VALUES ('r', 'r', '<<null>>')",
            "INSERT INTO system_assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserSystem', 'u', 'system', 'r', false)",
            "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserDomain', 'u', 'c', 'r', false)",
        ])
        .await;
    remove_project(&world, "c").await;
    assert_eq!(found(&world, "SELECT id FROM application_credential").await, "ac");
    assert_eq!(found(&world, "SELECT actor_id AS id FROM system_assignment").await, "u");
    assert_eq!(found(&world, "SELECT target_id AS id FROM assignment").await, "c", "of another kind");
}

async fn a_domain_takes_with_it_what_is_in_it(world: World) {
    world.execute(&PROJECTS).await;
    world.execute(&BELONGINGS).await;
    world
        .execute(&[
            "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('e', 'e', 'dom2', 'dom2', false, true)",
            r#"INSERT INTO whitelisted_config (domain_id, "group", option, value) VALUES ('dom1', 'ldap', 'url', '1')"#,
            r#"INSERT INTO whitelisted_config (domain_id, "group", option, value) VALUES ('dom2', 'ldap', 'url', '1')"#,
            r#"INSERT INTO sensitive_config (domain_id, "group", option, value) VALUES ('dom1', 'ldap', 'password', '1')"#,
            "INSERT INTO config_register (type, domain_id) VALUES ('SQLDriver', 'dom1')",
            "INSERT INTO identity_provider (id, enabled, domain_id) VALUES ('idp1', true, 'dom1')",
            "INSERT INTO identity_provider (id, enabled, domain_id) VALUES ('idp2', true, 'dom2')",
            "INSERT INTO federation_protocol (id, idp_id, mapping_id) VALUES ('saml', 'idp1', 'm')",
            r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('w', 'dom1', true)"#,
            r#"INSERT INTO "group" (id, domain_id, name) VALUES ('h', 'dom1', 'h')"#,
            r#"INSERT INTO "group" (id, domain_id, name) VALUES ('i', 'dom2', 'i')"#,
            "INSERT INTO user_group_membership (user_id, group_id) VALUES ('u', 'h')",
            "INSERT INTO user_group_membership (user_id, group_id) VALUES ('w', 'i')",
        ])
        .await;
    remove_domain(&world, "dom1").await;
    for (sql, left) in [
        ("SELECT id FROM project WHERE id <> '<<keystone.domain.root>>' ORDER BY id", "dom2 e"),
        ("SELECT target_id AS id FROM assignment", "dom2"),
        ("SELECT id FROM credential", ""),
        ("SELECT domain_id AS id FROM whitelisted_config", "dom2"),
        ("SELECT domain_id AS id FROM sensitive_config", ""),
        ("SELECT domain_id AS id FROM config_register", ""),
        ("SELECT id FROM identity_provider", "idp2"),
        ("SELECT id FROM federation_protocol", ""),
        ("SELECT id FROM role ORDER BY id", "r r1"),
        (r#"SELECT id FROM "user" ORDER BY id"#, "u v"),
        (r#"SELECT id FROM "group""#, "i"),
        ("SELECT user_id AS id FROM user_group_membership", ""),
        ("SELECT user_id AS id FROM revocation_event WHERE user_id IS NOT NULL", "w"),
    ] {
        assert_eq!(found(&world, sql).await, left, "{sql}");
    }
    let revoked =
        found(&world, "SELECT project_id AS id FROM revocation_event WHERE project_id IS NOT NULL ORDER BY project_id")
            .await;
    assert_eq!(revoked, "a b c d dom1");
}

async fn a_domain_whose_projects_run_in_a_circle_can_be_deleted(world: World) {
    world.execute(&PROJECTS).await;
    world.execute(&["UPDATE project SET parent_id = 'c' WHERE id = 'a'"]).await;
    remove_domain(&world, "dom1").await;
    let left = world.store.run(project_ids_of_domains(&["dom1".into(), "<<keystone.domain.root>>".into()])).await;
    assert_eq!(left.expect("an answer"), ["dom2".into()]);
}
