//! The recordings of Keystone's token formats in `tests/vectors/`, or in the directory that `FERNSTONE_VECTORS` names, and how
//! their JSON becomes our types and back.

use std::{env, fs, path::PathBuf};

use chrono::{DateTime, Utc};
use fernstone::{
    domain::{iso8601, time::isotime_subsecond},
    formatter::{Fields, MethodList, PayloadClass, Settings, Value as Element},
    keys::{Key, KeyNumber, KeySet},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// One file of recordings.
pub(super) struct Recording {
    root: Value,
}

impl Recording {
    pub(super) fn load(name: &str) -> Self {
        let directory = env::var_os("FERNSTONE_VECTORS")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors"), PathBuf::from);
        let path = directory.join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { root: expand(serde_json::from_str(&text).expect("JSON")) }
    }

    /// The cases under `name`; there must be some.
    pub(super) fn cases(&self, name: &str) -> &[Value] {
        let cases = self.root[name].as_array().expect("an array of cases");
        assert!(!cases.is_empty(), "no {name}");
        cases
    }

    /// The settings a case was recorded with.
    pub(super) fn settings(&self, case: &Value) -> Settings {
        let list = case["methods_config"].as_str().unwrap_or("default");
        let methods = self.root["method_lists"][list].as_array().expect("a list of methods");
        Settings {
            methods: MethodList::new(methods.iter().map(text)),
            default_domain_id: case["default_domain_id"].as_str().unwrap_or("default").to_owned(),
            max_token_size: 255,
        }
    }

    /// The keys a case was recorded with.
    pub(super) fn keys(&self, case: &Value) -> KeySet {
        let name = case["key_repository"].as_str().unwrap_or("three");
        let files = self.root["key_repositories"][name].as_object().expect("a key repository");
        KeySet::from_texts(files.iter().map(|(name, key)| (name, text(key))))
    }
}

/// Runs `check` on all cases and fails with the names of all that went wrong.
pub(super) fn check_all(cases: &[Value], mut check: impl FnMut(&Value) -> Result<(), String>) {
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| check(case).err().map(|what| format!("{}: {}", case["name"], shortened(&what))))
        .collect();
    let all = cases.len();
    assert!(failures.is_empty(), "{} of {all} cases failed:\n{}", failures.len(), failures.join("\n"));
}

/// `Ok` if both are equal.
pub(super) fn same<T: PartialEq + std::fmt::Debug>(what: &str, ours: &T, recorded: &T) -> Result<(), String> {
    if ours == recorded { Ok(()) } else { Err(format!("{what}: {ours:?} instead of {recorded:?}")) }
}

