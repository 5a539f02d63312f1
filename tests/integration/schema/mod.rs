//! Refusals of requests against what Keystone's own validators said about them, word for word:
//! `keystone-validation.json`, recorded by `record_keystone_validation.py`.

use fernstone::http::schema::{BadSchema, Schema, Violation, Wording, auth::check_token_request, query::ListQuery};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Recording {
    token_requests: Vec<TokenRequest>,
    list_queries: Vec<Query>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct TokenRequest {
    auth: Value,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Query {
    list: String,
    query: Vec<(String, String)>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Case {
    schema: Value,
    instance: Value,
    full: Option<String>,
    brief: Option<String>,
}

fn recording() -> Recording {
    serde_json::from_str(include_str!("keystone-validation.json")).unwrap()
}

fn detail(outcome: Result<(), Violation>) -> Option<String> {
    outcome.err().map(|violation| violation.detail().to_owned())
}

#[test]
fn every_recorded_schema_and_instance_gets_keystones_verdict_and_words() {
    let cases = recording().cases;
    let mut refused = 0;
    let mut wrong = Vec::new();
    for case in &cases {
        let schema = Schema::compile(case.schema.clone()).unwrap();
        for (wording, expected) in [(Wording::Full, &case.full), (Wording::Brief, &case.brief)] {
            let ours = detail(schema.check(&case.instance, wording));
            if ours != *expected {
                wrong.push(format!("{} against {}\n{ours:?}\n{expected:?}", case.instance, case.schema));
            }
        }
        refused += usize::from(case.full.is_some());
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n\n"));
    assert!(refused > 1000 && cases.len() - refused > 1000, "{refused} of {}", cases.len());
}

#[test]
fn authentication_requests_are_refused_in_keystones_words() {
    for request in recording().token_requests {
        assert_eq!(detail(check_token_request(&request.auth)), request.refusal, "{}", request.auth);
    }
}

#[test]
fn query_strings_of_lists_are_refused_in_keystones_words() {
    for recorded in recording().list_queries {
        let list = match recorded.list.as_str() {
            "projects" => ListQuery::Projects,
            "regions" => ListQuery::Regions,
            "endpoints" => ListQuery::Endpoints,
            unchecked => {
                assert_eq!(recorded.refusal, None, "{unchecked} is said to take any query");
                continue;
            }
        };
        let query = recorded.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        assert_eq!(detail(list.check(query)), recorded.refusal, "{} {:?}", recorded.list, recorded.query);
    }
}

#[test]
fn a_schema_that_would_not_be_checked_in_full_does_not_compile() {
    let refused = |schema: Value| Schema::compile(schema).unwrap_err();
    assert_eq!(refused(json!({ "propertyNames": {} })), BadSchema::Keyword("propertyNames".to_owned()));
    let nested = json!({ "properties": { "a": { "items": { "anyOf": [true, { "$ref": "#" }] } } } });
    assert_eq!(refused(nested), BadSchema::Keyword("$ref".to_owned()));
    assert_eq!(refused(json!({ "format": "ipv4" })), BadSchema::Format("ipv4".to_owned()));
    assert_eq!(refused(json!({ "pattern": "(?=x)" })), BadSchema::Pattern("(?=x)".to_owned()));
    for (keyword, value) in [
        ("type", json!("text")),
        ("required", json!("a")),
        ("minLength", json!(-1)),
        ("minimum", json!("1")),
        ("enum", json!({})),
        ("items", json!(false)),
        ("properties", json!([])),
    ] {
        assert_eq!(refused(json!({ keyword: value })), BadSchema::Shape(keyword.to_owned()));
    }
}

/// A password in a refused request is told back to its sender, as Keystone does, but not to a log.
#[test]
fn debug_shows_the_place_of_a_fault_and_nothing_of_the_request() {
    let request = json!({ "identity": { "methods": ["password"], "password": { "user": "hunter2" } } });
    let violation = check_token_request(&request).unwrap_err();
    assert!(violation.detail().contains("hunter2"));
    assert_eq!(violation.place(), "identity/password/user");
    assert!(!format!("{violation:?}").contains("hunter2"));
}

/// Nested to the depth that the JSON reader allows, with long names: spread over lines this would be gigabytes.
#[test]
fn the_dump_of_a_hostile_request_stays_small() {
    let mut hostile = Value::from(vec![Value::from("item of the innermost list"); 4000]);
    for _ in 0..120 {
        hostile = json!({ "name".repeat(100): hostile });
    }
    let violation = check_token_request(&json!({ "identity": hostile })).unwrap_err();
    assert!(violation.detail().starts_with("Invalid input for field 'identity': 'methods' is a required property\n\n"));
    assert!(violation.detail().len() < 200_000, "{}", violation.detail().len());
    let violation = check_token_request(&json!({ "identity": [hostile] })).unwrap_err();
    assert!(violation.detail().len() < 500_000, "{}", violation.detail().len());
}
