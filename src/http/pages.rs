//! The few answers that are not Keystone's own but its web framework's: HTML pages and one bare JSON object.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use hyper::{
    HeaderMap, StatusCode,
    header::{ALLOW, CONTENT_TYPE, HeaderValue, LOCATION},
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

fn page(status: StatusCode, content_type: HeaderValue, body: impl Into<Body>) -> Response {
    (status, HeaderMap::from_iter([(CONTENT_TYPE, content_type)]), body.into()).into_response()
}

/// No such URL.
pub(super) fn not_found() -> Response {
    page(
        StatusCode::NOT_FOUND,
        HTML,
        "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was \
         not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n",
    )
}

/// The URL exists, the method does not; `Allow` comes from the router. This is the form of API resources.
pub(super) fn method_not_allowed() -> Response {
    page(StatusCode::METHOD_NOT_ALLOWED, JSON, "{\"message\": \"The method is not allowed for the requested URL.\"}\n")
}

/// That an answer's `Allow` is complete as it is, without OPTIONS.
#[derive(Debug, Clone, Copy)]
pub(super) struct AllowIsComplete;

/// The method exists, and does nothing but say which one to use.
pub(super) fn only_post() -> Response {
    let mut response = method_not_allowed();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    response.extensions_mut().insert(AllowIsComplete);
    response
}

/// The same for the version documents, which are no API resources.
pub(super) fn method_not_allowed_html() -> Response {
    page(
        StatusCode::METHOD_NOT_ALLOWED,
        HTML,
        "<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>\n<p>The \
         method is not allowed for the requested URL.</p>\n",
    )
}

/// OPTIONS on any URL that exists.
pub(super) fn options() -> Response {
    page(StatusCode::OK, HTML, "")
}

/// What may not stand in a URL as it is; escapes that are there already stay.
const NOT_IN_URL: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// The same below a host, which alone may have brackets.
const NOT_IN_PATH: &AsciiSet = &NOT_IN_URL.add(b'[').add(b']');

/// The URL exists once its doubled slashes are merged. `url` is shown as it is, and escaped where it leads the client.
pub(super) fn moved(url: &str) -> Response {
    let shown = escape_html(url);
    let mut response = page(
        StatusCode::PERMANENT_REDIRECT,
        HTML,
        format!(
            "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n<p>You should be \
             redirected automatically to the target URL: <a href=\"{shown}\">{shown}</a>. If not, click the link.\n"
        ),
    );
    if let Ok(location) = HeaderValue::try_from(utf8_percent_encode(url, NOT_IN_URL).to_string()) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// The end of a URL's path as it stands in a `Location` (werkzeug's `iri_to_uri`).
pub(super) fn escaped_path(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_PATH).to_string()
}

fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The body is longer than `max_request_body_size`. The unfilled `(%s)` is what oslo.middleware sends. Who does not say what
/// he accepts gets plain text.
pub(super) fn too_large(accept: Option<&str>) -> Response {
    let text = "Request is too large. Larger than max_request_body_size (%s).";
    let best = accept
        .filter(|accept| !accept.trim().is_empty())
        .and_then(|accept| super::accept::best(Some(accept), &["text/html", "application/json"]));
    match best {
        Some("text/html") => page(
            StatusCode::PAYLOAD_TOO_LARGE,
            HeaderValue::from_static("text/html; charset=UTF-8"),
            format!(
                "<html>\n <head>\n  <title>413 Request Entity Too Large</title>\n </head>\n <body>\n  <h1>413 Request \
                 Entity Too Large</h1>\n  {text}<br /><br />\n\n\n\n </body>\n</html>"
            ),
        ),
        Some(_) => page(
            StatusCode::PAYLOAD_TOO_LARGE,
            JSON,
            format!(
                "{{\"message\": \"{text}<br /><br />\\n\\n\\n\", \"code\": \"413 Request Entity Too Large\", \
                 \"title\": \"Request Entity Too Large\"}}"
            ),
        ),
        None => page(
            StatusCode::PAYLOAD_TOO_LARGE,
            HeaderValue::from_static("text/plain; charset=UTF-8"),
            format!("413 Request Entity Too Large\n\n{text}\n\n   "),
        ),
    }
}
