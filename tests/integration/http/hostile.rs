//! Whatever is sent: an answer, and never one that says that we are at fault.

use chrono::TimeDelta;
use fernstone::{domain::secret::SecretText, http::HttpSettings, server::Limits, store::Store};
use proptest::{
    collection::vec,
    prelude::{Strategy, any, prop_oneof},
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{
    served::{Ground, Served, postgres_store},
    wire::Ask,
};

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO", "get"];
const PIECES: &[&str] = &[
    "/",
    "//",
    "/v3",
    "/auth",
    "/tokens",
    "/catalog",
    "/projects",
    "/services",
    "/users",
    "/default",
    "/OS-REVOKE",
    "/events",
    "/..",
    "/.",
    "%2F",
    "%00",
    "%ff",
    "%",
    "%zz",
    ";",
    "{id}",
    "*",
    "~",
    "/domains",
    "/healthcheck",
    "/OS-PKI/revoked",
];
const PATHS: &[&str] = &[
    "/v3/auth/tokens",
    "/v3/auth/catalog",
    "/v3/auth/projects",
    "/v3/auth/system",
    "/v3/projects",
    "/v3/projects/default",
    "/v3/projects/%00",
    "/v3/services",
    "/v3/services/%F0%9F%94%91",
    "/v3/endpoints",
    "/v3/regions",
    "/v3/regions/RegionOne",
    "/v3/users/x/projects",
    "/v3/OS-REVOKE/events",
];
const QUERY: &[&str] = &[
    "?",
    "&",
    "=",
    "limit",
    "limit=1",
    "marker=%00",
    "name__contains=",
    "name__icontains=%25_%5C",
    "tags=,",
    "enabled=1",
    "subtree_as_list",
    "parents_as_ids",
    "since=99999-01-01",
    "allow_expired=1",
    "nocatalog",
    "%ff",
    "+",
    "is_domain__in=x",
    "parent_region_id=RegionOne",
    "interface=public",
    "domain_id=default",
];
const BODIES: &[&str] = &[
    "{\"auth\":",
    "{",
    "}",
    "[",
    "]",
    "\"identity\":",
    "\"methods\":",
    "[\"password\"]",
    "\"password\":",
    "{}",
    "null",
    "1e999",
    "\"user\":",
    "\"\\ud800\"",
    "\"\\u0000\"",
    ",",
    ":",
    "\"token\":",
    "\"id\":",
    "\"x\"",
    "-0",
    "true",
    "\"scope\":",
];
const HEADERS: &[(&str, &str)] = &[
    ("X-Auth-Token", "ADMIN"),
    ("X-Auth-Token", "gAAAAAB"),
    ("X-Subject-Token", "gAAAAABlkdk0"),
    ("X-Subject-Token", "\u{e9}\u{20ac}"),
    ("X-Subject-Token", ""),
    ("X-Service-Token", "="),
    ("Content-Type", "application/json"),
    ("Content-Type", "text/plain"),
    ("Content-Type", "\u{e9}"),
    ("Accept", "*/*;q=x, text/html;q=-1,,"),
    ("Origin", "null"),
    ("X-Forwarded-Prefix", "/\u{e9}\"\\"),
    ("X-Forwarded-Host", "a b\"<>"),
    ("Forwarded", "for=;;proto=,=="),
    ("Host", "[::1"),
    ("X-OpenStack-Request-ID", "req-"),
    ("OpenStack-Identity-Access-Rules", "NaN"),
    ("Access-Control-Request-Method", "GET"),
];

fn requests() -> impl Strategy<Value = Ask> {
    let odd = vec(select(PIECES), 1..6).prop_map(|pieces| format!("/{}", pieces.concat().trim_start_matches('/')));
    let path = prop_oneof![select(PATHS).prop_map(str::to_owned), odd];
    let query = vec(select(QUERY), 0..4).prop_map(|pieces| pieces.concat());
    let body = vec(select(BODIES), 0..12).prop_map(|pieces| pieces.concat().into_bytes());
    let raw = vec(any::<u8>(), 0..40);
    let body = proptest::option::of(prop_oneof![body, raw]);
    (select(METHODS), path, query, vec(select(HEADERS), 0..5), body).prop_map(|(method, path, query, headers, body)| {
        let query = if query.is_empty() || query.starts_with('?') { query } else { format!("?{query}") };
        let mut ask = Ask::new(method, &format!("{path}{query}"));
        for (name, value) in headers {
            let is_there = ask.headers.iter().any(|(known, _)| known == name);
            ask = if is_there { ask } else { ask.header(name, value) };
        }
        Ask { body, ..ask }
    })
}

#[tokio::test]
async fn nothing_that_is_sent_makes_it_our_fault() {
    send_anything(Ground::empty().store).await;
}

#[tokio::test]
async fn nothing_that_is_sent_makes_it_our_fault_on_postgres() {
    send_anything(postgres_store().await).await;
}

async fn send_anything(store: Store) {
    let (ground, _) = Ground::bootstrapped_in(store, "http://k/v3", TimeDelta::hours(1)).await;
    let settings = HttpSettings {
        admin_token: Some(SecretText::new("ADMIN")),
        enable_proxy_headers_parsing: true,
        ..HttpSettings::default()
    };
    let server = Served::start(ground.front(settings), Limits::default()).await;
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let requests = requests();
    let mut statuses = std::collections::BTreeSet::new();
    for _ in 0..1500 {
        let ask = requests.new_tree(&mut runner).expect("a request").current();
        let answer = ask.send(server.address).await;
        assert!(answer.status < 500, "{ask:?}: {answer:?}");
        statuses.insert(answer.status);
    }
    for status in [200, 400, 401, 404, 405] {
        assert!(statuses.contains(&status), "the requests are not varied enough: {statuses:?}");
    }
}
