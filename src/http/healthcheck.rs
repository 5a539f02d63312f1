//! `/healthcheck` as oslo.middleware answers it with no backend configured: the process is there, and that is all.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use hyper::{
    HeaderMap, Method, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};

const HTML: &str = "<HTML>\n<HEAD><TITLE>Healthcheck Status</TITLE></HEAD>\n<BODY>\n\n<H2>Result of 0 checks:</H2>\n\
                    <TABLE bgcolor=\"#ffffff\" border=\"1\">\n<TBODY>\n<TR>\n\n<TH>\nReason\n</TH>\n</TR>\n\n</TBODY>\n\
                    </TABLE>\n<HR></HR>\n\n</BODY>\n</HTML>";
const JSON: &str = "{\n    \"detailed\": false,\n    \"reasons\": []\n}";

/// Where it is.
pub(super) const PATH: &str = "/healthcheck";

/// Whether the decoded `path` belongs to the health check: it is mounted, so everything below it does too.
pub(super) fn owns(path: &str) -> bool {
    path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The answer, whatever the method; only HEAD has its own status.
pub(super) fn answer(method: &Method, accept: Option<&str>) -> Response {
    if method == Method::HEAD {
        return StatusCode::NO_CONTENT.into_response();
    }
    let (content_type, body) = match super::accept::best(accept, &["text/plain", "text/html", "application/json"]) {
        Some("text/html") => ("text/html; charset=UTF-8", HTML),
        Some("application/json") => ("application/json", JSON),
        _ => ("text/plain; charset=UTF-8", ""),
    };
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
    (headers, Body::from(body)).into_response()
}
