//! Endpoints (`catalog/core.py`, `_on_project_or_endpoint_delete`). Policies stay associated with an endpoint that is gone,
//! as in Keystone.

use crate::store::{StoreError, Transaction, catalog, endpoint_filter};

/// Deletes an endpoint, and ends its associations with projects.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_endpoint(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    endpoint_filter::remove_endpoint_from_all_projects(transaction, id).await?;
    catalog::delete_endpoint(transaction, id).await
}
