//! A key directory as an operator has to see it: every file with its mode, owner and content, and what is wrong with it.
//!
//! Wrong is what makes a server on this directory fail, Fernstone's or Keystone's, or what will at the next rotation.
//! Keystone reads every file of the directory and fails as a whole at one that it cannot use, so that a flaw that costs
//! Fernstone one key costs Keystone every request.

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use super::{
    directory,
    history::{History, Seen, stamp},
    key::{Key, KeyFingerprint, NULL_KEY},
    number::{FileName, KeyNumber},
    repository::KeyRepository,
    set::KeyFlaw,
};
use crate::domain::finding::Finding;

/// One file of a key directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectedFile {
    /// Its name, with what is no Unicode replaced.
    pub name: String,
    /// The number that its name says.
    pub number: Option<KeyNumber>,
    /// Permission bits.
    pub mode: u32,
    /// Owning user and group.
    pub owner: (u32, u32),
    /// Whether it holds no byte.
    pub is_empty: bool,
    /// The key in it.
    pub key: Result<KeyFingerprint, KeyFlaw>,
}

/// A key directory and its regular files, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Where it is.
    pub path: PathBuf,
    /// Permission bits of the directory.
    pub mode: u32,
    /// Its owning user and group.
    pub owner: (u32, u32),
    /// Its regular files, and links to such.
    pub files: Vec<InspectedFile>,
}

