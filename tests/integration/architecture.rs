//! The house rules that a compiler does not check: which module may know which, that every file says why it exists,
//! and that none grows out of one subject.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Left may use right, never the reverse; modules of one row do not know each other.
const READING_ORDER: [&[&str]; 16] = [
    &["main"],
    &["cli"],
    &["fixture"],
    &["doctor"],
    &["app"],
    &["config"],
    &["bootstrap", "metrics", "server"],
    &["http"],
    &["auth"],
    &["token", "policy"],
    &["assignment"],
    &["cascade"],
    &["formatter"],
    &["keys"],
    &["store"],
    &["domain"],
];

/// `config` is known to those who hand its values down, and may name the settings types of those to the right of it.
const KNOWS_CONFIG: [&str; 5] = ["main", "cli", "fixture", "doctor", "app"];

const MOST_LINES: usize = 600;

#[test]
fn modules_know_only_what_is_to_the_right_of_them() {
    let mut wrong = Vec::new();
    for file in sources() {
        let module = module_of(&file);
        if module == "lib" {
            continue;
        }
        let position = position(&module);
        for used in modules_used_by(&text_of(&file)) {
            if used == module {
                continue;
            }
            let knows_config = used != "config" || KNOWS_CONFIG.contains(&module.as_str());
            if position >= self::position(&used) || !knows_config {
                wrong.push(format!("{}: {module} uses {used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_why_it_exists() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|file| !text_of(file).starts_with("//!"))
        .map(|file| file.display().to_string())
        .collect();
    assert!(silent.is_empty(), "no module documentation: {silent:?}");
}

#[test]
fn no_file_is_too_long_to_be_about_one_thing() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|file| text_of(file).lines().count() > MOST_LINES)
        .map(|file| file.display().to_string())
        .collect();
    assert!(long.is_empty(), "over {MOST_LINES} lines: {long:?}");
}

fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the source folder can be read") {
            let path = entry.expect("the source folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

fn text_of(file: &Path) -> String {
    fs::read_to_string(file).expect("a source file can be read")
}

/// `src/token/wire.rs` and `src/token.rs` are both of the module `token`.
fn module_of(file: &Path) -> String {
    let below = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("below src");
    let first = below.components().next().expect("a file name");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

fn position(module: &str) -> usize {
    READING_ORDER
        .iter()
        .position(|row| row.contains(&module))
        .unwrap_or_else(|| panic!("module {module} has no place in the reading order"))
}

/// The top-level modules named after `crate::`, or in the binary `fernstone::`, in code and not in comments.
fn modules_used_by(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut used = BTreeSet::new();
    // In strings, `fernstone::` names a log target.
    let ends =
        |marker: &'static str| code.match_indices(marker).map(move |(at, _)| at + marker.len()).collect::<Vec<_>>();
    for end in ends("crate::").into_iter().chain(ends(" fernstone::")) {
        let rest = &code[end..];
        if let Some(group) = rest.strip_prefix('{') {
            used.extend(heads_of_group(group));
        } else {
            used.extend(word_at(rest));
        }
    }
    used
}

/// The first word of each item of a `use` group.
fn heads_of_group(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut at_start) = (0, Vec::new(), true);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            _ if at_start && character.is_ascii_alphabetic() => {
                heads.extend(word_at(&group[at..]));
                at_start = false;
            }
            _ => {}
        }
    }
    heads
}

fn word_at(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    // Only modules: types re-exported at the top begin with a capital, and macros are not modules.
    word.starts_with(|c: char| c.is_ascii_lowercase()).then_some(word)
}
