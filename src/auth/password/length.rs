//! How much of a password counts.

use super::{PasswordError, PasswordSettings};
use crate::domain::secret::SecretText;

/// The bytes of `password` that count.
///
/// # Errors
///
/// [`PasswordError::TooLong`] if there are more of them and the settings are strict.
pub(super) fn counted_bytes<'a>(
    settings: &PasswordSettings,
    password: &'a SecretText,
) -> Result<&'a [u8], PasswordError> {
    if settings.strict && password.expose().len() > settings.counted_bytes {
        return Err(PasswordError::TooLong { limit: settings.counted_bytes });
    }
    Ok(truncated_bytes(settings, password))
}

/// The same, where too long a password is always cut. The cut is made in bytes of UTF-8 and may go through a character.
pub(super) fn truncated_bytes<'a>(settings: &PasswordSettings, password: &'a SecretText) -> &'a [u8] {
    let bytes = password.expose().as_bytes();
    &bytes[..bytes.len().min(settings.counted_bytes)]
}
