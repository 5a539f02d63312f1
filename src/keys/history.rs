//! Since when and until when the keys of a directory minted, as far as their files tell. No I/O.
//!
//! A rotation writes a fresh key and makes the staged one the primary, and renaming keeps the time of a file. So the file
//! with number *n + 1* was written in the rotation that made *n* the primary, and the one with *n + 2* in the rotation
//! that stopped *n*; behind the primary counts the staged key, as the next number. Where a number is missing, the next
//! one that is there was written later still: a bound that errs towards keeping the key.
//!
//! Files lie when they were copied without their times, or under a clock that was wrong. Then nothing is derived from
//! them: [`Doubt`]. What was seen of the keys at an earlier look ([`Seen`]) may take their place.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, TimeDelta, Utc};

use super::{key::KeyFingerprint, number::KeyNumber};

/// A clock may be so much behind the one that wrote a file.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// Three rotations do not fall into one second; the files of a copy do. And some file systems round times.
const ONE_MOMENT: TimeDelta = TimeDelta::seconds(1);

/// Before 2010 there was no Keystone: such a time was made up.
const FIRST_CONCEIVABLE: DateTime<Utc> = match DateTime::from_timestamp(1_262_304_000, 0) {
    Some(time) => time,
    None => DateTime::UNIX_EPOCH,
};

/// A key as its file shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedKey {
    /// Its number.
    pub number: KeyNumber,
    /// What identifies it; `None` where the file holds no key.
    pub fingerprint: Option<KeyFingerprint>,
    /// When the file was written.
    pub modified: Option<DateTime<Utc>>,
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRole {
    /// Mints.
    Primary,
    /// Will be the next primary; opens tokens already, for nodes that rotated earlier.
    Staged,
    /// Minted once; opens tokens.
    Secondary,
}

impl fmt::Display for KeyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Primary => "primary",
            Self::Staged => "staged",
            Self::Secondary => "secondary",
        })
    }
}

/// When a key minted for the last time on the node that rotates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Not yet: it is the primary, or will be.
    NotYet,
    /// At this time at the latest.
    At(DateTime<Utc>),
    /// Nothing tells.
    Unknown,
}

/// Why the times of the files are not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The system gave no time for the file.
    #[error("the file of key {0} has no time")]
    Undated(KeyNumber),
    /// Written after now.
    #[error("the file of key {0} was written in the future, at {at}: a clock is or was wrong", at = stamp(*.1))]
    Future(KeyNumber, DateTime<Utc>),
    /// Written before there was a Keystone.
    #[error("the file of key {0} was written at {at}, before there was a Keystone", at = stamp(*.1))]
    MadeUp(KeyNumber, DateTime<Utc>),
    /// A later key is older.
    #[error("the file of key {later} is older than that of key {earlier}, although the key is younger")]
    OutOfOrder {
        /// The key that came first.
        earlier: KeyNumber,
        /// The key that came after it and has an earlier time.
        later: KeyNumber,
    },
    /// Three keys in a row were written together.
    #[error("the files of three keys, {0} the first, were written within one second: copied without their times")]
    Alike(KeyNumber),
    /// The times would do, and there is no later key to tell when this one stopped.
    #[error("there is no later key to tell when key {0} stopped")]
    NoLaterKey(KeyNumber),
}

/// A time as everything here shows it: UTC, whole seconds, RFC 3339.
pub fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// When keys were first seen not to mint any more: notes from earlier looks.
pub type Seen = BTreeMap<KeyFingerprint, DateTime<Utc>>;

/// One key of a [`History`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyHistory {
    /// The key.
    pub key: DatedKey,
    /// What it does.
    pub role: KeyRole,
    /// Since when it mints or minted. `None`: not yet, or not known.
    pub started: Option<DateTime<Utc>>,
    /// When it stopped.
    pub stopped: Stopped,
    /// Whether `stopped` was seen by this program, and not told by files.
    pub by_note: bool,
}

/// What is known of all keys of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    keys: Vec<KeyHistory>,
    doubt: Option<Doubt>,
}

