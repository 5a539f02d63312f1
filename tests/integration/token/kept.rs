//! Tokens that are kept in memory are as good as those that are read, at any time and after any change.

use std::sync::Arc;

use chrono::TimeDelta;
use fernstone::{
    domain::{
        claims::Grant,
        clock::Clock,
        random::{Random, SeededRandom},
    },
    store::{Store, Value},
    token::{
        provider::{IssueRequest, IssuedToken, Leniency},
        valid::ValidToken,
    },
};

use super::cloud::Cloud;
use crate::store::{World, on_every_backend, settings};

on_every_backend! {
    the_second_look_needs_no_database,
    a_token_is_kept_no_longer_than_it_lives,
    a_membership_that_ends_by_itself_ends_in_memory_too,
    a_trust_that_ends_by_itself_ends_in_memory_too,
    a_user_who_becomes_inactive_at_midnight_does_so_in_memory_too,
    a_key_that_is_gone_opens_nothing_that_was_kept,
    garbage_takes_no_room,
    random_changes_make_no_difference_to_reading_through,
    many_who_were_never_seen_are_together_what_each_is_alone,
    a_group_that_a_user_is_in_twice_gives_its_roles_to_the_next_as_well,
}

/// Everything that the tests need beside an admin.
const ROWS: &[&str] = &[
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled)
        VALUES ('top', 'top', 'default', 'default', false, true)",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled)
        VALUES ('leaf', 'leaf', 'default', 'top', false, true)",
    r#"INSERT INTO "user" (id, domain_id, enabled, created_at) VALUES ('u', 'default', true, '2026-09-01 00:00:00')"#,
    "INSERT INTO local_user (id, user_id, domain_id, name) VALUES (77, 'u', 'default', 'u')",
    r#"INSERT INTO "group" (id, name, domain_id) VALUES ('g', 'g', 'default')"#,
    "INSERT INTO role (id, name) VALUES ('r', 'r')",
    "INSERT INTO role (id, name) VALUES ('s', 's')",
    "INSERT INTO identity_provider (id, enabled, domain_id, authorization_ttl) VALUES ('i', true, 'default', 10)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('UserProject', 'u', 'top', 'r', true)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('GroupProject', 'g', 'top', 's', false)",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('UserDomain', 'u', 'default', 'r', false)",
    "INSERT INTO system_assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('UserSystem', 'u', 'system', 'r', false)",
];

async fn cloud_of(world: World) -> Cloud {
    let cloud = Cloud::keeping(world).await;
    cloud.world.execute(ROWS).await;
    cloud.world.settle().await;
    cloud
}

fn request_of_u(cloud: &Cloud, grant: Grant) -> IssueRequest {
    IssueRequest {
        user_id: "u".into(),
        methods: vec!["password".to_owned()],
        grant,
        expires_at: Some(cloud.clock.now() + TimeDelta::hours(24)),
        parent_audit_id: None,
    }
}

async fn token_of_u(cloud: &Cloud, grant: Grant) -> IssuedToken {
    cloud.tokens.issue(request_of_u(cloud, grant)).await.expect("a token")
}

async fn is_good(cloud: &Cloud, token: &IssuedToken) -> bool {
    cloud.tokens.validate(token.text.expose(), Leniency::default()).await.is_ok()
}

async fn the_second_look_needs_no_database(world: World) {
    let cloud = cloud_of(world).await;
    let token = cloud.token().await;
    let first = cloud.tokens.validate(token.text.expose(), Leniency::default()).await.expect("good");
    let second = cloud.tokens.validate(token.text.expose(), Leniency::default());
    assert!(size_of_val(&second) < 1024, "nor room for what the first took");
    let second = second.await.expect("good");
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!((cloud.tokens.kept_counts().hits, cloud.tokens.kept_counts().misses), (1, 1));
}

async fn a_token_is_kept_no_longer_than_it_lives(world: World) {
    let cloud = cloud_of(world).await;
    let token = cloud.token().await;
    assert!(is_good(&cloud, &token).await);
    let left = token.token.claims.expires_at - cloud.clock.now();
    cloud.clock.advance(left - TimeDelta::microseconds(1));
    assert!(is_good(&cloud, &token).await);
    cloud.clock.advance(TimeDelta::microseconds(1));
    assert!(!is_good(&cloud, &token).await);
    let window = Leniency { expired_for: TimeDelta::hours(1), ..Leniency::default() };
    assert!(cloud.tokens.validate(token.text.expose(), window).await.is_ok());
    assert!(!is_good(&cloud, &token).await, "leniency for one is none for the next");
}

