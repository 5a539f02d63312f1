//! Auth receipts: what a user who has passed some of the required methods shows when coming back with the others
//! (`keystone.receipt.receipt_formatters`).
//!
//! The envelope is that of tokens, with keys from the `[fernet_receipts]` repository. The payload has no version, and is read
//! a little more strictly.

use chrono::{DateTime, Utc};

use super::{
    Settings, envelope,
    error::{FormatError, OpenError, PayloadError},
    fields::text_of,
    msgpack::{self, Texts, Value},
    payload::{Elements, Packer},
    time,
};
use crate::{
    domain::{
        ids::UserId,
        random::{Random, sixteen_bytes},
    },
    keys::{Key, KeyFingerprint, KeySet},
};

/// Elements of a receipt's payload.
const LENGTH: usize = 3;

/// The size in characters beyond which Keystone's log mentions a receipt; not configurable.
const REMARKABLE_SIZE: usize = 255;

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Who has passed the methods.
    pub user_id: Option<UserId>,
    /// The methods passed so far, as a token's would read back.
    pub methods: Vec<String>,
    /// Whole seconds.
    pub issued_at: DateTime<Utc>,
    /// Whole seconds.
    pub expires_at: DateTime<Utc>,
}

/// What a receipt's payload says, before it is known to be a receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiptFields {
    /// Id of the user.
    pub user_id: Value,
    /// Names of the authentication methods.
    pub methods: Vec<String>,
    /// When the receipt expires.
    pub expires_at: DateTime<Utc>,
}

/// Makes and reads receipts.
#[derive(Debug, Clone)]
pub struct ReceiptFormatter {
    settings: Settings,
}

impl ReceiptFormatter {
    /// A formatter for these settings; only the methods matter.
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// The text of `receipt`, made with `key`.
    ///
    /// # Errors
    /// [`FormatError`] if no payload can hold it.
    pub fn seal(&self, receipt: &Receipt, key: &Key, random: &dyn Random) -> Result<String, FormatError> {
        let timestamp = u64::try_from(receipt.issued_at.timestamp()).map_err(|_| FormatError::IssuedBefore1970)?;
        let payload = self.pack(&ReceiptFields {
            user_id: receipt.user_id.as_ref().map(UserId::as_str).into(),
            methods: receipt.methods.clone(),
            expires_at: receipt.expires_at,
        })?;
        let text = envelope::seal(key, &payload, timestamp, sixteen_bytes(random));
        if text.len() > REMARKABLE_SIZE {
            tracing::info!(
                "Fernet receipt created with length of {} characters, which exceeds {REMARKABLE_SIZE} characters",
                text.len()
            );
        }
        Ok(text)
    }

    /// What the receipt `text` says, and which of `keys` opened it. Expiry is not looked at.
    ///
    /// # Errors
    /// [`OpenError`], never `UnknownVersion`. Keystone's message for receipts is not that of tokens.
    pub fn open(&self, text: &str, keys: &KeySet) -> Result<(Receipt, KeyFingerprint), OpenError> {
        let (fields, issued_at, key) = self.open_fields(text, keys)?;
        let ReceiptFields { user_id, methods, expires_at } = fields;
        let user_id = text_of(user_id, "user id")?.map(UserId::from);
        Ok((Receipt { user_id, methods, issued_at, expires_at }, key))
    }

    /// As [`open`](Self::open), but without asking whether the user id is text.
    ///
    /// # Errors
    /// As [`open`](Self::open), without [`OpenError::Unusable`].
    pub fn open_fields(
        &self,
        text: &str,
        keys: &KeySet,
    ) -> Result<(ReceiptFields, DateTime<Utc>, KeyFingerprint), OpenError> {
        let opened = envelope::open(text, keys)?;
        let fields = self.unpack(&opened.payload)?;
        Ok((fields, time::from_timestamp(opened.timestamp)?, opened.key))
    }

    /// The payload for `fields`.
    ///
    /// # Errors
    /// [`FormatError`] if it cannot hold them.
    pub fn pack(&self, fields: &ReceiptFields) -> Result<Vec<u8>, FormatError> {
        let mut out = Packer::new(LENGTH, &self.settings);
        out.id(&fields.user_id, "user id")?;
        out.methods(&fields.methods)?;
        out.time(fields.expires_at)?;
        Ok(out.into_bytes())
    }

    /// What a decrypted payload says. There is no fallback for MessagePack before 1.0.
    ///
    /// # Errors
    /// [`PayloadError`] if it is not a receipt's payload.
    pub fn unpack(&self, payload: &[u8]) -> Result<ReceiptFields, PayloadError> {
        let Value::Array(items) = msgpack::read(payload, Texts::Decoded)? else { return Err(PayloadError::NotAList) };
        let elements = Elements::new(&items, &self.settings);
        Ok(ReceiptFields {
            user_id: elements.id_not_decoded(0)?,
            methods: elements.methods(1)?,
            expires_at: elements.time(2)?,
        })
    }
}
