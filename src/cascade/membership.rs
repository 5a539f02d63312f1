//! Taking users out of groups (Keystone: `identity/core.py`, `remove_user_from_group`).

use super::{Moment, user::revoke_tokens_of_user};
use crate::{
    domain::ids::{GroupId, UserId},
    store::{StoreError, Transaction, identity},
};

/// Takes a user out of a group in which he is for good, and revokes his tokens. Whether he was in it.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn remove_member(
    transaction: &mut Transaction,
    user_id: &UserId,
    group_id: &GroupId,
    moment: &Moment,
) -> Result<bool, StoreError> {
    if !identity::remove_member(transaction, user_id, group_id).await? {
        return Ok(false);
    }
    revoke_tokens_of_user(transaction, user_id, moment).await?;
    Ok(true)
}
