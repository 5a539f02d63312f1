//! What tables of other subjects hold for a user or a group, where no foreign key takes it away.
//!
//! Facts: Keystone's `delete_credentials_for_user` (`credential/backends/sql.py`), `delete_application_credentials_for_user`,
//! `delete_access_rules_for_user` (`application_credential/backends/sql.py`), `_on_user_delete` (`trust/core.py`) and
//! `delete_id_mapping` (`identity/mapping_backends/sql.py`). OAuth1 tokens stay, as they do there.

use chrono::{DateTime, Utc};

use crate::{
    domain::ids::{GroupId, UserId},
    store::{Query, StoreError, Transaction},
};

/// Deletes a user's group memberships, of either kind, and his credentials, application credentials and access rules. Trusts in which he trusts or is trusted are marked as deleted.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_belongings_of_user(
    transaction: &mut Transaction,
    id: &UserId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let statements = [
        ("user_group_membership", "DELETE FROM user_group_membership WHERE user_id = $1"),
        ("expiring_user_group_membership", "DELETE FROM expiring_user_group_membership WHERE user_id = $1"),
        ("credential", "DELETE FROM credential WHERE user_id = $1"),
        ("application_credential", "DELETE FROM application_credential WHERE user_id = $1"),
        ("access_rule", "DELETE FROM access_rule WHERE user_id = $1"),
        ("id_mapping", "DELETE FROM id_mapping WHERE public_id = $1"),
    ];
    for (table, statement) in statements {
        transaction.execute(table, statement, vec![id.into()]).await?;
    }
    transaction
        .execute(
            "trust",
            "UPDATE trust SET deleted_at = $2
                WHERE (trustor_user_id = $1 OR trustee_user_id = $1) AND deleted_at IS NULL",
            vec![id.into(), now.into()],
        )
        .await
        .map(drop)
}

/// Deletes who is in a group.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_belongings_of_group(transaction: &mut Transaction, id: &GroupId) -> Result<(), StoreError> {
    let statements = [
        ("user_group_membership", "DELETE FROM user_group_membership WHERE group_id = $1"),
        ("expiring_user_group_membership", "DELETE FROM expiring_user_group_membership WHERE group_id = $1"),
        ("id_mapping", "DELETE FROM id_mapping WHERE public_id = $1"),
    ];
    for (table, statement) in statements {
        transaction.execute(table, statement, vec![id.into()]).await?;
    }
    Ok(())
}

/// Whether a group has a role anywhere.
pub fn group_has_roles(id: &GroupId) -> Query<bool> {
    Query::new(
        "assignment",
        "SELECT 1 AS found FROM assignment WHERE actor_id = $1 AND type IN ('GroupProject', 'GroupDomain')
        UNION ALL
        SELECT 1 FROM system_assignment WHERE actor_id = $1 AND type = 'GroupSystem' AND target_id = 'system'",
        vec![id.into()],
        |rows| Ok(!rows.is_empty()),
    )
}
