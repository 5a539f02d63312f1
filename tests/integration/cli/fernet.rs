//! `fernet status|plan|rotate|check|export|import|identify` with nothing but a directory.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use fernstone::{
    domain::random::SystemRandom,
    keys::{KeyOwner, KeyRepository},
};
use serde_json::Value;

use super::spoken::{Answer, User, binary, command, fernstone, fernstone_with, room};
use crate::keys::{at_most, unprivileged::NOBODY};

const HOUR: u64 = 3600;

/// A directory that was set up and rotated, each rotation so many hours ago.
fn rotated(room: &Path, name: &str, maximum: u32, hours_ago: &[u64]) -> PathBuf {
    let directory = room.join(name);
    let repository = KeyRepository::new(&directory, at_most(maximum));
    repository.setup(KeyOwner::default(), &SystemRandom).unwrap();
    let age = |name: &str, hours: u64| {
        let time = SystemTime::UNIX_EPOCH + (now() - Duration::from_secs(hours * HOUR));
        File::options().write(true).open(directory.join(name)).unwrap().set_modified(time).unwrap();
    };
    let set_up = hours_ago.first().map_or(24, |first| first + 24);
    age("0", set_up);
    age("1", set_up);
    for hours in hours_ago {
        repository.rotate(KeyOwner::default(), &SystemRandom).unwrap();
        age("0", *hours);
    }
    directory
}

#[expect(clippy::disallowed_methods, reason = "the binary under test reads the machine's clock")]
fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()
}

