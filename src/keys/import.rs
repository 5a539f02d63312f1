//! Taking over the keys of another node, all at once, and never backwards.
//!
//! The new directory is made beside the old one, complete and synced, and the two change places in one rename: a reader, a
//! kill or a power cut meets the old keys or the new ones. Where that cannot be (the directory is a mount point, holds
//! other files, or has attributes that a new one would not get), keys are put in place one by one in an order in which
//! every moment opens what both sides opened: new numbers first, the staged key then, and deletions last.

use std::{
    collections::BTreeSet,
    fmt,
    fs::{self, DirBuilder, File, Metadata, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    time::SystemTime,
};

use chrono::{DateTime, Utc};
use rustix::fs::{CWD, RenameFlags, listxattr, renameat_with};

use super::{
    archive::{Archive, ArchivedKey},
    careful::dated,
    comparison::Fingerprints,
    history::{DatedKey, History, KeyRole, Seen, stamp},
    number::{FileName, KeyNumber},
    repository::{KeyPurpose, KeyRepository, RepositoryError},
    safety::{self, Obstacle, Terms},
    write::{self, Dress, KeyOwner, Lock},
};

/// How an archive relates to the keys that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// There was no key.
    First,
    /// The directory has these keys already, under these numbers.
    Same,
    /// It goes on from them.
    Forward,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// How the archive relates to what was there.
    pub arrival: Arrival,
    /// Numbers of keys that are new here.
    pub added: Vec<KeyNumber>,
    /// Numbers, before it, of keys that are gone.
    pub dropped: Vec<KeyNumber>,
    /// What stood against it, where that was overridden.
    pub overridden: Vec<ImportRefusal>,
}

/// Something that stands against an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportRefusal {
    /// The archive is older than the directory.
    Backwards {
        /// The archive's primary.
        archived: KeyNumber,
        /// The directory's primary.
        here: KeyNumber,
    },
    /// The key with which this node mints is not in the archive.
    LosesPrimary {
        /// The key.
        key: KeyNumber,
    },
    /// A key that live tokens need, or may need, is not in the archive.
    LosesKey(Obstacle),
    /// The archive holds keys for something else.
    OtherPurpose {
        /// What the archive's are for.
        archived: KeyPurpose,
        /// What the directory's are for.
        here: KeyPurpose,
    },
}

impl ImportRefusal {
    /// A word for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Backwards { .. } => "backwards",
            Self::LosesPrimary { .. } => "loses-primary",
            Self::LosesKey(obstacle) => obstacle.code(),
            Self::OtherPurpose { .. } => "other-purpose",
        }
    }
}

impl fmt::Display for ImportRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backwards { archived, here } => write!(
                f,
                "it is older than what is here: its primary is key {archived}, and this directory has gone on to key {here}"
            ),
            Self::LosesPrimary { key } => {
                write!(f, "it lacks key {key}, with which this node mints: every token of this node would be refused")
            }
            Self::LosesKey(obstacle) => obstacle.fmt(f),
            Self::OtherPurpose { archived, here } => {
                write!(f, "it holds keys of {archived}, and this directory those of {here}")
            }
        }
    }
}

/// Why an import was not done.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Live tokens would be lost, or may be.
    #[error("the import into {} is refused: {}", path.display(), list(reasons))]
    Refused {
        /// The directory.
        path: PathBuf,
        /// Why, never nothing.
        reasons: Vec<ImportRefusal>,
        /// From when on it is safe; `None` where time alone does not help.
        safe_from: Option<DateTime<Utc>>,
    },
    /// The directory cannot be read or written.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

fn list(reasons: &[ImportRefusal]) -> String {
    reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What an import needs to know besides the archive.
#[derive(Debug, Clone, Copy)]
pub struct ImportTerms<'t> {
    /// How long tokens live.
    pub terms: &'t Terms,
    /// What was seen of the keys earlier.
    pub seen: &'t Seen,
    /// The time.
    pub now: DateTime<Utc>,
    /// Done whatever stands against it.
    pub force: bool,
    /// Only judged.
    pub dry_run: bool,
}

