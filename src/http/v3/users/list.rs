//! `GET /v3/users`.

use axum::extract::State;
use serde_json::{Map, Value};

use super::{Shown, Today, Users, password_expiry, schema::LIST_QUERY};
use crate::{
    domain::{ids::UserId, user::User},
    http::{
        caller::Caller,
        collection::Page,
        error::ApiError,
        hints::{Filter, Hints, as_boolean},
        inbound::Inbound,
        json::Json,
        paging,
        resource::Resource,
        schema::query,
        state::HttpState,
    },
    store::{
        Query,
        identity::{FederatedFilter, PasswordExpiry, UserFilter, users},
    },
};

/// What a user can be looked up by among those whom identity providers know.
const FEDERATED: &[&str] = &["idp_id", "protocol_id", "unique_id"];

/// Lists users; with a domain token, those of the domain.
pub(in crate::http) async fn list(State(state): State<HttpState>, inbound: Inbound) -> Result<Json, ApiError> {
    query::check(&LIST_QUERY, inbound.query.pairs())?;
    let caller = inbound.caller()?;
    authorize(&state, &caller).await?;

    let mut hints = paging::hints(&state, &inbound, Users::FILTERS)?;
    let domain_id = caller.context().and_then(|context| context.domain_id()).cloned();
    if let Some(domain_id) = &domain_id
        && hints.exact("domain_id").is_none()
    {
        hints.filters.push(Filter::equals("domain_id", domain_id.as_str()));
    }
    let is_bare = hints.filters.is_empty();
    let expiry = password_expiry(&mut hints)?;
    let today = Today::of(&state);

    // Keystone goes by the first filter that is a name, which may be an identity provider's name for a user too, or
    // something that only identity providers know.
    let decisive =
        hints.filters.iter().find(|filter| filter.name == "name" || FEDERATED.contains(&filter.name.as_str()));
    let mut page = match decisive {
        Some(filter) if filter.name != "name" => known_to_providers(&state, &mut hints, today).await?,
        Some(_) => {
            let mut sought = hints.clone();
            let mut page = local(&state, &hints, is_bare, expiry, today).await?;
            page.items.extend(known_to_providers(&state, &mut sought, today).await?.items);
            page
        }
        None => local(&state, &hints, is_bare, expiry, today).await?,
    };
    if let Some(domain_id) = &domain_id {
        page.items.retain(|item| item.get("domain_id").and_then(Value::as_str) == Some(domain_id.as_str()));
    }
    let page = paging::finished::<Users>(page, &hints)?;
    Ok(Json(page.wrap::<Users>(&state, &inbound, Some(&hints))))
}

async fn authorize(state: &HttpState, caller: &Caller) -> Result<(), ApiError> {
    let question = caller.may("identity:list_users").filters(Users::FILTERS);
    match caller.context().and_then(|context| context.domain_id()) {
        Some(id) => question.on_target(state, Map::from_iter([("domain_id".to_owned(), id.as_str().into())])),
        None => question.in_general(state).await.map(drop),
    }
}

/// A page of all users, by their local names.
async fn local(
    state: &HttpState,
    hints: &Hints,
    is_bare: bool,
    password_expiry: Vec<PasswordExpiry>,
    today: Today,
) -> Result<Page, ApiError> {
    if let Some(marker) = &hints.marker
        && state.store.user(&marker.as_str().into()).await?.is_none()
    {
        return Err(ApiError::not_found(format!("Marker {marker} could not be found.")));
    }
    let filter = UserFilter {
        domain_id: hints.exact("domain_id").map(Into::into),
        name: hints.exact("name").map(str::to_owned),
        is_local: hints.filters.iter().any(|filter| filter.name == "name" && filter.is_for_database(Users::COLUMNS)),
        enabled: hints.exact("enabled").map(as_boolean),
        password_expiry,
        ..UserFilter::default()
    };
    paging::page::<Users>(state, hints, is_bare, |window| {
        let marker = window.marker.map(UserId::from);
        shown(&UserFilter { marker, limit: window.limit, ..filter }, today)
    })
    .await
}

/// The users whom identity providers know as the filters say, cut to the size of a page. What this has looked at is taken
/// out of the filters.
async fn known_to_providers(state: &HttpState, hints: &mut Hints, today: Today) -> Result<Page, ApiError> {
    let mut known = FederatedFilter::default();
    let mut contradicts = false;
    let mut has_name = false;
    hints.filters.retain(|filter| {
        let field = match filter.name.as_str() {
            "idp_id" => &mut known.idp_id,
            "protocol_id" => &mut known.protocol_id,
            "unique_id" => &mut known.unique_id,
            "name" if !has_name => {
                has_name = true;
                &mut known.display_name
            }
            _ => return true,
        };
        contradicts |= field.as_ref().is_some_and(|known| *known != filter.value);
        *field = Some(filter.value.clone());
        false
    });
    if contradicts {
        return Ok(Page::default());
    }
    let filter = UserFilter {
        federated: Some(known),
        domain_id: hints.exact("domain_id").map(Into::into),
        ..UserFilter::default()
    };
    let found = state.store.run(shown(&filter, today)).await?;
    let mut sought = hints.clone();
    sought.filters.retain(|filter| filter.is_for_database(Users::COLUMNS));
    Page::of::<Users>(&found).narrowed(&sought, Users::COLUMNS)
}

fn shown(filter: &UserFilter, today: Today) -> Query<Vec<Shown>> {
    users(filter).map(move |found: Vec<User>| found.into_iter().map(|user| today.shown(user)).collect())
}
