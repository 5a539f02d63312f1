//! `GET /v3/projects`.

use axum::extract::State;
use serde_json::{Map, Value};

use super::{Projects, schema::LIST_QUERY, tag_filters::TagFilters};
use crate::{
    domain::ids::{DomainId, ProjectId},
    http::{
        caller::Caller,
        collection::{Page, filtered},
        error::ApiError,
        hints::{Comparator, Filter, Hints, as_boolean},
        inbound::Inbound,
        json::Json,
        resource::Resource,
        schema::query,
        state::HttpState,
    },
    store::resource::{ProjectFilter, projects},
};

/// Lists projects; with a domain token, those of the domain. Projects that act as domains only if `?is_domain` says so.
pub(in crate::http) async fn list(State(state): State<HttpState>, inbound: Inbound) -> Result<Json, ApiError> {
    query::check(&LIST_QUERY, inbound.query.pairs())?;
    let caller = inbound.caller()?;
    let domain_id = caller.context().and_then(|context| context.domain_id()).cloned();
    authorize(&state, &caller, domain_id.as_ref()).await?;

    let default_limit = state.settings.resource_list_limit.filter(|limit| *limit > 0).map(as_integer);
    let max_limit = as_integer(state.settings.max_db_limit);
    let mut hints = Hints::from_query(&inbound.query, Projects::FILTERS, default_limit, max_limit)?;
    hints.limit = hints.limit.or(default_limit);
    if !inbound.query.has("is_domain") {
        hints.filters.push(Filter::equals("is_domain", "0"));
    }

    let mut page = page(&state, &hints, max_limit).await?;
    if let Some(tags) = TagFilters::from_query(&inbound.query) {
        let all = state.store.run(projects(&ProjectFilter::default())).await?;
        let chosen = tags.choose(&all);
        page.items.retain(|item| chosen.iter().any(|id| id_of(item) == Some(id.as_str())));
    }
    if let Some(domain_id) = &domain_id {
        page.items.retain(|item| item.get("domain_id").and_then(Value::as_str) == Some(domain_id.as_str()));
    }
    page.items = filtered(page.items, &hints, Projects::COLUMNS, |filter| !filter.is_for_database(Projects::COLUMNS))?;
    Ok(Json(page.wrap::<Projects>(&state, &inbound, Some(&hints))))
}

async fn authorize(state: &HttpState, caller: &Caller, domain_id: Option<&DomainId>) -> Result<(), ApiError> {
    let question = caller.may("identity:list_projects").filters(Projects::FILTERS);
    match domain_id {
        Some(id) => question.on_target(state, Map::from_iter([("domain_id".to_owned(), id.as_str().into())])),
        None => question.in_general(state).await.map(drop),
    }
}

/// What Keystone's database would give: filtered by columns, in the order of ids, at most a page. A full page counts as
/// truncated, as Keystone does not look further.
pub(in crate::http::v3) async fn page(state: &HttpState, hints: &Hints, max_limit: i64) -> Result<Page, ApiError> {
    if let Some(marker) = &hints.marker
        && state.store.project(&marker.as_str().into()).await?.is_none()
    {
        return Err(ApiError::not_found(format!("Marker {marker} could not be found.")));
    }
    let size = hints.limit.filter(|limit| *limit > 0).unwrap_or(max_limit);
    let (mut filter, all_in_sql) = in_sql(hints);
    if all_in_sql {
        filter.marker = hints.marker.as_deref().map(ProjectId::from);
        filter.limit = Some(size);
    }
    let found = state.store.run(projects(&filter)).await?;
    let mut items = Page::of::<Projects>(&found).items;
    if !all_in_sql {
        items = filtered(items, hints, Projects::COLUMNS, |filter| filter.is_for_database(Projects::COLUMNS))?;
        if let Some(marker) = &hints.marker {
            items.retain(|item| id_of(item) > Some(marker.as_str()));
        }
        items.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    }
    let truncated = hints.limit.is_some_and(|limit| i64::try_from(items.len()).is_ok_and(|count| count >= limit));
    Ok(Page { items, truncated })
}

/// The filters that the statement can express, and whether these are all that the database should apply.
fn in_sql(hints: &Hints) -> (ProjectFilter, bool) {
    let filter = ProjectFilter {
        domain_id: hints.exact("domain_id").map(DomainId::from),
        name: hints.exact("name").map(str::to_owned),
        enabled: hints.exact("enabled").map(as_boolean),
        parent_id: hints.exact("parent_id").map(ProjectId::from),
        is_domain: hints.exact("is_domain").map(as_boolean),
        ..ProjectFilter::default()
    };
    let all = hints
        .filters
        .iter()
        .filter(|filter| filter.is_for_database(Projects::COLUMNS))
        .all(|filter| filter.comparator == Comparator::Equals && hints.exact(&filter.name).is_some());
    (filter, all)
}

fn id_of(item: &Map<String, Value>) -> Option<&str> {
    item.get("id").and_then(Value::as_str)
}

fn as_integer(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
