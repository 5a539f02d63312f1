//! The plan of a rotation: numbers in, ordered steps out. No I/O.
//!
//! The order is Keystone's (`FernetUtils.rotate_keys`), and it is what makes a crash harmless. The fresh key is complete
//! on disk under a name that is no number before anything moves; the staged key, which every node already opens tokens
//! with, becomes the primary by one rename; only when the fresh key is staged are old keys deleted, lowest numbers first.
//! After every prefix of the steps, each key that the whole plan keeps is there under one number or another.

use std::{collections::BTreeSet, num::NonZeroU32};

use super::number::KeyNumber;

/// One change of the directory. Each is one system call to a reader: done or not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A fresh key is written to `0.tmp`. Readers do not see it.
    WriteTemporary,
    /// `0` is renamed: the staged key becomes the primary under this number.
    Promote(KeyNumber),
    /// `0.tmp` is renamed to `0`: the fresh key is staged.
    Stage,
    /// The file with this number is deleted: what it alone opens is refused from now on.
    Purge(KeyNumber),
}

/// The steps of one rotation, to be done in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationPlan {
    /// The primary now and after the rotation; `None` if there is no key.
    pub primaries: Option<(KeyNumber, KeyNumber)>,
    /// What to do.
    pub steps: Vec<Step>,
    /// Why the plan ends before the rotation is complete. Keystone notices only here, with the steps already done, and
    /// what they leave behind is what `fernet_setup` repairs.
    pub ends_early: Option<Shortfall>,
}

/// What a repository lacks to be rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Shortfall {
    /// There is no key at all.
    #[error("there is no key to rotate; run fernet_setup")]
    NoKeys,
    /// There is no key `0`, or it is empty.
    #[error("there is no staged key (0) to promote; run fernet_setup")]
    NoStagedKey,
    /// The primary has the highest number there is.
    #[error("the primary key has the highest possible number")]
    NumbersExhausted,
}

