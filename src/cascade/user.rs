//! Deleting users, and ending what their tokens are good for (Keystone: `identity/core.py`, `delete_user`, and who listens
//! to it).

use super::Moment;
use crate::{
    domain::{ids::UserId, revocation::RevocationEvent},
    store::{
        StoreError, Transaction, assignment,
        identity::{self, belongings::delete_belongings_of_user},
        revocation::revoke,
    },
};

/// Deletes a user with his passwords, options and what identity providers know him by; with his memberships and roles, his
/// credentials, application credentials and access rules; ends his trusts and revokes his tokens, those included that he
/// delegated. Whether there was such a user.
///
/// # Errors
/// A conflict if somebody puts the user into a group meanwhile.
pub async fn delete_user(transaction: &mut Transaction, id: &UserId, moment: &Moment) -> Result<bool, StoreError> {
    assignment::delete_of_user(transaction, id).await?;
    delete_belongings_of_user(transaction, id, moment.now).await?;
    if !identity::delete_user(transaction, id).await? {
        return Ok(false);
    }
    revoke_tokens_of_user(transaction, id, moment).await?;
    Ok(true)
}

/// Revokes every token of a user: what a new password, disabling him and taking him out of a group do.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn revoke_tokens_of_user(
    transaction: &mut Transaction,
    id: &UserId,
    moment: &Moment,
) -> Result<(), StoreError> {
    revoke(transaction, &RevocationEvent::of_user(id.clone(), moment.now), moment.oldest).await
}