impl History {
    /// Reads the history of `keys`, each number once, as it looks at `now`.
    pub fn of(keys: &[DatedKey], seen: &Seen, now: DateTime<Utc>) -> Self {
        let mut chain: Vec<DatedKey> = keys.to_vec();
        chain.sort_by_key(|key| (key.number == KeyNumber::STAGED, key.number));
        let primary = keys.iter().map(|key| key.number).max();
        let doubt = doubt_about(&chain, now);
        // The number that counts: the staged key's is the one that it will have.
        let place = |key: &DatedKey| match primary {
            Some(primary) if key.number == KeyNumber::STAGED && key.number != primary => primary.next(),
            _ => Some(key.number),
        };
        let written_from = |number: Option<KeyNumber>| {
            let reached = |key: &&DatedKey| place(key).zip(number).is_some_and(|(at, number)| at >= number);
            chain.iter().find(reached).and_then(|key| key.modified).filter(|_| doubt.is_none())
        };
        let history = |key: &DatedKey| {
            let role = match primary {
                Some(primary) if key.number == primary => KeyRole::Primary,
                _ if key.number == KeyNumber::STAGED => KeyRole::Staged,
                _ => KeyRole::Secondary,
            };
            let next = key.number.next();
            let started = match role {
                KeyRole::Staged => None,
                // Alone it is staged and primary at once.
                _ if chain.len() == 1 => key.modified.filter(|_| doubt.is_none()),
                _ => written_from(next),
            };
            let noted = key.fingerprint.and_then(|fingerprint| seen.get(&fingerprint)).filter(|at| **at <= now + SKEW);
            let told = written_from(next.and_then(KeyNumber::next));
            let (stopped, by_note) = match (role, told, noted) {
                (KeyRole::Primary | KeyRole::Staged, ..) => (Stopped::NotYet, false),
                (KeyRole::Secondary, Some(told), _) => (Stopped::At(told), false),
                (KeyRole::Secondary, None, Some(noted)) => (Stopped::At(*noted), true),
                (KeyRole::Secondary, None, None) => (Stopped::Unknown, false),
            };
            KeyHistory { key: *key, role, started, stopped, by_note }
        };
        let mut keys: Vec<KeyHistory> = chain.iter().map(history).collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.key.number));
        Self { keys, doubt }
    }

    /// The keys in the order in which they are tried.
    pub fn keys(&self) -> &[KeyHistory] {
        &self.keys
    }

    /// One key.
    pub fn key(&self, number: KeyNumber) -> Option<&KeyHistory> {
        self.keys.iter().find(|history| history.key.number == number)
    }

    /// The key that mints.
    pub fn primary(&self) -> Option<&KeyHistory> {
        self.keys.first()
    }

    /// Why the times of the files are not believed, if they are not.
    pub fn doubt(&self) -> Option<Doubt> {
        self.doubt
    }

    /// When the last rotation was: the staged key was written in it.
    pub fn last_rotation(&self) -> Option<DateTime<Utc>> {
        let staged = self.key(KeyNumber::STAGED).filter(|staged| staged.role == KeyRole::Staged)?;
        staged.key.modified.filter(|_| self.doubt.is_none())
    }

    /// What to note of the keys for later looks: since when each was seen not to mint.
    pub fn note(&self, seen: &Seen, now: DateTime<Utc>) -> Seen {
        let secondaries = self.keys.iter().filter(|history| history.role == KeyRole::Secondary);
        let fingerprints = secondaries.filter_map(|history| history.key.fingerprint);
        // A note from the future was taken under a wrong clock.
        let earlier = |fingerprint| seen.get(&fingerprint).copied().filter(|at| *at <= now + SKEW);
        fingerprints.map(|fingerprint| (fingerprint, earlier(fingerprint).unwrap_or(now))).collect()
    }
}

