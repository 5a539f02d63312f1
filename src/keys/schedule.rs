//! The rotations to come: when each is, what it does to which key, and whether it may. No I/O.

use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    history::{DatedKey, History, Seen},
    number::KeyNumber,
    rotation::{self, Step},
    safety::{self, Dropped, Obstacle, Terms},
};

/// One rotation to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// When.
    pub at: DateTime<Utc>,
    /// The number under which the staged key becomes the primary.
    pub primary: KeyNumber,
    /// The keys that it drops.
    pub dropped: Vec<Dropped>,
    /// What stands against it. The days after it are shown as if it were done all the same.
    pub obstacles: Vec<Obstacle>,
    /// How many keys there are after it.
    pub keys: usize,
}

/// The next `count` rotations of the keys `keys`, the first one at `first` and then `every` so often, if they leave at most
/// `maximum` keys. Fewer where a rotation is not possible.
pub fn calendar(
    keys: &[DatedKey],
    seen: &Seen,
    maximum: NonZeroU32,
    terms: &Terms,
    (first, every, count): (DateTime<Utc>, TimeDelta, usize),
) -> Vec<Appointment> {
    let (mut keys, mut at) = (keys.to_vec(), first);
    let mut appointments = Vec::new();
    for _ in 0..count {
        let plan = rotation::plan(&keys.iter().map(|key| key.number).collect(), maximum);
        let (None, Some((_, primary))) = (plan.ends_early, plan.primaries) else { break };
        let history = History::of(&keys, seen, at);
        let obstacles = safety::obstacles(&plan, &history, terms, at);
        let dropped = safety::dropped(&plan, &history, terms, at);
        for step in &plan.steps {
            match step {
                Step::WriteTemporary => {}
                Step::Promote(number) => {
                    for key in keys.iter_mut().filter(|key| key.number == KeyNumber::STAGED) {
                        key.number = *number;
                    }
                }
                Step::Stage => keys.push(DatedKey { number: KeyNumber::STAGED, fingerprint: None, modified: Some(at) }),
                Step::Purge(number) => keys.retain(|key| key.number != *number),
            }
        }
        // A key to come is no unusable one.
        let obstacles = obstacles.into_iter().filter(|it| !matches!(it, Obstacle::UnusablePrimary { .. })).collect();
        appointments.push(Appointment { at, primary, dropped, obstacles, keys: keys.len() });
        let Some(next) = at.checked_add_signed(every) else { break };
        at = next;
    }
    appointments
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    fn hour(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).unwrap()
    }

    fn set_up_at(at: i64) -> Vec<DatedKey> {
        let key = |number| DatedKey { number: KeyNumber::new(number), fingerprint: None, modified: Some(hour(at)) };
        vec![key(0), key(1)]
    }

    fn dropped_by(maximum: u32, every: i64) -> Vec<(Vec<i64>, bool)> {
        let terms = Terms { life: TimeDelta::hours(49), distribution_delay: TimeDelta::zero() };
        let days = (hour(every), TimeDelta::hours(every), 8);
        let calendar = calendar(&set_up_at(0), &Seen::new(), NonZeroU32::new(maximum).unwrap(), &terms, days);
        let number = |dropped: &Dropped| dropped.key.to_string().parse().unwrap();
        calendar.iter().map(|it| (it.dropped.iter().map(number).collect(), it.obstacles.is_empty())).collect()
    }

    #[test]
    fn enough_keys_and_every_rotation_may_be_done() {
        let days = dropped_by(5, 24);
        assert_eq!(days[..3], [(vec![], true), (vec![], true), (vec![], true)]);
        assert_eq!(days[3..], [4, 5, 6, 7, 8].map(|day| (vec![day - 3], true)));
    }

    #[test]
    fn one_key_too_few_and_they_may_not() {
        assert!(dropped_by(4, 24).iter().skip(3).all(|(dropped, may)| !dropped.is_empty() && !may));
        assert!(dropped_by(50, 1).iter().all(|(_, may)| *may), "not yet full");
    }
}
