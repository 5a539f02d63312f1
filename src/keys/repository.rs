//! A key repository on disk: set-up, rotation, loading.
//!
//! What it does to the directory, and in which order, is Keystone's (`keystone.common.fernet_utils.FernetUtils`), so that
//! a real Keystone may share the directory and operators find the log lines they know. The promise on top: whenever the
//! process is killed or the power fails, the repository still opens every token that it opened, except those whose key
//! the rotation was about to purge. `rotation.rs` says why the order of the steps keeps it, `write.rs` why the disk does.

use std::{
    fs::{self, DirBuilder},
    io,
    num::NonZeroU32,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::Access;
use tracing::{error, info, warn};

use super::{
    careful::{Refusal, dated},
    directory::{self, ListingOrder, Reading},
    history::DatedKey,
    key::{Key, new_key_text},
    notice::Notice,
    number::KeyNumber,
    rotation::{self, RotationPlan, Shortfall, Step},
    set::{KeyFile, KeyFlaw, KeySet},
    write::{self, KeyOwner},
};
use crate::domain::random::Random;

const STAGED: &str = "0";
const TEMPORARY: &str = "0.tmp";

/// What the keys of a repository are for. The formats are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyPurpose {
    /// Tokens: `[fernet_tokens]`.
    #[default]
    Tokens,
    /// Receipts of unfinished logins: `[fernet_receipts]`.
    Receipts,
    /// Credentials at rest: `[credential]`.
    Credentials,
}

impl KeyPurpose {
    /// The section of `keystone.conf` that says where the repository is.
    pub fn section(self) -> &'static str {
        match self {
            Self::Tokens => "fernet_tokens",
            Self::Receipts => "fernet_receipts",
            Self::Credentials => "credential",
        }
    }
}

/// A directory of keys, and how many of them it may hold.
#[derive(Debug, Clone)]
pub struct KeyRepository {
    path: PathBuf,
    max_active_keys: NonZeroU32,
    purpose: KeyPurpose,
    order: ListingOrder,
}

/// How a set-up or a rotation went that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The repository was changed.
    Done,
    /// Set-up found key 0 and left everything as it was.
    AlreadyInitialized,
    /// The directory does not exist, or may not be read, searched or written. It was logged as an error, and nothing was
    /// changed; keystone-manage exits with 0 here.
    Inaccessible,
}

/// What went wrong with a change of a repository.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// A file or the directory could not be read, written, renamed or deleted.
    #[error("failed to {action} {}", path.display())]
    Io {
        /// What was tried: "read", "write", ...
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file of the directory cannot be read as a key. Nothing was changed: to rotate without knowing all keys could
    /// overwrite or purge the wrong one.
    #[error("{} is in the way of the rotation: {flaw}", path.display())]
    FlawedFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        flaw: KeyFlaw,
    },
    /// Somebody else changed the directory while it was being changed. Nothing of his was overwritten or deleted.
    #[error("{} was changed by somebody else meanwhile: look at it with `fernet status`, and try again", path.display())]
    ChangedMeanwhile {
        /// The directory, or the file in it.
        path: PathBuf,
    },
    /// Live tokens would be lost, or may be.
    #[error("the rotation of {} is refused: {refusal}", path.display())]
    Refused {
        /// The directory.
        path: PathBuf,
        /// Why, and until when.
        refusal: Box<Refusal>,
    },
    /// The repository lacks what a rotation needs.
    #[error("cannot rotate the keys in {}: {shortfall}", path.display())]
    Shortfall {
        /// The directory.
        path: PathBuf,
        /// What it lacks.
        shortfall: Shortfall,
    },
}

/// Why a server that depends on the repository must not start. The messages are those of Keystone's Fernet provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReadyError {
    /// There is no such directory.
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    /// The directory has no files.
    #[error("{} does not contain keys, use keystone-manage fernet_setup to create Fernet keys.", .0.display())]
    NoKeys(PathBuf),
    /// The directory cannot be listed.
    #[error("{} cannot be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, String),
}

