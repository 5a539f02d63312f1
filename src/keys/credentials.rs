//! The keys of stored credentials, which are not about time: a key is needed as long as a row is encrypted with it.
//!
//! Facts: `CredentialRotate` and `CredentialMigrate` of Keystone's `cmd/cli.py`, and
//! `keystone.credential.providers.fernet.core`. Behind the keys of the directory counts the null key, with which Keystone
//! encrypted before there was a directory.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use super::{
    key::Key,
    repository::{KeyPurpose, KeyRepository, Outcome, RepositoryError},
    set::{KeySet, PrimaryKeyError},
    write::KeyOwner,
};
use crate::{
    domain::random::{Random, sixteen_bytes},
    store::{
        Store, StoreError,
        credential_key::{SealedCredential, count_of_all, count_of_other_keys, credentials_of_other_keys},
    },
};

/// How many keys a credential repository holds: Keystone has no option for it.
pub const MAX_ACTIVE_KEYS: NonZeroU32 = match NonZeroU32::new(3) {
    Some(three) => three,
    None => NonZeroU32::MIN,
};

/// Rows that are read at a time.
const PAGE: i64 = 500;

/// The repository of credential keys at `path`.
pub fn repository(path: impl Into<std::path::PathBuf>) -> KeyRepository {
    KeyRepository::new(path, MAX_ACTIVE_KEYS).with_purpose(KeyPurpose::Credentials)
}

/// Why credentials could not be looked at or encrypted anew, or their keys not be rotated.
#[derive(Debug, thiserror::Error)]
pub enum CredentialKeyError {
    /// The directory has no key to encrypt with.
    #[error("{} has no key to encrypt credentials with: {why}; run credential_setup", path.display())]
    NoPrimary {
        /// The directory.
        path: std::path::PathBuf,
        /// What there is instead.
        why: PrimaryKeyError,
    },
    /// The directory cannot be read.
    #[error("{} does not exist or cannot be read: run credential_setup, or run this as a user who may", .0.display())]
    Inaccessible(std::path::PathBuf),
    /// Some credentials are not encrypted with the primary key.
    #[error(
        "Unable to rotate credential keys because not all credentials are encrypted with the primary key: {others} of \
         {all} are not. Run credential_migrate first."
    )]
    NotMigrated {
        /// How many are not.
        others: i64,
        /// How many there are.
        all: i64,
    },
    /// The directory could not be changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How far credentials and keys are together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encryption {
    /// All credentials.
    pub all: i64,
    /// Those that are encrypted with another key than the primary.
    pub others: i64,
}

/// What a migration did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Migrated {
    /// How many credentials were encrypted anew.
    pub done: u64,
    /// Ids of credentials that no key opens. They were left as they are.
    pub unopened: Vec<String>,
    /// How many were changed by somebody else meanwhile, who encrypted them.
    pub overtaken: u64,
}

/// How far the credentials in the database are encrypted with the primary of `repository`, which is the null key where
/// there is no other.
///
/// # Errors
/// [`CredentialKeyError`].
pub async fn encryption(repository: &KeyRepository, store: &Store) -> Result<Encryption, CredentialKeyError> {
    let keys = repository.load_quietly().with_null_key();
    let primary = primary(&keys, repository)?;
    let (all, others) = store.run_batch((count_of_all(), count_of_other_keys(&primary.credential_hash()))).await?;
    Ok(Encryption { all, others })
}

/// Rotates if every credential is encrypted with the primary: `credential_rotate`. A directory that cannot be used is
/// logged, as with Keystone.
///
/// # Errors
/// [`CredentialKeyError::NotMigrated`] above all; nothing was changed then.
pub async fn rotate(
    repository: &KeyRepository,
    store: &Store,
    owner: KeyOwner,
    random: &dyn Random,
) -> Result<Outcome, CredentialKeyError> {
    if !repository.is_accessible(true) {
        return Ok(Outcome::Inaccessible);
    }
    let Encryption { all, others } = encryption(repository, store).await?;
    if others > 0 {
        return Err(CredentialKeyError::NotMigrated { others, all });
    }
    repository.rotate(owner, random)?;
    Ok(Outcome::Done)
}

/// Encrypts every credential with the primary that is encrypted with another key: `credential_migrate`. May be stopped and
/// begun again at any time. `progress` is told how many of how many are done.
///
/// # Errors
/// [`CredentialKeyError`]. What was done until then stays done.
pub async fn migrate(
    repository: &KeyRepository,
    store: &Store,
    now: impl Fn() -> DateTime<Utc>,
    random: &dyn Random,
    mut progress: impl FnMut(u64, u64),
) -> Result<Migrated, CredentialKeyError> {
    if !repository.is_accessible(false) {
        return Err(CredentialKeyError::Inaccessible(repository.path().to_owned()));
    }
    let alone = repository.load();
    // With the null key alone, Keystone would encrypt everything with a key that everybody knows.
    alone.primary().map_err(|why| CredentialKeyError::NoPrimary { path: repository.path().to_owned(), why })?;
    let keys = alone.with_null_key();
    let primary = primary(&keys, repository)?;
    let hash = primary.credential_hash();
    let total = u64::try_from(store.run(count_of_other_keys(&hash)).await?).unwrap_or_default();
    let mut migrated = Migrated::default();
    let mut after = String::new();
    loop {
        let page = store.run(credentials_of_other_keys(&hash, &after, PAGE)).await?;
        let Some(last) = page.last() else { return Ok(migrated) };
        after.clone_from(&last.id);
        for credential in &page {
            let about = (now(), sixteen_bytes(random));
            reseal(credential, (&keys, primary), store, about, &mut migrated).await?;
            progress(migrated.done, total);
        }
    }
}

async fn reseal(
    credential: &SealedCredential,
    (keys, primary): (&KeySet, &Key),
    store: &Store,
    (now, iv): (DateTime<Utc>, [u8; 16]),
    migrated: &mut Migrated,
) -> Result<(), CredentialKeyError> {
    let now = u64::try_from(now.timestamp()).unwrap_or_default();
    let Some(secret) = keys.iter().find_map(|key| key.open(&credential.encrypted_blob)) else {
        migrated.unopened.push(credential.id.clone());
        return Ok(());
    };
    let sealed = primary.seal(&secret, now, iv);
    if store.reseal(credential, &sealed, &primary.credential_hash()).await? {
        migrated.done += 1;
    } else {
        migrated.overtaken += 1;
    }
    Ok(())
}

fn primary<'k>(keys: &'k KeySet, repository: &KeyRepository) -> Result<&'k Key, CredentialKeyError> {
    keys.primary().map_err(|why| CredentialKeyError::NoPrimary { path: repository.path().to_owned(), why })
}
