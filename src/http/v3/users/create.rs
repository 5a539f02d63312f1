//! `POST /v3/users`.

use axum::extract::State;
use hyper::StatusCode;
use serde_json::{Map, Value};

use super::{
    Today, Users,
    attributes::{default_project, extra_attributes, federated, name, password},
    options, schema,
};
use crate::{
    domain::user::UserOptions,
    http::{
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Resource,
            attributes::{body, flag, given, home_domain, normalized},
            change::on_duplicate,
        },
        schema::Wording,
        state::HttpState,
    },
    store::identity::{NewUser, create_user, set_federated_identities, user},
};

/// Makes a user. The password is hashed before the database is asked to wait for anything.
pub(in crate::http) async fn create(
    State(state): State<HttpState>,
    inbound: Inbound,
) -> Result<(StatusCode, Json), ApiError> {
    schema::CREATE.check(&body(&inbound), Wording::Brief)?;
    let caller = inbound.caller()?;
    let given = given(&inbound, Users::MEMBER)?;
    caller.may("identity:create_user").on(&state, Users::MEMBER, Some(given.clone()))?;
    let mut attributes = normalized(given);
    let domain_id = home_domain(&attributes, &caller, &state)?;
    attributes.insert("domain_id".to_owned(), domain_id.as_str().into());

    let password = password(&attributes);
    if let Some(password) = &password {
        state.passwords.check(password.as_ref())?;
    }
    let name = name(&attributes).ok_or_else(|| ApiError::expecting("name", "user"))?;
    attributes.insert("name".to_owned(), name.as_str().into());
    if state.store.domain(&domain_id.as_str().into()).await?.is_none() {
        return Err(ApiError::no_such("domain", &domain_id));
    }
    let default_project_id = default_project(&state, &attributes).await?.flatten();
    let federated = federated(&state, &attributes).await?;
    let enabled = flag(&attributes, "enabled", Some(true))?.unwrap_or(false);
    let extra = extra_attributes(&attributes)?;
    let hash = match password {
        Some(password) => Some(state.passwords.hash(password).await?),
        None => None,
    };

    let mut change = Change::begin(&state).await?;
    let now = change.moment.now;
    let new = NewUser {
        id: change.new_id().into(),
        domain_id: domain_id.into(),
        name,
        enabled,
        default_project_id,
        created_at: now,
        last_active_at: Today::of(&state).last_active_at(enabled),
        extra,
        options: options_among(&attributes),
        password: hash.map(|hash| state.passwords.by_administrator(hash, &UserOptions::default(), now)),
    };
    create_user(&mut change.transaction, &new).await.map_err(on_duplicate("user", &attributes))?;
    if let Some(federated) = &federated {
        let name = Some(new.name.as_str());
        set_federated_identities(&mut change.transaction, &new.id, name, federated)
            .await
            .map_err(on_duplicate("federated_user", &Map::new()))?;
    }
    let made = change.run(user(&new.id)).await?.ok_or_else(|| ApiError::no_such("user", new.id.as_str()))?;
    change.commit().await?;
    let mut wire = Users::wire(&Today::of(&state).shown(made));
    if federated.is_some() {
        // As the client wrote it.
        wire.insert("federated".to_owned(), attributes.remove("federated").into());
    }
    Ok((StatusCode::CREATED, Json(wrap_member::<Users>(wire, &state, &inbound))))
}

fn options_among(attributes: &Map<String, Value>) -> UserOptions {
    let mut set = UserOptions::default();
    if let Some(given) = attributes.get("options").and_then(Value::as_object) {
        options::apply(given, &mut set);
    }
    set
}
