//! `/v3/services` (`keystone/api/services.py`).

mod schema;

use serde_json::{Map, Value};

use crate::{
    cascade::service::delete_service,
    domain::catalog::Service,
    http::{
        HttpSettings,
        error::ApiError,
        hints::Hints,
        resource::{
            Change, Readable, Resource, Target, Writable,
            attributes::{extra, linkable, text},
        },
        schema::Schema,
    },
    store::{
        Query,
        catalog::{self, ServiceFilter, service, services},
    },
};

/// What is particular about services. Name and description live in `extra`.
pub(in crate::http) struct Services;

impl Resource for Services {
    type Item = Service;

    const COLLECTION: &'static str = "services";
    const MEMBER: &'static str = "service";
    const FILTERS: &'static [&'static str] = &["type", "name"];
    const COLUMNS: &'static [&'static str] = &["id", "type", "enabled"];

    fn wire(service: &Service) -> Map<String, Value> {
        let mut wire = service.extra.clone();
        wire.insert("id".to_owned(), service.id.as_str().into());
        wire.insert("type".to_owned(), service.service_type.as_deref().into());
        wire.insert("enabled".to_owned(), service.enabled.into());
        wire
    }
}

impl Readable for Services {
    const ID: &'static str = "service_id";
    const GET: &'static str = "identity:get_service";
    const LIST: &'static str = "identity:list_services";
    const TARGET: Target = Target::Nothing;

    fn one(id: &str) -> Query<Option<Service>> {
        service(id)
    }

    fn matching(hints: &Hints) -> Query<Vec<Service>> {
        services(&ServiceFilter { service_type: hints.exact("type").map(str::to_owned), ..ServiceFilter::default() })
    }

    fn list_limit(settings: &HttpSettings) -> Option<u64> {
        settings.catalog_list_limit
    }
}

impl Writable for Services {
    const CREATE: &'static str = "identity:create_service";
    const UPDATE: &'static str = "identity:update_service";
    const DELETE: &'static str = "identity:delete_service";

    fn create_schema() -> &'static Schema {
        &schema::CREATE
    }

    fn update_schema() -> &'static Schema {
        &schema::UPDATE
    }

    async fn create(change: &mut Change<'_>, mut attributes: Map<String, Value>) -> Result<Service, ApiError> {
        attributes.entry("name").or_insert_with(|| "".into());
        let service = Service {
            id: change.new_id(),
            service_type: text(&attributes, "type"),
            enabled: attributes.get("enabled").and_then(Value::as_bool).unwrap_or(true),
            extra: linkable(extra(&attributes, Self::COLUMNS))?,
        };
        catalog::create_service(&mut change.transaction, &service).await?;
        Ok(service)
    }

    async fn update(
        change: &mut Change<'_>,
        mut service: Service,
        attributes: Map<String, Value>,
    ) -> Result<Service, ApiError> {
        service.service_type = text(&attributes, "type").or(service.service_type);
        service.enabled = attributes.get("enabled").and_then(Value::as_bool).unwrap_or(service.enabled);
        service.extra.extend(linkable(extra(&attributes, Self::COLUMNS))?);
        catalog::update_service(&mut change.transaction, &service).await?;
        Ok(service)
    }

    async fn delete(change: &mut Change<'_>, service: Service) -> Result<(), ApiError> {
        Ok(delete_service(&mut change.transaction, &service.id).await?)
    }
}
