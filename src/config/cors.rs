//! `[cors]`: requests from pages of other origins (`oslo_middleware.cors`, defaults by `keystone.conf`).

use super::section::section;

section! {
    /// `[cors]`
    Cors in "cors" {
        /// `allowed_origin`, default none: origins that may ask, `*` for any. Unset: no CORS headers.
        allowed_origin: Option<Vec<String>> = None,
        /// `allow_credentials`, default true: whether such requests may carry credentials.
        allow_credentials: bool = true,
        /// `expose_headers`: response headers that a page may read.
        expose_headers: Vec<String> = [
            "X-Auth-Token", "X-Openstack-Request-Id", "X-Subject-Token", "Openstack-Auth-Receipt",
        ].map(str::to_owned).to_vec(),
        /// `max_age`, default 3600: how long a browser may keep the answer to a preflight request, in seconds.
        max_age: Option<i64> = Some(3600),
        /// `allow_methods`, default GET, PUT, POST, DELETE, PATCH.
        allow_methods: Vec<String> = ["GET", "PUT", "POST", "DELETE", "PATCH"].map(str::to_owned).to_vec(),
        /// `allow_headers`: request headers that a page may send.
        allow_headers: Vec<String> = [
            "X-Auth-Token", "X-Openstack-Request-Id", "X-Subject-Token", "X-Project-Id", "X-Project-Name",
            "X-Project-Domain-Id", "X-Project-Domain-Name", "X-Domain-Id", "X-Domain-Name", "Openstack-Auth-Receipt",
        ].map(str::to_owned).to_vec(),
    }
}
