//! What the database says of all users, in few bytes each: for a server that has been at work for a while the first token of a
//! user is no reason to ask who that is.
//!
//! A `page` holds some hundred users in the order of their ids, and the pages come one after the other. They are read in the
//! background (`filling`), slowly. Of each page it is known when it was read, and the change feed knows what happened since: a user about
//! whom anything was announced is read from the database, as all are who are not on the roster; what it does not hold it says
//! nothing about. Pages of which much has changed are read again.
//!
//! For Postgres. A SQLite file answers within microseconds, and whatever another process writes into it ends all that was kept.

mod filling;
mod notices;
mod page;

use std::{collections::BTreeMap, ops::Bound, sync::Arc};

use arc_swap::{ArcSwap, ArcSwapOption};

use self::{notices::Notices, page::Page};
use super::{
    Store,
    account::Account,
    feed::{Following, Topic},
    resource::Lineage,
};
use crate::domain::{ids::UserId, revocation::RevocationEvent};

/// See the module. Clones share everything.
#[derive(Clone)]
pub struct Roster(Arc<Inner>);

struct Inner {
    store: Store,
    most: usize,
    /// By the id after which they begin; the first by the empty text.
    pages: ArcSwap<Pages>,
    notices: ArcSwapOption<Notices>,
}

type Pages = BTreeMap<Arc<str>, Arc<Page>>;

impl std::fmt::Debug for Roster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roster").field("most", &self.0.most).finish_non_exhaustive()
    }
}

/// What a roster says of a user.
#[derive(Debug)]
pub struct Listed {
    /// The user, with those of the user's own assignments that may count on the project.
    pub account: Account,
    /// The revocations that may concern any token of the user for the project.
    pub revocations: Vec<RevocationEvent>,
}

/// How much is on a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RosterSize {
    /// Users.
    pub users: usize,
    /// The most users that there is room for, a page more or less.
    pub most: usize,
    /// What they take.
    pub bytes: usize,
}

impl Roster {
    /// An empty one, with room for `most` users; 0: it stays empty.
    pub fn new(store: Store, most: usize) -> Self {
        Self(Arc::new(Inner { store, most, pages: ArcSwap::default(), notices: ArcSwapOption::empty() }))
    }

    /// Reads and keeps up what is on it from now on, within a Tokio runtime, where that is of use.
    pub fn keep(&self) -> Following {
        let is_of_use = self.0.most > 0 && self.0.store.database().is_postgres();
        Following::with(is_of_use.then(|| tokio::spawn(filling::keep(self.clone()))))
    }

    /// A user as the database has it now, for a token on a project. `None`: ask the database.
    pub fn find(&self, id: &UserId, lineage: &Lineage) -> Option<Listed> {
        let feed = self.0.store.feed();
        let pages = self.0.pages.load();
        let before = (Bound::Unbounded, Bound::Excluded(id.as_str()));
        let (_, page) = pages.range::<str, _>(before).next_back()?;
        // How long memberships last, identity providers say.
        if !feed.stood(page.stamp(), &[Topic::user(id), Topic::federation()]) {
            page.count_outdated();
            return None;
        }
        let account = page.account(id, lineage.targets())?;
        let notices = self.0.notices.load();
        let revocations = notices.as_ref()?.about(&account.user, lineage, feed)?;
        Some(Listed { account, revocations })
    }

    /// How much is on it.
    pub fn size(&self) -> RosterSize {
        let pages = self.0.pages.load();
        RosterSize {
            users: pages.values().map(|page| page.users()).sum(),
            most: self.0.most,
            bytes: pages.values().map(|page| page.bytes()).sum(),
        }
    }
}
