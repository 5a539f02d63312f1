//! Refusals of requests against what Keystone's own validators said about them, word for word:
//! `keystone-validation.json`, recorded by `record_keystone_validation.py`.

use fernstone::http::{
    error::ApiError,
    schema::{BadSchema, Schema, Violation, Wording, auth::check_token_request},
};
use proptest::{
    prelude::{Just, ProptestConfig, Strategy, any, prop_oneof},
    proptest,
    test_runner::RngSeed,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Recording {
    token_requests: Vec<TokenRequest>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct TokenRequest {
    auth: Value,
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
fn a_log_gets_the_place_of_a_fault_and_nothing_of_the_request() {
    let request = json!({ "identity": { "methods": ["password"], "password": { "user": "hunter2" } } });
    let violation = check_token_request(&request).unwrap_err();
    assert!(violation.detail().contains("hunter2"));
    assert_eq!(violation.place(), "identity/password/user");
    let error = ApiError::from(violation);
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert!(error.to_string().ends_with("at identity/password/user"), "{error}");
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

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((any::<String>(), inner), 0..4).prop_map(Value::from_iter),
        ]
    })
}

/// A sound request, and what it becomes when a few of its values are taken out or replaced by others.
fn nearly_a_request() -> impl Strategy<Value = Value> {
    const PLACES: &[&str] = &[
        "/identity/methods",
        "/identity/methods/1",
        "/identity/password",
        "/identity/password/user",
        "/identity/password/user/id",
        "/identity/password/user/name",
        "/identity/password/user/domain",
        "/identity/password/user/domain/id",
        "/identity/token",
        "/identity/token/id",
        "/scope",
        "/scope/project",
        "/scope/project/name",
        "/scope/project/domain",
        "/scope/project/domain/name",
        "/scope/domain",
        "/scope/domain/id",
        "/scope/system/all",
    ];
    let sound = json!({
        "identity": {
            "methods": ["password", "token"],
            "password": { "user": { "id": "u", "name": "n", "password": "p", "domain": { "id": "d" } } },
            "token": { "id": "t" },
        },
        "scope": {
            "project": { "name": "p", "domain": { "name": "d" } },
            "domain": { "id": "d" },
            "system": { "all": true },
        },
    });
    let edit = (proptest::sample::select(PLACES), proptest::option::of(any_json()));
    proptest::collection::vec(edit, 0..4).prop_map(move |edits| {
        let mut request = sound.clone();
        for (place, value) in edits {
            let (parent, name) = place.rsplit_once('/').unwrap();
            match (request.pointer_mut(parent), value) {
                (Some(Value::Object(members)), Some(value)) => drop(members.insert(name.to_owned(), value)),
                (Some(Value::Object(members)), None) => drop(members.remove(name)),
                (Some(Value::Array(items)), value) => items.extend(value),
                _ => {}
            }
        }
        request
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::default() })]

    /// What passes is what the code behind relies on: a list of method names, objects where it looks into them, and a
    /// user, project or domain that is there has an id or a name.
    #[test]
    fn a_request_that_passes_has_the_shape_that_authentication_relies_on(request in nearly_a_request()) {
        let sound = request["identity"]["methods"].as_array().is_some_and(|names| names.iter().all(Value::is_string))
            && ["/identity/password", "/identity/token"].iter().all(|place| is_object_or_absent(&request, place))
            && ["/identity/password/user", "/scope/project", "/scope/domain", "/identity/password/user/domain", "/scope/project/domain"]
                .iter()
                .all(|place| is_named_or_absent(&request, place))
            && request.pointer("/identity/token").is_none_or(|token| token["id"].is_string())
            && request.pointer("/scope").is_none_or(|scope| scope.is_object() || scope.is_string())
            && request.pointer("/scope/system/all").is_none_or(|all| all.is_boolean());
        assert_eq!(check_token_request(&request).is_ok(), sound, "{request}");
    }
}

fn is_object_or_absent(request: &Value, place: &str) -> bool {
    request.pointer(place).is_none_or(Value::is_object)
}

fn is_named_or_absent(request: &Value, place: &str) -> bool {
    let Some(thing) = request.pointer(place) else { return true };
    let is_text_or_absent = |name| thing.get(name).is_none_or(Value::is_string);
    thing.is_object()
        && (thing.get("id").is_some() || thing.get("name").is_some())
        && is_text_or_absent("id")
        && is_text_or_absent("name")
}
