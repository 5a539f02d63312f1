//! Requests that are answered from memory: when they are, and that the answer is the one that the router gives.

use std::{
    io::IoSlice,
    time::{Duration, Instant},
};

use bytes::Buf;
use chrono::TimeDelta;
use fernstone::{
    domain::ids::{ProjectId, UserId},
    http::{Front, HttpSettings, front::Connection},
    server::Limits,
    store::feed::{Feed, Following},
};
use http_body_util::BodyExt;
use hyper::{Request, body::Body};
use serde_json::{Value, json};

use super::{
    served::{Ground, Served},
    wire::{Answer, Ask},
};

struct World {
    ground: Ground,
    front: Front,
    server: Served,
    admin_id: UserId,
    admin_project_id: ProjectId,
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
        Self { ground, front, server, admin_id: made.user_id, admin_project_id: made.project_id, _following: following }
    }

    async fn login(&self, scope: serde_json::Value) -> String {
        let user = json!({ "id": self.admin_id.as_str(), "password": "secret" });
        let identity = json!({ "methods": ["password"], "password": { "user": user } });
        let mut login = Ask::new("POST", "/v3/auth/tokens").header("Content-Type", "application/json");
        login.body = Some(json!({ "auth": { "identity": identity, "scope": scope } }).to_string().into_bytes());
        let answer = login.send(self.server.address).await;
        answer.header("x-subject-token").unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
    }

    /// What a token means, as its holder is told.
    async fn shown(&self, token: &str) -> Value {
        let (answer, _) = self.validate("/v3/auth/tokens?nocatalog", token, token, &[]).await;
        serde_json::from_str(&answer.body).expect("JSON")
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

/// A token for the admin project by a token, as a service would ask for it.
struct Rescoping {
    path: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
}

impl Rescoping {
    fn plain(token: &str, project_id: &str) -> Self {
        let identity = json!({ "methods": ["token"], "token": { "id": token } });
        let body = json!({ "auth": { "identity": identity, "scope": { "project": { "id": project_id } } } });
        Self { path: TOKENS, headers: vec![("content-type", "application/json")], body: body.to_string() }
    }

    fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value));
        self
    }

    /// The answer of the server, and whether it will be given from memory from now on.
    async fn ask(&self, world: &World) -> (Answer, bool) {
        let mut ask = Ask::new("POST", self.path);
        let mut request = Request::post(self.path);
        for (name, value) in &self.headers {
            ask = ask.header(name, value);
            request = request.header(*name, *value);
        }
        ask.body = Some(self.body.clone().into_bytes());
        let answer = ask.send(world.server.address).await;
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let address = world.server.address;
        let connection = Connection::new(address, address);
        let at_once = world.front.rescope_at_once(&parts, self.body.as_bytes(), &connection, Instant::now());
        (answer, at_once.is_some())
    }
}

