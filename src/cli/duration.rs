//! Lengths of time as people write them on a command line: `24h`, `1h30m`, `2d`, `90s`, or a bare number of seconds.

use chrono::TimeDelta;

/// Longer than any rotation or token.
const LONGEST: i64 = 100 * 365 * 86_400;

/// Reads a length of time.
///
/// # Errors
/// A text that says none.
pub(super) fn parse(text: &str) -> Result<TimeDelta, String> {
    let fault = || format!("{text:?} is no length of time; write 24h, 1h30m, 2d, 90s or a number of seconds");
    let mut seconds = 0_i64;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(fault());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number: i64 = rest[..digits].parse().map_err(|_| fault())?;
        let letters = &rest[digits..];
        let end = letters.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(letters.len());
        let unit = match &letters[..end] {
            "s" | "sec" => 1,
            "m" | "min" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 7 * 86_400,
            "" if seconds == 0 && letters.is_empty() => 1,
            _ => return Err(fault()),
        };
        seconds = number.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or_else(fault)?;
        rest = letters[end..].trim_start();
    }
    if seconds > LONGEST { Err(fault()) } else { TimeDelta::try_seconds(seconds).ok_or_else(fault) }
}

/// A length of time for people: its two largest units.
pub(super) fn show(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    let units = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (unit, size) in units {
        if left >= size {
            parts.push(format!("{} {unit}", left / size));
            left %= size;
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, seconds) in [
            ("24h", 86_400),
            ("1h30m", 5400),
            ("2d", 172_800),
            ("90", 90),
            ("0", 0),
            ("1w", 604_800),
            ("1h 5min", 3900),
        ] {
            assert_eq!(parse(text), Ok(TimeDelta::seconds(seconds)), "{text}");
        }
        for text in ["", "h", "1x", "-1", "1.5h", "1h30", "99999999999999999999", "999999w", "30 1h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shown_by_their_two_largest_units() {
        for (seconds, text) in
            [(0, "0 s"), (59, "59 s"), (3600, "1 h"), (5400, "1 h 30 min"), (176_400, "2 d 1 h"), (86_401, "1 d")]
        {
            assert_eq!(show(TimeDelta::seconds(seconds)), text);
        }
    }
}
