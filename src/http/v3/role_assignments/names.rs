//! `include_names`: what the things in a list are called.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
};

use serde_json::{Map, Value, json};

use crate::{
    assignment::expansion::{Entry, Party, Scope},
    domain::{
        ids::{DomainId, GroupId, ProjectId, RoleId, UserId},
        role::Role,
    },
    http::{error::ApiError, state::HttpState},
    store::{
        assignment::{Named, group_names, project_names, user_names},
        role::roles_by_ids,
    },
};

/// The names in a list.
#[derive(Debug)]
pub(super) struct Names {
    users: HashMap<UserId, Named<UserId>>,
    groups: HashMap<GroupId, Named<GroupId>>,
    projects: HashMap<ProjectId, Named<ProjectId>>,
    roles: HashMap<RoleId, Role>,
    domains: HashMap<ProjectId, Named<ProjectId>>,
}

impl Names {
    /// Looks up what is in these entries.
    ///
    /// # Errors
    ///
    /// As the store says. What is missing is noticed by who asks for it.
    pub(super) async fn of(entries: &[Entry<'_>], state: &HttpState) -> Result<Self, ApiError> {
        let (mut users, mut groups) = (BTreeSet::new(), BTreeSet::new());
        let (mut projects, mut domains, mut roles) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for entry in entries {
            match entry.holder {
                Party::User(id) => users.insert(id),
                Party::Group(id) => groups.insert(id),
            };
            match entry.scope {
                Scope::Project(id) => {
                    projects.insert(id);
                }
                Scope::Domain(id) => {
                    domains.insert(id.as_project());
                }
                Scope::System => {}
            }
            roles.insert(entry.role_id);
        }
        let (users, groups, projects, roles) = state
            .store
            .run_batch((
                user_names(&owned(users)),
                group_names(&owned(groups)),
                project_names(&owned(projects)),
                roles_by_ids(&owned(roles)),
            ))
            .await?;
        let owners = users.iter().map(|user| user.domain_id.as_ref());
        let owners = owners.chain(groups.iter().map(|group| group.domain_id.as_ref()));
        let owners = owners.chain(projects.iter().map(|project| project.domain_id.as_ref()));
        let owners = owners.chain(roles.iter().map(|role| role.domain_id.as_ref()));
        domains.extend(owners.flatten().map(DomainId::as_project));
        let domains: Vec<ProjectId> = domains.into_iter().collect();
        let domains = state.store.run(project_names(&domains)).await?;
        Ok(Self {
            users: by_id(users),
            groups: by_id(groups),
            projects: by_id(projects),
            roles: roles.into_iter().map(|role| (role.id.clone(), role)).collect(),
            domains: by_id(domains),
        })
    }

    /// A user or a group. One that is gone has empty names.
    pub(super) fn holder(&self, holder: Party<'_>) -> Result<Value, ApiError> {
        match holder {
            Party::User(id) => self.owned_by_domain(id.as_str(), self.users.get(id)),
            Party::Group(id) => self.owned_by_domain(id.as_str(), self.groups.get(id)),
        }
    }

    fn owned_by_domain<I>(&self, id: &str, found: Option<&Named<I>>) -> Result<Value, ApiError> {
        let Some(found) = found else {
            return Ok(json!({ "id": id, "name": "", "domain": { "id": "", "name": "" } }));
        };
        Ok(json!({ "id": id, "name": found.name, "domain": self.domain_or_null(found.domain_id.as_ref())? }))
    }

    /// A project.
    ///
    /// # Errors
    ///
    /// 404 for one that is gone.
    pub(super) fn project(&self, id: &ProjectId) -> Result<Value, ApiError> {
        let found = self.projects.get(id).ok_or_else(|| ApiError::no_such("project", id.as_str()))?;
        Ok(json!({ "id": id.as_str(), "name": found.name, "domain": self.domain_or_null(found.domain_id.as_ref())? }))
    }

    /// A domain.
    ///
    /// # Errors
    ///
    /// 404 for one that is gone.
    pub(super) fn domain(&self, id: &DomainId) -> Result<Value, ApiError> {
        let found = self.domains.get(&id.as_project()).ok_or_else(|| ApiError::no_such("domain", id.as_str()))?;
        Ok(json!({ "id": id.as_str(), "name": found.name }))
    }

    /// A project that acts as a domain has none.
    fn domain_or_null(&self, id: Option<&DomainId>) -> Result<Value, ApiError> {
        match id {
            Some(id) => self.domain(id),
            None => Ok(json!({ "id": null, "name": null })),
        }
    }

    /// A role.
    ///
    /// # Errors
    ///
    /// 404 for one that is gone.
    pub(super) fn role(&self, id: &RoleId) -> Result<Value, ApiError> {
        let role = self.roles.get(id).ok_or_else(|| ApiError::no_such("role", id.as_str()))?;
        let mut shown = Map::from_iter([("id".to_owned(), id.as_str().into()), ("name".to_owned(), json!(role.name))]);
        if let Some(domain_id) = &role.domain_id {
            shown.insert("domain".to_owned(), self.domain(domain_id)?);
        }
        Ok(shown.into())
    }
}

fn owned<I: Clone>(ids: BTreeSet<&I>) -> Vec<I> {
    ids.into_iter().cloned().collect()
}

fn by_id<I: Clone + Eq + Hash>(named: Vec<Named<I>>) -> HashMap<I, Named<I>> {
    named.into_iter().map(|named| (named.id.clone(), named)).collect()
}
