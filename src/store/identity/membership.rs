//! Who is in which group: for good, or as long as a federated login counts. Facts: Keystone `identity/backends/sql.py`.

use chrono::{DateTime, TimeDelta, Utc};

use super::group::group_from;
use crate::{
    domain::{
        group::Group,
        ids::{GroupId, UserId},
    },
    store::{Query, Row, StoreError, Transaction},
};

/// A membership of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMembership {
    /// The group.
    pub group_id: GroupId,
    /// How long it lasts; `None`: until it is taken away.
    pub expiry: Option<MembershipExpiry>,
}

/// What decides when a membership that a federated login gave comes to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipExpiry {
    /// The login.
    pub last_verified: DateTime<Utc>,
    /// `authorization_ttl` of the identity provider, in minutes; `None` or 0: the configured default counts.
    pub authorization_ttl: Option<i64>,
}

impl GroupMembership {
    /// When it ends, given `[federation] default_authorization_ttl` in minutes. It counts before that time only.
    pub fn expires_at(&self, default_authorization_ttl: i64) -> Option<DateTime<Utc>> {
        self.expiry.as_ref().map(|expiry| {
            let minutes = expiry.authorization_ttl.filter(|&ttl| ttl != 0).unwrap_or(default_authorization_ttl);
            TimeDelta::try_minutes(minutes)
                .and_then(|ttl| expiry.last_verified.checked_add_signed(ttl))
                .unwrap_or(DateTime::<Utc>::MAX_UTC)
        })
    }
}

/// Where the memberships of users are, with what ends them. The rows of `user_group_membership` come first.
macro_rules! memberships_where {
    (user_id $condition:literal) => {
        concat!(
            "SELECT user_id, group_id, NULL AS last_verified, NULL AS authorization_ttl
                FROM user_group_membership
                WHERE user_id ",
            $condition,
            " UNION ALL
            SELECT
                    expiring_user_group_membership.user_id,
                    expiring_user_group_membership.group_id,
                    expiring_user_group_membership.last_verified,
                    identity_provider.authorization_ttl
                FROM expiring_user_group_membership
                JOIN identity_provider ON identity_provider.id = expiring_user_group_membership.idp_id
                WHERE expiring_user_group_membership.user_id ",
            $condition
        )
    };
}

/// Those of one user, `$1`.
macro_rules! memberships_of_user {
    () => {
        memberships_where!(user_id "= $1")
    };
}

/// The groups a user is in, memberships that may have expired included: who asks knows the time.
pub fn memberships(user_id: &UserId) -> Query<Vec<GroupMembership>> {
    Query::list("user_group_membership", memberships_of_user!(), vec![user_id.into()], membership_from)
}

/// As [`memberships`], of several users: each with whose it is.
pub fn memberships_by_user(user_ids: &[UserId]) -> Query<Vec<(UserId, GroupMembership)>> {
    Query::list("user_group_membership", memberships_where!(user_id "IN ($1)"), vec![user_ids.into()], |row| {
        Ok((row.id("user_id")?, membership_from(row)?))
    })
}

/// As [`memberships`], with the groups: those for good first, then by id.
pub fn groups_of_user(user_id: &UserId) -> Query<Vec<(Group, GroupMembership)>> {
    Query::list(
        "user_group_membership",
        concat!(
            r#"SELECT
                "group".id,
                "group".domain_id,
                "group".name,
                "group".description,
                "group".extra,
                membership.last_verified,
                membership.authorization_ttl
            FROM ("#,
            memberships_of_user!(),
            r#") AS membership JOIN "group" ON "group".id = membership.group_id
            ORDER BY CASE WHEN membership.last_verified IS NULL THEN 0 ELSE 1 END, "group".id"#
        ),
        vec![user_id.into()],
        |row| {
            let group = group_from(row)?;
            let membership = GroupMembership { group_id: group.id.clone(), expiry: expiry_from(row)? };
            Ok((group, membership))
        },
    )
}

/// What makes a user a member of a group, memberships that may have expired included.
pub fn membership(user_id: &UserId, group_id: &GroupId) -> Query<Vec<GroupMembership>> {
    Query::list(
        "user_group_membership",
        concat!("SELECT * FROM (", memberships_of_user!(), ") AS membership WHERE group_id = $2"),
        vec![user_id.into(), group_id.into()],
        membership_from,
    )
}

/// The users who are in a group for good, in the order of ids. Keystone lists no others as members of a group.
pub fn permanent_members(group_id: &GroupId) -> Query<Vec<UserId>> {
    Query::list(
        "user_group_membership",
        "SELECT user_id FROM user_group_membership WHERE group_id = $1 ORDER BY user_id",
        vec![group_id.into()],
        |row| row.id("user_id"),
    )
}

/// Puts a user into a group for good; whether that is new.
///
/// # Errors
/// A conflict if there is no such user or group.
pub async fn add_member(
    transaction: &mut Transaction,
    user_id: &UserId,
    group_id: &GroupId,
) -> Result<bool, StoreError> {
    transaction
        .execute(
            "user_group_membership",
            "INSERT INTO user_group_membership (user_id, group_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            vec![user_id.into(), group_id.into()],
        )
        .await
        .map(|rows| rows > 0)
}

/// Takes a user out of a group; whether he was in it for good.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn remove_member(
    transaction: &mut Transaction,
    user_id: &UserId,
    group_id: &GroupId,
) -> Result<bool, StoreError> {
    transaction
        .execute(
            "user_group_membership",
            "DELETE FROM user_group_membership WHERE user_id = $1 AND group_id = $2",
            vec![user_id.into(), group_id.into()],
        )
        .await
        .map(|rows| rows > 0)
}

fn membership_from(row: &Row) -> Result<GroupMembership, StoreError> {
    Ok(GroupMembership { group_id: row.id("group_id")?, expiry: expiry_from(row)? })
}

fn expiry_from(row: &Row) -> Result<Option<MembershipExpiry>, StoreError> {
    Ok(match row.opt_time("last_verified")? {
        Some(last_verified) => {
            Some(MembershipExpiry { last_verified, authorization_ttl: row.opt_integer("authorization_ttl")? })
        }
        None => None,
    })
}
