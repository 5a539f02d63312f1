//! JSON in: which bodies Keystone accepts at all, before it knows which URL they are for.
//!
//! Facts: `keystone/server/flask/request_processing/json_body.py`, Python's `json.loads` on bytes.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value};

use super::error::ApiError;

/// Reads a request body: nothing at all, or a JSON object. Deep nesting (over 127 levels) is refused like any other text
/// that is not JSON, so no input can exhaust the stack.
pub(super) fn body_object(content_type: Option<&str>, body: &[u8]) -> Result<Option<Map<String, Value>>, ApiError> {
    if body.is_empty() {
        return Ok(None);
    }
    if !is_json(content_type) {
        return Err(ApiError::expecting("application/json", "Content-Type header"));
    }
    text(body)
        .and_then(|text| serde_json::from_str(&text).ok())
        .map(Some)
        .ok_or_else(|| ApiError::expecting("valid JSON", "request body"))
}

/// No content type counts as JSON; so does every `application/...+json`.
pub(super) fn is_json(content_type: Option<&str>) -> bool {
    let Some(content_type) = content_type.filter(|value| !value.is_empty()) else {
        return true;
    };
    const JSON: &str = "application/json";
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(JSON) {
        return true;
    }
    let media_type = media_type.to_lowercase();
    media_type == JSON || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// Decodes as Python does: UTF-8, or UTF-16 and UTF-32 as a byte order mark or the place of the zero bytes gives away.
fn text(body: &[u8]) -> Option<String> {
    let utf16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks(2).map(|unit| unit.try_into().map(read)).collect::<Result<_, _>>().ok()?;
        String::from_utf16(&units).ok()
    };
    let utf32 = |bytes: &[u8], read: fn([u8; 4]) -> u32| {
        bytes.chunks(4).map(|unit| unit.try_into().ok().map(read).and_then(char::from_u32)).collect()
    };
    match *body {
        [0, 0, 0xFE, 0xFF, ref rest @ ..] => utf32(rest, u32::from_be_bytes),
        [0xFF, 0xFE, 0, 0, ref rest @ ..] => utf32(rest, u32::from_le_bytes),
        [0xFE, 0xFF, ref rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, ref rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, ref rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        [0, 0, _, _, ..] => utf32(body, u32::from_be_bytes),
        [0, _, _, _, ..] | [0, _] => utf16(body, u16::from_be_bytes),
        [_, 0, 0, 0, ..] => utf32(body, u32::from_le_bytes),
        [_, 0, _, _, ..] | [_, 0] => utf16(body, u16::from_le_bytes),
        _ => String::from_utf8(body.to_vec()).ok(),
    }
}

/// JSON out.
#[derive(Debug, Clone)]
pub(super) struct Json(pub(super) Value);

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.0.to_string()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    fn read(content_type: Option<&str>, body: &[u8]) -> Result<Option<Map<String, Value>>, String> {
        body_object(content_type, body).map_err(|error| error.to_string())
    }

    #[test]
    fn content_types() {
        for accepted in [
            None,
            Some(""),
            Some("application/json"),
            Some("application/JSON; charset=utf-8"),
            Some("application/vnd.x+json"),
        ] {
            assert!(read(accepted, b"{}").is_ok(), "{accepted:?}");
        }
        for refused in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json"] {
            let error = read(Some(refused), b"{}").unwrap_err();
            assert_eq!(error, "application/json is missing in Content-Type header", "{refused}");
        }
        assert_eq!(read(Some("text/plain"), b""), Ok(None), "without a body the type does not matter");
    }

    #[test]
    fn only_objects_are_bodies() {
        for body in [&b"[]"[..], b"\"x\"", b"1", b"null", b"{", b"{}x", b"{\"a\": \"\xff\"}", b" "] {
            assert_eq!(read(None, body).unwrap_err(), "valid JSON is missing in request body", "{body:?}");
        }
    }

    #[test]
    fn the_last_of_duplicate_keys_counts() {
        assert_eq!(read(None, b"{\"a\": 1, \"a\": 2}").unwrap().unwrap()["a"], 2);
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(50_000), "]".repeat(50_000));
        assert!(read(None, deep.as_bytes()).is_err());
    }

    #[test]
    fn every_unicode_encoding_that_python_accepts() {
        let json = "{\"a\": \"\u{e9}\u{1f511}\"}";
        let utf16: Vec<u16> = json.encode_utf16().collect();
        let le = |bom: &[u8]| [bom, &utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>()].concat();
        let be = |bom: &[u8]| [bom, &utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<_>>()].concat();
        let utf32 = |read: fn(u32) -> [u8; 4]| json.chars().flat_map(|c| read(c as u32)).collect::<Vec<_>>();
        let bodies = [
            json.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", json.as_bytes()].concat(),
            le(b""),
            le(b"\xFF\xFE"),
            be(b""),
            be(b"\xFE\xFF"),
            utf32(u32::to_be_bytes),
            utf32(u32::to_le_bytes),
        ];
        for body in bodies {
            assert_eq!(read(None, &body).unwrap().unwrap()["a"], "\u{e9}\u{1f511}");
        }
        assert!(read(None, &le(b"")[..7]).is_err());
    }
}