/// Plans a rotation of a repository that holds the keys `numbers` (files that are not empty), so that at most
/// `max_active_keys` are left.
pub fn plan(numbers: &BTreeSet<KeyNumber>, max_active_keys: NonZeroU32) -> RotationPlan {
    let mut steps = vec![Step::WriteTemporary];
    let Some(primary) = numbers.last().copied() else {
        return RotationPlan { primaries: None, steps, ends_early: Some(Shortfall::NoKeys) };
    };
    let Some(next) = primary.next() else {
        return RotationPlan { primaries: None, steps, ends_early: Some(Shortfall::NumbersExhausted) };
    };
    let primaries = Some((primary, next));
    steps.push(Step::Promote(next));
    if !numbers.contains(&KeyNumber::STAGED) {
        return RotationPlan { primaries, steps, ends_early: Some(Shortfall::NoStagedKey) };
    }
    steps.push(Step::Stage);
    // The fresh staged key has one of the places.
    let places = max_active_keys.get() as usize - 1;
    let mut others = numbers.clone();
    others.remove(&KeyNumber::STAGED);
    others.insert(next);
    let excess = others.len().saturating_sub(places);
    steps.extend(others.into_iter().take(excess).map(Step::Purge));
    RotationPlan { primaries, steps, ends_early: None }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use std::{
        collections::{BTreeMap, BTreeSet},
        num::NonZeroU32,
    };

    use proptest::{
        collection::btree_set,
        prelude::{ProptestConfig, Strategy, any, proptest},
        prop_assert, prop_assert_eq,
        test_runner::RngSeed,
    };

    use super::{KeyNumber, Shortfall, Step, plan};

    /// A directory as readers see it: numbers to keys, each key named after the number it had before the rotation.
    type Directory = BTreeMap<KeyNumber, &'static str>;

    const FRESH: &str = "fresh";
    const STAGED: &str = "staged";
    const PRIMARY: &str = "primary";
    const SECONDARY: &str = "secondary";

    fn directory(numbers: &BTreeSet<KeyNumber>) -> Directory {
        let name = |number: &KeyNumber| match number {
            number if *number == KeyNumber::STAGED => STAGED,
            number if Some(number) == numbers.last() => PRIMARY,
            _ => SECONDARY,
        };
        numbers.iter().map(|number| (*number, name(number))).collect()
    }

    fn apply(directory: &mut Directory, step: Step) {
        match step {
            Step::WriteTemporary => {}
            Step::Promote(number) => {
                let staged = directory.remove(&KeyNumber::STAGED).unwrap();
                assert_eq!(directory.insert(number, staged), None, "a promotion overwrote a key");
            }
            Step::Stage => assert_eq!(directory.insert(KeyNumber::STAGED, FRESH), None, "staging overwrote a key"),
            Step::Purge(number) => assert!(directory.remove(&number).is_some(), "purged a key that is not there"),
        }
    }

    fn numbers_with_a_staged_key() -> impl Strategy<Value = BTreeSet<KeyNumber>> {
        btree_set(1_i128..40, 0..12)
            .prop_map(|numbers| numbers.into_iter().chain([0]).map(KeyNumber::new).collect::<BTreeSet<_>>())
    }

    fn maximum() -> impl Strategy<Value = NonZeroU32> {
        (1_u32..12).prop_map(|maximum| NonZeroU32::new(maximum).unwrap())
    }

    fn seeded() -> ProptestConfig {
        ProptestConfig { cases: 512, rng_seed: RngSeed::Fixed(0x6665_726e_6574), ..ProptestConfig::default() }
    }

    proptest! {
        #![proptest_config(seeded())]

        /// After a rotation there are never more keys than allowed, and never fewer than it takes: one more than before,
        /// up to the maximum.
        #[test]
        fn the_maximum_is_kept_and_used(numbers in numbers_with_a_staged_key(), maximum in maximum()) {
            let mut after = directory(&numbers);
            plan(&numbers, maximum).steps.into_iter().for_each(|step| apply(&mut after, step));
            prop_assert_eq!(after.len(), (numbers.len() + 1).min(maximum.get() as usize));
        }

        /// The staged key becomes the primary under the number after the old primary's, and a fresh key is staged; with a
        /// maximum of one the fresh key is both.
        #[test]
        fn the_staged_key_becomes_primary(numbers in numbers_with_a_staged_key(), maximum in maximum()) {
            let mut after = directory(&numbers);
            let plan = plan(&numbers, maximum);
            plan.steps.into_iter().for_each(|step| apply(&mut after, step));
            prop_assert_eq!(after.get(&KeyNumber::STAGED), Some(&FRESH));
            let (number, key) = after.last_key_value().unwrap();
            if maximum.get() == 1 {
                prop_assert_eq!(*key, FRESH);
            } else {
                prop_assert_eq!(*key, STAGED);
                prop_assert_eq!(Some((*numbers.last().unwrap(), *number)), plan.primaries);
            }
        }

        /// The key that minted until now is never lost where the maximum has a place for it (three: staged, primary, one
        /// secondary), so that what it minted a moment ago still opens.
        #[test]
        fn the_old_primary_is_never_lost(numbers in numbers_with_a_staged_key(), maximum in maximum()) {
            let mut after = directory(&numbers);
            plan(&numbers, maximum).steps.into_iter().for_each(|step| apply(&mut after, step));
            if maximum.get() >= 3 && numbers.len() > 1 {
                prop_assert!(after.values().any(|key| *key == PRIMARY));
            }
        }

        /// Only the oldest keys go: no key is purged while one with a lower number stays, the fresh one aside.
        #[test]
        fn the_lowest_numbers_are_purged_first(numbers in numbers_with_a_staged_key(), maximum in maximum()) {
            let steps = plan(&numbers, maximum).steps;
            let purged: Vec<KeyNumber> = steps
                .iter()
                .filter_map(|step| if let Step::Purge(number) = step { Some(*number) } else { None })
                .collect();
            prop_assert!(purged.is_sorted());
            let mut after = directory(&numbers);
            steps.into_iter().for_each(|step| apply(&mut after, step));
            after.remove(&KeyNumber::STAGED);
            if let (Some(highest_purged), Some((lowest_left, _))) = (purged.last(), after.first_key_value()) {
                prop_assert!(highest_purged < lowest_left);
            }
        }

        /// A crash is harmless: after any number of steps, every key that the whole rotation keeps is there, and the
        /// primary is the old one or the new one.
        #[test]
        fn every_prefix_keeps_what_the_rotation_keeps(
            numbers in numbers_with_a_staged_key(),
            maximum in maximum(),
            cut in any::<proptest::sample::Index>(),
        ) {
            let steps = plan(&numbers, maximum).steps;
            let before = directory(&numbers);
            let mut complete = before.clone();
            steps.iter().for_each(|step| apply(&mut complete, *step));
            let mut stopped = before.clone();
            steps.iter().take(cut.index(steps.len() + 1)).for_each(|step| apply(&mut stopped, *step));
            for key in [STAGED, PRIMARY] {
                if complete.values().any(|kept| *kept == key) {
                    prop_assert!(stopped.values().any(|left| *left == key), "{} is gone", key);
                }
            }
            let kept = |directory: &Directory| directory.values().filter(|key| **key == SECONDARY).count();
            prop_assert!(kept(&stopped) >= kept(&complete));
            if maximum.get() >= 2 {
                let primary = *stopped.last_key_value().unwrap().1;
                prop_assert!(primary == STAGED || primary == *before.last_key_value().unwrap().1);
            }
        }

        /// Rotated often enough, a repository holds exactly the maximum, whatever gaps it began with, and each key is
        /// staged for one period, primary for one, secondary for the rest.
        #[test]
        fn rotations_settle(numbers in numbers_with_a_staged_key(), maximum in maximum()) {
            let mut numbers = numbers;
            for _ in 0..13 {
                for step in plan(&numbers, maximum).steps {
                    match step {
                        Step::Promote(number) => {
                            numbers.insert(number);
                        }
                        Step::Purge(number) => {
                            numbers.remove(&number);
                        }
                        Step::WriteTemporary | Step::Stage => {}
                    }
                }
            }
            prop_assert_eq!(numbers.len(), maximum.get() as usize);
        }
    }

    fn numbers(of: &[i128]) -> BTreeSet<KeyNumber> {
        of.iter().copied().map(KeyNumber::new).collect()
    }

    const THREE: NonZeroU32 = NonZeroU32::new(3).unwrap();

    #[test]
    fn a_usual_rotation_in_words() {
        let plan = plan(&numbers(&[0, 2, 3]), THREE);
        let [two, four] = [2, 4].map(KeyNumber::new);
        assert_eq!(plan.steps, [Step::WriteTemporary, Step::Promote(four), Step::Stage, Step::Purge(two)]);
        assert_eq!(plan.ends_early, None);
    }

    #[test]
    fn what_a_rotation_lacks_is_noticed_where_keystone_notices_it() {
        let empty = plan(&numbers(&[]), THREE);
        assert_eq!((empty.steps, empty.ends_early), (vec![Step::WriteTemporary], Some(Shortfall::NoKeys)));
        let unstaged = plan(&numbers(&[1, 2]), THREE);
        assert_eq!(unstaged.steps, [Step::WriteTemporary, Step::Promote(KeyNumber::new(3))]);
        assert_eq!(unstaged.ends_early, Some(Shortfall::NoStagedKey));
    }
}
