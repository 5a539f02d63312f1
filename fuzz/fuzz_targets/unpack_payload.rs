//! Decrypted bytes: random ciphertext never gets past the signature, so the parser behind it is fed directly.
//!
//! Whatever can be read is written again, and must then read back the same.

#![no_main]

use std::sync::LazyLock;

use fernstone::{
    domain::claims::Claims,
    formatter::{Fields, MethodList, ReceiptFormatter, Settings, TokenFormatter, class_for},
};
use libfuzzer_sys::fuzz_target;

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| Settings {
    methods: MethodList::new(["external", "password", "token", "oauth1", "mapped", "application_credential"]),
    default_domain_id: "default".to_owned(),
    max_token_size: 255,
});

fuzz_target!(|payload: &[u8]| {
    let formatter = TokenFormatter::new(SETTINGS.clone());
    let _ = ReceiptFormatter::new(SETTINGS.clone()).unpack(payload);
    let Ok((_, fields)) = formatter.unpack(payload) else { return };
    let Ok(claims) = fields.into_claims(Default::default()) else { return };
    let fields = Fields::from(&claims);
    let class = class_for(&fields).expect("claims always have a class");
    // Not all can be minted: a domain id that is not a UUID can be read from payload 6 and fits no payload 1.
    let Ok(packed) = formatter.pack(&fields, class) else { return };
    let (class_again, again) = formatter.unpack(&packed).expect("what we pack we can read");
    assert_eq!(class, class_again);
    let again = again.into_claims(Default::default()).expect("what we pack are claims");
    // Ids that are UUIDs in another spelling read back in the usual one.
    let packed_again = formatter.pack(&Fields::from(&again), class).expect("what was packed once");
    assert_eq!(packed, packed_again, "{:?}", (claims, again) as (Claims, Claims));
});
