//! Which directory a command works on, and how long what its keys sign may live.

use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use crate::{
    app::{key_count, seconds},
    cli::{CommandError, duration, key_repositories::lexical},
    config::{Config, ConfigFlags, Sources},
    doctor::is_same_directory,
    domain::clock::{Clock, SystemClock},
    keys::{KeyPurpose, KeyRepository, history::Seen, records, safety::Terms},
};

/// What all commands have in common. Each option stands in for one of the configuration.
#[derive(Debug, Clone, Args)]
pub(super) struct KeyArgs {
    /// The key directory [default: that of the configuration]
    #[arg(long, value_name = "DIR")]
    pub(super) key_repository: Option<PathBuf>,

    /// The keys of receipts, with the options of fernet_receipts and receipt
    #[arg(long)]
    receipts: bool,

    /// The most keys that a rotation leaves [default: that of the configuration, or 3]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    max_active_keys: Option<u32>,

    /// How long a token or receipt lives, such as 1h [default: that of the configuration, or Keystone's]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    expiration: Option<TimeDelta>,

    /// How long after its end a token is still accepted from services [default: that of the configuration, or 48h]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    allow_expired_window: Option<TimeDelta>,

    /// How long after a rotation the last node may get the new keys: so long it mints with the old primary
    #[arg(long, value_name = "TIME", value_parser = duration::parse, default_value = "0")]
    distribution_delay: TimeDelta,

    /// Where it is noted since when keys were seen not to mint, for directories whose times tell nothing [default: a
    /// hidden file beside the directory]
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
}

/// A directory, and all that is to be known to judge it.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) repository: KeyRepository,
    pub(super) terms: Terms,
    pub(super) expiration: TimeDelta,
    pub(super) allow_expired_window: TimeDelta,
    /// The directory of the receipts' keys, where the configuration has one of its own that this is not.
    pub(super) receipts_elsewhere: Option<PathBuf>,
    /// Whether the configuration has credentials encrypted with these keys.
    pub(super) of_credentials: bool,
    /// Where notes are kept.
    pub(super) records: Option<PathBuf>,
    /// What the notes say.
    pub(super) seen: Seen,
}

impl KeyArgs {
    /// Puts the options and the configuration together. A configuration is not needed where `--key-repository` is given;
    /// one that is there and cannot be read is an error all the same, as it may say that tokens live longer.
    pub(super) fn target(&self, flags: &ConfigFlags) -> Result<Target, CommandError> {
        self.target_if(flags, self.says_everything())
    }

    /// The same for who does not care how long tokens live: the directory alone is enough.
    pub(super) fn target_for_keys_alone(&self, flags: &ConfigFlags) -> Result<Target, CommandError> {
        self.target_if(flags, self.key_repository.is_some())
    }

    fn target_if(&self, flags: &ConfigFlags, needs_no_configuration: bool) -> Result<Target, CommandError> {
        let config = match Config::load_leniently(&Sources::of_process(flags.given.clone())) {
            Ok(config) => config,
            Err(_) if needs_no_configuration && flags.given.is_empty() => Config::default(),
            Err(error) => {
                let hint = "give --key-repository, --max-active-keys, --expiration and --allow-expired-window to do \
                            without a configuration";
                return Err(format!("{error}; {hint}").into());
            }
        };
        let one = lexical(&config.fernet_tokens.key_repository) == lexical(&config.fernet_receipts.key_repository);
        let shared = self.key_repository.is_none() && one;
        let receipts_elsewhere = (self.key_repository.is_none() && !one && !self.receipts)
            .then(|| config.fernet_receipts.key_repository.clone());
        let (token, receipt) = (seconds(config.token.expiration), seconds(config.receipt.expiration));
        let window = self.allow_expired_window.unwrap_or(seconds(config.token.allow_expired_window));
        // In one directory the keys are rotated as those of tokens.
        let (purpose, path, maximum, expiration, window) = if self.receipts && !shared {
            let receipts = &config.fernet_receipts;
            (KeyPurpose::Receipts, &receipts.key_repository, receipts.max_active_keys, receipt, TimeDelta::zero())
        } else {
            let tokens = &config.fernet_tokens;
            (KeyPurpose::Tokens, &tokens.key_repository, tokens.max_active_keys, token, window)
        };
        let expiration = self.expiration.unwrap_or(expiration);
        let life = expiration + window;
        let life = if shared { life.max(receipt) } else { life };
        let path: &Path = self.key_repository.as_deref().unwrap_or(path);
        let maximum = self.max_active_keys.and_then(NonZeroU32::new).unwrap_or(key_count(maximum));
        let records = self.records.clone().or_else(|| records::default_place(path));
        let (seen, flaw) = records.as_deref().map_or((Seen::new(), None), records::read);
        if let (Some(flaw), Some(file)) = (flaw, &records) {
            tracing::warn!("the notes in {} are not used: {flaw}", file.display());
        }
        Ok(Target {
            repository: KeyRepository::new(path, maximum).with_purpose(purpose),
            terms: Terms { life, distribution_delay: self.distribution_delay },
            expiration,
            allow_expired_window: window,
            receipts_elsewhere,
            of_credentials: is_same_directory(path, &config.credential.key_repository),
            records,
            seen,
        })
    }

    fn says_everything(&self) -> bool {
        self.key_repository.is_some()
            && self.max_active_keys.is_some()
            && self.expiration.is_some()
            && (self.receipts || self.allow_expired_window.is_some())
    }
}

impl Target {
    /// Notes which keys do not mint now. Best effort: says why it could not.
    pub(super) fn note(&self, now: DateTime<Utc>) -> Result<(), String> {
        let Some(file) = &self.records else { return Err("there is no place beside the directory".to_owned()) };
        let history = self.repository.history(&self.seen, now).map_err(|error| error.to_string())?;
        let seen = history.note(&self.seen, now);
        records::write(file, &seen).map_err(|error| format!("{}: {error}", file.display()))
    }
}

/// Now.
pub(super) fn now() -> DateTime<Utc> {
    SystemClock.now()
}