/// A text against its recording, of which there is also a hash if it is long.
pub(super) fn same_text(ours: &str, case: &Value, field: &str) -> Result<(), String> {
    if let Some(hash) = case.get(format!("{field}_sha256")) {
        same(field, &hex(&Sha256::digest(ours)).as_str(), &text(hash))?;
    }
    same(field, &ours, &text(&case[field]))
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key that a token or receipt was made with; the number of its file does not matter.
pub(super) fn key_of(case: &Value) -> Key {
    Key::parse(KeyNumber::new(1), text(&case["key"])).expect("a key")
}

pub(super) fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().map(|digit| digit.to_digit(16).expect("hex")).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

pub(super) fn class_of(case: &Value) -> PayloadClass {
    let version = case["payload_version"].as_u64().expect("a version");
    PayloadClass::ALL[usize::try_from(version).expect("small")]
}

/// The arguments of Keystone's formatter as ours. `Err` where the argument is of a type that ours cannot be given.
pub(super) fn fields_of(input: &Value) -> Result<Fields, String> {
    let expires_at = input["expires_at"].as_str().ok_or("the expiry is no text")?;
    let expires_at = iso8601::parse(expires_at).map_err(|error| error.to_string())?;
    let groups = match &input["federated_group_ids"] {
        Value::Null => None,
        groups => {
            let groups = groups.as_array().ok_or("the groups are no list")?;
            let ids = groups.iter().map(|group| group.get("id").ok_or("a group is no object").map(element_of));
            Some(ids.collect::<Result<_, _>>()?)
        }
    };
    Ok(Fields {
        user_id: element_of(&input["user_id"]),
        methods: names_of(&input["methods"])?,
        audit_ids: names_of(&input["audit_ids"]).unwrap_or_default(),
        system: element_of(&input["system"]),
        domain_id: element_of(&input["domain_id"]),
        project_id: element_of(&input["project_id"]),
        trust_id: element_of(&input["trust_id"]),
        federated_group_ids: groups,
        identity_provider_id: element_of(&input["identity_provider_id"]),
        protocol_id: element_of(&input["protocol_id"]),
        access_token_id: element_of(&input["access_token_id"]),
        app_cred_id: element_of(&input["app_cred_id"]),
        thumbprint: element_of(&input["thumbprint"]),
        expires_at,
    })
}

/// What Python makes of a list of names: a text is the list of its characters, and `None` in a list becomes `None` the text.
pub(super) fn names_of(names: &Value) -> Result<Vec<String>, String> {
    match names {
        Value::String(names) => Ok(names.chars().map(String::from).collect()),
        Value::Array(names) => Ok(names.iter().map(|name| name.as_str().unwrap_or("None").to_owned()).collect()),
        _ => Err(format!("{names} is no list of names")),
    }
}

/// An argument as an element of a payload.
pub(super) fn element_of(value: &Value) -> Element {
    match value {
        Value::Null => Element::Nil,
        Value::Bool(flag) => Element::Bool(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Element::Int(number.into()),
            None => Element::Float(number.as_f64().expect("a number")),
        },
        Value::String(text) => Element::Text(text.clone()),
        Value::Array(items) => Element::Array(items.iter().map(element_of).collect()),
        Value::Object(object) => match object.get("bytes_hex") {
            Some(bytes) => Element::Bytes(from_hex(text(bytes))),
            None => Element::Map(object.iter().map(|(key, value)| (key.as_str().into(), element_of(value))).collect()),
        },
    }
}

/// An element of a payload as the recordings write it.
pub(super) fn json_of(element: &Element) -> Value {
    match element {
        Element::Nil => Value::Null,
        Element::Bool(flag) => json!(flag),
        Element::Int(number) => json!(i64::try_from(*number).expect("no recording has a greater one")),
        Element::Float(number) => json!(number),
        Element::Text(text) => json!(text),
        Element::Bytes(bytes) => json!({"bytes_hex": hex(bytes)}),
        Element::Array(items) => items.iter().map(json_of).collect(),
        other => json!(format!("{other:?}")),
    }
}

/// What was read from a token as the recordings write it.
pub(super) fn decoded_json(fields: &Fields, issued_at: DateTime<Utc>) -> Value {
    let groups = fields
        .federated_group_ids
        .as_ref()
        .map(|groups| groups.iter().map(|id| json!({"id": json_of(id)})).collect::<Vec<_>>());
    json!({
        "user_id": json_of(&fields.user_id),
        "methods": fields.methods,
        "audit_ids": fields.audit_ids,
        "system": json_of(&fields.system),
        "domain_id": json_of(&fields.domain_id),
        "project_id": json_of(&fields.project_id),
        "trust_id": json_of(&fields.trust_id),
        "federated_group_ids": groups,
        "identity_provider_id": json_of(&fields.identity_provider_id),
        "protocol_id": json_of(&fields.protocol_id),
        "access_token_id": json_of(&fields.access_token_id),
        "app_cred_id": json_of(&fields.app_cred_id),
        "thumbprint": json_of(&fields.thumbprint),
        "issued_at": isotime_subsecond(issued_at),
        "expires_at": isotime_subsecond(fields.expires_at),
    })
}

/// Writes out the texts that are recorded as `{"repeat": "u", "times": 65536}`.
fn expand(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(expand).collect(),
        Value::Object(object) => match (object.get("repeat"), object.get("times")) {
            (Some(Value::String(unit)), Some(Value::Number(times))) if object.len() == 2 => {
                let times = times.as_u64().and_then(|times| usize::try_from(times).ok()).expect("a count");
                Value::String(unit.repeat(times))
            }
            _ => Value::Object(object.into_iter().map(|(key, value)| (key, expand(value))).collect::<Map<_, _>>()),
        },
        other => other,
    }
}

fn shortened(what: &str) -> String {
    if what.chars().count() <= 1200 { what.to_owned() } else { what.chars().take(1200).chain("...".chars()).collect() }
}
