//! Users, what they log in with, and the groups they are in. Facts: Keystone `identity/backends/sql.py`, `sql_model.py`
//! and `resource_options.py`.

pub mod belongings;
mod federated;
mod group;
mod list;
mod membership;
mod write;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;

use super::{Store, error::StoreError, query::Query, row::Row};
use crate::domain::{
    ids::{DomainId, UserId},
    user::{LocalLogin, StoredPassword, User, UserOptions},
};

pub use self::{
    federated::{FederatedFilter, federated_identities, known_protocols, set_federated_identities},
    group::{GroupFilter, create_group, delete_group, existing_groups, group, groups, update_group},
    list::{PasswordExpiry, TimeComparison, UserFilter, users, users_by_ids},
    membership::{
        GroupMembership, MembershipExpiry, add_member, groups_of_user, membership, memberships, memberships_by_user,
        permanent_members, remove_member,
    },
    write::{
        NewPassword, NewUser, create_user, delete_user, password_expiry, password_history, set_enabled, set_password,
        update_user,
    },
};
/// What [`user_from`] reads.
macro_rules! user_columns {
    () => {
        r#""user".id,
            "user".domain_id,
            "user".enabled,
            "user".default_project_id,
            "user".created_at,
            "user".last_active_at,
            "user".extra,
            COALESCE(
                local_user.name,
                (SELECT name FROM nonlocal_user WHERE nonlocal_user.user_id = "user".id),
                (
                    SELECT display_name FROM federated_user
                    WHERE federated_user.user_id = "user".id
                    ORDER BY federated_user.id
                    LIMIT 1
                )
            ) AS name,
            password.id AS password_id,
            password.created_at_int AS password_created_at_int,
            password.expires_at AS password_expires_at,
            password.expires_at_int AS password_expires_at_int,
            user_option.option_id,
            user_option.option_value"#
    };
}

/// What [`user_columns`] are from: one row for each option of the user with each password that is or was the user's, or one
/// row. Which password is the newest, [`newest`] says: for the database to say it takes a second look at the same rows.
macro_rules! user_joins {
    () => {
        r#" LEFT JOIN local_user ON local_user.user_id = "user".id
            LEFT JOIN password ON password.local_user_id = local_user.id
            LEFT JOIN user_option ON user_option.user_id = "user".id"#
    };
}

use {user_columns, user_joins};

