//! The database is away: a clear answer, and never a wrong one.

use std::{net::TcpListener, time::Duration};

use chrono::TimeDelta;
use fernstone::{
    http::HttpSettings,
    server::Limits,
    store::{DatabaseSettings, Location, Store, url::DatabaseUrl},
};
use serde_json::json;

use super::{
    served::{Ground, Served},
    whole::{Whole, shared},
    wire::Ask,
};

#[tokio::test]
async fn requests_that_need_the_database_are_answered_with_503() {
    // A port that nobody listens on: the listener that reserved it is gone at the end of the statement.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = DatabaseUrl::parse(&format!("postgresql://keystone:hidden@127.0.0.1:{port}/keystone")).unwrap();
    let settings = DatabaseSettings {
        pool_timeout: Duration::from_millis(100),
        ..DatabaseSettings::new(url.location(false).unwrap())
    };
    let ground = Ground { store: Store::open(&settings).unwrap(), ..Ground::empty() };
    let settings = HttpSettings { insecure_debug: true, ..HttpSettings::default() };
    let server = Served::start(ground.front(settings), Limits::default()).await;

    let user = json!({ "name": "admin", "password": "secret", "domain": { "id": "default" } });
    let mut login = Ask::new("POST", "/v3/auth/tokens");
    login.body = Some(
        json!({ "auth": { "identity": { "methods": ["password"], "password": { "user": user } } } }).to_string().into(),
    );
    let answer = login.send(server.address).await;
    answer.check_always_true("POST");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(
        answer.json(),
        json!({ "error": {
            "code": 503,
            "message": "The server is currently unable to handle the request due to misconfiguration or maintenance.",
            "title": "Service Unavailable",
        } })
    );

    assert_eq!(Ask::new("GET", "/v3").send(server.address).await.status, 200, "what needs no database works");
    assert_eq!(Ask::new("GET", "/v3/projects").send(server.address).await.status, 401);
    let garbage = Ask::new("GET", "/v3/projects").header("X-Auth-Token", "garbage").send(server.address).await;
    assert_eq!(garbage.status, 401, "what is no token need not be looked up");
}

#[tokio::test]
async fn a_login_that_finds_the_queue_full_is_turned_away_at_once() {
    let (ground, _) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
    let whole = Whole::serve(ground.store.clone(), shared(&ground.clock), |config| {
        config.fernstone.password_queue = Some(0);
    });
    let whole = whole.await;
    let answer = whole.login("secret").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{}", answer.body);
    let page = whole.page().await;
    assert_eq!(page.value("fernstone_password_refusals_total"), 1.0);
    assert_eq!(page.value("fernstone_password_queue_max_length"), 0.0);
}

#[tokio::test]
async fn a_request_that_finds_the_pool_exhausted_is_turned_away_at_once() {
    let (ground, _) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
    // A database in memory has one connection. Who waits for it may wait for an hour, but nobody may.
    let pool_timeout = Duration::from_secs(3600);
    let memory = DatabaseSettings::new(Location::SqliteMemory);
    let store = Store::open(&DatabaseSettings { queue: 0, pool_timeout, ..memory }).unwrap();
    let whole = Whole::serve(store, shared(&ground.clock), |_| {}).await;
    let transaction = whole.store.begin().await.unwrap();
    let answer = whole.login("secret").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{}", answer.body);
    drop(transaction);
    let refusals = "fernstone_database_refusals_total{reason=\"queue_full\"}";
    assert_eq!(whole.page().await.value(refusals), 1.0);
}
