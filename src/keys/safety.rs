//! Whether a rotation may be done now: which keys it would drop, and whether live tokens still need them. No I/O.

use std::{fmt, num::NonZeroU32};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    history::{Doubt, History, KeyHistory, KeyRole, Stopped, stamp},
    number::KeyNumber,
    rotation::{RotationPlan, Step},
};

/// How long tokens live, and how long nodes take to get the keys of the one that rotates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// From when a token is minted until nobody accepts it any more: `[token] expiration` and `allow_expired_window`.
    pub life: TimeDelta,
    /// How long after a rotation another node may still mint with the old primary, or not know the new staged key.
    pub distribution_delay: TimeDelta,
}

impl Terms {
    /// Until when what a key signed may live; `None` where that is not known. For a key that mints: if it stopped now.
    pub fn tokens_until(&self, key: &KeyHistory, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match key.stopped {
            Stopped::At(time) => Some(time + self.distribution_delay + self.life),
            Stopped::Unknown => None,
            // On this node nothing was minted with it; on one that rotated earlier it was.
            Stopped::NotYet => Some(now + self.distribution_delay + self.life),
        }
    }

    /// The fewest keys that a repository must be allowed to hold so that rotating `every` so often drops no key that is
    /// still needed: the staged one, the primary, and each secondary until its tokens are gone. The formula of Keystone's
    /// administrator's guide, rounded up, with the delay added to the life of the tokens. `None`: more than there can be.
    pub fn keys_needed(&self, every: TimeDelta) -> Option<NonZeroU32> {
        let (needed, every) = ((self.life + self.distribution_delay).num_seconds().max(0), every.num_seconds());
        if every <= 0 {
            return None;
        }
        let secondaries = needed / every + i64::from(needed % every > 0);
        // One secondary at least: the key that has just stopped.
        u32::try_from(secondaries.max(1)).ok()?.checked_add(2).and_then(NonZeroU32::new)
    }
}

/// Something that stands against a rotation, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// It would drop a key with which tokens were signed that may still live.
    LiveTokens {
        /// The key.
        key: KeyNumber,
        /// When it stopped minting.
        stopped: DateTime<Utc>,
        /// Until when its tokens may live.
        until: DateTime<Utc>,
    },
    /// It would drop the very key that mints now.
    Minting {
        /// The key.
        key: KeyNumber,
    },
    /// It would drop a key, and nothing tells when that stopped minting.
    UnknownAge {
        /// The key.
        key: KeyNumber,
        /// Why nothing tells.
        doubt: Doubt,
    },
    /// It would make a staged key the primary that other nodes may not have yet.
    StagedTooYoung {
        /// When it was staged.
        staged: DateTime<Utc>,
        /// Until when nodes may be without it.
        until: DateTime<Utc>,
    },
    /// Two files say the same number: nodes may take different ones.
    SameNumber {
        /// The number.
        key: KeyNumber,
        /// The names of the files.
        names: Vec<String>,
    },
    /// The primary cannot be used; whoever repairs it must not find it gone.
    UnusablePrimary {
        /// Its number.
        key: KeyNumber,
    },
}

impl Obstacle {
    /// From when on it is no obstacle any more; `None` if that is no matter of time alone.
    pub fn ends(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::LiveTokens { until, .. } | Self::StagedTooYoung { until, .. } => Some(*until),
            Self::Minting { .. } | Self::UnknownAge { .. } | Self::SameNumber { .. } | Self::UnusablePrimary { .. } => {
                None
            }
        }
    }

    /// A word for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::LiveTokens { .. } => "live-tokens",
            Self::Minting { .. } => "minting",
            Self::UnknownAge { .. } => "unknown-age",
            Self::StagedTooYoung { .. } => "staged-too-young",
            Self::SameNumber { .. } => "same-number",
            Self::UnusablePrimary { .. } => "unusable-primary",
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LiveTokens { key, stopped, until } => write!(
                f,
                "it would drop key {key}, which minted until {} and whose tokens may live until {}",
                stamp(*stopped),
                stamp(*until)
            ),
            Self::Minting { key } => {
                write!(f, "it would drop key {key}, which mints now: max_active_keys is too small")
            }
            Self::UnknownAge { key, doubt } => {
                write!(f, "it would drop key {key}, and it is unknown when that stopped minting: {doubt}")
            }
            Self::StagedTooYoung { staged, until } => write!(
                f,
                "it would make the staged key the primary, which was made at {} and may not be on every node before {}",
                stamp(*staged),
                stamp(*until)
            ),
            Self::SameNumber { key, names } => {
                write!(f, "the files {} all say number {key}: remove all but one", names.join(", "))
            }
            Self::UnusablePrimary { key } => {
                write!(f, "the file of the primary key {key} holds no key: restore it from a node that has it")
            }
        }
    }
}

/// A key that a rotation would drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped {
    /// Its number.
    pub key: KeyNumber,
    /// Until when its tokens may live; `None`: not known.
    pub tokens_until: Option<DateTime<Utc>>,
}

/// The keys that `plan` drops, and until when they are needed.
pub fn dropped(plan: &RotationPlan, history: &History, terms: &Terms, now: DateTime<Utc>) -> Vec<Dropped> {
    let purged = plan.steps.iter().filter_map(|step| match step {
        Step::Purge(number) => Some(*number),
        _ => None,
    });
    let dropped = |key| Dropped { key, tokens_until: history.key(key).and_then(|key| terms.tokens_until(key, now)) };
    purged.map(dropped).collect()
}

