//! `GET /v3/role_assignments`.

use std::collections::{BTreeSet, HashMap};

use axum::extract::State;
use serde_json::{Map, Value, json};

use super::{
    names::Names,
    schema::LIST_QUERY,
    wanted::{FILTERS, TREE_FILTERS, Wanted},
    wire,
};
use crate::{
    assignment::{
        expansion::{Entry, Scope},
        listing::{ListFilter, ScopeFilter},
    },
    domain::{
        assignment::Actor,
        ids::{DomainId, ProjectId},
    },
    http::{
        caller::Caller,
        collection::own_url,
        error::ApiError,
        inbound::{Facts, Inbound},
        json::Json,
        resource::Resource as _,
        schema::query,
        state::HttpState,
        v3::projects::Projects,
    },
    store::assignment::project_names,
};

/// Lists role assignments; with a domain token, those on the domain and its projects. With `include_subtree`, those of a
/// tree of projects, for which there is a rule of its own.
pub(in crate::http) async fn list(State(state): State<HttpState>, inbound: Inbound) -> Result<Json, ApiError> {
    query::check(&LIST_QUERY, inbound.query.pairs())?;
    let caller = inbound.caller()?;
    let of_tree = inbound.query.is_switched_on("include_subtree");
    let domain_id = caller.context().and_then(|context| context.domain_id()).filter(|_| !of_tree);
    if of_tree {
        authorize_tree(&state, &inbound, &caller).await?;
    } else {
        authorize(&state, &caller, domain_id).await?;
    }
    let Wanted { effective, filter } = Wanted::of(&inbound.query)?;
    if effective {
        require_what_is_expanded(&state, &filter).await?;
        let found = state.roles.list_effective(filter, state.clock.now()).await?;
        answer(&state, &inbound, found.entries(), domain_id).await
    } else {
        let found = state.roles.list_direct(&filter).await?;
        answer(&state, &inbound, found.iter().map(Entry::direct).collect(), domain_id).await
    }
}

async fn authorize(state: &HttpState, caller: &Caller, domain_id: Option<&DomainId>) -> Result<(), ApiError> {
    let question = caller.may("identity:list_role_assignments").filters(FILTERS);
    match domain_id {
        Some(id) => question.on_target(state, Map::from_iter([("domain_id".to_owned(), id.as_str().into())])),
        None => question.in_general(state).await.map(drop),
    }
}

/// The schema has seen to it that there is a project.
async fn authorize_tree(state: &HttpState, inbound: &Facts, caller: &Caller) -> Result<(), ApiError> {
    let id = inbound.query.get("scope.project.id").unwrap_or_default();
    let project = state.store.project(&id.into()).await?.ok_or_else(|| ApiError::no_such("project", id))?;
    let domain_id = project.domain_id.as_ref().map(DomainId::as_str);
    let target = Map::from_iter([
        ("project".to_owned(), Projects::wire(&project).into()),
        ("domain_id".to_owned(), domain_id.into()),
    ]);
    caller.may("identity:list_role_assignments_for_tree").filters(TREE_FILTERS).on_target(state, target)
}

/// An effective list looks at what is above a project and at the groups of a user, and Keystone misses those that do not
/// exist; where it need not look, and in other lists, these have no assignments.
async fn require_what_is_expanded(state: &HttpState, filter: &ListFilter) -> Result<(), ApiError> {
    if let Some(ScopeFilter::Project(id)) = &filter.scope
        && filter.inherited != Some(false)
        && state.store.project(id).await?.is_none()
    {
        return Err(ApiError::no_such("project", id.as_str()));
    }
    if let Some(Actor::User(id)) = &filter.actor
        && state.store.user(id).await?.is_none()
    {
        return Err(ApiError::no_such("user", id.as_str()));
    }
    Ok(())
}

async fn answer(
    state: &HttpState,
    inbound: &Facts,
    mut entries: Vec<Entry<'_>>,
    domain_id: Option<&DomainId>,
) -> Result<Json, ApiError> {
    let with_names = inbound.query.is_switched_on("include_names");
    let names = if with_names { Some(Names::of(&entries, state).await?) } else { None };
    if let Some(domain_id) = domain_id {
        keep_those_of(domain_id, &mut entries, state).await?;
    }
    let root = state.url(inbound, "");
    let shown = entries.iter().map(|entry| wire::entry(entry, &root, names.as_ref())).collect::<Result<Value, _>>()?;
    Ok(Json(json!({
        "role_assignments": shown,
        "links": { "next": null, "self": own_url(state, inbound), "previous": null },
    })))
}

/// Leaves what is on the domain itself or on one of its projects.
async fn keep_those_of(domain_id: &DomainId, entries: &mut Vec<Entry<'_>>, state: &HttpState) -> Result<(), ApiError> {
    let projects: BTreeSet<&ProjectId> = entries
        .iter()
        .filter_map(|entry| match entry.scope {
            Scope::Project(id) => Some(id),
            Scope::Domain(_) | Scope::System => None,
        })
        .collect();
    let projects: Vec<ProjectId> = projects.into_iter().cloned().collect();
    let domains: HashMap<ProjectId, Option<DomainId>> =
        state.store.run(project_names(&projects)).await?.into_iter().map(|one| (one.id, one.domain_id)).collect();
    if let Some(missing) = projects.iter().find(|id| !domains.contains_key(*id)) {
        return Err(ApiError::no_such("project", missing.as_str()));
    }
    entries.retain(|entry| match entry.scope {
        Scope::Project(id) => domains.get(id).is_some_and(|owner| owner.as_ref() == Some(domain_id)),
        Scope::Domain(id) => id == domain_id,
        Scope::System => false,
    });
    Ok(())
}
