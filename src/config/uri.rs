//! Which texts count as a URI for oslo.config's `URIOpt`: scheme and host are there, and the scheme and everything up
//! to the path are spelled as RFC 3986 says (`rfc3986.validators`). What comes behind is hardly looked at.

use std::net::Ipv6Addr;

/// Checks a URI; the error says what is wrong with it.
pub(super) fn check(text: &str, schemes: &[String], max_length: Option<usize>) -> Result<(), String> {
    let (scheme, rest) = split_scheme(text).ok_or("expected a URI with a scheme")?;
    let authority_and_more = rest.strip_prefix("//").ok_or("expected a URI with a host")?;
    let authority_end = authority_and_more.find(['\\', '/', '?', '#']).unwrap_or(authority_and_more.len());
    let (authority, rest) = authority_and_more.split_at(authority_end);
    let path = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    if authority.is_empty() {
        return Err("expected a URI with a host".to_owned());
    }
    if !authority_is_valid(authority) {
        return Err("expected a valid host".to_owned());
    }
    // Whatever else no path may hold is percent-encoded before it is looked at.
    if path.contains(['[', ']']) {
        return Err("expected a valid path".to_owned());
    }
    if !schemes.is_empty() && !schemes.iter().any(|allowed| allowed == scheme) {
        return Err(format!("expected one of the schemes {}", schemes.join(", ")));
    }
    match max_length {
        Some(limit) if text.chars().count() > limit => Err(format!("expected at most {limit} characters")),
        _ => Ok(()),
    }
}

fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let known = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(known)).then_some((scheme, rest))
}

fn authority_is_valid(authority: &str) -> bool {
    let host_and_port = match authority.split_once('@') {
        Some((user, rest)) if !user.is_empty() && is_spelled_from(user, b":") => rest,
        Some(_) => return false,
        None => authority,
    };
    if let Some(rest) = host_and_port.strip_prefix('[') {
        let Some((literal, port)) = rest.split_once(']') else { return false };
        return literal_is_valid(literal) && port_is_valid(port.strip_prefix(':').unwrap_or(port));
    }
    let (host, port) = host_and_port.split_once(':').unwrap_or((host_and_port, ""));
    is_spelled_from(host, b"") && port_is_valid(port) && !is_bad_ipv4(host)
}

fn port_is_valid(port: &str) -> bool {
    port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Four groups of up to three digits are an address, so each must be one byte's number.
fn is_bad_ipv4(host: &str) -> bool {
    let groups: Vec<&str> = host.split('.').collect();
    let number = |group: &&str| (1..=3).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit());
    groups.len() == 4 && groups.iter().all(number) && groups.iter().any(|group| group.parse::<u8>().is_err())
}

fn literal_is_valid(literal: &str) -> bool {
    if let Some((version, rest)) = literal.strip_prefix('v').and_then(|future| future.split_once('.')) {
        let plain = |text: &str| !text.contains('%') && is_spelled_from(text, b":");
        return !version.is_empty()
            && version.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !rest.is_empty()
            && plain(rest);
    }
    let (address, zone) = literal.split_once("%25").unwrap_or((literal, "zone"));
    address.parse::<Ipv6Addr>().is_ok() && !zone.is_empty() && is_spelled_from(zone, b"")
}

/// Unreserved characters, sub-delimiters, percent-encoded bytes, and what `more` adds.
fn is_spelled_from(text: &str, more: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => {
                [bytes.next(), bytes.next()].iter().all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit()))
            }
            _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte) || more.contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    true
}