/// What stands against carrying out `plan` at `now`.
pub fn obstacles(plan: &RotationPlan, history: &History, terms: &Terms, now: DateTime<Utc>) -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    if let Some(primary) = history.primary().filter(|primary| primary.key.fingerprint.is_none()) {
        obstacles.push(Obstacle::UnusablePrimary { key: primary.key.number });
    }
    if let Some(staged) = history.last_rotation() {
        let until = staged + terms.distribution_delay;
        if until > now {
            obstacles.push(Obstacle::StagedTooYoung { staged, until });
        }
    }
    for Dropped { key, .. } in dropped(plan, history, terms, now) {
        // The staged key is dropped under its new number, where a repository may hold but one.
        let Some(found) = history.key(key) else { continue };
        obstacles.extend(obstacle_of(found, history, terms, now));
    }
    obstacles
}

/// What stands against dropping one key.
pub(super) fn obstacle_of(
    found: &KeyHistory,
    history: &History,
    terms: &Terms,
    now: DateTime<Utc>,
) -> Option<Obstacle> {
    let key = found.key.number;
    match (found.role, found.stopped) {
        (KeyRole::Primary, _) => Some(Obstacle::Minting { key }),
        (_, Stopped::At(stopped)) => {
            let until = stopped + terms.distribution_delay + terms.life;
            (until > now).then_some(Obstacle::LiveTokens { key, stopped, until })
        }
        (_, Stopped::Unknown) => {
            Some(Obstacle::UnknownAge { key, doubt: history.doubt().unwrap_or(Doubt::NoLaterKey(key)) })
        }
        // A staged key that goes: minted with on no node that this one is ahead of.
        (KeyRole::Staged | KeyRole::Secondary, Stopped::NotYet) => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::{
        domain::random::SeededRandom,
        keys::{
            Key,
            history::{DatedKey, Seen},
            key::new_key_text,
            rotation,
        },
    };

    const LIFE: TimeDelta = TimeDelta::hours(49);

    fn hour(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).unwrap()
    }

    fn judge(keys: &[(i128, i64)], maximum: u32, delay: i64, now: i64) -> Vec<Obstacle> {
        let random = SeededRandom::new(3);
        let dated = |(number, at): &(i128, i64)| {
            let number = KeyNumber::new(*number);
            let key = Key::parse(number, &new_key_text(&*random)).unwrap();
            DatedKey { number, fingerprint: Some(key.fingerprint()), modified: Some(hour(*at)) }
        };
        let keys: Vec<DatedKey> = keys.iter().map(dated).collect();
        let history = History::of(&keys, &Seen::new(), hour(now));
        let numbers = keys.iter().map(|key| key.number).collect();
        let plan = rotation::plan(&numbers, NonZeroU32::new(maximum).unwrap());
        let terms = Terms { life: LIFE, distribution_delay: TimeDelta::hours(delay) };
        obstacles(&plan, &history, &terms, hour(now))
    }

    #[test]
    fn a_key_goes_when_its_last_token_is_gone() {
        // Key 1 minted until hour 10.
        let keys = [(0, 10), (1, 0), (2, 0)];
        assert_eq!(judge(&keys, 4, 0, 20), [], "nothing is dropped");
        let [Obstacle::LiveTokens { key, stopped, until }] = judge(&keys, 3, 0, 20)[..] else { panic!() };
        assert_eq!((key, stopped, until), (KeyNumber::new(1), hour(10), hour(59)));
        assert_eq!(judge(&keys, 3, 0, 58).len(), 1);
        assert_eq!(judge(&keys, 3, 0, 59), []);
        assert_eq!(judge(&keys, 3, 2, 60).len(), 1, "other nodes minted with it for two hours more");
        assert_eq!(judge(&keys, 3, 2, 61), []);
    }

    #[test]
    fn the_key_that_mints_is_never_dropped() {
        let minting = |key: i128| Obstacle::Minting { key: KeyNumber::new(key) };
        assert_eq!(judge(&[(0, 0), (1, 0)], 2, 0, 1000), [minting(1)]);
        assert_eq!(judge(&[(0, 0), (1, 0)], 1, 0, 1000), [minting(1)]);
        assert_eq!(judge(&[(0, 0), (1, 0)], 3, 0, 1000), []);
    }

    #[test]
    fn an_unknown_age_is_no_age() {
        let [obstacle] = &judge(&[(0, 0), (1, 0), (2, 0)], 3, 0, 1000)[..] else { panic!() };
        assert_eq!((obstacle.code(), obstacle.ends()), ("unknown-age", None));
        assert!(obstacle.to_string().contains("it is unknown when that stopped minting"), "{obstacle}");
    }

    #[test]
    fn a_staged_key_waits_until_every_node_has_it() {
        let [Obstacle::StagedTooYoung { until, .. }] = judge(&[(0, 10), (1, 0), (2, 0)], 9, 3, 12)[..] else {
            panic!()
        };
        assert_eq!(until, hour(13));
        assert_eq!(judge(&[(0, 10), (1, 0), (2, 0)], 9, 3, 13), []);
    }

    #[test]
    fn the_keys_needed_are_keystones_formula_rounded_up() {
        let terms =
            |life: i64, delay: i64| Terms { life: TimeDelta::hours(life), distribution_delay: TimeDelta::hours(delay) };
        let needed = |life, delay, every| terms(life, delay).keys_needed(TimeDelta::hours(every)).map(NonZeroU32::get);
        assert_eq!(needed(49, 0, 24), Some(5));
        assert_eq!(needed(49, 0, 1), Some(51), "Mirantis' 51 keys for hourly rotations");
        assert_eq!(needed(48, 0, 24), Some(4));
        assert_eq!(needed(48, 1, 24), Some(5));
        assert_eq!(needed(1, 0, 24), Some(3));
        assert_eq!(needed(0, 0, 24), Some(3));
        assert_eq!(needed(49, 0, 0), None);
    }
}