fn doubt_about(chain: &[DatedKey], now: DateTime<Utc>) -> Option<Doubt> {
    let mut dated = Vec::with_capacity(chain.len());
    for key in chain {
        match key.modified {
            None => return Some(Doubt::Undated(key.number)),
            Some(time) if time > now + SKEW => return Some(Doubt::Future(key.number, time)),
            Some(time) if time < FIRST_CONCEIVABLE => return Some(Doubt::MadeUp(key.number, time)),
            Some(time) => dated.push((key.number, time)),
        }
    }
    let disorder = dated.windows(2).find(|pair| pair[1].1 + ONE_MOMENT <= pair[0].1);
    let disorder = disorder.map(|pair| Doubt::OutOfOrder { earlier: pair[0].0, later: pair[1].0 });
    // Set-up writes two keys at once, but never a third.
    let alike = dated.windows(3).find(|three| three[2].1 - three[0].1 < ONE_MOMENT);
    disorder.or_else(|| alike.map(|three| Doubt::Alike(three[0].0)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    fn hour(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).unwrap()
    }

    fn dated(keys: &[(i128, i64)]) -> Vec<DatedKey> {
        let key = |(number, at): &(i128, i64)| DatedKey {
            number: KeyNumber::new(*number),
            fingerprint: None,
            modified: Some(hour(*at)),
        };
        keys.iter().map(key).collect()
    }

    fn history(keys: &[(i128, i64)], now: i64) -> History {
        History::of(&dated(keys), &Seen::new(), hour(now))
    }

    fn stopped(history: &History, number: i128) -> Stopped {
        history.key(KeyNumber::new(number)).unwrap().stopped
    }

    /// Set up at hour 0, rotated at 10, 20, 30 and 40: key 1 minted from 0 to 10, key 2 from 10 to 20, and so on.
    const FOUR_ROTATIONS: [(i128, i64); 6] = [(0, 40), (1, 0), (2, 0), (3, 10), (4, 20), (5, 30)];

    #[test]
    fn each_key_stopped_when_the_second_next_one_was_written() {
        let history = history(&FOUR_ROTATIONS, 45);
        for (number, from, until) in [(1, 0, 10), (2, 10, 20), (3, 20, 30), (4, 30, 40)] {
            let key = history.key(KeyNumber::new(number)).unwrap();
            assert_eq!((key.role, key.started), (KeyRole::Secondary, Some(hour(from))), "key {number}");
            assert_eq!(key.stopped, Stopped::At(hour(until)), "key {number}");
        }
        let primary = history.primary().unwrap();
        assert_eq!((primary.key.number, primary.started), (KeyNumber::new(5), Some(hour(40))));
        assert_eq!((primary.role, primary.stopped), (KeyRole::Primary, Stopped::NotYet));
        let staged = history.key(KeyNumber::STAGED).unwrap();
        assert_eq!((staged.role, staged.started, staged.stopped), (KeyRole::Staged, None, Stopped::NotYet));
        assert_eq!(history.last_rotation(), Some(hour(40)));
    }

    #[test]
    fn a_gap_makes_the_bound_later_and_never_earlier() {
        let gap: Vec<_> = FOUR_ROTATIONS.into_iter().filter(|(number, _)| *number != 3).collect();
        assert_eq!(stopped(&history(&gap, 45), 1), Stopped::At(hour(20)));
        assert_eq!(stopped(&history(&gap, 45), 2), Stopped::At(hour(20)));
    }

    #[test]
    fn without_a_staged_key_nothing_tells_when_the_last_secondary_stopped() {
        let keys = history(&[(1, 0), (2, 10), (3, 20)], 45);
        assert_eq!(stopped(&keys, 1), Stopped::At(hour(20)));
        assert_eq!(stopped(&keys, 2), Stopped::Unknown);
    }

    #[test]
    fn a_lone_staged_key_is_the_primary() {
        let history = history(&[(0, 5)], 45);
        let only = history.primary().unwrap();
        assert_eq!((only.role, only.started, history.last_rotation()), (KeyRole::Primary, Some(hour(5)), None));
    }

    #[test]
    fn times_that_cannot_be_true_tell_nothing() {
        let numbers = |keys: &[(i128, i64)]| history(keys, 45).doubt();
        assert_eq!(numbers(&[(0, 0), (1, 0)]), None, "set up a moment ago");
        assert_eq!(numbers(&[(0, 10), (1, 0), (2, 0)]), None, "rotated once");
        assert_eq!(numbers(&[(0, 10), (1, 10), (2, 10)]), Some(Doubt::Alike(KeyNumber::new(1))));
        assert_eq!(numbers(&[(0, 30), (1, 10), (2, 10), (3, 10)]), Some(Doubt::Alike(KeyNumber::new(1))));
        let disorder = Doubt::OutOfOrder { earlier: KeyNumber::new(2), later: KeyNumber::STAGED };
        assert_eq!(numbers(&[(0, 5), (1, 0), (2, 10)]), Some(disorder));
        assert_eq!(numbers(&[(0, 99), (1, 0)]), Some(Doubt::Future(KeyNumber::STAGED, hour(99))));
        assert!(matches!(numbers(&[(0, -500_000), (1, -500_000)]), Some(Doubt::MadeUp(..))));
        let undated = DatedKey { number: KeyNumber::new(1), fingerprint: None, modified: None };
        let history = History::of(&[undated], &Seen::new(), hour(1));
        assert_eq!(history.doubt(), Some(Doubt::Undated(KeyNumber::new(1))));
    }

    #[test]
    fn notes_take_the_place_of_times_that_are_not_believed() {
        use crate::{domain::random::SeededRandom, keys::Key, keys::key::new_key_text};
        let random = SeededRandom::new(11);
        let keys: Vec<DatedKey> = [0, 1, 2, 3]
            .map(|number| {
                let key = Key::parse(KeyNumber::new(number), &new_key_text(&*random)).unwrap();
                DatedKey { number: key.number(), fingerprint: Some(key.fingerprint()), modified: Some(hour(10)) }
            })
            .to_vec();
        let first = History::of(&keys, &Seen::new(), hour(20));
        assert_eq!(stopped(&first, 1), Stopped::Unknown);
        let seen = first.note(&Seen::new(), hour(20));
        assert_eq!(seen.len(), 2, "neither the primary nor the staged key");
        let later = History::of(&keys, &seen, hour(30));
        assert_eq!(stopped(&later, 1), Stopped::At(hour(20)));
        assert!(later.key(KeyNumber::new(1)).unwrap().by_note);
        assert_eq!(later.note(&seen, hour(30)), seen, "the first sight counts");
        // Under a clock that has been set back, a note is no longer in the past.
        assert_eq!(stopped(&History::of(&keys, &seen, hour(19)), 1), Stopped::Unknown);
    }
}
