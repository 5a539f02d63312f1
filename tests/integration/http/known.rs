//! Validations that are answered from memory: when they are, and that the answer is the one that the router gives.

use std::time::Duration;

use chrono::TimeDelta;
use fernstone::{
    domain::ids::UserId,
    http::{Front, HttpSettings, front::Connection},
    server::Limits,
    store::feed::{Feed, Following},
};
use hyper::Request;
use serde_json::json;

use super::{
    served::{Ground, Served},
    wire::{Answer, Ask},
};

struct World {
    ground: Ground,
    front: Front,
    server: Served,
    admin_id: UserId,
    _following: Following,
}

impl World {
    async fn new() -> Self {
        let (mut ground, made) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
        ground.kept_tokens = 100;
        let following = ground.store.feed().follow();
        let working = ground.store.feed().wait_until(Feed::is_working);
        tokio::time::timeout(Duration::from_secs(30), working).await.expect("the feed works");
        let front = ground.front(HttpSettings::default());
        let server = Served::start(front.clone(), Limits::default()).await;
        Self { ground, front, server, admin_id: made.user_id, _following: following }
    }

    async fn login(&self, scope: serde_json::Value) -> String {
        let user = json!({ "id": self.admin_id.as_str(), "password": "secret" });
        let identity = json!({ "methods": ["password"], "password": { "user": user } });
        let mut login = Ask::new("POST", "/v3/auth/tokens").header("Content-Type", "application/json");
        login.body = Some(json!({ "auth": { "identity": identity, "scope": scope } }).to_string().into_bytes());
        let answer = login.send(self.server.address).await;
        answer.header("x-subject-token").unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
    }

    async fn admin(&self) -> String {
        self.login(json!({ "project": { "name": "admin", "domain": { "id": "default" } } })).await
    }

    /// The answer of the server, and whether it will be given from memory from now on.
    async fn validate(&self, path: &str, own: &str, subject: &str, more: &[(&str, &str)]) -> (Answer, bool) {
        let mut ask = Ask::new("GET", path).header("X-Auth-Token", own).header("X-Subject-Token", subject);
        let mut request = Request::get(path).header("X-Auth-Token", own).header("X-Subject-Token", subject);
        for (name, value) in more {
            ask = ask.header(name, value);
            request = request.header(*name, *value);
        }
        let answer = ask.send(self.server.address).await;
        let address = self.server.address;
        let connection = Connection::new(address, address);
        let at_once = self.front.answer_at_once(&request.body(()).expect("a request"), &connection);
        (answer, at_once.is_some())
    }
}

/// What two answers to the same request have in common.
fn comparable(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let own = ["date", "x-openstack-request-id"];
    let mut headers: Vec<_> =
        answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())).cloned().collect();
    headers.sort();
    (answer.status, headers, answer.body.clone())
}

const TOKENS: &str = "/v3/auth/tokens";

#[tokio::test]
async fn the_answer_from_memory_is_the_router_s() {
    let world = World::new().await;
    let own = world.admin().await;
    for scope in [
        json!({ "project": { "name": "admin", "domain": { "id": "default" } } }),
        json!({ "system": { "all": true } }),
        json!("unscoped"),
    ] {
        let subject = world.login(scope.clone()).await;
        for path in [TOKENS, "/v3/auth/tokens?nocatalog"] {
            let (first, known) = world.validate(path, &own, &subject, &[]).await;
            assert!(known, "{scope} {path}");
            let (second, _) = world.validate(path, &own, &subject, &[]).await;
            assert_eq!(comparable(&second), comparable(&first), "{scope} {path}");
            assert_eq!(first.status, 200, "{}", first.body);
            second.check_always_true("GET");
        }
    }
}

#[tokio::test]
async fn whatever_is_not_plain_goes_to_the_router() {
    let world = World::new().await;
    let own = world.admin().await;
    let other = world.admin().await;
    assert!(world.validate(TOKENS, &own, &other, &[]).await.1);
    for more in [
        ("Origin", "http://horizon"),
        ("X-Service-Token", "nonsense"),
        ("OpenStack-Identity-Access-Rules", "1.0"),
        ("Content-Length", "0"),
    ] {
        let (answer, known) = world.validate(TOKENS, &own, &other, &[more]).await;
        assert_eq!((answer.status, known), (200, false), "{more:?}");
    }
    for path in
        ["/v3/auth/tokens?allow_expired=1", "/v3/auth/tokens?nocatalog=1", "/v3/auth/tokens/", "//v3/auth/tokens"]
    {
        assert!(!world.validate(path, &own, &other, &[]).await.1, "{path}");
    }
    assert!(!world.validate(TOKENS, "nonsense", &other, &[]).await.1);
    assert!(!world.validate(TOKENS, &own, "nonsense", &[]).await.1);
    // A token without roles may be validated by its owner; that depends on the subject, and is asked each time.
    let unscoped = world.login(json!("unscoped")).await;
    let (answer, known) = world.validate(TOKENS, &unscoped, &unscoped, &[]).await;
    assert_eq!((answer.status, known), (200, false));
}

#[tokio::test]
async fn what_ends_a_token_ends_the_answer() {
    let world = World::new().await;
    let (own, other) = (world.admin().await, world.admin().await);
    assert!(world.validate(TOKENS, &own, &other, &[]).await.1);
    let revoke = Ask::new("DELETE", TOKENS).header("X-Auth-Token", &own).header("X-Subject-Token", &other);
    assert_eq!(revoke.send(world.server.address).await.status, 204);
    let (answer, known) = world.validate(TOKENS, &own, &other, &[]).await;
    assert_eq!((answer.status, known), (404, false));

    let third = world.admin().await;
    assert!(world.validate(TOKENS, &own, &third, &[]).await.1);
    world.ground.clock.advance(TimeDelta::minutes(61));
    let (answer, known) = world.validate(TOKENS, &own, &third, &[]).await;
    assert_eq!((answer.status, known), (401, false));
}
