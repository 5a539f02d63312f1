//! `[oslo_middleware]`: in front of every request (`oslo_middleware.sizelimit`, `http_proxy_to_wsgi`).

use super::section::section;

section! {
    /// `[oslo_middleware]`
    OsloMiddleware in "oslo_middleware" {
        /// `max_request_body_size`, default 114688: a larger body is refused with 413, in bytes.
        max_request_body_size: u64 = 114_688,
        /// `enable_proxy_headers_parsing`, default false: believe `Forwarded` and `X-Forwarded-*`.
        enable_proxy_headers_parsing: bool = false,
    }
}
