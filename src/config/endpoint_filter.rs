//! `[endpoint_filter]`: which endpoints a project sees (`keystone.conf.endpoint_filter`).

use super::section::section;

section! {
    /// `[endpoint_filter]`
    EndpointFilter in "endpoint_filter" {
        /// `return_all_endpoints_if_no_filter`, default true: a project without any filter sees all endpoints.
        return_all_endpoints_if_no_filter: bool = true,
    }
}
