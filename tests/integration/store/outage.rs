//! A database that is down, goes away, is slow, or is asked for more than it has connections for.

use std::{
    future::pending,
    time::{Duration, Instant},
};

use fernstone::store::{
    DatabaseSettings, Query, Store, StoreError,
    role::{RoleFilter, role, roles},
    url::DatabaseUrl,
};
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::time::timeout;

use super::{World, on_every_backend, settings};
use crate::postgres;

on_every_backend! {
    a_pool_that_is_exhausted_is_an_outage,
    one_more_than_may_wait_is_turned_away_at_once,
    who_gives_up_leaves_nothing_behind,
    a_closed_store_is_an_outage,
}

/// Nothing here takes nearly as long.
const LONG: Duration = Duration::from_secs(30);

const ROLE: &str = "INSERT INTO role (id, name) VALUES ('r', 'role')";

async fn role_exists(store: &Store) -> bool {
    store.run(role(&"r".into())).await.expect("an answer").is_some()
}

async fn a_pool_that_is_exhausted_is_an_outage(world: World) {
    let store = if world.is_memory() {
        world.store.clone()
    } else {
        let pool_timeout = Duration::from_millis(100);
        Store::open(&DatabaseSettings { max_connections: 1, pool_timeout, ..settings(&world.url) }).expect("it opens")
    };
    let transaction = store.begin().await.expect("a transaction");
    match store.run(roles(&RoleFilter::default())).await {
        Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut)) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(store.database().pool_state().used, 1);
    drop(transaction);
    assert!(store.run(roles(&RoleFilter::default())).await.is_ok());
}

async fn one_more_than_may_wait_is_turned_away_at_once(world: World) {
    if world.is_memory() {
        return;
    }
    let pool_timeout = Duration::from_secs(3600);
    let narrow = DatabaseSettings { max_connections: 1, queue: 1, pool_timeout, ..settings(&world.url) };
    let store = Store::open(&narrow).expect("it opens");
    let transaction = store.begin().await.expect("a transaction");
    let waiter = tokio::spawn({
        let store = store.clone();
        async move { store.run(roles(&RoleFilter::default())).await }
    });
    while store.database().pool_state().waiting == 0 {
        tokio::task::yield_now().await;
    }
    match timeout(LONG, store.run(roles(&RoleFilter::default()))).await.expect("an answer long before the hour") {
        Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut)) => {}
        other => panic!("{other:?}"),
    }
    let state = store.database().pool_state();
    assert_eq!((state.waiting, state.turned_away, state.timed_out), (1, 1, 0));
    drop(transaction);
    assert!(waiter.await.expect("no panic").is_ok(), "who waited gets the connection");
    assert!(store.run(roles(&RoleFilter::default())).await.is_ok(), "and there is room again");
    assert_eq!(store.database().pool_state().waiting, 0);
}

/// A client that goes away while its request is at work.
async fn who_gives_up_leaves_nothing_behind(world: World) {
    let store = world.store.clone();
    let work = async {
        let mut transaction = store.begin().await.expect("a transaction");
        transaction.execute("role", ROLE, vec![]).await.expect("written");
        pending::<()>().await;
        transaction.commit().await.expect("committed");
    };
    assert!(timeout(Duration::from_millis(200), work).await.is_err());
    assert!(!role_exists(&world.store).await);
    // Each possible moment of giving up, one more poll each time.
    for polls in 0..40 {
        let work = async {
            let mut transaction = world.store.begin().await.expect("a transaction");
            transaction.execute("role", ROLE, vec![]).await.expect("written");
            transaction.run(role(&"r".into())).await.expect("an answer");
            pending::<()>().await;
        };
        let mut work = Box::pin(work);
        for _ in 0..polls {
            let _ = timeout(Duration::from_micros(200), &mut work).await;
        }
        drop(work);
        assert!(!role_exists(&world.store).await, "after {polls} polls");
    }
    world.execute(&[ROLE]).await;
    assert!(role_exists(&world.store).await);
}

async fn a_closed_store_is_an_outage(world: World) {
    world.store.run(roles(&RoleFilter::default())).await.expect("an answer");
    world.store.database().close().await;
    match world.store.run(roles(&RoleFilter::default())).await {
        Err(StoreError::Unavailable(sqlx::Error::PoolClosed)) => {}
        other => panic!("{other:?}"),
    }
}

