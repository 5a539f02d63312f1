//! `POST /v3/groups`.

use axum::extract::State;
use hyper::StatusCode;

use super::{Groups, extra_attributes, name, schema::CREATE};
use crate::{
    domain::group::Group,
    http::{
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Resource,
            attributes::{body, given, home_domain, normalized},
            change::on_duplicate,
        },
        schema::Wording,
        state::HttpState,
    },
    store::{identity::create_group, resource::domain},
};

/// Makes a group.
pub(in crate::http) async fn create(
    State(state): State<HttpState>,
    inbound: Inbound,
) -> Result<(StatusCode, Json), ApiError> {
    CREATE.check(&body(&inbound), Wording::Brief)?;
    let caller = inbound.caller()?;
    let given = given(&inbound, Groups::MEMBER)?;
    caller.may("identity:create_group").on(&state, Groups::MEMBER, Some(given.clone()))?;
    let mut attributes = normalized(given);
    let domain_id = home_domain(&attributes, &caller, &state)?;
    attributes.insert("domain_id".to_owned(), domain_id.as_str().into());

    let mut change = Change::begin(&state).await?;
    if change.run(domain(&domain_id.as_str().into())).await?.is_none() {
        return Err(ApiError::no_such("domain", &domain_id));
    }
    let name = name(&attributes)?.ok_or_else(|| ApiError::expecting("name", "group"))?;
    attributes.insert("name".to_owned(), name.as_str().into());
    let group = Group {
        id: change.new_id().into(),
        domain_id: domain_id.into(),
        name,
        description: match attributes.get("description") {
            None => Some(String::new()),
            Some(description) => description.as_str().map(str::to_owned),
        },
        extra: extra_attributes(&attributes)?,
    };
    create_group(&mut change.transaction, &group).await.map_err(on_duplicate("group", &attributes))?;
    change.commit().await?;
    Ok((StatusCode::CREATED, Json(wrap_member::<Groups>(Groups::wire(&group), &state, &inbound))))
}
