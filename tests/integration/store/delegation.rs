//! Trusts, application credentials, OAuth1 access tokens.

use fernstone::{
    domain::delegation::AccessRule,
    store::{application_credential::application_credential, oauth1::access_token, trust::trust},
};

use super::{World, on_every_backend, time};

on_every_backend! {
    a_trust_that_can_be_used,
    trusts_that_cannot_be_used_are_not_found,
    an_application_credential_with_roles_and_rules,
    an_access_token,
}

async fn a_trust_that_can_be_used(world: World) {
    world
        .execute(&[
            "INSERT INTO trust (id, trustor_user_id, trustee_user_id, project_id, impersonation, expires_at, expires_at_int,
                    remaining_uses, redelegated_trust_id, redelegation_count, extra)
                VALUES ('t', 'tor', 'tee', 'p', true, '2026-05-01 00:00:00', 1777593600500000, 2, 'parent', 1, '{\"roles\": 1}')",
            "INSERT INTO trust_role (trust_id, role_id) VALUES ('t', 'r1')",
            "INSERT INTO trust_role (trust_id, role_id) VALUES ('t', 'r2')",
        ])
        .await;
    let now = time("2026-04-01T00:00:00Z");
    let found = world.store.run(trust(&"t".into(), now)).await.expect("an answer").expect("the trust");
    assert_eq!((found.trustor_user_id, found.trustee_user_id), ("tor".into(), "tee".into()));
    assert_eq!((found.project_id, found.impersonation), (Some("p".into()), true));
    assert_eq!(found.expires_at, Some(time("2026-05-01T00:00:00.5Z")), "the microseconds count");
    assert_eq!((found.remaining_uses, found.redelegation_count), (Some(2), Some(1)));
    assert_eq!(found.redelegated_trust_id, Some("parent".into()));
    let mut roles = found.role_ids;
    roles.sort();
    assert_eq!(roles, ["r1".into(), "r2".into()]);
}

async fn trusts_that_cannot_be_used_are_not_found(world: World) {
    world
        .execute(&[
            "INSERT INTO trust (id, trustor_user_id, trustee_user_id, impersonation, deleted_at)
                VALUES ('deleted', 'a', 'b', false, '2026-01-01 00:00:00')",
            "INSERT INTO trust (id, trustor_user_id, trustee_user_id, impersonation, expires_at)
                VALUES ('expiring', 'a', 'b', false, '2026-01-01 12:00:00')",
            "INSERT INTO trust (id, trustor_user_id, trustee_user_id, impersonation, remaining_uses)
                VALUES ('used', 'a', 'c', false, 0)",
            "INSERT INTO trust (id, trustor_user_id, trustee_user_id, impersonation) VALUES ('good', 'a', 'd', false)",
        ])
        .await;
    let found = |id: &'static str, now: &'static str| {
        let store = world.store.clone();
        async move { store.run(trust(&id.into(), time(now))).await.expect("an answer").is_some() }
    };
    assert!(found("good", "2026-01-01T12:00:00Z").await);
    assert!(!found("deleted", "2025-01-01T12:00:00Z").await);
    assert!(!found("used", "2026-01-01T12:00:00Z").await);
    assert!(found("expiring", "2026-01-01T12:00:00Z").await, "the moment itself still counts");
    assert!(!found("expiring", "2026-01-01T12:00:00.000001Z").await);
    assert!(!found("none", "2026-01-01T12:00:00Z").await);
}

async fn an_application_credential_with_roles_and_rules(world: World) {
    world
        .execute(&[
            "INSERT INTO application_credential (internal_id, id, name, secret_hash, user_id, project_id, expires_at, unrestricted)
                VALUES (1, 'ac', 'robot', 'h', 'u', 'p', 1777593600000000, NULL)",
            "INSERT INTO application_credential_role (application_credential_id, role_id) VALUES (1, 'r1')",
            "INSERT INTO application_credential_role (application_credential_id, role_id) VALUES (1, 'r2')",
            "INSERT INTO access_rule (id, external_id, user_id, service, path, method)
                VALUES (5, 'rule', 'u', 'compute', '/v2.1/servers', 'GET')",
            "INSERT INTO application_credential_access_rule (application_credential_id, access_rule_id) VALUES (1, 5)",
            "INSERT INTO application_credential (internal_id, id, name, secret_hash, user_id, unrestricted)
                VALUES (2, 'bare', 'bare', 'h', 'u', true)",
        ])
        .await;
    let found = world.store.run(application_credential(&"ac".into())).await.expect("an answer").expect("it");
    assert_eq!((found.name.as_str(), found.user_id, found.project_id), ("robot", "u".into(), Some("p".into())));
    assert_eq!(found.expires_at, Some(time("2026-05-01T00:00:00Z")));
    assert!(!found.unrestricted);
    let mut roles = found.role_ids;
    roles.sort();
    assert_eq!(roles, ["r1".into(), "r2".into()]);
    assert_eq!(
        found.access_rules,
        [AccessRule {
            id: "rule".into(),
            service: Some("compute".into()),
            path: Some("/v2.1/servers".into()),
            method: Some("GET".into()),
        }]
    );
    let bare = world.store.run(application_credential(&"bare".into())).await.expect("an answer").expect("it");
    assert!(bare.unrestricted && bare.role_ids.is_empty() && bare.access_rules.is_empty() && bare.expires_at.is_none());
}

async fn an_access_token(world: World) {
    world
        .execute(&[
            "INSERT INTO consumer (id, secret, extra) VALUES ('con', 's', '{}')",
            "INSERT INTO access_token (id, access_secret, authorizing_user_id, project_id, role_ids, consumer_id)
                VALUES ('at', 's', 'u', 'p', '[\"r1\", \"r2\"]', 'con')",
        ])
        .await;
    let found = world.store.run(access_token(&"at".into())).await.expect("an answer").expect("the token");
    assert_eq!((found.consumer_id.as_str(), found.authorizing_user_id), ("con", "u".into()));
    assert_eq!(found.role_ids, ["r1".into(), "r2".into()]);
    assert_eq!(world.store.run(access_token(&"none".into())).await.expect("an answer"), None);
}
