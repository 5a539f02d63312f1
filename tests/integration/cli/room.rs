//! Where there is no room or no right to write: a full disk, and directories that are closed.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
};

use fernstone::{
    domain::random::SystemRandom,
    keys::{KeyFingerprint, KeyOwner, KeyRepository},
};
use rustix::process::geteuid;

use super::spoken::{User, fernstone, fernstone_with, room};
use crate::keys::{at_most, unprivileged::NOBODY};

/// A file system in memory, small enough to be filled.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one. A test that cannot mount has not tested anything, so it fails.
    fn at(place: &Path) -> Self {
        assert!(
            geteuid().is_root(),
            "a full disk is made by mounting a small tmpfs, which only root may: run the tests as root"
        );
        fs::create_dir(place).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k,mode=0777", "tmpfs"]).arg(place).output();
        let mounted = mounted.expect("`mount` is there");
        assert!(mounted.status.success(), "no tmpfs can be mounted here: {}", String::from_utf8_lossy(&mounted.stderr));
        Self(place.to_owned())
    }

    fn fill(&self) {
        let mut file = File::create(self.0.join("ballast")).unwrap();
        while file.write_all(&[0; 1024]).is_ok() {}
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(&self.0).status();
        assert!(std::thread::panicking() || unmounted.is_ok_and(|status| status.success()), "it can be unmounted");
    }
}

fn loaded(directory: &Path) -> Vec<KeyFingerprint> {
    KeyRepository::new(directory, at_most(3)).load().iter().map(|key| key.fingerprint()).collect()
}

fn listing(directory: &Path) -> Vec<(String, u64)> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    let mut listing: Vec<_> =
        entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().len())).collect();
    listing.sort();
    listing
}

#[test]
fn on_a_full_disk_nothing_is_lost_and_no_empty_key_is_left() {
    let room = room();
    let disk = SmallDisk::at(&room.path().join("disk"));
    let keys = disk.0.join("keys");
    let path = keys.to_str().unwrap();
    let elsewhere = room.path().join("elsewhere");
    for directory in [&keys, &elsewhere] {
        KeyRepository::new(directory, at_most(3)).setup(KeyOwner::default(), &SystemRandom).unwrap();
    }
    let archive = fernstone(User::Same, ["fernet", "export", "--key-repository", elsewhere.to_str().unwrap()]).stdout;
    disk.fill();
    let (before, files) = (loaded(&keys), listing(&keys));
    let config = room.path().join("keystone.conf");
    fs::write(
        &config,
        format!("[fernet_tokens]\nkey_repository = {path}\n[fernet_receipts]\nkey_repository = {path}\n"),
    )
    .unwrap();
    let config = ["--config-file", config.to_str().unwrap()];
    let owner = ["--keystone-user", "0", "--keystone-group", "0"];
    for line in [
        &["fernet", "rotate", "--key-repository", path, "--max-active-keys", "9"][..],
        &[&config[..], &["fernet_rotate"], &owner].concat(),
    ] {
        let answer = fernstone(User::Same, line);
        assert_eq!(answer.status, 1, "{answer:?}");
        assert!(answer.stderr.contains("No space left on device"), "{answer:?}");
        assert!(answer.stderr.contains("Make room on the disk"), "what to do next: {answer:?}");
        assert_eq!((loaded(&keys), listing(&keys)), (before.clone(), files.clone()), "{line:?}");
    }
    let imported = fernstone_with(User::Same, &archive, ["fernet", "import", "--force", "--key-repository", path]);
    assert_eq!(imported.status, 1, "{imported:?}");
    assert_eq!(loaded(&keys), before);
    // With room again it works, whatever the failures left.
    fs::remove_file(disk.0.join("ballast")).unwrap();
    let rotated = fernstone(User::Same, ["fernet", "rotate", "--key-repository", path, "--max-active-keys", "9"]);
    assert_eq!(rotated.status, 0, "{rotated:?}");
    assert!(before.iter().all(|key| loaded(&keys).contains(key)));
    assert_eq!(listing(&keys).iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["0", "1", "2"]);
}

#[test]
fn in_a_directory_that_may_not_be_written_nothing_changes_and_the_reason_is_said() {
    let room = room();
    let keys = room.path().join("keys");
    KeyRepository::new(&keys, at_most(3)).setup(KeyOwner::default(), &SystemRandom).unwrap();
    let path = keys.to_str().unwrap();
    let archive = fernstone(User::Same, ["fernet", "export", "--key-repository", path]).stdout;
    if geteuid().is_root() {
        for name in ["", "0", "1"] {
            chown(keys.join(name), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o500)).unwrap();
    let files = listing(&keys);
    let rotated = fernstone(User::Unprivileged, ["fernet", "rotate", "--key-repository", path, "--force"]);
    assert_eq!(rotated.status, 1, "{rotated:?}");
    assert!(rotated.stderr.contains("Permission denied"), "{rotated:?}");
    let read = fernstone(User::Unprivileged, ["fernet", "status", "--key-repository", path]);
    assert_eq!(read.status, 0, "{read:?}");
    if geteuid().is_root() {
        // What this user may not read somebody else may: it is not to be deleted.
        chown(keys.join("0"), Some(0), Some(0)).unwrap();
        let checked = fernstone(User::Unprivileged, ["fernet", "check", "--json", "--key-repository", path]);
        let findings = checked.json()["findings"].as_array().unwrap().clone();
        let finding = findings.iter().find(|finding| finding["code"] == "key-unreadable").expect("it is found");
        assert!(!finding["advice"].as_str().unwrap().contains("delete"), "{finding}");
        assert_eq!(checked.status, 4);
        chown(keys.join("0"), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    // Root's word counts more than modes, but the key is written with its owner's rights.
    let as_who_runs_the_tests = fernstone(User::Same, ["fernet", "rotate", "--key-repository", path, "--force"]);
    assert_eq!(as_who_runs_the_tests.status, 1, "{as_who_runs_the_tests:?}");
    let same = fernstone_with(User::Unprivileged, &archive, ["fernet", "import", "--key-repository", path]);
    assert_eq!(same.status, 0, "there is nothing to write: {same:?}");
    assert_eq!(listing(&keys), files);
}
