//! `POST /v3/limits`: several at a time, all of them or none.

use axum::extract::State;
use hyper::StatusCode;
use serde_json::{Map, Value};

use super::{Limits, schema::CREATE, strict_two_level};
use crate::{
    domain::limit::Limit,
    http::{
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Resource,
            attributes::{body, text},
        },
        schema::Wording,
        settings::LimitModel,
        state::HttpState,
        v3::registered_limits::{amount, given_list, hold_services, require_service_and_region, wrap},
    },
    store::{
        limit::{create_limit, has_limit, registered_limit_of, resource_of_limit},
        resource::{domain, project},
    },
};

/// Makes limits. Each must be about a resource that has a registered limit.
pub(super) async fn create(State(state): State<HttpState>, inbound: Inbound) -> Result<(StatusCode, Json), ApiError> {
    CREATE.check(&body(&inbound), Wording::Brief)?;
    inbound.caller()?.may("identity:create_limits").in_general(&state).await?;
    let mut change = Change::begin(&state).await?;
    let given: Vec<Map<String, Value>> = given_list(&inbound, Limits::COLLECTION).collect();
    let mut limits: Vec<Limit> = given.iter().map(|attributes| read(&change, attributes)).collect();
    hold_services(&mut change, limits.iter().filter_map(|limit| limit.service_id.as_deref())).await?;
    for limit in &mut limits {
        let (service_id, region_id) = (limit.service_id.as_deref(), limit.region_id.as_deref());
        require_service_and_region(&mut change, service_id, region_id, Limits::MEMBER).await?;
        require_owner(&mut change, limit).await?;
    }
    if state.settings.limit_model == LimitModel::StrictTwoLevel {
        strict_two_level::check(&mut change, &limits).await?;
    }
    for (limit, given) in limits.iter().zip(&given) {
        // Keystone crashes on a project of null; on a domain of null it makes a limit for nobody.
        if limit.project_id.is_none() && limit.domain_id.is_none() && !given.contains_key("domain_id") {
            return Err(ApiError::expecting("project_id", Limits::MEMBER));
        }
        store(&mut change, limit).await?;
    }
    change.commit().await?;
    Ok((StatusCode::CREATED, wrap::<Limits>(&limits, &given, "resource_limit", &state, &inbound)))
}

fn read(change: &Change<'_>, attributes: &Map<String, Value>) -> Limit {
    Limit {
        id: change.new_id(),
        project_id: text(attributes, "project_id").map(Into::into),
        domain_id: text(attributes, "domain_id").map(Into::into),
        service_id: text(attributes, "service_id"),
        region_id: text(attributes, "region_id"),
        resource_name: text(attributes, "resource_name"),
        resource_limit: amount(attributes, "resource_limit").unwrap_or_default(),
        description: text(attributes, "description"),
    }
}

/// Whom the limit is for must exist. A project that acts as a domain counts as that domain.
async fn require_owner(change: &mut Change<'_>, limit: &mut Limit) -> Result<(), ApiError> {
    if let Some(id) = &limit.project_id {
        let Some(project) = change.run(project(id)).await? else {
            return Err(ApiError::expecting("project_id", Limits::MEMBER));
        };
        if project.is_domain {
            limit.domain_id = limit.project_id.take().map(|id| id.as_str().into());
        }
    }
    if let Some(id) = &limit.domain_id
        && change.run(domain(id)).await?.is_none()
    {
        return Err(ApiError::expecting("domain_id", Limits::MEMBER));
    }
    Ok(())
}

async fn store(change: &mut Change<'_>, limit: &Limit) -> Result<(), ApiError> {
    let registered = match resource_of_limit(limit) {
        Some(resource) => change.run(registered_limit_of(resource)).await?,
        None => None,
    };
    let Some(registered) = registered else {
        return Err(ApiError::Refused {
            message: "Unable to create a limit that has no corresponding registered limit.".to_owned(),
        });
    };
    let owner = (limit.project_id.as_ref(), limit.domain_id.as_ref());
    if change.run(has_limit(&registered.id, owner.0, owner.1)).await? {
        return Err(ApiError::Conflict { kind: Limits::MEMBER.to_owned(), details: "Duplicate entry".to_owned() });
    }
    Ok(create_limit(&mut change.transaction, limit, &registered.id).await?)
}
