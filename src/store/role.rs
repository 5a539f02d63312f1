//! Roles and implied roles. Facts: Keystone `assignment/role_backends/sql.py`.

use super::{Transaction, error::StoreError, json, query::Query, row::Row, statement::Conditions};
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

/// The roles that a role brings, itself and not through others, in the order of their ids.
pub fn roles_implied_by(prior: &RoleId) -> Query<Vec<Role>> {
    Query::list(
        "role",
        concat!(
            "SELECT ",
            role_columns!(),
            " FROM role JOIN implied_role ON implied_role.implied_role_id = role.id
                WHERE implied_role.prior_role_id = $1 ORDER BY role.id"
        ),
        vec![prior.into()],
        role_from,
    )
}

/// Whether one role brings the other, itself and not through others.
pub fn is_implied(rule: &ImpliedRole) -> Query<bool> {
    Query::new(
        "implied_role",
        "SELECT 1 AS found FROM implied_role WHERE prior_role_id = $1 AND implied_role_id = $2",
        vec![(&rule.prior).into(), (&rule.implied).into()],
        |rows| Ok(!rows.is_empty()),
    )
}

/// Every rule that one role brings another. There are few, and who needs one needs those that it leads to.
pub fn implied_roles() -> Query<Vec<ImpliedRole>> {
    Query::list("implied_role", "SELECT prior_role_id, implied_role_id FROM implied_role", vec![], |row| {
        Ok(ImpliedRole { prior: row.id("prior_role_id")?, implied: row.id("implied_role_id")? })
    })
}

/// Makes a role.
///
/// # Errors
/// A conflict if there is a role of that name, globally or in its domain, or the id is taken.
pub async fn create_role(transaction: &mut Transaction, role: &Role) -> Result<(), StoreError> {
    transaction
        .execute(
            "role",
            "INSERT INTO role (id, name, domain_id, description, extra) VALUES ($1, $2, $3, $4, $5)",
            vec![
                (&role.id).into(),
                role.name.as_str().into(),
                role.domain_id.as_ref().map_or(NULL_DOMAIN_ID, DomainId::as_str).into(),
                role.description.as_deref().into(),
                json::dumps_map(&role.extra).into(),
            ],
        )
        .await?;
    insert_options(transaction, role).await
}

/// Writes what can be changed of a role: all but its id and domain. Whether there is such a role.
///
/// # Errors
/// A conflict if there is another role of that name, globally or in its domain.
pub async fn update_role(transaction: &mut Transaction, role: &Role) -> Result<bool, StoreError> {
    let updated = transaction
        .execute(
            "role",
            "UPDATE role SET name = $2, description = $3, extra = $4 WHERE id = $1",
            vec![
                (&role.id).into(),
                role.name.as_str().into(),
                role.description.as_deref().into(),
                json::dumps_map(&role.extra).into(),
            ],
        )
        .await?;
    if updated == 0 {
        return Ok(false);
    }
    transaction.execute("role_option", "DELETE FROM role_option WHERE role_id = $1", vec![(&role.id).into()]).await?;
    insert_options(transaction, role).await?;
    Ok(true)
}

/// Deletes a role's own row; what it brings and what brings it goes along. Whether there was such a role.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_role(transaction: &mut Transaction, id: &RoleId) -> Result<bool, StoreError> {
    transaction.execute("role", "DELETE FROM role WHERE id = $1", vec![id.into()]).await.map(|rows| rows > 0)
}

/// Deletes the application credentials that users have on the projects where they themselves, not through a group, were given
/// a role, to hold there or below.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_application_credentials_of_holders(
    transaction: &mut Transaction,
    id: &RoleId,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "application_credential",
            "DELETE FROM application_credential WHERE EXISTS (
                SELECT 1 FROM assignment
                WHERE assignment.role_id = $1
                    AND assignment.type = 'UserProject'
                    AND assignment.actor_id = application_credential.user_id
                    AND assignment.target_id = application_credential.project_id
            )",
            vec![id.into()],
        )
        .await
        .map(drop)
}

async fn insert_options(transaction: &mut Transaction, role: &Role) -> Result<(), StoreError> {
    if let Some(immutable) = role.immutable {
        transaction
            .execute(
                "role_option",
                "INSERT INTO role_option (role_id, option_id, option_value) VALUES ($1, 'IMMU', $2)",
                vec![(&role.id).into(), immutable.to_string().into()],
            )
            .await?;
    }
    Ok(())
}

/// Lets one role bring another; whether that is new.
///
/// # Errors
/// A conflict if one of the roles does not exist.
pub async fn create_implied_role(transaction: &mut Transaction, rule: &ImpliedRole) -> Result<bool, StoreError> {
    transaction
        .execute(
            "implied_role",
            "INSERT INTO implied_role (prior_role_id, implied_role_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            vec![(&rule.prior).into(), (&rule.implied).into()],
        )
        .await
        .map(|rows| rows > 0)
}

/// Takes that away; whether it was there.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_implied_role(transaction: &mut Transaction, rule: &ImpliedRole) -> Result<bool, StoreError> {
    transaction
        .execute(
            "implied_role",
            "DELETE FROM implied_role WHERE prior_role_id = $1 AND implied_role_id = $2",
            vec![(&rule.prior).into(), (&rule.implied).into()],
        )
        .await
        .map(|rows| rows > 0)
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
