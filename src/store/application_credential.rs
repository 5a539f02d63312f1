//! Application credentials and their access rules. Facts: Keystone `application_credential/backends/sql.py`.

use super::{error::StoreError, query::Query, row::Row};
use crate::domain::{
    delegation::{AccessRule, ApplicationCredential},
    ids::{ApplicationCredentialId, RoleId},
};

/// An application credential, expired or not.
pub fn application_credential(id: &ApplicationCredentialId) -> Query<Option<ApplicationCredential>> {
    Query::new(
        "application_credential",
        "SELECT
                application_credential.id,
                application_credential.name,
                application_credential.user_id,
                application_credential.project_id,
                application_credential.expires_at,
                application_credential.unrestricted,
                application_credential_role.role_id,
                NULL AS access_rule_id,
                NULL AS service,
                NULL AS path,
                NULL AS method
            FROM application_credential
            LEFT JOIN application_credential_role
                ON application_credential_role.application_credential_id = application_credential.internal_id
            WHERE application_credential.id = $1
        UNION ALL
        SELECT
                application_credential.id,
                application_credential.name,
                application_credential.user_id,
                application_credential.project_id,
                application_credential.expires_at,
                application_credential.unrestricted,
                NULL,
                access_rule.external_id,
                access_rule.service,
                access_rule.path,
                access_rule.method
            FROM application_credential
            JOIN application_credential_access_rule
                ON application_credential_access_rule.application_credential_id = application_credential.internal_id
            JOIN access_rule ON access_rule.id = application_credential_access_rule.access_rule_id
            WHERE application_credential.id = $1",
        vec![id.into()],
        |rows| application_credential_from(&rows),
    )
}

/// One application credential from the rows that carry its roles and those that carry its access rules.
fn application_credential_from(rows: &[Row]) -> Result<Option<ApplicationCredential>, StoreError> {
    let Some(first) = rows.first() else { return Ok(None) };
    let mut role_ids: Vec<RoleId> = Vec::new();
    let mut access_rules = Vec::new();
    for row in rows {
        role_ids.extend(row.opt_id("role_id")?);
        if let Some(id) = row.opt_text("access_rule_id")? {
            access_rules.push(AccessRule {
                id,
                service: row.opt_text("service")?,
                path: row.opt_text("path")?,
                method: row.opt_text("method")?,
            });
        }
    }
    Ok(Some(ApplicationCredential {
        id: first.id("id")?,
        name: first.text("name")?,
        user_id: first.id("user_id")?,
        project_id: first.opt_id("project_id")?,
        expires_at: first.opt_microseconds("expires_at")?,
        unrestricted: first.opt_bool("unrestricted")?.unwrap_or(false),
        role_ids,
        access_rules,
    }))
}