async fn a_membership_that_ends_by_itself_ends_in_memory_too(world: World) {
    let cloud = cloud_of(world).await;
    let verified: Value = cloud.clock.now().into();
    let membership = "INSERT INTO expiring_user_group_membership (user_id, group_id, idp_id, last_verified)
        VALUES ('u', 'g', 'i', $1)";
    cloud.world.insert(membership, vec![verified]).await;
    let token = token_of_u(&cloud, Grant::Project("top".into())).await;
    cloud.clock.advance(TimeDelta::minutes(10) - TimeDelta::microseconds(1));
    assert!(is_good(&cloud, &token).await);
    cloud.clock.advance(TimeDelta::microseconds(1));
    assert!(!is_good(&cloud, &token).await);
}

async fn a_trust_that_ends_by_itself_ends_in_memory_too(world: World) {
    let cloud = cloud_of(world).await;
    let life = TimeDelta::minutes(5);
    let end = (cloud.clock.now() + life).timestamp_micros();
    let trust = "INSERT INTO trust (id, trustor_user_id, trustee_user_id, project_id, impersonation, expires_at_int)
        VALUES ('7ab6dd2c6d8c4b5d8f6e1a2b3c4d5e6f', 'u', 'u', 'leaf', true, $1)";
    cloud.world.insert(trust, vec![end.into()]).await;
    cloud.world.execute(&["INSERT INTO trust_role (trust_id, role_id) SELECT id, 'r' FROM trust"]).await;
    cloud.world.settle().await;
    let grant = Grant::Trust { project_id: Some("leaf".into()), trust_id: "7ab6dd2c6d8c4b5d8f6e1a2b3c4d5e6f".into() };
    let token = token_of_u(&cloud, grant).await;
    assert!(is_good(&cloud, &token).await);
    let hits = cloud.tokens.kept_counts().hits;
    cloud.clock.advance(life - TimeDelta::microseconds(1));
    assert!(is_good(&cloud, &token).await);
    assert_eq!(cloud.tokens.kept_counts().hits, hits + 1, "until then it is kept");
    cloud.clock.advance(TimeDelta::microseconds(1));
    assert!(is_good(&cloud, &token).await, "Keystone takes a trust at the very time at which it ends");
    cloud.clock.advance(TimeDelta::microseconds(1));
    assert!(!is_good(&cloud, &token).await);
}

