//! Deleting a domain (Keystone: `resource/core.py`, `_delete_domain`, and who listens to it).

use super::{Moment, group::delete_group, project::delete_project, user::delete_user};
use crate::{
    domain::ids::DomainId,
    store::{
        StoreError, Transaction,
        domain_config::{self, Part},
        resource::{
            belongings::{delete_belongings_of_domain, group_ids, user_ids},
            loosen_tree, project_ids_of_domains,
        },
    },
};

/// Deletes a domain with everything in it: projects, groups, users, identity providers, configuration; and with what
/// hangs from these. Its roles stay, as they do in Keystone.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete_domain(transaction: &mut Transaction, id: &DomainId, moment: &Moment) -> Result<(), StoreError> {
    let projects = transaction.run(project_ids_of_domains(std::slice::from_ref(id))).await?;
    loosen_tree(transaction, id).await?;
    for project in &projects {
        delete_project(transaction, project, moment).await?;
    }
    for group in &transaction.run(group_ids(id)).await? {
        delete_group(transaction, group, moment).await?;
    }
    for user in &transaction.run(user_ids(id)).await? {
        delete_user(transaction, user, moment).await?;
    }
    delete_belongings_of_domain(transaction, id).await?;
    domain_config::delete(transaction, id, Part::All).await?;
    domain_config::release_registrations(transaction, id).await?;
    delete_project(transaction, &id.as_project(), moment).await
}
