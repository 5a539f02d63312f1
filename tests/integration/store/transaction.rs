//! Transactions, batches, and what the errors say.

use fernstone::{
    domain::ids::UserId,
    store::{
        ConstraintKind, DatabaseSettings, Location, Store, StoreError, Value, identity,
        resource::{self, ProjectFilter},
        revocation::events,
        role,
    },
};
use sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::{World, on_every_backend, settings};

on_every_backend! {
    a_transaction_dropped_never_happened,
    a_transaction_is_seen_after_its_commit,
    a_transaction_in_which_a_statement_failed_is_not_committed,
    violated_constraints_are_conflicts,
    a_batch_answers_as_its_queries_do,
    a_read_has_no_room_for_making_a_connection,
    a_statement_about_a_table_that_is_missing_is_refused,
}

const ROLE: &str = "INSERT INTO role (id, name) VALUES ('r', 'role')";

async fn a_transaction_dropped_never_happened(world: World) {
    let mut transaction = world.store.begin().await.expect("a transaction");
    transaction.execute("role", ROLE, vec![]).await.expect("written");
    assert!(transaction.run(role::role(&"r".into())).await.expect("an answer").is_some(), "it sees its own writes");
    drop(transaction);
    assert!(world.store.run(role::role(&"r".into())).await.expect("an answer").is_none());
}

async fn a_transaction_is_seen_after_its_commit(world: World) {
    let mut transaction = world.store.begin().await.expect("a transaction");
    transaction.execute("role", ROLE, vec![]).await.expect("written");
    transaction.commit().await.expect("committed");
    assert!(world.store.run(role::role(&"r".into())).await.expect("an answer").is_some());
}

async fn a_transaction_in_which_a_statement_failed_is_not_committed(world: World) {
    let mut transaction = world.store.begin().await.expect("a transaction");
    transaction.execute("role", ROLE, vec![]).await.expect("written");
    assert!(transaction.execute("role", ROLE, vec![]).await.is_err());
    assert!(transaction.commit().await.is_err());
    assert!(world.store.run(role::role(&"r".into())).await.expect("an answer").is_none());
}

async fn violated_constraints_are_conflicts(world: World) {
    let mut transaction = world.store.begin().await.expect("a transaction");
    transaction.execute("role", ROLE, vec![]).await.expect("written");
    match transaction.execute("role", "INSERT INTO role (id, name) VALUES ('other', 'role')", vec![]).await {
        Err(error @ StoreError::Conflict { kind: ConstraintKind::Unique, subject: "role", .. }) => {
            assert!(error.is_duplicate());
        }
        other => panic!("{other:?}"),
    }
    drop(transaction);
    let mut transaction = world.store.begin().await.expect("a transaction");
    let orphan = "INSERT INTO implied_role (prior_role_id, implied_role_id) VALUES ('none', 'none')";
    match transaction.execute("implied_role", orphan, vec![]).await {
        Err(StoreError::Conflict { kind: ConstraintKind::ForeignKey, .. }) => {}
        other => panic!("{other:?}"),
    }
}

async fn a_batch_answers_as_its_queries_do(world: World) {
    world
        .execute(&[
            r#"INSERT INTO "user" (id, domain_id, enabled, created_at, last_active_at, extra)
                VALUES ('u', 'dom', true, '2026-01-02 03:04:05.678901', '2026-02-03', '{"q": "it''s \"quoted\" \u00e9"}')"#,
            "INSERT INTO local_user (id, user_id, domain_id, name) VALUES (1, 'u', 'dom', 'Ünal $1 ☃')",
            "INSERT INTO password (local_user_id, password_hash, created_at, created_at_int, expires_at_int)
                VALUES (1, 'h', '2026-01-01 00:00:00', 1767323045000001, 1767409445123456)",
            "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled)
                VALUES ('dom', 'dom', '<<keystone.domain.root>>', NULL, true, true)",
            "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled)
                VALUES ('p', 'p', 'dom', 'dom', false, NULL)",
            "INSERT INTO revocation_event (issued_before, revoked_at, user_id)
                VALUES ('2026-01-01 12:00:00.25', '2026-01-01 12:00:00', 'u')",
            ROLE,
        ])
        .await;
    let user: UserId = "u".into();
    let filter =
        ProjectFilter { ids: Some(vec!["p".into(), "dom".into()]), limit: Some(9), ..ProjectFilter::default() };
    let queries = || {
        (
            identity::user(&user),
            resource::lineage(&"p".into()),
            resource::projects(&filter),
            events(None),
            role::roles_by_ids(&["r".into()]),
            identity::user(&"nobody".into()),
            identity::memberships(&user),
        )
    };
    let together = world.store.run_batch(queries()).await.expect("an answer");
    let (a, b, c, d, e, f, g) = queries();
    let store = &world.store;
    assert!(together.0.is_some() && together.1.is_some());
    assert_eq!(together.2.len(), 2);
    assert_eq!(together.0, store.run(a).await.expect("an answer"));
    assert_eq!(together.1, store.run(b).await.expect("an answer"));
    assert_eq!(together.2, store.run(c).await.expect("an answer"));
    assert_eq!(together.3, store.run(d).await.expect("an answer"));
    assert_eq!(together.4, store.run(e).await.expect("an answer"));
    assert_eq!(together.5, store.run(f).await.expect("an answer"));
    assert_eq!(together.6, store.run(g).await.expect("an answer"));
}

