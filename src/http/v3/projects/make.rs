//! Making a project, or one that acts as a domain (`keystone/resource/core.py`, `create_project`).

use serde_json::{Map, Value};

use super::rules::{extra_attributes, immutable_among, is_true, on_duplicate, reserve_name, tags_among, url_safe_name};
use crate::{
    domain::{
        ids::{DomainId, ProjectId},
        python,
        resource::Project,
    },
    http::{
        error::ApiError,
        resource::{
            Change,
            attributes::{flag, text},
        },
    },
    store::{
        ConstraintKind, StoreError,
        resource::{self, lineage},
    },
};

/// Makes one of attributes that passed the schema.
///
/// # Errors
///
/// Where it cannot be made so.
pub(in crate::http::v3) async fn make(
    change: &mut Change<'_>,
    id: ProjectId,
    attributes: &Map<String, Value>,
) -> Result<Project, ApiError> {
    let settings = &change.state.settings.resource;
    let name = text(attributes, "name").ok_or_else(|| ApiError::expecting("name", "project"))?;
    if settings.url_safe_project_names {
        url_safe_name("Project", &name)?;
    }
    let given = |name: &str| text(attributes, name).filter(|id| !id.is_empty());
    let domain_id = given("domain_id");
    let parent_id = given("parent_id").or_else(|| domain_id.clone());
    let is_domain = attributes.get("is_domain").is_some_and(is_true);
    if is_domain {
        reserve_name(settings, python::strip(&name))?;
        if parent_id.is_some() {
            return Err(ApiError::invalid("only root projects are allowed to act as domains."));
        }
    } else {
        check_place(change, domain_id.as_deref().unwrap_or_default(), parent_id.as_deref().unwrap_or_default()).await?;
    }
    let project = Project {
        id,
        name: python::strip(&name).to_owned(),
        domain_id: domain_id.map(DomainId::from),
        parent_id: parent_id.map(ProjectId::from),
        is_domain: flag(attributes, "is_domain", Some(false))?.unwrap_or(false),
        enabled: flag(attributes, "enabled", Some(true))?,
        description: match attributes.get("description") {
            None => Some(String::new()),
            Some(description) => description.as_str().map(str::to_owned),
        },
        tags: tags_among(attributes).unwrap_or_default(),
        extra: extra_attributes(attributes)?,
        immutable: immutable_among(attributes).flatten(),
    };
    resource::create_project(&mut change.transaction, &project).await.map_err(|error| match &error {
        // Whoever deleted the parent was faster.
        StoreError::Conflict { kind: ConstraintKind::ForeignKey, .. } => {
            let parent = project.parent_id.as_ref().map_or("", ProjectId::as_str);
            ApiError::invalid(format!("Could not find project: {parent}."))
        }
        _ => on_duplicate(&project)(error),
    })?;
    Ok(project)
}

/// A project goes below one of the same domain, in a branch that is enabled and not too deep.
async fn check_place(change: &mut Change<'_>, domain_id: &str, parent_id: &str) -> Result<(), ApiError> {
    if change.run(resource::domain(&domain_id.into())).await?.is_none() {
        return Err(ApiError::invalid(format!("Could not find domain: {domain_id}.")));
    }
    let Some(above) = change.run(lineage(&parent_id.into())).await? else {
        return Err(ApiError::invalid(format!("Could not find project: {parent_id}.")));
    };
    let parent = &above.project;
    if parent.is_domain && parent.id.as_str() != domain_id {
        return Err(ApiError::invalid(format!(
            "Cannot create project, the parent ({parent_id}) is acting as a domain, but this project's domain id \
             ({domain_id}) does not match the parent's id."
        )));
    }
    if !parent.is_domain && parent.domain_id.as_ref().map(DomainId::as_str) != Some(domain_id) {
        let of_parent = parent.domain_id.as_ref().map_or("None", DomainId::as_str);
        return Err(ApiError::invalid(format!(
            "Cannot create project, since it specifies its domain_id {domain_id}, but specifies a parent in a different \
             domain ({of_parent})."
        )));
    }
    if let Some(disabled) = above.parents.iter().chain([&**parent]).find(|project| !project.is_enabled()) {
        return Err(ApiError::invalid(format!(
            "cannot create a project in a branch containing a disabled project: {}",
            disabled.id
        )));
    }
    // The domain is a level of its own.
    let depth = above.parents.len() as u64 + 2;
    if depth > change.state.settings.resource.max_tree_depth.saturating_add(1) {
        return Err(ApiError::Refused { message: format!("Max hierarchy depth reached for {parent_id} branch.") });
    }
    Ok(())
}