impl Inspection {
    /// Looks at `path`.
    ///
    /// # Errors
    /// The directory cannot be listed, or the system ran out of what it takes to read files.
    pub fn of(path: &Path) -> io::Result<Self> {
        let directory = fs::metadata(path)?;
        let mut files = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            // Through links, as those who read keys do.
            let Ok(metadata) = fs::metadata(entry.path()) else { continue };
            if !metadata.is_file() {
                continue;
            }
            let number = match entry.file_name().to_str().map(FileName::read) {
                Some(FileName::Number(number)) => Some(number),
                Some(FileName::TooLarge) => Some(KeyNumber::HIGHEST),
                _ => None,
            };
            let text = directory::read_text(&entry.path())?;
            let parse = |text: &str| Key::parse(KeyNumber::STAGED, text).map_err(KeyFlaw::from);
            files.push(InspectedFile {
                name: entry.file_name().to_string_lossy().into_owned(),
                number,
                mode: metadata.mode() & 0o7777,
                owner: (metadata.uid(), metadata.gid()),
                is_empty: metadata.len() == 0,
                key: text.and_then(|text| parse(&text)).map(|key| key.fingerprint()),
            });
        }
        files.sort_by(|one, other| one.name.cmp(&other.name));
        let owner = (directory.uid(), directory.gid());
        Ok(Self { path: path.to_owned(), mode: directory.mode() & 0o7777, owner, files })
    }

    fn shown(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    /// Whether the owner of the directory, as whom the service most likely runs, may read the file.
    fn service_reads(&self, file: &InspectedFile) -> bool {
        let (user, group) = self.owner;
        if user == 0 {
            return true;
        }
        if user == file.owner.0 {
            return file.mode & 0o400 != 0;
        }
        file.mode & if group == file.owner.1 { 0o040 } else { 0o004 } != 0
    }

    fn modes_and_owners(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let directory = self.path.display().to_string();
        if self.mode & 0o007 != 0 {
            let message = format!("The key directory is open to every user of this machine (mode {:04o}).", self.mode);
            findings.push(
                Finding::warning("directory-world-accessible", &directory, message)
                    .advise(format!("chmod 0700 {directory}")),
            );
        }
        if self.mode & 0o020 != 0 {
            let message = format!("The group may put keys into the directory (mode {:04o}).", self.mode);
            findings.push(
                Finding::warning("directory-group-writable", &directory, message)
                    .advise(format!("chmod g-w {directory}")),
            );
        }
        for file in &self.files {
            let shown = self.shown(&file.name);
            if !self.service_reads(file) {
                let message = format!(
                    "The user to whom the directory belongs ({}) may not read it (owner {}:{}, mode {:04o}); Keystone fails \
                     at every request then.",
                    self.owner.0, file.owner.0, file.owner.1, file.mode
                );
                findings.push(
                    Finding::error("file-unreadable-for-service", &shown, message)
                        .advise(format!("chown {}:{} {shown}", self.owner.0, self.owner.1)),
                );
            } else if file.number.is_some() && file.owner.0 != self.owner.0 {
                let message =
                    format!("It belongs to user {}, and the directory to user {}.", file.owner.0, self.owner.0);
                findings.push(
                    Finding::warning("file-owner-differs", &shown, message)
                        .advise(format!("chown {}:{} {shown}", self.owner.0, self.owner.1)),
                );
            }
            if file.number.is_some() && file.mode & 0o027 != 0 {
                let (code, who) = if file.mode & 0o007 != 0 {
                    ("file-world-accessible", "every user of this machine")
                } else {
                    ("file-group-writable", "the group")
                };
                let message = format!("The key is open to {who} (mode {:04o}).", file.mode);
                findings.push(Finding::warning(code, &shown, message).advise(format!("chmod 0600 {shown}")));
            }
        }
        findings
    }

    fn contents(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for file in &self.files {
            let shown = self.shown(&file.name);
            match (file.number, &file.key) {
                (Some(_), _) if file.is_empty => findings.push(
                    Finding::warning(
                        "key-empty",
                        &shown,
                        "The file is empty, which a full disk leaves behind; it is no key.",
                    )
                    .advise("Make sure that there is room on the disk, and delete the file."),
                ),
                // Whoever may not read it must not be told to delete it.
                (Some(_), Err(KeyFlaw::Unreadable(why))) => findings.push(
                    Finding::error(
                        "key-unreadable",
                        &shown,
                        format!("It cannot be read here: {why}. Keystone fails at every request, if it cannot either."),
                    )
                    .advise(
                        "Run this as the user of the service or as root; give the file to the user of the service.",
                    ),
                ),
                (Some(_), Err(flaw)) => findings.push(
                    Finding::error(
                        "key-unusable",
                        &shown,
                        format!("{}; Keystone fails at every request.", capital(flaw)),
                    )
                    .advise("Copy the file from a node that has it; if no node has it, delete it."),
                ),
                (None, Err(KeyFlaw::Unreadable(why))) => findings.push(
                    Finding::error(
                        "junk-unreadable",
                        &shown,
                        format!("It is no key, but Keystone opens it, and fails: {why}."),
                    )
                    .advise("Move it out of the directory."),
                ),
                (None, _) if file.name == "0.tmp" => findings.push(
                    Finding::note("temporary-left", &shown, "A rotation was interrupted, or one is under way.")
                        .advise("Nothing: the next rotation writes it anew."),
                ),
                (None, _) if !file.name.starts_with('.') => findings.push(
                    Finding::note("junk", &shown, "It is no key.")
                        .advise("Move it out of the directory, which Keystone reads whole."),
                ),
                _ => {}
            }
        }
        findings
    }

    fn duplicates(&self) -> Vec<Finding> {
        let mut by_number = BTreeMap::<KeyNumber, Vec<&str>>::new();
        let mut by_key = BTreeMap::<KeyFingerprint, Vec<&str>>::new();
        for file in self.files.iter().filter(|file| !file.is_empty) {
            let Some(number) = file.number else { continue };
            by_number.entry(number).or_default().push(&file.name);
            if let Ok(key) = file.key {
                by_key.entry(key).or_default().push(&file.name);
            }
        }
        let directory = self.path.display().to_string();
        let numbers = by_number.iter().filter(|(_, names)| names.len() > 1).map(|(number, names)| {
            let message =
                format!("The files {} all say number {number}, and nodes may take different ones.", names.join(", "));
            Finding::error("number-twice", &directory, message).advise("Keep the one that the other nodes have.")
        });
        let keys = by_key.values().filter(|names| names.len() > 1).map(|names| {
            let message = format!("The files {} hold the same key.", names.join(", "));
            Finding::warning("key-twice", &directory, message).advise(
                "Delete all but the one with the highest number, unless a rotation is under way on another node.",
            )
        });
        let null = Key::parse(KeyNumber::STAGED, NULL_KEY).ok().map(|key| key.fingerprint());
        let known = by_key.iter().filter(|(key, _)| Some(**key) == null).map(|(_, names)| {
            let message = format!("The file {} holds the key of null bytes, which everybody knows.", names.join(", "));
            Finding::error("null-key", &directory, message)
                .advise("Rotate until it is gone: whoever knows a key can forge tokens.")
        });
        numbers.chain(keys).chain(known).collect()
    }
}