/// What a future has room for is moved with it, by every request: connecting alone takes 3.5 kB.
async fn a_read_has_no_room_for_making_a_connection(world: World) {
    let user: UserId = "u".into();
    assert!(size_of_val(&world.store.run(identity::user(&user))) < 2048);
    assert!(size_of_val(&world.store.run_batch((identity::user(&user), identity::user(&user)))) < 2048);
}

async fn a_statement_about_a_table_that_is_missing_is_refused(world: World) {
    world.execute(&["DROP TABLE trust_role"]).await;
    let mut transaction = world.store.begin().await.expect("a transaction");
    match transaction.execute("trust_role", "DELETE FROM trust_role", vec![]).await {
        Err(StoreError::Refused { subject: "trust_role", .. }) => {}
        other => panic!("{other:?}"),
    }
}

/// A file that another program made and writes: its journal mode stays, what it commits is in the next answer, and what
/// it has not committed is not.
#[tokio::test]
async fn what_another_process_commits_to_a_file_is_seen_at_once() {
    for mode in [SqliteJournalMode::Delete, SqliteJournalMode::Wal] {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("keystone.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).journal_mode(mode);
        let mut other = options.connect().await.expect("a connection");
        sqlx::raw_sql(include_str!("reference/keystone-30.sqlite.sql")).execute(&mut other).await.expect("a schema");

        let settings = DatabaseSettings::new(Location::SqliteFile { path, create: false });
        let store = Store::open(&settings).expect("the store opens");
        let role = || async { store.run(role::role(&"r".into())).await.expect("an answer") };
        assert!(role().await.is_none());
        sqlx::raw_sql("BEGIN").execute(&mut other).await.expect("it begins");
        sqlx::raw_sql(ROLE).execute(&mut other).await.expect("it writes");
        assert!(role().await.is_none(), "{mode:?}");
        sqlx::raw_sql("COMMIT").execute(&mut other).await.expect("it commits");
        assert!(role().await.is_some(), "{mode:?}");

        // And the other way round, our writes being held to foreign keys.
        let mut transaction = store.begin().await.expect("a transaction");
        transaction.execute("role", "DELETE FROM role", vec![]).await.expect("written");
        transaction.commit().await.expect("committed");
        let mut transaction = store.begin().await.expect("a transaction");
        let orphan = "INSERT INTO role_option (role_id, option_id) VALUES ('none', 'IMMU')";
        assert!(matches!(transaction.execute("role_option", orphan, vec![]).await, Err(StoreError::Conflict { .. })));
        drop(transaction);
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM role").fetch_one(&mut other).await.expect("an answer");
        assert_eq!(left, 0);
        let kept: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut other).await.expect("an answer");
        assert_eq!(kept, format!("{mode:?}").to_lowercase());
    }
}

/// Both wait for their turn; neither is told that the database is locked.
#[tokio::test]
async fn writers_of_one_file_take_turns() {
    let world = World::sqlite_file().await.synced().await;
    let writers = (0..20).map(|number| {
        let store = Store::open(&settings(&world.url)).expect("the store opens");
        tokio::spawn(async move {
            let mut transaction = store.begin().await.expect("a transaction");
            let roles = transaction.run(role::roles(&role::RoleFilter::default())).await.expect("an answer").len();
            let values = vec![Value::from(format!("r{number}")), Value::from(format!("{roles}"))];
            transaction.execute("role", "INSERT INTO role (id, name) VALUES ($1, $2)", values).await.expect("written");
            transaction.commit().await.expect("committed");
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no panic");
    }
    let roles = world.store.run(role::roles(&role::RoleFilter::default())).await.expect("an answer");
    assert_eq!(roles.len(), 20, "each saw what those before it had written, or names would have clashed");
}
