//! Rotations that refuse, imports that never go backwards, and two nodes that follow the documented order.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    num::NonZeroU32,
    path::Path,
    sync::Arc,
    time::SystemTime,
};

use chrono::{DateTime, TimeDelta, Utc};
use fernstone::{
    domain::{
        clock::{Clock, ManualClock},
        random::{SeededRandom, SystemRandom},
    },
    keys::{
        Archive, Arrival, ImportError, ImportRefusal, ImportTerms, KeyFingerprint, KeyOwner, KeyRepository,
        RepositoryError,
        history::Seen,
        safety::{Obstacle, Terms},
    },
};
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, prop_oneof, proptest},
    prop_assert,
    test_runner::RngSeed,
};

use super::{at_most, fingerprints};

const LIFE: TimeDelta = TimeDelta::hours(49);

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// A node: its directory, its clock, and every token that it minted, as key and time.
struct Node {
    base: tempfile::TempDir,
    clock: Arc<ManualClock>,
    random: Arc<SeededRandom>,
    seen: Seen,
    maximum: NonZeroU32,
    minted: Vec<(KeyFingerprint, DateTime<Utc>)>,
}

impl Node {
    fn new(clock: &Arc<ManualClock>, seed: u64, maximum: u32) -> Self {
        let base = tempfile::tempdir().unwrap();
        let random = SeededRandom::new(seed);
        let seen = Seen::new();
        Self { base, clock: Arc::clone(clock), random, seen, maximum: at_most(maximum), minted: Vec::new() }
    }

    fn set_up(clock: &Arc<ManualClock>, seed: u64, maximum: u32) -> Self {
        let node = Self::new(clock, seed, maximum);
        node.repository().setup(KeyOwner::default(), &*node.random).unwrap();
        for name in ["0", "1"] {
            node.date(name);
        }
        node
    }

    fn directory(&self) -> std::path::PathBuf {
        self.base.path().join("keys")
    }

    fn repository(&self) -> KeyRepository {
        KeyRepository::new(self.directory(), self.maximum)
    }

    /// The file system's clock is not the test's: what was written now gets the test's time.
    fn date(&self, name: &str) {
        set_time(&self.directory().join(name), self.clock.now());
    }

    fn mint(&mut self) {
        let key = self.repository().load().primary().unwrap().fingerprint();
        self.minted.push((key, self.clock.now()));
    }

    fn rotate(&self, terms: &Terms, force: bool) -> Result<(), RepositoryError> {
        let done = self.repository().rotate_carefully(
            KeyOwner::default(),
            &*self.random,
            terms,
            &self.seen,
            &*self.clock,
            force,
        );
        done.map(|_| self.date("0"))
    }

    fn export(&self) -> Archive {
        let text = self.repository().export(self.clock.now()).unwrap().to_text();
        Archive::from_text(&text).unwrap()
    }

    fn import(&self, archive: &Archive, terms: &Terms, force: bool) -> Result<Arrival, ImportError> {
        let how = ImportTerms { terms, seen: &self.seen, now: self.clock.now(), force, dry_run: false };
        self.repository().import(archive, KeyOwner::default(), &how).map(|imported| imported.arrival)
    }

    /// Tokens of `minted` that are not gone yet and that no key here opens.
    fn refused(&self, minted: &[(KeyFingerprint, DateTime<Utc>)]) -> Vec<(KeyFingerprint, DateTime<Utc>)> {
        let keys = self.repository().load();
        let alive = minted.iter().filter(|(_, at)| *at + LIFE > self.clock.now());
        alive.filter(|(key, _)| !keys.contains(*key)).copied().collect()
    }
}

fn set_time(file: &Path, time: DateTime<Utc>) {
    File::options().write(true).open(file).unwrap().set_modified(SystemTime::from(time)).unwrap();
}

fn terms(delay: TimeDelta) -> Terms {
    Terms { life: LIFE, distribution_delay: delay }
}

fn now() -> Terms {
    terms(TimeDelta::zero())
}

