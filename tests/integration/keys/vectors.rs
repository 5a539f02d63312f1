//! Every scenario of `key-repository.json`, recorded from Keystone 30.0.0, on real directories, by the library and by the
//! binary, as an unprivileged user and as root: what each operation returns and logs, and the files, modes, sizes and keys
//! that it leaves.
//!
//! `FERNSTONE_VECTORS` names another directory with recordings of the same format.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use fernstone::{
    cli::{
        fernet_rotate::{self, FernetRotateArgs},
        fernet_setup::{self, FernetSetupArgs},
        key_repositories::{FernetRepositories, KeyRepositorySettings},
    },
    domain::random::SystemRandom,
    keys::{
        Key, KeyFingerprint, KeyNumber, KeyOwner, KeyRepository, KeySet, ListingOrder, PrimaryKeyError,
        number::FileName,
    },
};
use rustix::{
    fs::Mode,
    process::{geteuid, umask},
};
use serde_json::Value;

use super::{
    at_most, fingerprints,
    log::{Lines, captured},
    raised::{check_error, repository_error},
    unprivileged::{as_ourselves, as_unprivileged},
};
use crate::cli::spoken::{User, binary, fernstone};

/// Where this implementation answers otherwise than Keystone, by kind of scenario, and why. The server goes on with the
/// keys that it can use where Keystone fails as a whole; what is asserted instead is in [`Run::check_keys`].
const DIFFERENCES: [(&str, &str); 6] = [
    ("unreadable-key", "a secondary that cannot be read is skipped, the others go on opening tokens"),
    ("junk-unreadable", "a file that is no key need not be readable"),
    ("key-binary", "bytes that are no text are no key: as a primary it stops minting, the others go on opening tokens"),
    ("key-content", "a malformed primary stops minting, the others go on opening tokens"),
    ("key-content-staged", "a malformed staged key is skipped: it neither mints nor has it minted"),
    ("max-below-one", "no repository can be made that would delete its own primary: the type has no zero"),
];

/// Kinds of scenarios that cannot be told apart on the command line: it takes files in the order in which the system
/// lists them.
const ORDER_MATTERS: [&str; 2] = ["number-collision", "number-spelling"];

/// Scenarios in which a mode forbids something, which it does not to root.
const CLOSED_TO_ALL_BUT_ROOT: [&str; 10] = [
    "create-denied",
    "dir-mode-0000-closed",
    "dir-mode-0300-closed",
    "dir-mode-0400-closed",
    "dir-mode-0500",
    "dir-mode-0600-closed",
    "dir-read-only",
    "junk-unreadable",
    "stale-tmp-readonly",
    "unreadable-secondary",
];

/// By what a repository is set up and rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    Library,
    /// The binary, as who runs the thread.
    CommandLine,
}

#[test]
fn repositories_behave_as_recorded() {
    let differing = as_recorded(Means::Library, &[], |run| as_unprivileged(run));
    let listed: BTreeSet<&str> = DIFFERENCES.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(differing, listed, "differences that are not listed, or no longer there");
}

#[test]
fn repositories_behave_as_recorded_on_the_command_line() {
    binary();
    as_recorded(Means::CommandLine, &ORDER_MATTERS, |run| as_unprivileged(run));
}

/// Where the tests run as root; else it is the first one again.
#[test]
fn repositories_behave_as_recorded_for_root() {
    as_recorded(Means::Library, &CLOSED_TO_ALL_BUT_ROOT, |run| as_ourselves(run));
}

/// As before: root's where root runs the tests.
#[test]
fn repositories_behave_as_recorded_on_root_s_command_line() {
    binary();
    let left_out = [&ORDER_MATTERS[..], &CLOSED_TO_ALL_BUT_ROOT].concat();
    as_recorded(Means::CommandLine, &left_out, |run| as_ourselves(run));
}

