//! Who is really asking, and under which address: what proxies in front of us said.
//!
//! Keystone stacks two pieces. werkzeug's `ProxyFix` always believes the last `X-Forwarded-Proto` and
//! `X-Forwarded-For`; oslo.middleware's `HTTPProxyToWSGI`, if `enable_proxy_headers_parsing` is on, also believes
//! `Forwarded`, `X-Forwarded-Host` and `X-Forwarded-Prefix`.

use std::borrow::Cow;

use hyper::{
    HeaderMap,
    header::{FORWARDED, HOST, HeaderName},
};

use super::{front::Connection, site::Site};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// The outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// Where the client believes us to be.
    pub(super) site: Site,
    /// The client's address, for the log.
    pub(super) remote: String,
}

/// The client's address alone.
pub(super) fn remote<'c>(headers: &HeaderMap, connection: &'c Connection, parse_all: bool) -> Cow<'c, str> {
    if headers.contains_key(&FORWARDED_FOR) || (parse_all && headers.contains_key(&FORWARDED)) {
        origin(headers, None, connection, parse_all).remote.into()
    } else {
        (&*connection.remote).into()
    }
}

/// Reads the headers. Our end of the connection stands in for a missing `Host`.
pub(super) fn origin(headers: &HeaderMap, uri_host: Option<&str>, connection: &Connection, parse_all: bool) -> Origin {
    let host = uri_host.map(str::to_owned).or_else(|| text(headers, &HOST));
    let host = host.unwrap_or_else(|| connection.local.to_string());
    let mut site = Site { scheme: "http".to_owned(), host, prefix: String::new() };
    let mut remote = connection.remote.to_string();

    if let Some(address) = text(headers, &FORWARDED_FOR).as_deref().and_then(last) {
        remote = address.to_owned();
    }
    if let Some(scheme) = text(headers, &FORWARDED_PROTO).as_deref().and_then(last) {
        site.scheme = scheme.to_owned();
    }
    if parse_all {
        match text(headers, &FORWARDED) {
            Some(forwarded) => {
                let first = forwarded.split(',').next().unwrap_or_default();
                for pair in first.split(';') {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    let value = value.trim();
                    if value.is_empty() {
                        continue;
                    }
                    match name.trim().to_lowercase().as_str() {
                        "proto" => site.scheme = value.to_owned(),
                        "host" => site.host = value.to_owned(),
                        "for" => remote = value.to_owned(),
                        _ => {}
                    }
                }
            }
            None => {
                if let Some(scheme) = text(headers, &FORWARDED_PROTO) {
                    site.scheme = scheme;
                }
                if let Some(host) = text(headers, &FORWARDED_HOST) {
                    site.host = host;
                }
                if let Some(address) = text(headers, &FORWARDED_FOR) {
                    remote = address;
                }
            }
        }
        if let Some(prefix) = text(headers, &FORWARDED_PREFIX) {
            site.prefix = prefix;
        }
    }
    Origin { site, remote }
}

/// A header as WSGI gives it: repeated ones joined by commas; `None` when absent or empty.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let joined = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect::<Vec<_>>()
        .join(",");
    (!joined.is_empty()).then_some(joined)
}

/// The last entry of a comma-separated list: the one our own proxy wrote.
fn last(list: &str) -> Option<&str> {
    list.rsplit(',').map(str::trim).find(|entry| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use hyper::header::HeaderValue;

    use super::*;

    fn ask(headers: &[(&'static str, &'static str)], parse_all: bool) -> (String, String) {
        let mut map = HeaderMap::new();
        map.insert(HOST, HeaderValue::from_static("inner:5000"));
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let connection = Connection::new("10.0.0.9:4711".parse().unwrap(), "10.0.0.1:5000".parse().unwrap());
        let origin = origin(&map, None, &connection, parse_all);
        (origin.site.base_url(None, ""), origin.remote)
    }

    #[test]
    fn the_last_forwarded_scheme_and_address_always_count() {
        let headers = [("x-forwarded-proto", "http, https"), ("x-forwarded-for", "1.1.1.1, 2.2.2.2")];
        assert_eq!(ask(&headers, false), ("https://inner:5000/v3".to_owned(), "2.2.2.2".to_owned()));
    }

    #[test]
    fn host_and_prefix_count_only_where_the_operator_says_so() {
        let headers =
            [("x-forwarded-host", "cloud"), ("x-forwarded-prefix", "/identity"), ("x-forwarded-proto", "https")];
        assert_eq!(ask(&headers, false).0, "https://inner:5000/v3");
        assert_eq!(ask(&headers, true).0, "https://cloud/identity/v3");
    }

    #[test]
    fn the_standard_header_silences_its_predecessors() {
        let headers = [
            ("forwarded", "for=192.0.2.60;proto=https;host=cloud, for=10.0.0.3"),
            ("x-forwarded-host", "ignored"),
            ("x-forwarded-prefix", "/identity"),
        ];
        assert_eq!(ask(&headers, true), ("https://cloud/identity/v3".to_owned(), "192.0.2.60".to_owned()));
    }

    #[test]
    fn without_headers_the_connection_speaks() {
        assert_eq!(ask(&[], true), ("http://inner:5000/v3".to_owned(), "10.0.0.9".to_owned()));
    }
}
