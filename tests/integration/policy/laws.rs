//! What holds for every rule, whatever it is.

use fernstone::policy::{Attributes, PolicyError, PolicyFile, PolicySettings, RuleSet, file, parser};
use parser::{ListItem, RuleText, parse};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

/// A runner that tries the same cases each time.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn rules(entries: &[(&str, String)]) -> RuleSet {
    let rules = entries
        .iter()
        .map(|(name, text)| file::FileRule {
            name: (*name).to_owned(),
            rule: RuleText::Text(text.clone()),
            is_blank: false,
        })
        .collect();
    RuleSet::build(&[], &[PolicyFile { path: "policy.yaml".into(), rules }], &PolicySettings::default())
}

fn ask(rules: &RuleSet, name: &str, credentials: &dyn Attributes, target: &dyn Attributes) -> Option<bool> {
    match rules.enforce(name, credentials, target) {
        Ok(()) => Some(true),
        Err(PolicyError::Unevaluable { .. }) => None,
        Err(_) => Some(false),
    }
}

fn check() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "@",
        "!",
        "role:a",
        "role:b",
        "role:%(role)s",
        "user_id:u",
        "user_id:%(user)s",
        "user_id:%(missing)s",
        "'x':%(x)s",
        "None:%(none)s",
        "groups.id:g",
        "a.b:c",
        "rule:other",
        "rule:loop",
        "class:x",
        "http://x",
        "nonsense",
    ])
    .prop_map(str::to_owned)
}

