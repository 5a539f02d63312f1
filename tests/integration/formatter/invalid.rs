//! Damaged, forged, odd and expired tokens, and inputs of which no token can be made.

use chrono::TimeDelta;
use fernstone::{
    domain::{iso8601, time::isotime_subsecond},
    formatter::{ClaimsError, OpenError, TokenFormatter},
};
use serde_json::{Value, json};

use super::recording::{Recording, check_all, class_of, decoded_json, fields_of, same, text};

/// The clock of the cases that do not name one.
const DEFAULT_NOW: &str = "2023-07-22T04:26:40Z";

#[test]
fn odd_texts_are_taken_and_refused_as_by_keystone() {
    let recording = Recording::load("fernet-invalid.json");
    check_all(recording.cases("token_cases"), |case| check(&recording, case));
}

#[test]
fn odd_payloads_are_taken_and_refused_as_by_keystone() {
    let recording = Recording::load("fernet-invalid.json");
    check_all(recording.cases("payload_cases"), |case| check(&recording, case));
}

fn check(recording: &Recording, case: &Value) -> Result<(), String> {
    let Some(token) = case["token"].as_str() else {
        // A text with a lone surrogate: neither JSON nor HTTP nor `str` can carry it.
        return same("note", &case["token_note"].is_string(), &true);
    };
    let formatter = TokenFormatter::new(recording.settings(case));
    let keys = recording.keys(case);

    let read = formatter.open_fields(token, &keys);
    match (text(&case["outcome"]), &read) {
        ("accepted", Ok((fields, issued_at, _))) => {
            same("decoded", &decoded_json(fields, *issued_at), &case["decoded"])?;
        }
        ("refused", Err(error)) => {
            let recorded = text(&case["provider"]["message"]).to_owned();
            same("message", &error.keystone_message(), &recorded)?;
            same("other keys", &error.another_key_might_open(), &matches!(error, OpenError::NoKeyOpens { .. }))?;
        }
        // Python crashed. We refuse the token as one that is not recognised.
        ("error", Err(error)) => {
            same("message", &error.keystone_message().as_str(), &"Could not recognize Fernet token")?;
            same("crash", &matches!(error, OpenError::Malformed(_)), &true)?;
        }
        (recorded, Ok(_)) => return Err(format!("accepted instead of {recorded}")),
        (recorded, Err(error)) => return Err(format!("{error} instead of {recorded}")),
    }
    check_claims(case, token, &formatter, &keys)
}

/// What the token manager makes of it: the claims, and the expiry check.
fn check_claims(
    case: &Value,
    token: &str,
    formatter: &TokenFormatter,
    keys: &fernstone::keys::KeySet,
) -> Result<(), String> {
    let manager = &case["manager"];
    let now = iso8601::parse(case["now"].as_str().unwrap_or(DEFAULT_NOW)).expect("a time");
    let window = TimeDelta::seconds(case["window_seconds"].as_i64().unwrap_or(0));
    match (text(&manager["outcome"]), formatter.open(token, keys)) {
        ("accepted", Ok(opened)) => {
            let claims = opened.claims;
            same("expired", &(now >= claims.expires_at + window), &false)?;
            let ours = json!({
                "audit_id": claims.audit.own,
                "parent_audit_id": claims.audit.parent,
                "is_federated": claims.grant.federation().is_some(),
                "expires_at": isotime_subsecond(claims.expires_at),
                "issued_at": isotime_subsecond(claims.issued_at),
            });
            same("token", &ours, &manager["token"])
        }
        // Keystone passes on an id that is no text; its look-ups, which the recording took as successful, find nothing.
        // Here such a token is refused before them.
        ("accepted", Err(OpenError::Unusable(ClaimsError::NotText(_)))) => {
            same("has an id that is no text", &has_id_that_is_no_text(&case["decoded"]), &true)
        }
        ("refused", Ok(opened)) => {
            same("expired", &(now >= opened.claims.expires_at + window), &true)?;
            same("message", &text(&manager["exception"]["message"]), &"Failed to validate token")
        }
        ("refused", Err(error)) if token.is_empty() => {
            same("message", &text(&manager["exception"]["message"]), &"No token in the request")?;
            same("error", &matches!(error, OpenError::NotAToken(_)), &true)
        }
        ("refused", Err(error)) => {
            same("message", &error.keystone_message().as_str(), &text(&manager["exception"]["message"]))
        }
        ("error", Err(_)) => Ok(()),
        (recorded, Ok(_)) => Err(format!("the manager would accept it instead of {recorded}")),
        (recorded, Err(error)) => Err(format!("no claims: {error}; recorded {recorded}")),
    }
}

fn has_id_that_is_no_text(decoded: &Value) -> bool {
    ["user_id", "project_id", "domain_id", "system", "protocol_id", "identity_provider_id", "thumbprint"]
        .iter()
        .any(|name| !decoded[name].is_string() && !decoded[name].is_null())
}

#[test]
fn inputs_become_tokens_or_not_as_in_keystone() {
    let recording = Recording::load("fernet-invalid.json");
    check_all(recording.cases("issue_errors"), |case| {
        let formatter = TokenFormatter::new(recording.settings(case));
        let packed = fields_of(&case["input"])
            .and_then(|fields| formatter.pack(&fields, class_of(case)).map_err(|e| e.to_string()));
        match (text(&case["issue"]), packed) {
            ("error", Err(_)) => Ok(()),
            ("accepted", Ok(payload)) => {
                let token = text(&case["token"]);
                let opened = formatter.open_fields(token, &recording.keys(case));
                match (text(&case["validate"]), opened) {
                    ("error", Err(OpenError::Malformed(_))) => {
                        same("reading back", &formatter.unpack(&payload).is_err(), &true)
                    }
                    ("accepted", Ok((fields, issued_at, _))) => {
                        same("decoded", &decoded_json(&fields, issued_at), &case["decoded"])?;
                        let (class, ours) = formatter.unpack(&payload).map_err(|error| error.to_string())?;
                        same("class", &class, &class_of(case))?;
                        same("our payload", &decoded_json(&ours, issued_at), &case["decoded"])
                    }
                    (recorded, opened) => Err(format!("{opened:?} instead of {recorded}")),
                }
            }
            (recorded, packed) => Err(format!("{packed:?} instead of {recorded}")),
        }
    });
}
