//! `GET /v3/limits`.

use std::collections::HashSet;

use axum::extract::State;
use serde_json::{Map, Value};

use super::{Limits, schema::LIST_QUERY};
use crate::{
    domain::ids::ProjectId,
    http::{
        caller::Caller,
        collection::Page,
        error::ApiError,
        hints::Filter,
        inbound::Inbound,
        json::Json,
        resource::{Readable, Resource, list_hints},
        schema::query,
        state::HttpState,
    },
    store::resource::project_ids_of_domains,
    token::context::{ScopeTarget, TokenContext},
};

/// Lists limits: for admins, services and whoever has a role on the system all of them, with a domain's token those of the domain
/// and its projects, with a project's token the project's own.
pub(super) async fn list(State(state): State<HttpState>, inbound: Inbound) -> Result<Json, ApiError> {
    query::check(&LIST_QUERY, inbound.query.pairs())?;
    let caller = inbound.caller()?;
    caller.may(Limits::LIST).filters(Limits::FILTERS).in_general(&state).await?;
    let mut hints = list_hints(&state, &inbound, Limits::FILTERS, None)?;
    let sees = Sees::of(&caller);
    if let Sees::OfProject(id) = &sees {
        hints.filters.push(Filter::equals("project_id", id));
    }
    let page = match sees {
        Sees::Nothing => Page::default(),
        _ => {
            let found = state.store.run(Limits::matching(&hints)).await?;
            Page::of::<Limits>(&found).narrowed(&hints, Limits::COLUMNS)?
        }
    };
    // The domain's own are picked out of a page that was cut before.
    let page = match sees {
        Sees::OfDomain(id) => of_domain(&state, page, &id).await?,
        _ => page,
    };
    Ok(Json(page.wrap::<Limits>(&state, &inbound, Some(&hints))))
}

/// What a caller gets to see.
enum Sees {
    All,
    OfDomain(String),
    OfProject(String),
    Nothing,
}

impl Sees {
    fn of(caller: &Caller) -> Self {
        let Some(context) = caller.context() else { return Self::Nothing };
        let has = |role: &str| context.roles.iter().any(|known| known.name == role);
        match &context.scope {
            _ if is_of_system(context) || has("admin") || has("service") => Self::All,
            ScopeTarget::Domain(domain) => Self::OfDomain(domain.id.as_str().to_owned()),
            ScopeTarget::Project { project, .. } => Self::OfProject(project.id.as_str().to_owned()),
            ScopeTarget::System | ScopeTarget::Unscoped => Self::Nothing,
        }
    }
}

fn is_of_system(context: &TokenContext) -> bool {
    matches!(context.scope, ScopeTarget::System)
}

async fn of_domain(state: &HttpState, mut page: Page, domain_id: &str) -> Result<Page, ApiError> {
    let projects: HashSet<ProjectId> =
        state.store.run(project_ids_of_domains(&[domain_id.into()])).await?.into_iter().collect();
    let id = |item: &Map<String, Value>, name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    page.items.retain(|item| match id(item, "project_id") {
        Some(project_id) => projects.contains(&ProjectId::from(project_id)),
        None => id(item, "domain_id").as_deref() == Some(domain_id),
    });
    Ok(page)
}
