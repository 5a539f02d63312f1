//! From the configuration to what commands work on.

use chrono::TimeDelta;

use super::key_repositories::{FernetRepositories, KeyRepositorySettings};
use crate::{
    app::{key_count, seconds},
    config::Config,
    keys::{KeyRepository, credentials, safety::Terms},
};

/// The repository of credential keys.
pub(super) fn credential_keys(config: &Config) -> KeyRepository {
    credentials::repository(&config.credential.key_repository)
}

/// How long what the keys of tokens and of receipts sign may live. In one directory the longer life counts.
pub(super) fn lives(config: &Config) -> (Terms, Terms) {
    let terms = |life: TimeDelta| Terms { life, distribution_delay: TimeDelta::zero() };
    let token = seconds(config.token.expiration) + seconds(config.token.allow_expired_window);
    let receipt = seconds(config.receipt.expiration);
    let shared = key_repositories(config).separate_receipt_keys().is_none();
    (terms(if shared { token.max(receipt) } else { token }), terms(receipt))
}

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
