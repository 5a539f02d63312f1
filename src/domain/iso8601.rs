//! Times as clients and databases write them: ISO 8601 in the dialect of Python's `iso8601` package, through
//! which all of Keystone's times go (`oslo_utils.timeutils.parse_isotime`).

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use regex::{Captures, Regex};

/// A text is not a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Unable to parse date string {0:?}")]
pub struct NotATime(
    /// The text.
    pub String,
);

/// The basic and the extended format, mixed at will; a date may stop at the year or, with a dash, at the month, and a time at
/// the hour. After a month without a dash there must be a day, since six digits could be anything.
#[expect(clippy::expect_used, reason = "the pattern is a constant, and every test of this module compiles it")]
static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\A (?<year>[0-9]{4})
        (?: (?: -(?<month>[0-9]{1,2}) | (?<month_basic>[0-9]{2}) )
          (?: (?: -(?<day>[0-9]{1,2}) | (?<day_basic>[0-9]{2}) )
            (?: [\ T] (?<hour>[0-9]{2})
              (?: :? (?<minute>[0-9]{2}) )?
              (?: :? (?<second>[0-9]{1,2}) (?: [.,] (?<fraction>[0-9]+) )? )?
              (?<zone> Z | (?<sign>[-+]) (?<zone_hour>[0-9]{2}) :? (?<zone_minute>[0-9]{2})? )?
            )?
          )?
        )? \n?\z",
    )
    .expect("a valid pattern")
});

/// The time that `text` says, to the microsecond; further digits are cut off. Without a zone it is UTC.
///
/// # Errors
/// [`NotATime`] if the text has another form, or no such time exists in the years 1 to 9999. There are no leap seconds.
pub fn parse(text: &str) -> Result<DateTime<Utc>, NotATime> {
    PATTERN.captures(text).as_ref().and_then(time_of).ok_or_else(|| NotATime(text.to_owned()))
}

fn time_of(found: &Captures<'_>) -> Option<DateTime<Utc>> {
    let group = |name| found.name(name).map(|group| group.as_str());
    let number = |name, absent: u32| group(name).map_or(Some(absent), |digits| digits.parse().ok());
    let month = group("month").or(group("month_basic")).map_or(Some(1), |digits| digits.parse().ok())?;
    let day_text = group("day").or(group("day_basic"));
    if group("month_basic").is_some() && day_text.is_none() {
        return None;
    }
    let day = day_text.map_or(Some(1), |digits| digits.parse().ok())?;
    let year = group("year")?.parse().ok()?;
    // Six digits at most, the missing ones being zeros.
    let microseconds = group("fraction").map_or(Some(0), |digits| format!("{digits:0<6}").get(..6)?.parse().ok())?;
    let local = NaiveDate::from_ymd_opt(year, month, day)?
        .and_hms_micro_opt(number("hour", 0)?, number("minute", 0)?, number("second", 0)?, microseconds)?
        .and_utc();
    let offset =
        TimeDelta::hours(number("zone_hour", 0)?.into()) + TimeDelta::minutes(number("zone_minute", 0)?.into());
    if offset >= TimeDelta::hours(24) {
        return None;
    }
    let utc = if group("sign") == Some("-") { local + offset } else { local - offset };
    ((1..=9999).contains(&year) && (1..=9999).contains(&utc.year())).then_some(utc)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::parse;
    use crate::domain::time::isotime_subsecond;

    #[test]
    fn the_forms_of_a_time() {
        for (text, time) in [
            ("2030-01-02T03:04:05.678901Z", "2030-01-02T03:04:05.678901Z"),
            ("2030-01-02T03:04:05.6789019Z", "2030-01-02T03:04:05.678901Z"),
            ("2030-01-02T03:04:05,5Z", "2030-01-02T03:04:05.500000Z"),
            ("2030-01-02 03:04:05", "2030-01-02T03:04:05.000000Z"),
            ("2030-01-02T03:04:05+02:30", "2030-01-02T00:34:05.000000Z"),
            ("2030-01-02T03:04:05-0230", "2030-01-02T05:34:05.000000Z"),
            ("2030-01-02T03:04:05+02", "2030-01-02T01:04:05.000000Z"),
            ("20300102T030405Z", "2030-01-02T03:04:05.000000Z"),
            ("2030-1-2T03", "2030-01-02T03:00:00.000000Z"),
            ("2030-01-02T03:04", "2030-01-02T03:04:00.000000Z"),
            ("2030-01-02", "2030-01-02T00:00:00.000000Z"),
            ("2030-12", "2030-12-01T00:00:00.000000Z"),
            ("2030-123", "2030-01-23T00:00:00.000000Z"),
            ("2030\n", "2030-01-01T00:00:00.000000Z"),
        ] {
            assert_eq!(isotime_subsecond(parse(text).unwrap()), time, "{text:?}");
        }
    }

    #[test]
    fn texts_that_are_no_time() {
        for text in [
            "",
            "tomorrow",
            "203012",
            "2030-13-01T00:00:00Z",
            "2030-02-29",
            "2030-12-31T23:59:60Z",
            "2030-12-31T24:00:00Z",
            "2030-01-02T03:04:05+24:00",
            "2030-01-02T03:04:05 Z",
            "2030-01-02T03:04:05.Z",
            "2030-01-02T03:04:05Z\n\n",
            "0000-01-01",
            "0001-01-01T00:00:00+01",
            "9999-12-31T23:59:59-01",
            "\u{662}\u{660}\u{663}\u{660}-01-01",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
