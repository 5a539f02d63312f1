//! Users and projects as the database has them now, without asking it for those that have not changed since they were
//! read last.

use std::sync::Arc;

use super::{
    Store, StoreError,
    feed::{Kept, Stamp, Topic},
    identity::user,
    resource::{Lineage, lineage},
};
use crate::domain::{
    ids::{DomainId, ProjectId, UserId},
    resource::Domain,
    user::User,
};

/// See the module. Clones share everything.
#[derive(Debug, Clone)]
pub struct Directory {
    store: Store,
    users: Kept<UserId, Arc<User>>,
    lineages: Kept<ProjectId, Arc<Lineage>>,
    most: usize,
}

impl Directory {
    /// Keeps at most so many users, and as many projects; 0: everything is read each time.
    pub fn new(store: Store, most: usize) -> Self {
        let feed = store.feed();
        Self { users: Kept::new(feed.clone(), most), lineages: Kept::new(feed.clone(), most), store, most }
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How much is kept of each kind.
    pub fn most(&self) -> usize {
        self.most
    }

    /// A user.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn user(&self, id: &UserId) -> Result<Option<Arc<User>>, StoreError> {
        if let Some(known) = self.known_user(id) {
            return Ok(Some(known));
        }
        let stamp = self.users.stamp();
        Ok(self.store.run(user(id)).await?.map(|user| self.keep_user(user, stamp)))
    }

    /// A project with what is above it, or the project that acts as a domain.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn lineage(&self, id: &ProjectId) -> Result<Option<Arc<Lineage>>, StoreError> {
        if let Some(known) = self.known_lineage(id) {
            return Ok(Some(known));
        }
        let stamp = self.stamp();
        Ok(self.store.run(lineage(id)).await?.map(|lineage| self.keep_lineage(lineage, stamp)))
    }

    /// A domain. Of its tags nothing is known here.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn domain(&self, id: &DomainId) -> Result<Option<Domain>, StoreError> {
        let found = self.lineage(&id.as_project()).await?;
        Ok(found.filter(|found| found.project.is_domain).map(|found| found.domain.clone()))
    }

    /// A user who need not be read.
    pub fn known_user(&self, id: &UserId) -> Option<Arc<User>> {
        self.users.get(id, |user| Some(Arc::clone(user)))
    }

    /// A project that need not be read.
    pub fn known_lineage(&self, id: &ProjectId) -> Option<Arc<Lineage>> {
        self.lineages.get(id, |lineage| Some(Arc::clone(lineage)))
    }

    /// To be taken by who reads users and projects together with other things, for [`Directory::keep_user`] and
    /// [`Directory::keep_lineage`].
    pub fn stamp(&self) -> Option<Stamp> {
        self.lineages.stamp()
    }

    /// Keeps a user that was read since `stamp`.
    pub fn keep_user(&self, user: User, stamp: Option<Stamp>) -> Arc<User> {
        let user = Arc::new(user);
        if let Some(stamp) = stamp {
            self.users.put(user.id.clone(), Arc::clone(&user), stamp, [Topic::user(&user.id)]);
        }
        user
    }

    /// Keeps a project that was read since `stamp`.
    pub fn keep_lineage(&self, lineage: Lineage, stamp: Option<Stamp>) -> Arc<Lineage> {
        let lineage = Arc::new(lineage);
        if let Some(stamp) = stamp {
            self.lineages.put(lineage.project.id.clone(), Arc::clone(&lineage), stamp, topics_of(&lineage));
        }
        lineage
    }
}

/// What a project with everything above it rests on.
pub fn topics_of(lineage: &Lineage) -> Vec<Topic> {
    let above = lineage.parents.iter().map(|parent| &parent.id);
    let mut topics: Vec<Topic> = std::iter::once(&lineage.project.id).chain(above).map(Topic::project).collect();
    let domain = Topic::project(&lineage.domain.id.as_project());
    if !topics.contains(&domain) {
        topics.push(domain);
    }
    topics
}
