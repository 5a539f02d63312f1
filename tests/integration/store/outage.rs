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
    who_gives_up_leaves_nothing_behind,
    a_closed_store_is_an_outage,
}

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
