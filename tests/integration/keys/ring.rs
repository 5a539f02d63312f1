//! A ring follows its directory: at once, on request, and without flooding the disk.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use fernstone::{
    domain::random::SystemRandom,
    keys::{FollowSettings, Key, KeyOwner, KeyRepository, KeyRing, KeySet, PrimaryKeyError},
};
use tempfile::TempDir;
use tokio::{task::JoinSet, time::timeout};

use super::at_most;

const NEVER: Duration = Duration::from_secs(3600);
const NOW: u64 = 1_700_000_000;

/// Reads only when asked.
const ON_REQUEST: FollowSettings = FollowSettings { poll_interval: NEVER, pause: Duration::ZERO, change_events: false };

/// Reads only when the system reports a change.
const ON_CHANGE: FollowSettings =
    FollowSettings { poll_interval: NEVER, pause: Duration::from_millis(5), change_events: true };

/// The interval of the default, without help of the system.
const ON_POLL: FollowSettings =
    FollowSettings { poll_interval: Duration::from_millis(500), pause: Duration::from_millis(5), change_events: false };

/// How long a change may take to be seen.
const PROMISED: Duration = Duration::from_secs(1);

fn set_up(max_active_keys: u32) -> (TempDir, KeyRepository) {
    let base = tempfile::tempdir().unwrap();
    let repository = KeyRepository::new(base.path().join("keys"), at_most(max_active_keys));
    repository.setup(KeyOwner::default(), &SystemRandom).unwrap();
    (base, repository)
}

fn follow(repository: &KeyRepository, settings: FollowSettings) -> KeyRing {
    KeyRing::follow(repository.clone(), settings).unwrap()
}

fn rotate(repository: &KeyRepository) {
    repository.rotate(KeyOwner::default(), &SystemRandom).unwrap();
}

fn seal(key: &Key) -> String {
    key.seal(b"claims", NOW, [7; 16])
}

fn opens(keys: &KeySet, token: &str) -> bool {
    keys.iter().any(|key| key.open(token).is_some())
}

/// Waits for keys that fulfil `condition`, no longer than promised.
async fn within_a_second(ring: &KeyRing, condition: impl Fn(&KeySet) -> bool) -> Arc<KeySet> {
    timeout(PROMISED, ring.subscribe().wait_until(condition)).await.expect("the change is seen within a second")
}