macro_rules! select_user {
    ($columns:literal, $condition:literal) => {
        concat!("SELECT ", user_columns!(), $columns, r#" FROM "user""#, user_joins!(), " WHERE ", $condition)
    };
}

macro_rules! select_login {
    ($condition:literal) => {
        select_user!(
            ", local_user.id AS local_user_id,
                local_user.failed_auth_count,
                local_user.failed_auth_at,
                password.password_hash,
                password.created_at AS password_created_at,
                password.self_service",
            $condition
        )
    };
}

/// A user by id.
pub fn user(id: &UserId) -> Query<Option<User>> {
    Query::new("user", select_user!("", r#""user".id = $1"#), vec![id.into()], |rows| user_from(&rows))
}

/// A user by id, with what is needed to verify a password; without it for a user that has no local part.
pub fn login(id: &UserId) -> Query<Option<(User, Option<LocalLogin>)>> {
    Query::new("user", select_login!(r#""user".id = $1"#), vec![id.into()], |rows| login_from(&rows))
}

/// As [`login`], by name. Only local users are found so: the others have their names elsewhere.
pub fn login_by_name(name: &str, domain_id: &DomainId) -> Query<Option<(User, Option<LocalLogin>)>> {
    Query::new(
        "user",
        select_login!("local_user.name = $1 AND local_user.domain_id = $2"),
        vec![name.into(), domain_id.into()],
        |rows| login_from(&rows),
    )
}

impl Store {
    /// Runs [`user`].
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        self.run(user(id)).await
    }

    /// Counts a failed login (Keystone `_record_failed_auth`).
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn record_failed_login(&self, user_id: &UserId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.execute(
            "local_user",
            "UPDATE local_user
                SET failed_auth_count = COALESCE(failed_auth_count, 0) + 1, failed_auth_at = $2
                WHERE user_id = $1",
            vec![user_id.into(), now.into()],
        )
        .await
        .map(drop)
    }

    /// Forgets failed logins (Keystone `_reset_failed_auth`).
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn reset_failed_logins(&self, user_id: &UserId) -> Result<(), StoreError> {
        self.execute(
            "local_user",
            "UPDATE local_user SET failed_auth_count = 0, failed_auth_at = NULL WHERE user_id = $1",
            vec![user_id.into()],
        )
        .await
        .map(drop)
    }

    /// Notes that the user was active (Keystone `identity/shadow_backends/sql.py`, `set_last_active_at`).
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn set_last_active(&self, user_id: &UserId, today: NaiveDate) -> Result<(), StoreError> {
        self.execute(
            "user",
            r#"UPDATE "user" SET last_active_at = $2 WHERE id = $1"#,
            vec![user_id.into(), today.into()],
        )
        .await
        .map(drop)
    }
}

/// Of the rows of one user, the one with the newest password: that counts (Keystone `sql_model.py`, `LocalUser.passwords`).
fn newest(rows: &[Row]) -> Result<Option<&Row>, StoreError> {
    let [first, others @ ..] = rows else { return Ok(None) };
    let mut newest = first;
    if !others.is_empty() {
        let age = |row: &Row| Ok((row.opt_integer("password_created_at_int")?, row.opt_integer("password_id")?));
        let mut age_of_newest = age(first)?;
        for row in others {
            let age = age(row)?;
            if age > age_of_newest {
                (newest, age_of_newest) = (row, age);
            }
        }
    }
    Ok(Some(newest))
}

/// One user from the rows that carry its options and passwords.
fn user_from(rows: &[Row]) -> Result<Option<User>, StoreError> {
    newest(rows)?.map(|row| user_of(row, rows)).transpose()
}

/// The same, with the row that counts.
fn user_of(row: &Row, rows: &[Row]) -> Result<User, StoreError> {
    let mut options = UserOptions::default();
    for option in rows {
        if let Some(code) = option.opt_text("option_id")? {
            set_option(&mut options, &code, option)?;
        }
    }
    let password_expires_at = match row.opt_microseconds("password_expires_at_int")? {
        Some(time) => Some(time),
        None => row.opt_time("password_expires_at")?,
    };
    Ok(User {
        id: row.id("id")?,
        domain_id: row.id("domain_id")?,
        name: row.opt_text("name")?,
        enabled: row.opt_bool("enabled")?.unwrap_or(false),
        default_project_id: row.opt_id("default_project_id")?,
        password_expires_at,
        created_at: row.opt_time("created_at")?,
        last_active_at: row.opt_date("last_active_at")?,
        extra: row.json_map("extra")?,
        options,
    })
}

fn login_from(rows: &[Row]) -> Result<Option<(User, Option<LocalLogin>)>, StoreError> {
    let Some(row) = newest(rows)? else { return Ok(None) };
    let user = user_of(row, rows)?;
    let Some(local_user_id) = row.opt_integer("local_user_id")? else { return Ok(Some((user, None))) };
    let password = match row.opt_integer("password_id")? {
        None => None,
        Some(_) => Some(StoredPassword {
            hash: row.opt_text("password_hash")?,
            created_at: match row.opt_microseconds("password_created_at_int")? {
                Some(time) => time,
                None => row.time("password_created_at")?,
            },
            expires_at: user.password_expires_at,
            self_service: row.bool("self_service")?,
        }),
    };
    let login = LocalLogin {
        local_user_id,
        failed_auth_count: row.opt_integer("failed_auth_count")?.unwrap_or(0),
        failed_auth_at: row.opt_time("failed_auth_at")?,
        password,
    };
    Ok(Some((user, Some(login))))
}

/// Sets the option with this code; codes that Keystone 30 does not know are not for us either.
fn set_option(options: &mut UserOptions, code: &str, row: &Row) -> Result<(), StoreError> {
    let target = match code {
        "1000" => &mut options.ignore_change_password_upon_first_use,
        "1001" => &mut options.ignore_password_expiry,
        "1002" => &mut options.ignore_lockout_failure_attempts,
        "1003" => &mut options.lock_password,
        "1004" => &mut options.ignore_user_inactivity,
        "MFAE" => &mut options.multi_factor_auth_enabled,
        "MFAR" => {
            options.multi_factor_auth_rules = match row.opt_json("option_value")? {
                None | Some(Json::Null) => None,
                Some(rules) => {
                    Some(serde_json::from_value(rules).map_err(|error| row.broken("option_value", error.to_string()))?)
                }
            };
            return Ok(());
        }
        _ => return Ok(()),
    };
    *target = match row.opt_json("option_value")? {
        None | Some(Json::Null) => None,
        Some(Json::Bool(flag)) => Some(flag),
        Some(other) => return Err(row.broken("option_value", format!("true or false expected, found {other}"))),
    };
    Ok(())
}
