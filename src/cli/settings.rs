//! From the configuration to what commands work on.

use std::num::NonZeroU32;

use super::key_repositories::{FernetRepositories, KeyRepositorySettings};
use crate::config::Config;

/// The repositories of token and receipt keys.
pub(super) fn key_repositories(config: &Config) -> FernetRepositories {
    let count = |count: u64| u32::try_from(count).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    FernetRepositories {
        tokens: KeyRepositorySettings {
            path: config.fernet_tokens.key_repository.clone(),
            max_active_keys: count(config.fernet_tokens.max_active_keys),
        },
        receipts: KeyRepositorySettings {
            path: config.fernet_receipts.key_repository.clone(),
            max_active_keys: count(config.fernet_receipts.max_active_keys),
        },
    }
}
