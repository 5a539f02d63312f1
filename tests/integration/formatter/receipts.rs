//! Receipts that Keystone issued, and those that it refused.

use chrono::TimeDelta;
use fernstone::{
    domain::{iso8601, random::SeededRandom, time::isotime_subsecond},
    formatter::{ClaimsError, OpenError, ReceiptFields, ReceiptFormatter, TokenFormatter},
};
use serde_json::{Value, json};

use super::recording::{Recording, check_all, element_of, from_hex, hex, json_of, key_of, names_of, same, text};

#[test]
fn receipts_are_keystones_byte_for_byte_and_read_back() {
    let recording = Recording::load("receipts.json");
    check_all(recording.cases("vectors"), |case| {
        let formatter = ReceiptFormatter::new(recording.settings(case));
        let input = &case["input"];
        let fields = ReceiptFields {
            user_id: element_of(&input["user_id"]),
            methods: names_of(&input["methods"])?,
            expires_at: iso8601::parse(text(&input["expires_at"])).map_err(|error| error.to_string())?,
        };
        let payload = formatter.pack(&fields).map_err(|error| format!("not packed: {error}"))?;
        same("payload", &hex(&payload).as_str(), &text(&case["payload_hex"]))?;
        let timestamp = case["timestamp"].as_u64().expect("a timestamp");
        let (keys, key) = (recording.keys(case), key_of(case));
        let iv = from_hex(text(&case["iv"])).try_into().expect("16 bytes");
        let receipt = key.seal(&payload, timestamp, iv);
        let receipt = receipt.trim_end_matches('=');
        same("receipt", &receipt, &text(&case["receipt"]))?;

        let (receipt, _) = formatter.open(receipt, &keys).map_err(|error| format!("not opened: {error}"))?;
        let ours = json!({
            "user_id": receipt.user_id.as_ref().map(|id| id.as_str()),
            "methods": receipt.methods,
            "issued_at": isotime_subsecond(receipt.issued_at),
            "expires_at": isotime_subsecond(receipt.expires_at),
        });
        same("decoded", &ours, &case["decoded"])?;
        let again =
            formatter.seal(&receipt, &key, &*SeededRandom::new(1)).map_err(|error| format!("not sealed: {error}"))?;
        let again = formatter.open(&again, &keys).map_err(|error| format!("not opened again: {error}"))?.0;
        let mut expected = receipt;
        expected.methods.clone_from(&again.methods);
        same("again", &again, &expected)
    });
}

#[test]
fn odd_receipts_are_taken_and_refused_as_by_keystone() {
    let recording = Recording::load("receipts.json");
    check_all(recording.cases("invalid"), |case| {
        let formatter = ReceiptFormatter::new(recording.settings(case));
        let keys = recording.keys(case);
        let receipt = text(&case["receipt"]);
        match (text(&case["outcome"]), formatter.open_fields(receipt, &keys)) {
            ("accepted", Ok((fields, issued_at, _))) => {
                let ours = json!({
                    "user_id": json_of(&fields.user_id),
                    "methods": fields.methods,
                    "issued_at": isotime_subsecond(issued_at),
                    "expires_at": isotime_subsecond(fields.expires_at),
                });
                same("decoded", &ours, &case["decoded"])?;
                check_usable(case, receipt, &formatter, &keys)
            }
            ("refused", Err(OpenError::NotAToken(_) | OpenError::NoKeyOpens { .. })) => Ok(()),
            ("error", Err(OpenError::Malformed(_))) => Ok(()),
            (recorded, opened) => Err(format!("{opened:?} instead of {recorded}")),
        }
    });
}

fn check_usable(
    case: &Value,
    receipt: &str,
    formatter: &ReceiptFormatter,
    keys: &fernstone::keys::KeySet,
) -> Result<(), String> {
    match formatter.open(receipt, keys) {
        Ok((receipt, _)) => {
            // Cases without a clock are not about expiry.
            let Some(now) = case["now"].as_str() else { return Ok(()) };
            let now = iso8601::parse(now).expect("a time");
            let window = TimeDelta::seconds(case["window_seconds"].as_i64().unwrap_or(0));
            let valid = now < receipt.expires_at + window;
            same("valid", &valid, &(case["manager"]["outcome"] == "accepted"))
        }
        Err(OpenError::Unusable(ClaimsError::NotText(_))) => {
            same("has a user id that is no text", &case["decoded"]["user_id"].is_object(), &true)
        }
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_receipt_is_no_token() {
    let recording = Recording::load("receipts.json");
    check_all(recording.cases("vectors"), |case| {
        let formatter = TokenFormatter::new(recording.settings(case));
        match formatter.open(text(&case["receipt"]), &recording.keys(case)) {
            Err(OpenError::UnknownVersion(_)) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
}
