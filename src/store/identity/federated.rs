//! What identity providers know users by. Facts: Keystone `identity/shadow_backends/sql.py`.

use crate::{
    domain::{ids::UserId, user::FederatedIdentity},
    store::{Query, StoreError, Transaction},
};

/// What users can be looked up by among those whom identity providers know.
#[derive(Debug, Clone, Default)]
pub struct FederatedFilter {
    /// The identity provider.
    pub idp_id: Option<String>,
    /// The way the user comes from there.
    pub protocol_id: Option<String>,
    /// The user's id there.
    pub unique_id: Option<String>,
    /// The name last heard from there.
    pub display_name: Option<String>,
}

/// What identity providers know a user by, in the order in which that was stored.
pub fn federated_identities(user_id: &UserId) -> Query<Vec<FederatedIdentity>> {
    Query::list(
        "federated_user",
        "SELECT idp_id, protocol_id, unique_id FROM federated_user WHERE user_id = $1 ORDER BY id",
        vec![user_id.into()],
        |row| {
            Ok(FederatedIdentity {
                idp_id: row.text("idp_id")?,
                protocol_id: row.text("protocol_id")?,
                unique_id: row.text("unique_id")?,
            })
        },
    )
}

/// Those of the given pairs of identity provider and protocol for which such a provider, and such a protocol of it, are
/// there.
pub fn known_protocols(idp_ids: &[String]) -> Query<Vec<(String, Option<String>)>> {
    Query::list(
        "identity_provider",
        "SELECT identity_provider.id AS idp_id, federation_protocol.id AS protocol_id
            FROM identity_provider LEFT JOIN federation_protocol ON federation_protocol.idp_id = identity_provider.id
            WHERE identity_provider.id IN ($1)",
        vec![idp_ids.into()],
        |row| Ok((row.text("idp_id")?, row.opt_text("protocol_id")?)),
    )
}

/// Replaces what identity providers know a user by, and the name they call the user.
///
/// # Errors
/// A conflict if one of them knows another user by that, or there is no such identity provider or protocol.
pub async fn set_federated_identities(
    transaction: &mut Transaction,
    user_id: &UserId,
    display_name: Option<&str>,
    identities: &[FederatedIdentity],
) -> Result<(), StoreError> {
    let sql = "DELETE FROM federated_user WHERE user_id = $1";
    transaction.execute("federated_user", sql, vec![user_id.into()]).await?;
    for identity in identities {
        transaction
            .execute(
                "federated_user",
                "INSERT INTO federated_user (user_id, idp_id, protocol_id, unique_id, display_name)
                    VALUES ($1, $2, $3, $4, $5)",
                vec![
                    user_id.into(),
                    identity.idp_id.as_str().into(),
                    identity.protocol_id.as_str().into(),
                    identity.unique_id.as_str().into(),
                    display_name.into(),
                ],
            )
            .await?;
    }
    Ok(())
}
