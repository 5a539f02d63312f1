//! `/v3/endpoints` (`keystone/api/endpoints.py`).

mod list;
mod show;

pub(in crate::http) use self::{list::list, show::show};

use serde_json::{Map, Value};

use crate::{domain::catalog::Endpoint, http::collection::Resource};

/// What is particular about endpoints: `region` repeats `region_id` for old clients, the id of the v2 API is not shown.
pub(super) struct Endpoints;

impl Resource for Endpoints {
    type Item = Endpoint;

    const COLLECTION: &'static str = "endpoints";
    const MEMBER: &'static str = "endpoint";
    const FILTERS: &'static [&'static str] = &["interface", "service_id", "region_id"];
    const COLUMNS: &'static [&'static str] =
        &["id", "interface", "region_id", "service_id", "url", "legacy_endpoint_id", "enabled"];

    fn wire(endpoint: &Endpoint) -> Map<String, Value> {
        let mut wire = endpoint.extra.clone();
        wire.insert("id".to_owned(), endpoint.id.as_str().into());
        wire.insert("interface".to_owned(), endpoint.interface.as_str().into());
        wire.insert("region_id".to_owned(), endpoint.region_id.as_deref().into());
        wire.insert("service_id".to_owned(), endpoint.service_id.as_str().into());
        wire.insert("url".to_owned(), endpoint.url.as_str().into());
        wire.insert("enabled".to_owned(), endpoint.enabled.into());
        wire.insert("region".to_owned(), endpoint.region_id.as_deref().into());
        wire
    }
}
