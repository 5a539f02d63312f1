//! What the operator can set about the wire, as plain values: the composition root fills them in from `keystone.conf`.

use chrono::TimeDelta;

use serde_json::Value;

use crate::domain::{ids::DomainId, secret::SecretText, user::InactivityLimit};

/// Settings of the HTTP layer. [`HttpSettings::default`] has Keystone's defaults.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// `[DEFAULT] public_endpoint`: the root of all links (without `/v3`). `None`: links follow the request.
    pub public_endpoint: Option<String>,
    /// `[DEFAULT] admin_token`: whoever sends it as `X-Auth-Token` passes every policy check.
    pub admin_token: Option<SecretText>,
    /// `[DEFAULT] insecure_debug`: refusals and failures tell their reasons.
    pub insecure_debug: bool,
    /// `[oslo_middleware] max_request_body_size`, bytes.
    pub max_request_body_size: u64,
    /// `[oslo_middleware] enable_proxy_headers_parsing`.
    pub enable_proxy_headers_parsing: bool,
    /// `[cors]`.
    pub cors: CorsSettings,
    /// `[DEFAULT] max_db_limit`: no page is longer.
    pub max_db_limit: u64,
    /// The most entries that lists of projects and domains show: `[resource] list_limit`, else `[DEFAULT] list_limit`.
    pub resource_list_limit: Option<u64>,
    /// `[identity] default_domain_id`: where new projects, users and groups go whose domain is not said.
    pub default_domain_id: DomainId,
    /// What projects and domains must be like.
    pub resource: ResourceSettings,
    /// What counts for users, groups and roles.
    pub identity: IdentitySettings,
    /// What can be configured for a domain alone.
    pub domain_config: DomainConfigSettings,
    /// The most entries that lists of regions, services and endpoints show: `[catalog] list_limit`, else the default.
    pub catalog_list_limit: Option<u64>,
    /// The most entries that lists of policies show: `[policy] list_limit`, else the default.
    pub policy_list_limit: Option<u64>,
    /// `[unified_limit] enforcement_model`.
    pub limit_model: LimitModel,
    /// `[token] allow_expired_window`: how long after its expiry a token passes for who asks with `allow_expired`.
    pub allow_expired_window: TimeDelta,
    /// How long revocation events are kept: `[token] expiration` and `[revoke] expiration_buffer` together.
    pub revocation_window: TimeDelta,
    /// `[token] revoke_by_id`: whether the list of revoked tokens, which is no longer kept, is refused (403) or gone (410).
    pub revoke_by_id: bool,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            public_endpoint: None,
            admin_token: None,
            insecure_debug: false,
            max_request_body_size: 114_688,
            enable_proxy_headers_parsing: false,
            cors: CorsSettings::default(),
            max_db_limit: 1000,
            resource_list_limit: None,
            default_domain_id: "default".into(),
            resource: ResourceSettings::default(),
            identity: IdentitySettings::default(),
            domain_config: DomainConfigSettings::default(),
            catalog_list_limit: None,
            policy_list_limit: None,
            limit_model: LimitModel::Flat,
            allow_expired_window: TimeDelta::days(2),
            revocation_window: TimeDelta::seconds(3600 + 1800),
            revoke_by_id: true,
        }
    }
}

/// What projects and domains must be like.
#[derive(Debug, Clone)]
pub struct ResourceSettings {
    /// `[DEFAULT] max_project_tree_depth`: levels of projects below a domain.
    pub max_tree_depth: u64,
    /// `[resource] project_name_url_safe` is not `off`: names must do without characters reserved in URLs.
    pub url_safe_project_names: bool,
    /// The same for domains.
    pub url_safe_domain_names: bool,
    /// `[federation] federated_domain_name`: a name that no domain may have.
    pub federated_domain_name: String,
}

impl Default for ResourceSettings {
    fn default() -> Self {
        Self {
            max_tree_depth: 5,
            url_safe_project_names: false,
            url_safe_domain_names: false,
            federated_domain_name: "Federated".to_owned(),
        }
    }
}

/// What counts for users, groups and roles.
#[derive(Debug, Clone)]
pub struct IdentitySettings {
    /// The most entries that lists of users and groups show: `[identity] list_limit`, else `[DEFAULT] list_limit`.
    pub list_limit: Option<u64>,
    /// The most entries that lists of roles show: `[role] list_limit`, else the default.
    pub role_list_limit: Option<u64>,
    /// `[security_compliance] disable_user_account_days_inactive`.
    pub inactivity: InactivityLimit,
    /// `[federation] default_authorization_ttl`, in minutes.
    pub default_authorization_ttl: i64,
    /// `[assignment] prohibited_implied_role`: names of roles that no role may bring.
    pub prohibited_implied_roles: Vec<String>,
}

impl Default for IdentitySettings {
    fn default() -> Self {
        Self {
            list_limit: None,
            role_list_limit: None,
            inactivity: InactivityLimit::default(),
            default_authorization_ttl: 0,
            prohibited_implied_roles: vec!["admin".to_owned()],
        }
    }
}

/// What can be configured for a domain alone (`keystone.resource.core.DomainConfigManager`).
#[derive(Debug, Clone, Default)]
pub struct DomainConfigSettings {
    /// Options that are shown, by group, each with the value that it has for all other domains.
    pub open: Vec<(String, Vec<(String, Value)>)>,
    /// Options that are never shown, by group.
    pub sensitive: Vec<(String, Vec<String>)>,
    /// `[security_compliance] password_regex`, which everybody may read.
    pub password_regex: Option<String>,
    /// `[security_compliance] password_regex_description`, which everybody may read.
    pub password_regex_description: Option<String>,
}

/// What limits of projects have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitModel {
    /// Nothing.
    Flat,
    /// A domain's limit is the most that one of its projects may have.
    StrictTwoLevel,
}

/// `[cors]` as Keystone 30 fills it in before it reads the configuration file (`keystone/conf/__init__.py`,
/// `set_external_opts_defaults`).
#[derive(Debug, Clone)]
pub struct CorsSettings {
    /// `allowed_origin`; `*` allows any. Empty: no CORS header is ever sent.
    pub allowed_origins: Vec<String>,
    /// `allow_credentials`.
    pub allow_credentials: bool,
    /// `expose_headers`.
    pub expose_headers: Vec<String>,
    /// `max_age`, seconds; 0 leaves the header out.
    pub max_age: i64,
    /// `allow_methods`.
    pub allow_methods: Vec<String>,
    /// `allow_headers`, besides the simple ones of the CORS specification.
    pub allow_headers: Vec<String>,
}

impl Default for CorsSettings {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            allowed_origins: Vec::new(),
            allow_credentials: true,
            expose_headers: list(&[
                "X-Auth-Token",
                "X-Openstack-Request-Id",
                "X-Subject-Token",
                "Openstack-Auth-Receipt",
            ]),
            max_age: 3600,
            allow_methods: list(&["GET", "PUT", "POST", "DELETE", "PATCH"]),
            allow_headers: list(&[
                "X-Auth-Token",
                "X-Openstack-Request-Id",
                "X-Subject-Token",
                "X-Project-Id",
                "X-Project-Name",
                "X-Project-Domain-Id",
                "X-Project-Domain-Name",
                "X-Domain-Id",
                "X-Domain-Name",
                "Openstack-Auth-Receipt",
            ]),
        }
    }
}
