//! The filter `password_expires_at` of lists of users (`identity/core.py`, `_translate_expired_password_hints`).

use crate::{
    domain::iso8601,
    http::{error::ApiError, hints::Hints},
    store::identity::{PasswordExpiry, TimeComparison},
};

/// Takes the conditions on when passwords expire out of the filters: the database compares, and nobody else. An inexact form
/// of the filter is the same filter.
///
/// # Errors
///
/// An operator that is none, or a time that is none.
pub(in crate::http::v3) fn password_expiry(hints: &mut Hints) -> Result<Vec<PasswordExpiry>, ApiError> {
    let (mine, others) =
        std::mem::take(&mut hints.filters).into_iter().partition(|filter| filter.name == "password_expires_at");
    hints.filters = others;
    mine.iter().map(|filter: &crate::http::hints::Filter| condition(&filter.value)).collect()
}

/// `lt:2030-01-01T00:00:00Z`; without an operator, which has two or three characters, the times must be equal.
fn condition(value: &str) -> Result<PasswordExpiry, ApiError> {
    let has_operator = value.chars().skip(2).take(2).any(|character| character == ':');
    let (operator, time) = value.split_once(':').filter(|_| has_operator).unwrap_or(("eq", value));
    let time = iso8601::parse(time).map_err(|_| {
        ApiError::invalid(
            "Timestamp not in expected format. The server could not comply with the request since it is either malformed \
             or otherwise incorrect. The client is assumed to be in error.",
        )
    })?;
    let comparison = match operator {
        "lt" => TimeComparison::Before,
        "lte" => TimeComparison::NotAfter,
        "gt" => TimeComparison::After,
        "gte" => TimeComparison::NotBefore,
        "eq" => TimeComparison::Equal,
        "neq" => TimeComparison::Different,
        _ => {
            return Err(ApiError::invalid(format!(
                "The given operator {operator} is not valid. It must be one of the following: 'eq', 'neq', 'lt', 'lte', \
                 'gt', or 'gte'."
            )));
        }
    };
    Ok(PasswordExpiry { comparison, time })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<TimeComparison, String> {
        condition(value).map(|condition| condition.comparison).map_err(|error| error.to_string())
    }

    #[test]
    fn operators_have_two_or_three_characters() {
        assert_eq!(read("lt:2030-01-01T00:00:00Z"), Ok(TimeComparison::Before));
        assert_eq!(read("neq:2030-01-01T00:00:00Z"), Ok(TimeComparison::Different));
        assert_eq!(read("2030-01-01T00:00:00Z"), Ok(TimeComparison::Equal));
        assert!(read("xx:2030-01-01").is_err_and(|error| error.starts_with("The given operator xx is not valid.")));
        // Too long for an operator, too short for one, and times that are none.
        for value in ["neqq:2030-01-01T00:00:00Z", "l:2030-01-01T00:00:00Z", "", "lt:", "lt:now", "xx:now"] {
            assert!(read(value).is_err_and(|error| error.starts_with("Timestamp not in expected format.")), "{value}");
        }
    }

    #[test]
    fn a_zone_counts() {
        let at = |text| condition(text).map(|condition| condition.time).ok();
        assert_eq!(at("gt:2030-01-01T02:00:00+02:00"), at("2030-01-01T00:00:00Z"));
    }
}