/// Replays every scenario but those that are left out, by kind or name; the kinds that differed on purpose.
fn as_recorded(
    means: Means,
    left_out: &[&str],
    by: impl Fn(Box<dyn FnOnce() -> bool + Send + '_>) -> bool,
) -> BTreeSet<&'static str> {
    let recording: Value = serde_json::from_str(&super::vector_file("key-repository.json")).unwrap();
    let null_key = recording["null_key"].as_str().unwrap();
    let scenarios = recording["scenarios"].as_array().unwrap();
    assert!(scenarios.len() > 50, "the recording is not complete");
    let mut differing = BTreeSet::new();
    let is_left_out = |scenario: &&Value| ["kind", "name"].iter().any(|it| left_out.contains(&text(&scenario[it])));
    for scenario in scenarios.iter().filter(|scenario| !is_left_out(scenario)) {
        if by(Box::new(|| Run::of(scenario, null_key, means).all_steps())) {
            let listed = DIFFERENCES.iter().find(|(kind, _)| *kind == text(&scenario["kind"]));
            differing.insert(listed.unwrap_or_else(|| panic!("{} differs", scenario["name"])).0);
        }
    }
    differing
}

/// A scenario being replayed.
struct Run<'a> {
    scenario: &'a Value,
    null_key: &'a str,
    base: tempfile::TempDir,
    repository: PathBuf,
    means: Means,
    /// Texts of the keys by label. What Keystone generated at random is another text here; a label gets it when the
    /// recording first shows the label.
    labels: BTreeMap<&'a str, String>,
    /// The maximum that the last step gave, for steps that give none.
    max_active_keys: u32,
    /// Whether some step gave a deliberately different answer.
    differs: bool,
}

type Steps<'a> = &'a [Value];

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn mode(value: &Value) -> u32 {
    u32::from_str_radix(text(value), 8).unwrap()
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn write(path: &Path, mode: u32, content: &[u8]) {
    use std::io::Write;
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path).unwrap();
    file.write_all(content).unwrap();
    chmod(path, mode);
}

impl<'a> Run<'a> {
    fn of(scenario: &'a Value, null_key: &'a str, means: Means) -> Self {
        let base = tempfile::tempdir().expect("the temporary directory is open to everybody");
        let steps = scenario["steps"].as_array().unwrap();
        let nested = steps.iter().any(|step| step.get("parents").is_some());
        let repository = base.path().join(if nested { "a/b/keys" } else { "keys" });
        let first = &steps[0];
        if first["state"]["is_directory"] == false {
            write(&repository, 0o644, b"not a directory");
        }
        // The parent of a directory that could not be created was read only.
        if first["op"] == "create_key_directory" && first["state"]["exists"] == false {
            chmod(base.path(), 0o500);
        }
        Self {
            scenario,
            null_key,
            base,
            repository,
            means,
            labels: BTreeMap::new(),
            max_active_keys: 3,
            differs: false,
        }
    }

    /// Replays all steps; true if one of them differed on purpose.
    fn all_steps(mut self) -> bool {
        let steps: Steps<'a> = self.scenario["steps"].as_array().unwrap();
        for (place, step) in steps.iter().enumerate() {
            let before = format!("{} step {place}, {}", self.scenario["name"], step["op"]);
            if let Some(maximum) = step.get("max_active_keys") {
                let Some(maximum) = maximum.as_u64().filter(|maximum| *maximum > 0) else {
                    self.differs = true;
                    break;
                };
                self.max_active_keys = maximum.try_into().unwrap();
            }
            println!("{before}");
            self.step(step, &steps[place + 1..]);
            self.check_state(&step["state"]);
        }
        // Whatever the scenario closed must be open again to be deleted.
        chmod(self.base.path(), 0o700);
        if self.repository.is_dir() {
            chmod(&self.repository, 0o700);
        }
        self.differs
    }

