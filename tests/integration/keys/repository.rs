//! What the recordings do not cover: owners, links, several processes at once, and looks while keys move.

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use fernstone::{
    domain::random::{SeededRandom, SystemRandom},
    keys::{KeyFlaw, KeyOwner, KeyRepository, Outcome, PrimaryKeyError, RepositoryError},
};
use rustix::process::{getegid, geteuid};
use tempfile::TempDir;

use super::{
    at_most, fingerprints,
    log::captured,
    unprivileged::{NOBODY, as_unprivileged},
};

/// A repository that has been set up, and the directory that it is in.
fn set_up(max_active_keys: u32) -> (TempDir, KeyRepository) {
    let base = tempfile::tempdir().unwrap();
    let repository = KeyRepository::new(base.path().join("keys"), at_most(max_active_keys));
    assert_eq!(repository.setup(KeyOwner::default(), &SystemRandom).unwrap(), Outcome::Done);
    (base, repository)
}

#[test]
fn a_token_sealed_before_a_rotation_opens_until_its_key_is_purged() {
    let (_base, repository) = set_up(3);
    let sealed = repository.load().primary().unwrap().seal(b"claims", 1_700_000_000, [7; 16]);
    let opens = || {
        let keys = repository.load();
        keys.iter().any(|key| key.open(&sealed).is_some())
    };
    repository.rotate(KeyOwner::default(), &SystemRandom).unwrap();
    assert!(opens(), "the old primary is a secondary now");
    repository.rotate(KeyOwner::default(), &SystemRandom).unwrap();
    assert!(!opens(), "three keys: staged, primary, and one secondary younger than the one that sealed it");
}

#[test]
fn keys_come_from_the_random_source_that_is_handed_in() {
    let keys = || {
        let base = tempfile::tempdir().unwrap();
        let repository = KeyRepository::new(base.path(), at_most(3));
        repository.setup(KeyOwner::default(), &*SeededRandom::new(3)).unwrap();
        fingerprints(&repository.load())
    };
    assert_eq!(keys(), keys());
}

#[test]
fn new_keys_and_directories_belong_to_the_owner_that_was_named() {
    let (user, group) = if geteuid().is_root() { (NOBODY, NOBODY) } else { (geteuid().as_raw(), getegid().as_raw()) };
    let owner = KeyOwner { user: Some(user), group: Some(group) };
    let base = tempfile::tempdir().unwrap();
    fs::set_permissions(base.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let repository = KeyRepository::new(base.path().join("keys"), at_most(3));
    repository.setup(owner, &SystemRandom).unwrap();
    repository.rotate(owner, &SystemRandom).unwrap();
    for path in ["", "0", "1", "2"] {
        let metadata = fs::metadata(repository.path().join(path)).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (user, group), "owner of {path:?}");
    }
    let still_us = tempfile::NamedTempFile::new_in(base.path()).unwrap();
    assert_eq!(still_us.as_file().metadata().unwrap().uid(), geteuid().as_raw());
}

/// With root's rights a key would be written where its future owner may not write: a link that somebody put there could
/// then send root's pen elsewhere.
#[test]
fn a_key_is_written_with_the_rights_of_its_owner() {
    if !geteuid().is_root() {
        // Who is not root has no other rights than the owner's to begin with, and may not take another's.
        return as_unprivileged(|| {
            let (_base, repository) = set_up(3);
            let root = KeyOwner { user: Some(0), group: Some(0) };
            assert!(matches!(repository.rotate(root, &SystemRandom), Err(RepositoryError::Io { .. })));
        });
    }
    let (_base, repository) = set_up(3);
    let before = fingerprints(&repository.load());
    let owner = KeyOwner { user: Some(NOBODY), group: Some(NOBODY) };
    let error = repository.rotate(owner, &SystemRandom).unwrap_err();
    let denied = |source: &io::Error| source.kind() == io::ErrorKind::PermissionDenied;
    assert!(matches!(&error, RepositoryError::Io { source, .. } if denied(source)), "{error:?}");
    assert_eq!(fingerprints(&repository.load()), before);

    chown(repository.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    repository.rotate(owner, &SystemRandom).unwrap();
    assert_eq!(repository.load().len(), 3);
}

#[test]
fn a_temporary_file_that_is_a_link_is_not_followed() {
    let (base, repository) = set_up(3);
    let elsewhere = base.path().join("elsewhere");
    fs::write(&elsewhere, "precious").unwrap();
    symlink(&elsewhere, repository.path().join("0.tmp")).unwrap();
    let before = fingerprints(&repository.load());
    assert!(matches!(repository.rotate(KeyOwner::default(), &SystemRandom), Err(RepositoryError::Io { .. })));
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "precious");
    assert_eq!(fingerprints(&repository.load()), before);
    repository.rotate(KeyOwner::default(), &SystemRandom).expect("the link is gone, so the next rotation works");
}

