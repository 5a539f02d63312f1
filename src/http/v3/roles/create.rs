//! `POST /v3/roles`.

use axum::extract::State;
use hyper::StatusCode;

use super::{Roles, extra_attributes, immutable_among, schema::CREATE};
use crate::{
    domain::role::Role,
    http::{
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Resource,
            attributes::{body, fits, given, normalized, text},
            change::on_duplicate,
        },
        schema::Wording,
        state::HttpState,
    },
    store::role::create_role,
};

/// Makes a role, of a domain or of none. That there is such a domain is not asked for.
pub(in crate::http) async fn create(
    State(state): State<HttpState>,
    inbound: Inbound,
) -> Result<(StatusCode, Json), ApiError> {
    CREATE.check(&body(&inbound), Wording::Brief)?;
    let caller = inbound.caller()?;
    let given = given(&inbound, Roles::MEMBER)?;
    if given.get("domain_id").is_some_and(|domain_id| domain_id.is_string()) {
        caller.may("identity:create_domain_role").on(&state, Roles::MEMBER, Some(given.clone()))?;
    } else {
        caller.may("identity:create_role").in_general(&state).await?;
    }
    let attributes = normalized(given);
    let description = text(&attributes, "description");
    if let Some(description) = &description {
        fits(description, "description", 255)?;
    }
    let mut change = Change::begin(&state).await?;
    let role = Role {
        id: change.new_id().into(),
        name: text(&attributes, "name").ok_or_else(|| ApiError::expecting("name", "role"))?,
        domain_id: text(&attributes, "domain_id").map(Into::into),
        description,
        extra: extra_attributes(&attributes)?,
        immutable: immutable_among(&attributes).flatten(),
    };
    create_role(&mut change.transaction, &role).await.map_err(on_duplicate("role", &attributes))?;
    change.commit().await?;
    Ok((StatusCode::CREATED, Json(wrap_member::<Roles>(Roles::wire(&role), &state, &inbound))))
}
