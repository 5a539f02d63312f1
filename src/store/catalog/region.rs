//! Rows of `region`: a forest by `parent_region_id`, which no foreign key guards.

use crate::{
    domain::catalog::Region,
    store::{Query, Row, StoreError, Transaction, json, statement::Conditions},
};

/// The region `$1` and all regions below it, as a table expression `below (id)`. A circle ends it, because it has no
/// region twice.
macro_rules! with_below {
    () => {
        "WITH RECURSIVE below (id) AS (
            SELECT region.id FROM region WHERE region.id = $1
            UNION
            SELECT region.id FROM region JOIN below ON region.parent_region_id = below.id
        )"
    };
}

/// A region.
pub fn region(id: &str) -> Query<Option<Region>> {
    Query::optional(
        "region",
        "SELECT id, description, parent_region_id, extra FROM region WHERE id = $1",
        vec![id.into()],
        region_from,
    )
}

/// Regions; with `parent_region_id`, those directly below it.
pub fn regions(parent_region_id: Option<&str>) -> Query<Vec<Region>> {
    let (conditions, values) = Conditions::new().and_if("parent_region_id = ?", parent_region_id).finish();
    Query::list(
        "region",
        format!("SELECT id, description, parent_region_id, extra FROM region{conditions}"),
        values,
        region_from,
    )
}

/// The ids of a region and of all regions above it, in no particular order. Empty if there is no such region.
pub fn regions_above(id: &str) -> Query<Vec<String>> {
    Query::list(
        "region",
        "WITH RECURSIVE above (id, parent_region_id) AS (
            SELECT region.id, region.parent_region_id FROM region WHERE region.id = $1
            UNION
            SELECT region.id, region.parent_region_id FROM region JOIN above ON region.id = above.parent_region_id
        )
        SELECT id FROM above",
        vec![id.into()],
        |row| row.text("id"),
    )
}

/// The ids of a region and of all regions below it, in no particular order.
pub fn regions_at_or_below(id: &str) -> Query<Vec<String>> {
    Query::list("region", concat!(with_below!(), " SELECT id FROM below"), vec![id.into()], |row| row.text("id"))
}

/// How many endpoints there are in a region and in all regions below it.
pub fn endpoints_at_or_below(id: &str) -> Query<i64> {
    Query::new(
        "endpoint",
        concat!(
            with_below!(),
            " SELECT COUNT(*) AS number FROM endpoint WHERE region_id IN (SELECT below.id FROM below)"
        ),
        vec![id.into()],
        |rows| rows.first().map_or(Ok(0), |row| row.integer("number")),
    )
}

/// Makes a region.
///
/// # Errors
/// A conflict if the id is taken.
pub async fn create_region(transaction: &mut Transaction, region: &Region) -> Result<(), StoreError> {
    transaction
        .execute(
            "region",
            "INSERT INTO region (id, description, parent_region_id, extra) VALUES ($1, $2, $3, $4)",
            vec![
                region.id.as_str().into(),
                region.description.as_str().into(),
                region.parent_region_id.as_deref().into(),
                json::dumps_map(&region.extra).into(),
            ],
        )
        .await
        .map(drop)
}

/// Writes a region as it is now; the id says which.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn update_region(transaction: &mut Transaction, region: &Region) -> Result<(), StoreError> {
    transaction
        .execute(
            "region",
            "UPDATE region SET description = $2, parent_region_id = $3, extra = $4 WHERE id = $1",
            vec![
                region.id.as_str().into(),
                region.description.as_str().into(),
                region.parent_region_id.as_deref().into(),
                json::dumps_map(&region.extra).into(),
            ],
        )
        .await
        .map(drop)
}

/// Deletes a region and all regions below it.
///
/// # Errors
/// A conflict if an endpoint is in one of them.
pub async fn delete_region_tree(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    transaction
        .execute(
            "region",
            concat!(with_below!(), " DELETE FROM region WHERE id IN (SELECT below.id FROM below)"),
            vec![id.into()],
        )
        .await
        .map(drop)
}

fn region_from(row: &Row) -> Result<Region, StoreError> {
    Ok(Region {
        id: row.text("id")?,
        description: row.text("description")?,
        parent_region_id: row.opt_text("parent_region_id")?,
        extra: row.json_map("extra")?,
    })
}
