//! `/v3/regions` (`keystone/api/regions.py`).

mod schema;

use serde_json::{Map, Value};

use crate::{
    domain::catalog::Region,
    http::{
        HttpSettings,
        hints::Hints,
        resource::{Readable, Resource, Target},
        schema::Schema,
    },
    store::{
        Query,
        catalog::{region, regions},
    },
};

/// What is particular about regions.
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

    fn list_limit(settings: &HttpSettings) -> Option<u64> {
        settings.catalog_list_limit
    }

    fn list_query() -> Option<&'static Schema> {
        Some(&schema::LIST_QUERY)
    }
}