    fn step(&mut self, step: &'a Value, later: Steps<'a>) {
        let named = || match step["name"].as_str() {
            Some(name) => self.repository.join(name),
            None => self.repository.clone(),
        };
        match text(&step["op"]) {
            "make_directory" => {
                fs::create_dir(&self.repository).unwrap();
                chmod(&self.repository, mode(&step["mode"]));
            }
            "write_key_files" => self.write_key_files(step),
            "write_file" => match step.get("content_hex") {
                Some(content) => write(&named(), mode(&step["mode"]), &from_hex(text(content))),
                None => write(&named(), mode(&step["mode"]), text(&step["content"]).as_bytes()),
            },
            "chmod" => chmod(&named(), mode(&step["mode"])),
            "make_subdirectory" => {
                fs::create_dir(named()).unwrap();
                chmod(&named(), 0o700);
            }
            "make_symlinks" => self.make_symlinks(step, later),
            "create_key_directory" => self.create_key_directory(step),
            "load_keys" => {
                let (keys, log) = captured(|| self.repository().load());
                let use_null_key = step["use_null_key"] == true;
                let keys = if use_null_key { keys.with_null_key() } else { keys };
                self.check_keys(step, &keys, &log);
            }
            "token_formatter_crypto" => {
                let (keys, log) = captured(|| self.repository().load());
                self.check_crypto(step, &keys, &log);
            }
            "validate_key_repository" => {
                let (accessible, log) = captured(|| self.repository().is_accessible(step["requires_write"] == true));
                assert_eq!(accessible, step["returned"].as_bool().unwrap());
                self.check_log(step, &log);
            }
            "fernet_provider_start" => {
                let ready = self.repository().check_ready().map_err(|error| error.to_string());
                let recorded = step.get("exception").map(|exception| self.in_place(text(&exception["message"])));
                assert_eq!(ready.err(), recorded);
            }
            operation => self.check_change(step, operation),
        }
    }

    /// The operations that change a repository.
    fn check_change(&self, step: &Value, operation: &str) {
        let owner = self.owner(step);
        let repository = self.repository();
        if self.means == Means::CommandLine && owner == KeyOwner::default() {
            // What the library does to a directory that is not checked first, no command does.
            let accessible = captured(|| repository.is_accessible(true)).0;
            match operation {
                "setup" | "cli_fernet_setup" => return self.check_command(step, "fernet_setup"),
                "initialize_key_repository" if accessible => return self.check_command(step, "fernet_setup"),
                "cli_fernet_rotate" => return self.check_command(step, "fernet_rotate"),
                "rotate_keys" if accessible => return self.check_command(step, "fernet_rotate"),
                _ => {}
            }
        }
        let (result, mut log) = captured(|| match operation {
            "setup" => repository.setup(owner, &SystemRandom).map(|_| ()),
            "initialize_key_repository" => repository.initialize(owner, &SystemRandom).map(|_| ()),
            "rotate_keys" => repository.rotate(owner, &SystemRandom),
            "cli_fernet_setup" => {
                repository_error(fernet_setup::run(&FernetSetupArgs::default(), &self.settings(), &SystemRandom))
            }
            "cli_fernet_rotate" => {
                repository_error(fernet_rotate::run(&FernetRotateArgs::default(), &self.settings(), &SystemRandom))
            }
            unknown => panic!("unknown operation {unknown}"),
        });
        match (step.get("exception"), &result) {
            (None, Ok(())) => {}
            (Some(recorded), Err(error)) => check_error(text(&recorded["class"]), error),
            (recorded, result) => panic!("{result:?}, recorded {recorded:?}"),
        }
        if operation.starts_with("cli") {
            // The commands take the files as the system lists them, which the recording fixed.
            log.iter_mut().for_each(|(_, message)| sort_listed_files(message));
        }
        self.check_log(step, &log);
    }

