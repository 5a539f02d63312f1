//! Users, projects and what groups were given, as the database has them now, without asking it for those that have not
//! changed since they were read last.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    Store, StoreError,
    assignment::{ActorFilter, AssignmentFilter, assignments},
    feed::{Kept, Topic},
    identity::user,
    resource::{Lineage, lineage},
};
use crate::domain::{
    assignment::{Actor, Assignment},
    ids::{DomainId, GroupId, ProjectId, UserId},
    resource::Domain,
    user::User,
};

/// See the module. Clones share everything.
#[derive(Debug, Clone)]
pub struct Directory {
    store: Store,
    users: Kept<UserId, Arc<User>>,
    lineages: Kept<ProjectId, Arc<Lineage>>,
    groups: Kept<GroupId, Arc<[Assignment]>>,
    most: usize,
}

/// A group is kept with all that it was given, which is more than there is to a user; and there are fewer groups than users.
const USERS_PER_GROUP: usize = 10;

impl Directory {
    /// Keeps at most so many users, and as many projects; 0: everything is read each time.
    pub fn new(store: Store, most: usize) -> Self {
        let feed = store.feed();
        Self {
            users: Kept::new(feed.clone(), most),
            lineages: Kept::new(feed.clone(), most),
            groups: Kept::new(feed.clone(), most.div_ceil(USERS_PER_GROUP)),
            store,
            most,
        }
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
        let Some(user) = self.store.run(user(id)).await?.map(Arc::new) else { return Ok(None) };
        if let Some(stamp) = stamp {
            self.users.put(id.clone(), Arc::clone(&user), stamp, [Topic::user(id)]);
        }
        Ok(Some(user))
    }

    /// A project with what is above it, or the project that acts as a domain.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn lineage(&self, id: &ProjectId) -> Result<Option<Arc<Lineage>>, StoreError> {
        if let Some(known) = self.known_lineage(id) {
            return Ok(Some(known));
        }
        let stamp = self.lineages.stamp();
        let Some(lineage) = self.store.run(lineage(id)).await?.map(Arc::new) else { return Ok(None) };
        if let Some(stamp) = stamp {
            self.lineages.put(id.clone(), Arc::clone(&lineage), stamp, topics_of(&lineage));
        }
        Ok(Some(lineage))
    }

    /// A domain. Of its tags nothing is known here.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn domain(&self, id: &DomainId) -> Result<Option<Arc<Domain>>, StoreError> {
        let found = self.lineage(&id.as_project()).await?;
        Ok(found.filter(|found| found.project.is_domain).map(|found| found.domain.clone()))
    }

    /// What these groups were given on projects and domains.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn assignments_of_groups(&self, ids: &[GroupId]) -> Result<Vec<Arc<[Assignment]>>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        let mut unknown = Vec::new();
        // A user may be in a group for good and by a login, too.
        for id in ids.iter().collect::<BTreeSet<_>>() {
            match self.groups.get(id, |assignments| Some(Arc::clone(assignments))) {
                Some(known) => found.push(known),
                None => unknown.push(id.clone()),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        let stamps: Vec<_> = unknown.iter().map(|_| self.groups.stamp()).collect();
        let filter =
            AssignmentFilter { actor: Some(ActorFilter::Groups(unknown.clone())), ..AssignmentFilter::default() };
        let mut of_group: HashMap<GroupId, Vec<Assignment>> = HashMap::new();
        for assignment in self.store.run(assignments(&filter)).await? {
            if let Actor::Group(id) = &assignment.actor {
                of_group.entry(id.clone()).or_default().push(assignment);
            }
        }
        for (id, stamp) in unknown.into_iter().zip(stamps) {
            let assignments: Arc<[Assignment]> = of_group.remove(&id).unwrap_or_default().into();
            if let Some(stamp) = stamp {
                self.groups.put(id.clone(), Arc::clone(&assignments), stamp, [Topic::group(&id)]);
            }
            found.push(assignments);
        }
        Ok(found)
    }

    /// A user who need not be read.
    fn known_user(&self, id: &UserId) -> Option<Arc<User>> {
        self.users.get(id, |user| Some(Arc::clone(user)))
    }

    /// A project that need not be read.
    pub fn known_lineage(&self, id: &ProjectId) -> Option<Arc<Lineage>> {
        self.lineages.get(id, |lineage| Some(Arc::clone(lineage)))
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
