//! Method `password` (Keystone `auth/plugins/password.py`, `identity/backends/sql.py`).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::Proof;
use crate::{
    auth::{
        error::AuthError,
        lookup::Lookup,
        password::{PasswordError, PasswordWorkers, WorkError},
        request::UserReference,
    },
    domain::{
        clock::SharedClock,
        ids::UserId,
        secret::SecretText,
        user::{LocalLogin, User},
    },
    store::Store,
};

/// `[security_compliance]` options that decide over a login.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LockoutSettings {
    /// `lockout_failure_attempts`: so many failures lock the account; `None`: never.
    pub failure_attempts: Option<u32>,
    /// `lockout_duration`: for how long; `None`: until an administrator unlocks it.
    pub duration: Option<TimeDelta>,
}

/// What earlier failures mean for this login.
enum Lock {
    /// Nothing.
    Open,
    /// It is refused.
    Held,
    /// Its time is over: counting starts again.
    Over,
}

/// Verifies passwords.
#[derive(Clone)]
pub struct PasswordMethod {
    store: Store,
    workers: PasswordWorkers,
    clock: SharedClock,
    lockout: LockoutSettings,
}

impl PasswordMethod {
    /// Puts the parts together.
    pub fn new(store: Store, workers: PasswordWorkers, clock: SharedClock, lockout: LockoutSettings) -> Self {
        Self { store, workers, clock, lockout }
    }

    /// Proves that the caller knows the password of the user named in `block`.
    ///
    /// # Errors
    ///
    /// A user who is not there or disabled costs the same time and gets the same answer as a wrong password. A locked
    /// account is refused before the password is looked at, an expired password after it.
    pub async fn authenticate(&self, block: &Map<String, Value>, lookup: Lookup<'_>) -> Result<Proof, AuthError> {
        let reference = UserReference::parse(block)?;
        let password = block.get("user").and_then(|user| user.get("password")).and_then(Value::as_str);
        let password = password.map(SecretText::new);
        let (user, login) = match lookup.user(&reference).await {
            Err(refusal @ (AuthError::Unauthorized { .. } | AuthError::Disabled(_))) => {
                self.workers.verify_against_nobody(password.unwrap_or_default()).await.map_err(|error| busy(&error))?;
                return Err(refusal);
            }
            other => other?,
        };
        self.verify(&user, login, password).await?;
        Ok(Proof {
            user_id: user.id.clone(),
            user: Some(Arc::new(user)),
            methods: vec!["password".to_owned()],
            expires_at: None,
            audit_chain_id: None,
        })
    }

    /// `login` is `None` for a user without a local part, whom no password can prove.
    async fn verify(
        &self,
        user: &User,
        login: Option<LocalLogin>,
        password: Option<SecretText>,
    ) -> Result<(), AuthError> {
        let Some(login) = login else {
            return Err(AuthError::unauthorized("Invalid username or password"));
        };
        let login = self.prove(user, login, password).await?;
        self.admit(user, &login).await
    }

    /// Finds out whether the password is right, and counts a failure. An expired one is right, too.
    pub(in crate::auth) async fn prove(
        &self,
        user: &User,
        mut login: LocalLogin,
        password: Option<SecretText>,
    ) -> Result<LocalLogin, AuthError> {
        match self.lock(user, &login, self.clock.now()) {
            Lock::Open => {}
            Lock::Held => return Err(AuthError::AccountLocked(user.id.clone())),
            Lock::Over => {
                self.store.reset_failed_logins(&user.id).await?;
                login.failed_auth_count = 0;
            }
        }
        let stored = login.password.as_ref().and_then(|stored| stored.hash.clone());
        let right = match (password, stored) {
            (Some(password), Some(stored)) => self.matches(&user.id, password, stored).await?,
            _ => false,
        };
        if !right {
            self.store.record_failed_login(&user.id, self.clock.now()).await?;
            return Err(AuthError::unauthorized("Invalid username or password"));
        }
        Ok(login)
    }

    /// What follows from a right password: it is no good if it has expired; else earlier failures are forgotten, and the user
    /// was active today. (SQLAlchemy, too, writes a day only where it is another.)
    pub(in crate::auth) async fn admit(&self, user: &User, login: &LocalLogin) -> Result<(), AuthError> {
        let now = self.clock.now();
        if is_expired(user, login, now) {
            return Err(AuthError::PasswordExpired(user.id.clone()));
        }
        if login.failed_auth_count > 0 {
            self.store.reset_failed_logins(&user.id).await?;
        }
        let today = now.date_naive();
        if user.last_active_at != Some(today) {
            self.store.set_last_active(&user.id, today).await?;
        }
        Ok(())
    }

    /// The refusal for a user who is not there, which takes as long as one for a wrong password.
    pub(in crate::auth) async fn refuse_nobody(&self, password: SecretText) -> AuthError {
        match self.workers.verify_against_nobody(password).await {
            Ok(_) => AuthError::unauthorized("Invalid username or password"),
            Err(error) => busy(&error),
        }
    }

    /// Whether too many failures lie too short a time back.
    fn lock(&self, user: &User, login: &LocalLogin, now: DateTime<Utc>) -> Lock {
        if user.options.ignore_lockout_failure_attempts == Some(true) {
            return Lock::Open;
        }
        match self.lockout.failure_attempts {
            Some(limit) if limit > 0 && login.failed_auth_count >= i64::from(limit) => {}
            _ => return Lock::Open,
        }
        match (self.lockout.duration, login.failed_auth_at) {
            (Some(duration), Some(last_failure)) if last_failure + duration <= now => Lock::Over,
            _ => Lock::Held,
        }
    }

    /// Whether a password is the one that a stored hash was made from.
    pub(in crate::auth) async fn matches(
        &self,
        user_id: &UserId,
        password: SecretText,
        stored: String,
    ) -> Result<bool, AuthError> {
        self.workers.verify(password, stored).await.map_err(|error| match error {
            WorkError::Password(PasswordError::TooLong { limit }) => AuthError::PasswordTooLong { limit },
            WorkError::Password(PasswordError::Unusable(reason)) => {
                AuthError::UnusableHash { user_id: user_id.clone(), reason: reason.to_string() }
            }
            busy_error => busy(&busy_error),
        })
    }
}

fn is_expired(user: &User, login: &LocalLogin, now: DateTime<Utc>) -> bool {
    user.options.ignore_password_expiry != Some(true)
        && login.password.as_ref().and_then(|password| password.expires_at).is_some_and(|expiry| now >= expiry)
}

fn busy(_: &WorkError) -> AuthError {
    AuthError::Overloaded
}
