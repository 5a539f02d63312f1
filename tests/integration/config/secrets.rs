//! What is secret in a configuration is in no text that is made of it.

use fernstone::config::Config;

use super::Setting;

const SECRET: &str = "hunter2";

#[test]
fn a_configuration_prints_without_its_secrets() {
    let setting = Setting::new(&format!(
        "[DEFAULT]\nadmin_token = {SECRET}\ntransport_url = rabbit://k:{SECRET}@mq\n\
         [database]\nconnection = postgresql://k:{SECRET}@db/k\n[cache]\nmemcache_password = {SECRET}\n"
    ));
    let (config, warnings) = setting.load().unwrap();
    assert_eq!(config.default.admin_token.as_ref().unwrap().expose(), SECRET);
    let options = Config::explain(&setting.sources).unwrap();
    for text in [
        format!("{config:?}"),
        format!("{warnings:?}"),
        warnings.iter().map(ToString::to_string).collect(),
        format!("{options:?}"),
        options.iter().map(ToString::to_string).collect(),
    ] {
        assert!(!text.is_empty() && !text.contains(SECRET), "{text}");
    }
}

#[test]
fn a_password_among_the_parameters_is_hidden_too() {
    let setting = Setting::new(&format!("[database]\nconnection = postgresql://db/k?password={SECRET}&user=k\n"));
    let text = format!("{:?}", setting.load().unwrap().0);
    assert!(!text.contains(SECRET), "{text}");
}

#[test]
fn refusals_do_not_quote_secrets() {
    for text in [
        format!("[database]\nconnection = mysql://k:{SECRET}@db/k\n"),
        format!("[database]\nconnection = k:{SECRET}@db/k\n"),
        format!("[database]\nconnection = postgresql://k:{SECRET}@db:port/k\n"),
        format!("[database]\nconnection = postgresql://k:pw@db/k?{SECRET}=x\n").replace(SECRET, "sslpassword"),
        format!("[database]\nconnection = postgresql://k:${SECRET}@db/k\n"),
        format!("[database]\nconnection = postgresql://k:${{{SECRET}}}@db/k\n"),
        format!("[database]\nconnection = postgresql://k:p%ff{SECRET}@db/k\n"),
        format!("[database]\nconnection {SECRET}\n"),
        format!("[database]\nconnection = postgresql://db/k\nconnection_parameters = sslpassword={SECRET}\n"),
        format!("[DEFAULT]\nadmin_token = ${SECRET}\n"),
    ] {
        let error = Setting::new(&text).load().unwrap_err();
        assert!(!error.to_string().contains(SECRET), "{error}");
        assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
    }
}

#[test]
fn a_line_that_is_no_option_is_not_repeated_in_its_warning() {
    let setting = Setting::new(&format!("[database]\nconnection {SECRET}: x\n[keystone {SECRET}]\na = b\n"));
    assert_eq!(
        setting.warnings(),
        [
            "[database] connection... is not an option of Keystone 30 and has no effect (from /keystone.conf)",
            "[keystone...] a is not an option of Keystone 30 and has no effect (from /keystone.conf)",
        ]
    );
}