impl KeyRepository {
    /// Makes the keys of the directory those of `archive`. A directory that is not there is made; new keys belong to whom
    /// the old ones belong, or to `owner` where that is given.
    ///
    /// # Errors
    /// [`ImportError::Refused`], and what the file system refuses. The directory then still opens every token that it
    /// opened.
    pub fn import(&self, archive: &Archive, owner: KeyOwner, how: &ImportTerms<'_>) -> Result<Imported, ImportError> {
        // Through links, so that the directory is replaced and not the link to it.
        let target = Target::of(self.path()).map_err(|source| self.io_error("read", self.path(), source))?;
        // Of a directory that is not there yet, the parent stands for it.
        let locked = target.metadata.as_ref().map_or_else(|| target.path.parent(), |_| Some(target.path.as_path()));
        let _lock = locked.map(Lock::on);
        let here = if target.path.exists() { dated(&self.read()?.keys) } else { Vec::new() };
        let (imported, refusals) = self.judge_import(archive, &here, how);
        if !refusals.is_empty() && !how.force {
            let ends = refusals.iter().map(|refusal| match refusal {
                ImportRefusal::LosesKey(Obstacle::UnknownAge { .. }) => {
                    Some(how.now + how.terms.distribution_delay + how.terms.life)
                }
                ImportRefusal::LosesKey(obstacle) => obstacle.ends(),
                _ => None,
            });
            let safe_from = ends.collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max());
            return Err(ImportError::Refused { path: self.path().to_owned(), reasons: refusals, safe_from });
        }
        if !how.dry_run {
            let owner = target.owner(owner);
            target.apply(archive, owner).map_err(|source| self.io_error("import keys into", &target.path, source))?;
        }
        Ok(Imported { overridden: refusals, ..imported })
    }

    fn judge_import(
        &self,
        archive: &Archive,
        here: &[DatedKey],
        how: &ImportTerms<'_>,
    ) -> (Imported, Vec<ImportRefusal>) {
        let arriving = archive.fingerprints();
        let known: Fingerprints = here.iter().filter_map(|key| Some((key.number, key.fingerprint?))).collect();
        let contains = |keys: &Fingerprints, key| keys.values().any(|known| Some(*known) == key);
        let arrival = match (known == arriving && here.len() == known.len(), known.is_empty()) {
            (true, _) => Arrival::Same,
            (false, true) => Arrival::First,
            (false, false) => Arrival::Forward,
        };
        let lost: Vec<&DatedKey> = here.iter().filter(|key| !contains(&arriving, key.fingerprint)).collect();
        let imported = Imported {
            arrival,
            added: arriving
                .iter()
                .filter(|(_, key)| !contains(&known, Some(**key)))
                .map(|(number, _)| *number)
                .collect(),
            dropped: lost.iter().map(|key| key.number).collect(),
            overridden: Vec::new(),
        };
        let mut refusals = Vec::new();
        if archive.purpose != self.purpose() {
            refusals.push(ImportRefusal::OtherPurpose { archived: archive.purpose, here: self.purpose() });
        }
        let history = History::of(here, how.seen, how.now);
        let (Some(own), Some(theirs)) = (history.primary(), archive.primary()) else { return (imported, refusals) };
        let was_primary = |key: &&super::history::KeyHistory| {
            key.role == KeyRole::Secondary && key.key.fingerprint == Some(theirs.fingerprint)
        };
        if arrival != Arrival::Same
            && (theirs.number < own.key.number || history.keys().iter().any(|key| was_primary(&key)))
        {
            refusals.push(ImportRefusal::Backwards { archived: theirs.number, here: own.key.number });
        }
        for key in lost {
            if key.number == own.key.number {
                refusals.push(ImportRefusal::LosesPrimary { key: key.number });
            } else if let Some(obstacle) = obstacle_of_loss(key, here, archive, how) {
                refusals.push(ImportRefusal::LosesKey(obstacle));
            }
        }
        (imported, refusals)
    }
}

/// What stands against losing a key. The times of the archive are asked first: the node that rotates knows best when it
/// did.
fn obstacle_of_loss(key: &DatedKey, here: &[DatedKey], archive: &Archive, how: &ImportTerms<'_>) -> Option<Obstacle> {
    // Nothing is opened with a file that holds no key, here or anywhere; a staged key minted nowhere that counts.
    if key.fingerprint.is_none() || key.number == KeyNumber::STAGED {
        return None;
    }
    let mut both = archive.dated();
    if both.iter().all(|other| other.number != key.number) {
        both.push(*key);
    }
    let told_by = |keys: &[DatedKey]| {
        let history = History::of(keys, how.seen, how.now);
        let found = *history.key(key.number).filter(|found| found.key.fingerprint == key.fingerprint)?;
        Some(safety::obstacle_of(&found, &history, how.terms, how.now))
    };
    match told_by(&both) {
        Some(told) if !matches!(told, Some(Obstacle::UnknownAge { .. })) => told,
        _ => told_by(here).flatten(),
    }
}