impl KeyRepository {
    /// Everything that is wrong with the directory, worst first.
    pub fn check(&self, seen: &Seen, now: DateTime<Utc>) -> Vec<Finding> {
        let directory = self.path().display().to_string();
        let closed = |error: &dyn std::fmt::Display| {
            Finding::error("directory-unusable", &directory, format!("The key directory cannot be read: {error}."))
                .advise(
                    "Run this as the user of the service or as root; `fernet_setup` makes a directory that is missing.",
                )
        };
        let inspection = match Inspection::of(self.path()) {
            Ok(inspection) => inspection,
            Err(error) => return vec![closed(&error)],
        };
        let history = match self.history(seen, now) {
            Ok(history) => history,
            Err(error) => return vec![closed(&error)],
        };
        let mut findings = inspection.modes_and_owners();
        findings.extend(inspection.contents());
        findings.extend(inspection.duplicates());
        findings.extend(self.roles(&history));
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }

    fn roles(&self, history: &History) -> Vec<Finding> {
        let directory = self.path().display().to_string();
        let mut findings = Vec::new();
        let Some(primary) = history.primary() else {
            return vec![
                Finding::error("no-keys", &directory, "There is no key: nothing can be minted or validated.")
                    .advise("Run `fernet_setup`, or import the keys of another node."),
            ];
        };
        if history.key(KeyNumber::STAGED).is_none() {
            findings.push(
                Finding::error("no-staged-key", &directory, "There is no staged key (0): a rotation was interrupted.")
                    .advise("Run `fernet_setup`, which stages one, and distribute the keys."),
            );
        } else if history.keys().len() == 1 {
            findings.push(
                Finding::warning("one-key", &directory, "The staged key is the only one, and mints.")
                    .advise("Run `fernet rotate`, and distribute the keys."),
            );
        }
        if let Some(doubt) = history.doubt() {
            findings.push(Finding::warning("times-not-believed", &directory, format!("{}.", capital(&doubt))).advise(
                "`fernet rotate` will not know how old keys are; copy keys with their times (rsync -t, cp -p, fernet \
                     export and import), and check the clock.",
            ));
        }
        let (count, maximum) = (history.keys().len(), self.max_active_keys().get());
        if count > maximum as usize {
            let message =
                format!("There are {count} keys, and max_active_keys is {maximum}: a rotation drops the rest.");
            findings.push(Finding::warning("too-many-keys", &directory, message).advise(
                "Make sure that max_active_keys is what you want: `fernet plan --every ...` says how many it takes.",
            ));
        }
        if let Some(since) = primary.started {
            findings.push(Finding::note(
                "primary-age",
                &directory,
                format!("Key {} mints since {}.", primary.key.number, stamp(since)),
            ));
        }
        findings
    }
}

fn capital(text: &dyn std::fmt::Display) -> String {
    let text = text.to_string();
    let text = text.trim_end_matches('.');
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + characters.as_str())
}
