//! Where `dev` keeps things: a directory that stays, or one that goes with the process.

use std::{
    fs,
    fs::File,
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

use super::{super::CommandError, absolute, world::World};
use crate::{app, config::Config, domain::random::Random, keys::KeyOwner, store::Location};

/// The data directory.
pub(super) struct Place {
    path: PathBuf,
    in_memory: bool,
    /// Removes a temporary directory when the server has stopped.
    _guard: Option<TempDir>,
    /// Held for as long as the server runs.
    _lock: Option<File>,
}

impl Place {
    /// A directory that stays, made if it is not there. Only its owner can look into it: it holds keys and passwords.
    pub(super) fn at(path: &Path) -> Result<Self, CommandError> {
        let cannot = |error: io::Error| format!("cannot use the data directory {}: {error}", path.display());
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(cannot)?;
        let lock = File::create(path.join("lock")).map_err(cannot)?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Err(format!("another fernstone dev serves the data directory {}", path.display()).into());
        }
        Ok(Self { path: absolute(path.to_owned()), in_memory: false, _guard: None, _lock: Some(lock) })
    }

    /// A directory that goes with this value, and a database that is never written anywhere.
    pub(super) fn temporary() -> Result<Self, CommandError> {
        let directory = tempfile::Builder::new().prefix("fernstone-").tempdir()?;
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700))?;
        Ok(Self { path: directory.path().to_owned(), in_memory: true, _guard: Some(directory), _lock: None })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn keys(&self) -> PathBuf {
        self.path.join("fernet-keys")
    }

    pub(super) fn database(&self) -> Location {
        if self.in_memory {
            Location::SqliteMemory
        } else {
            Location::SqliteFile { path: self.path.join("keystone.db"), create: true }
        }
    }

    /// Makes the first keys, if there are none.
    pub(super) fn make_keys(&self, config: &Config, random: &dyn Random) -> Result<(), CommandError> {
        app::token_keys(config).setup(KeyOwner::default(), random)?;
        Ok(())
    }

    /// What an earlier start made here, if it got to the end of making it.
    pub(super) fn remembered(&self) -> Result<Option<World>, CommandError> {
        match fs::read(self.memory()) {
            Ok(text) => {
                let broken = |error| format!("{} cannot be read: {error}", self.memory().display());
                Ok(Some(serde_json::from_slice(&text).map_err(broken)?))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Notes that everything is made.
    pub(super) fn remember(&self, world: &World) -> Result<(), CommandError> {
        Ok(super::super::ready_file::write(&self.memory(), world)?)
    }

    fn memory(&self) -> PathBuf {
        self.path.join("world.json")
    }
}