/// The directory into which keys are imported.
struct Target {
    path: PathBuf,
    metadata: Option<Metadata>,
    /// Mode and owner of the key files that are there.
    keys: Option<(u32, u32, u32)>,
}

impl Target {
    fn of(path: &Path) -> io::Result<Self> {
        let path = match fs::canonicalize(path) {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => std::path::absolute(path)?,
            Err(error) => return Err(error),
        };
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let mut newest = None;
        for (number, name) in metadata.as_ref().map_or(Ok(Vec::new()), |_| super::directory::numbered_names(&path))? {
            if newest.as_ref().is_none_or(|(highest, _)| number > *highest) {
                newest = Some((number, fs::metadata(path.join(name))?));
            }
        }
        let keys = newest.map(|(_, file)| (file.mode() & 0o640 | 0o600, file.uid(), file.gid()));
        Ok(Self { path, metadata, keys })
    }

    /// To whom the keys shall belong.
    fn owner(&self, given: KeyOwner) -> Option<(u32, u32)> {
        let there = self.keys.map(|(_, user, group)| (user, group));
        given.both().or(there).or_else(|| self.metadata.as_ref().map(|it| (it.uid(), it.gid())))
    }

    fn apply(&self, archive: &Archive, owner: Option<(u32, u32)>) -> io::Result<()> {
        let same = self.metadata.is_some() && self.holds(archive)?;
        if same {
            return self.set_times(archive);
        }
        match self.exchange(archive, owner) {
            Ok(true) => Ok(()),
            Ok(false) => self.one_by_one(archive, owner),
            Err(error) => Err(error),
        }
    }

    fn holds(&self, archive: &Archive) -> io::Result<bool> {
        let mut names = super::directory::numbered_names(&self.path)?;
        names.sort();
        Ok(names.len() == archive.keys.len()
            && names.iter().zip(&archive.keys).all(|((number, name), key)| {
                let text = super::directory::read_text(&self.path.join(name));
                *number == key.number && matches!(text, Ok(Ok(text)) if text.trim() == key.text.as_str())
            }))
    }

    /// The same keys: only their times are made what they are on the other node. Best effort, as nothing depends on it.
    fn set_times(&self, archive: &Archive) -> io::Result<()> {
        for key in &archive.keys {
            let file = self.path.join(key.number.to_string());
            if let (Ok(file), Some(time)) = (File::options().write(true).open(file), key.written) {
                _ = file.set_modified(SystemTime::from(time));
            }
        }
        Ok(())
    }

    /// Makes the new directory and puts it in the old one's place; `false`: that cannot be done here, and nothing was
    /// changed.
    fn exchange(&self, archive: &Archive, owner: Option<(u32, u32)>) -> io::Result<bool> {
        let (Some(parent), Some(name)) = (self.path.parent(), self.path.file_name()) else { return Ok(false) };
        if self.metadata.is_some() && !self.holds_only_keys()? {
            return Ok(false);
        }
        if self.metadata.is_none() {
            fs::create_dir_all(parent)?;
        }
        let fresh = parent.join(format!(".{}.import", name.to_string_lossy()));
        // What a killed import left.
        match fs::remove_dir_all(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Ok(false),
            _ => {}
        }
        match DirBuilder::new().mode(0o700).create(&fresh) {
            Err(_) if self.metadata.is_some() => return Ok(false),
            result => result?,
        }
        let done = self.fill(&fresh, archive, owner).and_then(|()| self.put_in_place(&fresh, parent));
        // Here is now the old directory, or the new one where it did not get its place.
        let cleared = fs::remove_dir_all(&fresh);
        match done {
            Ok(true) => {
                if self.metadata.is_some() {
                    cleared?;
                }
                _ = write::sync_directory(parent);
                Ok(true)
            }
            other => other,
        }
    }

