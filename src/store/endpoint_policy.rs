//! Which policy is for which endpoints (OS-ENDPOINT-POLICY). Facts: Keystone `endpoint_policy/backends/sql.py`.
//!
//! The table has a unique key, but over columns of which some are null, where it does not hold. So a writer first takes
//! hold of the endpoint or service that it writes about.

use super::{Transaction, catalog, error::StoreError, query::Query, row::Row, value::Value};
use crate::domain::service_policy::{PolicyAssociation, PolicySubject};

/// The condition that a row is about exactly this subject; the parameters are those of [`subject`].
macro_rules! about_subject {
    () => {
        " endpoint_id IS NOT DISTINCT FROM $1
            AND service_id IS NOT DISTINCT FROM $2
            AND region_id IS NOT DISTINCT FROM $3"
    };
}

/// What a policy is for.
pub fn associations_of_policy(policy_id: &str) -> Query<Vec<PolicyAssociation>> {
    Query::list(
        "policy_association",
        "SELECT policy_id, endpoint_id, service_id, region_id FROM policy_association WHERE policy_id = $1",
        vec![policy_id.into()],
        association_from,
    )
}

/// The id of the policy for exactly this subject. It need not exist.
pub fn policy_id_for(about: PolicySubject<'_>) -> Query<Option<String>> {
    Query::optional(
        "policy_association",
        concat!("SELECT policy_id FROM policy_association WHERE", about_subject!()),
        subject(about).to_vec(),
        |row| row.text("policy_id"),
    )
}

/// Makes a policy the one for this subject, instead of the one before it. `id` is a fresh one, for the row.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn associate(
    transaction: &mut Transaction,
    policy_id: &str,
    about: PolicySubject<'_>,
    id: &str,
) -> Result<(), StoreError> {
    match about {
        PolicySubject::Endpoint(id) => catalog::lock_endpoint(transaction, id).await?,
        PolicySubject::Service(id) | PolicySubject::ServiceInRegion { service_id: id, .. } => {
            catalog::lock_service(transaction, id).await?
        }
    };
    let [endpoint_id, service_id, region_id] = subject(about);
    let values = vec![endpoint_id, service_id, region_id, policy_id.into()];
    let replaced = transaction
        .execute(
            "policy_association",
            concat!("UPDATE policy_association SET policy_id = $4 WHERE", about_subject!()),
            values.clone(),
        )
        .await?;
    if replaced > 0 {
        return Ok(());
    }
    transaction
        .execute(
            "policy_association",
            "INSERT INTO policy_association (endpoint_id, service_id, region_id, policy_id, id)
                VALUES ($1, $2, $3, $4, $5)",
            values.into_iter().chain([id.into()]).collect(),
        )
        .await
        .map(drop)
}

/// Ends the association of a policy with this subject, if there is one.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn dissociate(
    transaction: &mut Transaction,
    policy_id: &str,
    about: PolicySubject<'_>,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "policy_association",
            concat!("DELETE FROM policy_association WHERE policy_id = $4 AND", about_subject!()),
            subject(about).into_iter().chain([policy_id.into()]).collect(),
        )
        .await
        .map(drop)
}

/// The columns `endpoint_id`, `service_id` and `region_id`.
fn subject(about: PolicySubject<'_>) -> [Value; 3] {
    let (endpoint_id, service_id, region_id) = match about {
        PolicySubject::Endpoint(id) => (Some(id), None, None),
        PolicySubject::Service(id) => (None, Some(id), None),
        PolicySubject::ServiceInRegion { service_id, region_id } => (None, Some(service_id), Some(region_id)),
    };
    [endpoint_id.into(), service_id.into(), region_id.into()]
}

fn association_from(row: &Row) -> Result<PolicyAssociation, StoreError> {
    Ok(PolicyAssociation {
        policy_id: row.text("policy_id")?,
        endpoint_id: row.opt_text("endpoint_id")?,
        service_id: row.opt_text("service_id")?,
        region_id: row.opt_text("region_id")?,
    })
}
