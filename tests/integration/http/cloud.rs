//! A bootstrapped cloud behind a server, as its admin and others see it.

use std::sync::Arc;

use chrono::TimeDelta;
use fernstone::{
    domain::{clock::ManualClock, revocation::RevocationEvent},
    http::HttpSettings,
    server::Limits,
    store::{Store, revocation::events},
};
use serde_json::{Value, json};

use super::{
    served::{Ground, Served},
    wire::{Answer, Ask},
};

/// A server with the admin's token.
pub(super) struct Cloud {
    pub(super) server: Served,
    pub(super) store: Store,
    pub(super) clock: Arc<ManualClock>,
    token: String,
}

impl Cloud {
    pub(super) async fn new(settings: HttpSettings) -> Self {
        let (ground, _) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
        Self::on(ground, settings).await
    }

    pub(super) async fn on(ground: Ground, settings: HttpSettings) -> Self {
        let server = Served::start(ground.front(settings), Limits::default()).await;
        let mut cloud = Self { server, store: ground.store, clock: ground.clock, token: String::new() };
        cloud.log_admin_in().await;
        cloud
    }

    /// Gets the admin a fresh token.
    pub(super) async fn log_admin_in(&mut self) {
        let admin = json!({ "name": "admin", "domain": { "id": "default" }, "password": "secret" });
        let scope = json!({ "project": { "name": "admin", "domain": { "id": "default" } } });
        self.token = self.login(admin, scope).await.expect("the admin can log in");
    }

    /// Logs in: `user` names him and has the password, `scope` may be null. The token, or the status of the refusal.
    pub(super) async fn login(&self, user: Value, scope: Value) -> Result<String, u16> {
        let mut auth = json!({ "identity": { "methods": ["password"], "password": { "user": user } } });
        if !scope.is_null() {
            auth["scope"] = scope;
        }
        let mut ask = Ask::new("POST", "/v3/auth/tokens");
        ask.body = Some(json!({ "auth": auth }).to_string().into_bytes());
        let answer = ask.send(self.server.address).await;
        answer.header("x-subject-token").map(str::to_owned).ok_or(answer.status)
    }

    /// Asks as the admin. A body that is null is none.
    pub(super) async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        self.ask_as(Some(&self.token), method, path, body).await
    }

    /// Asks with this token, or with none.
    pub(super) async fn ask_as(&self, token: Option<&str>, method: &str, path: &str, body: Value) -> Answer {
        let mut ask = Ask::new(method, path).header("Host", "k");
        if let Some(token) = token {
            ask = ask.header("X-Auth-Token", token);
        }
        if !body.is_null() {
            ask.body = Some(body.to_string().into_bytes());
        }
        let answer = ask.send(self.server.address).await;
        answer.check_always_true(method);
        answer
    }

    /// Makes a project, a domain, a user, a group or a role, and gives its id.
    pub(super) async fn make(&self, kind: &str, attributes: Value) -> String {
        let answer = self.ask("POST", &format!("/v3/{kind}s"), json!({ kind: attributes })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()[kind]["id"].as_str().expect("an id").to_owned()
    }

    /// What the admin is refused with.
    pub(super) async fn refusal(&self, method: &str, path: &str, body: Value) -> (u16, String) {
        refusal(&self.ask(method, path, body).await)
    }

    /// The revocation events that there are, the oldest first.
    pub(super) async fn events(&self) -> Vec<RevocationEvent> {
        self.store.run(events(None)).await.expect("an answer")
    }
}

/// Status and message of an answer.
pub(super) fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned())
}

pub(super) fn refused(status: u16, message: impl Into<String>) -> (u16, String) {
    (status, message.into())
}

/// The values of `key` in a list of objects, in order of text.
pub(super) fn sorted(list: &Value, key: &str) -> Vec<String> {
    let mut values: Vec<String> =
        list.as_array().expect("a list").iter().map(|item| item[key].as_str().unwrap_or_default().to_owned()).collect();
    values.sort();
    values
}
