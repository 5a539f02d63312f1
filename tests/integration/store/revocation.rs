//! Revocation events.

use fernstone::{
    domain::revocation::RevocationEvent,
    store::revocation::{TokenKeys, events, events_for_token},
};

use super::{World, on_every_backend, time};

on_every_backend! {
    an_event_is_read_back_as_written,
    events_are_selected_as_keystone_selects_them,
    times_without_a_fraction_count_as_whole_seconds,
    old_events_are_pruned_with_each_new_one,
}

const ISSUED: &str = "2026-01-01T12:00:00Z";

fn keys<'t>() -> TokenKeys<'t> {
    TokenKeys {
        issued_at: time(ISSUED),
        user_id: None,
        trustor_id: None,
        trustee_id: None,
        project_id: None,
        audit_id: None,
        trust_id: None,
    }
}

async fn an_event_is_read_back_as_written(world: World) {
    let event = RevocationEvent {
        domain_id: Some("d".into()),
        project_id: Some("p".into()),
        user_id: Some("u".into()),
        role_id: Some("r".into()),
        trust_id: Some("t".into()),
        consumer_id: Some("c".into()),
        access_token_id: Some("a".into()),
        issued_before: time("2026-01-01T12:00:00Z"),
        expires_at: Some(time("2026-01-01T13:00:00Z")),
        revoked_at: time("2026-01-01T12:00:01Z"),
        audit_id: Some("own".into()),
        audit_chain_id: Some("chain".into()),
    };
    let oldest = time("2025-01-01T00:00:00Z");
    world.store.revoke(&event, oldest).await.expect("written");
    let bare = RevocationEvent::at(time("2026-01-01T12:00:02.75Z"));
    world.store.revoke(&bare, oldest).await.expect("written");
    assert_eq!(bare.revoked_at, time("2026-01-01T12:00:02Z"));
    assert_eq!(world.store.run(events(None)).await.expect("an answer"), [event.clone(), bare.clone()]);
    assert_eq!(world.store.run(events(Some(event.revoked_at))).await.expect("an answer"), [bare]);
}

async fn events_are_selected_as_keystone_selects_them(world: World) {
    let now = time(ISSUED);
    let event = |name: &str| RevocationEvent { audit_chain_id: Some(name.to_owned()), ..RevocationEvent::at(now) };
    let written = [
        RevocationEvent { user_id: Some("u".into()), ..event("user") },
        RevocationEvent { user_id: Some("tor".into()), ..event("trustor") },
        RevocationEvent { user_id: Some("tee".into()), ..event("trustee") },
        RevocationEvent { project_id: Some("p".into()), ..event("project") },
        RevocationEvent { audit_id: Some("own".into()), ..event("audit") },
        RevocationEvent { trust_id: Some("t".into()), ..event("trust") },
        RevocationEvent { role_id: Some("r".into()), domain_id: Some("d".into()), ..event("role") },
        RevocationEvent { user_id: Some("u".into()), project_id: Some("p".into()), ..event("both") },
        RevocationEvent { issued_before: time("2026-01-01T11:59:59Z"), ..event("earlier") },
        RevocationEvent { issued_before: time("2026-01-01T12:00:01Z"), ..event("later") },
    ];
    for event in &written {
        world.store.revoke(event, time("2025-01-01T00:00:00Z")).await.expect("written");
    }
    let selected = |keys: TokenKeys<'static>| {
        let store = world.store.clone();
        async move {
            let found = store.run(events_for_token(&keys)).await.expect("an answer");
            let mut names: Vec<String> = found.into_iter().filter_map(|event| event.audit_chain_id).collect();
            names.sort();
            names
        }
    };
    // What names no column that is compared here concerns every token, up to its time.
    assert_eq!(selected(keys()).await, ["later", "role"]);
    let user: &'static _ = Box::leak(Box::new("u".into()));
    let project: &'static _ = Box::leak(Box::new("p".into()));
    assert_eq!(selected(TokenKeys { user_id: Some(user), ..keys() }).await, ["later", "role", "user"]);
    assert_eq!(
        selected(TokenKeys { user_id: Some(user), project_id: Some(project), ..keys() }).await,
        ["both", "later", "project", "role", "user"]
    );
    assert_eq!(selected(TokenKeys { audit_id: Some("own"), ..keys() }).await, ["audit", "later", "role"]);
    let (trustor, trustee, trust): (&'static _, &'static _, &'static _) =
        (Box::leak(Box::new("tor".into())), Box::leak(Box::new("tee".into())), Box::leak(Box::new("t".into())));
    assert_eq!(
        selected(TokenKeys { trustor_id: Some(trustor), trustee_id: Some(trustee), trust_id: Some(trust), ..keys() })
            .await,
        ["later", "role", "trust", "trustee", "trustor"]
    );
}

/// In SQLite times are text, and both forms are about.
async fn times_without_a_fraction_count_as_whole_seconds(world: World) {
    world
        .execute(&[
            "INSERT INTO revocation_event (issued_before, revoked_at, user_id)
                VALUES ('2026-01-01 12:00:00', '2026-01-01 12:00:00', 'u')",
            "INSERT INTO revocation_event (issued_before, revoked_at, user_id)
                VALUES ('2026-01-01 12:00:00.000000', '2026-01-01 12:00:00.000000', 'u')",
        ])
        .await;
    let user = "u".into();
    let concerned = |issued_at: &'static str| TokenKeys { issued_at: time(issued_at), user_id: Some(&user), ..keys() };
    let found = world.store.run(events_for_token(&concerned("2026-01-01T12:00:00Z"))).await.expect("an answer");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], found[1]);
    let found = world.store.run(events_for_token(&concerned("2026-01-01T12:00:01Z"))).await.expect("an answer");
    assert_eq!(found, []);
}

async fn old_events_are_pruned_with_each_new_one(world: World) {
    let at = |text: &str| RevocationEvent::at(time(text));
    let never = time("2020-01-01T00:00:00Z");
    world.store.revoke(&at("2026-01-01T10:00:00Z"), never).await.expect("written");
    world.store.revoke(&at("2026-01-01T11:00:00Z"), never).await.expect("written");
    let left = |store: fernstone::store::Store| async move {
        let left = store.run(events(None)).await.expect("an answer");
        left.into_iter().map(|event| event.revoked_at).collect::<Vec<_>>()
    };
    world.store.revoke(&at("2026-01-01T12:00:00Z"), time("2026-01-01T11:00:00Z")).await.expect("written");
    assert_eq!(left(world.store.clone()).await, [time("2026-01-01T11:00:00Z"), time("2026-01-01T12:00:00Z")]);
    world.store.revoke(&at("2026-01-01T12:00:00Z"), time("2026-01-01T12:30:00Z")).await.expect("written");
    assert!(left(world.store.clone()).await.is_empty(), "an event that is older than the cut goes at once");
}
