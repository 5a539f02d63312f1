//! `POST /v3/users/{user_id}/password`: a user changes the password that he knows (Keystone `identity/core.py`,
//! `change_password`, and `identity/backends/sql.py`).
//!
//! No token is asked for, since an expired password gets none: the old password is the proof.

use chrono::TimeDelta;
use thiserror::Error;

use super::{
    error::AuthError,
    methods::password::PasswordMethod,
    new_password::{NewPasswordError, NewPasswords},
};
use crate::{
    cascade::{Moment, user::revoke_tokens_of_user},
    domain::{
        clock::SharedClock,
        ids::UserId,
        secret::SecretText,
        user::{InactivityLimit, LocalLogin, User},
    },
    store::{
        Store, StoreError,
        identity::{login, password_history, set_password},
    },
};

/// Why the password stays as it is.
#[derive(Debug, Error)]
pub enum PasswordChangeError {
    /// The old password proves nothing.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// It proves who the user is, and the user is disabled.
    #[error("The account is disabled for user: {0}.")]
    Disabled(UserId),
    /// The new password.
    #[error(transparent)]
    New(#[from] NewPasswordError),
    /// Option `lock_password`.
    #[error(
        "You cannot change your password at this time due to password policy disallowing password changes. Please contact your administrator to reset your password."
    )]
    Locked,
    /// `minimum_password_age`.
    #[error(
        "You cannot change your password at this time due to the minimum password age. Once you change your password, it must be used for {minimum} day(s) before it can be changed. Please try again in {left} day(s) or contact your administrator to reset your password."
    )]
    TooYoung {
        /// Days that a password must be used.
        minimum: u64,
        /// Whole days that are left of them.
        left: i64,
    },
    /// `unique_last_password_count`.
    #[error(
        "The new password cannot be identical to a previous password. The total number which includes the new password must be unique is {count}."
    )]
    UsedBefore {
        /// That many.
        count: u64,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes passwords for those who know them.
#[derive(Clone)]
pub struct PasswordChanges {
    store: Store,
    method: PasswordMethod,
    passwords: NewPasswords,
    clock: SharedClock,
    inactivity: InactivityLimit,
    revocation_window: TimeDelta,
}

impl PasswordChanges {
    /// Puts the parts together. Revocation events are kept for `revocation_window`.
    pub fn new(
        store: Store,
        method: PasswordMethod,
        passwords: NewPasswords,
        clock: SharedClock,
        inactivity: InactivityLimit,
        revocation_window: TimeDelta,
    ) -> Self {
        Self { store, method, passwords, clock, inactivity, revocation_window }
    }

    /// Gives the user `new` as the password, if `original` is the one he has, and revokes his tokens.
    ///
    /// # Errors
    ///
    /// In Keystone's order: whoever does not know the password learns nothing else, save that the account is locked.
    pub async fn change(
        &self,
        user_id: &UserId,
        original: SecretText,
        new: SecretText,
    ) -> Result<(), PasswordChangeError> {
        let Some((user, Some(local))) = self.store.run(login(user_id)).await? else {
            return Err(self.method.refuse_nobody(original).await.into());
        };
        let local = self.method.prove(&user, local, Some(original)).await?;
        if !user.is_enabled(self.inactivity, self.clock.now().date_naive()) {
            return Err(PasswordChangeError::Disabled(user.id));
        }
        match self.method.admit(&user, &local).await {
            // Whose password has expired is here for just that.
            Ok(()) | Err(AuthError::PasswordExpired(_)) => {}
            Err(error) => return Err(error.into()),
        }
        self.passwords.check(Some(&new))?;
        self.permitted(&user, &local, &new).await?;
        let hash = self.passwords.hash(Some(new)).await?;

        let moment = Moment::new(self.clock.now(), self.revocation_window);
        let made = self.passwords.by_user(hash, &user.options, moment.now);
        let mut transaction = self.store.begin().await?;
        // Who was here first has changed what the old password proved.
        let current = transaction.run(login(user_id)).await?.and_then(|(_, local)| local);
        if current.as_ref().map(hash_of) != Some(hash_of(&local)) {
            return Err(AuthError::unauthorized("the password was changed meanwhile").into());
        }
        set_password(&mut transaction, local.local_user_id, &made, self.passwords.kept()).await?;
        revoke_tokens_of_user(&mut transaction, user_id, &moment).await?;
        Ok(transaction.commit().await?)
    }

    /// Whether rules and the user's own history let the password be changed to `new`.
    async fn permitted(&self, user: &User, local: &LocalLogin, new: &SecretText) -> Result<(), PasswordChangeError> {
        let rules = &self.passwords.rules;
        if user.options.lock_password == Some(true) {
            return Err(PasswordChangeError::Locked);
        }
        if let Some(password) = local.password.as_ref().filter(|password| password.self_service) {
            let minimum = rules.minimum_age_days;
            let left = password.created_at + days(minimum) - self.clock.now();
            if left > TimeDelta::zero() {
                return Err(PasswordChangeError::TooYoung { minimum, left: left.num_days() });
            }
        }
        let count = rules.unique_last_count;
        if count > 0 {
            let most = i64::try_from(count).unwrap_or(i64::MAX);
            for hash in self.store.run(password_history(local.local_user_id, most)).await?.into_iter().flatten() {
                if self.method.matches(&user.id, new.clone(), hash).await? {
                    return Err(PasswordChangeError::UsedBefore { count });
                }
            }
        }
        Ok(())
    }
}

fn hash_of(local: &LocalLogin) -> Option<&str> {
    local.password.as_ref().and_then(|password| password.hash.as_deref())
}

/// Ten thousand years at most: a time that far away can still be added to another.
fn days(days: u64) -> TimeDelta {
    const LONGEST: i64 = 10_000 * 365;
    TimeDelta::days(i64::try_from(days).map_or(LONGEST, |days| days.min(LONGEST)))
}