/// What two answers that show new tokens have in common.
fn comparable_but_for_the_token(answer: &Answer) -> (u16, Vec<(String, String)>, Value, usize) {
    let (status, mut headers, body) = comparable(answer);
    headers.retain(|(name, _)| name != "x-subject-token");
    let mut body: Value = serde_json::from_str(&body).expect("JSON");
    let audit_ids = body["token"]["audit_ids"].take();
    (status, headers, body, audit_ids.as_array().map_or(0, Vec::len))
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

/// What the tokens of a user for a scope have in common is written down for the second of them, and used from then on.
#[tokio::test]
async fn whichever_of_a_user_s_tokens_it_is_the_body_is_the_same() {
    let world = World::new().await;
    let own = world.admin().await;
    for scope in [
        json!({ "project": { "name": "admin", "domain": { "id": "default" } } }),
        json!({ "system": { "all": true } }),
        json!("unscoped"),
    ] {
        let mut bodies = Vec::new();
        for number in 0..4 {
            let subject = world.login(scope.clone()).await;
            for path in [TOKENS, "/v3/auth/tokens?nocatalog"] {
                let (answer, _) = world.validate(path, &own, &subject, &[]).await;
                let body: Value = serde_json::from_str(&answer.body).expect("JSON");
                let audit_id = body["token"]["audit_ids"][0].as_str().expect("an audit id").to_owned();
                bodies.push((number, path, answer.body.replace(&audit_id, "")));
            }
        }
        for (number, path, body) in &bodies {
            let first = bodies.iter().find(|(_, of_first, _)| of_first == path).expect("there is one");
            assert_eq!(*body, first.2, "token {number}, {path}, {scope}");
        }
    }
}

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

/// Sends all of it, at most `most` bytes at a time, as a socket that takes no more would make the server do.
fn sent_by(most: usize, mut body: impl Buf) -> Vec<u8> {
    let mut sent = Vec::new();
    while body.has_remaining() {
        let mut slices = [IoSlice::new(&[]); 3];
        let used = body.chunks_vectored(&mut slices);
        let shown: Vec<u8> = slices[..used].iter().flat_map(|slice| slice.iter().copied()).collect();
        assert_eq!(shown.len(), body.remaining(), "all that is left is offered");
        assert!(!body.chunk().is_empty() && shown.starts_with(body.chunk()));
        let taken = most.min(shown.len());
        sent.extend_from_slice(&shown[..taken]);
        body.advance(taken);
    }
    sent
}

#[tokio::test]
async fn an_answer_from_memory_arrives_whole_however_it_is_sent() {
    let world = World::new().await;
    let own = world.admin().await;
    for path in [TOKENS, "/v3/auth/tokens?nocatalog"] {
        let (answer, _) = world.validate(path, &own, &own, &[]).await;
        for most in [1, 7, 1000, usize::MAX] {
            let request = Request::get(path).header("X-Auth-Token", &own).header("X-Subject-Token", &own);
            let address = world.server.address;
            let request = request.body(()).expect("a request");
            let at_once = world.front.answer_at_once(&request, &Connection::new(address, address));
            let mut body = at_once.expect("it is known").into_body();
            assert_eq!(body.size_hint().exact(), Some(answer.body.len() as u64));
            let frame = body.frame().await.expect("something").expect("no error");
            assert!(body.is_end_stream());
            let sent = sent_by(most, frame.into_data().expect("data"));
            assert_eq!(String::from_utf8(sent).expect("text"), answer.body, "{path}, {most} at a time");
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

#[tokio::test]
async fn the_rescoped_token_from_memory_is_the_router_s() {
    let world = World::new().await;
    let own = world.admin().await;
    let project_id = world.admin_project_id.as_str();
    for (name, parent) in [("scoped", own.clone()), ("unscoped", world.login(json!("unscoped")).await)] {
        for path in [TOKENS, "/v3/auth/tokens?nocatalog"] {
            let plain = || Rescoping { path, ..Rescoping::plain(&parent, project_id) };
            // A bad service token changes nothing, and is not plain.
            let (routed, at_once) = plain().with_header("x-service-token", "nonsense").ask(&world).await;
            assert!(!at_once, "{name} {path}");
            let (_, at_once) = plain().ask(&world).await;
            assert!(at_once, "{name} {path}");
            let (known, _) = plain().ask(&world).await;
            assert_eq!(comparable_but_for_the_token(&known), comparable_but_for_the_token(&routed), "{name} {path}");
            assert_eq!(known.status, 201, "{}", known.body);
            assert!(known.body.contains("\"catalog\"") == (path == TOKENS), "{}", known.body);
            // It is a token of the parent's chain, which lives no longer.
            let text = known.header("x-subject-token").expect("a token");
            let (shown, _) = world.validate(path, &own, text, &[]).await;
            assert_eq!(shown.body, known.body);
            let (before, after) = (world.shown(&parent).await, world.shown(text).await);
            assert_eq!(before["token"]["expires_at"], after["token"]["expires_at"]);
            assert_eq!(before["token"]["audit_ids"][0], after["token"]["audit_ids"][1]);
            assert_eq!(after["token"]["methods"], json!(["token", "password"]), "{after}");
        }
    }
}

#[tokio::test]
async fn what_is_no_plain_rescoping_goes_to_the_router() {
    let world = World::new().await;
    let (own, project_id) = (world.admin().await, world.admin_project_id.as_str());
    let plain = || Rescoping::plain(&own, project_id);
    plain().ask(&world).await;
    assert!(plain().ask(&world).await.1);
    assert!(plain().with_header("content-type", "application/vnd.x+json; charset=utf-8").ask(&world).await.1);
    for more in [("origin", "http://horizon"), ("x-auth-token", "nonsense"), ("x-storage-token", "nonsense")] {
        let (answer, at_once) = plain().with_header(more.0, more.1).ask(&world).await;
        assert_eq!((answer.status, at_once), (201, false), "{more:?}");
    }
    for path in ["/v3/auth/tokens?nocatalog=1", "/v3/auth/tokens/", "//v3/auth/tokens"] {
        assert!(!Rescoping { path, ..plain() }.ask(&world).await.1, "{path}");
    }
    let edited = |from: &str, to: &str| Rescoping { body: plain().body.replacen(from, to, 1), ..plain() };
    for (edited, status) in [
        (edited("{\"auth\"", "{\"more\":1,\"auth\""), 201),
        (edited("\"methods\"", "\"methods\":[],\"methods\""), 201),
        (edited("[\"token\"]", "[\"t\\u006fken\"]"), 201),
        (edited("[\"token\"]", "[\"token\",\"token\"]"), 201),
        (edited("[\"token\"]", "[\"password\"]"), 400),
        (edited("{\"project\":", "{\"unscoped\":{},\"project\":"), 400),
        (edited(project_id, ""), 401),
        (edited(project_id, "elsewhere"), 401),
        (edited(&own, ""), 404),
        (edited(&own, "nonsense"), 404),
        (edited("}", ""), 400),
        (plain().with_header("content-type", "text/plain"), 400),
    ] {
        let (answer, at_once) = edited.ask(&world).await;
        assert_eq!((answer.status, at_once), (status, false), "{} {}", edited.body, answer.body);
    }
}

#[tokio::test]
async fn what_ends_a_token_ends_its_rescoping() {
    let world = World::new().await;
    let (own, other) = (world.admin().await, world.admin().await);
    let plain = Rescoping::plain(&other, world.admin_project_id.as_str());
    plain.ask(&world).await;
    assert!(plain.ask(&world).await.1);
    let revoke = Ask::new("DELETE", TOKENS).header("X-Auth-Token", &own).header("X-Subject-Token", &other);
    assert_eq!(revoke.send(world.server.address).await.status, 204);
    let (answer, at_once) = plain.ask(&world).await;
    assert_eq!((answer.status, at_once), (404, false), "{}", answer.body);

    let plain = Rescoping::plain(&own, world.admin_project_id.as_str());
    assert!(plain.ask(&world).await.1);
    world.ground.clock.advance(TimeDelta::minutes(61));
    assert!(!plain.ask(&world).await.1);
}

#[tokio::test]
async fn a_rescoped_token_shows_what_has_changed_since_the_one_before() {
    let world = World::new().await;
    let own = world.admin().await;
    let project_id = world.admin_project_id.as_str();
    let plain = Rescoping::plain(&own, project_id);
    let rescoped = async || {
        // The first reads what has changed, and the second is made from memory.
        plain.ask(&world).await;
        let (answer, at_once) = plain.ask(&world).await;
        assert!(at_once, "{}", answer.body);
        serde_json::from_str::<Value>(&answer.body).expect("JSON")["token"].take()
    };
    assert_eq!(rescoped().await["project"]["name"], "admin");
    let change = async |method: &'static str, path: String, body: Value| {
        let mut ask = Ask::new(method, &path).header("X-Auth-Token", &own).header("Content-Type", "application/json");
        ask.body = Some(body.to_string().into_bytes());
        let answer = ask.send(world.server.address).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.body);
    };
    change("PATCH", format!("/v3/projects/{project_id}"), json!({ "project": { "name": "renamed" } })).await;
    assert_eq!(rescoped().await["project"]["name"], "renamed");
    change("PATCH", format!("/v3/users/{}", world.admin_id.as_str()), json!({ "user": { "name": "boss" } })).await;
    assert_eq!(rescoped().await["user"]["name"], "boss");
    let services = rescoped().await["catalog"].as_array().map_or(0, Vec::len);
    change("POST", "/v3/services".to_owned(), json!({ "service": { "type": "compute", "name": "nova" } })).await;
    let token = rescoped().await;
    assert_eq!(token["catalog"].as_array().map_or(0, Vec::len), services + 1, "{token}");
    let options = json!({ "multi_factor_auth_enabled": true, "multi_factor_auth_rules": [["external", "password"]] });
    change("PATCH", format!("/v3/users/{}", world.admin_id.as_str()), json!({ "user": { "options": options } })).await;
    let (answer, at_once) = plain.ask(&world).await;
    assert_eq!((answer.status, at_once), (401, false), "rules for logins hold at once: {}", answer.body);
}
