//! What Fernstone is compared with: an axum handler that does nothing but answer, in a process of its own. This program
//! runs itself, with a specification of what to answer.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode},
    routing::any,
    serve::ListenerExt,
};
use fernstone::domain::random::{Random as _, SystemRandom};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::load::Reply;

/// The argument that makes this program a server. What follows it is a [`Specification`].
pub(crate) const ARGUMENT: &str = "--serve-bare";

/// What to answer with.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Specification {
    /// Status.
    pub status: u16,
    /// Headers, beside the request id.
    pub headers: Vec<(String, String)>,
    /// The body; `None`: what the client sent.
    pub body: Option<String>,
    /// Where one trivial query is made before the answer.
    pub database: Option<String>,
}

impl Specification {
    /// The same status, headers and body as `reply`.
    pub(crate) fn of(reply: &Reply) -> Self {
        let own = ["content-length", "date", "x-openstack-request-id"];
        Self {
            status: reply.status,
            headers: reply.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())).cloned().collect(),
            body: Some(String::from_utf8(reply.body.clone()).expect("a text")),
            database: None,
        }
    }
}

/// A server that runs.
pub(crate) struct Bare {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Bare {
    /// Starts one.
    pub(crate) fn start(specification: &Specification) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut process =
            Command::new(program).arg(ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
        let text = serde_json::to_string(specification).expect("JSON");
        writeln!(process.stdin.as_mut().expect("a pipe"), "{text}").expect("it reads");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("a pipe")).read_line(&mut line).expect("it says where");
        Self { address: line.trim().parse().expect("an address"), process }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Serves what standard input specifies, until it is killed.
pub(crate) fn serve() {
    let mut text = String::new();
    std::io::stdin().read_line(&mut text).expect("a specification");
    let Specification { status, headers, body, database } = serde_json::from_str(&text).expect("a specification");
    let status = StatusCode::from_u16(status).expect("a status");
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse().expect("a name"), value.parse::<HeaderValue>().expect("a value")))
        .collect();
    let body = body.map(Bytes::from);
    let handler = any(async move |sent: Bytes| {
        let mut headers = headers.clone();
        let request_id = format!("req-{}", uuid::Builder::from_random_bytes(random()).into_uuid());
        headers.insert("x-openstack-request-id", HeaderValue::from_str(&request_id).expect("a value"));
        (status, headers, body.clone().unwrap_or(sent))
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let pool = match database {
            Some(url) => Some(pool(&url).await),
            None => None,
        };
        let handler = match pool {
            None => handler,
            Some(pool) => handler.layer(axum::middleware::from_fn_with_state(pool, queried)),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("a socket"));
        axum::serve(listener, Router::new().route("/v3/auth/tokens", handler)).await.expect("it serves");
    });
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes);
    bytes
}

async fn pool(url: &str) -> PgPool {
    let options: PgConnectOptions = url.parse().expect("a URL");
    let pool =
        PgPoolOptions::new().max_connections(16).test_before_acquire(false).acquire_timeout(Duration::from_secs(5));
    pool.connect_with(options).await.expect("the database")
}

async fn queried(
    axum::extract::State(pool): axum::extract::State<PgPool>,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    let one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(&pool).await.expect("an answer");
    assert_eq!(one, 1);
    next.run(request).await
}
