//! The keys of a directory as one text, to be carried to other nodes: JSON, with numbers, fingerprints and times.
//!
//! It holds the keys themselves, so it is as secret as the directory. Times travel with the keys, so that the age of a key
//! is the same on every node.

use std::{collections::BTreeSet, fmt};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::{
    comparison::Fingerprints,
    history::DatedKey,
    key::{Key, KeyFingerprint, NULL_KEY},
    number::{FileName, KeyNumber},
    repository::{KeyPurpose, KeyRepository, RepositoryError},
};

const FORMAT: &str = "fernstone-keys";
const VERSION: u32 = 1;

/// A directory holds a handful of keys; an archive of more is a mistake or worse.
const MOST_KEYS: usize = 10_000;

/// One key of an archive.
#[derive(Clone)]
pub struct ArchivedKey {
    /// Its number on the node that it comes from.
    pub number: KeyNumber,
    /// What identifies it.
    pub fingerprint: KeyFingerprint,
    /// When its file was written there.
    pub written: Option<DateTime<Utc>>,
    pub(super) text: Zeroizing<String>,
}

impl fmt::Debug for ArchivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchivedKey").field("number", &self.number).finish_non_exhaustive()
    }
}

/// All keys of a directory at one moment.
#[derive(Debug, Clone)]
pub struct Archive {
    /// What they are for.
    pub purpose: KeyPurpose,
    /// When the archive was made.
    pub made: DateTime<Utc>,
    /// The keys, lowest number first; at least one.
    pub(super) keys: Vec<ArchivedKey>,
}

/// Why a text is no archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is not the JSON that it should be, most likely cut off.
    #[error("it is no archive of `fernet export`, or was cut off (line {}, column {})", .0.line(), .0.column())]
    Syntax(serde_json::Error),
    /// Another version of this program made it.
    #[error("it is an archive of format {format:?}, version {version}, and not {FORMAT:?}, version {VERSION}")]
    Version {
        /// The format it says.
        format: String,
        /// The version it says.
        version: u32,
    },
    /// It says that it holds keys for something unknown.
    #[error("it holds keys for {0:?}, which is unknown")]
    Purpose(String),
    /// It does not say when it was made.
    #[error("it does not say when it was made")]
    Made,
    /// A key of it cannot be used.
    #[error("its key {number} {flaw}")]
    Key {
        /// The number as it is given.
        number: String,
        /// What is wrong.
        flaw: &'static str,
    },
    /// It holds no key.
    #[error("it holds no key")]
    Empty,
    /// It holds more keys than any directory.
    #[error("it holds more than {MOST_KEYS} keys")]
    TooMany,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    format: String,
    version: u32,
    purpose: String,
    made: String,
    keys: Vec<WireKey>,
}

#[derive(Serialize, Deserialize)]
struct WireKey {
    number: String,
    fingerprint: String,
    written: Option<String>,
    key: String,
}

impl Drop for WireKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl KeyPurpose {
    fn word(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Receipts => "receipts",
            Self::Credentials => "credentials",
        }
    }
}

impl fmt::Display for KeyPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Archive {
    /// The text of the archive.
    pub fn to_text(&self) -> Zeroizing<String> {
        let key = |key: &ArchivedKey| WireKey {
            number: key.number.to_string(),
            fingerprint: key.fingerprint.to_string(),
            written: key.written.map(|time| time.to_rfc3339_opts(SecondsFormat::Nanos, true)),
            key: key.text.to_string(),
        };
        let wire = Wire {
            format: FORMAT.to_owned(),
            version: VERSION,
            purpose: self.purpose.word().to_owned(),
            made: self.made.to_rfc3339_opts(SecondsFormat::Secs, true),
            keys: self.keys.iter().map(key).collect(),
        };
        let mut text = serde_json::to_string_pretty(&wire).unwrap_or_default();
        text.push('\n');
        Zeroizing::new(text)
    }

