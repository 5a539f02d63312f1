//! What no server starts with, and how it is told.

use super::Setting;

fn refusal(text: &str) -> String {
    Setting::new(text).refusal()
}

#[test]
fn users_projects_and_catalogs_from_elsewhere_are_refused_by_name() {
    for (section, value) in [
        ("identity", "ldap"),
        ("resource", "my_driver"),
        ("assignment", "my_driver"),
        ("role", "my_driver"),
        ("catalog", "templated"),
        ("endpoint_filter", "my_driver"),
        ("revoke", "kvs"),
        ("trust", "my_driver"),
        ("application_credential", "my_driver"),
        ("oauth1", "my_driver"),
        ("federation", "my_driver"),
        ("shadow_users", "my_driver"),
    ] {
        let message = refusal(&format!("[{section}]\ndriver = {value}\n"));
        assert!(message.starts_with(&format!("[{section}] driver = {value} is not supported: ")), "{message}");
        assert!(message.ends_with(" only (from /keystone.conf)") || message.contains(" only, not from "), "{message}");
        assert_eq!(Setting::new(&format!("[{section}]\ndriver = sql\n")).warnings(), [""; 0]);
    }
}

#[test]
fn an_empty_driver_is_refused_except_where_keystone_has_none_by_default() {
    assert!(refusal("[identity]\ndriver =\n").starts_with("[identity] driver =  is not supported"));
    assert!(Setting::new("[role]\ndriver =\n").load().is_ok());
}

#[test]
fn drivers_by_domain_are_refused() {
    assert_eq!(
        refusal("[identity]\ndomain_specific_drivers_enabled = true\n"),
        "[identity] domain_specific_drivers_enabled = True is not supported: the users of every domain are read from \
         the SQL database (from /keystone.conf)"
    );
    assert!(Setting::new("[identity]\ndomain_specific_drivers_enabled = false\n").warnings().is_empty());
}

#[test]
fn other_kinds_of_tokens_are_refused() {
    assert!(refusal("[token]\nprovider = jws\n").starts_with("[token] provider = jws is not supported"));
    assert!(refusal("[receipt]\nprovider = mine\n").starts_with("[receipt] provider = mine is not supported"));
}

#[test]
fn custom_plugins_are_refused_and_keystones_own_may_be_named() {
    for method in ["password", "token", "mapped", "totp", "saml2", "ec2credential", "application_credential"] {
        let message = refusal(&format!("[auth]\n{method} = my.plugin\n"));
        assert!(message.starts_with(&format!("[auth] {method} = my.plugin is not supported")), "{message}");
        assert!(Setting::new(&format!("[auth]\n{method} = default\n")).warnings().is_empty());
    }
    assert!(Setting::new("[auth]\nexternal = Domain\n").warnings().is_empty());
    assert!(refusal("[auth]\nexternal = Mine\n").starts_with("[auth] external = Mine"));
}

#[test]
fn methods_that_keystone_has_no_plugin_for_are_refused() {
    assert_eq!(
        refusal("[auth]\nmethods = password,my_sso,token\n"),
        "[auth] methods = ['password', 'my_sso', 'token'] is not supported: every method must be one that Keystone has \
         a plugin for (from /keystone.conf)"
    );
    // A method is not an option of [auth] that happens to be decisive.
    assert!(refusal("[auth]\nmethods = methods\n").contains("not supported"));
    let (config, _) = Setting::new("[auth]\nmethods = totp, password,token,x509\n").load().unwrap();
    assert_eq!(config.auth.methods, ["totp", "password", "token", "x509"]);
}

#[test]
fn access_by_client_certificate_and_options_from_elsewhere_are_refused() {
    assert!(
        refusal("[tokenless_auth]\ntrusted_issuer = CN=a\ntrusted_issuer = CN=b\n")
            .starts_with("[tokenless_auth] trusted_issuer = ['CN=a', 'CN=b'] is not supported")
    );
    assert!(refusal("[DEFAULT]\nconfig_source = remote\n").starts_with("[DEFAULT] config_source"));
}

#[test]
fn the_environment_is_judged_like_a_file() {
    assert_eq!(
        Setting::new("[token]\nprovider = fernet\n").variable("OS_TOKEN__PROVIDER", "jws").refusal(),
        "[token] provider = jws is not supported: tokens are Fernet tokens (from the environment variable \
         OS_TOKEN__PROVIDER)"
    );
    assert!(Setting::new("[token]\nprovider = jws\n").variable("OS_TOKEN__PROVIDER", "fernet").load().is_ok());
}

#[test]
fn a_bad_value_is_told_with_section_option_value_and_place() {
    assert_eq!(
        refusal("[token]\nexpiration = 1h\n"),
        "[token] expiration = 1h: expected a whole number (from /keystone.conf)"
    );
    assert_eq!(
        refusal("[fernet_tokens]\nmax_active_keys = 0\n"),
        "[fernet_tokens] max_active_keys = 0: expected at least 1 (from /keystone.conf)"
    );
    assert_eq!(
        refusal("[identity]\npassword_hash_algorithm = md5\n"),
        "[identity] password_hash_algorithm = md5: expected one of bcrypt, bcrypt_sha256, scrypt, pbkdf2_sha512 (from \
         /keystone.conf)"
    );
    assert_eq!(
        refusal("[token]\nexpiration =\n"),
        "[token] expiration = : expected a whole number (from /keystone.conf)"
    );
    assert_eq!(
        refusal("[fernet_tokens]\nkey_repository =\n"),
        "[fernet_tokens] key_repository = : expected a path (from /keystone.conf)"
    );
    assert_eq!(
        Setting::new("").variable("OS_DEFAULT__DEBUG", "perhaps").refusal(),
        "[DEFAULT] debug = perhaps: expected true or false (from the environment variable OS_DEFAULT__DEBUG)"
    );
}

#[test]
fn a_broken_reference_names_itself() {
    assert_eq!(
        refusal("[fernet_tokens]\nkey_repository = $state/keys\n"),
        "[fernet_tokens] key_repository = $state/keys: $state refers to no option; a literal dollar sign is written $$ \
         (from /keystone.conf)"
    );
}

#[test]
fn a_broken_line_is_told_by_its_number_and_not_quoted() {
    assert_eq!(
        refusal("[database]\nconnection postgresql//k;hunter2\n"),
        "/keystone.conf:2: no ':' or '=' found in assignment"
    );
}

#[test]
fn mysql_is_refused_by_name() {
    assert_eq!(
        refusal("[database]\nconnection = mysql+pymysql://keystone:hunter2@db/keystone\n"),
        "[database] connection = [secret]: MySQL and MariaDB are not supported yet (mysql+pymysql); use postgresql:// or \
         sqlite:// (from /keystone.conf)"
    );
}

#[test]
fn the_option_that_spoils_a_connection_is_the_one_that_is_named() {
    assert!(
        refusal("[database]\nconnection = postgresql://h/d?sslcrl=/x\n")
            .starts_with("[database] connection = [secret]: ")
    );
    assert!(
        refusal("[database]\nconnection = postgresql://h/d\nconnection_parameters = sslcrl=/x\n")
            .starts_with("[database] connection_parameters = [secret]: ")
    );
}
