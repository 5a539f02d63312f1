//! A set-up or a rotation that was cut off after any of its steps.
//!
//! What is left after each step is made by hand, from the plan itself: that every step is one atomic change is the
//! promise of `write.rs`.

use std::{collections::BTreeSet, fs, path::Path};

use fernstone::{
    domain::random::SystemRandom,
    keys::{
        KeyOwner, KeyRepository,
        number::{FileName, KeyNumber},
        rotation::{Step, plan},
    },
};

use super::{at_most, fingerprints};

fn numbers(directory: &Path) -> BTreeSet<KeyNumber> {
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let number = |name: String| match FileName::read(&name) {
        FileName::Number(number) => Some(number),
        _ => None,
    };
    names.filter_map(number).collect()
}

fn apply(directory: &Path, step: Step) {
    let rename = |from: &str, to: &str| fs::rename(directory.join(from), directory.join(to)).unwrap();
    match step {
        Step::WriteTemporary => {
            let elsewhere = tempfile::tempdir().unwrap();
            let other = KeyRepository::new(elsewhere.path(), at_most(1));
            other.setup(KeyOwner::default(), &SystemRandom).unwrap();
            fs::copy(elsewhere.path().join("0"), directory.join("0.tmp")).map(|_| ()).unwrap();
        }
        Step::Promote(number) => rename("0", &number.to_string()),
        Step::Stage => rename("0.tmp", "0"),
        Step::Purge(number) => fs::remove_file(directory.join(number.to_string())).unwrap(),
    }
}

#[test]
fn a_rotation_cut_off_anywhere_opens_what_it_opened_and_can_be_completed() {
    for max_active_keys in [2, 3, 5] {
        for rotations in [0, 1, 4] {
            for cut in 0.. {
                let base = tempfile::tempdir().unwrap();
                let repository = KeyRepository::new(base.path(), at_most(max_active_keys));
                repository.setup(KeyOwner::default(), &SystemRandom).unwrap();
                (0..rotations).for_each(|_| repository.rotate(KeyOwner::default(), &SystemRandom).unwrap());
                let before = repository.load();

                let steps = plan(&numbers(base.path()), at_most(max_active_keys)).steps;
                if cut > steps.len() {
                    break;
                }
                steps[..cut].iter().for_each(|step| apply(base.path(), *step));

                let left = repository.load();
                let purged = steps[..cut].iter().filter(|step| matches!(step, Step::Purge(_))).count();
                let missing = before.iter().filter(|key| !left.contains(key.fingerprint())).count();
                assert_eq!(missing, purged, "cut after {cut} of {steps:?}");
                // Minting goes on with a key that every node of before knows.
                assert!(before.contains(left.primary().unwrap().fingerprint()));

                // Setting up again is harmless and repairs; then rotations work as ever.
                let minting = left.primary().unwrap().fingerprint();
                repository.setup(KeyOwner::default(), &SystemRandom).unwrap();
                repository.rotate(KeyOwner::default(), &SystemRandom).unwrap();
                let repaired = repository.load();
                assert!(repaired.len() <= max_active_keys as usize);
                assert!(repaired.primary().is_ok());
                if max_active_keys > 3 {
                    assert!(repaired.contains(minting), "the key that minted is gone after a repair");
                }
            }
        }
    }
}

#[test]
fn a_set_up_cut_off_after_its_first_key_leaves_a_repository_that_works() {
    let base = tempfile::tempdir().unwrap();
    let repository = KeyRepository::new(base.path(), at_most(3));
    repository.setup(KeyOwner::default(), &SystemRandom).unwrap();
    fs::rename(base.path().join("1"), base.path().join("0")).unwrap();
    let keys = repository.load();
    assert_eq!(keys.len(), 1);
    let only = keys.primary().unwrap().fingerprint();
    repository.rotate(KeyOwner::default(), &SystemRandom).unwrap();
    assert_eq!(repository.load().primary().unwrap().fingerprint(), only);
    assert_eq!(fingerprints(&repository.load()).len(), 2);
}
