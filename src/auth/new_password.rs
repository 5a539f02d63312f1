//! New passwords: what they must be like, and the rows they become (Keystone `common/validation/validators.py`,
//! `validate_password`; `identity/backends/sql_model.py`, `User.password`).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::password::{PasswordError, PasswordRequirements, PasswordWorkers, RequirementsNotMet, WorkError};
use crate::{
    domain::{secret::SecretText, user::UserOptions},
    store::identity::{NewPassword, password_expiry},
};

/// `[security_compliance]` options about passwords that are set. The default is Keystone's.
#[derive(Debug, Clone, Default)]
pub struct PasswordRules {
    /// `password_regex` and its description.
    pub requirements: PasswordRequirements,
    /// `password_expires_days`; `None`: never.
    pub expires_days: Option<u64>,
    /// `unique_last_password_count`: a password that a user sets must differ from so many before it.
    pub unique_last_count: u64,
    /// `minimum_password_age`: days before a user may change a password that he set.
    pub minimum_age_days: u64,
    /// `change_password_upon_first_use`: a password that an administrator sets is expired at once.
    pub change_upon_first_use: bool,
}

/// Why a password was not set.
#[derive(Debug, Error)]
pub enum NewPasswordError {
    /// It is not as `password_regex` asks for.
    #[error(transparent)]
    Requirements(#[from] RequirementsNotMet),
    /// No password at all, where `password_regex` asks for something.
    #[error("Password validation error: Password must be a string type.")]
    NotAText,
    /// Under `strict_password_check`: longer than the hash algorithm can take.
    #[error(
        "The password length must be less than or equal to {limit}. The server could not comply with the request because the password is invalid."
    )]
    TooLong {
        /// Bytes.
        limit: usize,
    },
    /// Too many passwords are waiting to be hashed.
    #[error("too many passwords are waiting")]
    Overloaded,
}

impl From<WorkError> for NewPasswordError {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Password(PasswordError::TooLong { limit }) => Self::TooLong { limit },
            // What is hashed is no stored hash: nothing about one can be wrong.
            WorkError::Password(PasswordError::Unusable(_)) | WorkError::Overloaded | WorkError::Interrupted => {
                Self::Overloaded
            }
        }
    }
}

/// Makes passwords ready to be stored. Cheap to clone.
#[derive(Clone)]
pub struct NewPasswords {
    pub(super) workers: PasswordWorkers,
    pub(super) rules: Arc<PasswordRules>,
}

impl NewPasswords {
    /// Puts the parts together.
    pub fn new(workers: PasswordWorkers, rules: PasswordRules) -> Self {
        Self { workers, rules: Arc::new(rules) }
    }

    /// Whether a password may be set; `None` stands for JSON's null, a password that nothing matches.
    ///
    /// # Errors
    ///
    /// It may not.
    pub fn check(&self, password: Option<&SecretText>) -> Result<(), NewPasswordError> {
        match password {
            Some(password) => Ok(self.rules.requirements.check(password)?),
            None if self.rules.requirements.are_any() => Err(NewPasswordError::NotAText),
            None => Ok(()),
        }
    }

    /// What is stored of a password. To be asked for before a transaction begins: it takes long.
    ///
    /// # Errors
    ///
    /// It is too long, or too many are waiting.
    pub async fn hash(&self, password: Option<SecretText>) -> Result<Option<String>, NewPasswordError> {
        match password {
            Some(password) => Ok(Some(self.workers.hash(password).await?)),
            None => Ok(None),
        }
    }

    /// A password that an administrator sets. A user who is only being made has no `options` yet, because Keystone looks
    /// for them where they are not stored at that time.
    pub fn by_administrator(&self, hash: Option<String>, options: &UserOptions, now: DateTime<Utc>) -> NewPassword {
        let mut made = self.made(hash, options, now, false);
        if self.rules.change_upon_first_use && options.ignore_change_password_upon_first_use != Some(true) {
            made.expires_at = Some(now);
        }
        made
    }

    /// A password that a user sets himself.
    pub fn by_user(&self, hash: Option<String>, options: &UserOptions, now: DateTime<Utc>) -> NewPassword {
        self.made(hash, options, now, true)
    }

    /// How many passwords before a new one are kept.
    pub fn kept(&self) -> usize {
        usize::try_from(self.rules.unique_last_count.max(1)).unwrap_or(usize::MAX)
    }

    fn made(&self, hash: Option<String>, options: &UserOptions, now: DateTime<Utc>, self_service: bool) -> NewPassword {
        let expires = self.rules.expires_days.filter(|_| options.ignore_password_expiry != Some(true));
        NewPassword { hash, created_at: now, expires_at: password_expiry(now, expires), self_service }
    }
}
