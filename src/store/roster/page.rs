//! Users as they were read together, in few bytes.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    mem::size_of_val,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    domain::{
        assignment::{Actor, Assignment, Target},
        ids::{ProjectId, UserId},
        user::{User, UserOptions},
    },
    store::{
        account::Account,
        feed::Stamp,
        identity::{GroupMembership, MembershipExpiry},
    },
};

/// See the module.
pub(super) struct Page {
    /// Taken before they were read.
    stamp: Stamp,
    /// The last of them, if there are more after it.
    end: Option<UserId>,
    /// The ids that are UUIDs, as nearly all are, in order.
    uuids: Box<[u128]>,
    /// The others, in order.
    others: Box<[Box<str>]>,
    /// Where the record of each begins, first of the one and then of the others.
    starts: Box<[u32]>,
    /// MessagePack.
    records: Box<[u8]>,
    /// What records name: domains, projects, roles, groups.
    names: Box<[Arc<str>]>,
    /// How often a user was asked for who had changed.
    outdated: AtomicUsize,
}

/// A user, but for the id. Other ids are numbers of [`Page::names`], times microseconds.
#[derive(Serialize, Deserialize)]
struct Record<'r> {
    #[serde(borrow)]
    name: Option<&'r str>,
    enabled: bool,
    domain: u32,
    default_project: Option<u32>,
    password_expires_at: Option<i64>,
    created_at: Option<i64>,
    last_active_at: Option<i32>,
    /// JSON; `None`: nothing.
    extra: Option<String>,
    /// `None`: none.
    options: Option<UserOptions>,
    assignments: Vec<Held>,
    memberships: Vec<Membership>,
}

/// Target, role, whether the target is a domain, and whether the role is inherited.
type Held = (u32, u32, bool, bool);

/// Group, and for one that ends by itself when it was verified and for how many minutes it counts.
type Membership = (u32, Option<(i64, Option<i64>)>);

impl Page {
    /// Of what was read since `stamp`. `end` as the field; `names` are those of other pages, to be shared.
    pub(super) fn new(
        accounts: impl IntoIterator<Item = Account>,
        stamp: Stamp,
        end: Option<UserId>,
        names: &mut HashSet<Arc<str>>,
    ) -> Self {
        let (mut of_uuids, mut of_others) = (BTreeMap::new(), BTreeMap::new());
        for account in accounts {
            let id = account.user.id.as_str();
            match uuid_of(id) {
                Some(uuid) => drop(of_uuids.insert(uuid, account)),
                None => drop(of_others.insert(id.into(), account)),
            }
        }
        let mut writer = Writer::default();
        of_uuids.retain(|_, account| writer.add(account).is_some());
        of_others.retain(|_, account| writer.add(account).is_some());
        Self {
            stamp,
            end,
            uuids: of_uuids.into_keys().collect(),
            others: of_others.into_keys().collect(),
            starts: writer.starts.into(),
            records: writer.records.into(),
            names: writer.names.into_iter().map(|name| shared(name, names)).collect(),
            outdated: AtomicUsize::new(0),
        }
    }

    /// What there was before its users were read is what they rest on.
    pub(super) fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// Where the next page begins. `None`: nowhere.
    pub(super) fn end(&self) -> Option<&UserId> {
        self.end.as_ref()
    }

    /// How many users.
    pub(super) fn users(&self) -> usize {
        self.starts.len()
    }

    /// What they take, but for the names that pages share.
    pub(super) fn bytes(&self) -> usize {
        let others: usize = self.others.iter().map(|id| id.len()).sum();
        size_of_val(self)
            + size_of_val(&*self.uuids)
            + size_of_val(&*self.others)
            + others
            + size_of_val(&*self.starts)
            + self.records.len()
            + size_of_val(&*self.names)
    }

    /// Notes that a user was asked for who had changed.
    pub(super) fn count_outdated(&self) {
        self.outdated.fetch_add(1, Ordering::Relaxed);
    }

    /// How often that was noted.
    pub(super) fn outdated(&self) -> usize {
        self.outdated.load(Ordering::Relaxed)
    }