fn fernet(verb: &str, directory: &Path, more: &[&str]) -> Answer {
    let directory = directory.to_str().unwrap();
    fernstone(User::Same, [&["fernet", verb, "--key-repository", directory], more].concat())
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn codes(answer: &Answer, list: &str) -> Vec<String> {
    let text = |item: &Value| item["code"].as_str().unwrap().to_owned();
    answer.json()[list].as_array().unwrap().iter().map(text).collect()
}

#[test]
fn status_tells_roles_ages_and_ends_and_never_a_key() {
    let room = room();
    let keys = rotated(room.path(), "keys", 5, &[30, 6]);
    let status = fernet("status", &keys, &["--json"]);
    assert_eq!(status.status, 0, "{status:?}");
    let json = status.json();
    assert_eq!((&json["max_active_keys"], &json["expiration"]), (&3.into(), &3600.into()));
    let of =
        |field: &str| -> Vec<Value> { json["keys"].as_array().unwrap().iter().map(|key| key[field].clone()).collect() };
    assert_eq!(of("number"), [3, 2, 1, 0]);
    assert_eq!(of("role"), ["primary", "secondary", "secondary", "staged"]);
    let hours = |value: &Value| value.as_i64().map(|age| age / 3600);
    assert_eq!(of("age_seconds").iter().map(hours).collect::<Vec<_>>(), [Some(30), Some(54), Some(54), Some(6)]);
    // 1 stopped 30 hours ago, 2 six: their tokens live for 49 hours from then.
    let stopped: Vec<String> = of("stopped_minting").iter().map(ToString::to_string).collect();
    assert!(stopped[0] == "null" && stopped[3] == "null" && stopped[1] > stopped[2], "{stopped:?}");
    assert_eq!(of("stopped_minting")[1], json["last_rotation"]);
    assert_eq!(json["next_rotation"]["safe"], false);
    assert_eq!(json["next_rotation"]["drops"][0]["number"], 1);
    let shown = fernet("status", &keys, &[]);
    assert!(shown.stdout.contains("secondary") && shown.stdout.contains("refused"), "{shown:?}");
    for name in names(&keys) {
        let key = fs::read_to_string(keys.join(name)).unwrap();
        assert!(!status.stdout.contains(&key) && !shown.stdout.contains(&key));
    }
    assert!(!shown.stdout.contains('\x1b'), "no colours but on a terminal");
}

#[test]
fn plan_says_how_many_keys_it_takes_and_shows_the_days() {
    let room = room();
    let keys = rotated(room.path(), "keys", 3, &[6]);
    let plan = fernet("plan", &keys, &["--every", "24h", "--json"]);
    let json = plan.json();
    assert_eq!(plan.status, 0);
    assert_eq!((&json["max_active_keys_needed"], &json["enough"]), (&5.into(), &false.into()));
    let days = json["calendar"].as_array().unwrap();
    assert_eq!(days.len(), 8);
    assert!(days.iter().all(|day| day["safe"] == true), "{days:#?}");
    assert_eq!(days[0]["primary"], 3);
    let at = |life: &[&str]| fernet("plan", &keys, &[&["--every", "1h", "--json"], life].concat()).json();
    assert_eq!(at(&[])["max_active_keys_needed"], 51);
    assert_eq!(at(&["--expiration", "24h", "--allow-expired-window", "0"])["max_active_keys_needed"], 26);
    let nowhere = fernet("plan", &room.path().join("nowhere"), &["--every", "24h", "--json"]);
    assert_eq!((nowhere.status, &nowhere.json()["calendar"]), (0, &Value::Null));
    let words = fernet("plan", &keys, &["--every", "24h"]);
    assert!(words.stdout.contains("[fernet_tokens] max_active_keys = 5"), "{words:?}");
    assert_eq!(fernet("plan", &keys, &["--every", "0"]).status, 1);
    assert_eq!(fernet("plan", &keys, &["--every", "often"]).status, 2);
}

#[test]
fn rotate_refuses_with_the_reason_and_the_time_and_changes_nothing() {
    let room = room();
    let keys = rotated(room.path(), "keys", 3, &[6]);
    let refused = fernet("rotate", &keys, &["--json"]);
    assert_eq!(refused.status, 3, "{refused:?}");
    assert_eq!(codes(&refused, "reasons"), ["live-tokens"]);
    let safe_from = refused.json()["safe_from"].as_str().unwrap().to_owned();
    assert!(refused.stderr.contains(&format!("It is safe from {safe_from}.")), "{refused:?}");
    assert_eq!(names(&keys), ["0", "1", "2"]);
    assert_eq!(fernet("rotate", &keys, &["--dry-run"]).status, 3);
    // With shorter lives, or room for more keys, the same rotation may be done.
    let may = |more: &[&str]| fernet("rotate", &keys, &[&["--dry-run"], more].concat()).status;
    assert_eq!(may(&["--expiration", "1h", "--allow-expired-window", "1h"]), 0);
    assert_eq!(may(&["--max-active-keys", "4"]), 0);
    assert_eq!(may(&["--max-active-keys", "4", "--distribution-delay", "7h"]), 3);
    assert_eq!(names(&keys), ["0", "1", "2"]);
    let forced = fernet("rotate", &keys, &["--force", "--json"]);
    assert_eq!((forced.status, &forced.json()["forced"]), (0, &true.into()));
    assert_eq!(names(&keys), ["0", "2", "3"]);
}

#[test]
fn rotate_rotates_where_nothing_stands_against_it() {
    let room = room();
    let keys = rotated(room.path(), "keys", 3, &[60]);
    let rotated = fernet("rotate", &keys, &[]);
    assert_eq!(rotated.status, 0, "{rotated:?}");
    assert!(rotated.stdout.contains("key 3 mints from now on, key 1 was dropped"), "{rotated:?}");
    assert_eq!(names(&keys), ["0", "2", "3"]);
    assert_eq!(fernet("rotate", &keys, &[]).status, 3, "the next one comes too soon");
}

#[test]
fn after_a_copy_without_times_the_age_is_unknown_and_noted_beside_the_directory() {
    let room = room();
    let keys = rotated(room.path(), "keys", 4, &[100, 80]);
    let copy = room.path().join("copy");
    fs::create_dir(&copy).unwrap();
    names(&keys).iter().for_each(|name| _ = fs::write(copy.join(name), fs::read(keys.join(name)).unwrap()));
    let refused = fernet("rotate", &copy, &["--json"]);
    assert_eq!(
        (refused.status, codes(&refused, "reasons")),
        (3, vec!["unknown-age".to_owned(), "unknown-age".to_owned()])
    );
    assert!(refused.stderr.contains("That has been noted"), "{refused:?}");
    let status = fernet("status", &copy, &["--json"]).json();
    assert_eq!(status["keys"][1]["stopped_by"], "note");
    assert_eq!(names(&copy), ["0", "1", "2", "3"], "notes lie outside of the directory");
    assert_eq!(names(room.path()), [".copy.seen", "copy", "keys"]);
    let again = fernet("rotate", &copy, &["--json"]);
    assert_eq!(codes(&again, "reasons"), ["live-tokens", "live-tokens"]);
    assert_eq!(fernet("rotate", &copy, &["--records", "/proc/none"]).status, 3);
    // What one user noted helps the other: the service need not be who rotates.
    if rustix::process::geteuid().is_root() {
        for name in ["", "0", "1", "2", "3"] {
            std::os::unix::fs::chown(copy.join(name), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    let line = ["fernet", "status", "--json", "--key-repository", copy.to_str().unwrap()];
    let status = fernstone(User::Unprivileged, line);
    assert_eq!((status.status, status.stderr.as_str()), (0, ""), "{status:?}");
    assert_eq!(status.json()["keys"][1]["stopped_by"], "note");
}

#[test]
fn check_finds_what_is_wrong_and_says_what_to_do() {
    let room = room();
    let good = rotated(room.path(), "good", 3, &[6]);
    let checked = fernet("check", &good, &["--json"]);
    assert_eq!((checked.status, &checked.json()["ok"]), (0, &true.into()), "{checked:?}");
    let bad = rotated(room.path(), "bad", 3, &[6]);
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&bad, 0o755);
    mode(&bad.join("0"), 0o644);
    fs::write(bad.join("3"), "").unwrap();
    fs::write(bad.join("1"), "garbage").unwrap();
    fs::copy(bad.join("2"), bad.join("02")).unwrap();
    fs::write(bad.join("notes"), "").unwrap();
    File::options()
        .write(true)
        .open(bad.join("0"))
        .unwrap()
        .set_modified(SystemTime::UNIX_EPOCH + now() + Duration::from_secs(9 * HOUR))
        .unwrap();
    let checked = fernet("check", &bad, &["--json"]);
    assert_eq!(checked.status, 4, "{checked:?}");
    let codes = codes(&checked, "findings");
    for code in [
        "directory-world-accessible",
        "file-world-accessible",
        "key-empty",
        "key-unusable",
        "number-twice",
        "key-twice",
        "junk",
        "times-not-believed",
    ] {
        assert!(codes.iter().any(|found| found == code), "{code} is not among {codes:?}");
    }
    assert!(
        checked.json()["findings"].as_array().unwrap().iter().all(|it| it["severity"] == "note" || it["advice"] != "")
    );
    assert_eq!(fernet("check", &room.path().join("nowhere"), &[]).status, 4);
}

#[test]
fn check_compares_nodes_by_fingerprints() {
    let room = room();
    let (one, other) = (rotated(room.path(), "one", 5, &[60]), room.path().join("other"));
    let directory = |path: &Path| path.to_str().unwrap().to_owned();
    let archive = fernet("export", &one, &[]).stdout;
    let compare = |status: &str| {
        fernstone_with(
            User::Same,
            status,
            ["fernet", "check", "--json", "--compare", "-", "--key-repository", &directory(&one)],
        )
    };
    let imported = fernstone_with(User::Same, &archive, ["fernet", "import", "--key-repository", &directory(&other)]);
    assert_eq!(imported.status, 0, "{imported:?}");
    assert_eq!(compare(&fernet("status", &other, &["--json"]).stdout).status, 0);
    fernet("rotate", &one, &["--max-active-keys", "5"]);
    let apart = compare(&fernet("status", &other, &["--json"]).stdout);
    assert_eq!(apart.status, 4);
    assert!(codes(&apart, "findings").contains(&"compare-one-rotation-apart".to_owned()), "{apart:?}");
    assert_eq!(compare("no fingerprints").status, 1);
}

#[test]
fn keys_travel_by_archive_and_arrive_whole() {
    let room = room();
    let (one, other) = (rotated(room.path(), "one", 5, &[60, 30]), room.path().join("etc/other"));
    let file = room.path().join("keys.json");
    let export = fernet("export", &one, &["--output", file.to_str().unwrap()]);
    assert_eq!((export.status, export.stdout.as_str()), (0, ""));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let import = |more: &[&str]| fernet("import", &other, &[&[file.to_str().unwrap(), "--json"], more].concat());
    assert_eq!(import(&["--dry-run"]).json()["imported"], false);
    assert!(!other.exists());
    let imported = import(&[]);
    assert_eq!((imported.status, &imported.json()["changed"]), (0, &true.into()), "{imported:?}");
    assert_eq!(fs::metadata(&other).unwrap().permissions().mode() & 0o7777, 0o700);
    for name in names(&one) {
        let of = |directory: &Path| {
            let file = directory.join(&name);
            let metadata = fs::metadata(&file).unwrap();
            (fs::read(&file).unwrap(), metadata.permissions().mode(), metadata.modified().unwrap())
        };
        assert_eq!(of(&one), of(&other), "{name}");
    }
    assert_eq!(import(&[]).json()["changed"], false);
    // The node goes on, and the old archive is refused.
    assert_eq!(fernet("rotate", &other, &["--max-active-keys", "9"]).status, 0);
    let refused = import(&[]);
    assert_eq!((refused.status, codes(&refused, "reasons")[0].as_str()), (3, "backwards"), "{refused:?}");
    let receipts = fernet("import", &room.path().join("receipts"), &[file.to_str().unwrap(), "--receipts"]);
    assert!(receipts.status == 3 && receipts.stderr.contains("keys of tokens"), "{receipts:?}");
}

#[test]
fn identify_names_the_key_of_a_token() {
    let room = room();
    let keys = rotated(room.path(), "keys", 5, &[60]);
    let repository = KeyRepository::new(&keys, at_most(5));
    let minted = now().as_secs() - HOUR * 20;
    let token = repository.load().primary().unwrap().seal(b"claims", minted, [7; 16]);
    let stranger = rotated(room.path(), "stranger", 5, &[]);
    let strange = KeyRepository::new(&stranger, at_most(5)).load().primary().unwrap().seal(b"claims", minted, [7; 16]);
    let ask = |tokens: &str| {
        let directory = keys.to_str().unwrap();
        fernstone_with(User::Same, tokens, ["fernet", "identify", "--json", "--key-repository", directory])
    };
    let known = ask(token.trim_end_matches('='));
    assert_eq!((known.status, &known.json()[0]["number"]), (0, &2.into()), "{known:?}");
    let both = ask(&format!("{token}\n\n{strange}\nnonsense\n\u{e9}\u{e9}\u{e9}\n"));
    let numbers: Vec<Value> = both.json().as_array().unwrap().iter().map(|it| it["number"].clone()).collect();
    assert_eq!((both.status, numbers), (1, vec![2.into(), Value::Null, Value::Null, Value::Null]));
    // Of keys that cannot be read nobody knows what they open.
    let nowhere = room.path().join("nowhere");
    let line = ["fernet", "identify", "--json", "--key-repository", nowhere.to_str().unwrap()];
    let unread = fernstone_with(User::Same, &token, line);
    assert_eq!((unread.status, unread.stdout.as_str()), (1, ""), "{unread:?}");
    assert!(unread.stderr.contains("failed to read") && unread.stderr.contains("fernet_setup makes one"), "{unread:?}");
}

/// Most Keystones keep their data in MariaDB, which Fernstone does not speak, and have keys like all others.
#[test]
fn keys_of_a_keystone_with_another_database_are_worked_on_all_the_same() {
    let room = room();
    let keys = rotated(room.path(), "keys", 3, &[60]);
    let config = room.path().join("keystone.conf");
    for connection in ["mysql+pymysql://keystone:hunter2@db/keystone", "ibm_db_sa://db/keystone", "nonsense"] {
        let section = |name: &str| format!("[{name}]\nkey_repository = {}\nmax_active_keys = 9\n", keys.display());
        let text = section("fernet_tokens") + &section("fernet_receipts");
        fs::write(&config, format!("[database]\nconnection = {connection}\n{text}")).unwrap();
        let run = |line: &[&str]| fernstone(User::Same, [&["--config-file", config.to_str().unwrap()], line].concat());
        let status = run(&["fernet", "status", "--json"]);
        assert_eq!((status.status, &status.json()["max_active_keys"]), (0, &9.into()), "{status:?}");
        assert_eq!(run(&["fernet", "rotate", "--dry-run"]).status, 0);
        let owner = ["--keystone-user", "0", "--keystone-group", "0"];
        let owner = if rustix::process::geteuid().is_root() { &owner[..] } else { &[] };
        let before = names(&keys).len();
        let rotated = run(&[&["fernet_rotate"], owner].concat());
        assert_eq!((rotated.status, names(&keys).len()), (0, before + 1), "{rotated:?}");
        let doctor = run(&["doctor", "--json"]);
        assert_eq!(doctor.status, 4);
        assert!(codes(&doctor, "findings").contains(&"database-url".to_owned()), "{doctor:?}");
        assert!(doctor.json()["findings"].to_string().contains(keys.to_str().unwrap()), "the keys were looked at too");
        let asked = run(&["db_version"]);
        assert!(asked.status == 1 && asked.stderr.contains("[database] connection"), "{asked:?}");
        assert!(!(doctor.stdout + &asked.stderr).contains("hunter2"));
    }
}

#[test]
fn receipts_live_as_long_as_receipts_do() {
    let room = room();
    let (tokens, receipts) = (rotated(room.path(), "tokens", 3, &[6]), rotated(room.path(), "receipts", 3, &[1]));
    let config = room.path().join("keystone.conf");
    let text = format!(
        "[fernet_tokens]\nkey_repository = {}\n[fernet_receipts]\nkey_repository = {}\nmax_active_keys = 3\n[receipt]\n\
         expiration = 600\n[identity]\ndriver = ldap\n",
        tokens.display(),
        receipts.display()
    );
    fs::write(&config, text).unwrap();
    let run = |arguments: &[&str]| {
        let config = config.to_str().unwrap();
        fernstone(User::Same, [&["--config-file", config, "fernet"], arguments].concat())
    };
    let status = run(&["status", "--receipts", "--json"]).json();
    assert_eq!((&status["purpose"], &status["expiration"]), (&"receipts".into(), &600.into()));
    assert_eq!(status["key_repository"], receipts.to_str().unwrap());
    assert_eq!(run(&["rotate", "--dry-run"]).status, 3, "tokens live for 49 hours");
    let reminded = run(&["rotate", "--force"]).stdout;
    assert!(
        reminded.contains("`fernet rotate --receipts`"),
        "one command rotates one directory, and says so: {reminded}"
    );
    assert_eq!(run(&["rotate", "--receipts"]).status, 0, "receipts for ten minutes");
    assert_eq!(names(&receipts), ["0", "2", "3"]);
}

#[test]
fn a_configuration_that_cannot_be_read_is_not_passed_over() {
    let room = room();
    let keys = rotated(room.path(), "keys", 3, &[60]);
    let missing = room.path().join("keystone.conf");
    let run = |more: &[&str]| {
        let start = ["--config-file", missing.to_str().unwrap(), "fernet", "rotate", "--dry-run"];
        fernstone(User::Same, [&start[..], &["--key-repository", keys.to_str().unwrap()], more].concat())
    };
    let answer = run(&[]);
    assert_eq!(answer.status, 1);
    assert!(answer.stderr.contains("--expiration"), "{answer:?}");
    // One that was found and not asked for stops only those to whom it matters how long tokens live.
    fs::create_dir(room.path().join(".keystone")).unwrap();
    fs::write(room.path().join(".keystone/keystone.conf"), "[token\n").unwrap();
    let beside = |verb: &str, more: &[&str]| -> Answer {
        let mut command = command(binary(), User::Same);
        let command = command.env("HOME", room.path()).args(["fernet", verb, "--key-repository"]).arg(&keys).args(more);
        command.output().unwrap().into()
    };
    assert_eq!((beside("export", &[]).status, beside("identify", &[]).status), (0, 0));
    for verb in ["status", "rotate", "check", "import"] {
        let answer = beside(verb, &[]);
        assert!(answer.status == 1 && answer.stderr.contains("--allow-expired-window"), "{answer:?}");
    }
    let all = ["--max-active-keys", "3", "--expiration", "1h", "--allow-expired-window", "48h"];
    assert_eq!((beside("status", &all).status, beside("check", &all).status), (0, 0));
}

#[test]
fn who_waits_for_another_process_says_so() {
    let room = room();
    let keys = rotated(room.path(), "keys", 9, &[60]);
    let lock = File::open(&keys).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let line = ["fernet", "rotate", "--max-active-keys", "9", "--key-repository"];
    let mut child = command(binary(), User::Same).args(line).arg(&keys).spawn().unwrap();
    let mut said = String::new();
    // Ends when it says something: it does nothing else before it has the lock.
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("waiting for it") && said.contains(keys.to_str().unwrap()), "{said}");
    assert_eq!(names(&keys), ["0", "1", "2"]);
    drop(lock);
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(names(&keys), ["0", "1", "2", "3"]);
}

/// Two processes: the second waits for the first, and then finds a staged key that no other node can have.
#[test]
fn of_two_rotations_at_once_one_waits_and_is_judged_anew() {
    let room = room();
    let keys = rotated(room.path(), "keys", 9, &[60]);
    let line = ["fernet", "rotate", "--max-active-keys", "9", "--distribution-delay", "1h", "--key-repository"];
    let start = || command(binary(), User::Same).args(line).arg(&keys).spawn().unwrap();
    let running: Vec<_> = (0..4).map(|_| start()).collect();
    let mut statuses: Vec<i32> =
        running.into_iter().map(|child| Answer::from(child.wait_with_output().unwrap()).status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [0, 3, 3, 3]);
    assert_eq!(names(&keys), ["0", "1", "2", "3"]);
    // keystone-manage's verb never refuses: each rotation is a whole one.
    let config = room.path().join("keystone.conf");
    let section = |name: &str| format!("[{name}]\nkey_repository = {}\nmax_active_keys = 9\n", keys.display());
    fs::write(&config, section("fernet_tokens") + &section("fernet_receipts")).unwrap();
    let owner = ["--keystone-user", "0", "--keystone-group", "0"];
    let owner = if rustix::process::geteuid().is_root() { &owner[..] } else { &[] };
    let start =
        || command(binary(), User::Same).arg("--config-file").arg(&config).arg("fernet_rotate").args(owner).spawn();
    let running: Vec<_> = (0..4).map(|_| start().unwrap()).collect();
    assert!(running.into_iter().all(|child| child.wait_with_output().unwrap().status.success()));
    assert_eq!(names(&keys), ["0", "1", "2", "3", "4", "5", "6", "7"]);
}
