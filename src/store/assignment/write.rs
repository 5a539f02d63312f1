//! Giving roles and taking them away.

use super::{actor_id, target_id};
use crate::{
    domain::{
        assignment::{Actor, Assignment, Target},
        ids::{GroupId, RoleId, UserId},
    },
    store::{StoreError, Transaction, Value},
};

/// The kind is an enumeration in Postgres, which takes it as a literal and not as a parameter that is text.
macro_rules! insert_assignment {
    ($table:literal, $kind:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            " (type, actor_id, target_id, role_id, inherited) VALUES ('",
            $kind,
            "', $1, $2, $3, $4) ON CONFLICT DO NOTHING"
        )
    };
}

/// Grants a role; whether that is new.
///
/// # Errors
/// A conflict if there is no such role, on SQLite: Keystone's schema for Postgres does not look at it. Whether actor and
/// target exist neither does.
pub async fn grant(transaction: &mut Transaction, assignment: &Assignment) -> Result<bool, StoreError> {
    let sql = match (&assignment.actor, &assignment.target) {
        (Actor::User(_), Target::Project(_)) => insert_assignment!("assignment", "UserProject"),
        (Actor::User(_), Target::Domain(_)) => insert_assignment!("assignment", "UserDomain"),
        (Actor::User(_), Target::System) => insert_assignment!("system_assignment", "UserSystem"),
        (Actor::Group(_), Target::Project(_)) => insert_assignment!("assignment", "GroupProject"),
        (Actor::Group(_), Target::Domain(_)) => insert_assignment!("assignment", "GroupDomain"),
        (Actor::Group(_), Target::System) => insert_assignment!("system_assignment", "GroupSystem"),
    };
    transaction.execute("assignment", sql, values_of(assignment)).await.map(|rows| rows > 0)
}

/// Takes a role away; whether it was there. As in Keystone, ids alone say whose it is: a user's id is no group's.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn revoke(transaction: &mut Transaction, assignment: &Assignment) -> Result<bool, StoreError> {
    let sql = match &assignment.target {
        Target::Project(_) => {
            "DELETE FROM assignment
                WHERE actor_id = $1 AND target_id = $2 AND role_id = $3 AND inherited = $4
                AND type IN ('UserProject', 'GroupProject')"
        }
        Target::Domain(_) => {
            "DELETE FROM assignment
                WHERE actor_id = $1 AND target_id = $2 AND role_id = $3 AND inherited = $4
                AND type IN ('UserDomain', 'GroupDomain')"
        }
        Target::System => {
            "DELETE FROM system_assignment
                WHERE actor_id = $1 AND target_id = $2 AND role_id = $3 AND inherited = $4"
        }
    };
    transaction.execute("assignment", sql, values_of(assignment)).await.map(|rows| rows > 0)
}

pub(super) fn values_of(assignment: &Assignment) -> Vec<Value> {
    vec![
        actor_id(&assignment.actor).into(),
        target_id(&assignment.target).into(),
        (&assignment.role_id).into(),
        assignment.inherited.into(),
    ]
}

/// Takes every role away from a user, on projects, domains and the system.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_of_user(transaction: &mut Transaction, user_id: &UserId) -> Result<(), StoreError> {
    let sql = "DELETE FROM assignment WHERE actor_id = $1 AND type IN ('UserProject', 'UserDomain')";
    transaction.execute("assignment", sql, vec![user_id.into()]).await?;
    let sql = "DELETE FROM system_assignment WHERE actor_id = $1 AND type = 'UserSystem'";
    transaction.execute("system_assignment", sql, vec![user_id.into()]).await.map(drop)
}

/// As [`delete_of_user`], from a group.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_of_group(transaction: &mut Transaction, group_id: &GroupId) -> Result<(), StoreError> {
    let sql = "DELETE FROM assignment WHERE actor_id = $1 AND type IN ('GroupProject', 'GroupDomain')";
    transaction.execute("assignment", sql, vec![group_id.into()]).await?;
    let sql = "DELETE FROM system_assignment WHERE actor_id = $1 AND type = 'GroupSystem'";
    transaction.execute("system_assignment", sql, vec![group_id.into()]).await.map(drop)
}

/// Takes a role away from everybody everywhere.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_of_role(transaction: &mut Transaction, role_id: &RoleId) -> Result<(), StoreError> {
    transaction.execute("assignment", "DELETE FROM assignment WHERE role_id = $1", vec![role_id.into()]).await?;
    let sql = "DELETE FROM system_assignment WHERE role_id = $1";
    transaction.execute("system_assignment", sql, vec![role_id.into()]).await.map(drop)
}