/// Names and texts of all files.
fn content(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

#[derive(Debug, Clone)]
enum Event {
    Wait(i64),
    Rotate,
    ChangeMaximum(u32),
    /// Exported now, imported some events later.
    Export,
    Import,
    LoseTimes,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (1_i64..30).prop_map(Event::Wait),
        4 => Just(Event::Rotate),
        1 => (1_u32..8).prop_map(Event::ChangeMaximum),
        1 => Just(Event::Export),
        1 => Just(Event::Import),
        1 => Just(Event::LoseTimes),
    ];
    vec(event, 1..50)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, rng_seed: RngSeed::Fixed(0x726f_7461_7465), ..ProptestConfig::default() })]

    /// Whatever is asked of it, in whatever order, a node without `--force` opens every token that it minted until the token
    /// is gone.
    #[test]
    fn without_force_no_live_token_loses_its_key(events in events()) {
        let clock = ManualClock::at(start());
        let mut node = Node::set_up(&clock, 1, 3);
        let mut archive = None;
        for event in events {
            match event {
                Event::Wait(hours) => clock.advance(TimeDelta::hours(hours)),
                Event::Rotate => _ = node.rotate(&now(), false),
                Event::ChangeMaximum(maximum) => node.maximum = at_most(maximum),
                Event::Export => archive = Some(node.export()),
                Event::Import => if let Some(archive) = &archive {
                    _ = node.import(archive, &now(), false);
                },
                // A copy that does not keep times: they are those of the copy.
                Event::LoseTimes => content(&node.directory()).keys().for_each(|name| node.date(name)),
            }
            let history = node.repository().history(&node.seen, clock.now()).unwrap();
            node.seen = history.note(&node.seen, clock.now());
            node.mint();
            let lost = node.refused(&node.minted);
            prop_assert!(lost.is_empty(), "lost {lost:?} at {}", clock.now());
        }
    }

    /// Rotate on one node, bring the keys to the other within the delay, and only then rotate again: both always open
    /// what either minted.
    #[test]
    fn nodes_in_the_documented_order_open_each_others_tokens(
        rhythm in vec((0_i64..=120, 0_i64..2000), 1..20),
        maximum in 3_u32..7,
    ) {
        let delay = TimeDelta::minutes(120);
        let clock = ManualClock::at(start());
        let mut nodes = [Node::set_up(&clock, 1, maximum), Node::new(&clock, 2, maximum)];
        nodes[1].import(&nodes[0].export(), &terms(delay), false).unwrap();
        for (on_the_way, pause) in rhythm {
            clock.advance(TimeDelta::minutes(pause));
            _ = nodes[0].rotate(&terms(delay), false);
            for step in [on_the_way / 2, on_the_way - on_the_way / 2, 0] {
                nodes.iter_mut().for_each(Node::mint);
                let minted = [&nodes[0].minted[..], &nodes[1].minted].concat();
                for node in &nodes {
                    let refused = node.refused(&minted);
                    prop_assert!(refused.is_empty(), "{refused:?} at {}", clock.now());
                }
                clock.advance(TimeDelta::minutes(step));
            }
            let arrived = nodes[1].import(&nodes[0].export(), &terms(delay), false);
            prop_assert!(arrived.is_ok(), "{arrived:?}");
        }
    }
}

#[test]
fn a_refusal_changes_nothing_and_says_from_when_it_is_safe() {
    let clock = ManualClock::at(start());
    let node = Node::set_up(&clock, 1, 3);
    clock.advance(TimeDelta::hours(24));
    node.rotate(&now(), false).expect("there is room");
    clock.advance(TimeDelta::hours(24));
    let before = content(&node.directory());
    let RepositoryError::Refused { refusal, .. } = node.rotate(&now(), false).unwrap_err() else { panic!() };
    assert_eq!(content(&node.directory()), before);
    let safe_from = start() + TimeDelta::hours(24) + LIFE;
    assert_eq!(refusal.safe_from, Some(safe_from));
    assert!(refusal.to_string().ends_with("; it is safe from 2027-01-18T09:00:00Z"), "{refusal}");
    clock.set(safe_from - TimeDelta::seconds(1));
    assert!(node.rotate(&now(), false).is_err());
    clock.set(safe_from);
    node.rotate(&now(), false).unwrap();
}

