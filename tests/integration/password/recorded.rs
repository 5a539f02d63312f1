//! `keystone-hashes.json`, recorded by `record_keystone_hashes.py` from Keystone's password code.

use std::sync::Mutex;

use fernstone::{
    auth::password::{
        PasswordError, PasswordOptions, PasswordSettings, Scheme, UnusableHash, check_against_nobody, check_password,
        hash_password,
    },
    domain::{random::Random, secret::SecretText},
};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Recording {
    written: Vec<Written>,
    checked: Vec<Checked>,
}

#[derive(Deserialize)]
struct Written {
    options: Map<String, Value>,
    password: String,
    salt_hex: String,
    /// The hash, or how Keystone failed.
    stored: Value,
    /// What Keystone's check of that hash says.
    verifies: Option<bool>,
}

#[derive(Deserialize)]
struct Checked {
    options: Map<String, Value>,
    password: String,
    stored: String,
    outcome: Value,
}

fn recording() -> Recording {
    serde_json::from_str(include_str!("keystone-hashes.json")).unwrap()
}

fn options(recorded: &Map<String, Value>) -> PasswordOptions {
    let mut options = PasswordOptions::default();
    for (name, value) in recorded {
        match name.as_str() {
            "password_hash_algorithm" => {
                options.algorithm = match value.as_str().unwrap() {
                    "bcrypt" => Scheme::Bcrypt,
                    "bcrypt_sha256" => Scheme::BcryptSha256,
                    "scrypt" => Scheme::Scrypt,
                    "pbkdf2_sha512" => Scheme::Pbkdf2Sha512,
                    other => panic!("unknown algorithm {other}"),
                }
            }
            "password_hash_rounds" => options.rounds = value.as_i64(),
            "scrypt_block_size" => options.scrypt_block_size = value.as_i64(),
            "scrypt_parallelism" => options.scrypt_parallelism = value.as_i64(),
            "salt_bytesize" => options.salt_bytesize = value.as_i64(),
            "max_password_length" => options.max_password_length = value.as_i64().unwrap(),
            "strict_password_check" => options.strict_password_check = value.as_bool().unwrap(),
            other => panic!("unknown option {other}"),
        }
    }
    options
}

fn settings(recorded: &Map<String, Value>) -> PasswordSettings {
    options(recorded).settings().unwrap()
}

/// Gives out one salt, once.
struct OneSalt(Mutex<Option<Vec<u8>>>);

impl OneSalt {
    fn from_hex(hex: &str) -> Self {
        let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        Self(Mutex::new(Some(bytes)))
    }
}

impl Random for OneSalt {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.0.lock().unwrap().take().expect("a hash takes one salt"));
    }
}

/// The limit in Keystone's 403.
fn limit(message: &str) -> usize {
    let rest = message.strip_prefix("The password length must be less than or equal to ").unwrap();
    rest.split('.').next().unwrap().parse().unwrap()
}

/// Keystone cannot check its own bcrypt_sha256 hashes of a cost below ten: see `bcrypt_sha256.rs`. We can.
fn only_we_verify(stored: &str) -> bool {
    stored
        .strip_prefix("$bcrypt-sha256$v=2,t=2b,r=")
        .is_some_and(|rest| rest.as_bytes()[0] != b'1' && rest.as_bytes()[1] == b'$')
}

#[test]
fn hashes_are_byte_for_byte_those_that_keystone_writes_for_the_same_salt() {
    let mut compared = 0;
    for case in recording().written {
        let Value::String(expected) = &case.stored else { continue };
        let settings = settings(&case.options);
        let password = SecretText::new(case.password.clone());
        let ours = hash_password(&settings, &password, &OneSalt::from_hex(&case.salt_hex)).unwrap();
        assert_eq!(&ours, expected, "{:?} {:?}", case.options, case.password);
        assert_eq!(check_password(&settings, &password, &ours), Ok(true), "{ours}");
        assert_eq!(case.verifies, Some(!only_we_verify(expected)), "{ours}");
        compared += 1;
    }
    assert!(compared > 60, "{compared}");
}

#[test]
fn what_keystone_cannot_hash_is_refused_at_start_or_as_too_long() {
    let (mut refused, mut too_long) = (0, 0);
    for case in recording().written {
        let Value::Object(failure) = &case.stored else { continue };
        if let Some(message) = failure.get("too_long") {
            let limit = limit(message.as_str().unwrap());
            let random = OneSalt(Mutex::new(None));
            let ours = hash_password(&settings(&case.options), &SecretText::new(case.password), &random);
            assert_eq!(ours, Err(PasswordError::TooLong { limit }));
            too_long += 1;
        } else {
            let error = options(&case.options).settings().unwrap_err();
            assert!(case.options.contains_key(error.option), "{error}");
            refused += 1;
        }
    }
    assert!(refused > 5 && too_long > 3, "{refused} {too_long}");
}

#[test]
fn stored_hashes_are_judged_as_keystone_judges_them() {
    for case in recording().checked {
        let ours = check_password(&settings(&case.options), &SecretText::new(case.password.clone()), &case.stored);
        let context = format!("{:?} {:?}: {:?}, recorded {}", case.password, case.stored, ours, case.outcome);
        match &case.outcome {
            // The same 4096 bytes as of the password that the hash was made from, and a few more.
            Value::Bool(false) if only_we_verify(&case.stored) && ours == Ok(true) => {
                assert!(case.password.len() >= 4096, "{context}");
            }
            Value::Bool(same) => assert_eq!(ours, Ok(*same), "{context}"),
            Value::Object(failure) => match (failure.get("too_long"), failure.get("code")) {
                (Some(message), _) => {
                    assert_eq!(ours, Err(PasswordError::TooLong { limit: limit(message.as_str().unwrap()) }));
                }
                // Keystone's 400 "malformed password hash".
                (None, Some(_)) => {
                    assert!(matches!(ours, Err(PasswordError::Unusable(UnusableHash::FieldCount { .. }))), "{context}")
                }
                // Keystone's 500.
                (None, None) => assert!(
                    matches!(&ours, Err(PasswordError::Unusable(why)) if !matches!(why, UnusableHash::FieldCount { .. })),
                    "{context}"
                ),
            },
            other => panic!("unexpected outcome {other}"),
        }
    }
}

/// One byte changed anywhere: never right, never a panic.
#[test]
fn a_damaged_hash_is_never_right() {
    let cheap = ["$2b$04$", "$pbkdf2-sha512$3$"];
    for case in recording().written {
        let Some(stored) = case.stored.as_str() else { continue };
        if case.password != "secret" || !cheap.iter().any(|start| stored.starts_with(start)) {
            continue;
        }
        let settings = settings(&case.options);
        for at in 0..stored.len() - 1 {
            // Not digits or letters: some of those leave the bytes of a salt as they are, or cost hours.
            for replacement in ["$", "=", "é"] {
                let mut damaged = stored.to_owned();
                damaged.replace_range(at..=at, replacement);
                if damaged != stored {
                    let verdict = check_password(&settings, &SecretText::new("secret"), &damaged);
                    assert_ne!(verdict, Ok(true), "{damaged}");
                }
            }
        }
    }
}

#[test]
fn nobody_has_no_right_password_and_no_password_is_too_long_for_nobody() {
    let options = PasswordOptions { rounds: Some(4), strict_password_check: true, ..PasswordOptions::default() };
    let settings = options.settings().unwrap();
    for password in ["", "secret", &"x".repeat(100)] {
        assert!(!check_against_nobody(&settings, &SecretText::new(password)));
    }
}
