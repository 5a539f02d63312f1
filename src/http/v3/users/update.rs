//! `PATCH /v3/users/{user_id}`.

use axum::extract::{Path, State};
use serde_json::{Map, Value};

use super::{
    Shown, Today, Users,
    attributes::{default_project, extra_attributes, federated, name, password},
    member::permitted,
    options, schema,
};
use crate::{
    cascade::user::revoke_tokens_of_user,
    domain::user::{FederatedIdentity, User},
    http::{
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Resource,
            attributes::{body, flag, given, require_matching_id},
            change::on_duplicate,
        },
        schema::Wording,
        state::HttpState,
    },
    store::identity::{federated_identities, login, set_federated_identities, set_password, update_user, user},
};

/// Changes a user. A new password, and being disabled, revoke his tokens.
pub(in crate::http) async fn update(
    State(state): State<HttpState>,
    inbound: Inbound,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    schema::UPDATE.check(&body(&inbound), Wording::Brief)?;
    let caller = inbound.caller()?;
    let before = permitted(&state, &caller, "identity:update_user", &id).await?;
    let mut attributes = given(&inbound, Users::MEMBER)?;
    require_matching_id(&attributes, &id)?;
    if attributes.get("id").is_some_and(Value::is_null) {
        return Err(ApiError::invalid("Cannot change user ID"));
    }
    if attributes.get("domain_id").is_some_and(|domain_id| domain_id.as_str() != Some(before.user.domain_id.as_str())) {
        return Err(ApiError::invalid("Cannot change Domain ID"));
    }
    let password = password(&attributes);
    if let Some(password) = &password {
        state.passwords.check(password.as_ref())?;
    }
    if let Some(name) = name(&attributes) {
        attributes.insert("name".to_owned(), name.into());
    }
    let default_project_id = default_project(&state, &attributes).await?;
    let federated = federated(&state, &attributes).await?;
    let enabled = flag(&attributes, "enabled", None)?;
    let extra = extra_attributes(&attributes)?;
    let revokes = enabled == Some(false) && before.enabled || matches!(password, Some(Some(_)));
    let hash = match password {
        Some(password) => Some(state.passwords.hash(password).await?),
        None => None,
    };

    let mut change = Change::begin(&state).await?;
    let today = Today::of(&state);
    let no_such_user = || ApiError::no_such("user", &id);
    // Once more: what was seen before the transaction may have changed.
    let Shown { user: mut changed, enabled: was_enabled, .. } =
        today.shown(change.run(user(&before.user.id)).await?.ok_or_else(no_such_user)?);
    // Who has been inactive for too long is disabled from now on, unless the change says otherwise.
    changed.enabled = enabled.unwrap_or(was_enabled);
    changed.extra.extend(extra);
    if let Some(name) = attributes.get("name").and_then(Value::as_str) {
        changed.name = Some(name.to_owned());
    }
    if let Some(default_project_id) = default_project_id {
        changed.default_project_id = default_project_id;
    }
    if let Some(given) = attributes.get("options").and_then(Value::as_object) {
        options::apply(given, &mut changed.options);
    }
    write(&mut change, &changed, federated.as_deref(), &attributes).await?;
    if let Some(hash) = hash {
        replace_password(&mut change, &changed, hash).await?;
    }
    if revokes {
        let moment = change.moment;
        revoke_tokens_of_user(&mut change.transaction, &changed.id, &moment).await?;
    }
    let after = change.run(user(&changed.id)).await?.ok_or_else(no_such_user)?;
    let known = change.run(federated_identities(&changed.id)).await?;
    change.commit().await?;

    let mut extra = after.extra.clone();
    extra.retain(|name, _| !matches!(name.as_str(), "password" | "tenants"));
    let mut wire = Users::wire(&Shown { federated: known, ..today.shown(after) });
    // For old clients: the attributes without a column once more.
    wire.insert("extra".to_owned(), extra.into());
    if federated.is_some() {
        // As the client wrote it.
        wire.insert("federated".to_owned(), attributes.remove("federated").into());
    }
    Ok(Json(wrap_member::<Users>(wire, &state, &inbound)))
}

/// Writes everything but the password.
async fn write(
    change: &mut Change<'_>,
    changed: &User,
    federated: Option<&[FederatedIdentity]>,
    attributes: &Map<String, Value>,
) -> Result<(), ApiError> {
    let id = &changed.id;
    if federated.is_some() {
        // Before the name is written, which would go to an identity provider's name for the user.
        set_federated_identities(&mut change.transaction, id, None, &[]).await?;
    }
    let last_active_at = Today::of(change.state).last_active_at(changed.enabled);
    let found = update_user(&mut change.transaction, changed, last_active_at)
        .await
        .map_err(on_duplicate("user", attributes))?;
    if !found {
        return Err(ApiError::no_such("user", id.as_str()));
    }
    if let Some(federated) = federated {
        set_federated_identities(&mut change.transaction, id, changed.name.as_deref(), federated)
            .await
            .map_err(on_duplicate("federated_user", &Map::new()))?;
    }
    Ok(())
}

/// Gives the user the password that an administrator chose.
async fn replace_password(change: &mut Change<'_>, user: &User, hash: Option<String>) -> Result<(), ApiError> {
    let passwords = &change.state.passwords;
    let password = passwords.by_administrator(hash, &user.options, change.moment.now);
    let kept = passwords.kept();
    // Keystone crashes here.
    let (_, Some(local)) =
        change.run(login(&user.id)).await?.ok_or_else(|| ApiError::no_such("user", user.id.as_str()))?
    else {
        return Err(ApiError::invalid("A user whom only identity providers know cannot have a password."));
    };
    Ok(set_password(&mut change.transaction, local.local_user_id, &password, kept).await?)
}
