//! Deleting groups (Keystone: `identity/core.py`, `delete_group`).

use super::{Moment, user::revoke_tokens_of_user};
use crate::{
    domain::ids::GroupId,
    store::{
        StoreError, Transaction, assignment,
        identity::{
            self,
            belongings::{delete_belongings_of_group, group_has_roles},
            permanent_members,
        },
    },
};

/// Deletes a group with who is in it and which roles it has. If it has any, the tokens of its members are revoked; of those
/// whom a federated login made members they are not, as in Keystone. Whether there was such a group.
///
/// # Errors
/// A conflict if somebody becomes a member meanwhile.
pub async fn delete_group(transaction: &mut Transaction, id: &GroupId, moment: &Moment) -> Result<bool, StoreError> {
    let members = if transaction.run(group_has_roles(id)).await? {
        transaction.run(permanent_members(id)).await?
    } else {
        vec![]
    };
    assignment::delete_of_group(transaction, id).await?;
    delete_belongings_of_group(transaction, id).await?;
    if !identity::delete_group(transaction, id).await? {
        return Ok(false);
    }
    for user_id in &members {
        revoke_tokens_of_user(transaction, user_id, moment).await?;
    }
    Ok(true)
}
