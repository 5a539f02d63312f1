//! A configuration that says nothing is Keystone's.

use fernstone::config::Config;

use super::Setting;

/// The defaults that stand in the source for readers are the ones in the table that Keystone wrote.
#[test]
fn an_empty_file_gives_keystones_defaults() {
    let setting = Setting::new("");
    let (config, warnings) = setting.load().unwrap();
    assert_eq!(Config { search_dirs: Vec::new(), ..config }, Config::default());
    assert_eq!(warnings, []);
}

#[test]
fn every_honoured_option_has_a_default_to_show() {
    let setting = Setting::new("");
    let options = Config::explain(&setting.sources).unwrap();
    let shown: Vec<String> = options.iter().map(ToString::to_string).collect();
    assert!(shown.contains(&"[token] expiration = 3600 (the default)".to_owned()));
    assert!(shown.contains(&"[database] connection = [secret] (the default)".to_owned()));
    assert!(shown.contains(&"[DEFAULT] public_endpoint =  (the default)".to_owned()));
}

#[test]
fn what_is_set_is_shown_with_its_place() {
    let setting = Setting::new("[token]\nexpiration = 60\n[auth]\nmethods = token\n")
        .variable("OS_AUTH__METHODS", "password,token");
    let shown = |name: &str| {
        let options = Config::explain(&setting.sources).unwrap();
        setting.plain(options.iter().find(|option| option.option == name).unwrap())
    };
    assert_eq!(shown("expiration"), "[token] expiration = 60 (/keystone.conf)");
    assert_eq!(shown("methods"), "[auth] methods = ['password', 'token'] (the environment variable OS_AUTH__METHODS)");
}

#[test]
fn zero_in_list_limit_means_that_it_is_not_set() {
    let (config, _) = Setting::new("[DEFAULT]\nlist_limit = 9\n[catalog]\nlist_limit = 0\n").load().unwrap();
    assert_eq!(config.default.list_limit_or(config.catalog.list_limit), Some(9));
    assert_eq!(config.default.list_limit_or(Some(3)), Some(3));
    let (config, _) = Setting::new("[DEFAULT]\nlist_limit = 0\n").load().unwrap();
    assert_eq!(config.default.list_limit_or(config.catalog.list_limit), None);
}
