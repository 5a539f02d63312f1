//! The path of a request, brought into the one form that the router knows.
//!
//! WSGI servers hand Keystone a decoded path with dot segments resolved; `URLNormalizingMiddleware` cuts trailing
//! slashes; werkzeug ignores leading ones and answers a doubled slash inside with a redirect. The router here matches
//! the encoded path, so the path is decoded, put in order and encoded again.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// A path in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CleanPath {
    /// Decoded, without trailing slashes: WSGI's `PATH_INFO`.
    pub(super) decoded: String,
    /// What the router matches; equals `decoded`, encoded, with runs of slashes merged.
    pub(super) routed: String,
    /// Whether slashes inside the path had to be merged: then only a redirect may answer.
    pub(super) merged: bool,
}

/// Everything that may not stand in a path segment as it is, and `%` itself.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Puts `raw` (as it stood in the request line) in order.
pub(super) fn clean(raw: &str) -> CleanPath {
    let decoded = percent_decode_str(raw).decode_utf8_lossy();
    let decoded = without_dot_segments(&decoded);
    let mut decoded = decoded.trim_end_matches('/').to_owned();
    if decoded.is_empty() {
        decoded.push('/');
    }

    let inside = decoded.trim_start_matches('/');
    let merged = inside.contains("//");
    let mut routed = String::with_capacity(inside.len() + 1);
    for segment in inside.split('/').filter(|segment| !segment.is_empty()) {
        routed.push('/');
        routed.extend(utf8_percent_encode(segment, SEGMENT));
    }
    if routed.is_empty() {
        routed.push('/');
    }
    CleanPath { decoded, routed, merged }
}

/// RFC 3986, 5.2.4, on a path that has no escapes left.
fn without_dot_segments(path: &str) -> String {
    if !path.contains("/.") {
        return path.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." && kept.len() > 1 {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    kept.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(raw: &str) -> (String, bool) {
        let path = clean(raw);
        (path.routed, path.merged)
    }

    #[test]
    fn one_form_for_all_spellings() {
        for raw in [
            "/v3/auth/tokens",
            "/v3/auth/tokens/",
            "/v3/auth/tokens//",
            "//v3/auth/tokens",
            "/v3/auth%2Ftokens",
            "/v3/%61uth/tokens",
            "/v3/./auth/x/../tokens",
        ] {
            assert_eq!(routed(raw), ("/v3/auth/tokens".to_owned(), false), "{raw}");
        }
        assert_eq!(routed("/v3//auth///tokens"), ("/v3/auth/tokens".to_owned(), true));
    }

    #[test]
    fn the_root_stays_the_root() {
        for raw in ["/", "//", "", "/..", "/../.."] {
            assert_eq!(routed(raw), ("/".to_owned(), false), "{raw}");
        }
    }

    #[test]
    fn what_was_escaped_for_a_reason_is_escaped_again() {
        assert_eq!(routed("/v3/projects/a%20b%25%3F").0, "/v3/projects/a%20b%25%3F");
        assert_eq!(clean("/v3/projects/a%20b").decoded, "/v3/projects/a b");
        assert_eq!(routed("/v3/x%ff").0, "/v3/x%EF%BF%BD");
    }
}
