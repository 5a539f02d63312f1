//! A user as the identity backend knows it.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::{DomainId, ProjectId, UserId};

/// A row of `user` with the name and password facts of its local, nonlocal or federated part.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// The domain that the user belongs to.
    pub domain_id: DomainId,
    /// From `local_user`, else `nonlocal_user`, else the display name of `federated_user`.
    pub name: Option<String>,
    /// The column; null counts as `false`. What decides over logins and tokens is [`User::is_enabled`].
    pub enabled: bool,
    /// The project a login without a scope is for, if the user has a role there.
    pub default_project_id: Option<ProjectId>,
    /// When the newest password expires; `None`: never, or no password.
    pub password_expires_at: Option<DateTime<Utc>>,
    /// Column `created_at`.
    pub created_at: Option<DateTime<Utc>>,
    /// Column `last_active_at`.
    pub last_active_at: Option<NaiveDate>,
    /// The `extra` column: attributes that Keystone has no column for.
    pub extra: Map<String, Value>,
    /// Rows of `user_option`, decoded.
    pub options: UserOptions,
}

/// `[security_compliance] disable_user_account_days_inactive`: after so many days without a login a user counts as
/// disabled. `None`: never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InactivityLimit(pub Option<i64>);

impl User {
    /// Whether the user may log in and use tokens today: enabled, and not inactive for too long, counted from the last
    /// login or else from the account's creation (Keystone `identity/backends/sql_model.py`, `User.enabled`).
    pub fn is_enabled(&self, limit: InactivityLimit, today: NaiveDate) -> bool {
        let InactivityLimit(Some(days)) = limit else { return self.enabled };
        let last_active = self.last_active_at.or_else(|| self.created_at.map(|created| created.date_naive()));
        let inactive = days > 0
            && self.options.ignore_user_inactivity != Some(true)
            && last_active.is_some_and(|last_active| (today - last_active).num_days() >= days);
        self.enabled && !inactive
    }

    /// When the user, enabled today, will count as disabled unless something happens.
    pub fn is_enabled_until(&self, limit: InactivityLimit) -> Option<DateTime<Utc>> {
        let days = limit.0.filter(|days| *days > 0 && self.options.ignore_user_inactivity != Some(true))?;
        let last_active = self.last_active_at.or_else(|| self.created_at.map(|created| created.date_naive()))?;
        let day = last_active.checked_add_signed(TimeDelta::try_days(days)?)?;
        Some(day.and_time(NaiveTime::MIN).and_utc())
    }
}

/// What `user_option` can hold (Keystone `identity/backends/resource_options.py`), with the option's code.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UserOptions {
    /// `1000`: no forced change of the first password.
    pub ignore_change_password_upon_first_use: Option<bool>,
    /// `1001`: passwords do not expire.
    pub ignore_password_expiry: Option<bool>,
    /// `1002`: failed logins do not lock the user out.
    pub ignore_lockout_failure_attempts: Option<bool>,
    /// `1003`: the user cannot change the password.
    pub lock_password: Option<bool>,
    /// `MFAR`: lists of methods, one of which must be satisfied.
    pub multi_factor_auth_rules: Option<Vec<Vec<String>>>,
    /// `MFAE`: whether those rules are enforced; absent means they are.
    pub multi_factor_auth_enabled: Option<bool>,
    /// `1004`: inactivity does not disable the user.
    pub ignore_user_inactivity: Option<bool>,
}

/// What an identity provider knows a user by: a row of `federated_user`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedIdentity {
    /// The identity provider.
    pub idp_id: String,
    /// The way the user comes from there.
    pub protocol_id: String,
    /// The user's id there.
    pub unique_id: String,
}

/// What is needed to verify a password: kept apart from [`User`], so that a hash is only where it is used.
#[derive(Clone, PartialEq)]
pub struct LocalLogin {
    /// `local_user.id`.
    pub local_user_id: i64,
    /// Consecutive failures.
    pub failed_auth_count: i64,
    /// Time of the last failure.
    pub failed_auth_at: Option<DateTime<Utc>>,
    /// The newest password; `None`: no password at all.
    pub password: Option<StoredPassword>,
}

/// A row of `password`.
#[derive(Clone, PartialEq)]
pub struct StoredPassword {
    /// As passlib writes it: `$2b$...`, `$bcrypt-sha256$...`, `$scrypt$...`, `$pbkdf2-sha512$...`; null: no password can match.
    pub hash: Option<String>,
    /// From `created_at_int` (microseconds).
    pub created_at: DateTime<Utc>,
    /// From `expires_at_int`.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether the user set it himself, as opposed to an administrator.
    pub self_service: bool,
}