    /// A user as it was read, with those assignments that are on one of `targets`. `None`: not here.
    pub(super) fn account(&self, id: &UserId, targets: &[ProjectId]) -> Option<Account> {
        let place = match uuid_of(id.as_str()) {
            Some(uuid) => self.uuids.binary_search(&uuid).ok()?,
            None => self.uuids.len() + self.others.binary_search_by(|other| (**other).cmp(id.as_str())).ok()?,
        };
        let start = usize::try_from(*self.starts.get(place)?).ok()?;
        let record: Record<'_> = rmp_serde::from_slice(self.records.get(start..)?).ok()?;
        let mut assignments = Vec::new();
        for (target, role, is_domain, inherited) in record.assignments {
            let target = self.name(target)?;
            if targets.iter().all(|wanted| wanted.as_str() != &**target) {
                continue;
            }
            let target = Arc::clone(target);
            assignments.push(Assignment {
                actor: Actor::User(id.clone()),
                target: if is_domain { Target::Domain(target.into()) } else { Target::Project(target.into()) },
                role_id: Arc::clone(self.name(role)?).into(),
                inherited,
            });
        }
        let mut memberships = Vec::with_capacity(record.memberships.len());
        for (group, expiry) in record.memberships {
            let expiry = match expiry {
                None => None,
                Some((last_verified, authorization_ttl)) => {
                    Some(MembershipExpiry { last_verified: time(last_verified)?, authorization_ttl })
                }
            };
            memberships.push(GroupMembership { group_id: Arc::clone(self.name(group)?).into(), expiry });
        }
        let user = User {
            id: id.clone(),
            domain_id: Arc::clone(self.name(record.domain)?).into(),
            name: record.name.map(str::to_owned),
            enabled: record.enabled,
            default_project_id: match record.default_project {
                None => None,
                Some(project) => Some(Arc::clone(self.name(project)?).into()),
            },
            password_expires_at: optional_time(record.password_expires_at)?,
            created_at: optional_time(record.created_at)?,
            last_active_at: match record.last_active_at {
                None => None,
                Some(day) => Some(NaiveDate::from_num_days_from_ce_opt(day)?),
            },
            extra: match record.extra {
                None => serde_json::Map::new(),
                Some(json) => serde_json::from_str(&json).ok()?,
            },
            options: record.options.unwrap_or_default(),
        };
        Some(Account { user: Arc::new(user), assignments, memberships })
    }

    fn name(&self, number: u32) -> Option<&Arc<str>> {
        self.names.get(usize::try_from(number).ok()?)
    }
}

