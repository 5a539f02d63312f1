//! Cross-origin requests, as oslo.middleware's `cors` decorates answers for browsers.

use axum::{body::Body, response::Response};
use hyper::{
    HeaderMap, Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, HeaderValue, ORIGIN, VARY,
    },
};

use super::settings::CorsSettings;

/// Headers that need no permission.
const SIMPLE_HEADERS: [&str; 8] = [
    "Accept",
    "Accept-Language",
    "Content-Type",
    "Cache-Control",
    "Content-Language",
    "Expires",
    "Last-Modified",
    "Pragma",
];

/// Decorates `response`. The answer to an OPTIONS request that failed is replaced by an empty 200 in any case, with or
/// without CORS: that is how Keystone answers OPTIONS on a URL that does not exist.
pub(super) fn decorate(settings: &CorsSettings, method: &Method, request: &HeaderMap, response: Response) -> Response {
    if method == Method::OPTIONS { preflight(settings, request, response) } else { simple(settings, request, response) }
}

/// The value of `Access-Control-Allow-Origin` for this request, if its origin may ask at all.
fn allowed_origin(settings: &CorsSettings, request: &HeaderMap) -> Option<HeaderValue> {
    let origin = request.get(ORIGIN)?;
    let listed = |name: &[u8]| settings.allowed_origins.iter().any(|allowed| allowed.as_bytes() == name);
    if listed(origin.as_bytes()) { Some(origin.clone()) } else { listed(b"*").then(|| HeaderValue::from_static("*")) }
}

fn simple(settings: &CorsSettings, request: &HeaderMap, mut response: Response) -> Response {
    let Some(origin) = allowed_origin(settings, request) else { return response };
    let headers = response.headers_mut();
    let vary = match headers.get(VARY).and_then(|vary| vary.to_str().ok()) {
        Some(vary) => format!("{vary},Origin"),
        None => "Origin".to_owned(),
    };
    set(headers, VARY, &vary);
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if settings.allow_credentials {
        set(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    if !settings.expose_headers.is_empty() {
        set(headers, ACCESS_CONTROL_EXPOSE_HEADERS, &settings.expose_headers.join(","));
    }
    response
}

fn preflight(settings: &CorsSettings, request: &HeaderMap, mut response: Response) -> Response {
    if !response.status().is_success() {
        response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::OK;
    }
    let Some(origin) = allowed_origin(settings, request) else { return response };
    let Some(method) = request.get(ACCESS_CONTROL_REQUEST_METHOD).and_then(|method| method.to_str().ok()) else {
        return response;
    };
    if !settings.allow_methods.iter().any(|allowed| allowed == method) {
        return response;
    }
    let wanted = request.get(ACCESS_CONTROL_REQUEST_HEADERS).and_then(|names| names.to_str().ok()).unwrap_or_default();
    let wanted: Vec<&str> = wanted.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let permitted = |name: &str| {
        SIMPLE_HEADERS.iter().any(|simple| simple.eq_ignore_ascii_case(name))
            || settings.allow_headers.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
    };
    if !wanted.iter().all(|name| permitted(name)) {
        return response;
    }

    let headers = response.headers_mut();
    set(headers, VARY, "Origin");
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if settings.allow_credentials {
        set(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    if settings.max_age != 0 {
        set(headers, ACCESS_CONTROL_MAX_AGE, &settings.max_age.to_string());
    }
    set(headers, ACCESS_CONTROL_ALLOW_METHODS, method);
    if !wanted.is_empty() {
        set(headers, ACCESS_CONTROL_ALLOW_HEADERS, &wanted.join(","));
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    fn settings(origins: &[&str]) -> CorsSettings {
        CorsSettings {
            allowed_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
            ..CorsSettings::default()
        }
    }

    fn ask(settings: &CorsSettings, method: Method, status: u16, headers: &[(&str, &str)]) -> Response {
        let mut request = HeaderMap::new();
        for (name, value) in headers {
            request.insert(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let response = Response::builder().status(status).header(VARY, "X-Auth-Token").body(Body::empty()).unwrap();
        decorate(settings, &method, &request, response)
    }

    #[test]
    fn a_known_origin_may_read_the_answer() {
        let settings = settings(&["https://horizon"]);
        let response = ask(&settings, Method::GET, 401, &[("origin", "https://horizon")]);
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "https://horizon");
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
        assert_eq!(response.headers()[VARY], "X-Auth-Token,Origin");
        assert_eq!(
            response.headers()[ACCESS_CONTROL_EXPOSE_HEADERS],
            "X-Auth-Token,X-Openstack-Request-Id,X-Subject-Token,Openstack-Auth-Receipt"
        );
    }

    #[test]
    fn an_unknown_origin_gets_the_bare_answer_unless_all_are_welcome() {
        let response = ask(&settings(&["https://horizon"]), Method::GET, 200, &[("origin", "https://evil")]);
        assert!(!response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
        let response = ask(&settings(&["*"]), Method::GET, 200, &[("origin", "https://any")]);
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    }

    #[test]
    fn preflight_grants_what_was_asked_for_and_permitted() {
        let settings = settings(&["https://horizon"]);
        let asked = [
            ("origin", "https://horizon"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type, x-auth-token"),
        ];
        let response = ask(&settings, Method::OPTIONS, 404, &asked);
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_METHODS], "POST");
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_HEADERS], "content-type,x-auth-token");
        assert_eq!(response.headers()[ACCESS_CONTROL_MAX_AGE], "3600");
        assert_eq!(response.headers()[VARY], "Origin");
    }

    #[test]
    fn preflight_refuses_by_silence() {
        let settings = settings(&["https://horizon"]);
        for (method, headers) in [("TRACE", ""), ("GET", "x-evil")] {
            let asked = [
                ("origin", "https://horizon"),
                ("access-control-request-method", method),
                ("access-control-request-headers", headers),
            ];
            let response = ask(&settings, Method::OPTIONS, 200, &asked);
            assert!(!response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "{method} {headers}");
        }
    }

    #[test]
    fn options_on_nothing_is_an_empty_success() {
        let response = ask(&settings(&[]), Method::OPTIONS, 404, &[]);
        assert_eq!(response.status(), 200);
        assert!(response.headers().is_empty());
    }
}