#[test]
fn a_malformed_staged_key_is_not_promoted() {
    let (_base, repository) = set_up(3);
    fs::write(repository.path().join("0"), "garbage").unwrap();
    let error = repository.rotate(KeyOwner::default(), &SystemRandom).unwrap_err();
    assert!(matches!(error, RepositoryError::FlawedFile { flaw: KeyFlaw::Malformed(_), .. }), "{error:?}");
    assert_eq!(repository.load().primary().unwrap().number().to_string(), "1");
    assert!(!repository.path().join("0.tmp").exists());
}

#[test]
fn files_that_are_no_keys_never_mint_in_place_of_the_primary() {
    let (_base, repository) = set_up(3);
    let sealed = repository.load().primary().unwrap().seal(b"claims", 5, [7; 16]);
    let numbers = ["2", "99999999999999999999999999999999999999999999999999"];
    let contents: [&[u8]; 3] = [b"garbage", b"\xff\xfe", &[b'A'; 100_000]];
    for (name, content) in numbers.iter().flat_map(|name| contents.map(|content| (name, content))) {
        let file = repository.path().join(name);
        fs::write(&file, content).unwrap();
        let (keys, log) = captured(|| repository.load());
        assert!(matches!(keys.primary(), Err(PrimaryKeyError::Unusable { .. })));
        assert!(keys.iter().any(|key| key.open(&sealed).is_some()));
        assert!(log.iter().any(|(level, text)| level == "ERROR" && text.contains(file.to_str().unwrap())), "{log:?}");
        fs::remove_file(file).unwrap();
    }
    assert!(repository.load().primary().is_ok());
}

#[test]
fn a_closed_primary_never_has_a_secondary_mint() {
    as_unprivileged(|| {
        let (_base, repository) = set_up(3);
        let primary = repository.path().join("1");
        fs::set_permissions(&primary, fs::Permissions::from_mode(0o000)).unwrap();
        let keys = repository.load();
        assert_eq!(keys.len(), 1, "the staged key still opens tokens");
        assert!(matches!(keys.primary(), Err(PrimaryKeyError::Unusable { file, .. }) if file == primary));
    });
}

/// Two rotations that ran into each other would rename one's fresh key over the other's promoted one.
#[test]
fn rotations_at_once_wait_for_each_other() {
    let (_base, repository) = set_up(100);
    let before: BTreeSet<_> = fingerprints(&repository.load()).into_iter().collect();
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| (0..5).for_each(|_| repository.rotate(KeyOwner::default(), &SystemRandom).unwrap()));
        }
    });
    let after: BTreeSet<_> = fingerprints(&repository.load()).into_iter().collect();
    assert_eq!(after.len(), 2 + 6 * 5, "each rotation added one key");
    assert!(after.is_superset(&before));
}

/// A look lists the directory and then opens its files; keys that a rotation moves meanwhile must not be missed.
#[test]
fn a_look_during_rotations_misses_no_key() {
    let (_base, repository) = set_up(1000);
    let written = Mutex::new(fingerprints(&repository.load()));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..150 {
                repository.rotate(KeyOwner::default(), &SystemRandom).unwrap();
                *written.lock().unwrap() = fingerprints(&repository.load());
            }
            done.store(true, Ordering::SeqCst);
        });
        while !done.load(Ordering::SeqCst) {
            let before = written.lock().unwrap().clone();
            let keys = repository.load();
            let missed = before.iter().filter(|key| !keys.contains(**key)).count();
            assert_eq!(missed, 0, "of {} keys", before.len());
            assert!(keys.primary().is_ok());
        }
    });
}
