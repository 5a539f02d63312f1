//! The bitmask of authentication methods.
//!
//! The configured list `[auth] methods` gives its nth name the value 2^n; its order is part of the token format. Keystone
//! *adds* the values (it does not OR them) and reads back by division (`keystone.auth.plugins.core`), so a bitmask
//! that was not made of distinct configured methods reads back as something else. Both directions are kept as they are:
//! a token must say the same here and there.

use super::{
    error::{FormatError, PayloadError},
    msgpack::Value,
};

/// The configured method names, in order.
#[derive(Debug, Clone)]
pub struct MethodList {
    names: Vec<String>,
}

impl MethodList {
    /// `[auth] methods` as configured; the order counts.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { names: names.into_iter().map(Into::into).collect() }
    }

    /// The number that stands for `methods`: unknown names add nothing, repeated ones add twice.
    pub(super) fn bitmask(&self, methods: &[String]) -> Result<u64, FormatError> {
        let mut sum = 0_u64;
        for method in methods {
            for (index, _) in self.names.iter().enumerate().filter(|(_, name)| *name == method) {
                let value = u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index));
                sum = value.and_then(|value| sum.checked_add(value)).ok_or(FormatError::MethodsOutOfRange)?;
            }
        }
        Ok(sum)
    }

    /// `methods` as they read back: each once, from the last configured to the first, unknown ones left out.
    pub(super) fn as_read(&self, methods: Vec<String>) -> Vec<String> {
        let as_read = || self.names.iter().rev().filter(|name| methods.contains(name));
        // Mostly: the methods of a token that another one was made from are as they were read.
        if as_read().eq(&methods) { methods } else { as_read().cloned().collect() }
    }

    /// The names that `bitmask` stands for, from the last configured to the first.
    pub(super) fn names(&self, bitmask: &Value) -> Result<Vec<String>, PayloadError> {
        let mut rest = match bitmask {
            Value::Int(number) => Rest::Whole(*number),
            Value::Bool(flag) => Rest::Whole(i128::from(*flag)),
            Value::Float(number) => Rest::Fraction(*number),
            _ if self.names.is_empty() => return Ok(Vec::new()),
            _ => return Err(PayloadError::NotABitmask),
        };
        if rest.is_zero() {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for (index, name) in self.names.iter().enumerate().rev() {
            if rest.take(index)? {
                names.push(name.clone());
            }
        }
        Ok(names)
    }
}

/// What is left of a bitmask. Python divides whole numbers and floats alike; only the subtraction tells them apart.
enum Rest {
    Whole(i128),
    Fraction(f64),
}

impl Rest {
    fn is_zero(&self) -> bool {
        match self {
            Self::Whole(number) => *number == 0,
            Self::Fraction(number) => *number == 0.0,
        }
    }

    /// Takes 2^`index` away if it goes in exactly once, and says whether it did.
    fn take(&mut self, index: usize) -> Result<bool, PayloadError> {
        let value = i32::try_from(index).map_or(f64::INFINITY, |index| 2.0_f64.powi(index));
        let quotient = match self {
            Self::Whole(number) => *number as f64 / value,
            Self::Fraction(number) if !number.is_finite() => return Err(PayloadError::NotABitmask),
            Self::Fraction(number) => *number / value,
        };
        let once = quotient.trunc() == 1.0;
        if once {
            match self {
                // The quotient is only 1 if the number, below 2^64, is at least 2^index.
                Self::Whole(number) => *number -= 1_i128 << index.min(64),
                Self::Fraction(number) => *number -= value,
            }
        }
        Ok(once)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    fn list() -> MethodList {
        MethodList::new(["external", "password", "token", "oauth1"])
    }

    fn read(bitmask: i128) -> Vec<String> {
        list().names(&Value::Int(bitmask)).unwrap()
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn names_read_back_from_the_last_configured_to_the_first() {
        let bitmask = list().bitmask(&owned(&["password", "token"])).unwrap();
        assert_eq!(bitmask, 6);
        assert_eq!(read(6), ["token", "password"]);
    }

    #[test]
    fn a_repeated_name_becomes_the_next_one() {
        assert_eq!(list().bitmask(&owned(&["password", "password"])).unwrap(), 4);
        assert_eq!(read(4), ["token"]);
    }

    #[test]
    fn a_bit_above_the_configured_ones_hides_the_rest() {
        assert_eq!(read(16 + 2), Vec::<String>::new());
    }

    #[test]
    fn numbers_that_are_no_bitmask_are_read_or_refused_but_never_panic() {
        assert_eq!(read(-1), Vec::<String>::new());
        assert_eq!(list().names(&Value::Float(2.5)).unwrap(), ["password"]);
        for odd in [Value::Float(f64::NAN), Value::Float(f64::INFINITY), Value::Nil, Value::Text("2".into())] {
            assert_eq!(list().names(&odd), Err(PayloadError::NotABitmask));
        }
    }

    #[test]
    fn more_methods_than_bits() {
        let many = MethodList::new((0..200).map(|n| format!("m{n}")));
        assert_eq!(many.bitmask(&owned(&["m63"])).unwrap(), 1 << 63);
        assert!(matches!(many.bitmask(&owned(&["m64"])), Err(FormatError::MethodsOutOfRange)));
        assert!(matches!(many.bitmask(&owned(&["m63", "m63"])), Err(FormatError::MethodsOutOfRange)));
        assert_eq!(many.names(&Value::Int(1 << 63)).unwrap(), ["m63"]);
        assert!(many.names(&Value::Int(i128::from(u64::MAX))).is_ok());
    }
}
