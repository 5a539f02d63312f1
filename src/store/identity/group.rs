//! Groups. Facts: Keystone `identity/backends/sql.py`.

use crate::{
    domain::{
        group::Group,
        ids::{DomainId, GroupId},
    },
    store::{Conditions, Query, Row, StoreError, Transaction, json},
};

/// A group.
pub fn group(id: &GroupId) -> Query<Option<Group>> {
    Query::optional(
        "group",
        r#"SELECT id, domain_id, name, description, extra FROM "group" WHERE id = $1"#,
        vec![id.into()],
        group_from,
    )
}

/// What a list of groups can be narrowed by. Every field that is `None` lets all through.
#[derive(Debug, Clone, Default)]
pub struct GroupFilter {
    /// Of this domain.
    pub domain_id: Option<DomainId>,
    /// With this name.
    pub name: Option<String>,
    /// After this one, in the order of ids.
    pub marker: Option<GroupId>,
    /// At most so many.
    pub limit: Option<i64>,
}

/// Groups, in the order of ids.
pub fn groups(filter: &GroupFilter) -> Query<Vec<Group>> {
    let (conditions, mut values) = Conditions::new()
        .and_if("domain_id = ?", filter.domain_id.as_ref())
        .and_if("name = ?", filter.name.as_deref())
        .and_if("id > ?", filter.marker.as_ref())
        .finish();
    let limit = match filter.limit {
        None => String::new(),
        Some(limit) => {
            values.push(limit.into());
            format!(" LIMIT ${}", values.len())
        }
    };
    let sql = format!(r#"SELECT id, domain_id, name, description, extra FROM "group"{conditions} ORDER BY id{limit}"#);
    Query::list("group", sql, values, group_from)
}

/// Those of the groups that exist.
pub fn existing_groups(ids: &[GroupId]) -> Query<Vec<GroupId>> {
    Query::list("group", r#"SELECT id FROM "group" WHERE id IN ($1)"#, vec![ids.into()], |row| row.id("id"))
}

/// Makes a group.
///
/// # Errors
/// A conflict if the domain has a group of that name, or the id is taken.
pub async fn create_group(transaction: &mut Transaction, group: &Group) -> Result<(), StoreError> {
    transaction
        .execute(
            "group",
            r#"INSERT INTO "group" (id, domain_id, name, description, extra) VALUES ($1, $2, $3, $4, $5)"#,
            vec![
                (&group.id).into(),
                (&group.domain_id).into(),
                group.name.as_str().into(),
                group.description.as_deref().into(),
                json::dumps_map(&group.extra).into(),
            ],
        )
        .await
        .map(drop)
}

/// Writes what can be changed of a group: all but its id and domain. Whether there is such a group.
///
/// # Errors
/// A conflict if the domain has another group of that name.
pub async fn update_group(transaction: &mut Transaction, group: &Group) -> Result<bool, StoreError> {
    transaction
        .execute(
            "group",
            r#"UPDATE "group" SET name = $2, description = $3, extra = $4 WHERE id = $1"#,
            vec![
                (&group.id).into(),
                group.name.as_str().into(),
                group.description.as_deref().into(),
                json::dumps_map(&group.extra).into(),
            ],
        )
        .await
        .map(|rows| rows > 0)
}

/// Deletes a group's own row; whether there was one.
///
/// # Errors
/// A conflict while it has members.
pub async fn delete_group(transaction: &mut Transaction, id: &GroupId) -> Result<bool, StoreError> {
    transaction.execute("group", r#"DELETE FROM "group" WHERE id = $1"#, vec![id.into()]).await.map(|rows| rows > 0)
}

pub(super) fn group_from(row: &Row) -> Result<Group, StoreError> {
    Ok(Group {
        id: row.id("id")?,
        domain_id: row.id("domain_id")?,
        name: row.text("name")?,
        description: row.opt_text("description")?,
        extra: row.json_map("extra")?,
    })
}
