//! Requests that never reach an endpoint's own code, compared with what Keystone answered to them: see
//! `tests/recorded/record_routing.py`.

use std::collections::BTreeSet;

use fernstone::http::{HttpSettings, settings::CorsSettings};
use serde::Deserialize;
use serde_json::Value;

use super::{
    served::Served,
    wire::{Answer, Ask},
};

#[derive(Deserialize)]
struct Exchange {
    request: Request,
    answer: Recorded,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    headers: serde_json::Map<String, Value>,
    body: Option<Value>,
}

#[derive(Deserialize)]
struct Recorded {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// URLs that Keystone has and we do not have yet: each answers 404 here.
const NOT_ROUTED_YET: [&str; 2] = ["/v3/OS-FEDERATION/projects", "/v3/OS-FEDERATION/domains"];

/// Methods that Keystone has on URLs on which we only read yet.
const METHODS_NOT_ROUTED_YET: [&str; 1] = ["POST"];

async fn replay(recording: &str, settings: HttpSettings) {
    let exchanges: Vec<Exchange> = serde_json::from_str(recording).expect("a recording");
    let server = Served::without_data(settings).await;
    let mut wrong = Vec::new();
    for exchange in &exchanges {
        let request = &exchange.request;
        if NOT_ROUTED_YET.contains(&request.path.as_str()) {
            continue;
        }
        let mut ask = Ask::new(&request.method, &request.path);
        for (name, value) in &request.headers {
            ask = ask.header(name, value.as_str().expect("a text"));
        }
        ask.body = request.body.as_ref().map(|body| match body {
            Value::String(text) => text.clone().into_bytes(),
            body => body["repeat"]
                .as_str()
                .expect("a text")
                .repeat(body["times"].as_u64().expect("a number") as usize)
                .into_bytes(),
        });
        let answer = ask.send(server.address).await;
        answer.check_always_true(&request.method);
        if let Some(difference) = difference(request, &exchange.answer, &answer) {
            wrong.push(format!("{} {} {:?}: {difference}", request.method, request.path, request.headers));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), exchanges.len(), wrong.join("\n"));
}

fn difference(request: &Request, expected: &Recorded, answer: &Answer) -> Option<String> {
    if expected.status != answer.status {
        return Some(format!("status {} instead of {}: {:?}", answer.status, expected.status, answer.body));
    }
    let (ours, theirs) = (headers(&answer.headers), headers(&expected.headers));
    if ours != theirs {
        return Some(format!("headers {ours:?} instead of {theirs:?}"));
    }
    let is_json = answer.header("content-type") == Some("application/json");
    let same = match (is_json, serde_json::from_str::<Value>(&expected.body)) {
        (true, Ok(theirs)) if request.method != "HEAD" => answer.json() == theirs,
        _ => answer.body == expected.body,
    };
    (!same).then(|| format!("body {:?} instead of {:?}", answer.body, expected.body))
}

/// Headers that must be equal. Lengths depend on blanks in JSON; the order of `Allow` is not fixed.
fn headers(headers: &[(String, String)]) -> BTreeSet<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !["content-length", "connection", "date"].contains(&name.as_str()))
        .map(|(name, value)| {
            let value = match name.as_str() {
                "x-openstack-request-id" => request_id(value),
                "allow" => {
                    let methods: BTreeSet<&str> = value
                        .split(',')
                        .map(str::trim)
                        .filter(|method| !METHODS_NOT_ROUTED_YET.contains(method))
                        .collect();
                    Vec::from_iter(methods).join(", ")
                }
                _ => value.clone(),
            };
            (name.clone(), value)
        })
        .collect()
}

fn request_id(value: &str) -> String {
    let uuid = value.strip_prefix("req-").filter(|uuid| uuid.len() == 36);
    if value == "<req>" || uuid.is_some() { "<req>".to_owned() } else { value.to_owned() }
}

#[tokio::test]
async fn with_default_settings() {
    replay(include_str!("../../recorded/routing-plain.json"), HttpSettings::default()).await;
}

#[tokio::test]
async fn behind_a_proxy_and_for_browsers() {
    let settings = HttpSettings {
        insecure_debug: true,
        enable_proxy_headers_parsing: true,
        max_request_body_size: 1000,
        cors: CorsSettings {
            allowed_origins: vec!["https://horizon.example".to_owned(), "http://b:8080".to_owned()],
            ..CorsSettings::default()
        },
        ..HttpSettings::default()
    };
    replay(include_str!("../../recorded/routing-proxied.json"), settings).await;
}

#[tokio::test]
async fn a_public_endpoint_overrules_the_request() {
    let settings =
        HttpSettings { public_endpoint: Some("https://cloud/identity/".to_owned()), ..HttpSettings::default() };
    let server = Served::without_data(settings).await;
    let answer = Ask::new("GET", "/").header("X-Forwarded-Proto", "gopher").send(server.address).await;
    assert_eq!(answer.header("location"), Some("https://cloud/identity/v3/"));
    let answer = Ask::new("GET", "/v3/projects").send(server.address).await;
    assert_eq!(answer.header("www-authenticate"), Some("Keystone uri=\"https://cloud/identity/v3\""));
}

#[tokio::test]
async fn bodies_that_are_too_long_are_noticed_without_a_length_too() {
    let settings = HttpSettings { max_request_body_size: 1000, ..HttpSettings::default() };
    let server = Served::without_data(settings).await;
    let chunk = format!("1f4\r\n{}\r\n", " ".repeat(500));
    for (chunks, status) in [(1, 400), (2, 400), (3, 413)] {
        let mut ask = Ask::new("POST", "/v3/auth/tokens").header("Transfer-Encoding", "chunked");
        ask = ask.header("Content-Length-Is", "not given");
        let mut bytes = ask.bytes();
        bytes.extend_from_slice(chunk.repeat(chunks).as_bytes());
        bytes.extend_from_slice(b"0\r\n\r\n");
        let answer = super::connections::exchange(server.address, &bytes).await;
        assert_eq!(Answer::parse(&answer).status, status, "{chunks} chunks");
    }
}

#[tokio::test]
async fn deep_json_is_refused() {
    let server = Served::without_data(HttpSettings::default()).await;
    let mut ask = Ask::new("POST", "/v3/auth/tokens");
    ask.body = Some(format!("{{\"auth\": {}{}}}", "[".repeat(50_000), "]".repeat(50_000)).into_bytes());
    let answer = ask.send(server.address).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("Expecting to find valid JSON in request body."));
}
