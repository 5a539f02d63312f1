//! What must not be in the log: passwords and tokens, whatever the request.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use fernstone::{domain::secret::SecretText, http::HttpSettings, server::Limits};
use serde_json::json;
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

use super::{
    served::{Ground, Served},
    wire::{Answer, Ask},
};

/// A log in memory.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

async fn login(server: &Served, password: &str) -> Answer {
    let user = json!({ "name": "admin", "password": password, "domain": { "id": "default" } });
    let project = json!({ "project": { "name": "admin", "domain": { "id": "default" } } });
    let identity = json!({ "methods": ["password"], "password": { "user": user } });
    let mut ask = Ask::new("POST", "/v3/auth/tokens?nocatalog");
    ask.body = Some(json!({ "auth": { "identity": identity, "scope": project } }).to_string().into_bytes());
    ask.send(server.address).await
}

#[tokio::test]
async fn neither_passwords_nor_tokens_reach_the_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let (ground, _) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
    let admin_token = Some(SecretText::new("the-admin-token"));
    let settings = HttpSettings { insecure_debug: true, admin_token, ..HttpSettings::default() };
    let server = Served::start(ground.front(settings), Limits::default()).await;

    let token = login(&server, "secret").await.header("x-subject-token").unwrap().to_owned();
    assert_eq!(login(&server, "not-the-password").await.status, 401);
    let with = |ask: Ask, own: &str, subject: &str| ask.header("X-Auth-Token", own).header("X-Subject-Token", subject);
    for method in ["GET", "HEAD", "DELETE"] {
        for (own, subject) in [(&*token, "not-a-token-either"), ("not-the-token", &*token), (&*token, &*token)] {
            with(Ask::new(method, "/v3/auth/tokens?x=in-the-query"), own, subject).send(server.address).await;
        }
    }
    assert_eq!(with(Ask::new("GET", "/v3/projects"), &token, "").send(server.address).await.status, 401, "revoked");
    let second = login(&server, "secret").await.header("x-subject-token").unwrap().to_owned();
    let mut transaction = ground.store.begin().await.unwrap();
    transaction.execute("assignment", "DELETE FROM assignment", vec![]).await.unwrap();
    transaction.commit().await.unwrap();
    let admin_elsewhere = login(&server, "secret").await;
    assert_eq!(admin_elsewhere.status, 401, "no role is left");
    let gone = with(Ask::new("GET", "/v3/auth/tokens"), "the-admin-token", &second).send(server.address).await;
    assert_eq!(gone.status, 404);
    assert!(gone.body.contains(&second), "the client is told which token");

    let text = log.text();
    assert!(text.contains("answered") && text.contains("/v3/auth/tokens"), "something is logged");
    for secret in [
        "\"secret\"",
        "not-the-password",
        "not-the-token",
        "not-a-token-either",
        "in-the-query",
        "the-admin-token",
        &token,
        &second,
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn a_request_cannot_write_lines_of_its_own() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let (ground, _) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
    let settings = HttpSettings { admin_token: Some(SecretText::new("ADMIN")), ..HttpSettings::default() };
    let server = Served::start(ground.front(settings), Limits::default()).await;
    for path in ["/v3/projects/a%0aforged", "/v3/services/a%0d%0aforged", "/a%0aforged"] {
        let answer = Ask::new("GET", path).header("X-Auth-Token", "ADMIN").send(server.address).await;
        assert_eq!(answer.status, 404);
    }
    assert!(!log.text().contains("\nforged"), "{}", log.text());
}
