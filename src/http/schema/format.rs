//! The `format` keyword, as far as Keystone checks it.
//!
//! python-jsonschema checks a format only where the library for it is installed, and Keystone replaces two of the checks
//! by its own: `uuid` and `date-time`. It installs none for `uri`, which its schemas name, so that anything is a URI.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::{Captures, Regex};

/// A format that a schema may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// `uuid`: 32 hexadecimal digits, hyphens anywhere.
    Uuid,
    /// `date-time`: ISO 8601 as `iso8601.parse_date` reads it, a date alone included.
    DateTime,
    /// `email`: an at sign somewhere.
    Email,
    /// `uri`: not checked.
    Unchecked,
}

impl Format {
    /// The format of this name, or `None` for one that Keystone's schemas do not use.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "uuid" => Some(Self::Uuid),
            "date-time" => Some(Self::DateTime),
            "email" => Some(Self::Email),
            "uri" => Some(Self::Unchecked),
            _ => None,
        }
    }

    /// Whether `text` has this format.
    pub(super) fn accepts(self, text: &str) -> bool {
        match self {
            Self::Uuid => is_uuid_like(text),
            Self::DateTime => is_iso8601(text),
            Self::Email => text.contains('@'),
            Self::Unchecked => true,
        }
    }
}

fn is_uuid_like(text: &str) -> bool {
    let bare = text.replace("urn:", "").replace("uuid:", "");
    let digits = bare.trim_matches(['{', '}']).replace('-', "");
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A year; a year and a month with a hyphen; or a date with or without a time, which has or has not a time zone.
fn is_iso8601(text: &str) -> bool {
    #[expect(clippy::expect_used, reason = "a constant pattern")]
    static PARTS: LazyLock<Regex> = LazyLock::new(|| {
        let date =
            r"(?<year>[0-9]{4})(?:-(?<month>[0-9]{1,2})|(?<month2>[0-9]{2}))(?:-(?<day>[0-9]{1,2})|(?<day2>[0-9]{2}))";
        let zone = r"Z|[-+](?<zone_hour>[0-9]{2}):?(?<zone_minute>[0-9]{2})?";
        let second = r"(?::?(?<second>[0-9]{1,2})(?:[.,][0-9]+)?)?";
        let time = format!(r"[ T](?<hour>[0-9]{{2}})(?::?(?<minute>[0-9]{{2}}))?{second}(?:{zone})?");
        Regex::new(&format!(r"\A(?:(?<only_year>[0-9]{{4}})(?:-(?<only_month>[0-9]{{1,2}}))?|{date}(?:{time})?)\n?\z"))
            .expect("a valid pattern")
    });
    let Some(parts) = PARTS.captures(text) else { return false };
    let year = number(&parts, &["year", "only_year"]).unwrap_or(0);
    let month = number(&parts, &["month", "month2", "only_month"]).unwrap_or(1);
    let day = number(&parts, &["day", "day2"]).unwrap_or(1);
    let below = |name, limit| number(&parts, &[name]).unwrap_or(0) < limit;
    year >= 1
        && i32::try_from(year).is_ok_and(|year| NaiveDate::from_ymd_opt(year, month, day).is_some())
        && below("hour", 24)
        && below("minute", 60)
        && below("second", 60)
        && number(&parts, &["zone_hour"]).unwrap_or(0) * 60 + number(&parts, &["zone_minute"]).unwrap_or(0) < 24 * 60
}

fn number(parts: &Captures<'_>, names: &[&str]) -> Option<u32> {
    names.iter().find_map(|name| parts.name(name))?.as_str().parse().ok()
}