fn rule() -> impl Strategy<Value = String> {
    check().prop_recursive(4, 24, 3, |part| {
        prop_oneof![
            part.clone().prop_map(|part| format!("not ({part})")),
            prop::collection::vec(part.clone(), 1..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            prop::collection::vec(part, 1..4).prop_map(|parts| format!("({})", parts.join(" or "))),
        ]
    })
}

fn credentials() -> impl Strategy<Value = Map<String, Value>> {
    let values = vec![json!("u"), json!(null), json!(["a", "b"]), json!([{"id": "g"}]), json!({"b": "c"}), json!(1)];
    let value = prop::sample::select(values);
    prop::collection::hash_map(
        prop::sample::select(vec!["roles", "user_id", "groups", "a", "system_scope"]),
        value,
        0..5,
    )
    .prop_map(|values| values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn target() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop::sample::select(vec![json!("u"), json!("a"), json!("x"), json!(null), json!(true)]);
    prop::collection::hash_map(prop::sample::select(vec!["role", "user", "x", "none"]), value, 0..4)
        .prop_map(|values| values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Of `a` and `b`: double negation, De Morgan, and that `and` and `or` stop at the first part that decides. A part that
/// has no answer leaves the whole without one, a negation included.
#[test]
fn operators_are_those_of_logic() {
    let cases = (rule(), rule(), credentials(), target());
    runner(2000)
        .run(&cases, |(a, b, credentials, target)| {
            let rules = rules(&[
                ("a", a.clone()),
                ("b", b.clone()),
                ("other", "role:b".to_owned()),
                ("loop", "rule:loop".to_owned()),
                ("not not a", format!("not not ({a})")),
                ("not a", format!("not ({a})")),
                ("a and b", format!("({a}) and ({b})")),
                ("a or b", format!("({a}) or ({b})")),
                ("not (not a or not b)", format!("not (not ({a}) or not ({b}))")),
                ("not (not a and not b)", format!("not (not ({a}) and not ({b}))")),
                ("rule:a", "rule:a".to_owned()),
            ]);
            let ask = |name| ask(&rules, name, &credentials, &target);
            let (a, b) = (ask("a"), ask("b"));
            prop_assert_eq!(ask("not not a"), a);
            prop_assert_eq!(ask("rule:a"), a);
            prop_assert_eq!(ask("not a"), a.map(|a| !a));
            let and = if a == Some(true) { b } else { a };
            let or = if a == Some(false) { b } else { a };
            prop_assert_eq!(ask("a and b"), and);
            prop_assert_eq!(ask("a or b"), or);
            prop_assert_eq!(ask("not (not a or not b)"), and);
            prop_assert_eq!(ask("not (not a and not b)"), or);
            Ok(())
        })
        .unwrap();
}

/// Text that is printed parses to what was printed, so that what operators are shown is what is in force.
#[test]
fn what_is_printed_means_the_same() {
    runner(2000)
        .run(&rule(), |text| {
            let once = parse(&RuleText::Text(text)).expression;
            let again = parse(&RuleText::Text(once.to_string())).expression;
            prop_assert_eq!(once.to_string(), again.to_string());
            Ok(())
        })
        .unwrap();
}

/// Any text at all: no panic, and where something could not be understood, it says so. Two evaluations agree.
#[test]
fn any_text_is_a_rule() {
    let text = prop_oneof![
        any::<String>(),
        prop::collection::vec(
            prop::sample::select(vec![
                "(",
                ")",
                " ",
                "and",
                "or",
                "not",
                "@",
                "!",
                "a:b",
                "%",
                "%(",
                "%(x)s",
                ":",
                "'",
                "\"",
                "rule:case",
                "role:",
                "\\",
                "\u{85}",
                "é",
                "0x",
                "1e",
                ".",
                "-",
                "'a'",
                "r'",
                "%(x)99999s",
                "%(x).3s",
                "%(x)-4r",
                "\\x",
                "\\u12",
            ]),
            0..40
        )
        .prop_map(|words| words.concat()),
    ];
    runner(5000)
        .run(&(text, credentials(), target()), |(text, credentials, target)| {
            let parsed = parse(&RuleText::Text(text.clone()));
            prop_assert!(parsed == parse(&RuleText::Text(text.clone())));
            let as_check = parse(&RuleText::List(vec![ListItem::Check(text.clone())]));
            prop_assert!(
                text.contains(':') || text.is_empty() || text == "@" || text == "!" || !as_check.problems.is_empty()
            );
            let rules = rules(&[("case", text)]);
            prop_assert_eq!(ask(&rules, "case", &credentials, &target), ask(&rules, "case", &credentials, &target));
            Ok(())
        })
        .unwrap();
}

/// Any bytes in a policy file: an error or rules, no panic.
#[test]
fn any_text_is_a_file_or_is_refused() {
    let text = prop_oneof![
        any::<String>(),
        prop::collection::vec(
            prop::sample::select(vec![
                "a",
                "identity:x",
                ":",
                ": ",
                "\n",
                "  ",
                "- ",
                "[",
                "]",
                "{",
                "}",
                ",",
                "'",
                "\"",
                "!",
                "&a ",
                "*a",
                "<<",
                "~",
                "#",
                "|",
                ">",
                "---",
                "...",
                "?",
                "%",
                "@",
                "\t",
                "true",
                "1",
                "!!str ",
            ]),
            0..40
        )
        .prop_map(|words| words.concat()),
    ];
    runner(5000)
        .run(&text, |text| {
            let _ = file::parse(&text);
            Ok(())
        })
        .unwrap();
}

/// However deep the text goes, the stack does not.
#[test]
fn depth_is_bounded() {
    let many = 200_000;
    let nobody = Map::new();
    for text in [
        "not ".repeat(many) + "!",
        "(".repeat(many) + "@" + &")".repeat(many),
        "(@ and ".repeat(many) + "@" + &")".repeat(many),
        "(! or not ".repeat(many) + "@" + &")".repeat(many),
        "(".repeat(many),
        "a.".repeat(many) + ":b",
        "-".repeat(many) + "1:b",
        "%(".repeat(many) + ":",
        "x:".to_owned() + &"%(".repeat(many),
    ] {
        let rules = rules(&[("case", text.clone())]);
        let answer = ask(&rules, "case", &nobody, &nobody);
        let parentheses_only = text.starts_with("((((") && text.ends_with("))))");
        assert_eq!(answer == Some(true), parentheses_only, "{}", &text[..20]);
    }

    let chain: Vec<(String, String)> =
        (0..many).map(|place| (format!("r{place}"), format!("rule:r{}", place + 1))).collect();
    let chain: Vec<(&str, String)> = chain.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let rules = rules(&chain);
    assert_eq!(ask(&rules, "r0", &nobody, &nobody), None);
    assert_eq!(ask(&rules, &format!("r{}", many - 10), &nobody, &nobody), Some(false));

    for text in [
        "a: ".to_owned() + &"[".repeat(many) + &"]".repeat(many),
        "{\"a\": ".to_owned() + &"[".repeat(many) + &"]".repeat(many) + "}",
        "- ".repeat(many),
        "? ".repeat(many),
        "a: &x ".repeat(many),
        "{a: ".repeat(900),
    ] {
        assert!(file::parse(&text).is_err(), "{}", &text[..20]);
    }
}

/// A file with aliases that refer to aliases is small and would be huge when written out.
#[test]
fn aliases_do_not_explode() {
    let mut text = "a0: &a0 [role:x, role:x]\n".to_owned();
    for level in 1..64 {
        let last = level - 1;
        text += &format!("a{level}: &a{level} [*a{last}, *a{last}, *a{last}, *a{last}, *a{last}]\n");
    }
    assert!(file::parse(&text).is_err());
}
