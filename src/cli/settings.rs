//! From the configuration to what commands work on.

use super::key_repositories::{FernetRepositories, KeyRepositorySettings};
use crate::{app::key_count, config::Config};

/// The repositories of token and receipt keys.
pub(super) fn key_repositories(config: &Config) -> FernetRepositories {
    FernetRepositories {
        tokens: KeyRepositorySettings {
            path: config.fernet_tokens.key_repository.clone(),
            max_active_keys: key_count(config.fernet_tokens.max_active_keys),
        },
        receipts: KeyRepositorySettings {
            path: config.fernet_receipts.key_repository.clone(),
            max_active_keys: key_count(config.fernet_receipts.max_active_keys),
        },
    }
}
