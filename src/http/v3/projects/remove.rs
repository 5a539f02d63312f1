//! Deleting a project, or one that acts as a domain (`keystone/resource/core.py`, `delete_project`).

use crate::{
    cascade,
    domain::resource::Project,
    http::{error::ApiError, resource::Change},
    store::{
        ConstraintKind, StoreError,
        resource::{has_children, immutable_project_of},
    },
};

/// Deletes a project that has none below it, or a disabled domain with all that is in it.
///
/// # Errors
///
/// It, or a project of the domain, is immutable; or it is neither a leaf nor a disabled domain.
pub(in crate::http::v3) async fn remove(change: &mut Change<'_>, project: &Project) -> Result<(), ApiError> {
    let refused = |message: String| Err(ApiError::Refused { message });
    let immutable = |kind: &str, id: &dyn std::fmt::Display| {
        format!("Unable to delete immutable {kind} resource: `{id}. Set resource option \"immutable\" to false first.")
    };
    if project.immutable == Some(true) {
        return refused(immutable(if project.is_domain { "domain" } else { "project" }, &project.id));
    }
    if project.is_domain {
        if project.is_enabled() {
            return refused("Cannot delete a domain that is enabled, please disable it first.".to_owned());
        }
        let domain_id = project.id.as_domain();
        if let Some(id) = change.run(immutable_project_of(&domain_id)).await? {
            return refused(immutable("project", &id));
        }
        let moment = change.moment;
        return Ok(cascade::domain::delete_domain(&mut change.transaction, &domain_id, &moment).await?);
    }
    let not_a_leaf = format!(
        "Cannot delete the project {} since it is not a leaf in the hierarchy. Use the cascade option if you want to \
         delete a whole subtree.",
        project.id
    );
    if change.run(has_children(&project.id)).await? {
        return refused(not_a_leaf);
    }
    let moment = change.moment;
    match cascade::project::delete_project(&mut change.transaction, &project.id, &moment).await {
        // A child was made in the meantime.
        Err(StoreError::Conflict { kind: ConstraintKind::ForeignKey, .. }) => refused(not_a_leaf),
        done => Ok(done?),
    }
}
