//! Lists of users. Facts: Keystone `identity/backends/sql.py` (`list_users`, `list_users_in_group`) and
//! `identity/shadow_backends/sql.py` (`get_federated_users`).

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::{FederatedFilter, user_columns, user_from, user_joins};
use crate::{
    domain::{
        ids::{DomainId, GroupId, UserId},
        user::User,
    },
    store::{Conditions, Query, Row, StoreError, Value},
};

/// What a list of users can be narrowed by. Every field that is `None` lets all through.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Of this domain.
    pub domain_id: Option<DomainId>,
    /// With this name, and with a local part: the names of other users are elsewhere.
    pub name: Option<String>,
    /// With a local part.
    pub is_local: bool,
    /// Enabled, or not: the column. A null column is neither.
    pub enabled: Option<bool>,
    /// With a password, old ones included, that expires as all of these say. One that never expires does not count.
    pub password_expiry: Vec<PasswordExpiry>,
    /// In this group for good.
    pub group_id: Option<GroupId>,
    /// Known to identity providers, as this says.
    pub federated: Option<FederatedFilter>,
    /// After this one, in the order of ids.
    pub marker: Option<UserId>,
    /// Up to this one.
    pub last: Option<UserId>,
    /// At most so many.
    pub limit: Option<i64>,
}

/// When a password expires, compared with a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordExpiry {
    /// How.
    pub comparison: TimeComparison,
    /// With what.
    pub time: DateTime<Utc>,
}

/// How two times compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeComparison {
    /// Earlier.
    Before,
    /// Earlier or equal.
    NotAfter,
    /// Later.
    After,
    /// Later or equal.
    NotBefore,
    /// The same.
    Equal,
    /// Not the same.
    Different,
}

impl TimeComparison {
    fn sql(self) -> &'static str {
        match self {
            Self::Before => "<",
            Self::NotAfter => "<=",
            Self::After => ">",
            Self::NotBefore => ">=",
            Self::Equal => "=",
            Self::Different => "<>",
        }
    }
}

/// Users, in the order of ids.
pub fn users(filter: &UserFilter) -> Query<Vec<User>> {
    let mut conditions = Conditions::new()
        .and_if("domain_id = ?", filter.domain_id.as_ref())
        .and_if("id IN (SELECT user_id FROM local_user WHERE name = ?)", filter.name.as_deref())
        .and_if("enabled = ?", filter.enabled)
        .and_if("id IN (SELECT user_id FROM user_group_membership WHERE group_id = ?)", filter.group_id.as_ref())
        .and_if("id > ?", filter.marker.as_ref())
        .and_if("id <= ?", filter.last.as_ref());
    if filter.is_local {
        conditions = conditions.and_always("id IN (SELECT user_id FROM local_user)");
    }
    let (mut conditions, mut values) = conditions.finish();
    if !filter.password_expiry.is_empty() {
        let compared: Vec<String> = filter
            .password_expiry
            .iter()
            .map(|expiry| {
                values.push(expiry.time.timestamp_micros().into());
                format!("password.expires_at_int {} ${}", expiry.comparison.sql(), values.len())
            })
            .collect();
        add(
            &mut conditions,
            &format!(
                "id IN (
                    SELECT local_user.user_id FROM password
                    JOIN local_user ON local_user.id = password.local_user_id
                    WHERE {}
                )",
                compared.join(" AND ")
            ),
        );
    }
    if let Some(federated) = &filter.federated {
        add(
            &mut conditions,
            &format!("id IN (SELECT user_id FROM federated_user{})", known_as(federated, &mut values)),
        );
    }
    let limit = match filter.limit {
        None => String::new(),
        Some(limit) => {
            values.push(limit.into());
            format!(" LIMIT ${}", values.len())
        }
    };
    // The limit counts users, not options: hence the inner statement.
    let sql = format!(
        r#"SELECT {columns} FROM (SELECT * FROM "user"{conditions} ORDER BY id{limit}) AS "user"{joins} ORDER BY "user".id"#,
        columns = user_columns!(),
        joins = user_joins!(),
    );
    Query::new("user", sql, values, |rows| many(&rows))
}

/// Those of these users that exist, in the order of ids.
pub fn users_by_ids(ids: &[UserId]) -> Query<Vec<User>> {
    const SQL: &str = concat!(
        "SELECT ",
        user_columns!(),
        r#" FROM "user""#,
        user_joins!(),
        r#" WHERE "user".id IN ($1) ORDER BY "user".id"#
    );
    Query::new("user", SQL, vec![ids.into()], |rows| many(&rows))
}

fn add(conditions: &mut String, condition: &str) {
    conditions.push_str(if conditions.is_empty() { " WHERE " } else { " AND " });
    conditions.push_str(condition);
}

/// The conditions on `federated_user`, the values of which go behind the others.
fn known_as(filter: &FederatedFilter, values: &mut Vec<Value>) -> String {
    let mut text = String::new();
    let columns = [
        ("idp_id", &filter.idp_id),
        ("protocol_id", &filter.protocol_id),
        ("unique_id", &filter.unique_id),
        ("display_name", &filter.display_name),
    ];
    for (column, value) in columns {
        if let Some(value) = value {
            values.push(value.into());
            // Writing to a String cannot fail.
            let _ = write!(text, "{} {column} = ${}", if text.is_empty() { " WHERE" } else { " AND" }, values.len());
        }
    }
    text
}

/// Users from rows in the order of ids, one row for each option and password.
fn many(rows: &[Row]) -> Result<Vec<User>, StoreError> {
    let mut ids = Vec::with_capacity(rows.len());
    for row in rows {
        ids.push(row.id::<UserId>("id")?);
    }
    let mut users = Vec::new();
    let mut start = 0;
    for end in 1..=rows.len() {
        if end == rows.len() || ids[end] != ids[start] {
            users.extend(user_from(&rows[start..end])?);
            start = end;
        }
    }
    Ok(users)
}
