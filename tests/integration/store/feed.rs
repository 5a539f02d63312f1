//! The change feed: what anybody writes is known, or it is known that it is not.

use std::time::Duration;

use fernstone::{
    domain::{ids::UserId, revocation::RevocationEvent},
    store::{
        Store,
        feed::{Feed, FeedState, Stamp, Topic, triggers::Installed},
    },
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::time::timeout;

use super::{World, on_every_backend, settings, time};
use crate::postgres;

on_every_backend! {
    what_this_process_writes_counts_at_once,
    a_transaction_that_fails_changes_nothing,
}

/// The promise: a change made elsewhere is known by then, or nothing that was kept is used any more.
const PROMISE: Duration = Duration::from_secs(1);

async fn working(store: &Store) -> (Feed, fernstone::store::feed::Following) {
    let feed = store.feed().clone();
    let following = feed.follow();
    timeout(Duration::from_secs(30), feed.wait_until(Feed::is_working)).await.expect("the feed works");
    (feed, following)
}

fn stamp(feed: &Feed) -> Stamp {
    feed.stamp().expect("a working feed stamps")
}

fn user(id: &str) -> Topic {
    Topic::user(&id.into())
}

async fn unlike(feed: &Feed, stamp: &Stamp, topics: &[Topic]) {
    let changed = feed.wait_until(|feed| !feed.stands(stamp, topics));
    // Trust that ends by itself is no news: so the verdict is asked for once more at the end.
    let _ = timeout(PROMISE, changed).await;
    assert!(!feed.stands(stamp, topics), "the change is not known in time");
}

async fn what_this_process_writes_counts_at_once(world: World) {
    let (feed, _following) = working(&world.store).await;
    for round in 0..20 {
        let stamp = stamp(&feed);
        let event = RevocationEvent::of_user("u".into(), time("2026-01-01T12:00:00Z"));
        world.store.revoke(&event, time("2026-01-01T00:00:00Z")).await.expect("written");
        assert!(!feed.stands(&stamp, &[user("u")]), "round {round}");
    }
}

async fn a_transaction_that_fails_changes_nothing(world: World) {
    let (feed, _following) = working(&world.store).await;
    let stamp = stamp(&feed);
    let mut transaction = world.store.begin().await.expect("begun");
    transaction.execute("role", "INSERT INTO role (id, name) VALUES ('r', 'r')", vec![]).await.expect("written");
    drop(transaction);
    // Another read waits for the rollback where there is one connection.
    world.store.user(&"u".into()).await.expect("an answer");
    assert!(feed.stands(&stamp, &[Topic::roles()]));
}

#[tokio::test]
async fn another_process_on_a_sqlite_file_is_noticed() {
    let world = World::sqlite_file().await.synced().await;
    let (feed, _following) = working(&world.store).await;
    let other = Store::open(&settings(&world.url)).expect("a second store");
    let stamp = stamp(&feed);
    other
        .revoke(&RevocationEvent::of_user("u".into(), time("2026-01-01T12:00:00Z")), time("2026-01-01T00:00:00Z"))
        .await
        .expect("written");
    unlike(&feed, &stamp, &[]).await;
}

#[tokio::test]
async fn a_private_database_is_followed_without_looking() {
    let world = World::sqlite_memory().await.synced().await;
    assert_eq!(world.store.feed().state(), FeedState::NotFollowed);
    assert!(world.store.feed().stamp().is_none());
    let _following = world.store.feed().follow();
    assert_eq!(world.store.feed().state(), FeedState::Working);
}

/// A connection to the database of `world` that knows nothing of feeds, as `psql` or a Keystone have.
async fn outside(world: &World) -> PgConnection {
    PgConnection::connect_with(&postgres::options_of(&world.url)).await.expect("a connection")
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

const ROWS: &str = r#"
    INSERT INTO project (id, name, domain_id, is_domain, enabled) VALUES ('d', 'd', '<<keystone.domain.root>>', true, true);
    INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('p', 'p', 'd', 'd', false, true);
    INSERT INTO "user" (id, domain_id, enabled) VALUES ('u', 'd', true);
    INSERT INTO local_user (id, user_id, domain_id, name) VALUES (1, 'u', 'd', 'u');
    INSERT INTO password (local_user_id, created_at, self_service) VALUES (1, now(), false);
    INSERT INTO "group" (id, name, domain_id) VALUES ('g', 'g', 'd');
    INSERT INTO role (id, name) VALUES ('r', 'r'), ('s', 's');
    INSERT INTO service (id, type, enabled) VALUES ('sv', 'identity', true);
    INSERT INTO trust (id, trustor_user_id, trustee_user_id, impersonation) VALUES ('t', 'u', 'u', false);
    INSERT INTO application_credential (internal_id, id, name, secret_hash, user_id) VALUES (1, 'a', 'a', 'x', 'u');
    INSERT INTO identity_provider (id, enabled, domain_id) VALUES ('i', true, 'd');
"#;

/// Writes that change what tokens mean, and what they are about; an empty list: everything.
fn writes() -> Vec<(&'static str, Vec<Topic>)> {
    let (u, g) = (user("u"), Topic::group(&"g".into()));
    let (p, d) = (Topic::project(&"p".into()), Topic::project(&"d".into()));
    let (t, a) = (Topic::trust(&"t".into()), Topic::application_credential(&"a".into()));
    vec![
        (r#"UPDATE "user" SET enabled = false WHERE id = 'u'"#, vec![u]),
        ("UPDATE local_user SET name = 'v' WHERE user_id = 'u'", vec![u]),
        ("UPDATE password SET expires_at = now() WHERE local_user_id = 1", vec![u]),
        ("INSERT INTO user_option (user_id, option_id, option_value) VALUES ('u', '1004', 'true')", vec![u]),
        ("INSERT INTO user_group_membership (user_id, group_id) VALUES ('u', 'g')", vec![u]),
        ("DELETE FROM user_group_membership", vec![u]),
        ("INSERT INTO assignment VALUES ('UserProject', 'u', 'p', 'r', false)", vec![u]),
        ("INSERT INTO assignment VALUES ('GroupProject', 'g', 'p', 'r', false)", vec![g]),
        ("DELETE FROM assignment", vec![u, g]),
        ("INSERT INTO system_assignment VALUES ('UserSystem', 'u', 'system', 'r', false)", vec![u]),
        ("INSERT INTO system_assignment VALUES ('GroupSystem', 'g', 'system', 'r', false)", vec![g]),
        ("UPDATE project SET enabled = false WHERE id = 'p'", vec![p]),
        ("UPDATE project SET name = 'e' WHERE id = 'd'", vec![d]),
        ("INSERT INTO implied_role VALUES ('r', 's')", vec![Topic::roles()]),
        ("UPDATE role SET name = 'q' WHERE id = 'r'", vec![Topic::roles()]),
        (
            "INSERT INTO endpoint (id, interface, service_id, url) VALUES ('e', 'public', 'sv', 'http://h')",
            vec![Topic::catalog()],
        ),
        ("INSERT INTO project_endpoint VALUES ('e', 'p')", vec![Topic::catalog()]),
        ("UPDATE service SET enabled = false", vec![Topic::catalog()]),
        ("INSERT INTO trust_role VALUES ('t', 'r')", vec![t]),
        ("UPDATE trust SET deleted_at = now()", vec![t]),
        ("INSERT INTO application_credential_role VALUES (1, 'r')", vec![a]),
        ("INSERT INTO access_rule (id, external_id) VALUES (1, 'x')", vec![Topic::access_rules()]),
        ("UPDATE identity_provider SET authorization_ttl = 5", vec![Topic::federation()]),
        (
            "INSERT INTO revocation_event (audit_id, issued_before, revoked_at) VALUES ('x', now(), now())",
            vec![Topic::audit("x")],
        ),
        (
            "INSERT INTO revocation_event (user_id, project_id, issued_before, revoked_at) VALUES ('u', 'p', now(), now())",
            vec![u],
        ),
        ("INSERT INTO revocation_event (domain_id, issued_before, revoked_at) VALUES ('d', now(), now())", vec![d]),
        ("INSERT INTO revocation_event (role_id, issued_before, revoked_at) VALUES ('r', now(), now())", vec![]),
        ("TRUNCATE implied_role", vec![]),
        (r#"INSERT INTO "user" (id, domain_id) SELECT 'many' || n, 'd' FROM generate_series(1, 101) AS n"#, vec![]),
        (r#"DELETE FROM "user" WHERE id = 'u'"#, vec![u]),
    ]
}

#[tokio::test]
async fn postgres_tells_of_every_change_whoever_makes_it_and_of_no_other() {
    let world = World::postgres().await.synced().await;
    let mut connection = outside(&world).await;
    run(&mut connection, ROWS).await;
    let (feed, _following) = working(&world.store).await;
    let unconcerned = [user("somebody"), Topic::project(&"q".into()), Topic::audit("y"), Topic::group(&"h".into())];
    for (sql, topics) in writes() {
        let stamp = stamp(&feed);
        run(&mut connection, sql).await;
        if topics.is_empty() {
            unlike(&feed, &stamp, &[]).await;
        } else {
            for topic in topics {
                unlike(&feed, &stamp, &[topic]).await;
            }
            assert!(feed.stands(&stamp, &unconcerned), "{sql}");
        }
    }
}

#[tokio::test]
async fn what_no_token_shows_is_not_told() {
    let world = World::postgres().await.synced().await;
    let mut connection = outside(&world).await;
    run(&mut connection, ROWS).await;
    let (feed, _following) = working(&world.store).await;
    let stamp = stamp(&feed);
    run(&mut connection, "UPDATE local_user SET failed_auth_count = 3, failed_auth_at = now()").await;
    run(&mut connection, r#"UPDATE "user" SET enabled = true"#).await;
    // A change that is told: when it is known, the others would be.
    run(&mut connection, "UPDATE role SET name = 'z' WHERE id = 'r'").await;
    unlike(&feed, &stamp, &[Topic::roles()]).await;
    assert!(feed.stands(&stamp, &[user("u")]));
}

#[tokio::test]
async fn ids_of_any_length_and_alphabet_are_told() {
    let world = World::postgres().await.synced().await;
    let mut connection = outside(&world).await;
    run(&mut connection, ROWS).await;
    let (feed, _following) = working(&world.store).await;
    let id = "ü \u{1f511}'*\n".repeat(9);
    let stamp = stamp(&feed);
    sqlx::query(r#"INSERT INTO "user" (id, domain_id) SELECT $1, 'd' UNION ALL SELECT 'w' || n, 'd' FROM generate_series(1, 99) AS n"#)
        .bind(&id)
        .execute(&mut connection)
        .await
        .expect("written");
    unlike(&feed, &stamp, &[Topic::user(&UserId::from(id))]).await;
    assert!(feed.stands(&stamp, &[user("somebody")]));
}

/// The backends of listeners on this database.
async fn listeners(connection: &mut PgConnection) -> Vec<i32> {
    sqlx::query_scalar(
        "SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE '%pg_notify%' AND pid <> pg_backend_pid()",
    )
    .fetch_all(connection)
    .await
    .expect("an answer")
}

#[tokio::test]
async fn a_listener_that_is_cut_off_is_no_reason_to_trust_what_was_kept() {
    let world = World::postgres().await.synced().await;
    let mut connection = outside(&world).await;
    run(&mut connection, ROWS).await;
    let (feed, _following) = working(&world.store).await;
    let (stamp, losses) = (stamp(&feed), feed.losses());
    for pid in listeners(&mut connection).await {
        sqlx::query("SELECT pg_terminate_backend($1)").bind(pid).execute(&mut connection).await.expect("killed");
    }
    run(&mut connection, r#"UPDATE "user" SET enabled = false WHERE id = 'u'"#).await;
    unlike(&feed, &stamp, &[user("u")]).await;
    timeout(Duration::from_secs(30), feed.wait_until(Feed::is_working)).await.expect("it works again");
    assert!(feed.is_working() && !feed.stands(&stamp, &[]), "nothing kept before counts");
    assert!(feed.losses() > losses);
}

#[tokio::test]
async fn a_listener_that_falls_silent_is_not_trusted_for_a_second() {
    let world = World::postgres().await.synced().await;
    let mut connection = outside(&world).await;
    run(&mut connection, ROWS).await;
    let (feed, _following) = working(&world.store).await;
    let stamp = stamp(&feed);
    let pids = listeners(&mut connection).await;
    assert_eq!(pids.len(), 1);
    let stopped = postgres::Stopped::process(pids[0]);
    run(&mut connection, r#"UPDATE "user" SET enabled = false WHERE id = 'u'"#).await;
    unlike(&feed, &stamp, &[user("u")]).await;
    drop(stopped);
    timeout(Duration::from_secs(30), feed.wait_until(Feed::is_working)).await.expect("it works again");
    assert!(feed.is_working() && !feed.stands(&stamp, &[user("u")]));
}

#[tokio::test]
async fn without_triggers_nothing_is_kept() {
    let world = World::postgres().await.synced().await;
    let (feed, _following) = working(&world.store).await;
    assert_eq!(world.store.change_feed_installed().await.expect("an answer"), Installed::Yes);
    let mut connection = outside(&world).await;
    run(&mut connection, r#"DROP TRIGGER fernstone_1_update_user ON "user""#).await;
    assert_eq!(world.store.change_feed_installed().await.expect("an answer"), Installed::Partly);
    timeout(PROMISE, feed.wait_until(|feed| !feed.is_working())).await.expect("it is noticed");
    assert_eq!(feed.state(), FeedState::Broken);

    world.store.remove_change_feed().await.expect("removed");
    assert_eq!(world.store.change_feed_installed().await.expect("an answer"), Installed::No);
    world.store.install_change_feed().await.expect("installed");
    timeout(Duration::from_secs(30), feed.wait_until(Feed::is_working)).await.expect("it works again");
}

#[tokio::test]
async fn what_was_installed_can_be_taken_away_without_a_trace() {
    const OBJECTS: &str = "SELECT (SELECT count(*) FROM pg_proc WHERE proname LIKE 'fernstone%')
        + (SELECT count(*) FROM pg_class WHERE relname LIKE 'fernstone%')
        + (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'fernstone%')";
    let world = World::postgres().await.synced().await;
    let mut connection = outside(&world).await;
    let before: i64 = sqlx::query_scalar(OBJECTS).fetch_one(&mut connection).await.expect("an answer");
    assert!(before > 100);
    world.store.remove_change_feed().await.expect("removed");
    let after: i64 = sqlx::query_scalar(OBJECTS).fetch_one(&mut connection).await.expect("an answer");
    assert_eq!(after, 0);
}
