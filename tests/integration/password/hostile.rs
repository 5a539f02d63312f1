//! Stored hashes as nobody writes them: no panic, no endless work, no verdict "right".

use fernstone::{
    auth::password::{PasswordError, PasswordSettings, check_password},
    domain::secret::SecretText,
};
use proptest::{
    prelude::{ProptestConfig, Strategy, any, prop_oneof},
    proptest,
};

/// Hostile parameters must neither take all memory nor overflow.
#[test]
fn parameters_out_of_all_bounds_are_refused_before_any_work() {
    for stored in [
        "$scrypt$ln=63,r=8,p=1$c2FsdA$AAAA",
        "$scrypt$ln=255,r=4294967295,p=4294967295$c2FsdA$AAAA",
        "$scrypt$ln=20,r=9,p=1$c2FsdA$AAAA",
        "$scrypt$ln=4,r=1,p=4294967295$c2FsdA$AAAA",
        "$scrypt$ln=256,r=1,p=1$c2FsdA$AAAA",
        "$pbkdf2-sha512$4294967295$c2FsdA$AAAA",
        "$bcrypt-sha256$v=2,t=2b,r=4294967295$aaaaaaaaaaaaaaaaaaaaae$AAAA",
        "$2b$4294967295$aaaaaaaaaaaaaaaaaaaaae",
    ] {
        let verdict = check_password(&PasswordSettings::default(), &SecretText::new("secret"), stored);
        assert!(matches!(verdict, Err(PasswordError::Unusable(_))), "{stored}: {verdict:?}");
    }
}

/// Texts of the pieces that hashes are made of, in any order, with other texts between them. The costs are small.
fn nearly_a_hash() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "$",
        "$2b$",
        "$2a$",
        "04",
        "04$",
        "$bcrypt-sha256$",
        "v=2",
        "t=2b",
        "r=4",
        "r=8",
        ",",
        "=",
        "$scrypt$",
        "$7$",
        "ln=4",
        "p=1",
        "ln=,r=,p=",
        "ln=4,r=8,p=1",
        "$pbkdf2-sha512$",
        "3",
        "3$",
        "aaaaaaaaaaaaaaaaaaaaae",
        "AAAA",
        ".",
        "+",
        "é",
    ];
    let piece = prop_oneof![
        4 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        // No digits: what is drawn here must not turn a cost of 4 into one of 30.
        1 => "[^0-9]{0,4}",
    ];
    proptest::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, rng_seed: proptest::test_runner::RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_was_not_made_from_a_password_is_right_for_it(stored in nearly_a_hash(), password in any::<String>()) {
        let verdict = check_password(&PasswordSettings::default(), &SecretText::new(password), &stored);
        assert_ne!(verdict, Ok(true), "{stored}");
    }
}