/// Copies all files of one directory into another, as an operator distributes keys.
fn copy_keys(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[tokio::test]
async fn a_token_of_a_key_that_has_just_come_to_disk_opens_without_waiting_for_a_poll() {
    let (_base, repository) = set_up(3);
    let (_other_base, other) = set_up(3);
    let ring = follow(&repository, ON_REQUEST);
    let token = seal(other.load().primary().unwrap());
    assert!(!opens(&ring.snapshot(), &token));
    fs::copy(other.path().join("1"), repository.path().join("2")).unwrap();
    assert!(!opens(&ring.snapshot(), &token), "nothing reads on its own here");
    assert!(opens(&*ring.look_again().await, &token));
    assert!(opens(&ring.snapshot(), &token), "what one look has found serves all");
}

#[tokio::test]
async fn a_token_of_a_removed_key_is_refused_though_it_was_accepted_before() {
    for settings in [ON_CHANGE, ON_POLL, FollowSettings::default()] {
        let (_base, repository) = set_up(3);
        let ring = follow(&repository, settings);
        let token = seal(ring.snapshot().primary().unwrap());
        assert!(opens(&ring.snapshot(), &token));
        fs::remove_file(repository.path().join("1")).unwrap();
        within_a_second(&ring, |keys| !opens(keys, &token)).await;
        assert!(!opens(&ring.snapshot(), &token));
    }
}

#[tokio::test]
async fn after_a_rotation_the_new_primary_mints() {
    for settings in [ON_CHANGE, ON_POLL, FollowSettings::default()] {
        let (_base, repository) = set_up(3);
        let ring = follow(&repository, settings);
        let staged = ring.snapshot().iter().last().unwrap().fingerprint();
        let old = ring.snapshot().primary().unwrap().fingerprint();
        rotate(&repository);
        let keys = within_a_second(&ring, |keys| keys.len() == 3).await;
        assert_eq!(keys.primary().unwrap().fingerprint(), staged);
        assert!(keys.contains(old));
    }
}

#[tokio::test]
async fn keys_behind_a_link_that_is_swapped_are_followed() {
    // A Kubernetes secret: the names are links through `..data`, which is replaced as a whole.
    for settings in [ON_CHANGE, ON_POLL] {
        let (base, one) = set_up(3);
        let (_other_base, other) = set_up(3);
        let mount = base.path().join("mount");
        fs::create_dir(&mount).unwrap();
        for (version, repository) in [("..first", &one), ("..second", &other)] {
            fs::create_dir(mount.join(version)).unwrap();
            copy_keys(repository.path(), &mount.join(version));
        }
        symlink("..first", mount.join("..data")).unwrap();
        for name in ["0", "1"] {
            symlink(Path::new("..data").join(name), mount.join(name)).unwrap();
        }
        let ring = follow(&KeyRepository::new(&mount, at_most(3)), settings);
        assert!(ring.snapshot().same_as(&one.load()));
        symlink("..second", mount.join("..data_tmp")).unwrap();
        fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
        fs::remove_dir_all(mount.join("..first")).unwrap();
        within_a_second(&ring, |keys| keys.same_as(&other.load())).await;
    }
}

#[tokio::test]
async fn a_repository_that_is_itself_a_link_is_followed_to_where_it_leads_now() {
    let (base, one) = set_up(3);
    let (_other_base, other) = set_up(3);
    let path = base.path().join("current");
    symlink(one.path(), &path).unwrap();
    let ring = follow(
        &KeyRepository::new(&path, at_most(3)),
        FollowSettings { poll_interval: Duration::from_millis(100), ..FollowSettings::default() },
    );
    symlink(other.path(), base.path().join("next")).unwrap();
    fs::rename(base.path().join("next"), &path).unwrap();
    within_a_second(&ring, |keys| keys.same_as(&other.load())).await;
    // The watch has moved along with the link.
    rotate(&other);
    within_a_second(&ring, |keys| keys.len() == 3).await;
}

#[tokio::test]
async fn a_directory_that_is_gone_holds_no_keys_and_one_that_comes_back_is_found() {
    let (base, repository) = set_up(3);
    let ring = follow(&repository, FollowSettings::default());
    let away = base.path().join("away");
    fs::rename(repository.path(), &away).unwrap();
    let keys = within_a_second(&ring, KeySet::is_empty).await;
    assert_eq!(keys.primary().unwrap_err(), PrimaryKeyError::KeysNotFound);
    fs::rename(&away, repository.path()).unwrap();
    within_a_second(&ring, |keys| keys.primary().is_ok()).await;
}

#[tokio::test]
async fn a_primary_that_goes_bad_stops_minting_and_not_opening() {
    let (_base, repository) = set_up(3);
    let ring = follow(&repository, FollowSettings::default());
    let token = seal(ring.snapshot().iter().last().unwrap());
    fs::write(repository.path().join("2"), "not a key").unwrap();
    let keys = within_a_second(&ring, |keys| keys.primary().is_err()).await;
    assert!(matches!(keys.primary(), Err(PrimaryKeyError::Unusable { .. })));
    assert!(opens(&keys, &token));
    fs::remove_file(repository.path().join("2")).unwrap();
    within_a_second(&ring, |keys| keys.primary().is_ok()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_looks_is_a_bounded_number_of_readings() {
    const CALLS: usize = 10_000;
    let pause = Duration::from_millis(20);
    let (_base, repository) = set_up(3);
    let ring = follow(&repository, FollowSettings { pause, ..ON_REQUEST });
    let (before, began) = (ring.readings(), Instant::now());
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let ring = ring.clone();
        calls.spawn(async move { ring.look_again().await.len() });
    }
    assert!(calls.join_all().await.into_iter().all(|keys| keys == 2));
    let readings = ring.readings() - before;
    let bound = 2 + began.elapsed().as_millis() / pause.as_millis();
    assert!((1..=bound).contains(&u128::from(readings)), "{readings} readings, {bound} allowed");
    assert!(readings < CALLS as u64 / 10, "{readings} readings for {CALLS} calls");
}

/// However many others ask meanwhile: what was on disk before a call is in its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_begins_after_it_was_asked_for() {
    let (_base, repository) = set_up(1000);
    let ring = follow(&repository, ON_REQUEST);
    let mut others = JoinSet::new();
    for _ in 0..4 {
        let ring = ring.clone();
        others.spawn(async move {
            loop {
                ring.look_again().await;
            }
        });
    }
    for _ in 0..60 {
        rotate(&repository);
        let written = repository.load();
        assert!(ring.look_again().await.same_as(&written));
    }
}

#[tokio::test]
async fn the_snapshot_stays_the_same_object_while_nothing_changes() {
    let (_base, repository) = set_up(3);
    let ring = follow(&repository, ON_REQUEST);
    let before = ring.snapshot();
    assert!(Arc::ptr_eq(&before, &ring.look_again().await));
    assert!(Arc::ptr_eq(&before, &ring.snapshot()));
}

#[tokio::test]
async fn a_ring_without_a_directory_answers_too() {
    let ring = KeyRing::fixed(KeySet::empty());
    assert!(ring.look_again().await.is_empty());
    assert_eq!(ring.readings(), 0);
}
