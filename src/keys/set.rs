//! The keys of one look at a repository, in the order in which they are tried.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::{
    key::{Key, KeyFingerprint, MalformedKey, NULL_KEY},
    number::{FileName, KeyNumber},
};

/// An immutable snapshot of a key repository.
///
/// Differs from Keystone on purpose in one point: there one bad file makes every operation fail. Here a file that cannot
/// be used is left out, except that a bad *primary* is never replaced by a secondary: with it nothing is minted, since
/// tokens of a key that other nodes no longer mint with would die early.
#[derive(Debug, Clone)]
pub struct KeySet {
    keys: Vec<Key>,
    primary: Result<(), PrimaryKeyError>,
}

/// A key file as it was read, before its text is parsed.
#[derive(Debug, Clone)]
pub struct KeyFile {
    /// The number that its name says.
    pub number: KeyNumber,
    /// Where it is.
    pub path: PathBuf,
    /// When it was last written; renaming keeps it. `None` where that is not known.
    pub modified: Option<DateTime<Utc>>,
    /// Its text, line ends translated to `\n`, or why there is none.
    pub text: Result<Zeroizing<String>, KeyFlaw>,
}

/// Why a key file is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFlaw {
    /// It could not be opened or read; with the operating system's words.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// It holds more bytes than any spelling of a key needs.
    #[error("it is too large for a key")]
    TooLarge,
    /// Its bytes are not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// Its text does not decode to 32 bytes.
    #[error(transparent)]
    Malformed(#[from] MalformedKey),
    /// Its name is a number that Keystone takes and that is out of range here.
    #[error("its number is out of range")]
    NumberOutOfRange,
}

/// There is no key to mint with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrimaryKeyError {
    /// No key at all: Keystone's `KeysNotFound`, with its message.
    #[error("No encryption keys found; run keystone-manage fernet_setup to bootstrap one.")]
    KeysNotFound,
    /// The highest-numbered file cannot be used, and no other key may take its place.
    #[error("the primary key {} cannot be used: {flaw}", file.display())]
    Unusable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        flaw: KeyFlaw,
    },
}

impl KeySet {
    /// A set without keys: of a repository that is empty, missing or closed.
    pub fn empty() -> Self {
        Self { keys: Vec::new(), primary: Err(PrimaryKeyError::KeysNotFound) }
    }

    /// The set that a repository with these files makes, each a name and a text, in listing order; by the same rules as
    /// on disk. For tests, and for keys that come from elsewhere than a directory.
    pub fn from_texts<N: AsRef<str>, T: AsRef<str>>(files: impl IntoIterator<Item = (N, T)>) -> Self {
        let mut by_number = Vec::<KeyFile>::new();
        for (name, text) in files {
            let FileName::Number(number) = FileName::read(name.as_ref()) else { continue };
            if text.as_ref().is_empty() {
                continue;
            }
            by_number.retain(|file| file.number != number);
            by_number.push(KeyFile {
                number,
                path: Path::new(name.as_ref()).to_owned(),
                modified: None,
                text: Ok(Zeroizing::new(text.as_ref().to_owned())),
            });
        }
        by_number.sort_by_key(|file| std::cmp::Reverse(file.number));
        Self::from_files(&by_number).0
    }

    /// The set of `files`, highest number first and each number once, and the files that were left out of it.
    pub(crate) fn from_files(files: &[KeyFile]) -> (Self, Vec<(PathBuf, KeyFlaw)>) {
        let mut set = Self::empty();
        let mut left_out = Vec::new();
        for (place, file) in files.iter().enumerate() {
            let key = file.text.as_ref().map_err(Clone::clone);
            let key = key.and_then(|text| Key::parse(file.number, text).map_err(KeyFlaw::from));
            match (key, place) {
                (Ok(key), 0) => {
                    set.keys.push(key);
                    set.primary = Ok(());
                }
                (Ok(key), _) => set.keys.push(key),
                (Err(flaw), 0) => {
                    set.primary = Err(PrimaryKeyError::Unusable { file: file.path.clone(), flaw: flaw.clone() });
                    left_out.push((file.path.clone(), flaw));
                }
                (Err(flaw), _) => left_out.push((file.path.clone(), flaw)),
            }
        }
        (set, left_out)
    }

    /// The key to mint with: the one with the highest number.
    ///
    /// # Errors
    /// [`PrimaryKeyError`] if there are no keys, or if the highest-numbered file cannot be used.
    pub fn primary(&self) -> Result<&Key, PrimaryKeyError> {
        self.primary.clone()?;
        self.keys.first().ok_or(PrimaryKeyError::KeysNotFound)
    }

