//! Where this server is, as seen by the client: the root of every link.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What WSGI calls `url_scheme`, `HTTP_HOST` and `SCRIPT_NAME`, after proxies have had their say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// `http` or `https`, or whatever a proxy said.
    pub scheme: String,
    /// Host and, if it is not the scheme's own, port.
    pub host: String,
    /// The path under which the service is mounted (`/identity`), or nothing.
    pub prefix: String,
}

/// What `urllib.parse.quote` leaves alone.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b'/');

impl Site {
    /// The root of all links with `/v3` and `path` behind it, never ending in a slash (`keystone/server/flask/common.py`,
    /// `base_url`). `public_endpoint` overrules what the request says.
    pub fn base_url(&self, public_endpoint: Option<&str>, path: &str) -> String {
        let path = path.trim_matches('/');
        let path = path.strip_prefix("v3").map_or(path, |rest| rest.trim_start_matches('/'));
        let mut url = self.endpoint(public_endpoint);
        for part in ["v3", path] {
            if !part.is_empty() {
                url.push('/');
                url.push_str(part);
            }
        }
        url
    }

    /// The root of all links, without a version.
    pub(super) fn endpoint(&self, public_endpoint: Option<&str>) -> String {
        let mut root = match public_endpoint {
            Some(endpoint) if !endpoint.is_empty() => endpoint.to_owned(),
            _ => self.mount(),
        };
        root.truncate(root.trim_end_matches('/').len());
        root
    }

    /// Scheme, host and prefix; a version in the prefix is left out.
    fn mount(&self) -> String {
        let prefix = self.prefix.trim_end_matches('/');
        let prefix = prefix.strip_suffix("/v3").or_else(|| prefix.strip_suffix("/v2.0")).unwrap_or(prefix);
        format!("{}{}", self.root(), utf8_percent_encode(prefix, QUOTED))
    }

    /// Scheme and host; the scheme's own port is left out.
    pub(super) fn root(&self) -> String {
        let host = match (self.scheme.to_lowercase().as_str(), self.host.split_once(':')) {
            ("http", Some((host, "80"))) | ("https", Some((host, "443"))) => host,
            _ => &self.host,
        };
        format!("{}://{}", self.scheme, host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(scheme: &str, host: &str, prefix: &str) -> Site {
        Site { scheme: scheme.to_owned(), host: host.to_owned(), prefix: prefix.to_owned() }
    }

    #[test]
    fn links_follow_the_request() {
        let cases = [
            (site("http", "k:5000", ""), "http://k:5000/v3"),
            (site("http", "k:80", ""), "http://k/v3"),
            (site("https", "k:443", "/identity"), "https://k/identity/v3"),
            (site("https", "k:80", "/identity/"), "https://k:80/identity/v3"),
            (site("http", "k", "/identity/v3"), "http://k/identity/v3"),
            (site("http", "k", "/a b"), "http://k/a%20b/v3"),
        ];
        for (site, expected) in cases {
            assert_eq!(site.base_url(None, ""), expected);
        }
    }

    #[test]
    fn a_path_is_appended_without_a_second_v3() {
        let site = site("http", "k:5000", "");
        assert_eq!(site.base_url(None, "/v3/projects/"), "http://k:5000/v3/projects");
        assert_eq!(site.base_url(None, "auth/catalog"), "http://k:5000/v3/auth/catalog");
        assert_eq!(site.base_url(Some("https://public/id/"), "roles"), "https://public/id/v3/roles");
    }
}
