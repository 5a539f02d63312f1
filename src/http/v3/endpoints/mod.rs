//! `/v3/endpoints` (`keystone/api/endpoints.py`, `catalog/core.py`).

mod policy;
mod region;
mod schema;

pub(in crate::http) use self::policy::policy;

use serde_json::{Map, Value};

use crate::{
    cascade::endpoint::delete_endpoint,
    domain::{catalog::Endpoint, percent_format},
    http::{
        HttpSettings,
        error::ApiError,
        hints::Hints,
        resource::{
            Change, Readable, Resource, Target, Writable,
            attributes::{extra, fits, linkable, text},
        },
        schema::Schema,
    },
    store::{
        Query,
        catalog::{self, EndpointFilter, endpoint, endpoints},
    },
};

/// What the URL of an endpoint may refer to (`keystone.common.utils.WHITELISTED_PROPERTIES`).
const URL_PROPERTIES: [&str; 5] = ["tenant_id", "project_id", "user_id", "compute_host", "public_endpoint"];

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

impl Writable for Endpoints {
    const CREATE: &'static str = "identity:create_endpoint";
    const UPDATE: &'static str = "identity:update_endpoint";
    const DELETE: &'static str = "identity:delete_endpoint";

    fn create_schema() -> &'static Schema {
        &schema::CREATE
    }

    fn update_schema() -> &'static Schema {
        &schema::UPDATE
    }

    async fn create(change: &mut Change<'_>, mut attributes: Map<String, Value>) -> Result<Endpoint, ApiError> {
        require_well_formed(attributes.get("url").and_then(Value::as_str).unwrap_or_default())?;
        settle_place(change, &mut attributes).await?;
        let mut endpoint = Endpoint {
            id: change.new_id(),
            service_id: String::new(),
            interface: String::new(),
            url: String::new(),
            region_id: None,
            enabled: true,
            legacy_endpoint_id: None,
            extra: Map::new(),
        };
        apply(&mut endpoint, &attributes)?;
        catalog::create_endpoint(&mut change.transaction, &endpoint).await?;
        Ok(endpoint)
    }

    async fn before_update(change: &mut Change<'_>, attributes: &mut Map<String, Value>) -> Result<(), ApiError> {
        settle_place(change, attributes).await
    }

    async fn update(
        change: &mut Change<'_>,
        mut endpoint: Endpoint,
        attributes: Map<String, Value>,
    ) -> Result<Endpoint, ApiError> {
        apply(&mut endpoint, &attributes)?;
        catalog::update_endpoint(&mut change.transaction, &endpoint).await?;
        Ok(endpoint)
    }

    async fn delete(change: &mut Change<'_>, endpoint: Endpoint) -> Result<(), ApiError> {
        Ok(delete_endpoint(&mut change.transaction, &endpoint.id).await?)
    }
}

/// A new endpoint's URL refers to nothing but what can be filled in. Of a URL that is changed Keystone does not ask this.
fn require_well_formed(url: &str) -> Result<(), ApiError> {
    let known = |name: &str| URL_PROPERTIES.contains(&name).then(String::new);
    match percent_format::fill_in(&url.replace("$(", "%("), known, "") {
        Ok(_) => Ok(()),
        Err(_) => Err(ApiError::invalid(format!("Cannot create an endpoint with an invalid URL: {url}."))),
    }
}

/// Where an endpoint is, and of which service, must exist; a region that old clients name is made.
async fn settle_place(change: &mut Change<'_>, attributes: &mut Map<String, Value>) -> Result<(), ApiError> {
    region::settle(change, attributes).await?;
    if let Some(id) = text(attributes, "region_id")
        && change.run(catalog::region(&id)).await?.is_none()
    {
        return Err(ApiError::expecting("endpoint region_id", "region table"));
    }
    if let Some(id) = text(attributes, "service_id")
        && change.run(catalog::service(&id)).await?.is_none()
    {
        return Err(ApiError::expecting("endpoint service_id", "service table"));
    }
    Ok(())
}

/// What the column holds: the schema lets anything pass, and Postgres makes text of it.
fn legacy_endpoint_id(given: &Value) -> Result<Option<String>, ApiError> {
    match given {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Bool(_) | Value::Number(_) => Ok(Some(given.to_string())),
        Value::Array(_) | Value::Object(_) => {
            Err(ApiError::invalid("Invalid input for field/attribute legacy_endpoint_id. It is not of type 'string'"))
        }
    }
}

/// Gives an endpoint the attributes that a client gave.
fn apply(endpoint: &mut Endpoint, attributes: &Map<String, Value>) -> Result<(), ApiError> {
    let given = |name: &str| text(attributes, name);
    if attributes.contains_key("region_id") {
        endpoint.region_id = given("region_id");
    }
    if let Some(legacy_id) = attributes.get("legacy_endpoint_id") {
        endpoint.legacy_endpoint_id = legacy_endpoint_id(legacy_id)?;
        fits(endpoint.legacy_endpoint_id.as_deref().unwrap_or_default(), "legacy_endpoint_id", 64)?;
    }
    let replace = |attribute: &mut String, name: &str| {
        if let Some(text) = given(name) {
            *attribute = text;
        }
    };
    replace(&mut endpoint.service_id, "service_id");
    replace(&mut endpoint.interface, "interface");
    replace(&mut endpoint.url, "url");
    endpoint.enabled = attributes.get("enabled").and_then(Value::as_bool).unwrap_or(endpoint.enabled);
    endpoint.extra.extend(linkable(extra(attributes, Endpoints::COLUMNS))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asked of Keystone's `check_endpoint_url`.
    #[test]
    fn a_new_url_refers_to_what_is_known() {
        for url in ["http://h", "http://h/$(tenant_id)s", "http://h/%(compute_host)s", "http://h/100%%", "http://h/%s"]
        {
            assert!(require_well_formed(url).is_ok(), "{url}");
        }
        for url in ["http://h/$(admin_token)s", "http://h/$(tenant_id)", "http://h/%(tenant_id)d", "http://h/%"] {
            assert!(require_well_formed(url).is_err(), "{url}");
        }
    }
}
