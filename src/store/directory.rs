//! Users, projects and what groups were given, as the database has them now, without asking it for those that have not
//! changed since they were read last.

use std::{collections::HashMap, sync::Arc};

use super::{
    Store, StoreError,
    assignment::{ActorFilter, AssignmentFilter, assignments},
    feed::{Kept, Topic},
    identity::user,
    resource::{Lineage, lineage},
    roster::{Listed, Roster},
};
use crate::domain::{
    assignment::{Actor, Assignment, Target},
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
    groups: Kept<GroupId, Arc<OfGroup>>,
    roster: Roster,
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
            roster: Roster::new(store.clone(), 0),
            store,
            most,
        }
    }

    /// With users who are at hand before anybody asks for them.
    #[must_use]
    pub fn with_roster(self, roster: Roster) -> Self {
        Self { roster, ..self }
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
            self.lineages.put(id.clone(), Arc::clone(&lineage), stamp, lineage.topics());
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

    /// What these groups were given on a project and on all above it.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn assignments_of_groups(
        &self,
        ids: &[GroupId],
        lineage: &Lineage,
    ) -> Result<Vec<Assignment>, StoreError> {
        let mut found = Vec::new();
        let mut unknown = Vec::new();
        // A user may be in a group for good and by a login, too.
        let mut ids: Vec<&GroupId> = ids.iter().collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            match self.groups.get(id, |of_group| Some(Arc::clone(of_group))) {
                Some(known) => found.extend(known.on(lineage)),
                None => unknown.push(id.clone()),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        let stamps: Vec<_> = unknown.iter().map(|_| self.groups.stamp()).collect();
        let filter =
            AssignmentFilter { actor: Some(ActorFilter::Groups(unknown.clone())), ..AssignmentFilter::default() };
        let mut of_groups: HashMap<GroupId, OfGroup> = HashMap::new();
        for assignment in self.store.run(assignments(&filter)).await? {
            if let Actor::Group(id) = &assignment.actor {
                of_groups.entry(id.clone()).or_default().add(assignment);
            }
        }
        for (id, stamp) in unknown.into_iter().zip(stamps) {
            let of_group = Arc::new(of_groups.remove(&id).unwrap_or_default());
            found.extend(of_group.on(lineage));
            if let Some(stamp) = stamp {
                let topic = Topic::group(&id);
                self.groups.put(id, of_group, stamp, [topic]);
            }
        }
        Ok(found)
    }

    /// A user who need not be read.
    fn known_user(&self, id: &UserId) -> Option<Arc<User>> {
        self.users.get(id, |user| Some(Arc::clone(user)))
    }

    /// A user who need not be read, for a token on a project.
    pub fn listed(&self, id: &UserId, lineage: &Lineage) -> Option<Listed> {
        self.roster.find(id, lineage)
    }

    /// A project that need not be read.
    pub fn known_lineage(&self, id: &ProjectId) -> Option<Arc<Lineage>> {
        self.lineages.get(id, |lineage| Some(Arc::clone(lineage)))
    }
}

/// What a group was given, by the ids of projects and domains.
#[derive(Debug, Default)]
struct OfGroup(HashMap<ProjectId, Vec<Assignment>>);

impl OfGroup {
    fn add(&mut self, assignment: Assignment) {
        let target = match &assignment.target {
            Target::Project(id) => id.clone(),
            Target::Domain(id) => id.as_project(),
            Target::System => return,
        };
        self.0.entry(target).or_default().push(assignment);
    }

    /// What was given on a project and on all above it.
    fn on(&self, lineage: &Lineage) -> impl Iterator<Item = Assignment> {
        lineage.targets().iter().filter_map(|target| self.0.get(target)).flatten().cloned()
    }
}
