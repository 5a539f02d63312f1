//! Whole requests over a socket, beside a bare axum handler that returns the same bytes, in one run:
//!
//! ```text
//! cargo bench --bench wire [-- --seconds 3 --pairs 5]
//! ```
//!
//! What counts is the ratio of the two in the same run on the same machine: load generator and server share its
//! processors. Prints, for each case, the median requests per second of both and their ratio.

#![expect(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, http::HeaderMap, routing::any};
use fernstone::{
    app::{App, Environment},
    auth::password::{NewHash, PasswordSettings},
    bootstrap::{BootstrapRequest, UserRules, bootstrap},
    config::Config,
    domain::secret::SecretText,
    keys::{KeyOwner, KeyRepository},
    server::{self, Limits},
    store::{DatabaseSettings, Location, Store},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const CONNECTIONS: usize = 16;

struct Options {
    seconds: f64,
    pairs: usize,
}

fn main() {
    let mut options = Options { seconds: 3.0, pairs: 5 };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--seconds" => options.seconds = args.next().and_then(|n| n.parse().ok()).expect("seconds"),
            "--pairs" => options.pairs = args.next().and_then(|n| n.parse().ok()).expect("pairs"),
            _ => {} // `cargo bench` adds flags of its own
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(&options));
}

async fn run(options: &Options) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let fernstone = fernstone(directory.path()).await;
    let login = post(fernstone, LOGIN).await;
    let token = login.header("x-subject-token").to_owned();
    println!("{:<34} {:>12} {:>12} {:>7}", "", "bare req/s", "ours req/s", "ratio");

    let validate = format!(
        "GET /v3/auth/tokens HTTP/1.1\r\nHost: bench\r\nX-Auth-Token: {token}\r\nX-Subject-Token: {token}\r\n\r\n"
    );
    compare("GET validation, with catalog", fernstone, &validate, options).await;
    let nocatalog = validate.replace("/v3/auth/tokens ", "/v3/auth/tokens?nocatalog ");
    compare("GET validation, ?nocatalog", fernstone, &nocatalog, options).await;
    let body = format!(
        r#"{{"auth":{{"identity":{{"methods":["token"],"token":{{"id":"{token}"}}}},"scope":{{"project":{{"name":"admin","domain":{{"id":"default"}}}}}}}}}}"#
    );
    compare("POST, method token, rescoping", fernstone, &post_request(&body), options).await;
}

const LOGIN: &str = r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"admin","domain":{"id":"default"},"password":"secret"}}},"scope":{"project":{"name":"admin","domain":{"id":"default"}}}}}"#;

/// Starts Fernstone on a SQLite file.
async fn fernstone(directory: &std::path::Path) -> SocketAddr {
    let environment = Environment::system();
    let mut config = Config::default();
    config.fernet_tokens.key_repository = directory.join("keys");
    KeyRepository::new(directory.join("keys"), 3.try_into().expect("not zero"))
        .setup(KeyOwner::default(), &*environment.random)
        .expect("keys");
    let location = Location::SqliteFile { path: directory.join("keystone.db"), create: true };
    let store = Store::open(&DatabaseSettings::new(location)).expect("a store");
    store.db_sync().await.expect("the schema");
    let rules = UserRules {
        passwords: PasswordSettings { new_hash: NewHash::Bcrypt { cost: 4 }, ..PasswordSettings::default() },
        ..UserRules::default()
    };
    let url = Some("http://bench/v3".to_owned());
    let request = BootstrapRequest {
        public_url: url.clone(),
        internal_url: url.clone(),
        admin_url: url,
        region_id: Some("RegionOne".to_owned()),
        ..BootstrapRequest::new(SecretText::new("secret"))
    };
    bootstrap(&store, &rules, &*environment.clock, &environment.random, &"default".into(), &request)
        .await
        .expect("bootstrap");
    let app = App::assemble(&config, store, &environment).expect("an app");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        server::serve(listener, app.front, Limits::default(), std::future::pending()).await;
        drop(app.policy);
    });
    address
}

