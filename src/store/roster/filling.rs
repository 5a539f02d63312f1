//! Reads the roster's pages, and those again of which much has changed.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{Pages, Roster, notices::Notices, page::Page};
use crate::{
    domain::ids::UserId,
    store::{
        StoreError,
        account::accounts,
        assignment::assignments_of_users,
        feed::{Feed, Stamp, Topic},
        identity::{UserFilter, memberships_by_user, users},
        revocation::{events_about_nobody, named_users},
    },
};

/// So many users are read at a time: some milliseconds of the database's time, and of ours.
const USERS_PER_PAGE: usize = 500;

/// A page that is read again may have grown by as much before it becomes two.
const MOST_GROWTH: usize = 2;

/// After so many times the time that a page took, the next one is read: others need the database, too.
const REST: u32 = 1;

/// How often the pages are looked through.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What has changed everything, a bulk load or a database that restarts, will often do so again and again: nothing is read for
/// a while.
const QUIET: Duration = Duration::from_secs(10);

/// A page is read again when it was asked in vain, for users who have changed, once for every so many users that it has: that
/// takes as long as it took to read those users one by one.
const USERS_PER_DISAPPOINTMENT: usize = 4;

/// Keeps a roster for as long as the process lives.
pub(super) async fn keep(roster: Roster) {
    let feed = roster.0.store.feed().clone();
    let mut last = String::new();
    // The first requests come first.
    sleep(LOOK_INTERVAL).await;
    loop {
        feed.wait_until(Feed::is_working).await;
        let Some(beginning) = feed.stamp() else { continue };
        while feed.stands(&beginning, &[]) {
            let Err(error) = roster.walk(&beginning, REST).await else {
                sleep(LOOK_INTERVAL).await;
                continue;
            };
            // The same reason again and again is told once.
            let reason = error.to_string();
            if reason != last {
                tracing::warn!(%error, "not all users are at hand: the others are read when they are asked for");
                last = reason;
            }
            sleep(QUIET).await;
        }
        roster.0.pages.store(Arc::default());
        roster.0.notices.store(None);
        wait_for_quiet(&feed).await;
    }
}

async fn wait_for_quiet(feed: &Feed) {
    loop {
        let stamp = feed.stamp();
        sleep(QUIET).await;
        if stamp.is_some_and(|stamp| feed.stands(&stamp, &[])) {
            return;
        }
    }
}

impl Roster {
    /// Reads every page that is missing or worn, now and without a pause.
    ///
    /// # Errors
    /// As [`StoreError`] says; the pages before are there.
    pub async fn read(&self) -> Result<(), StoreError> {
        match self.0.store.feed().stamp() {
            Some(beginning) => self.walk(&beginning, 0).await,
            None => Ok(()),
        }
    }

    /// Looks through the pages, in their order, for as long as what stood at the beginning does.
    async fn walk(&self, beginning: &Stamp, rest: u32) -> Result<(), StoreError> {
        let feed = self.0.store.feed();
        self.read_notices().await?;
        let mut after: Arc<str> = "".into();
        // Where pages begin that were read before; the one that is being read must not go beyond.
        let mut until: Option<UserId> = None;
        let mut users = 0;
        let mut names = HashSet::new();
        while users < self.0.most && feed.stands(beginning, &[]) {
            let known = self.0.pages.load().get(&after).cloned();
            let page = match known {
                Some(page) if !is_worn(&page, feed) => page,
                known => {
                    until = known.as_ref().map_or(until, |page| page.end().cloned());
                    let room = if known.is_some() { USERS_PER_PAGE * MOST_GROWTH } else { USERS_PER_PAGE };
                    let asked = Instant::now();
                    let Some(page) = self.page(&after, until.as_ref(), room, &mut names).await? else { return Ok(()) };
                    let page = Arc::new(page);
                    self.0.pages.rcu(|pages| {
                        let mut pages = Pages::clone(pages);
                        pages.insert(Arc::clone(&after), Arc::clone(&page));
                        pages
                    });
                    sleep(asked.elapsed() * rest).await;
                    page
                }
            };
            users += page.users();
            match page.end() {
                Some(end) => after = end.into(),
                None => break,
            }
            if until.as_ref() == page.end() {
                until = None;
            }
        }
        Ok(())
    }

    /// Reads the revocations of nobody in particular, if they are missing or were asked for in vain.
    async fn read_notices(&self) -> Result<(), StoreError> {
        let store = &self.0.store;
        let is_good = self.0.notices.load().as_ref().is_some_and(|notices| !notices.is_worn(store.feed()));
        if let (false, Some(stamp)) = (is_good, store.feed().stamp()) {
            let events = store.run(events_about_nobody(Notices::MOST.saturating_add(1))).await?;
            self.0.notices.store(Some(Arc::new(Notices::new(events, stamp))));
        }
        Ok(())
    }

    /// The users after one and up to another, or as many of them as there is room for. `None`: nothing may be kept now.
    async fn page(
        &self,
        after: &str,
        until: Option<&UserId>,
        room: usize,
        names: &mut HashSet<Arc<str>>,
    ) -> Result<Option<Page>, StoreError> {
        let store = &self.0.store;
        let Some(stamp) = store.feed().stamp() else { return Ok(None) };
        let filter = UserFilter {
            marker: Some(after.into()),
            last: until.cloned(),
            limit: i64::try_from(room).ok(),
            ..UserFilter::default()
        };
        let users = store.run(users(&filter)).await?;
        let ids: Vec<UserId> = users.iter().map(|user| user.id.clone()).collect();
        let batch = (assignments_of_users(&ids), memberships_by_user(&ids), named_users(&ids));
        let (assignments, memberships, named) = store.run_batch(batch).await?;
        let is_full = ids.len() >= room;
        let end = if is_full { ids.last().cloned() } else { until.cloned() };
        let mut accounts = accounts(users, assignments, memberships);
        for revoked in named {
            accounts.remove(&revoked);
        }
        Ok(Some(Page::new(accounts.into_values(), stamp, end, names)))
    }
}

/// Whether to read it again.
fn is_worn(page: &Page, feed: &Feed) -> bool {
    page.outdated().saturating_mul(USERS_PER_DISAPPOINTMENT) > page.users()
        || !feed.stood(page.stamp(), &[Topic::federation()])
}