/// Writes records.
#[derive(Default)]
struct Writer {
    starts: Vec<u32>,
    records: Vec<u8>,
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Writer {
    /// `None`: it cannot be written down, and was not.
    fn add(&mut self, Account { user, assignments, memberships }: &Account) -> Option<()> {
        let mut held = Vec::with_capacity(assignments.len());
        for Assignment { target, role_id, inherited, .. } in assignments {
            let (target, is_domain) = match target {
                Target::Project(id) => (Arc::from(id), false),
                Target::Domain(id) => (Arc::from(id), true),
                Target::System => return None,
            };
            held.push((self.number(target)?, self.number(role_id.into())?, is_domain, *inherited));
        }
        let mut groups = Vec::with_capacity(memberships.len());
        for GroupMembership { group_id, expiry } in memberships {
            let expiry =
                expiry.as_ref().map(|expiry| (expiry.last_verified.timestamp_micros(), expiry.authorization_ttl));
            groups.push((self.number(group_id.into())?, expiry));
        }
        let extra = if user.extra.is_empty() { None } else { Some(serde_json::to_string(&user.extra).ok()?) };
        let record = Record {
            name: user.name.as_deref(),
            enabled: user.enabled,
            domain: self.number((&user.domain_id).into())?,
            default_project: match &user.default_project_id {
                None => None,
                Some(id) => Some(self.number(id.into())?),
            },
            password_expires_at: user.password_expires_at.map(|time| time.timestamp_micros()),
            created_at: user.created_at.map(|time| time.timestamp_micros()),
            last_active_at: user.last_active_at.map(|day| day.num_days_from_ce()),
            extra,
            options: (user.options != UserOptions::default()).then(|| user.options.clone()),
            assignments: held,
            memberships: groups,
        };
        let start = u32::try_from(self.records.len()).ok()?;
        // Nothing is written over: should this fail, nobody looks at what it has begun.
        rmp_serde::encode::write(&mut self.records, &record).ok()?;
        self.starts.push(start);
        Some(())
    }

    /// The number of a name, which is new or not.
    fn number(&mut self, name: Arc<str>) -> Option<u32> {
        if let Some(number) = self.numbers.get(&name) {
            return Some(*number);
        }
        let number = u32::try_from(self.names.len()).ok()?;
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        Some(number)
    }
}

/// A name as it is kept already, or now.
fn shared(name: Arc<str>, names: &mut HashSet<Arc<str>>) -> Arc<str> {
    if let Some(known) = names.get(&name) {
        return Arc::clone(known);
    }
    names.insert(Arc::clone(&name));
    name
}

/// An id as a number, if all of its text can be told from that: 32 lower-case hex digits.
fn uuid_of(id: &str) -> Option<u128> {
    let uuid = Uuid::try_parse(id).ok()?;
    (*uuid.simple().encode_lower(&mut Uuid::encode_buffer()) == *id).then(|| uuid.as_u128())
}

fn time(microseconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(microseconds)
}

/// `None` is for what is no time.
fn optional_time(microseconds: Option<i64>) -> Option<Option<DateTime<Utc>>> {
    match microseconds {
        None => Some(None),
        Some(microseconds) => time(microseconds).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*};

    use super::*;
    use crate::store::feed::{Feed, Source};

    fn id() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9a-f]{32}",
            "[0-9A-F]{32}",
            "[0-9a-f]{64}",
            "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            ".{0,40}"
        ]
    }

    /// Of few names, so that many are the same.
    fn name() -> impl Strategy<Value = Arc<str>> {
        (0..20_u8).prop_map(|number| Arc::from(format!("name-{number}")))
    }

    /// Times that Postgres and SQLite hold.
    fn microseconds() -> impl Strategy<Value = i64> {
        -62_135_596_800_000_000..=253_402_300_799_999_999_i64
    }

    fn moment() -> impl Strategy<Value = DateTime<Utc>> {
        microseconds().prop_map(|microseconds| DateTime::from_timestamp_micros(microseconds).unwrap_or_default())
    }

    fn options() -> impl Strategy<Value = UserOptions> {
        let flag = || option::of(any::<bool>());
        let rules = option::of(vec(vec(".{0,8}", 0..3), 0..3));
        (flag(), flag(), flag(), flag(), flag(), flag(), rules).prop_map(|(one, two, three, four, five, six, rules)| {
            UserOptions {
                ignore_change_password_upon_first_use: one,
                ignore_password_expiry: two,
                ignore_lockout_failure_attempts: three,
                lock_password: four,
                multi_factor_auth_enabled: five,
                ignore_user_inactivity: six,
                multi_factor_auth_rules: rules,
            }
        })
    }

    fn user() -> impl Strategy<Value = User> {
        let extra = prop_oneof![
            Just(serde_json::json!({})),
            ".{0,9}".prop_map(|text| serde_json::json!({ text: [1, null, "x"] }))
        ];
        let times = (option::of(moment()), option::of(moment()), option::of(0..100_000_i32));
        (id(), name(), option::of(".{0,40}"), any::<bool>(), option::of(name()), times, extra, options()).prop_map(
            |(id, domain, name, enabled, project, (password, created, active), extra, options)| User {
                id: id.into(),
                domain_id: domain.into(),
                name,
                enabled,
                default_project_id: project.map(Into::into),
                password_expires_at: password,
                created_at: created,
                last_active_at: active.and_then(NaiveDate::from_num_days_from_ce_opt),
                extra: extra.as_object().cloned().unwrap_or_default(),
                options,
            },
        )
    }

    fn account() -> impl Strategy<Value = Account> {
        let held = vec((name(), name(), any::<bool>(), any::<bool>()), 0..5);
        let expiry = option::of((moment(), option::of(any::<i64>())));
        (user(), held, vec((name(), expiry), 0..3)).prop_map(|(user, held, memberships)| Account {
            assignments: held
                .into_iter()
                .map(|(target, role, is_domain, inherited)| Assignment {
                    actor: Actor::User(user.id.clone()),
                    target: if is_domain { Target::Domain(target.into()) } else { Target::Project(target.into()) },
                    role_id: role.into(),
                    inherited,
                })
                .collect(),
            memberships: memberships
                .into_iter()
                .map(|(group, expiry)| GroupMembership {
                    group_id: group.into(),
                    expiry: expiry.map(|(last_verified, authorization_ttl)| MembershipExpiry {
                        last_verified,
                        authorization_ttl,
                    }),
                })
                .collect(),
            user: Arc::new(user),
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

        /// Every user comes back as he went in, with what is held on the targets that are asked for and on no other.
        #[test]
        fn nothing_is_lost(accounts in vec(account(), 0..20), targets in vec(name(), 0..8), absent in id()) {
            let by_id: BTreeMap<UserId, Account> =
                accounts.into_iter().map(|account| (account.user.id.clone(), account)).collect();
            let feed = Feed::new(Source::Private);
            let _following = feed.follow();
            let stamp = feed.stamp().ok_or_else(|| TestCaseError::fail("a working feed stamps"))?;
            let page = Page::new(by_id.values().cloned(), stamp, None, &mut HashSet::new());
            let targets: Vec<ProjectId> = targets.into_iter().map(Into::into).collect();
            prop_assert_eq!(page.users(), by_id.len());
            for (id, account) in &by_id {
                let mut wanted = account.clone();
                wanted.assignments.retain(|assignment| match &assignment.target {
                    Target::Project(id) => targets.contains(id),
                    Target::Domain(id) => targets.contains(&id.as_project()),
                    Target::System => false,
                });
                prop_assert_eq!(page.account(id, &targets), Some(wanted));
            }
            let absent = UserId::from(absent);
            prop_assert_eq!(page.account(&absent, &targets).is_some(), by_id.contains_key(&absent));
        }
    }
}
