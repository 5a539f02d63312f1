//! Deleting a domain (Keystone: `resource/core.py`, `_delete_domain`, and who listens to it).

use super::{Moment, project::delete_project};
use crate::{
    domain::ids::DomainId,
    store::{
        StoreError, Transaction,
        domain_config::{self, Part},
        resource::{belongings::delete_belongings_of_domain, loosen_tree, project_ids_of_domains},
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
    delete_belongings_of_domain(transaction, id).await?;
    domain_config::delete(transaction, id, Part::All).await?;
    domain_config::release_registrations(transaction, id).await?;
    delete_project(transaction, &id.as_project(), moment).await
}
