//! What is said about options that do nothing here.

use insta::assert_snapshot;

use super::Setting;

/// The options that deployment tools write into every `keystone.conf`.
#[test]
fn a_configuration_from_the_field_serves_with_a_warning_for_each_option_without_effect() {
    let setting = Setting::new(
        "[DEFAULT]
debug = False
transport_url = rabbit://openstack:pw@mq:5672//
log_file = /var/log/kolla/keystone/keystone.log
use_stderr = True

[oslo_middleware]
enable_proxy_headers_parsing = True

[database]
connection = postgresql+psycopg2://keystone:pw@db/keystone
connection_recycle_time = 10
max_pool_size = 1
max_retries = -1

[token]
revoke_by_id = False
provider = fernet
expiration = 86400
allow_expired_window = 172800

[fernet_tokens]
max_active_keys = 3

[cache]
backend = oslo_cache.memcache_pool
enabled = True
memcache_servers = mc:11211

[oslo_messaging_notifications]
transport_url = rabbit://openstack:pw@mq:5672//
driver = noop

[oslo_messaging_rabbit]
heartbeat_in_pthread = false
rabbit_quorum_queue = true

[security_compliance]
lockout_failure_attempts = 6
report_invalid_password_hash = event

[cors]
allowed_origin = https://horizon.example.com
",
    );
    assert_snapshot!(setting.warnings().join("\n"), @r"
    [DEFAULT] transport_url is not honoured by Fernstone and has no effect: no notifications are sent (from /keystone.conf)
    [DEFAULT] use_stderr is not honoured by Fernstone and has no effect (from /keystone.conf)
    [database] max_retries is not honoured by Fernstone and has no effect (from /keystone.conf)
    [cache] backend is not honoured by Fernstone and has no effect: nothing is served from a cache that could be stale (from /keystone.conf)
    [cache] enabled is not honoured by Fernstone and has no effect: nothing is served from a cache that could be stale (from /keystone.conf)
    [cache] memcache_servers is not honoured by Fernstone and has no effect: nothing is served from a cache that could be stale (from /keystone.conf)
    [oslo_messaging_notifications] transport_url is not honoured by Fernstone and has no effect: no notifications are sent (from /keystone.conf)
    [oslo_messaging_notifications] driver is not honoured by Fernstone and has no effect: no notifications are sent (from /keystone.conf)
    [oslo_messaging_rabbit] heartbeat_in_pthread is not an option of Keystone 30 and has no effect (from /keystone.conf)
    [oslo_messaging_rabbit] rabbit_quorum_queue is not honoured by Fernstone and has no effect: no notifications are sent (from /keystone.conf)
    [security_compliance] report_invalid_password_hash is not honoured by Fernstone and has no effect (from /keystone.conf)
    ");
}

#[test]
fn each_option_is_warned_of_once_and_by_the_name_it_was_given() {
    let mut setting = Setting::new(
        "[token]\nexpiratoin = 1\nexpiratoin = 2\n[Token]\nexpiratoin = 3\n[my_section]\na = b\n[default]\ndebug = true\n\
         [DEFAULT]\ndebug_level = 3\nlogfile = a\nsql_connection = x\n[assignment]\ncaching = true\nlist_limit = 4\n",
    );
    setting.sources.given.extend(setting.sources.given.clone());
    assert_snapshot!(setting.warnings().join("\n"), @r"
    [token] expiratoin is not an option of Keystone 30 and has no effect (from /keystone.conf)
    [my_section] a is not an option of Keystone 30 and has no effect (from /keystone.conf)
    [default] debug is not an option of Keystone 30 and has no effect; the section is called [DEFAULT] (from /keystone.conf)
    [DEFAULT] debug_level is not an option of Keystone 30 and has no effect (from /keystone.conf)
    [DEFAULT] logfile is now called [DEFAULT] log_file (from /keystone.conf)
    [DEFAULT] sql_connection is not an option of Keystone 30 and has no effect (from /keystone.conf)
    [assignment] caching is not honoured by Fernstone and has no effect: nothing is served from a cache that could be stale (from /keystone.conf)
    [assignment] list_limit is now called [resource] list_limit (from /keystone.conf)
    ");
    let (config, _) = setting.load().unwrap();
    assert_eq!(config.default.log_file.unwrap().to_str(), Some("a"));
    assert_eq!(config.resource.list_limit, Some(4));
    assert!(!config.default.debug);
}

#[test]
fn variables_are_warned_of_where_their_section_is_keystones() {
    let setting = Setting::new("")
        .variable("OS_TOKEN__EXPIRATION", "60")
        .variable("OS_TOKEN__EXPIRES", "60")
        .variable("OS_CACHE__ENABLED", "true")
        .variable("OS_TOKEN__REVOCATION_CACHE_TIME", "60")
        .variable("OS_PLACEMENT_DATABASE__CONNECTION", "sqlite://")
        .variable("OS_USERNAME", "admin")
        .variable("OS_FERNSTONE__LISTEN", "127.0.0.1:0");
    assert_snapshot!(setting.warnings().join("\n"), @r"
    [cache] enabled is not honoured by Fernstone and has no effect: nothing is served from a cache that could be stale (from the environment variable OS_CACHE__ENABLED)
    [token] expires is not an option of Keystone 30 and has no effect (from the environment variable OS_TOKEN__EXPIRES)
    [token] revocation_cache_time is not an option of Keystone 30 and has no effect (from the environment variable OS_TOKEN__REVOCATION_CACHE_TIME)
    ");
    assert_eq!(setting.load().unwrap().0.fernstone.listen, "127.0.0.1:0");
}
