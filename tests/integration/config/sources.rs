//! Where files are found when nobody names one.

use std::fs;

use fernstone::config::{Config, ConfigError, Given, Sources};

use super::Setting;

/// A home directory with `~/.keystone/keystone.conf` and more.
fn home() -> Setting {
    let mut setting = Setting::new("[token]\nexpiration = 1\n");
    let home = setting.root.path().join("home");
    for (path, text) in [
        (".keystone/keystone.conf", "[token]\nexpiration = 2\nallow_expired_window = 2\nrevoke_by_id = false\n"),
        ("keystone.conf", "[token]\nexpiration = 3\n"),
        ("fernstone.conf", "[token]\nallow_expired_window = 4\n"),
        (".keystone/keystone.conf.d/a.conf", "[revoke]\nexpiration_buffer = 5\n"),
    ] {
        let path = home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    setting.sources.given.clear();
    setting
}

#[test]
fn the_first_file_of_each_name_counts_and_fernstones_comes_after_keystones() {
    let (config, _) = home().load().unwrap();
    assert_eq!(config.token.expiration, 2);
    assert_eq!(config.token.allow_expired_window, 4);
    assert!(!config.token.revoke_by_id);
    assert_eq!(config.revoke.expiration_buffer, 5);
}

#[test]
fn a_given_file_replaces_the_files_that_would_be_found_but_not_the_directories() {
    let mut setting = home();
    setting.sources.given.push(Given::File("~/keystone.conf".into()));
    let (config, _) = setting.load().unwrap();
    assert_eq!(config.token.expiration, 3);
    assert!(config.token.revoke_by_id);
    assert_eq!(config.revoke.expiration_buffer, 5);
}

#[test]
fn a_given_directory_replaces_the_directories_but_not_the_files() {
    let mut setting = home();
    setting.sources.given.push(Given::Dir("~/.keystone".into()));
    let (config, _) = setting.load().unwrap();
    assert_eq!(config.token.expiration, 2);
    assert_eq!(config.revoke.expiration_buffer, 1800);
}

#[test]
fn the_variables_of_keystones_wsgi_script_name_files_that_must_exist() {
    let root = home();
    let dir = root.root.path().to_str().unwrap().to_owned();
    let setting = home().variable("OS_KEYSTONE_CONFIG_DIR", &dir);
    assert_eq!(setting.load().unwrap().0.token.expiration, 1);
    let setting = home().variable("OS_KEYSTONE_CONFIG_DIR", &dir).variable("OS_KEYSTONE_CONFIG_FILES", "absent.conf");
    assert!(matches!(setting.load().unwrap_err(), ConfigError::FilesNotFound(paths) if paths.len() == 1));
}

#[test]
fn relative_policy_files_are_looked_for_beside_the_configuration() {
    let setting = Setting::new("");
    let (config, _) = setting.load().unwrap();
    assert_eq!(config.search_dirs[0], setting.root.path());
    assert_eq!(config.search_dirs[1], setting.root.path().join("home/.keystone"));
}

#[test]
fn bytes_that_are_no_text_are_refused_with_the_files_name() {
    let setting = Setting::new("");
    let file = setting.root.path().join("keystone.conf");
    fs::write(&file, b"[token]\nexpiration = \xff\n").unwrap();
    assert!(matches!(setting.load().unwrap_err(), ConfigError::NotText(path) if path == file));
}

#[test]
fn a_directory_in_place_of_a_file_is_told() {
    let setting = Setting::new("");
    let sources = Sources { given: vec![Given::File(setting.root.path().into())], ..setting.sources.clone() };
    assert!(
        matches!(Config::load(&sources).unwrap_err(), ConfigError::Unreadable { path, .. } if path == setting.root.path())
    );
}
