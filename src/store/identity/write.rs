//! Making users and changing what they log in with.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value as Json};

use crate::{
    domain::{
        ids::{DomainId, ProjectId, UserId},
        user::{User, UserOptions},
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
    transaction
        .execute(
            "local_user",
            "INSERT INTO local_user (user_id, domain_id, name, failed_auth_count) VALUES ($1, $2, $3, $4)",
            vec![
                (&user.id).into(),
                (&user.domain_id).into(),
                user.name.as_str().into(),
                user.enabled.then_some(0_i64).into(),
            ],
        )
        .await?;
    if let Some(password) = &user.password {
        let local_user_id = Query::optional(
            "local_user",
            "SELECT id FROM local_user WHERE user_id = $1",
            vec![(&user.id).into()],
            |row| row.integer("id"),
        );
        if let Some(local_user_id) = transaction.run(local_user_id).await? {
            insert_password(transaction, local_user_id, password).await?;
        }
    }
    insert_options(transaction, &user.id, &user.options).await
}

/// Writes what can be changed of a user: name, state, default project, options and the attributes without a column. Whether
/// there is such a user. Enabled users have their failed logins forgotten.
///
/// The name goes where Keystone's model puts it: to the first identity provider's name for the user if one knows the user,
/// else to the local part, which is made if it is missing.
///
/// # Errors
/// A conflict if the domain has another local user of that name.
pub async fn update_user(
    transaction: &mut Transaction,
    user: &User,
    last_active_at: Option<NaiveDate>,
) -> Result<bool, StoreError> {
    let updated = transaction
        .execute(
            "user",
            r#"UPDATE "user" SET
                enabled = $2,
                default_project_id = $3,
                extra = $4,
                last_active_at = COALESCE($5, last_active_at)
            WHERE id = $1"#,
            vec![
                (&user.id).into(),
                user.enabled.into(),
                user.default_project_id.as_ref().into(),
                json::dumps_map(&user.extra).into(),
                Value::Date(last_active_at),
            ],
        )
        .await?;
    if updated == 0 {
        return Ok(false);
    }
    if let Some(name) = &user.name {
        rename(transaction, user, name).await?;
    }
    if user.enabled {
        forget_failed_logins(transaction, &user.id).await?;
    }
    transaction.execute("user_option", "DELETE FROM user_option WHERE user_id = $1", vec![(&user.id).into()]).await?;
    insert_options(transaction, &user.id, &user.options).await?;
    Ok(true)
}

async fn rename(transaction: &mut Transaction, user: &User, name: &str) -> Result<(), StoreError> {
    let known = transaction
        .execute(
            "federated_user",
            "UPDATE federated_user SET display_name = $2
                WHERE id = (SELECT MIN(known.id) FROM federated_user AS known WHERE known.user_id = $1)",
            vec![(&user.id).into(), name.into()],
        )
        .await?;
    if known > 0 {
        return Ok(());
    }
    transaction
        .execute(
            "local_user",
            "INSERT INTO local_user (user_id, domain_id, name) VALUES ($1, $2, $3)
                ON CONFLICT (user_id) DO UPDATE SET name = EXCLUDED.name",
            vec![(&user.id).into(), (&user.domain_id).into(), name.into()],
        )
        .await
        .map(drop)
}

/// Deletes a user's own rows: what the user logs in with goes along, group memberships have to be gone. Whether there was
/// such a user.
///
/// # Errors
/// A conflict while the user is in a group.
pub async fn delete_user(transaction: &mut Transaction, id: &UserId) -> Result<bool, StoreError> {
    transaction.execute("user", r#"DELETE FROM "user" WHERE id = $1"#, vec![id.into()]).await.map(|rows| rows > 0)
}

/// The hashes of a user's passwords, the newest first, at most so many. A password that nothing can match has none.
pub fn password_history(local_user_id: i64, most: i64) -> Query<Vec<Option<String>>> {
    Query::list(
        "password",
        "SELECT password_hash FROM password WHERE local_user_id = $1 ORDER BY created_at_int DESC, id DESC LIMIT $2",
        vec![local_user_id.into(), most.into()],
        |row| row.opt_text("password_hash"),
    )
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
        forget_failed_logins(transaction, id).await?;
    }
    Ok(())
}

async fn forget_failed_logins(transaction: &mut Transaction, id: &UserId) -> Result<(), StoreError> {
    transaction
        .execute(
            "local_user",
            "UPDATE local_user SET failed_auth_count = 0, failed_auth_at = NULL WHERE user_id = $1",
            vec![id.into()],
        )
        .await
        .map(drop)
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

async fn insert_options(
    transaction: &mut Transaction,
    user_id: &UserId,
    options: &UserOptions,
) -> Result<(), StoreError> {
    for (code, value) in encoded_options(options) {
        transaction
            .execute(
                "user_option",
                "INSERT INTO user_option (user_id, option_id, option_value) VALUES ($1, $2, $3)",
                vec![user_id.into(), code.into(), value.into()],
            )
            .await?;
    }
    Ok(())
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