    /// All usable keys in the order in which a token is tried: highest number first, the staged key last.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Key> {
        self.keys.iter()
    }

    /// The number of usable keys.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no usable key. Keystone then answers every request with `KeysNotFound` (500), since it cannot
    /// tell a bad token from a good one.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether a key is still here: what it opened may stay accepted only as long as it is.
    pub fn contains(&self, fingerprint: KeyFingerprint) -> bool {
        self.keys.iter().any(|key| key.fingerprint() == fingerprint)
    }

    /// The set with the null key behind all others, as Keystone uses it for credentials (`use_null_key`): it opens what
    /// was written before there were keys, and encrypts only while there are none.
    pub fn with_null_key(mut self) -> Self {
        if let Ok(null) = Key::parse(KeyNumber::NULL, NULL_KEY) {
            if self.primary == Err(PrimaryKeyError::KeysNotFound) {
                self.primary = Ok(());
            }
            self.keys.push(null);
        }
        self
    }

    /// Whether both sets open the same tokens in the same order and mint alike.
    pub fn same_as(&self, other: &Self) -> bool {
        self.primary == other.primary
            && self
                .keys
                .iter()
                .map(|key| (key.number(), key.fingerprint()))
                .eq(other.keys.iter().map(|key| (key.number(), key.fingerprint())))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::{KeyFlaw, KeySet, MalformedKey, NULL_KEY, PrimaryKeyError};

    const ONE: &str = "6dsybu75NhCG7Hu_vhMFBh1LXE6F5ex6CIyfaqaz3UQ=";
    const TWO: &str = "qq68UzzldA_MEgxqwQtV-1k95tY-0XZIfzBoZbMNigw=";

    fn numbers(set: &KeySet) -> Vec<String> {
        set.iter().map(|key| key.number().to_string()).collect()
    }

    #[test]
    fn keys_are_tried_by_number_and_the_staged_one_last() {
        let set = KeySet::from_texts([("0", ONE), ("9", TWO), ("10", ONE), ("2", TWO), ("notes", "x")]);
        assert_eq!(numbers(&set), ["10", "9", "2", "0"]);
        assert_eq!(set.primary().unwrap().number().to_string(), "10");
    }

    #[test]
    fn the_name_listed_last_wins_a_number() {
        let set = KeySet::from_texts([("1", ONE), ("01", TWO)]);
        assert_eq!(set.len(), 1);
        assert_eq!(
            set.primary().unwrap().fingerprint(),
            KeySet::from_texts([("1", TWO)]).primary().unwrap().fingerprint()
        );
    }

    #[test]
    fn a_malformed_secondary_or_staged_key_is_left_out() {
        let set = KeySet::from_texts([("0", "garbage"), ("1", "bad"), ("2", ONE), ("3", TWO)]);
        assert_eq!(numbers(&set), ["3", "2"]);
        assert!(set.primary().is_ok());
    }

    #[test]
    fn a_malformed_primary_is_never_replaced() {
        let set = KeySet::from_texts([("0", ONE), ("1", TWO), ("2", "bad")]);
        assert_eq!(numbers(&set), ["1", "0"]);
        let flaw = KeyFlaw::Malformed(MalformedKey);
        assert_eq!(set.primary().unwrap_err(), PrimaryKeyError::Unusable { file: "2".into(), flaw });
    }

    #[test]
    fn an_empty_file_is_no_key_so_the_next_one_is_primary() {
        let set = KeySet::from_texts([("0", ONE), ("1", TWO), ("2", "")]);
        assert_eq!(set.primary().unwrap().number().to_string(), "1");
    }

    #[test]
    fn no_keys_is_keystones_error() {
        let error = KeySet::empty().primary().unwrap_err();
        assert_eq!(error.to_string(), "No encryption keys found; run keystone-manage fernet_setup to bootstrap one.");
    }

    #[test]
    fn the_null_key_comes_last_and_is_primary_only_when_alone() {
        let alone = KeySet::empty().with_null_key();
        assert_eq!(
            alone.primary().unwrap().fingerprint(),
            KeySet::from_texts([("0", NULL_KEY)]).primary().unwrap().fingerprint()
        );
        let set = KeySet::from_texts([("-5", ONE), ("0", TWO)]).with_null_key();
        assert_eq!(numbers(&set), ["0", "-5", "null"]);
        let bad = KeySet::from_texts([("1", "bad")]).with_null_key();
        assert!(matches!(bad.primary(), Err(PrimaryKeyError::Unusable { .. })));
    }

    #[test]
    fn a_key_keeps_its_fingerprint_when_a_rotation_renumbers_it() {
        let before = KeySet::from_texts([("0", ONE), ("1", TWO)]);
        let after = KeySet::from_texts([("2", ONE), ("1", TWO)]);
        assert!(before.iter().all(|key| after.contains(key.fingerprint())));
        assert!(!before.same_as(&after));
    }
}
