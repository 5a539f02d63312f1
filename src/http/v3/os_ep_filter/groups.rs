//! `/v3/OS-EP-FILTER/endpoint_groups`: endpoints chosen by attribute.

use axum::{
    extract::State,
    routing::{MethodRouter, get},
};
use hyper::StatusCode;
use serde_json::{Map, Value};

use super::schema;
use crate::{
    domain::catalog::EndpointGroup,
    http::{
        HttpSettings,
        collection::wrap_member,
        error::ApiError,
        hints::Hints,
        inbound::Inbound,
        json::Json,
        resource::{
            self, Change, Readable, Resource, Target, Writable,
            attributes::{body, given, text},
        },
        schema::{Schema, Wording},
        state::HttpState,
    },
    store::{
        Query,
        endpoint_filter::{
            create_endpoint_group, delete_endpoint_group, endpoint_group, endpoint_groups, update_endpoint_group,
        },
    },
};

/// The attributes of endpoints that can be asked for. The schema knows one more.
const ATTRIBUTES: [&str; 3] = ["service_id", "region_id", "interface"];

/// What is particular about endpoint groups.
pub(in crate::http) struct EndpointGroups;

impl Resource for EndpointGroups {
    type Item = EndpointGroup;

    const COLLECTION: &'static str = "endpoint_groups";
    const PATH: &'static str = "OS-EP-FILTER/endpoint_groups";
    const MEMBER: &'static str = "endpoint_group";
    const FILTERS: &'static [&'static str] = &["name"];
    const COLUMNS: &'static [&'static str] = &["id", "name", "description", "filters"];

    fn wire(group: &EndpointGroup) -> Map<String, Value> {
        Map::from_iter([
            ("id".to_owned(), group.id.as_str().into()),
            ("name".to_owned(), group.name.as_str().into()),
            ("description".to_owned(), group.description.as_deref().into()),
            ("filters".to_owned(), group.filters.clone().into()),
        ])
    }
}

impl Readable for EndpointGroups {
    const ID: &'static str = "endpoint_group_id";
    const GET: &'static str = "identity:get_endpoint_group";
    const LIST: &'static str = "identity:list_endpoint_groups";
    const TARGET: Target = Target::Nothing;

    fn one(id: &str) -> Query<Option<EndpointGroup>> {
        endpoint_group(id)
    }

    fn matching(hints: &Hints) -> Query<Vec<EndpointGroup>> {
        endpoint_groups(hints.exact("name"))
    }

    fn absent(id: &str) -> ApiError {
        ApiError::no_such("Endpoint Group", id)
    }

    fn list_limit(_: &HttpSettings) -> Option<u64> {
        None
    }

    fn list_query() -> Option<&'static Schema> {
        Some(&schema::LIST_QUERY)
    }
}

impl Writable for EndpointGroups {
    const CREATE: &'static str = "identity:create_endpoint_group";
    const UPDATE: &'static str = "identity:update_endpoint_group";
    const DELETE: &'static str = "identity:delete_endpoint_group";

    fn create_schema() -> &'static Schema {
        &schema::CREATE
    }

    fn update_schema() -> &'static Schema {
        &schema::UPDATE
    }

    async fn create(change: &mut Change<'_>, attributes: Map<String, Value>) -> Result<EndpointGroup, ApiError> {
        let filters = filters(&attributes)?.unwrap_or_default();
        if filters.is_empty() {
            return Err(ApiError::invalid("filters field is required and cannot be empty"));
        }
        let group = EndpointGroup {
            id: change.new_id(),
            name: text(&attributes, "name").unwrap_or_default(),
            description: text(&attributes, "description"),
            filters,
        };
        create_endpoint_group(&mut change.transaction, &group).await?;
        Ok(group)
    }

    async fn before_update(_: &mut Change<'_>, attributes: &mut Map<String, Value>) -> Result<(), ApiError> {
        filters(attributes).map(drop)
    }

    async fn update(
        change: &mut Change<'_>,
        mut group: EndpointGroup,
        attributes: Map<String, Value>,
    ) -> Result<EndpointGroup, ApiError> {
        group.filters = filters(&attributes)?.unwrap_or(group.filters);
        group.name = text(&attributes, "name").unwrap_or(group.name);
        if attributes.contains_key("description") {
            group.description = text(&attributes, "description");
        }
        update_endpoint_group(&mut change.transaction, &group).await?;
        Ok(group)
    }

    async fn delete(change: &mut Change<'_>, group: EndpointGroup) -> Result<(), ApiError> {
        Ok(delete_endpoint_group(&mut change.transaction, &group.id).await?)
    }
}

/// `/v3/OS-EP-FILTER/endpoint_groups`.
pub(in crate::http) fn collection() -> MethodRouter<HttpState> {
    get(resource::list::<EndpointGroups>).post(create)
}

/// `POST`: a body without a group is taken for one with an empty group, which lacks its filters.
async fn create(State(state): State<HttpState>, inbound: Inbound) -> Result<(StatusCode, Json), ApiError> {
    schema::CREATE.check(&body(&inbound), Wording::Brief)?;
    inbound.caller()?.may(EndpointGroups::CREATE).in_general(&state).await?;
    let attributes = given(&inbound, EndpointGroups::MEMBER).unwrap_or_default();
    let mut change = Change::begin(&state).await?;
    let group = EndpointGroups::create(&mut change, attributes).await?;
    change.commit().await?;
    let wire = EndpointGroups::wire(&group);
    Ok((StatusCode::CREATED, Json(wrap_member::<EndpointGroups>(wire, &state, &inbound))))
}

/// The filters that a client gave, if any: all about attributes that can be asked for.
fn filters(attributes: &Map<String, Value>) -> Result<Option<Map<String, Value>>, ApiError> {
    let Some(filters) = attributes.get("filters").and_then(Value::as_object) else { return Ok(None) };
    if filters.keys().all(|attribute| ATTRIBUTES.contains(&attribute.as_str())) {
        Ok(Some(filters.clone()))
    } else {
        Err(ApiError::expecting(ATTRIBUTES.join(" or "), EndpointGroups::MEMBER))
    }
}
