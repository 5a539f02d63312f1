//! What `fernet_setup` and `fernet_rotate` have in common: the two repositories, and to whom new files belong.

use std::{
    num::NonZeroU32,
    path::{Component, Path, PathBuf},
};

use crate::keys::{KeyOwner, KeyPurpose, KeyRepository, RepositoryError};

/// A key repository as `keystone.conf` describes it: `[...] key_repository` and `max_active_keys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRepositorySettings {
    /// The directory.
    pub path: PathBuf,
    /// The most keys that a rotation leaves.
    pub max_active_keys: NonZeroU32,
}

/// The repositories of token keys (`[fernet_tokens]`) and of receipt keys (`[fernet_receipts]`), often one directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FernetRepositories {
    /// Keys of tokens.
    pub tokens: KeyRepositorySettings,
    /// Keys of receipts of unfinished logins.
    pub receipts: KeyRepositorySettings,
}

impl FernetRepositories {
    /// The repository of token keys.
    pub fn token_keys(&self) -> KeyRepository {
        KeyRepository::new(&self.tokens.path, self.tokens.max_active_keys)
    }

    /// The repository of receipt keys; `None` if it is the directory of the token keys, whose settings then count.
    pub fn separate_receipt_keys(&self) -> Option<KeyRepository> {
        let differs = lexical(&self.receipts.path) != lexical(&self.tokens.path);
        differs.then(|| self.receipt_keys())
    }

    /// The repository of receipt keys, whether or not it is that of the token keys too: what `receipt_setup` and
    /// `receipt_rotate` work on.
    pub fn receipt_keys(&self) -> KeyRepository {
        KeyRepository::new(&self.receipts.path, self.receipts.max_active_keys).with_purpose(KeyPurpose::Receipts)
    }

    /// All repositories that there are, each once.
    pub(super) fn distinct(&self) -> impl Iterator<Item = KeyRepository> {
        std::iter::once(self.token_keys()).chain(self.separate_receipt_keys())
    }
}

/// `path` made absolute, without `.` and `..`, as Python's `os.path.abspath` does it: links are not looked at.
pub(super) fn lexical(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => _ = plain.pop(),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// To whom new keys shall belong. Root must say it: keys that only root can read are of no use to the service.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct KeyOwnerArgs {
    /// User (name or id) that the service runs as, to whom new directories and keys are given; only with --keystone-group
    #[arg(long, value_name = "USER", required = running_as_root())]
    pub keystone_user: Option<String>,

    /// Group (name or id) that the service runs as, to whom new directories and keys are given; only with --keystone-user
    #[arg(long, value_name = "GROUP", required = running_as_root())]
    pub keystone_group: Option<String>,
}

/// As [`KeyOwnerArgs`], where root need not say it: the keys that are there have an owner already.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct OptionalKeyOwnerArgs {
    /// User (name or id) to whom new keys are given [default: the owner of the keys that are there]
    #[arg(long, value_name = "USER", requires = "keystone_group")]
    pub keystone_user: Option<String>,

    /// Group (name or id) to whom new keys are given
    #[arg(long, value_name = "GROUP", requires = "keystone_user")]
    pub keystone_group: Option<String>,
}

impl OptionalKeyOwnerArgs {
    /// Looks the names up.
    ///
    /// # Errors
    /// As [`KeyOwnerArgs::resolve`].
    pub fn resolve(&self) -> Result<KeyOwner, FernetCommandError> {
        let Self { keystone_user, keystone_group } = self.clone();
        KeyOwnerArgs { keystone_user, keystone_group }.resolve()
    }
}

fn running_as_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl KeyOwnerArgs {
    /// Looks the names up.
    ///
    /// # Errors
    /// [`FernetCommandError`] naming the user or group that does not exist.
    pub fn resolve(&self) -> Result<KeyOwner, FernetCommandError> {
        let given = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        let user = given(&self.keystone_user).map(|name| {
            let user = uzers::get_user_by_name(&name);
            let user = user.or_else(|| uzers::get_user_by_uid(name.trim().parse().ok()?));
            user.map(|user| user.uid()).ok_or(FernetCommandError::UnknownUser(name))
        });
        let group = given(&self.keystone_group).map(|name| {
            let group = uzers::get_group_by_name(&name);
            let group = group.or_else(|| uzers::get_group_by_gid(name.trim().parse().ok()?));
            group.map(|group| group.gid()).ok_or(FernetCommandError::UnknownGroup(name))
        });
        Ok(KeyOwner { user: user.transpose()?, group: group.transpose()? })
    }
}

/// Why `fernet_setup` or `fernet_rotate` failed.
#[derive(Debug, thiserror::Error)]
pub enum FernetCommandError {
    /// No user has this name or id.
    #[error("Unknown user '{0}' in --keystone-user")]
    UnknownUser(String),
    /// No group has this name or id.
    #[error("Unknown group '{0}' in --keystone-group")]
    UnknownGroup(String),
    /// A repository could not be changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::lexical;

    #[test]
    fn two_spellings_of_a_path_are_one_directory() {
        assert_eq!(lexical(Path::new("/etc/keystone/./x/../fernet-keys/")), Path::new("/etc/keystone/fernet-keys"));
        assert_eq!(lexical(Path::new("/../etc")), Path::new("/etc"));
        assert_ne!(lexical(Path::new("keys")), Path::new("keys"));
    }
}