async fn a_user_who_becomes_inactive_at_midnight_does_so_in_memory_too(world: World) {
    let cloud = cloud_of(world).await;
    let today = cloud.clock.now().date_naive();
    let last_active = today - TimeDelta::days(29);
    cloud.world.insert(r#"UPDATE "user" SET last_active_at = $1 WHERE id = 'u'"#, vec![last_active.into()]).await;
    let token = token_of_u(&cloud, Grant::Project("leaf".into())).await;
    let midnight = (today + TimeDelta::days(1)).and_time(chrono::NaiveTime::MIN).and_utc();
    cloud.clock.advance(midnight - cloud.clock.now() - TimeDelta::microseconds(1));
    assert!(is_good(&cloud, &token).await);
    cloud.clock.advance(TimeDelta::microseconds(1));
    assert!(!is_good(&cloud, &token).await);
}

async fn a_key_that_is_gone_opens_nothing_that_was_kept(world: World) {
    let cloud = cloud_of(world).await;
    let token = cloud.token().await;
    assert!(is_good(&cloud, &token).await);
    for entry in std::fs::read_dir(cloud.repository.path()).expect("a directory") {
        std::fs::remove_file(entry.expect("an entry").path()).expect("removed");
    }
    // A token that no key opens makes the ring look at its directory.
    assert!(cloud.tokens.validate("gAAAAABnothing", Leniency::default()).await.is_err());
    assert!(!is_good(&cloud, &token).await);
}

async fn garbage_takes_no_room(world: World) {
    let cloud = cloud_of(world).await;
    let token = cloud.token().await;
    assert!(is_good(&cloud, &token).await);
    for number in 0..3000 {
        assert!(cloud.tokens.validate(&format!("gAAAAAB{number}"), Leniency::default()).await.is_err());
    }
    let hits = cloud.tokens.kept_counts().hits;
    assert!(is_good(&cloud, &token).await);
    assert_eq!(cloud.tokens.kept_counts().hits, hits + 1);
}

/// Changes that somebody else makes; each may be made again.
const CHANGES: &[&str] = &[
    r#"UPDATE "user" SET enabled = NOT enabled WHERE id = 'u'"#,
    "UPDATE project SET enabled = NOT enabled WHERE id = 'leaf'",
    "UPDATE project SET enabled = NOT enabled WHERE id = 'default'",
    "UPDATE project SET name = name || 'x' WHERE id = 'top' AND length(name) < 20",
    "UPDATE project SET parent_id = CASE parent_id WHEN 'top' THEN 'default' ELSE 'top' END WHERE id = 'leaf'",
    "UPDATE local_user SET name = name || 'x' WHERE user_id = 'u' AND length(name) < 20",
    "DELETE FROM user_group_membership",
    "INSERT INTO user_group_membership (user_id, group_id) VALUES ('u', 'g') ON CONFLICT DO NOTHING",
    "DELETE FROM assignment WHERE actor_id = 'u'",
    "DELETE FROM assignment WHERE actor_id = 'g'",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('UserProject', 'u', 'top', 'r', true) ON CONFLICT DO NOTHING",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('UserProject', 'u', 'leaf', 's', false) ON CONFLICT DO NOTHING",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('GroupProject', 'g', 'top', 's', false) ON CONFLICT DO NOTHING",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('UserDomain', 'u', 'default', 'r', false) ON CONFLICT DO NOTHING",
    "DELETE FROM system_assignment WHERE actor_id = 'u'",
    "INSERT INTO system_assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('UserSystem', 'u', 'system', 'r', false) ON CONFLICT DO NOTHING",
    "INSERT INTO implied_role (prior_role_id, implied_role_id) VALUES ('r', 's') ON CONFLICT DO NOTHING",
    "DELETE FROM implied_role WHERE prior_role_id = 'r'",
    "UPDATE role SET name = name || 'x' WHERE id = 's' AND length(name) < 20",
    "DELETE FROM revocation_event",
];

/// What a revocation names.
const REVOCATIONS: &[&str] = &["user_id", "project_id", "domain_id", "role_id", "audit_id", "audit_chain_id"];

async fn random_changes_make_no_difference_to_reading_through(world: World) {
    let cloud = cloud_of(world).await;
    cloud.world.execute(&["INSERT INTO user_group_membership (user_id, group_id) VALUES ('u', 'g')"]).await;
    let random = SeededRandom::new(20_261_122);
    let pick = |among: usize| {
        let mut bytes = [0; 2];
        random.fill(&mut bytes);
        usize::from(u16::from_le_bytes(bytes)) % among
    };
    let mut tokens = vec![cloud.token().await];
    tokens.push(cloud.child_of(&tokens[0]).await);
    let grants = [
        Grant::Project("top".into()),
        Grant::Project("leaf".into()),
        Grant::Domain("default".into()),
        Grant::System("all".to_owned()),
        Grant::Unscoped,
    ];
    for grant in &grants {
        tokens.push(token_of_u(&cloud, grant.clone()).await);
    }
    let other = if cloud.world.is_memory() {
        cloud.world.store.clone()
    } else {
        Store::open(&settings(&cloud.world.url)).expect("another store")
    };
    let (mut good, mut bad, mut fresh_ones, mut listed) = (0, 0, 0, 0);
    for round in 0..300 {
        if round % 2 == 0 {
            cloud.roster.read().await.expect("the database answers");
        }
        match pick(10) {
            0 => cloud.clock.advance(TimeDelta::seconds(i64::try_from(pick(400)).unwrap_or(1))),
            1 => {
                let audit_id = tokens[pick(tokens.len())].token.claims.audit.own.clone();
                revoke(&other, REVOCATIONS[pick(REVOCATIONS.len())], &audit_id, cloud.clock.now()).await;
            }
            _ => change(&other, CHANGES[pick(CHANGES.len())]).await,
        }
        // What comes after a commit of our own comes after what others committed before it.
        change(&cloud.world.store, "UPDATE role SET name = name WHERE id = 'nobody'").await;
        for (number, token) in tokens.iter().enumerate() {
            let text = token.text.expose();
            // Twice: what the first look may have kept, the second serves.
            let first = cloud.tokens.validate(text, Leniency::default()).await.ok();
            let kept = cloud.tokens.validate(text, Leniency::default()).await.ok();
            assert_eq!(first.is_some(), kept.is_some(), "round {round}, token {number}");
            let read = cloud.reading_through.validate(text, Leniency::default()).await.ok();
            let context = |token: &Arc<ValidToken>| token.context().clone();
            assert_eq!(kept.as_ref().map(context), read.as_ref().map(context), "round {round}, token {number}");
            let by_roster = cloud.by_roster.validate(text, Leniency::default()).await.ok();
            assert_eq!(by_roster.as_ref().map(context), read.as_ref().map(context), "round {round}, token {number}");
            if read.is_some() { good += 1 } else { bad += 1 }
        }
        // Tokens that nobody has seen, of a user and scopes that were.
        for (number, grant) in grants.iter().enumerate() {
            let mut request = request_of_u(&cloud, grant.clone());
            request.parent_audit_id = ((round + number) % 2 == 0).then(|| tokens[0].token.claims.audit.own.clone());
            let minted = cloud.tokens.issue(request.clone()).await;
            let fresh = cloud.reading_through.issue(request).await;
            let access = |issued: &IssuedToken| issued.token.access.clone();
            let outcome = |issued: &Result<IssuedToken, _>| issued.as_ref().map(access).map_err(ToString::to_string);
            assert_eq!(outcome(&minted), outcome(&fresh), "round {round}, {grant:?}");
            let Ok(fresh) = fresh else { continue };
            let text = fresh.text.expose();
            let first = cloud.tokens.validate(text, Leniency::default()).await.ok();
            let read = cloud.reading_through.validate(text, Leniency::default()).await.ok();
            let context = |token: &Arc<ValidToken>| token.context().clone();
            assert_eq!(
                first.as_ref().map(context),
                read.as_ref().map(context),
                "round {round}, a new token, {grant:?}"
            );
            fresh_ones += usize::from(read.is_some());
        }
        if let Some(lineage) = cloud.world.store.lineage(&"leaf".into()).await.expect("an answer") {
            listed += usize::from(cloud.roster.find(&"u".into(), &lineage).is_some());
        }
    }
    if cloud.world.store.database().is_postgres() {
        assert!((30..270).contains(&listed), "of 300 rounds the roster knew the user in {listed}");
    }
    assert!(fresh_ones > 100, "{fresh_ones} new tokens that were good are no test");
    assert!(good > 200 && bad > 200, "{good} good and {bad} bad answers are no test");
    assert!(cloud.tokens.kept_counts().hits > 50, "{:?}", cloud.tokens.kept_counts());
}

/// Users 0 to 39: with and without roles of their own, groups, options, a name, a revocation of what they have on a project.
const MANY_USERS: &[&str] = &[
    r#"INSERT INTO "user" (id, domain_id, enabled, created_at)
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39)
        SELECT 'many-' || i, 'default', i % 11 <> 0, '2026-09-01 00:00:00' FROM n"#,
    r#"INSERT INTO local_user (user_id, domain_id, name)
        SELECT id, 'default', 'name of ' || id FROM "user" WHERE id LIKE 'many-%' AND id NOT LIKE '%7'"#,
    r#"INSERT INTO user_option (user_id, option_id, option_value)
        SELECT id, '1000', 'true' FROM "user" WHERE id LIKE 'many-%' AND id LIKE '%1'"#,
    r#"INSERT INTO user_option (user_id, option_id, option_value)
        SELECT id, '1003', 'true' FROM "user" WHERE id LIKE 'many-%' AND id LIKE '%1'"#,
    r#"INSERT INTO user_group_membership (user_id, group_id)
        SELECT id, 'g' FROM "user" WHERE id LIKE 'many-%' AND id NOT LIKE '%3'"#,
    r#"INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
        SELECT 'UserProject', id, 'top', 'r', true FROM "user" WHERE id LIKE 'many-%' AND id NOT LIKE '%4'"#,
    r#"INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
        SELECT 'UserProject', id, 'top', 'r', false FROM "user" WHERE id LIKE 'many-%' AND id NOT LIKE '%5'"#,
    r#"INSERT INTO revocation_event (user_id, project_id, issued_before, revoked_at)
        SELECT id, 'leaf', '2030-01-01 00:00:00', '2030-01-01 00:00:00' FROM "user"
        WHERE id LIKE 'many-%' AND id LIKE '%6'"#,
];

