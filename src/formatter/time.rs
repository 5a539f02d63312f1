//! Times in a payload: seconds since 1970 as a float, and how Python's `datetime` rounds them.

use chrono::{DateTime, Datelike, Utc};

use super::{
    error::{FormatError, PayloadError},
    msgpack::Value,
};

/// 1000-01-01T00:00:00Z: Keystone cannot parse an earlier time after having printed it.
const FIRST_READABLE: i64 = -30_610_224_000;

/// 10000-01-01T00:00:00Z: Python knows no year above 9999.
const FIRST_UNKNOWN: i64 = 253_402_300_800;

/// Microseconds since 1970 divided by 10^6, rounded once to the nearest double.
pub(super) fn to_float(time: DateTime<Utc>) -> Result<f64, FormatError> {
    if !(1..=9999).contains(&time.year()) {
        return Err(FormatError::ExpiryOutOfRange);
    }
    Ok(quotient_by_a_million(time.timestamp_micros()))
}

/// The time an element of a payload stands for: rounded to the microsecond, half to even, and its fraction then cut off.
pub(super) fn from_value(value: &Value) -> Result<DateTime<Utc>, PayloadError> {
    match value {
        Value::Float(seconds) => whole_second_of(*seconds).and_then(readable),
        Value::Int(seconds) => i64::try_from(*seconds).ok().and_then(readable),
        Value::Bool(seconds) => readable(i64::from(*seconds)),
        _ => return Err(PayloadError::NotATime),
    }
    .ok_or(PayloadError::TimeOutOfRange)
}

/// The issue time that a Fernet timestamp stands for.
pub(super) fn from_timestamp(timestamp: u64) -> Result<DateTime<Utc>, PayloadError> {
    i64::try_from(timestamp).ok().and_then(readable).ok_or(PayloadError::TimeOutOfRange)
}

fn readable(seconds: i64) -> Option<DateTime<Utc>> {
    (FIRST_READABLE..FIRST_UNKNOWN).contains(&seconds).then(|| DateTime::from_timestamp(seconds, 0)).flatten()
}

/// CPython's `_PyTime_DoubleToDenominator` with `ROUND_HALF_EVEN` and 10^6, without the microseconds.
fn whole_second_of(seconds: f64) -> Option<i64> {
    let mut whole = seconds.trunc();
    let microseconds = ((seconds - whole) * 1e6).round_ties_even();
    if microseconds >= 1e6 {
        whole += 1.0;
    } else if microseconds < 0.0 {
        whole -= 1.0;
    }
    // Far outside of what `readable` takes, and NaN, which compares as false.
    (whole.abs() < 1e15).then_some(whole as i64)
}

fn quotient_by_a_million(microseconds: i64) -> f64 {
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let magnitude = microseconds.unsigned_abs();
    if magnitude <= EXACT {
        // Both operands are exact, so the division rounds once.
        return microseconds as f64 / 1e6;
    }
    // Dates after 2255: the number itself is no double. Divide with more bits than a double has, let the lowest bit
    // remember that there was a remainder, and round by the conversion.
    const SHIFT: u32 = 60;
    let shifted = u128::from(magnitude) << SHIFT;
    let sticky = u128::from(!shifted.is_multiple_of(1_000_000));
    let quotient = ((shifted / 1_000_000) | sticky) as f64 / (1_u64 << SHIFT) as f64;
    if microseconds < 0 { -quotient } else { quotient }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    fn read(seconds: f64) -> Result<i64, PayloadError> {
        from_value(&Value::Float(seconds)).map(|time| time.timestamp())
    }

    #[test]
    fn fractions_round_to_the_microsecond_and_are_cut_off() {
        assert_eq!(read(1.999_999_4), Ok(1));
        assert_eq!(read(1.999_999_8), Ok(2));
        assert_eq!(read(-0.5), Ok(-1));
        assert_eq!(read(-1.0), Ok(-1));
        assert_eq!(read(-0.000_000_1), Ok(0));
        assert_eq!(read(-1.000_001), Ok(-2));
    }

    #[test]
    fn only_years_that_keystone_can_print_and_parse() {
        assert_eq!(read(-30_610_224_000.0), Ok(FIRST_READABLE));
        assert_eq!(read(253_402_300_799.0), Ok(FIRST_UNKNOWN - 1));
        for seconds in [-30_610_224_001.0, 253_402_300_800.0, 1e18, -1e18, f64::MAX, f64::NAN, f64::INFINITY] {
            assert_eq!(read(seconds), Err(PayloadError::TimeOutOfRange), "{seconds}");
        }
        assert_eq!(from_value(&Value::Int(i128::from(u64::MAX))), Err(PayloadError::TimeOutOfRange));
        assert_eq!(from_timestamp(u64::MAX), Err(PayloadError::TimeOutOfRange));
        assert_eq!(from_value(&Value::Text("0".into())), Err(PayloadError::NotATime));
    }

    #[test]
    fn the_division_rounds_once() {
        // As CPython: timedelta.total_seconds() of the last microsecond of the year 9999, and of odd ones after 2255.
        assert_eq!(quotient_by_a_million(253_402_300_799_999_999).to_bits(), 253_402_300_800.0_f64.to_bits());
        assert_eq!(quotient_by_a_million(9_007_199_254_740_993).to_bits(), 9_007_199_254.740_993_f64.to_bits());
        assert_eq!(quotient_by_a_million(-9_007_199_254_740_995).to_bits(), (-9_007_199_254.740_995_f64).to_bits());
        assert_eq!(quotient_by_a_million(1_713_140_061_123_457), 1_713_140_061.123_457);
    }

    #[test]
    fn whole_seconds_survive_the_way_there_and_back() {
        for seconds in [0, -1, 1_713_140_061, FIRST_READABLE, FIRST_UNKNOWN - 1] {
            let time = DateTime::from_timestamp(seconds, 0).unwrap();
            assert_eq!(from_value(&Value::Float(to_float(time).unwrap())), Ok(time));
        }
    }
}