#[test]
fn force_rotates_all_the_same() {
    let clock = ManualClock::at(start());
    let node = Node::set_up(&clock, 1, 3);
    for _ in 0..5 {
        clock.advance(TimeDelta::hours(1));
        node.rotate(&now(), true).unwrap();
    }
    assert_eq!(content(&node.directory()).into_keys().collect::<Vec<_>>(), ["0", "5", "6"]);
}

#[test]
fn without_times_nothing_is_dropped_until_a_life_has_been_seen() {
    let clock = ManualClock::at(start());
    let mut node = Node::set_up(&clock, 1, 3);
    clock.advance(TimeDelta::hours(24));
    node.rotate(&now(), false).unwrap();
    clock.advance(TimeDelta::days(365));
    ["0", "1", "2"].iter().for_each(|name| node.date(name));
    let RepositoryError::Refused { refusal, .. } = node.rotate(&now(), false).unwrap_err() else { panic!() };
    assert!(matches!(refusal.obstacles[..], [Obstacle::UnknownAge { .. }]), "{refusal:?}");
    assert_eq!(refusal.safe_from, Some(clock.now() + LIFE));
    node.seen = node.repository().history(&node.seen, clock.now()).unwrap().note(&node.seen, clock.now());
    clock.advance(LIFE);
    node.rotate(&now(), false).unwrap();
}

#[test]
fn a_rotation_that_lacks_something_changes_nothing_even_by_force() {
    let clock = ManualClock::at(start());
    let node = Node::set_up(&clock, 1, 3);
    fs::remove_file(node.directory().join("0")).unwrap();
    let before = content(&node.directory());
    for force in [false, true] {
        assert!(matches!(node.rotate(&now(), force), Err(RepositoryError::Shortfall { .. })));
        assert_eq!(content(&node.directory()), before);
    }
    fs::write(node.directory().join("01"), &before["1"]).unwrap();
    fs::write(node.directory().join("0"), &before["1"]).unwrap();
    let RepositoryError::Refused { refusal, .. } = node.rotate(&now(), false).unwrap_err() else { panic!() };
    assert!(refusal.obstacles.iter().any(|it| it.code() == "same-number"), "{refusal}");
}

#[test]
fn an_import_goes_forward_and_never_back() {
    let clock = ManualClock::at(start());
    let (one, other) = (Node::set_up(&clock, 1, 3), Node::new(&clock, 2, 3));
    let first = one.export();
    assert_eq!(other.import(&first, &now(), false).unwrap(), Arrival::First);
    assert_eq!(other.import(&first, &now(), false).unwrap(), Arrival::Same);
    assert_eq!(content(&other.directory()), content(&one.directory()));
    clock.advance(TimeDelta::hours(60));
    one.rotate(&now(), false).unwrap();
    let second = one.export();
    assert_eq!(other.import(&second, &now(), false).unwrap(), Arrival::Forward);
    assert_eq!(content(&other.directory()), content(&one.directory()));
    let before = content(&other.directory());
    let ImportError::Refused { reasons, .. } = other.import(&first, &now(), false).unwrap_err() else { panic!() };
    assert!(matches!(reasons[0], ImportRefusal::Backwards { .. }), "{reasons:?}");
    assert_eq!(content(&other.directory()), before);
    // Times came with the keys.
    let history = |node: &Node| node.repository().history(&Seen::new(), clock.now()).unwrap();
    assert_eq!(history(&other), history(&one));
    other.import(&first, &now(), true).expect("by force");
    assert_ne!(content(&other.directory()), before);
}

#[test]
fn an_import_of_strange_keys_is_refused() {
    let clock = ManualClock::at(start());
    let (one, stranger) = (Node::set_up(&clock, 1, 3), Node::set_up(&clock, 2, 3));
    let ImportError::Refused { reasons, safe_from, .. } = one.import(&stranger.export(), &now(), false).unwrap_err()
    else {
        panic!()
    };
    assert!(reasons.iter().any(|it| matches!(it, ImportRefusal::LosesPrimary { .. })), "{reasons:?}");
    assert_eq!(safe_from, None);
    assert!(fs::read_dir(one.base.path()).unwrap().count() == 1, "nothing is left beside the directory");
}

