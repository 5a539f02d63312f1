//! `region`, the attribute by which clients of the v2 API said where an endpoint is.

use serde_json::{Map, Value};

use crate::{
    domain::catalog::Region,
    http::{
        error::ApiError,
        resource::{Change, attributes::text},
        v3::regions,
    },
    store::catalog,
};

/// Where `region` is given, and no `region_id`, it becomes that; the region is made should it not exist
/// (`_validate_endpoint_region`). Given beside `region_id` it says nothing.
pub(super) async fn settle(change: &mut Change<'_>, attributes: &mut Map<String, Value>) -> Result<(), ApiError> {
    let Some(id) = text(attributes, "region").filter(|_| text(attributes, "region_id").is_none()) else {
        return Ok(());
    };
    attributes.remove("region");
    if change.run(catalog::region(&id)).await?.is_none() {
        let region = Region { id: id.clone(), description: String::new(), parent_region_id: None, extra: Map::new() };
        regions::make(change, region).await?;
    }
    attributes.insert("region_id".to_owned(), id.into());
    Ok(())
}
