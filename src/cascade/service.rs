//! Services (`catalog/backends/sql.py`, `delete_service`).

use crate::store::{StoreError, Transaction, catalog};

/// Deletes a service with its endpoints. Their associations with projects stay until somebody lists the endpoints of the
/// project, and limits of the service stay for good, as in Keystone.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_service(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    // First of all, so that it gets no new endpoint meanwhile, and two who delete it do not wait for each other.
    catalog::lock_service(transaction, id).await?;
    catalog::delete_endpoints_of_service(transaction, id).await?;
    catalog::delete_service(transaction, id).await
}
