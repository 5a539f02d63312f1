//! `[resource]`: projects and domains (`keystone.conf.resource`).

use super::section::{choice, section};

section! {
    /// `[resource]`
    Resource in "resource" {
        /// `admin_project_name`, default none: with the domain below, the project whose tokens have `is_admin_project`.
        admin_project_name: Option<String> = None,
        /// `admin_project_domain_name`, default none: the domain of that project.
        admin_project_domain_name: Option<String> = None,
        /// `project_name_url_safe`, default `off`: whether project names must do without characters reserved in URLs.
        project_name_url_safe: UrlSafe = UrlSafe::Off,
        /// `domain_name_url_safe`, default `off`: the same for domains.
        domain_name_url_safe: UrlSafe = UrlSafe::Off,
        /// `list_limit`, default none: the most projects or domains a list shows. Unset: `[DEFAULT] list_limit`.
        list_limit: Option<u64> = None,
    }
}

choice! {
    /// How strictly names must be safe in URLs.
    UrlSafe {
        /// Any name.
        Off = "off",
        /// New names must be safe.
        New = "new",
        /// And a scope by an unsafe name is refused.
        Strict = "strict",
    }
}