/// Nobody listens there: that is known at once, however long one would wait for a free connection.
#[tokio::test]
async fn a_database_that_is_down_is_an_outage() {
    let url = DatabaseUrl::parse("postgresql://me:hunter2@127.0.0.1:1/k").expect("a URL");
    let location = url.location(false).expect("parameters that are heeded");
    let store = Store::open(&DatabaseSettings::new(location)).expect("the store opens");
    let start = Instant::now();
    match store.user(&"u".into()).await {
        Err(error @ StoreError::Unavailable(_)) => assert!(!format!("{error:?}").contains("hunter2")),
        other => panic!("{other:?}"),
    }
    assert!(matches!(store.begin().await, Err(StoreError::Unavailable(_))));
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// Ends every connection to the database but `own`, as a restart of the server does.
async fn cut_off(own: &mut PgConnection) {
    sqlx::query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .execute(own)
    .await
    .expect("they are ended");
}

#[tokio::test]
async fn connections_lost_while_idle_are_replaced_unnoticed() {
    let world = World::postgres().await.synced().await;
    let mut own = postgres::options_of(&world.url).connect().await.expect("a connection");
    let everybody = || async {
        let reads = (0..3).map(|_| {
            let store = world.store.clone();
            tokio::spawn(async move { store.run(roles(&RoleFilter::default())).await })
        });
        for read in reads.collect::<Vec<_>>() {
            read.await.expect("no panic").expect("an answer");
        }
    };
    everybody().await;
    cut_off(&mut own).await;
    everybody().await;
    cut_off(&mut own).await;
    world.execute(&[ROLE]).await;
    cut_off(&mut own).await;
    let batch = (role(&"r".into()), roles(&RoleFilter::default()));
    assert!(world.store.run_batch(batch).await.expect("an answer").0.is_some());
    cut_off(&mut own).await;
    world.store.reset_failed_logins(&"nobody".into()).await.expect("written");
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_of_a_transaction_is_an_outage() {
    let world = World::postgres().await.synced().await;
    let mut own = postgres::options_of(&world.url).connect().await.expect("a connection");
    let mut transaction = world.store.begin().await.expect("a transaction");
    transaction.execute("role", ROLE, vec![]).await.expect("written");
    cut_off(&mut own).await;
    match transaction.execute("role", "DELETE FROM role", vec![]).await {
        Err(StoreError::Unavailable(_)) => {}
        other => panic!("{other:?}"),
    }
    assert!(transaction.commit().await.is_err());
    assert!(!role_exists(&world.store).await);
}

/// The connection is not used again: its answer would be taken for that of the next statement.
#[tokio::test]
async fn a_statement_nobody_waits_for_does_not_spoil_the_next_one() {
    let world = World::postgres().await.synced().await;
    let slow = Query::new("test", "SELECT 'slow' AS answer FROM pg_sleep(0.3)", vec![], |_| Ok(()));
    assert!(timeout(Duration::from_millis(50), world.store.run(slow)).await.is_err());
    for _ in 0..5 {
        let quick = Query::optional("test", "SELECT 'quick' AS answer", vec![], |row| row.text("answer"));
        assert_eq!(world.store.run(quick).await.expect("an answer").as_deref(), Some("quick"));
    }
}

/// A store on `world` whose statements may take as long as `limit`.
fn impatient(world: &World, limit: Duration) -> Store {
    Store::open(&DatabaseSettings { statement_timeout: Some(limit), ..settings(&world.url) }).expect("it opens")
}

fn number(sql: &'static str) -> Query<Option<i64>> {
    Query::optional("test", sql, vec![], |row| row.integer("answer"))
}

async fn backend_of(store: &Store) -> i32 {
    let pid = store.run(number("SELECT pg_backend_pid()::bigint AS answer")).await.expect("an answer").expect("a row");
    i32::try_from(pid).expect("a process id")
}

/// The server ends it, and the connection is as good as before.
#[tokio::test]
async fn a_statement_that_takes_too_long_is_an_outage() {
    let world = World::postgres().await.synced().await;
    let store = impatient(&world, Duration::from_millis(200));
    let backend = backend_of(&store).await;
    let slow = store.run(number("SELECT 1::bigint AS answer FROM pg_sleep(3600)"));
    match timeout(LONG, slow).await.expect("an answer long before the hour") {
        Err(StoreError::Unavailable(sqlx::Error::Database(error))) => {
            assert_eq!(error.code().as_deref(), Some("57014"))
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(backend_of(&store).await, backend);
    let state = store.database().pool_state();
    assert_eq!((state.used, state.overdue, state.lost, state.opened), (0, 1, 0, 1));

    // Somebody else's lock, in the middle of a transaction: it is rolled back, and the lock is free for the next.
    let mut own = postgres::options_of(&world.url).connect().await.expect("a connection");
    sqlx::raw_sql("BEGIN; LOCK TABLE role").execute(&mut own).await.expect("locked");
    let mut transaction = store.begin().await.expect("a transaction");
    let written = timeout(LONG, transaction.execute("role", ROLE, vec![])).await.expect("an answer in time");
    assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
    assert!(transaction.commit().await.is_err());
    sqlx::raw_sql("COMMIT").execute(&mut own).await.expect("unlocked");
    assert!(!role_exists(&store).await);
}

/// What an administrator set for the database stays where it is the shorter time.
#[tokio::test]
async fn a_shorter_time_that_the_database_has_is_kept() {
    let world = World::postgres().await.synced().await;
    let limit_of = async |limit| {
        let sql = "SELECT setting::bigint AS answer FROM pg_settings WHERE name = 'statement_timeout'";
        impatient(&world, limit).run(number(sql)).await.expect("an answer")
    };
    assert_eq!(limit_of(Duration::from_secs(7)).await, Some(7000));
    let mut own = postgres::options_of(&world.url).connect().await.expect("a connection");
    let database = "DO $$BEGIN
        EXECUTE format('ALTER DATABASE %I SET statement_timeout = 5000', current_database());
    END$$";
    sqlx::raw_sql(database).execute(&mut own).await.expect("set");
    assert_eq!(limit_of(Duration::from_secs(7)).await, Some(5000));
    assert_eq!(limit_of(Duration::from_secs(3)).await, Some(3000));
}

/// A server process that took a statement and then stands still: it cannot even end it.
#[tokio::test]
async fn a_server_that_falls_silent_is_given_up_on() {
    let world = World::postgres().await.synced().await;
    let store = impatient(&world, Duration::from_millis(100));
    let _stopped = postgres::Stopped::process(backend_of(&store).await);
    match timeout(LONG, store.run(roles(&RoleFilter::default()))).await.expect("an answer while it stands still") {
        Err(StoreError::Unavailable(sqlx::Error::Io(_))) => {}
        other => panic!("{other:?}"),
    }
    let state = store.database().pool_state();
    assert_eq!((state.used, state.idle, state.overdue, state.lost), (0, 0, 1, 1), "it is not kept");
    assert!(store.run(roles(&RoleFilter::default())).await.is_ok(), "another one answers");
}

#[tokio::test]
async fn a_server_that_falls_silent_in_a_transaction_is_given_up_on() {
    let world = World::postgres().await.synced().await;
    let store = impatient(&world, Duration::from_millis(100));
    let backend = backend_of(&store).await;
    let mut transaction = store.begin().await.expect("a transaction");
    transaction.execute("role", ROLE, vec![]).await.expect("written");
    let stopped = postgres::Stopped::process(backend);
    // Given up by its owner: rolling back is what hangs.
    drop(transaction);
    let everybody_is_done = async {
        while store.database().pool_state().used > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, everybody_is_done).await.expect("its place is given back");
    assert_ne!(backend_of(&store).await, backend);
    drop(stopped);

    let mut transaction = store.begin().await.expect("a transaction");
    let _stopped = postgres::Stopped::process(backend_of_transaction(&mut transaction).await);
    let committed = timeout(LONG, transaction.commit()).await.expect("an answer while it stands still");
    assert!(matches!(committed, Err(StoreError::Unavailable(_))), "{committed:?}");
}

async fn backend_of_transaction(transaction: &mut fernstone::store::Transaction) -> i32 {
    let pid = transaction.run(number("SELECT pg_backend_pid()::bigint AS answer")).await.expect("an answer");
    i32::try_from(pid.expect("a row")).expect("a process id")
}

/// A machine that takes connections and says nothing.
#[tokio::test]
async fn a_server_that_never_greets_is_an_outage() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let url = DatabaseUrl::parse(&format!("postgresql://me:hunter2@127.0.0.1:{port}/k")).expect("a URL");
    let pool_timeout = Duration::from_millis(100);
    let location = url.location(false).expect("parameters that are heeded");
    let store = Store::open(&DatabaseSettings { pool_timeout, ..DatabaseSettings::new(location) }).expect("it opens");
    match timeout(LONG, store.user(&"u".into())).await.expect("an answer") {
        Err(StoreError::Unavailable(_)) => {}
        other => panic!("{other:?}"),
    }
    let state = store.database().pool_state();
    assert_eq!((state.used, state.opened, state.failed), (0, 0, 1));
}
