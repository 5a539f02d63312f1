//! Services (`catalog/backends/sql.py`, `delete_service`).

use crate::store::{StoreError, Transaction, catalog, endpoint_filter};

/// Deletes a service with its endpoints and their associations with projects. (Keystone forgets the associations when it
/// next comes across them.) Limits of the service stay, as in Keystone.
///
/// # Errors
/// A conflict if the service gets a new endpoint at the same time.
pub async fn delete_service(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    endpoint_filter::remove_endpoints_of_service_from_all_projects(transaction, id).await?;
    catalog::delete_endpoints_of_service(transaction, id).await?;
    catalog::delete_service(transaction, id).await
}
