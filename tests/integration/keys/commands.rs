//! `fernet_setup` and `fernet_rotate` over the two repositories of a configuration.

use std::path::Path;

use clap::Parser;
use fernstone::{
    cli::{
        fernet_rotate::{self, FernetRotateArgs},
        fernet_setup::{self, FernetSetupArgs},
        key_repositories::{FernetRepositories, KeyOwnerArgs, KeyRepositorySettings},
    },
    domain::random::SystemRandom,
    keys::{KeyRepository, KeySet},
};
use rustix::process::geteuid;

use super::{at_most, fingerprints, log::captured, unprivileged::as_unprivileged};

fn settings(tokens: (&Path, u32), receipts: (&Path, u32)) -> FernetRepositories {
    let [tokens, receipts] = [tokens, receipts]
        .map(|(path, maximum)| KeyRepositorySettings { path: path.to_owned(), max_active_keys: at_most(maximum) });
    FernetRepositories { tokens, receipts }
}

fn load(directory: &Path) -> KeySet {
    KeyRepository::new(directory, at_most(3)).load()
}

#[test]
fn receipt_keys_are_set_up_and_rotated_where_they_have_a_directory_of_their_own() {
    let base = tempfile::tempdir().unwrap();
    let (tokens, receipts) = (base.path().join("tokens"), base.path().join("receipts"));
    let settings = settings((&tokens, 3), (&receipts, 4));
    fernet_setup::run(&FernetSetupArgs::default(), &settings, &SystemRandom).unwrap();
    for _ in 0..4 {
        fernet_rotate::run(&FernetRotateArgs::default(), &settings, &SystemRandom).unwrap();
    }
    assert_eq!((load(&tokens).len(), load(&receipts).len()), (3, 4));
    assert!(fingerprints(&load(&tokens)).iter().all(|key| !load(&receipts).contains(*key)));
}

#[test]
fn one_directory_for_both_is_changed_once_and_the_receipts_maximum_ignored_with_a_warning() {
    let base = tempfile::tempdir().unwrap();
    let (tokens, receipts) = (base.path().join("keys"), base.path().join("other/../keys/"));
    let settings = settings((&tokens, 3), (&receipts, 5));
    let ((), log) = captured(|| fernet_setup::run(&FernetSetupArgs::default(), &settings, &SystemRandom).unwrap());
    let warnings: Vec<_> = log.iter().filter(|(level, _)| level == "WARNING").collect();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].1.contains("Receipt `max_active_keys` will be ignored"));
    let before = load(&tokens);
    fernet_rotate::run(&FernetRotateArgs::default(), &settings, &SystemRandom).unwrap();
    let after = load(&tokens);
    assert_eq!(after.primary().unwrap().number().to_string(), "2");
    assert!(before.iter().all(|key| after.contains(key.fingerprint())));
}

#[test]
fn an_unknown_user_or_group_is_named_before_anything_is_done() {
    let base = tempfile::tempdir().unwrap();
    let keys = base.path().join("keys");
    let settings = settings((&keys, 3), (&keys, 3));
    let run = |user: &str, group: &str| {
        let name = |name: &str| Some(name.to_owned());
        let owner = KeyOwnerArgs { keystone_user: name(user), keystone_group: name(group) };
        fernet_setup::run(&FernetSetupArgs { owner }, &settings, &SystemRandom).map_err(|error| error.to_string())
    };
    assert_eq!(run("no-such-user", "").unwrap_err(), "Unknown user 'no-such-user' in --keystone-user");
    assert_eq!(run("", "no-such-group").unwrap_err(), "Unknown group 'no-such-group' in --keystone-group");
    assert_eq!(run("4294967294", "").unwrap_err(), "Unknown user '4294967294' in --keystone-user");
    assert!(!keys.exists());
    // Names and ids are looked up, an empty text is as good as none.
    run(&geteuid().as_raw().to_string(), "").unwrap();
    assert!(keys.exists());
}

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    args: FernetRotateArgs,
}

#[test]
fn root_must_say_whose_the_keys_are() {
    let parse = |arguments: &[&str]| {
        let line = std::iter::once("fernet_rotate").chain(arguments.iter().copied());
        CommandLine::try_parse_from(line).map(|line| line.args.owner)
    };
    let owner = parse(&["--keystone-user", "keystone", "--keystone-group", "keystone"]).unwrap();
    assert_eq!(owner.keystone_user.as_deref(), Some("keystone"));
    assert_eq!(parse(&[]).is_err(), geteuid().is_root());
    assert!(as_unprivileged(|| parse(&[]).is_ok()));
}
