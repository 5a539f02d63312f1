//! Laws of the formatter, for claims and bytes that nobody recorded.

use chrono::{DateTime, Utc};
use fernstone::{
    domain::{
        claims::{AuditIds, Claims, Federation, Grant},
        ids::{DomainId, GroupId, ProjectId, UserId},
        random::SeededRandom,
    },
    formatter::{MethodList, ReceiptFormatter, Settings, TokenFormatter},
    keys::KeySet,
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    test_runner::{Config, RngAlgorithm, RngSeed},
};

const METHODS: [&str; 7] =
    ["external", "password", "token", "oauth1", "mapped", "application_credential", "ec2credential"];

fn config(cases: u32) -> Config {
    Config {
        cases,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(0x0f5e_2a10),
        failure_persistence: None,
        ..Config::default()
    }
}

fn settings() -> Settings {
    Settings { methods: MethodList::new(METHODS), default_domain_id: "default".to_owned(), max_token_size: 255 }
}

fn keys() -> KeySet {
    KeySet::from_texts([
        ("0", "Sbza-pVONKP5kRBdqiYdv9ctpzomXTeYxY4g16c-MJQ="),
        ("1", "ga8V8YF9YUskvDQYDs6oHhM4gvJZJT43N1Exuem7aeI="),
    ])
}

/// An id as Keystone makes them, or any text that is not a UUID in disguise (those read back in another spelling).
fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[0-9a-f]{32}",
        1 => "[0-9a-f]{64}",
        1 => "[a-z][a-z0-9 .@:é€🔑]{0,20}",
        1 => Just("default".to_owned()),
    ]
}

fn uuid() -> impl Strategy<Value = String> {
    "[0-9a-f]{32}"
}

fn audit_id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_-]{21}[AQgw]"
}

fn federation() -> impl Strategy<Value = Federation> {
    (vec(id().prop_map(GroupId::from), 0..20), option::of(id()), option::of("[a-z0-9]{1,40}")).prop_map(
        |(group_ids, identity_provider_id, protocol_id)| Federation { group_ids, identity_provider_id, protocol_id },
    )
}

fn grant() -> impl Strategy<Value = Grant> {
    let project = || id().prop_map(ProjectId::from);
    let domain = || id().prop_map(DomainId::from);
    prop_oneof![
        Just(Grant::Unscoped),
        prop_oneof![uuid(), Just("default".to_owned())].prop_map(|id| Grant::Domain(id.into())),
        project().prop_map(Grant::Project),
        (option::of(project()), uuid())
            .prop_map(|(project_id, trust_id)| Grant::Trust { project_id, trust_id: trust_id.into() }),
        federation().prop_map(Grant::FederatedUnscoped),
        (project(), federation()).prop_map(|(project, federation)| Grant::FederatedProject(project, federation)),
        (domain(), federation()).prop_map(|(domain, federation)| Grant::FederatedDomain(domain, federation)),
        (option::of(project()), id())
            .prop_map(|(project_id, id)| Grant::OAuth1 { project_id, access_token_id: id.into() }),
        Just(Grant::System("all".to_owned())),
        (option::of(project()), id()).prop_map(|(project_id, id)| Grant::ApplicationCredential {
            project_id,
            application_credential_id: id.into()
        }),
        (option::of(project()), option::of(domain()), "[A-Za-z0-9_-]{43}")
            .prop_map(|(project_id, domain_id, thumbprint)| Grant::OAuth2Mtls { project_id, domain_id, thumbprint }),
    ]
}

fn claims() -> impl Strategy<Value = Claims> {
    let second = |last: i64| (0..last).prop_map(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0).expect("a time"));
    // Any subset, from the last configured to the first: the order in which a bitmask reads back.
    let methods = (0_u8..128).prop_map(|bits| {
        METHODS
            .iter()
            .enumerate()
            .rev()
            .filter(|(bit, _)| bits >> bit & 1 == 1)
            .map(|(_, name)| (*name).to_owned())
            .collect()
    });
    (
        id().prop_map(|id| Some(UserId::from(id))),
        methods,
        (audit_id(), option::of(audit_id())),
        (second(253_402_300_800), second(253_402_300_800)),
        grant(),
    )
        .prop_map(|(user_id, methods, (own, parent), (issued_at, expires_at), grant)| Claims {
            user_id,
            methods,
            audit: AuditIds { own, parent },
            issued_at,
            expires_at,
            grant,
        })
}

proptest! {
    #![proptest_config(config(512))]

    /// Opening what was sealed gives what went in.
    #[test]
    fn claims_read_back_as_they_were(claims in claims()) {
        let (formatter, keys) = (TokenFormatter::new(settings()), keys());
        let token = formatter.seal(&claims, keys.primary().expect("a key"), &*SeededRandom::new(1)).expect("these can be sealed");
        let opened = formatter.open(&token, &keys).expect("what was sealed opens");
        prop_assert_eq!(opened.claims, claims);
        prop_assert_eq!(opened.key, keys.primary().expect("a key").fingerprint());
    }

    /// No change of a genuine payload makes reading it panic, and what can still be read can be packed again.
    #[test]
    fn changed_payloads_never_panic(
        claims in claims(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in option::of(any::<prop::sample::Index>()),
    ) {
        let formatter = TokenFormatter::new(settings());
        let fields = (&claims).into();
        let class = fernstone::formatter::class_for(&fields).expect("a class");
        let mut payload = formatter.pack(&fields, class).expect("these can be packed");
        for (place, byte) in changes {
            let place = place.index(payload.len());
            payload[place] = byte;
        }
        if let Some(cut) = cut {
            payload.truncate(cut.index(payload.len()));
        }
        if let Ok((class, fields)) = formatter.unpack(&payload) {
            let _ = formatter.pack(&fields, class);
            let _ = fields.into_claims(claims.issued_at);
        }
        let _ = ReceiptFormatter::new(settings()).unpack(&payload);
    }
}

proptest! {
    #![proptest_config(config(4096))]

    /// No bytes make reading a payload panic.
    #[test]
    fn arbitrary_payloads_never_panic(payload in vec(any::<u8>(), 0..200)) {
        let _ = TokenFormatter::new(settings()).unpack(&payload);
        let _ = ReceiptFormatter::new(settings()).unpack(&payload);
    }

    /// No text makes opening a token panic, and none is opened by chance.
    #[test]
    fn arbitrary_texts_never_open(text in "\\PC{0,120}|[-_A-Za-z0-9=+/ ]{0,200}|gAAAAA[-_A-Za-z0-9]{0,200}={0,3}") {
        prop_assert!(TokenFormatter::new(settings()).open(&text, &keys()).is_err());
    }
}