    fn fill(&self, fresh: &Path, archive: &Archive, owner: Option<(u32, u32)>) -> io::Result<()> {
        for key in &archive.keys {
            let path = fresh.join(key.number.to_string());
            // The directory is nobody's but ours yet, so the key may be given away afterwards.
            write::write_dated_key_file(&path, &key.text, KeyOwner::default(), &self.dress(key))?;
            give(&path, owner)?;
        }
        if let Some(metadata) = &self.metadata {
            fs::set_permissions(fresh, Permissions::from_mode(metadata.mode() & 0o7777))?;
            give(fresh, Some((metadata.uid(), metadata.gid())))?;
        } else {
            give(fresh, owner)?;
        }
        write::sync_directory(fresh)
    }

    fn dress(&self, key: &ArchivedKey) -> Dress {
        Dress { mode: self.keys.map_or(0o600, |(mode, ..)| mode), modified: key.written.map(SystemTime::from) }
    }

    fn put_in_place(&self, fresh: &Path, parent: &Path) -> io::Result<bool> {
        let how = if self.metadata.is_some() { RenameFlags::EXCHANGE } else { RenameFlags::NOREPLACE };
        if self.metadata.is_some() && attributes(fresh) != attributes(&self.path) {
            return Ok(false);
        }
        match renameat_with(CWD, fresh, CWD, &self.path, how).map_err(io::Error::from) {
            // A mount point, or a file system that knows no such rename.
            Err(_) if self.metadata.is_some() => return Ok(false),
            result => result?,
        }
        write::sync_directory(parent)?;
        Ok(true)
    }

    fn holds_only_keys(&self) -> io::Result<bool> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let numbered = entry
                .file_name()
                .to_str()
                .is_some_and(|name| matches!(FileName::read(name), FileName::Number(_)) || name == "0.tmp");
            if !numbered || !entry.file_type()?.is_file() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn one_by_one(&self, archive: &Archive, owner: Option<(u32, u32)>) -> io::Result<()> {
        let there = super::directory::numbered_names(&self.path)?;
        let occupied: BTreeSet<KeyNumber> = there.iter().map(|(number, _)| *number).collect();
        let rank = |key: &&ArchivedKey| match key.number {
            KeyNumber::STAGED => 2,
            number if occupied.contains(&number) => 1,
            _ => 0,
        };
        let mut keys: Vec<&ArchivedKey> = archive.keys.iter().collect();
        keys.sort_by_key(|key| (rank(key), key.number));
        for key in keys {
            let name = key.number.to_string();
            let held = super::directory::read_text(&self.path.join(&name))?;
            if held.is_ok_and(|text| text.trim() == key.text.as_str()) {
                continue;
            }
            let temporary = self.path.join(format!("{name}.tmp"));
            // With the owner's rights, as he may write to this directory. Who is not root has no others.
            let owner = owner.filter(|_| rustix::process::geteuid().is_root());
            let owner = KeyOwner { user: owner.map(|(user, _)| user), group: owner.map(|(_, group)| group) };
            _ = fs::remove_file(&temporary);
            write::write_dated_key_file(&temporary, &key.text, owner, &self.dress(key))?;
            fs::rename(&temporary, self.path.join(&name))?;
            write::sync_directory(&self.path)?;
        }
        let kept: BTreeSet<String> = archive.keys.iter().map(|key| key.number.to_string()).collect();
        let mut gone: Vec<_> = there.into_iter().filter(|(_, name)| !kept.contains(name)).collect();
        gone.sort();
        for (_, name) in gone {
            write::remove(&self.path, &self.path.join(name))?;
        }
        self.set_times(archive)
    }
}

/// Gives a path away, unless it belongs there already.
fn give(path: &Path, owner: Option<(u32, u32)>) -> io::Result<()> {
    let Some((user, group)) = owner else { return Ok(()) };
    let now = fs::metadata(path)?;
    if (now.uid(), now.gid()) == (user, group) { Ok(()) } else { chown(path, Some(user), Some(group)) }
}

/// The names of the extended attributes, among them access control lists and security labels.
fn attributes(path: &Path) -> Vec<u8> {
    let mut names = vec![0_u8; 64 * 1024];
    let length = listxattr(path, &mut names[..]).unwrap_or(0);
    names.truncate(length);
    names
}

/// A refusal with the time that ends it.
impl ImportError {
    /// The sentence about the time from which on the import is safe, if waiting helps.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Refused { safe_from: Some(time), .. } => Some(format!("it is safe from {}", stamp(*time))),
            _ => None,
        }
    }
}
