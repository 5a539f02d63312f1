//! `/v3/projects/{project_id}/tags`, and each tag below it.

use axum::extract::{Path, State};
use hyper::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION},
};
use serde_json::{Map, Value, json};

use super::{change, permitted, schema};
use crate::{
    domain::{python, resource::Project},
    http::{
        caller::Caller,
        error::ApiError,
        inbound::{Facts, Inbound},
        json::Json,
        pages,
        resource::{Change, attributes::body},
        schema::Wording,
        state::HttpState,
    },
    store::resource::project,
};

/// Lists the tags of a project.
pub(in crate::http) async fn list_tags(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let project = permitted(&state, &caller, "identity:list_project_tags", &id).await?;
    Ok(wrapped(&project.tags, &state, &inbound))
}

/// Gives a project these tags instead of those that it has.
pub(in crate::http) async fn replace_tags(
    State(state): State<HttpState>,
    inbound: Inbound,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    schema::PUT_TAGS.check(&body(&inbound), Wording::Brief)?;
    let caller = inbound.caller()?;
    permitted(&state, &caller, "identity:update_project_tags", &id).await?;
    let tags = body(&inbound).get("tags").cloned().unwrap_or_else(|| json!({}));
    schema::TAGS.check(&tags, Wording::Full)?;
    let tags = tags.as_array().into_iter().flatten().filter_map(Value::as_str);
    let tags: Vec<String> = tags.map(|tag| python::strip(tag).to_owned()).collect();
    let given = Map::from_iter([("tags".to_owned(), json!(tags))]);
    edit(&state, &id, "update", |_| Ok(given)).await?;
    Ok(wrapped(&tags, &state, &inbound))
}

/// Takes all its tags from a project.
pub(in crate::http) async fn delete_tags(
    State(state): State<HttpState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    permitted(&state, &caller, "identity:delete_project_tags", &id).await?;
    edit(&state, &id, "update", |_| Ok(Map::from_iter([("tags".to_owned(), json!([]))]))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says whether a project has this tag.
pub(in crate::http) async fn check_tag(
    State(state): State<HttpState>,
    caller: Caller,
    Path((id, tag)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let project = permitted_with_tag(&state, &caller, "identity:get_project_tag", &id, &tag).await?;
    if project.tags.contains(&tag) { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::no_such("project tag", &tag)) }
}

/// Gives a project one tag more.
pub(in crate::http) async fn add_tag(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path((id, tag)): Path<(String, String)>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 2]), ApiError> {
    let project = permitted_with_tag(&state, &caller, "identity:create_project_tag", &id, &tag).await?;
    schema::TAG.check(&json!(tag), Wording::Full)?;
    let tags: Vec<&String> = project.tags.iter().chain([&tag]).collect();
    schema::TAGS.check(&json!(tags), Wording::Full)?;
    edit(&state, &id, "create", |project| {
        let mut tags = project.tags.clone();
        tags.push(python::strip(&tag).to_owned());
        Ok(Map::from_iter([("tags".to_owned(), json!(tags))]))
    })
    .await?;
    let url = state.url(&inbound, &pages::escaped_path(&format!("{id}/tags/{tag}")));
    let url = HeaderValue::try_from(url).map_err(|error| ApiError::unexpected("writing a tag's URL", error))?;
    // An empty page.
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    Ok((StatusCode::CREATED, [(LOCATION, url), (CONTENT_TYPE, html)]))
}

/// Takes one tag from a project.
pub(in crate::http) async fn delete_tag(
    State(state): State<HttpState>,
    caller: Caller,
    Path((id, tag)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    permitted_with_tag(&state, &caller, "identity:delete_project_tag", &id, &tag).await?;
    edit(&state, &id, "delete", |project| {
        if !project.tags.contains(&tag) {
            return Err(ApiError::no_such("project tag", &tag));
        }
        let tags: Vec<&String> = project.tags.iter().filter(|known| **known != tag).collect();
        // Keystone repeats the whole project here, and so does not take the change for one that enables it.
        Ok(Map::from_iter([("tags".to_owned(), json!(tags)), ("enabled".to_owned(), json!(project.is_enabled()))]))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn permitted_with_tag(
    state: &HttpState,
    caller: &Caller,
    action: &'static str,
    id: &str,
    tag: &str,
) -> Result<Project, ApiError> {
    let project = state.store.project(&id.into()).await?;
    let question = caller.may(action).path("project_id", id).path("value", tag);
    question.on(state, "project", project.as_ref().map(<super::Projects as crate::http::resource::Resource>::wire))?;
    project.ok_or_else(|| ApiError::no_such("project", id))
}

/// Changes the tags of a project that is not immutable. `verb` says what would be done to them.
async fn edit(
    state: &HttpState,
    id: &str,
    verb: &str,
    attributes: impl FnOnce(&Project) -> Result<Map<String, Value>, ApiError>,
) -> Result<(), ApiError> {
    let mut changing = Change::begin(state).await?;
    let found = changing.run(project(&id.into())).await?.ok_or_else(|| ApiError::no_such("project", id))?;
    if found.immutable == Some(true) {
        return Err(ApiError::Refused {
            message: format!(
                "Cannot {verb} project tags for {id}, project is immutable. Set \"immutable\" option to false before \
                 creating project tags."
            ),
        });
    }
    let attributes = attributes(&found)?;
    change(&mut changing, found, &attributes).await?;
    Ok(changing.commit().await?)
}

/// Tags have no ids: the link is the root of all links, with the query string of the request.
fn wrapped(tags: &[String], state: &HttpState, inbound: &Facts) -> Json {
    let mut url = state.url(inbound, "");
    if !inbound.query.raw().is_empty() {
        url.push('?');
        url.push_str(inbound.query.raw());
    }
    Json(json!({ "links": { "self": url }, "tags": tags }))
}
