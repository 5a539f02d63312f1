//! `/v3/endpoints` (`keystone/api/endpoints.py`).

mod schema;

use serde_json::{Map, Value};

use crate::{
    domain::catalog::Endpoint,
    http::{
        HttpSettings,
        hints::Hints,
        resource::{Readable, Resource, Target},
        schema::Schema,
    },
    store::{
        Query,
        catalog::{EndpointFilter, endpoint, endpoints},
    },
};

/// What is particular about endpoints: `region` repeats `region_id` for old clients, the id of the v2 API is not shown.
pub(in crate::http) struct Endpoints;

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

impl Readable for Endpoints {
    const ID: &'static str = "endpoint_id";
    const GET: &'static str = "identity:get_endpoint";
    const LIST: &'static str = "identity:list_endpoints";
    const TARGET: Target = Target::Nothing;

    fn one(id: &str) -> Query<Option<Endpoint>> {
        endpoint(id)
    }

    fn matching(hints: &Hints) -> Query<Vec<Endpoint>> {
        let exact = |name: &str| hints.exact(name).map(str::to_owned);
        endpoints(&EndpointFilter {
            service_id: exact("service_id"),
            interface: exact("interface"),
            region_id: exact("region_id"),
            ..EndpointFilter::default()
        })
    }

    fn list_limit(settings: &HttpSettings) -> Option<u64> {
        settings.catalog_list_limit
    }

    fn list_query() -> Option<&'static Schema> {
        Some(&schema::LIST_QUERY)
    }
}