async fn many_who_were_never_seen_are_together_what_each_is_alone(world: World) {
    let cloud = cloud_of(world).await;
    cloud.world.execute(MANY_USERS).await;
    let head = |token: IssuedToken| token.token.claims.audit.own.clone();
    let heads = [head(cloud.token().await), head(cloud.token().await)];
    let mut texts = Vec::new();
    for number in 0..40 {
        for project in ["top", "leaf"] {
            let request = IssueRequest {
                user_id: format!("many-{number}").into(),
                parent_audit_id: (number % 3 > 0).then(|| heads[number % 3 - 1].clone()),
                ..request_of_u(&cloud, Grant::Project(project.into()))
            };
            if let Ok(token) = cloud.reading_through.issue(request).await {
                texts.push(token.text.expose().to_owned());
                let audit_id = token.token.claims.audit.own.clone();
                if number % 9 == 0 {
                    revoke(&cloud.world.store, "audit_id", &audit_id, cloud.clock.now()).await;
                }
            }
        }
    }
    revoke(&cloud.world.store, "audit_chain_id", &heads[0], cloud.clock.now()).await;
    cloud.world.settle().await;
    let mut alone = Vec::new();
    for text in &texts {
        alone.push(
            cloud.reading_through.validate(text, Leniency::default()).await.ok().map(|token| token.context().clone()),
        );
    }
    let together: Vec<_> = texts
        .iter()
        .map(|text| {
            let (tokens, text) = (cloud.tokens.clone(), text.clone());
            tokio::spawn(async move { tokens.validate(&text, Leniency::default()).await.ok() })
        })
        .collect();
    for (number, (together, alone)) in together.into_iter().zip(&alone).enumerate() {
        let together = together.await.expect("no panic").map(|token| token.context().clone());
        assert_eq!(together, *alone, "token {number}");
    }
    cloud.roster.read().await.expect("the database answers");
    for (number, (text, alone)) in texts.iter().zip(&alone).enumerate() {
        let listed = cloud.by_roster.validate(text, Leniency::default()).await.ok();
        assert_eq!(listed.map(|token| token.context().clone()), *alone, "token {number}, by the roster");
    }
    let good = alone.iter().flatten().count();
    assert!(good > 30 && alone.len() > good + 5, "{good} good tokens of {} are no test", alone.len());
}

