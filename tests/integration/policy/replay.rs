//! What the real oslo.policy answered, asked again here. `record_oslo_policy.py` made the recording.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fernstone::policy::{
    Attributes, DefaultRule, Enforcer, PolicyError, PolicyFile, PolicySettings, ReplacedRule, RuleSet, ScopeType,
    default_rules, file, target,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
struct Recording {
    language: Language,
    defaults: Defaults,
    worlds: Vec<World>,
}

#[derive(Deserialize)]
struct Language {
    named: Map<String, Value>,
    credentials: Vec<Map<String, Value>>,
    targets: Vec<Map<String, Value>>,
    rules: Vec<Value>,
    printed: Vec<String>,
    answers: Vec<String>,
}

#[derive(Deserialize)]
struct Defaults {
    rules: Vec<RecordedRule>,
    credentials: Map<String, Value>,
    targets: Map<String, Value>,
    answers: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct RecordedRule {
    name: String,
    check: String,
    scopes: Vec<String>,
    replaces: Option<RecordedReplaced>,
    #[serde(default)]
    for_removal: bool,
}

#[derive(Deserialize)]
struct RecordedReplaced {
    name: String,
    check: String,
}

#[derive(Deserialize)]
struct World {
    name: String,
    keystone: bool,
    files: BTreeMap<String, String>,
    options: Map<String, Value>,
    #[serde(default)]
    rules: Vec<RecordedRule>,
    error: Option<String>,
    #[serde(default)]
    different: BTreeMap<String, String>,
    #[serde(default)]
    sampled: bool,
    #[serde(default)]
    answers: BTreeMap<String, String>,
}

fn recording() -> Recording {
    serde_json::from_str(include_str!("oslo_policy.json")).unwrap()
}

/// One answer in the recording's letters.
fn letter(rules: &RuleSet, action: &str, credentials: &dyn Attributes, target: &dyn Attributes) -> char {
    match rules.enforce(action, credentials, target) {
        Ok(()) => 'y',
        Err(PolicyError::NotAuthorized { .. } | PolicyError::InvalidScope { .. }) => 'n',
        Err(PolicyError::Unevaluable { .. }) => 'e',
    }
}

/// Whether a rule has something in it that Python understands and this implementation refuses, however it is asked.
fn is_stricter(rule: &Value) -> bool {
    const REFUSED: [&str; 4] = [
        // A complex number, a tuple, a comment: literals that no policy compares with.
        "1j:1j", "():()", "('a'):a", // A conversion without a name prints the whole target.
        "%s",
    ];
    let text = rule.to_string();
    REFUSED.iter().any(|refused| text.contains(refused))
}

#[test]
fn every_rule_of_the_language_is_answered_as_recorded() {
    let language = recording().language;
    let settings = PolicySettings::default();
    let mut wrong = Vec::new();
    let mut asked = 0_usize;
    for ((rule, printed), answers) in language.rules.iter().zip(&language.printed).zip(&language.answers) {
        let mut contents = language.named.clone();
        contents.insert("case".to_owned(), rule.clone());
        let read = file::parse(&Value::Object(contents).to_string()).unwrap();
        let rules = RuleSet::build(&[], &[PolicyFile { path: "policy.json".into(), rules: read }], &settings);
        let here = rules.rule("case").unwrap().expression.to_string();
        if here != *printed {
            wrong.push(format!("{rule}\n  means {here}\n  not   {printed}"));
        }
        let here: String = language
            .credentials
            .iter()
            .flat_map(|credentials| language.targets.iter().map(move |target| (credentials, target)))
            .map(|(credentials, target)| letter(&rules, "case", credentials, target))
            .collect();
        asked += here.len();
        let never_looser = here.chars().zip(answers.chars()).all(|(here, there)| here == there || here == 'e');
        if here != *answers && !(is_stricter(rule) && never_looser) {
            wrong.push(format!("{rule}\n  answers {here}\n  not     {answers}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked > 40_000, "only {asked} questions");
}

#[test]
fn the_default_rules_are_keystones() {
    let recorded = recording().defaults.rules;
    assert_eq!(recorded.len(), 204);
    for (here, there) in default_rules().iter().zip(&recorded) {
        assert_eq!(*here, leaked(there), "{}", there.name);
    }
    assert_eq!(default_rules().len(), recorded.len());
}

#[test]
fn the_default_rules_answer_every_persona_as_recorded() {
    let defaults = recording().defaults;
    let mut wrong = Vec::new();
    for (mode, answers) in &defaults.answers {
        let settings = PolicySettings {
            enforce_scope: mode.starts_with("scope"),
            enforce_new_defaults: mode.ends_with(", new"),
            ..PolicySettings::default()
        };
        let rules = RuleSet::build(default_rules(), &[], &settings);
        for (action, there) in answers {
            let here = grid(&defaults, |credentials, target| letter(&rules, action, credentials, target));
            if here != *there {
                wrong.push(format!("{action} ({mode})\n  answers {here}\n  not     {there}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(defaults.answers.values().map(BTreeMap::len).sum::<usize>(), 4 * 204);
}

/// The answers for every persona, nobody included, and every target.
fn grid(defaults: &Defaults, mut ask: impl FnMut(&Map<String, Value>, &Map<String, Value>) -> char) -> String {
    let nobody = Value::Object(Map::new());
    let targets: Vec<_> = defaults.targets.values().map(|nested| target::flatten(object(nested).clone())).collect();
    defaults
        .credentials
        .values()
        .chain([&nobody])
        .flat_map(|credentials| targets.iter().map(|target| (object(credentials), target)).collect::<Vec<_>>())
        .map(|(credentials, target)| ask(credentials, target))
        .collect()
}

#[test]
fn files_change_the_rules_as_recorded() {
    let recording = recording();
    for world in &recording.worlds {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in &world.files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let settings = settings_of(world, directory.path());
        // The rules registered in the "renamed" worlds are not Keystone's, so those are built without an enforcer.
        let rules = if world.keystone {
            Enforcer::new(settings).map(|enforcer| enforcer.rules())
        } else {
            let registered: Vec<DefaultRule> = world.rules.iter().map(leaked).collect();
            let files = world.files.keys().map(|name| {
                let path = directory.path().join(name);
                PolicyFile { rules: file::read(&path).unwrap(), path }
            });
            Ok(RuleSet::build(&registered, &files.collect::<Vec<_>>(), &settings).into())
        };
        let rules = match (rules, &world.error) {
            (Err(_), Some(_)) => continue,
            (Ok(rules), None) => rules,
            (Err(error), None) => panic!("{}: refused: {error}", world.name),
            (Ok(_), Some(error)) => panic!("{}: accepted, where the recording has {error}", world.name),
        };
        for (name, printed) in &world.different {
            assert_eq!(rules.rule(name).unwrap().expression.to_string(), *printed, "{}: {name}", world.name);
        }
        if !world.sampled {
            let different: BTreeSet<_> = rules.differences().map(|rule| rule.name.as_str()).collect();
            let recorded: BTreeSet<_> = world.different.keys().map(String::as_str).collect();
            assert_eq!(different, recorded, "{}", world.name);
        }
        for (action, there) in &world.answers {
            let here = grid(&recording.defaults, |credentials, target| letter(&rules, action, credentials, target));
            assert_eq!(here, *there, "{}: {action}", world.name);
        }
    }
    assert!(recording.worlds.len() > 30);
}

fn settings_of(world: &World, directory: &Path) -> PolicySettings {
    let mut settings = PolicySettings { search_dirs: vec![directory.to_owned()], ..PolicySettings::default() };
    for (name, value) in &world.options {
        match (name.as_str(), value) {
            ("policy_file", Value::String(name)) => settings.policy_file = name.into(),
            ("policy_default_rule", Value::String(name)) => settings.default_rule = name.clone(),
            ("enforce_new_defaults", Value::Bool(flag)) => settings.enforce_new_defaults = *flag,
            ("policy_dirs", Value::Array(names)) => {
                settings.policy_dirs = names.iter().map(|name| name.as_str().unwrap().into()).collect();
            }
            other => panic!("{}: no such option: {other:?}", world.name),
        }
    }
    settings
}

/// A recorded rule in the form of the table. The table is static, so this is made to last as long.
fn leaked(rule: &RecordedRule) -> DefaultRule {
    let text = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let scopes: Vec<ScopeType> = rule
        .scopes
        .iter()
        .map(|scope| match scope.as_str() {
            "system" => ScopeType::System,
            "domain" => ScopeType::Domain,
            "project" => ScopeType::Project,
            other => panic!("no such scope: {other}"),
        })
        .collect();
    DefaultRule {
        name: text(&rule.name),
        check: text(&rule.check),
        scopes: Box::leak(scopes.into_boxed_slice()),
        replaces: rule
            .replaces
            .as_ref()
            .map(|replaced| ReplacedRule { name: text(&replaced.name), check: text(&replaced.check) }),
        for_removal: rule.for_removal,
    }
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

#[test]
fn the_stand_in_for_a_token_has_the_attributes_that_keystones_context_has() {
    #[derive(Deserialize)]
    struct Personas {
        personas: BTreeMap<String, Value>,
        credentials: BTreeMap<String, Map<String, Value>>,
    }
    #[derive(Deserialize)]
    struct Outer {
        defaults: Personas,
    }
    let Personas { personas, credentials } =
        serde_json::from_str::<Outer>(include_str!("oslo_policy.json")).unwrap().defaults;
    for (name, recorded) in credentials {
        let here = fernstone::policy::Credentials::of_token(personas[&name].clone().into());
        for (attribute, value) in &recorded {
            assert_eq!(here.attribute(attribute).unwrap_or(&json!("absent")), value, "{name}: {attribute}");
        }
        assert_eq!(here.attribute("is_admin"), None);
    }
}
