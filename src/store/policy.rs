//! Policies kept for other services. Facts: Keystone `policy/backends/sql.py`.

use super::{Transaction, error::StoreError, json, query::Query, row::Row};
use crate::domain::service_policy::ServicePolicy;

/// A policy.
pub fn policy(id: &str) -> Query<Option<ServicePolicy>> {
    Query::optional("policy", "SELECT id, type, blob, extra FROM policy WHERE id = $1", vec![id.into()], policy_from)
}

/// All policies.
pub fn policies() -> Query<Vec<ServicePolicy>> {
    Query::list("policy", "SELECT id, type, blob, extra FROM policy", vec![], policy_from)
}

/// Makes a policy.
///
/// # Errors
/// A conflict if the id is taken.
pub async fn create_policy(transaction: &mut Transaction, policy: &ServicePolicy) -> Result<(), StoreError> {
    transaction
        .execute("policy", "INSERT INTO policy (id, type, blob, extra) VALUES ($1, $2, $3, $4)", columns(policy))
        .await
        .map(drop)
}

/// Writes a policy as it is now; the id says which.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn update_policy(transaction: &mut Transaction, policy: &ServicePolicy) -> Result<(), StoreError> {
    transaction
        .execute("policy", "UPDATE policy SET type = $2, blob = $3, extra = $4 WHERE id = $1", columns(policy))
        .await
        .map(drop)
}

/// Deletes a policy. What it was associated with stays associated with it, as in Keystone.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_policy(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    transaction.execute("policy", "DELETE FROM policy WHERE id = $1", vec![id.into()]).await.map(drop)
}

fn columns(policy: &ServicePolicy) -> Vec<super::Value> {
    vec![
        policy.id.as_str().into(),
        policy.policy_type.as_str().into(),
        json::dumps(&policy.blob).into(),
        json::dumps_map(&policy.extra).into(),
    ]
}

fn policy_from(row: &Row) -> Result<ServicePolicy, StoreError> {
    Ok(ServicePolicy {
        id: row.text("id")?,
        policy_type: row.text("type")?,
        blob: row.opt_json("blob")?.unwrap_or_default(),
        extra: row.json_map("extra")?,
    })
}