    /// The same by the binary: its status, and what it logs.
    fn check_command(&self, step: &Value, verb: &str) {
        let room = tempfile::tempdir().unwrap();
        let config = room.path().join("keystone.conf");
        let (path, maximum) = (self.repository.display(), self.max_active_keys);
        let section = |name: &str| format!("[{name}]\nkey_repository = {path}\nmax_active_keys = {maximum}\n");
        fs::write(&config, section("fernet_tokens") + &section("fernet_receipts")).unwrap();
        let mut line = vec!["--config-file", config.to_str().unwrap(), verb];
        if geteuid().is_root() {
            line.extend(["--keystone-user", "0", "--keystone-group", "0"]);
        }
        let answer = fernstone(User::Same, line);
        assert_eq!(answer.status, i32::from(step.get("exception").is_some()), "{answer:?}");
        let mut log = Lines::new();
        for text in answer.stderr.lines() {
            // Time, level, module, message; the last line of a failure is none of these, nor a warning of our own.
            let Some((_, line)) = text.split_once("Z ") else { continue };
            let Some((level, rest)) = line.trim_start().split_once(' ') else { continue };
            let Some((module, message)) = rest.split_once(": ") else { continue };
            if module.starts_with("fernstone::keys") || module == "fernstone::cli::fernet_setup" {
                let mut message = message.to_owned();
                sort_listed_files(&mut message);
                log.push((level.replace("WARN", "WARNING"), message));
            }
        }
        let mut recorded = step.clone();
        for line in recorded["log"].as_array_mut().unwrap() {
            let mut message = text(&line["message"]).to_owned();
            sort_listed_files(&mut message);
            line["message"] = message.into();
        }
        self.check_log(&recorded, &log);
    }

    fn repository(&self) -> KeyRepository {
        KeyRepository::new(&self.repository, at_most(self.max_active_keys)).with_listing_order(
            match text(&self.scenario["listdir_order"]) {
                "sorted" => ListingOrder::ByName,
                "reverse" => ListingOrder::ByNameReversed,
                unknown => panic!("unknown order {unknown}"),
            },
        )
    }

    fn settings(&self) -> FernetRepositories {
        let repository =
            KeyRepositorySettings { path: self.repository.clone(), max_active_keys: at_most(self.max_active_keys) };
        FernetRepositories { tokens: repository.clone(), receipts: repository }
    }

    fn owner(&self, step: &Value) -> KeyOwner {
        let id = |name: &str| step[name].as_u64().map(|id| id.try_into().unwrap());
        KeyOwner { user: id("keystone_user_id"), group: id("keystone_group_id") }
    }

    /// Key files get the recorded keys: those of the labels that the state after the step shows.
    fn write_key_files(&mut self, step: &'a Value) {
        let mode = step.get("mode").map_or(0o600, mode);
        for name in step["names"].as_array().unwrap() {
            let shown = step["state"]["files"].as_array().unwrap().iter().find(|file| file["name"] == *name).unwrap();
            let label = text(&shown["key"]);
            let key = text(&self.scenario["keys"][label]).to_owned();
            write(&self.repository.join(text(name)), mode, key.as_bytes());
            self.labels.insert(label, key);
        }
    }

    /// The recording does not show what is behind the links: the key that is loaded next and was not there before.
    fn make_symlinks(&mut self, step: &'a Value, later: Steps<'a>) {
        for (link, target) in step["links"].as_object().unwrap() {
            symlink(text(target), self.repository.join(link)).unwrap();
        }
        let loaded = later.iter().find(|step| step["op"] == "load_keys").unwrap()["returned"].as_array().unwrap();
        let label = loaded.iter().map(text).find(|label| !self.labels.contains_key(label)).unwrap();
        let key = text(&self.scenario["keys"][label]).to_owned();
        write(&self.base.path().join("outside"), 0o600, key.as_bytes());
        self.labels.insert(label, key);
    }

    fn create_key_directory(&self, step: &Value) {
        let before = umask(Mode::from_raw_mode(mode(&step["umask"])));
        let (result, log) = captured(|| self.repository().create_directory(self.owner(step)));
        umask(before);
        result.unwrap();
        self.check_log(step, &log);
        for (parent, recorded) in step.get("parents").and_then(Value::as_object).into_iter().flatten() {
            let metadata = fs::metadata(self.base.path().join(parent)).unwrap();
            assert_eq!(metadata.mode() & 0o7777, mode(recorded), "mode of {parent}");
        }
    }

    /// The text of what `load_keys` returned at one place.
    fn returned_text(&self, returned: &Value) -> String {
        match returned.as_str() {
            Some("NULL_KEY") => self.null_key.to_owned(),
            // A key that was written as a file of its own has a label too, and no step that gave the text to it.
            Some(label) => match self.labels.get(label) {
                Some(key) => key.clone(),
                None => text(&self.scenario["keys"][label]).to_owned(),
            },
            None => text(&returned["text"]).to_owned(),
        }
    }

