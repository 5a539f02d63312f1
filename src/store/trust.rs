//! Trusts. Facts: Keystone `trust/backends/sql.py`.

use chrono::{DateTime, Utc};

use super::{error::StoreError, query::Query, row::Row};
use crate::domain::{delegation::Trust, ids::TrustId};

/// A trust that can still be used at `now`: neither deleted, nor expired, nor used up (Keystone `get_trust`).
pub fn trust(id: &TrustId, now: DateTime<Utc>) -> Query<Option<Trust>> {
    Query::new(
        "trust",
        "SELECT
                trust.id,
                trust.trustor_user_id,
                trust.trustee_user_id,
                trust.project_id,
                trust.impersonation,
                trust.expires_at,
                trust.expires_at_int,
                trust.remaining_uses,
                trust.redelegated_trust_id,
                trust.redelegation_count,
                trust.extra,
                trust_role.role_id
            FROM trust LEFT JOIN trust_role ON trust_role.trust_id = trust.id
            WHERE trust.id = $1 AND trust.deleted_at IS NULL",
        vec![id.into()],
        move |rows| {
            Ok(trust_from(&rows)?.filter(|trust| {
                trust.expires_at.is_none_or(|expires_at| now <= expires_at)
                    && trust.remaining_uses.is_none_or(|uses| uses > 0)
            }))
        },
    )
}

/// One trust from the rows that carry its roles.
fn trust_from(rows: &[Row]) -> Result<Option<Trust>, StoreError> {
    let Some(first) = rows.first() else { return Ok(None) };
    let mut role_ids = Vec::new();
    for row in rows {
        role_ids.extend(row.opt_id("role_id")?);
    }
    Ok(Some(Trust {
        id: first.id("id")?,
        trustor_user_id: first.id("trustor_user_id")?,
        trustee_user_id: first.id("trustee_user_id")?,
        project_id: first.opt_id("project_id")?,
        impersonation: first.bool("impersonation")?,
        expires_at: match first.opt_microseconds("expires_at_int")? {
            Some(time) => Some(time),
            None => first.opt_time("expires_at")?,
        },
        remaining_uses: first.opt_integer("remaining_uses")?,
        redelegated_trust_id: first.opt_id("redelegated_trust_id")?,
        redelegation_count: first.opt_integer("redelegation_count")?,
        role_ids,
        extra: first.json_map("extra")?,
    }))
}
