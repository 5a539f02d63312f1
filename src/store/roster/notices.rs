//! Revocations of nobody in particular: of projects, of domains, of everything up to a time.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{
    domain::{revocation::RevocationEvent, user::User},
    store::{
        feed::{Feed, Stamp, Topic},
        resource::Lineage,
    },
};

/// All of them, as they were read together.
pub(super) struct Notices {
    stamp: Stamp,
    /// `None`: there are too many.
    events: Option<Box<[RevocationEvent]>>,
    is_outdated: AtomicBool,
}

impl Notices {
    /// More than these are not kept: every token would have to be compared with all of them.
    pub(super) const MOST: i64 = 1000;

    /// Of what was read since `stamp`, one more than [`Notices::MOST`] if there are more.
    pub(super) fn new(events: Vec<RevocationEvent>, stamp: Stamp) -> Self {
        let is_complete = i64::try_from(events.len()).is_ok_and(|events| events <= Self::MOST);
        Self { stamp, events: is_complete.then(|| events.into()), is_outdated: AtomicBool::new(false) }
    }

    /// Those that may concern tokens of a user for a project, as the database has them now. `None`: ask it.
    pub(super) fn about(&self, user: &User, lineage: &Lineage, feed: &Feed) -> Option<Vec<RevocationEvent>> {
        // Any such event is announced by the project or a domain that it names, or by everything.
        let of_user = Topic::project(&user.domain_id.as_project());
        if !feed.stood(&self.stamp, lineage.topics()) || !feed.stood(&self.stamp, &[of_user]) {
            self.is_outdated.store(true, Ordering::Relaxed);
            return None;
        }
        let is_on = |event: &&RevocationEvent| event.project_id.as_ref().is_none_or(|id| *id == lineage.project.id);
        Some(self.events.as_ref()?.iter().filter(is_on).cloned().collect())
    }

    /// Whether to read them again.
    pub(super) fn is_worn(&self, feed: &Feed) -> bool {
        self.is_outdated.load(Ordering::Relaxed) || !feed.stood(&self.stamp, &[])
    }
}
