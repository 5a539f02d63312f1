//! Deleting roles (Keystone: `assignment/core.py`, `RoleManager.delete_role`, and who listens to it).

use super::Moment;
use crate::{
    domain::ids::RoleId,
    store::{StoreError, Transaction, assignment, role},
};

/// Deletes a role with what it brings and what brings it; takes it away from everybody, with the application credentials that
/// users have on projects where they themselves held it. Trusts and application credentials that name it otherwise stay:
/// they name a role that is gone. No token is revoked: roles are computed anew with each validation. Whether there was such
/// a role.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_role(transaction: &mut Transaction, id: &RoleId, _moment: &Moment) -> Result<bool, StoreError> {
    role::delete_application_credentials_of_holders(transaction, id).await?;
    assignment::delete_of_role(transaction, id).await?;
    role::delete_role(transaction, id).await
}
