//! `/v3/regions` (`keystone/api/regions.py`).

mod list;
mod show;

pub(in crate::http) use self::{list::list, show::show};

use serde_json::{Map, Value};

use crate::{domain::catalog::Region, http::collection::Resource};

/// What is particular about regions.
pub(super) struct Regions;

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
