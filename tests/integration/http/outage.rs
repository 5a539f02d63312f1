//! The database is away: a clear answer, and never a wrong one.

use std::{net::TcpListener, time::Duration};

use fernstone::{
    http::HttpSettings,
    server::Limits,
    store::{DatabaseSettings, Store, url::DatabaseUrl},
};
use serde_json::json;

use super::{
    served::{Ground, Served},
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