    /// Reads an archive.
    ///
    /// # Errors
    /// [`ArchiveError`]. No message repeats a key.
    pub fn from_text(text: &str) -> Result<Self, ArchiveError> {
        let mut wire: Wire = serde_json::from_str(text).map_err(ArchiveError::Syntax)?;
        if wire.format != FORMAT || wire.version != VERSION {
            return Err(ArchiveError::Version { format: wire.format, version: wire.version });
        }
        let purposes = [KeyPurpose::Tokens, KeyPurpose::Receipts, KeyPurpose::Credentials];
        let purpose = purposes.into_iter().find(|purpose| purpose.word() == wire.purpose);
        let purpose = purpose.ok_or_else(|| ArchiveError::Purpose(std::mem::take(&mut wire.purpose)))?;
        if wire.keys.len() > MOST_KEYS {
            return Err(ArchiveError::TooMany);
        }
        let mut keys = wire.keys.iter_mut().map(read_key).collect::<Result<Vec<_>, _>>()?;
        keys.sort_by_key(|key| key.number);
        let numbers: BTreeSet<KeyNumber> = keys.iter().map(|key| key.number).collect();
        if numbers.len() < keys.len() {
            return Err(ArchiveError::Key { number: "list".to_owned(), flaw: "says a number twice" });
        }
        if keys.is_empty() {
            return Err(ArchiveError::Empty);
        }
        let made = wire.made.parse().map_err(|_| ArchiveError::Made)?;
        Ok(Self { purpose, made, keys })
    }

    /// The keys, lowest number first.
    pub fn keys(&self) -> &[ArchivedKey] {
        &self.keys
    }

    /// The key with the highest number: that of the node which it comes from mints with.
    pub fn primary(&self) -> Option<&ArchivedKey> {
        self.keys.last()
    }

    /// Numbers and fingerprints.
    pub fn fingerprints(&self) -> Fingerprints {
        self.keys.iter().map(|key| (key.number, key.fingerprint)).collect()
    }

    pub(super) fn dated(&self) -> Vec<DatedKey> {
        let dated = |key: &ArchivedKey| DatedKey {
            number: key.number,
            fingerprint: Some(key.fingerprint),
            modified: key.written,
        };
        self.keys.iter().map(dated).collect()
    }
}

fn read_key(wire: &mut WireKey) -> Result<ArchivedKey, ArchiveError> {
    let text = Zeroizing::new(std::mem::take(&mut wire.key));
    let fault = |flaw| ArchiveError::Key { number: wire.number.chars().take(50).collect(), flaw };
    let FileName::Number(number) = FileName::read(&wire.number) else { return Err(fault("has no number")) };
    if number < KeyNumber::STAGED || number.to_string() != wire.number {
        return Err(fault("has a number that no rotation gives"));
    }
    let key = Key::parse(number, &text).map_err(|_| fault("is no key"))?;
    if wire.fingerprint.parse() != Ok(key.fingerprint()) {
        return Err(fault("does not have the fingerprint that is given for it"));
    }
    if Key::parse(number, NULL_KEY).is_ok_and(|null| null.fingerprint() == key.fingerprint()) {
        return Err(fault("is the key of null bytes, which everybody knows"));
    }
    let written = wire.written.as_deref().map(|time| time.parse().map_err(|_| fault("has no time that can be read")));
    Ok(ArchivedKey { number, fingerprint: key.fingerprint(), written: written.transpose()?, text })
}

impl KeyRepository {
    /// All keys of the directory, to be carried elsewhere.
    ///
    /// # Errors
    /// The directory cannot be read, or a file in it is no key: such a repository is not to be spread.
    pub fn export(&self, now: DateTime<Utc>) -> Result<Archive, RepositoryError> {
        let mut keys = Vec::new();
        for file in self.files_to_rotate()?.0 {
            let flawed = |flaw| RepositoryError::FlawedFile { path: file.path.clone(), flaw };
            let text = file.text.clone().map_err(flawed)?;
            let key = Key::parse(file.number, &text).map_err(|flaw| flawed(flaw.into()))?;
            keys.push(ArchivedKey {
                number: file.number,
                fingerprint: key.fingerprint(),
                written: file.modified,
                text: Zeroizing::new(text.trim().to_owned()),
            });
        }
        if keys.is_empty() {
            return Err(RepositoryError::Shortfall {
                path: self.path().to_owned(),
                shortfall: super::rotation::Shortfall::NoKeys,
            });
        }
        keys.sort_by_key(|key| key.number);
        Ok(Archive { purpose: self.purpose(), made: now, keys })
    }
}
