//! Tokens as text: claims to a Fernet token and back (`keystone.token.token_formatters`).
//!
//! A token is an envelope (`envelope.rs`) around a payload of one of eleven classes (`payload/`), which is a MessagePack
//! array (`msgpack/`).
//! [`TokenFormatter::seal`] and [`TokenFormatter::open`] are the way in; [`TokenFormatter::pack`] and
//! [`TokenFormatter::unpack`] are the part of the way that has nothing to do with keys.
//!
//! Every byte is Keystone 30's, and so is every leniency: a token that either accepts, the other accepts too.

mod envelope;
mod error;
mod fields;
mod methods;
mod msgpack;
mod payload;
mod receipt;
mod selection;
mod time;
mod uuid_text;

pub use error::{ClaimsError, EnvelopeError, FormatError, MsgpackError, OpenError, PayloadError};
pub use fields::Fields;
pub use methods::MethodList;
pub use msgpack::Value;
pub use payload::PayloadClass;
pub use receipt::{Receipt, ReceiptFields, ReceiptFormatter};
pub use selection::class_for;

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        claims::Claims,
        random::{Random, sixteen_bytes},
    },
    keys::{Key, KeyFingerprint, KeySet},
};

/// What the token format depends on beside the keys.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `[auth] methods`: the order is part of the format.
    pub methods: MethodList,
    /// `[identity] default_domain_id`: the one domain id that payload 1 can hold though it is not a UUID.
    pub default_domain_id: String,
    /// `[DEFAULT] max_token_size`, in characters: longer tokens are issued, and the log says so.
    pub max_token_size: usize,
}

/// Makes and reads tokens.
#[derive(Debug, Clone)]
pub struct TokenFormatter {
    settings: Settings,
}

/// A token that a key opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it says.
    pub claims: Claims,
    /// The key that opened it. What it says holds only as long as this key is in the repository.
    pub key: KeyFingerprint,
}

impl TokenFormatter {
    /// A formatter for these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// The token for `claims`, made with `key` and issued at `claims.issued_at` (whole seconds, rounded down).
    ///
    /// # Errors
    /// [`FormatError`] if no payload can hold the claims.
    pub fn seal(&self, claims: &Claims, key: &Key, random: &dyn Random) -> Result<String, FormatError> {
        let timestamp = u64::try_from(claims.issued_at.timestamp()).map_err(|_| FormatError::IssuedBefore1970)?;
        let fields = Fields::from(claims);
        let class = class_for(&fields).ok_or(FormatError::NoPayloadClass)?;
        let token = envelope::seal(key, &self.pack(&fields, class)?, timestamp, sixteen_bytes(random));
        if token.len() > self.settings.max_token_size {
            tracing::info!(
                "Fernet token created with length of {} characters, which exceeds {} characters",
                token.len(),
                self.settings.max_token_size
            );
        }
        Ok(token)
    }

    /// What `token` says, and which of `keys` opened it. Expiry and revocation are not looked at.
    ///
    /// # Errors
    /// [`OpenError`]; after [`OpenError::NoKeyOpens`] it is worth looking for newer keys.
    pub fn open(&self, token: &str, keys: &KeySet) -> Result<Opened, OpenError> {
        let (fields, issued_at, key) = self.open_fields(token, keys)?;
        Ok(Opened { claims: fields.into_claims(issued_at)?, key })
    }

    /// As [`open`](Self::open), but without asking whether the fields make a token: they, the issue time, and the key.
    ///
    /// # Errors
    /// As [`open`](Self::open), without [`OpenError::Unusable`].
    pub fn open_fields(
        &self,
        token: &str,
        keys: &KeySet,
    ) -> Result<(Fields, DateTime<Utc>, KeyFingerprint), OpenError> {
        let opened = envelope::open(token, keys)?;
        let (_, fields) = self.unpack(&opened.payload)?;
        Ok((fields, time::from_timestamp(opened.timestamp)?, opened.key))
    }

    /// The names of methods as a token that was made with them reads back: each once, in the order of the bitmask, and
    /// without those that are not configured.
    pub fn methods_as_read(&self, methods: Vec<String>) -> Vec<String> {
        self.settings.methods.as_read(methods)
    }

    /// The payload of `class` for `fields`.
    ///
    /// # Errors
    /// [`FormatError`] if the class cannot hold them.
    pub fn pack(&self, fields: &Fields, class: PayloadClass) -> Result<Vec<u8>, FormatError> {
        payload::pack(fields, class, &self.settings)
    }

    /// What a decrypted payload says, and its class.
    ///
    /// # Errors
    /// [`OpenError::UnknownVersion`] or [`OpenError::Malformed`].
    pub fn unpack(&self, payload: &[u8]) -> Result<(PayloadClass, Fields), OpenError> {
        payload::unpack(payload, &self.settings)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use super::*;
    use crate::domain::{
        claims::{AuditIds, Grant},
        random::SeededRandom,
    };

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn token_and_log(max_token_size: usize) -> (String, String) {
        let formatter = TokenFormatter::new(Settings {
            methods: MethodList::new(["password"]),
            default_domain_id: "default".to_owned(),
            max_token_size,
        });
        let claims = Claims {
            user_id: Some("u".repeat(64).as_str().into()),
            methods: vec!["password".to_owned()],
            audit: AuditIds { own: "b67mcwNgTDyCPuv1Xw-oJw".to_owned(), parent: None },
            issued_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH,
            grant: Grant::Unscoped,
        };
        let keys = KeySet::from_texts([("0", "Sbza-pVONKP5kRBdqiYdv9ctpzomXTeYxY4g16c-MJQ=")]);
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        let token = tracing::subscriber::with_default(subscriber, || {
            formatter.seal(&claims, keys.primary().unwrap(), &*SeededRandom::new(1))
        });
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        (token.unwrap(), log)
    }

    #[test]
    fn a_long_token_is_issued_and_mentioned_without_its_text() {
        let (token, log) = token_and_log(100);
        assert!(log.contains("INFO"), "{log}");
        let sizes = format!("length of {} characters, which exceeds 100 characters", token.len());
        assert!(log.contains(&sizes), "{log}");
        assert!(!log.contains("gAAAA"), "{log}");
    }

    #[test]
    fn a_token_of_the_greatest_size_is_not_mentioned() {
        let greatest = token_and_log(0).0.len();
        assert_eq!(token_and_log(greatest).1, "");
        assert_ne!(token_and_log(greatest - 1).1, "");
    }
}
