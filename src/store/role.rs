//! Roles and implied roles. Facts: Keystone `assignment/role_backends/sql.py`.

use super::{error::StoreError, query::Query, row::Row, statement::Conditions};
use crate::domain::{
    ids::{DomainId, RoleId},
    role::{ImpliedRole, NULL_DOMAIN_ID, Role},
};

macro_rules! role_columns {
    () => {
        "role.id,
            role.name,
            role.domain_id,
            role.description,
            role.extra,
            (
                SELECT option_value FROM role_option
                WHERE role_option.role_id = role.id AND role_option.option_id = 'IMMU'
            ) AS immutable"
    };
}

/// A role.
pub fn role(id: &RoleId) -> Query<Option<Role>> {
    Query::optional("role", concat!("SELECT ", role_columns!(), " FROM role WHERE id = $1"), vec![id.into()], role_from)
}

/// Those of the roles that exist.
pub fn roles_by_ids(ids: &[RoleId]) -> Query<Vec<Role>> {
    Query::list("role", concat!("SELECT ", role_columns!(), " FROM role WHERE id IN ($1)"), vec![ids.into()], role_from)
}

/// What a list of roles can be narrowed by.
#[derive(Debug, Clone, Default)]
pub struct RoleFilter {
    /// With this name.
    pub name: Option<String>,
    /// `Some(None)`: global roles.
    pub domain_id: Option<Option<DomainId>>,
}

/// Roles.
pub fn roles(filter: &RoleFilter) -> Query<Vec<Role>> {
    let domain_id =
        filter.domain_id.as_ref().map(|domain_id| domain_id.as_ref().map_or(NULL_DOMAIN_ID, DomainId::as_str));
    let (conditions, values) =
        Conditions::new().and_if("name = ?", filter.name.as_deref()).and_if("domain_id = ?", domain_id).finish();
    Query::list("role", format!("SELECT {} FROM role{conditions}", role_columns!()), values, role_from)
}

/// Every rule that one role brings another. There are few, and who needs one needs those that it leads to.
pub fn implied_roles() -> Query<Vec<ImpliedRole>> {
    Query::list("implied_role", "SELECT prior_role_id, implied_role_id FROM implied_role", vec![], |row| {
        Ok(ImpliedRole { prior: row.id("prior_role_id")?, implied: row.id("implied_role_id")? })
    })
}

fn role_from(row: &Row) -> Result<Role, StoreError> {
    Ok(Role {
        id: row.id("id")?,
        name: row.text("name")?,
        domain_id: row.opt_id::<DomainId>("domain_id")?.filter(|id| id.as_str() != NULL_DOMAIN_ID),
        description: row.opt_text("description")?,
        extra: row.json_map("extra")?,
        immutable: row.opt_json("immutable")?.and_then(|value| value.as_bool()),
    })
}
