//! Arbitrary text as a token: no text panics, and none opens, since none is signed.

#![no_main]

use std::sync::LazyLock;

use fernstone::{
    formatter::{MethodList, ReceiptFormatter, Settings, TokenFormatter},
    keys::KeySet,
};
use libfuzzer_sys::fuzz_target;

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| Settings {
    methods: MethodList::new(["external", "password", "token"]),
    default_domain_id: "default".to_owned(),
    max_token_size: 255,
});

static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    KeySet::from_texts([
        ("0", "Sbza-pVONKP5kRBdqiYdv9ctpzomXTeYxY4g16c-MJQ="),
        ("1", "ga8V8YF9YUskvDQYDs6oHhM4gvJZJT43N1Exuem7aeI="),
    ])
});

fuzz_target!(|text: &str| {
    assert!(TokenFormatter::new(SETTINGS.clone()).open(text, &KEYS).is_err());
    assert!(ReceiptFormatter::new(SETTINGS.clone()).open(text, &KEYS).is_err());
});
