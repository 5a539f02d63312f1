//! Deleting a project (Keystone: `resource/core.py`, `_post_delete_cleanup_project`, and who listens to it).

use super::Moment;
use crate::{
    domain::{ids::ProjectId, revocation::RevocationEvent},
    store::{
        StoreError, Transaction,
        resource::{self, belongings::delete_belongings_of_project},
        revocation::revoke,
    },
};

/// Deletes a project with its tags and options, who has which role on it, its credentials, trusts, limits and endpoint
/// associations; users lose it as their default project, and its tokens are revoked. Projects below it must be gone.
///
/// # Errors
/// A conflict if there are projects below it.
pub async fn delete_project(transaction: &mut Transaction, id: &ProjectId, moment: &Moment) -> Result<(), StoreError> {
    resource::delete_project(transaction, id).await?;
    delete_belongings_of_project(transaction, id, moment.now).await?;
    revoke(transaction, &RevocationEvent::of_project(id.clone(), moment.now), moment.oldest).await
}