/// Starts a handler that returns what Fernstone returned.
async fn bare(reply: &Reply) -> SocketAddr {
    let (status, body) = (reply.status, reply.body.clone());
    let headers: HeaderMap = reply
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "content-length" | "date"))
        .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
        .collect();
    let handler = any(move || {
        let (headers, body) = (headers.clone(), body.clone());
        async move { (axum::http::StatusCode::from_u16(status).expect("a status"), headers, body) }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().fallback(handler);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            let service = hyper_util::service::TowerToHyperService::new(router.clone());
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(hyper_util::rt::TokioIo::new(stream), service),
            );
        }
    });
    address
}

async fn compare(name: &str, fernstone: SocketAddr, request: &str, options: &Options) {
    let reply = Connection::to(fernstone).await.ask(request.as_bytes()).await;
    assert!(reply.status < 300, "{name}: {}", reply.status);
    let bare = bare(&reply).await;
    let (mut bare_rates, mut our_rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    load(bare, request, reply.status, 0.5).await;
    load(fernstone, request, reply.status, 0.5).await;
    for _ in 0..options.pairs {
        let one = load(bare, request, reply.status, options.seconds).await;
        let other = load(fernstone, request, reply.status, options.seconds).await;
        bare_rates.push(one);
        our_rates.push(other);
        ratios.push(other / one);
    }
    println!("{name:<34} {:>12.0} {:>12.0} {:>7.3}", median(bare_rates), median(our_rates), median(ratios));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Requests per second over [`CONNECTIONS`] kept-alive connections.
async fn load(address: SocketAddr, request: &str, status: u16, seconds: f64) -> f64 {
    let (request, done): (Arc<[u8]>, _) = (request.as_bytes().into(), Arc::new(AtomicU64::new(0)));
    let start = Instant::now();
    let until = start + Duration::from_secs_f64(seconds);
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let (request, done) = (Arc::clone(&request), Arc::clone(&done));
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::to(address).await;
            while Instant::now() < until {
                assert_eq!(connection.ask_quickly(&request).await, status);
                done.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    for task in tasks {
        task.await.expect("no request fails");
    }
    #[expect(clippy::cast_precision_loss, reason = "far fewer requests than a float can count")]
    let count = done.load(Ordering::Relaxed) as f64;
    count / start.elapsed().as_secs_f64()
}

fn post_request(body: &str) -> String {
    format!(
        "POST /v3/auth/tokens HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn post(address: SocketAddr, body: &str) -> Reply {
    Connection::to(address).await.ask(post_request(body).as_bytes()).await
}

struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }
}

/// A client that costs next to nothing: it looks for the end of the head and the length of the body.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, buffer: Vec::with_capacity(64 * 1024) }
    }

    async fn ask_quickly(&mut self, request: &[u8]) -> u16 {
        let (status, _, _) = self.exchange(request).await;
        status
    }

    async fn ask(&mut self, request: &[u8]) -> Reply {
        let (status, head_end, end) = self.exchange(request).await;
        let head = String::from_utf8_lossy(&self.buffer[..head_end]);
        let headers = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Reply { status, headers, body: self.buffer[head_end + 4..end].to_vec() }
    }

    /// Status, end of the head, end of the body.
    async fn exchange(&mut self, request: &[u8]) -> (u16, usize, usize) {
        self.stream.write_all(request).await.expect("sent");
        self.buffer.clear();
        let mut head_end = None;
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await.expect("received");
            assert!(read > 0, "the server closed the connection");
            if head_end.is_none() {
                head_end = self.buffer.windows(4).position(|window| window == b"\r\n\r\n");
            }
            let Some(head) = head_end else { continue };
            let end = head + 4 + content_length(&self.buffer[..head]);
            if self.buffer.len() >= end {
                let status = std::str::from_utf8(&self.buffer[9..12]).expect("a status").parse().expect("a status");
                return (status, head, end);
            }
        }
    }
}

fn content_length(head: &[u8]) -> usize {
    const NAME: &[u8] = b"content-length: ";
    head.split(|byte| *byte == b'\n')
        .find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME))
        .and_then(|line| std::str::from_utf8(&line[NAME.len()..]).ok()?.trim().parse().ok())
        .unwrap_or(0)
}
