//! Regions (`catalog/backends/sql.py`, `delete_region`).

use crate::store::{ConstraintKind, StoreError, Transaction, catalog};

/// What became of a region that was to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionDeletion {
    /// It is gone, and so are the regions below it.
    Done,
    /// There are endpoints in it or in a region below it: nothing happened, and nothing more can be done in the transaction.
    HasEndpoints,
}

/// Deletes a region and the regions below it, unless there are endpoints in any of them.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_region(transaction: &mut Transaction, id: &str) -> Result<RegionDeletion, StoreError> {
    if transaction.run(catalog::endpoints_at_or_below(id)).await? > 0 {
        return Ok(RegionDeletion::HasEndpoints);
    }
    match catalog::delete_region_tree(transaction, id).await {
        Ok(()) => Ok(RegionDeletion::Done),
        // Somebody was faster than the question.
        Err(StoreError::Conflict { kind: ConstraintKind::ForeignKey, .. }) => Ok(RegionDeletion::HasEndpoints),
        Err(error) => Err(error),
    }
}
