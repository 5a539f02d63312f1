//! Two transactions that wait for each other: Postgres ends one of them, and its client never hears of it.

use chrono::TimeDelta;
use fernstone::store::Store;
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use super::{
    served::Ground,
    whole::{Whole, shared},
    wire::Ask,
};
use crate::{
    postgres::{fresh_database, options_of},
    store::settings,
};

/// Returns when somebody else waits for what `connection` holds.
async fn is_waited_for(connection: &mut PgConnection) {
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))";
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut *connection).await.expect("a count") == 0 {}
}

#[tokio::test]
async fn a_request_whose_transaction_gave_way_is_tried_again() {
    let url = fresh_database().await;
    let store = Store::open(&settings(&url)).expect("it opens");
    let (ground, _) = Ground::bootstrapped_in(store, "http://k/v3", TimeDelta::hours(1)).await;
    let whole = Whole::serve(ground.store.clone(), shared(&ground.clock), |_| {}).await;
    let admin = whole.login("secret").await.header("x-subject-token").expect("a token").to_owned();
    let as_admin = |method: &str, path: &str| Ask::new(method, path).header("X-Auth-Token", &admin);
    let mut create = as_admin("POST", "/v3/services");
    create.body = Some(json!({ "service": { "type": "compute" } }).to_string().into_bytes());
    let service_id = whole.ask(create).await.json()["service"]["id"].as_str().expect("an id").to_owned();
    let mut create = as_admin("POST", "/v3/endpoints");
    let endpoint = json!({ "service_id": service_id, "interface": "public", "url": "http://c" });
    create.body = Some(json!({ "endpoint": endpoint }).to_string().into_bytes());
    assert_eq!(whole.ask(create).await.status, 201);

    // Another writer holds the endpoint, and does not look for deadlocks itself.
    let mut other = PgConnection::connect_with(&options_of(&url)).await.expect("a connection");
    sqlx::raw_sql("SET deadlock_timeout = '1h'").execute(&mut other).await.expect("set");
    let mut writing = other.begin().await.expect("a transaction");
    sqlx::query("UPDATE endpoint SET url = 'http://d' WHERE service_id = $1")
        .bind(&service_id)
        .execute(&mut *writing)
        .await
        .expect("written");
    let path = format!("/v3/services/{service_id}");
    let both = async {
        is_waited_for(&mut writing).await;
        // The service is held by who deletes it, and who waits for the endpoint.
        sqlx::query("UPDATE service SET type = 'other' WHERE id = $1")
            .bind(&service_id)
            .execute(&mut *writing)
            .await
            .expect("it is the request that gives way");
        writing.commit().await.expect("committed");
    };
    let (deleted, ()) = tokio::join!(whole.ask(as_admin("DELETE", &path)), both);
    assert_eq!(deleted.status, 204, "{deleted:?}");
    assert_eq!(whole.ask(as_admin("GET", &path)).await.status, 404);
}
