//! Requests that a restricted application credential may be used for (keystonemiddleware's `validate_allowed_request`,
//! with Keystone itself as the service).

use hyper::Method;
use regex::Regex;

use crate::domain::delegation::AccessRule;

/// Whether one of `rules` allows this request to the service `identity`. Without that service in the token's catalog
/// nothing is allowed, except that any token may be validated.
pub(super) fn allow(rules: &[AccessRule], identity_is_in_catalog: bool, method: &Method, path: &str) -> bool {
    if method == Method::GET && path.ends_with("/v3/auth/tokens") {
        return true;
    }
    identity_is_in_catalog
        && rules.iter().any(|rule| {
            rule.method.as_deref() == Some(method.as_str())
                && rule.service.as_deref() == Some("identity")
                && rule.path.as_deref().is_some_and(|pattern| matches(pattern, path))
        })
}

/// `*` and `{name}` stand for one segment of a path, `**` for any number of them. Other characters stand for themselves
/// (in keystonemiddleware they are a regular expression's, so that `.` matches any character).
fn matches(pattern: &str, path: &str) -> bool {
    let mut expression = String::from("^");
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**") {
            expression.push_str(".*");
            rest = after;
        } else if let Some(after) = rest.strip_prefix('*') {
            expression.push_str("[^/]+");
            rest = after;
        } else if let Some((_, after)) = rest.strip_prefix('{').and_then(|tag| tag.split_once('}')) {
            expression.push_str("[^/]+");
            rest = after;
        } else {
            expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
            rest = &rest[character.len_utf8()..];
        }
    }
    expression.push('$');
    Regex::new(&expression).is_ok_and(|expression| expression.is_match(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(method: &str, path: &str) -> AccessRule {
        AccessRule {
            id: "r".to_owned(),
            service: Some("identity".to_owned()),
            path: Some(path.to_owned()),
            method: Some(method.to_owned()),
        }
    }

    #[test]
    fn wildcards_stand_for_segments() {
        assert!(matches("/v3/users/{user_id}/projects", "/v3/users/abc/projects"));
        assert!(matches("/v3/users/*/projects", "/v3/users/abc/projects"));
        assert!(!matches("/v3/users/*/projects", "/v3/users/a/b/projects"));
        assert!(matches("/v3/**", "/v3/users/a/b/projects"));
        assert!(!matches("/v3/users", "/v3/users/abc"));
        assert!(!matches("/v3/pr.jects", "/v3/projects"));
    }

    #[test]
    fn method_service_and_path_must_all_fit() {
        let rules = [rule("GET", "/v3/projects")];
        assert!(allow(&rules, true, &Method::GET, "/v3/projects"));
        assert!(!allow(&rules, true, &Method::HEAD, "/v3/projects"));
        assert!(!allow(&rules, false, &Method::GET, "/v3/projects"));
        let elsewhere = AccessRule { service: Some("compute".to_owned()), ..rule("GET", "/v3/projects") };
        assert!(!allow(&[elsewhere], true, &Method::GET, "/v3/projects"));
    }

    #[test]
    fn a_token_can_always_be_validated() {
        assert!(allow(&[], false, &Method::GET, "/identity/v3/auth/tokens"));
        assert!(!allow(&[], true, &Method::DELETE, "/identity/v3/auth/tokens"));
    }
}
