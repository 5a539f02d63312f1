//! Changing a project, or one that acts as a domain (`keystone/resource/core.py`, `_update_project`).

use serde_json::{Map, Value};

use super::rules::{extra_attributes, immutable_among, is_true, on_duplicate, reserve_name, tags_among, url_safe_name};
use crate::{
    domain::{python, resource::Project},
    http::{
        error::ApiError,
        resource::{Change, attributes::flag},
    },
    store::resource::{has_enabled_below, lineage, update_project},
};

/// Changes the attributes that the client gave. They passed the schema, which knows only some of them.
///
/// # Errors
///
/// Where it cannot be changed so.
pub(in crate::http::v3) async fn change(
    change: &mut Change<'_>,
    mut project: Project,
    attributes: &Map<String, Value>,
) -> Result<Project, ApiError> {
    let owner = project.domain_id.as_ref().map(|id| id.as_str());
    if attributes.get("domain_id").is_some_and(|given| *given != Value::from(owner)) {
        return Err(ApiError::invalid("Cannot change Domain ID"));
    }
    refuse_if_immutable(&project, attributes)?;
    let settings = &change.state.settings.resource;
    if project.is_domain {
        reserve_name(settings, &project.name)?;
    }
    let (entity, url_safe) = match project.is_domain {
        true => ("Domain", settings.url_safe_domain_names),
        false => ("Project", settings.url_safe_project_names),
    };
    let name = attributes.get("name").and_then(Value::as_str).filter(|name| *name != project.name);
    if let (Some(name), true) = (name, url_safe) {
        url_safe_name(entity, name)?;
    }
    let parent = project.parent_id.as_ref().map(|id| id.as_str());
    if attributes.get("parent_id").is_some_and(|given| *given != Value::from(parent)) {
        return Err(ApiError::Refused { message: "Update of `parent_id` is not allowed.".to_owned() });
    }
    if attributes.get("is_domain").is_some_and(|given| !equals(given, project.is_domain)) {
        return Err(ApiError::invalid("Update of `is_domain` is not allowed."));
    }
    check_enabling(change, &project, attributes.get("enabled").is_none_or(is_true)).await?;

    if let Some(name) = name {
        project.name = python::strip(name).to_owned();
    }
    if let Some(description) = attributes.get("description") {
        project.description = description.as_str().map(str::to_owned);
    }
    project.enabled = flag(attributes, "enabled", project.enabled)?;
    if let Some(immutable) = immutable_among(attributes) {
        project.immutable = immutable;
    }
    if let Some(tags) = tags_among(attributes) {
        project.tags = tags;
    }
    project.extra.extend(extra_attributes(attributes)?);
    match update_project(&mut change.transaction, &project).await.map_err(on_duplicate(&project))? {
        true => Ok(project),
        false => Err(ApiError::no_such("project", project.id.as_str())),
    }
}

/// Of an immutable one nothing can be changed but that, and only by itself.
fn refuse_if_immutable(project: &Project, attributes: &Map<String, Value>) -> Result<(), ApiError> {
    if project.immutable != Some(true) {
        return Ok(());
    }
    let becomes_mutable = immutable_among(attributes).is_some_and(|immutable| immutable != Some(true));
    // What makes a project a domain may be repeated.
    let implied = |name: &String| project.is_domain && ["is_domain", "domain_id", "parent_id"].contains(&name.as_str());
    if becomes_mutable && attributes.keys().filter(|name| !implied(name)).count() == 1 {
        return Ok(());
    }
    let kind = if project.is_domain { "domain" } else { "project" };
    Err(ApiError::Refused {
        message: format!(
            "Unable to update immutable {kind} resource: `{}. Set resource option \"immutable\" to false first.",
            project.id
        ),
    })
}

/// What is enabled has nothing disabled above it. What is disabled has nothing enabled below it, domains aside. Keystone
/// takes every change of a disabled project that does not say otherwise for one that enables it.
async fn check_enabling(change: &mut Change<'_>, project: &Project, enabled: bool) -> Result<(), ApiError> {
    match (project.is_enabled(), enabled) {
        (false, true) => {
            let above = change.run(lineage(&project.id)).await?;
            let parents = above.map(|above| above.parents).unwrap_or_default();
            if parents.iter().all(Project::is_enabled) {
                return Ok(());
            }
            let message = format!("Cannot enable project {} since it has disabled parents", project.id);
            Err(ApiError::Refused { message })
        }
        (true, false) if !project.is_domain && change.run(has_enabled_below(&project.id)).await? => {
            let message = format!("Cannot disable project {} since its subtree contains enabled projects.", project.id);
            Err(ApiError::Refused { message })
        }
        _ => Ok(()),
    }
}

/// Python's comparison with a truth value: 1 is true.
fn equals(given: &Value, flag: bool) -> bool {
    match given {
        Value::Bool(given) => *given == flag,
        Value::Number(given) => given.as_f64() == Some(f64::from(u8::from(flag))),
        _ => false,
    }
}
