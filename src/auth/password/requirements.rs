//! What a new password must look like: `[security_compliance] password_regex`
//! (Keystone `common/validation/validators.py`, `validate_password`).

use fancy_regex::Regex;
use thiserror::Error;

use crate::domain::secret::SecretText;

/// The pattern that new passwords must match at their start, if there is one. `Default`: anything goes.
#[derive(Debug, Clone, Default)]
pub struct PasswordRequirements {
    pattern: Option<Regex>,
    description: Option<String>,
}

/// The pattern cannot be used. Its syntax is Python's as far as lookarounds and backreferences go; conditionals and other
/// rarities of Python are not there.
#[derive(Debug, Error)]
#[error("[security_compliance] password_regex = {pattern}: {reason}")]
pub struct BadPasswordRegex {
    pattern: String,
    reason: Box<fancy_regex::Error>,
}

/// A password that does not match.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("The password does not match the requirements: {0}.")]
pub struct RequirementsNotMet(String);

impl PasswordRequirements {
    /// `pattern` is `password_regex`, `description` is `password_regex_description`, which is all that users are told.
    ///
    /// # Errors
    ///
    /// The pattern does not compile.
    pub fn new(pattern: Option<&str>, description: Option<String>) -> Result<Self, BadPasswordRegex> {
        let compile = |pattern: &str| {
            // `re.match` looks at the start of the text only.
            Regex::new(&format!(r"\A(?:{pattern})"))
                .map_err(|reason| BadPasswordRegex { pattern: pattern.to_owned(), reason: Box::new(reason) })
        };
        Ok(Self { pattern: pattern.filter(|pattern| !pattern.is_empty()).map(compile).transpose()?, description })
    }

    /// Whether there is a pattern.
    pub fn are_any(&self) -> bool {
        self.pattern.is_some()
    }

    /// Whether the password may be set.
    ///
    /// # Errors
    ///
    /// It may not; the message is Keystone's. A pattern that runs into its limits on a password counts as not matched.
    pub fn check(&self, password: &SecretText) -> Result<(), RequirementsNotMet> {
        match &self.pattern {
            Some(pattern) if !pattern.is_match(password.expose()).unwrap_or(false) => {
                Err(RequirementsNotMet(self.description.clone().unwrap_or_else(|| "None".to_owned())))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    fn met(pattern: &str, password: &str) -> bool {
        let description = Some("seven characters with a letter and a digit".to_owned());
        PasswordRequirements::new(Some(pattern), description).unwrap().check(&SecretText::new(password)).is_ok()
    }

    #[test]
    fn keystones_own_example_works() {
        let pattern = r"^(?=.*\d)(?=.*[a-zA-Z]).{7,}$";
        assert!(met(pattern, "abcdef1"));
        assert!(!met(pattern, "abcdefg"));
        assert!(!met(pattern, "abc1"));
    }

    #[test]
    fn only_the_start_has_to_match() {
        assert!(met("a|b", "bc"));
        assert!(!met("b", "ab"));
    }

    #[test]
    fn a_refusal_says_what_is_asked_for_and_never_the_password() {
        let requirements = PasswordRequirements::new(Some("x"), Some("an x".to_owned())).unwrap();
        let refusal = requirements.check(&SecretText::new("hunter2")).unwrap_err().to_string();
        assert_eq!(refusal, "The password does not match the requirements: an x.");
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let error = PasswordRequirements::new(Some("("), None).unwrap_err().to_string();
        assert!(error.starts_with("[security_compliance] password_regex = (: "), "{error}");
    }
}