async fn a_group_that_a_user_is_in_twice_gives_its_roles_to_the_next_as_well(world: World) {
    let cloud = cloud_of(world).await;
    cloud.world.execute(MANY_USERS).await;
    let verified: Value = (cloud.clock.now() - TimeDelta::days(1)).into();
    let membership = "INSERT INTO expiring_user_group_membership (user_id, group_id, idp_id, last_verified)
        SELECT user_id, group_id, 'i', $1 FROM user_group_membership";
    cloud.world.insert(membership, vec![verified]).await;
    cloud.world.settle().await;
    for user_id in ["many-1", "many-2", "many-12"] {
        let request = IssueRequest { user_id: user_id.into(), ..request_of_u(&cloud, Grant::Project("top".into())) };
        let token = cloud.tokens.issue(request).await.expect("a token");
        let roles: Vec<&str> = token.token.roles.iter().map(|role| role.id.as_str()).collect();
        assert_eq!(roles, ["r", "s"], "{user_id}");
    }
}

async fn change(store: &Store, sql: &'static str) {
    let mut transaction = store.begin().await.expect("begun");
    transaction.execute("test", sql, vec![]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    transaction.commit().await.expect("committed");
}

async fn revoke(store: &Store, column: &str, audit_id: &str, now: chrono::DateTime<chrono::Utc>) {
    let named = match column {
        "user_id" => "u",
        "project_id" => "leaf",
        "domain_id" => "default",
        "role_id" => "s",
        _ => audit_id,
    };
    let sql = format!("INSERT INTO revocation_event ({column}, issued_before, revoked_at) VALUES ($1, $2, $2)");
    let mut transaction = store.begin().await.expect("begun");
    transaction.execute("test", sql, vec![named.into(), now.into()]).await.expect("written");
    transaction.commit().await.expect("committed");
}