#[test]
fn an_import_that_drops_a_key_in_use_is_refused_until_its_tokens_are_gone() {
    let clock = ManualClock::at(start());
    let (one, other) = (Node::set_up(&clock, 1, 3), Node::new(&clock, 2, 3));
    other.import(&one.export(), &now(), false).unwrap();
    for _ in 0..2 {
        clock.advance(TimeDelta::hours(1));
        one.rotate(&now(), true).unwrap();
        let archive = one.export();
        let imported = other.import(&archive, &now(), false);
        if let Err(ImportError::Refused { reasons, safe_from, .. }) = imported {
            assert!(matches!(reasons[..], [ImportRefusal::LosesKey(Obstacle::LiveTokens { .. })]), "{reasons:?}");
            clock.set(safe_from.unwrap());
            other.import(&archive, &now(), false).unwrap();
            return;
        }
    }
    panic!("key 1 was dropped after an hour");
}

/// Other files in the directory, as a mount may bring them, keep it from being replaced as a whole.
#[test]
fn an_import_beside_other_files_leaves_them() {
    let clock = ManualClock::at(start());
    let (one, other) = (Node::set_up(&clock, 1, 3), Node::new(&clock, 2, 3));
    other.import(&one.export(), &now(), false).unwrap();
    fs::write(other.directory().join("README"), "keys").unwrap();
    for _ in 0..3 {
        clock.advance(TimeDelta::hours(60));
        one.rotate(&now(), false).unwrap();
        other.import(&one.export(), &now(), false).unwrap();
    }
    let mut left = content(&other.directory());
    assert_eq!(left.remove("README").unwrap(), b"keys");
    assert_eq!(left, content(&one.directory()));
}

#[test]
fn damaged_archives_are_no_archives() {
    let clock = ManualClock::at(start());
    let node = Node::set_up(&clock, 1, 3);
    let text = node.repository().export(clock.now()).unwrap().to_text();
    assert!(Archive::from_text(&text).is_ok());
    for end in (0..text.len() - 2).step_by(37) {
        assert!(Archive::from_text(&text[..end]).is_err(), "cut at {end}");
    }
    let key = fs::read_to_string(node.directory().join("1")).unwrap();
    let swapped = text.replace(&key, &fs::read_to_string(node.directory().join("0")).unwrap());
    let error = Archive::from_text(&swapped).unwrap_err().to_string();
    assert_eq!(error, "its key 1 does not have the fingerprint that is given for it");
    assert!(!format!("{:?}", Archive::from_text(&text).unwrap()).contains(&key));
    for (from, to) in
        [("\"number\": \"1\"", "\"number\": \"0\""), ("\"1\"", "\"-1\""), ("\"1\"", "\"01\""), ("tokens", "teapots")]
    {
        assert!(Archive::from_text(&text.replacen(from, to, 1)).is_err(), "{to}");
    }
    fs::write(node.directory().join("1"), "garbage").unwrap();
    assert!(node.repository().export(clock.now()).is_err(), "what is no key is not spread");
}

/// Two at once: the second judges what the first one left.
#[test]
fn of_two_careful_rotations_at_once_the_second_is_judged_by_what_the_first_left() {
    let base = tempfile::tempdir().unwrap();
    let repository = KeyRepository::new(base.path().join("keys"), at_most(100));
    repository.setup(KeyOwner::default(), &SystemRandom).unwrap();
    let rotate = || {
        let clock = fernstone::domain::clock::SystemClock;
        let terms = Terms { life: LIFE, distribution_delay: TimeDelta::hours(1) };
        repository.rotate_carefully(KeyOwner::default(), &SystemRandom, &terms, &Seen::new(), &clock, false)
    };
    for name in ["0", "1"] {
        set_time(&base.path().join("keys").join(name), start() - TimeDelta::days(3000));
    }
    let done: Vec<bool> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| rotate().is_ok())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(done.iter().filter(|done| **done).count(), 1, "the others find a staged key that is too young");
    assert_eq!(fingerprints(&repository.load()).len(), 3);
}
