//! Making users and changing what they log in with.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value as Json};

use crate::{
    domain::{
        ids::{DomainId, ProjectId, UserId},
        user::UserOptions,
    },
    store::{Query, StoreError, Transaction, Value, json},
};

/// A local user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Fresh.
    pub id: UserId,
    /// Where.
    pub domain_id: DomainId,
    /// Unique there.
    pub name: String,
    /// Whether the user can log in.
    pub enabled: bool,
    /// The project a login without a scope is for.
    pub default_project_id: Option<ProjectId>,
    /// Now.
    pub created_at: DateTime<Utc>,
    /// Today, where inactive users are disabled (`disable_user_account_days_inactive`) and this one is enabled.
    pub last_active_at: Option<NaiveDate>,
    /// Attributes without a column.
    pub extra: Map<String, Json>,
    /// Those that are set.
    pub options: UserOptions,
    /// `None`: a user that cannot log in with a password.
    pub password: Option<NewPassword>,
}

/// A password to be stored.
#[derive(Clone)]
pub struct NewPassword {
    /// As [`crate::domain::user::StoredPassword::hash`].
    pub hash: Option<String>,
    /// Now.
    pub created_at: DateTime<Utc>,
    /// When it expires.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether the user set it himself.
    pub self_service: bool,
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPassword").field("created_at", &self.created_at).finish_non_exhaustive()
    }
}

/// Makes a local user (Keystone `create_user`).
///
/// # Errors
/// A conflict if the domain has a user of that name, or the id is taken.
pub async fn create_user(transaction: &mut Transaction, user: &NewUser) -> Result<(), StoreError> {
    transaction
        .execute(
            "user",
            r#"INSERT INTO "user" (
                id, domain_id, enabled, default_project_id, created_at, last_active_at, extra
            ) VALUES ($1, $2, $3, $4, $5, $6, $7)"#,
            vec![
                (&user.id).into(),
                (&user.domain_id).into(),
                user.enabled.into(),
                user.default_project_id.as_ref().into(),
                user.created_at.into(),
                Value::Date(user.last_active_at),
                json::dumps_map(&user.extra).into(),
            ],
        )
        .await?;
    // An enabled user starts with no failed logins, a disabled one with none ever counted.
    let local_user_id = transaction
        .run(Query::new(
            "local_user",
            "INSERT INTO local_user (user_id, domain_id, name, failed_auth_count) VALUES ($1, $2, $3, $4) RETURNING id",
            vec![
                (&user.id).into(),
                (&user.domain_id).into(),
                user.name.as_str().into(),
                user.enabled.then_some(0_i64).into(),
            ],
            |rows| rows.first().map(|row| row.integer("id")).transpose(),
        ))
        .await?;
    if let (Some(password), Some(local_user_id)) = (&user.password, local_user_id) {
        insert_password(transaction, local_user_id, password).await?;
    }
    for (code, value) in encoded_options(&user.options) {
        transaction
            .execute(
                "user_option",
                "INSERT INTO user_option (user_id, option_id, option_value) VALUES ($1, $2, $3)",
                vec![(&user.id).into(), code.into(), value.into()],
            )
            .await?;
    }
    Ok(())
}

/// Gives a user a new password. Of those before it the last `kept` stay, for the comparison that
/// `unique_last_password_count` asks for (Keystone keeps one where that is 0), and are expired from now on.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn set_password(
    transaction: &mut Transaction,
    local_user_id: i64,
    password: &NewPassword,
    kept: usize,
) -> Result<(), StoreError> {
    let mut earlier = transaction
        .run(Query::list(
            "password",
            "SELECT id FROM password WHERE local_user_id = $1 ORDER BY created_at_int, id",
            vec![local_user_id.into()],
            |row| row.integer("id"),
        ))
        .await?;
    earlier.truncate(earlier.len().saturating_sub(kept));
    for id in earlier {
        transaction.execute("password", "DELETE FROM password WHERE id = $1", vec![id.into()]).await?;
    }
    let now = password.created_at;
    transaction
        .execute(
            "password",
            "UPDATE password SET expires_at = $2, expires_at_int = $3
                WHERE local_user_id = $1 AND (
                    expires_at_int > $3
                    OR COALESCE(expires_at_int, 0) = 0 AND (expires_at IS NULL OR expires_at > $2)
                )",
            vec![local_user_id.into(), now.into(), now.timestamp_micros().into()],
        )
        .await?;
    insert_password(transaction, local_user_id, password).await
}

/// Enables a user or disables it. Enabling forgets failed logins, and counts as activity where `last_active_at` is given.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn set_enabled(
    transaction: &mut Transaction,
    id: &UserId,
    enabled: bool,
    last_active_at: Option<NaiveDate>,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "user",
            r#"UPDATE "user" SET enabled = $2, last_active_at = COALESCE($3, last_active_at) WHERE id = $1"#,
            vec![id.into(), enabled.into(), Value::Date(last_active_at.filter(|_| enabled))],
        )
        .await?;
    if enabled {
        transaction
            .execute(
                "local_user",
                "UPDATE local_user SET failed_auth_count = 0, failed_auth_at = NULL WHERE user_id = $1",
                vec![id.into()],
            )
            .await?;
    }
    Ok(())
}

/// The moment of expiry that follows from `[security_compliance] password_expires_days`: whole seconds.
pub fn password_expiry(created_at: DateTime<Utc>, expires_days: Option<u64>) -> Option<DateTime<Utc>> {
    let days = i64::try_from(expires_days.filter(|days| *days != 0)?).ok()?;
    let days = chrono::TimeDelta::try_days(days)?;
    created_at.checked_add_signed(days).map(crate::domain::time::whole_seconds)
}

async fn insert_password(
    transaction: &mut Transaction,
    local_user_id: i64,
    password: &NewPassword,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "password",
            "INSERT INTO password (
                local_user_id, password_hash, self_service, created_at, created_at_int, expires_at, expires_at_int
            ) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            vec![
                local_user_id.into(),
                password.hash.as_deref().into(),
                password.self_service.into(),
                password.created_at.into(),
                password.created_at.timestamp_micros().into(),
                password.expires_at.into(),
                password.expires_at.map(|time| time.timestamp_micros()).into(),
            ],
        )
        .await
        .map(drop)
}

/// The code of each option that is set, with its value as JSON text.
fn encoded_options(options: &UserOptions) -> Vec<(&'static str, String)> {
    let flags = [
        ("1000", options.ignore_change_password_upon_first_use),
        ("1001", options.ignore_password_expiry),
        ("1002", options.ignore_lockout_failure_attempts),
        ("1003", options.lock_password),
        ("1004", options.ignore_user_inactivity),
        ("MFAE", options.multi_factor_auth_enabled),
    ];
    let flags = flags.into_iter().filter_map(|(code, flag)| flag.map(|flag| (code, flag.to_string())));
    let rules = options.multi_factor_auth_rules.iter().map(|rules| ("MFAR", json::dumps(&Json::from(rules.clone()))));
    flags.chain(rules).collect()
}