/// What one look at a repository found.
#[derive(Debug)]
pub struct Look {
    /// The keys.
    pub keys: KeySet,
    /// The files of keys, those included that cannot be used.
    pub dated: Vec<DatedKey>,
    /// What is odd about them, the same at every look as long as nothing changes.
    pub notices: Vec<Notice>,
}

impl KeyRepository {
    /// The repository of token keys at `path`, which rotations keep at no more than `max_active_keys` files.
    pub fn new(path: impl Into<PathBuf>, max_active_keys: NonZeroU32) -> Self {
        Self { path: path.into(), max_active_keys, purpose: KeyPurpose::default(), order: ListingOrder::default() }
    }

    /// The same with keys for another purpose; it changes what the log says.
    pub fn with_purpose(self, purpose: KeyPurpose) -> Self {
        Self { purpose, ..self }
    }

    /// The same with its files taken in another order than the operating system's, which decides between two names of
    /// one number.
    pub fn with_listing_order(self, order: ListingOrder) -> Self {
        Self { order, ..self }
    }

    /// What its keys are for.
    pub fn purpose(&self) -> KeyPurpose {
        self.purpose
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The most keys a rotation leaves.
    pub fn max_active_keys(&self) -> NonZeroU32 {
        self.max_active_keys
    }

    /// Makes the directory if it is missing, checks that it can be used, and gives it a staged and a primary key if it
    /// has no key 0: `fernet_setup`.
    ///
    /// # Errors
    /// [`RepositoryError`]; setting up again then completes what is missing.
    pub fn setup(&self, owner: KeyOwner, random: &dyn Random) -> Result<Outcome, RepositoryError> {
        self.create_directory(owner)?;
        if !self.is_accessible(true) {
            return Ok(Outcome::Inaccessible);
        }
        self.initialize(owner, random)
    }

    /// Rotates if the directory can be used: `fernet_rotate`.
    ///
    /// # Errors
    /// As [`KeyRepository::rotate`].
    pub fn rotate_if_accessible(&self, owner: KeyOwner, random: &dyn Random) -> Result<Outcome, RepositoryError> {
        if !self.is_accessible(true) {
            return Ok(Outcome::Inaccessible);
        }
        self.rotate(owner, random)?;
        Ok(Outcome::Done)
    }

    /// Makes the directory with mode 0700 if it is missing, and its parents with the default mode. Where that fails it
    /// is logged, and the directory stays missing.
    ///
    /// # Errors
    /// The new directory could not be given to `owner`, or not be made durable.
    pub fn create_directory(&self, owner: KeyOwner) -> Result<(), RepositoryError> {
        let path = &self.path;
        if rustix::fs::access(path, Access::EXISTS).is_ok() {
            return Ok(());
        }
        info!("{} does not appear to exist; attempting to create it", path.display());
        if self.make_directories().is_err() {
            error!(
                "Failed to create {}: either it already exists or you don't have sufficient permissions to create it",
                path.display()
            );
            return Ok(());
        }
        // Keystone takes root (0) for "not given" here.
        let given = |id: Option<u32>| id.filter(|id| *id != 0);
        match (given(owner.user), given(owner.group)) {
            (Some(user), Some(group)) => std::os::unix::fs::chown(path, Some(user), Some(group))
                .map_err(|source| self.io_error("change the owner of", path, source)),
            (None, None) => Ok(()),
            _ => {
                warn!(
                    "Unable to change the ownership of key repository without a keystone user ID and keystone group ID \
                     both being provided: {}",
                    path.display()
                );
                Ok(())
            }
        }
    }

    fn make_directories(&self) -> io::Result<()> {
        let missing: Vec<&Path> =
            self.path.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).collect();
        for directory in missing.iter().rev() {
            let mode = if *directory == self.path { 0o700 } else { 0o777 };
            DirBuilder::new().mode(mode).create(directory)?;
            let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty());
            // A parent that may not be read cannot be synced; the directory is there all the same.
            _ = write::sync_directory(parent.unwrap_or(Path::new(".")));
        }
        Ok(())
    }

    /// Whether this process may read and search the directory, and with `to_write` also change it. Logs what stands
    /// against it, and a warning if others may read or search it.
    pub fn is_accessible(&self, to_write: bool) -> bool {
        let (accessible, notice) = self.judge_access(to_write).unwrap_or_else(|error| self.closed(&error.to_string()));
        notice.iter().for_each(Notice::log);
        accessible
    }

    fn judge_access(&self, to_write: bool) -> io::Result<(bool, Option<Notice>)> {
        let wanted = Access::READ_OK | Access::EXEC_OK | if to_write { Access::WRITE_OK } else { Access::empty() };
        let judged = rustix::fs::access(&self.path, wanted).map_err(io::Error::from);
        match judged.and_then(|()| fs::metadata(&self.path)) {
            Err(error) if directory::is_passing(&error) => Err(error),
            Err(_) => Ok((
                false,
                Some(Notice::error(format!(
                    "Either [{}] key_repository does not exist or Keystone does not have sufficient permission to access \
                     it: {}",
                    self.purpose.section(),
                    self.path.display()
                ))),
            )),
            Ok(metadata) => {
                let open_to_others = metadata.permissions().mode() & 0o005 != 0;
                let warning = || Notice::warning(format!("key_repository is world readable: {}", self.path.display()));
                Ok((true, open_to_others.then(warning)))
            }
        }
    }

    fn closed(&self, why: &str) -> (bool, Option<Notice>) {
        (false, Some(Notice::error(format!("The key repository {} cannot be read: {why}", self.path.display()))))
    }

    /// Gives a repository without key 0 one, and rotates once, so that there is a staged and a primary key.
    ///
    /// # Errors
    /// As [`KeyRepository::rotate`].
    pub fn initialize(&self, owner: KeyOwner, random: &dyn Random) -> Result<Outcome, RepositoryError> {
        let _lock = write::Lock::on(&self.path);
        if rustix::fs::access(self.path.join(STAGED), Access::EXISTS).is_ok() {
            info!("Key repository is already initialized; aborting.");
            return Ok(Outcome::AlreadyInitialized);
        }
        self.write_temporary(owner, random)?;
        self.stage_temporary()?;
        self.rotate_locked(owner, random)?;
        Ok(Outcome::Done)
    }

    /// Makes the staged key the primary, stages a fresh key, and deletes the oldest keys beyond the maximum. Waits while
    /// another process does the same.
    ///
    /// # Errors
    /// [`RepositoryError::FlawedFile`] before anything is changed; [`RepositoryError::Shortfall`] and
    /// [`RepositoryError::Io`] at the step that failed. What opened tokens before still does.
    pub fn rotate(&self, owner: KeyOwner, random: &dyn Random) -> Result<(), RepositoryError> {
        let _lock = write::Lock::on(&self.path);
        self.rotate_locked(owner, random)
    }

    fn rotate_locked(&self, owner: KeyOwner, random: &dyn Random) -> Result<(), RepositoryError> {
        let (files, notices) = self.files_to_rotate()?;
        notices.iter().for_each(Notice::log);
        let plan = self.plan_for(&files);
        self.carry_out(&files, &plan, owner, random)
    }

    /// What a rotation starts from, and what to log of what it passes over.
    pub(super) fn files_to_rotate(&self) -> Result<(Vec<KeyFile>, Vec<Notice>), RepositoryError> {
        let reading = self.read()?;
        let notices = self.notices_of_empty_files(&reading);
        Ok((readable_files(reading)?, notices))
    }

    pub(super) fn read(&self) -> Result<Reading, RepositoryError> {
        directory::read(&self.path, self.order).map_err(|source| self.io_error("read", &self.path, source))
    }

    pub(super) fn plan_for(&self, files: &[KeyFile]) -> RotationPlan {
        rotation::plan(&files.iter().map(|file| file.number).collect(), self.max_active_keys)
    }

    /// Does what was planned for `files`, the lock being held. Somebody who knows nothing of the lock, another node's
    /// copy most likely, may change the directory meanwhile: then nothing of his is overwritten or deleted.
    pub(super) fn carry_out(
        &self,
        files: &[KeyFile],
        plan: &RotationPlan,
        owner: KeyOwner,
        random: &dyn Random,
    ) -> Result<(), RepositoryError> {
        let listed: Vec<String> = files.iter().map(|file| format!("'{}'", file.path.display())).collect();
        info!("Starting key rotation with {} key files: [{}]", listed.len(), listed.join(", "));
        for step in &plan.steps {
            match step {
                Step::WriteTemporary => {
                    self.write_temporary(owner, random)?;
                    if let Some((current, next)) = plan.primaries {
                        info!("Current primary key is: {current}");
                        info!("Next primary key will be: {next}");
                    }
                }
                Step::Promote(number) => {
                    self.promote(files, *number)?;
                    if plan.ends_early.is_none() {
                        info!("Promoted key 0 to be the primary: {number}");
                    }
                }
                Step::Stage => self.stage_temporary()?,
                Step::Purge(number) => self.purge(files, *number)?,
            }
        }
        match plan.ends_early {
            None => Ok(()),
            Some(shortfall) => Err(RepositoryError::Shortfall { path: self.path.clone(), shortfall }),
        }
    }

    fn promote(&self, files: &[KeyFile], number: KeyNumber) -> Result<(), RepositoryError> {
        if !self.holds_still(files)? {
            self.abandon_temporary();
            return Err(RepositoryError::ChangedMeanwhile { path: self.path.clone() });
        }
        let (from, to) = (self.path.join(STAGED), self.path.join(number.to_string()));
        let promoted = write::rename_to_free_name(&self.path, STAGED, &number.to_string());
        match promoted {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.abandon_temporary();
                Err(RepositoryError::ChangedMeanwhile { path: to })
            }
            result => result.map_err(|source| self.io_error("promote", &from, source)),
        }
    }

    /// Whether the keys are still those of `files`.
    fn holds_still(&self, files: &[KeyFile]) -> Result<bool, RepositoryError> {
        let facts = |files: &[KeyFile]| {
            let mut facts: Vec<_> = files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
            facts.sort_by(|one, other| one.0.cmp(&other.0));
            facts
        };
        Ok(facts(&self.read()?.keys) == facts(files))
    }

    /// A rotation that stops before anything moved leaves no file behind. Best effort: readers do not see it.
    fn abandon_temporary(&self) {
        _ = fs::remove_file(self.path.join(TEMPORARY));
    }

    fn write_temporary(&self, owner: KeyOwner, random: &dyn Random) -> Result<(), RepositoryError> {
        if owner.is_half() {
            warn!(
                "Unable to change the ownership of the new key without a keystone user ID and keystone group ID both \
                 being provided: {}",
                self.path.display()
            );
        }
        let path = self.path.join(TEMPORARY);
        write::write_key_file(&path, &new_key_text(random), owner).map_err(|source| {
            error!("Failed to create new temporary key: {}", path.display());
            // Half a key must not be staged by whoever comes next. Best effort: the error to report is the first one.
            _ = fs::remove_file(&path);
            self.io_error("write", &path, source)
        })?;
        info!("Created a new temporary key: {}", path.display());
        Ok(())
    }

    fn stage_temporary(&self) -> Result<(), RepositoryError> {
        match write::rename_to_free_name(&self.path, TEMPORARY, STAGED) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.abandon_temporary();
                return Err(RepositoryError::ChangedMeanwhile { path: self.path.join(STAGED) });
            }
            result => result.map_err(|source| self.io_error("stage", &self.path.join(TEMPORARY), source))?,
        }
        info!("Become a valid new key: {}", self.path.join(STAGED).display());
        Ok(())
    }

    fn purge(&self, files: &[KeyFile], number: KeyNumber) -> Result<(), RepositoryError> {
        // A key that the plan has just promoted is not among the files that were read.
        let read = files.iter().find(|file| file.number == number);
        let path = read.map_or_else(|| self.path.join(number.to_string()), |file| file.path.clone());
        if let Some(file) = read
            && self.read()?.keys.iter().any(|now| now.path == file.path && now.text != file.text)
        {
            return Err(RepositoryError::ChangedMeanwhile { path });
        }
        info!("Excess key to purge: {}", path.display());
        write::remove(&self.path, &path).map_err(|source| self.io_error("delete", &path, source))
    }

    /// Reads all keys and logs what is odd about them. Never fails: a directory that cannot be read is one without keys,
    /// as with Keystone.
    pub fn load(&self) -> KeySet {
        let look = self.look().unwrap_or_else(|error| self.look_at_closed(&error));
        look.notices.iter().for_each(Notice::log);
        look.keys
    }

    /// Reads all keys.
    ///
    /// # Errors
    /// Only what says nothing about the keys, such as too many open files: looking again may well succeed.
    pub fn look(&self) -> io::Result<Look> {
        let (accessible, notice) = self.judge_access(false)?;
        let mut notices = Vec::from_iter(notice);
        if !accessible {
            return Ok(Look { keys: KeySet::empty(), dated: Vec::new(), notices });
        }
        let reading = match directory::read(&self.path, self.order) {
            Ok(reading) => reading,
            Err(error) if directory::is_passing(&error) => return Err(error),
            Err(error) => return Ok(self.look_at_closed(&error)),
        };
        notices.extend(self.notices_of_empty_files(&reading));
        let mut files = reading.keys;
        let count = files.iter().filter(|file| file.text.is_ok()).count();
        if self.purpose == KeyPurpose::Tokens && count != self.max_active_keys.get() as usize {
            let text = format!(
                "Loaded {count} Fernet keys from {}, but `[fernet_tokens] max_active_keys = {}`; perhaps there have not \
                 been enough key rotations to reach `max_active_keys` yet?",
                self.path.display(),
                self.max_active_keys
            );
            notices.push(Notice::debug(text));
        }
        files.sort_by_key(|file| std::cmp::Reverse(file.number));
        let (keys, left_out) = KeySet::from_files(&files);
        if let Err(error @ super::PrimaryKeyError::Unusable { .. }) = keys.primary() {
            notices.push(Notice::error(format!("No token is issued: {error}")));
        }
        notices.extend(
            left_out
                .into_iter()
                .chain(reading.closed)
                .map(|(file, flaw)| Notice::warning(format!("Ignoring {} in key repository: {flaw}", file.display()))),
        );
        Ok(Look { keys, dated: dated(&files), notices })
    }

    /// What is found where a directory cannot be read at all.
    pub(super) fn look_at_closed(&self, why: &io::Error) -> Look {
        Look { keys: KeySet::empty(), dated: Vec::new(), notices: Vec::from_iter(self.closed(&why.to_string()).1) }
    }

    /// Checks what Keystone's Fernet provider checks when it starts: that the directory exists and has files.
    ///
    /// # Errors
    /// [`NotReadyError`], with which the server refuses to start.
    pub fn check_ready(&self) -> Result<(), NotReadyError> {
        let path = || self.path.clone();
        if !self.path.exists() {
            return Err(NotReadyError::Missing(path()));
        }
        let mut files =
            fs::read_dir(&self.path).map_err(|error| NotReadyError::Unreadable(path(), error.to_string()))?;
        files.next().map(|_| ()).ok_or_else(|| NotReadyError::NoKeys(path()))
    }

    fn notices_of_empty_files(&self, reading: &Reading) -> Vec<Notice> {
        let notice =
            |file: &PathBuf| Notice::warning(format!("Ignoring empty key found in key repository: {}", file.display()));
        reading.empty.iter().map(notice).collect()
    }

    pub(super) fn io_error(&self, action: &'static str, path: &Path, source: io::Error) -> RepositoryError {
        RepositoryError::Io { action, path: path.to_owned(), source }
    }
}

/// The files of a directory that may be rotated. Keystone opens every file and reads every key, and fails at one that it
/// cannot; and it would promote a staged key that is none, after which nothing can be minted.
fn readable_files(reading: Reading) -> Result<Vec<KeyFile>, RepositoryError> {
    if let Some((path, flaw)) = reading.closed.into_iter().next() {
        return Err(RepositoryError::FlawedFile { path, flaw });
    }
    for file in &reading.keys {
        let flaw = match &file.text {
            Err(flaw) => Some(flaw.clone()),
            Ok(text) if file.number == KeyNumber::STAGED => Key::parse(file.number, text).err().map(KeyFlaw::from),
            Ok(_) => None,
        };
        if let Some(flaw) = flaw {
            return Err(RepositoryError::FlawedFile { path: file.path.clone(), flaw });
        }
    }
    Ok(reading.keys)
}
