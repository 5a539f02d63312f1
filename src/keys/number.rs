//! Numbers of keys: what a file name in a key repository says.

use std::fmt;

use crate::domain::decimal_digit::decimal_digit;

/// The number of a key: 0 is the staged key, the highest is the primary, all others are secondary.
///
/// Keystone puts no bound on it. Numbers beyond 127 bits are not kept apart here ([`FileName::TooLarge`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyNumber(i128);

impl KeyNumber {
    /// The number of the key that becomes the primary at the next rotation.
    pub const STAGED: Self = Self(0);

    /// Stands for every number that is out of range above.
    pub(crate) const HIGHEST: Self = Self(i128::MAX);

    /// The place of the null key, behind every key that has a file.
    pub(crate) const NULL: Self = Self(i128::MIN);

    /// The number `number`.
    pub const fn new(number: i128) -> Self {
        Self(number)
    }

    /// The number after this one; `None` behind the highest one.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl fmt::Display for KeyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NULL { f.write_str("null") } else { self.0.fmt(f) }
    }
}

/// What a file name means to Keystone, which asks Python's `int()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileName {
    /// The name of a key. Many names may say one number: `7`, `007`, `+7`, ` 7`.
    Number(KeyNumber),
    /// A positive number that Keystone would take and that is too large for [`KeyNumber`].
    TooLarge,
    /// A negative number that Keystone would take and that is too small for [`KeyNumber`].
    TooSmall,
    /// Not a number: not a key.
    Other,
}

impl FileName {
    /// Reads `name` as `int()` does: white space around it, one sign, decimal digits of any script, and `_` between two
    /// digits.
    pub fn read(name: &str) -> Self {
        let is_space = |character: char| match character {
            // Python leaves the ASCII separators U+001C to U+001F alone here, although they are white space to it.
            '\t'..='\r' | ' ' => true,
            _ => !character.is_ascii() && character.is_whitespace(),
        };
        let trimmed = name.trim_matches(is_space);
        let (negative, digits) = match trimmed.strip_prefix(['+', '-']) {
            Some(rest) => (trimmed.starts_with('-'), rest),
            None => (false, trimmed),
        };
        let mut magnitude = Some(0_i128);
        let mut after_digit = false;
        for character in digits.chars() {
            if character == '_' && after_digit {
                after_digit = false;
                continue;
            }
            let Some(digit) = decimal_digit(character) else { return Self::Other };
            magnitude = magnitude.and_then(|value| value.checked_mul(10)?.checked_add(digit.into()));
            after_digit = true;
        }
        match (after_digit, magnitude, negative) {
            (false, ..) => Self::Other,
            (_, Some(value), _) => Self::Number(KeyNumber(if negative { -value } else { value })),
            (_, None, false) => Self::TooLarge,
            (_, None, true) => Self::TooSmall,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FileName, KeyNumber};

    #[test]
    fn names_are_read_as_python_reads_integers() {
        for (name, number) in [
            ("0", 0),
            ("007", 7),
            ("+3", 3),
            ("-1", -1),
            ("-0", 0),
            ("1_0", 10),
            ("0_0", 0),
            (" 4", 4),
            ("5 \n", 5),
            ("\u{a0}6\u{3000}", 6),
            ("\u{666}", 6),
            ("1\u{666}", 16),
            ("18446744073709551616", 18_446_744_073_709_551_616),
        ] {
            assert_eq!(FileName::read(name), FileName::Number(KeyNumber::new(number)), "{name:?}");
        }
        for name in [
            "", " ", "+", "-", "_", "_1", "1_", "1__0", "+_1", "+ 3", "--1", "+-1", "1 0", "1.0", "1e3", "0x5", "a1",
            "1.bak", "0.tmp", "\u{b2}", "\u{1c}1", "\u{2167}",
        ] {
            assert_eq!(FileName::read(name), FileName::Other, "{name:?}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_told_from_names_that_are_not_numbers() {
        let digits = "9".repeat(60);
        assert_eq!(FileName::read(&digits), FileName::TooLarge);
        assert_eq!(FileName::read(&format!("-{digits}")), FileName::TooSmall);
        assert_eq!(FileName::read(&format!("{digits}x")), FileName::Other);
        assert_eq!(FileName::read(&format!("{}7", "0".repeat(60))), FileName::Number(KeyNumber::new(7)));
    }
}
