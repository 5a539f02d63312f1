//! `/v3/regions` (`keystone/api/regions.py`, `catalog/core.py`).

mod put;
mod schema;

pub(in crate::http) use self::put::put;

use serde_json::{Map, Value};

use crate::{
    cascade::region::{RegionDeletion, delete_region},
    domain::catalog::Region,
    http::{
        HttpSettings,
        error::ApiError,
        hints::Hints,
        resource::{
            Change, Readable, Resource, Target, Writable,
            attributes::{extra, fits, linkable, text},
            change::on_duplicate,
        },
        schema::Schema,
    },
    store::{
        Query,
        catalog::{self, region, regions, regions_above},
    },
};

/// What is particular about regions: clients may choose their ids, and they form trees.
pub(in crate::http) struct Regions;

impl Resource for Regions {
    type Item = Region;

    const COLLECTION: &'static str = "regions";
    const MEMBER: &'static str = "region";
    const FILTERS: &'static [&'static str] = &["parent_region_id"];
    const COLUMNS: &'static [&'static str] = &["id", "description", "parent_region_id"];

    fn wire(region: &Region) -> Map<String, Value> {
        let mut wire = region.extra.clone();
        wire.insert("id".to_owned(), region.id.as_str().into());
        wire.insert("description".to_owned(), region.description.as_str().into());
        wire.insert("parent_region_id".to_owned(), region.parent_region_id.as_deref().into());
        wire
    }
}

impl Readable for Regions {
    const ID: &'static str = "region_id";
    const GET: &'static str = "identity:get_region";
    const LIST: &'static str = "identity:list_regions";
    const TARGET: Target = Target::Nothing;

    fn one(id: &str) -> Query<Option<Region>> {
        region(id)
    }

    fn matching(hints: &Hints) -> Query<Vec<Region>> {
        regions(hints.exact("parent_region_id"))
    }

    /// None: Keystone hands its hints over in a way that its own `list_limit` does not see.
    fn list_limit(_: &HttpSettings) -> Option<u64> {
        None
    }

    fn list_query() -> Option<&'static Schema> {
        Some(&schema::LIST_QUERY)
    }
}

impl Writable for Regions {
    const CREATE: &'static str = "identity:create_region";
    const UPDATE: &'static str = "identity:update_region";
    const DELETE: &'static str = "identity:delete_region";

    fn create_schema() -> &'static Schema {
        &schema::CREATE
    }

    fn update_schema() -> &'static Schema {
        &schema::UPDATE
    }

    async fn create(change: &mut Change<'_>, attributes: Map<String, Value>) -> Result<Region, ApiError> {
        let id = text(&attributes, "id").filter(|id| !id.is_empty()).unwrap_or_else(|| change.new_id());
        let region = Region {
            id,
            description: text(&attributes, "description").unwrap_or_default(),
            parent_region_id: text(&attributes, "parent_region_id"),
            extra: linkable(extra(&attributes, Self::COLUMNS))?,
        };
        make(change, region).await
    }

    async fn before_update(change: &mut Change<'_>, attributes: &mut Map<String, Value>) -> Result<(), ApiError> {
        ancestors(change, text(attributes, "parent_region_id").as_deref()).await.map(drop)
    }

    async fn update(
        change: &mut Change<'_>,
        mut region: Region,
        attributes: Map<String, Value>,
    ) -> Result<Region, ApiError> {
        if attributes.contains_key("description") {
            region.description = text(&attributes, "description").unwrap_or_default();
        }
        if attributes.contains_key("parent_region_id") {
            region.parent_region_id = text(&attributes, "parent_region_id");
            if ancestors(change, region.parent_region_id.as_deref()).await?.contains(&region.id) {
                return Err(ApiError::invalid(format!(
                    "The specified parent region {} would create a circular region hierarchy.",
                    region.id
                )));
            }
        }
        region.extra.extend(linkable(extra(&attributes, Self::COLUMNS))?);
        catalog::update_region(&mut change.transaction, &region).await?;
        Ok(region)
    }

    async fn delete(change: &mut Change<'_>, region: Region) -> Result<(), ApiError> {
        match delete_region(&mut change.transaction, &region.id).await? {
            RegionDeletion::Done => Ok(()),
            RegionDeletion::HasEndpoints => Err(ApiError::Refused {
                message: format!(
                    "Unable to delete region {} because it or its child regions have associated endpoints.",
                    region.id
                ),
            }),
        }
    }
}

/// Makes a region whose id nobody has, below a region that exists.
///
/// # Errors
///
/// 409 where the id is taken, 404 where the parent does not exist, 400 where the id is too long.
pub(super) async fn make(change: &mut Change<'_>, region: Region) -> Result<Region, ApiError> {
    if change.run(catalog::region(&region.id)).await?.is_some() {
        return Err(ApiError::Conflict {
            kind: Regions::MEMBER.to_owned(),
            details: format!("Duplicate ID, {}.", region.id),
        });
    }
    ancestors(change, region.parent_region_id.as_deref()).await?;
    fits(&region.id, "id", 255)?;
    let named = Map::from_iter([("id".to_owned(), Value::from(region.id.as_str()))]);
    catalog::create_region(&mut change.transaction, &region).await.map_err(on_duplicate(Regions::MEMBER, &named))?;
    Ok(region)
}

/// The ids of a parent, which must exist, and of the regions above it.
async fn ancestors(change: &mut Change<'_>, parent_id: Option<&str>) -> Result<Vec<String>, ApiError> {
    let Some(parent_id) = parent_id else { return Ok(Vec::new()) };
    let above = change.run(regions_above(parent_id)).await?;
    if above.is_empty() { Err(Regions::absent(parent_id)) } else { Ok(above) }
}