    /// The keys loaded are those recorded, in their order, as far as they are keys; where Keystone failed as a whole,
    /// they are those of the files that hold one, highest number first.
    fn check_keys(&mut self, step: &Value, keys: &KeySet, log: &Lines) {
        let expected = match step["returned"].as_array() {
            Some(returned) => {
                let parsed: Vec<Option<KeyFingerprint>> =
                    returned.iter().map(|key| fingerprint(&self.returned_text(key))).collect();
                self.check_log_with_skipped(step, log, parsed.iter().filter(|key| key.is_none()).count());
                parsed.into_iter().flatten().collect()
            }
            None => {
                self.differs = true;
                let (usable, unusable) = self.usable_keys();
                for file in &unusable {
                    let names_it = |(level, message): &(String, String)| level == "WARNING" && message.contains(file);
                    assert!(log.iter().any(names_it), "no warning about {file} in {log:#?}");
                }
                usable
            }
        };
        assert_eq!(fingerprints(keys), expected);
    }

    /// What a server makes of the keys.
    fn check_crypto(&mut self, step: &Value, keys: &KeySet, log: &Lines) {
        let (usable, unusable) = match step.get("exception").map(|exception| text(&exception["class"])) {
            Some("KeysNotFound") => {
                assert_eq!(keys.primary().unwrap_err(), PrimaryKeyError::KeysNotFound);
                return self.check_log(step, log);
            }
            Some("ValueError" | "UnicodeDecodeError" | "PermissionError") => {
                self.differs = true;
                self.usable_keys()
            }
            Some(unknown) => panic!("unknown exception {unknown}"),
            None => {
                let count = text(&step["returned"]).split(' ').nth(2).unwrap();
                assert_eq!(keys.len().to_string(), count);
                self.check_log(step, log);
                self.usable_keys()
            }
        };
        assert_eq!(fingerprints(keys), usable);
        let highest = self.highest_numbered_file();
        match keys.primary() {
            Ok(primary) => assert_eq!(Some(&primary.fingerprint()), usable.first()),
            Err(PrimaryKeyError::Unusable { file, .. }) => {
                assert_eq!(file, highest);
                assert!(unusable.iter().any(|bad| file.ends_with(bad)));
            }
            Err(error) => panic!("{error}"),
        }
        assert_eq!(keys.primary().is_err(), unusable.iter().any(|bad| highest.ends_with(bad)));
    }

    fn highest_numbered_file(&self) -> PathBuf {
        self.key_files().into_iter().max_by_key(|(number, _)| *number).map(|(_, path)| path).unwrap()
    }

