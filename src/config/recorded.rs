//! Replays what oslo.config made of configurations (`tests/integration/config/record.py`): the dialect, the types,
//! whole configurations with references, older names, several files and the environment, and every default.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::{
    Config, ConfigError, Given, Origin, Sources,
    ini::{self, FaultAt},
    registry::Registry,
    types::{Kind, Value},
    values::Values,
};

fn as_json(value: &Value) -> Json {
    match value {
        Value::Absent => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(number) => serde_json::from_str(&number.to_string()).unwrap(),
        Value::Float(number) if number.is_finite() => json!(number),
        Value::Float(number) => json!({ "float": number.to_string() }),
        Value::Text(text) => json!(text),
        Value::List(items) => items.iter().map(as_json).collect(),
        Value::Dict(entries) => {
            Json::Object(entries.iter().map(|(key, value)| (key.clone(), as_json(value))).collect())
        }
    }
}

#[derive(Deserialize)]
struct IniCase {
    text: String,
    sections: Option<BTreeMap<String, BTreeMap<String, Vec<String>>>>,
    line: Option<usize>,
    fault: Option<String>,
}

#[test]
fn files_are_parsed_and_refused_as_by_oslo_config() {
    let cases: Vec<IniCase> =
        serde_json::from_str(include_str!("../../tests/integration/config/recorded/ini.json")).unwrap();
    assert!(cases.len() > 400);
    for case in cases {
        match ini::parse(&case.text) {
            Ok(assignments) => {
                let mut sections: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
                for assignment in assignments {
                    let section = sections.entry(assignment.section).or_default();
                    section.entry(assignment.option).or_default().push(assignment.value);
                }
                let expected = case.sections.map(|mut sections| {
                    // A section without options says nothing.
                    sections.retain(|_, options| !options.is_empty());
                    sections
                });
                assert_eq!(Some(sections), expected, "{:?}", case.text);
            }
            Err(FaultAt { line, fault }) => {
                assert_eq!((Some(line), Some(format!("{fault:?}"))), (case.line, case.fault), "{:?}", case.text);
            }
        }
    }
}

#[derive(Deserialize)]
struct TypeCase {
    kind: Kind,
    text: String,
    value: Option<Json>,
    #[serde(default)]
    refused: bool,
}

#[test]
fn texts_are_converted_and_refused_as_by_oslo_config() {
    let cases: Vec<TypeCase> =
        serde_json::from_str(include_str!("../../tests/integration/config/recorded/types.json")).unwrap();
    assert!(cases.len() > 200);
    for case in cases {
        let converted = case.kind.convert(&case.text).map(|value| as_json(&value));
        match converted {
            // An absent value is recorded as JSON's null, which reads as no value at all.
            Ok(value) => assert_eq!((value, false), (case.value.unwrap_or_default(), case.refused), "{:?}", case.text),
            Err(reason) => {
                assert!(case.refused, "{:?} is refused ({reason}), recorded as {:?}", case.text, case.value);
            }
        }
    }
}

#[derive(Deserialize)]
struct ValuesCase {
    name: String,
    files: BTreeMap<String, String>,
    given: Vec<(String, String)>,
    env: BTreeMap<String, String>,
    outcome: Option<Map<String, Json>>,
    refused: Option<String>,
    paths: Option<Vec<String>>,
}

#[test]
fn whole_configurations_have_the_values_that_they_have_in_keystone() {
    let cases: Vec<ValuesCase> =
        serde_json::from_str(include_str!("../../tests/integration/config/recorded/values.json")).unwrap();
    assert!(cases.len() > 100);
    for case in cases {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in &case.files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let given = case.given.iter().map(|(kind, path)| match kind.as_str() {
            "file" => Given::File(root.path().join(path)),
            _ => Given::Dir(root.path().join(path)),
        });
        // A home without files, so that those of the machine are not found.
        let mut environment = case.env.clone();
        environment.insert("HOME".to_owned(), root.path().join("home").to_string_lossy().into_owned());
        let values = match Config::values(&Sources { given: given.collect(), environment }) {
            Ok(values) => values,
            Err(error) => {
                let refused = match &error {
                    ConfigError::FilesNotFound(paths) => {
                        let names = paths.iter().map(|path| path.strip_prefix(root.path()).unwrap().to_str().unwrap());
                        assert_eq!(names.collect::<Vec<_>>(), case.paths.unwrap(), "{}", case.name);
                        "files not found"
                    }
                    ConfigError::DirectoryNotFound(_) => "directory not found",
                    ConfigError::Syntax { .. } => "syntax",
                    _ => "otherwise",
                };
                assert_eq!(Some(refused), case.refused.as_deref(), "{}: {error}", case.name);
                continue;
            }
        };
        for (option, expected) in case.outcome.unwrap() {
            let (section, name) = option.split_once('.').unwrap();
            let value = values.value(values.spec(section, name).unwrap());
            match (value, &expected["refused"]) {
                (Ok((value, _)), Json::Null) => {
                    assert_eq!(as_json(&value), expected["value"], "{}: {option}", case.name)
                }
                (Err(ConfigError::BadValue(refused)), Json::String(why)) => {
                    let reason = refused.reason;
                    let about_references = reason.contains("refer");
                    assert_eq!(about_references, why != "value", "{}: {option}: {reason}", case.name);
                }
                (other, _) => panic!("{}: {option} is {other:?}, recorded as {expected}", case.name),
            }
        }
    }
}

#[test]
fn every_registered_default_is_a_value_of_its_type() {
    let values = Values { registry: Registry::load().unwrap(), files: Vec::new(), environment: BTreeMap::new() };
    assert!(values.registry.options().len() > 450);
    for spec in values.registry.options() {
        let (value, origin) = values.value(spec).unwrap();
        assert_eq!(origin, Origin::Default);
        let refers = spec.default.as_str().is_some_and(|text| text.contains('$') || text.is_empty());
        if !refers {
            assert_eq!(as_json(&value).to_string().replace(".0", ""), spec.default.to_string().replace(".0", ""));
        }
    }
}

#[derive(Deserialize)]
struct SearchCase {
    env: BTreeMap<String, String>,
    given: Vec<(String, PathBuf)>,
    default_files: Vec<PathBuf>,
    search_dirs: Vec<PathBuf>,
}

#[test]
fn files_are_looked_for_where_keystone_looks() {
    let cases: Vec<SearchCase> =
        serde_json::from_str(include_str!("../../tests/integration/config/recorded/searches.json")).unwrap();
    assert!(cases.len() > 10);
    for case in cases {
        let given = case.given.into_iter().map(|(kind, path)| match kind.as_str() {
            "file" => Given::File(path),
            _ => Given::Dir(path),
        });
        let sources = Sources { given: given.collect(), environment: case.env };
        if !case.default_files.is_empty() {
            assert_eq!(sources.default_files(), case.default_files, "{sources:?}");
        }
        assert_eq!(sources.search_dirs().unwrap(), case.search_dirs, "{sources:?}");
    }
}