    /// Numbered files that are not empty.
    fn key_files(&self) -> Vec<(KeyNumber, PathBuf)> {
        let files = fs::read_dir(&self.repository).unwrap().map(|entry| entry.unwrap().path());
        let numbered = files.filter_map(|path| match FileName::read(path.file_name()?.to_str()?) {
            FileName::Number(number) => Some((number, path)),
            _ => None,
        });
        numbered.filter(|(_, path)| fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0)).collect()
    }

    /// The keys on disk, highest number first, and the names of the files that should hold one and do not, or that
    /// cannot be read.
    fn usable_keys(&self) -> (Vec<KeyFingerprint>, Vec<String>) {
        let mut files = self.key_files();
        files.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        let parsed = files.into_iter().map(|(_, path)| {
            let name = path.file_name().and_then(OsStr::to_str).unwrap().to_owned();
            fs::read_to_string(path).ok().and_then(|text| fingerprint(&text)).ok_or(name)
        });
        let (usable, unusable): (Vec<_>, Vec<_>) = parsed.partition(Result::is_ok);
        let mut unusable: Vec<String> = unusable.into_iter().filter_map(Result::err).collect();
        for entry in fs::read_dir(&self.repository).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_file() && fs::File::open(entry.path()).is_err() && !unusable.contains(&name) {
                unusable.push(name);
            }
        }
        (usable.into_iter().filter_map(Result::ok).collect(), unusable)
    }

    /// `text` with the places that the recording leaves open filled in.
    fn in_place(&self, text: &str) -> String {
        text.replace("{repo}", self.repository.to_str().unwrap())
    }

    fn check_log(&self, step: &Value, log: &Lines) {
        self.check_log_with_skipped(step, log, 0);
    }

    /// The log has every recorded line, in order, and nothing besides, except a warning for each key that was skipped
    /// (and an error if it is the primary): Keystone looks at the text of a key only when it uses it.
    fn check_log_with_skipped(&self, step: &Value, log: &Lines, skipped: usize) {
        let recorded: Lines = step["log"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| (text(&line["level"]).to_owned(), self.in_place(text(&line["message"]))))
            .collect();
        let is_ours = |line: &&(String, String)| {
            let unusable = line.1.ends_with("Fernet key must be 32 url-safe base64-encoded bytes.");
            skipped > 0 && unusable && ["WARNING", "ERROR"].contains(&line.0.as_str())
        };
        let warned = log.iter().filter(is_ours).filter(|line| line.0 == "WARNING").count();
        assert_eq!(warned, skipped, "each skipped key is named once");
        assert_eq!(log.iter().filter(|line| !is_ours(line)).cloned().collect::<Lines>(), recorded);
    }

    fn check_state(&mut self, state: &'a Value) {
        let metadata = fs::metadata(&self.repository);
        assert_eq!(metadata.is_ok(), state["exists"].as_bool().unwrap());
        let Ok(metadata) = metadata else { return };
        assert_eq!(metadata.is_dir(), state["is_directory"] != false);
        if let Some(recorded) = state.get("mode") {
            assert_eq!(metadata.mode() & 0o7777, mode(recorded), "mode of the directory");
        }
        let Some(recorded) = state["files"].as_array() else { return };
        let mut found: Vec<String> = fs::read_dir(&self.repository)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort();
        let names: Vec<&str> = recorded.iter().map(|file| text(&file["name"])).collect();
        assert_eq!(found, names);
        recorded.iter().for_each(|file| self.check_file(file));
    }

    fn check_file(&mut self, recorded: &'a Value) {
        let path = self.repository.join(text(&recorded["name"]));
        if let Some(target) = recorded.get("symlink_to") {
            return assert_eq!(fs::read_link(&path).unwrap(), Path::new(text(target)));
        }
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) => return assert_eq!(recorded["stat"], "PermissionError", "{error}"),
        };
        assert_eq!(metadata.mode() & 0o7777, mode(&recorded["mode"]), "mode of {}", path.display());
        if recorded["directory"] == true {
            return assert!(metadata.is_dir());
        }
        assert_eq!(metadata.len(), recorded["size"].as_u64().unwrap(), "size of {}", path.display());
        if recorded["content"] == "PermissionError" {
            return assert!(fs::read(&path).is_err());
        }
        let content = fs::read(&path).unwrap();
        match recorded.get("content_hex") {
            Some(hex) => assert_eq!(content, from_hex(text(hex))),
            None => self.check_label(text(&recorded["key"]), String::from_utf8(content).unwrap()),
        }
    }

    /// A label always stands for the same key, and a new label for a key that was not there before.
    fn check_label(&mut self, label: &'a str, found: String) {
        if let Some(known) = self.labels.get(label) {
            return assert_eq!(*known, found, "{label} is another key");
        }
        assert!(!self.labels.values().any(|known| *known == found), "{label} is a key that was there before");
        self.labels.insert(label, found);
    }
}

fn sort_listed_files(message: &mut String) {
    if let Some((start, files)) =
        message.split_once('[').filter(|(start, _)| start.starts_with("Starting key rotation"))
    {
        let mut files: Vec<&str> = files.trim_end_matches(']').split(", ").collect();
        files.sort_unstable();
        *message = format!("{start}[{}]", files.join(", "));
    }
}

fn fingerprint(text: &str) -> Option<KeyFingerprint> {
    Key::parse(KeyNumber::STAGED, text).ok().map(|key| key.fingerprint())
}

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap()).collect()
}
