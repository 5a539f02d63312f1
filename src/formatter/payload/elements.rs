//! What the elements of a payload look like, whichever class they are in.
//!
//! Reading is as lenient as Keystone's Python: see [`Value::items`] and [`Value::is_true`].

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};

use super::super::{
    Settings,
    error::{FormatError, PayloadError},
    msgpack::{Value, Writer},
    time, uuid_text,
};
use crate::domain::lenient_base64;

/// Writes the elements of one payload.
pub(in super::super) struct Packer<'a> {
    out: Writer,
    settings: &'a Settings,
}

impl<'a> Packer<'a> {
    /// An array of `length` elements, which the caller writes next.
    pub(in super::super) fn new(length: usize, settings: &'a Settings) -> Self {
        Self { out: Writer::array_of(length), settings }
    }

    /// The version of the class.
    pub(super) fn version(&mut self, version: u8) {
        self.out.uint(version.into());
    }

    /// An id: `[true, 16 bytes]` for a UUID, `[false, as it is]` for all else.
    pub(in super::super) fn id(&mut self, id: &Value, name: &'static str) -> Result<(), FormatError> {
        self.out.array(2);
        let uuid = match id {
            Value::Text(text) => uuid_text::to_bytes(text),
            // Python's UUID parser fails on these in a way that Keystone does not catch.
            Value::Nil | Value::Bytes(_) => None,
            _ => return Err(FormatError::NotText(name)),
        };
        match uuid {
            Some(bytes) => {
                self.out.bool(true);
                self.out.bytes(&bytes);
                Ok(())
            }
            None => {
                self.out.bool(false);
                self.out.scalar(id, name)
            }
        }
    }

    /// The bitmask of the methods.
    pub(in super::super) fn methods(&mut self, methods: &[String]) -> Result<(), FormatError> {
        self.out.uint(self.settings.methods.bitmask(methods)?);
        Ok(())
    }

    /// The expiry.
    pub(in super::super) fn time(&mut self, time: DateTime<Utc>) -> Result<(), FormatError> {
        self.out.float(time::to_float(time)?);
        Ok(())
    }

    /// The audit ids: the bytes that their base64 stands for.
    pub(super) fn audit_ids(&mut self, audit_ids: &[String]) -> Result<(), FormatError> {
        self.out.array(audit_ids.len());
        for id in audit_ids {
            // Room for what nearly all stand for, sixteen bytes, as the reader counts it. What is written well it reads as
            // Keystone does.
            let mut bytes = [0; 18];
            if let Ok(length) = URL_SAFE_NO_PAD.decode_slice(id, &mut bytes) {
                self.out.bytes(&bytes[..length]);
                continue;
            }
            let padded = Some(format!("{id}==")).filter(|padded| padded.is_ascii());
            let bytes = padded.and_then(|padded| lenient_base64::decode(padded.as_bytes()));
            self.out.bytes(&bytes.ok_or_else(|| FormatError::AuditIdNotBase64(id.clone()))?);
        }
        Ok(())
    }

    /// The groups of a federated token, an id each.
    pub(super) fn groups(&mut self, groups: Option<&[Value]>) -> Result<(), FormatError> {
        let groups = groups.ok_or(FormatError::NoGroups)?;
        self.out.array(groups.len());
        groups.iter().try_for_each(|group| self.id(group, "group id"))
    }

    /// A value that is never compressed and has no flag: protocol and system.
    pub(super) fn plain(&mut self, value: &Value, name: &'static str) -> Result<(), FormatError> {
        self.out.scalar(value, name)
    }

    /// The thumbprint: flagged as not being a UUID, even if it looks like one.
    pub(super) fn thumbprint(&mut self, thumbprint: &Value) -> Result<(), FormatError> {
        self.out.array(2);
        self.out.bool(false);
        self.out.scalar(thumbprint, "thumbprint")
    }

    /// The domain of payload 1: 16 bytes without a flag, or the default domain as text.
    pub(super) fn bare_domain(&mut self, domain_id: &Value) -> Result<(), FormatError> {
        let Value::Text(text) = domain_id else { return Err(FormatError::NotText("domain id")) };
        match uuid_text::to_bytes(text) {
            Some(bytes) => self.out.bytes(&bytes),
            None if *text == self.settings.default_domain_id => self.out.text(text),
            None => return Err(FormatError::DomainNotUuid(text.clone())),
        }
        Ok(())
    }

    /// The trust of payload 3: 16 bytes without a flag.
    pub(super) fn bare_trust(&mut self, trust_id: &Value) -> Result<(), FormatError> {
        let Value::Text(text) = trust_id else { return Err(FormatError::NotText("trust id")) };
        let bytes = uuid_text::to_bytes(text).ok_or_else(|| FormatError::TrustNotUuid(text.clone()))?;
        self.out.bytes(&bytes);
        Ok(())
    }

    /// The finished payload.
    pub(in super::super) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }
}

/// Reads the elements of one payload, by their place after the version.
pub(in super::super) struct Elements<'a> {
    items: &'a [Value],
    settings: &'a Settings,
}

impl<'a> Elements<'a> {
    /// The elements `items`, the version not among them.
    pub(in super::super) fn new(items: &'a [Value], settings: &'a Settings) -> Self {
        Self { items, settings }
    }

    fn at(&self, place: usize) -> Result<&'a Value, PayloadError> {
        self.items.get(place).ok_or(PayloadError::Missing(place))
    }

    /// An id, or whatever Keystone takes for one.
    pub(super) fn id(&self, place: usize) -> Result<Value, PayloadError> {
        id_of(self.at(place)?)
    }

    /// An id as receipts have it: bytes that are not marked as a UUID stay bytes.
    pub(in super::super) fn id_not_decoded(&self, place: usize) -> Result<Value, PayloadError> {
        let (is_uuid, value) = pair_of(self.at(place)?)?;
        if is_uuid { uuid_of(&value) } else { Ok(value) }
    }

    /// The names of the methods.
    pub(in super::super) fn methods(&self, place: usize) -> Result<Vec<String>, PayloadError> {
        self.settings.methods.names(self.at(place)?)
    }

    /// The expiry.
    pub(in super::super) fn time(&self, place: usize) -> Result<DateTime<Utc>, PayloadError> {
        time::from_value(self.at(place)?)
    }

    /// The audit ids as base64.
    pub(super) fn audit_ids(&self, place: usize) -> Result<Vec<String>, PayloadError> {
        let items = self.at(place)?.items().ok_or(PayloadError::NotAList)?;
        let encode = |item: &Value| match item {
            Value::Bytes(bytes) => Ok(URL_SAFE_NO_PAD.encode(bytes)),
            _ => Err(PayloadError::AuditIdNotBytes),
        };
        items.iter().map(encode).collect()
    }

    /// The groups of a federated token.
    pub(super) fn groups(&self, place: usize) -> Result<Option<Vec<Value>>, PayloadError> {
        let items = self.at(place)?.items().ok_or(PayloadError::NotAList)?;
        items.iter().map(id_of).collect::<Result<_, _>>().map(Some)
    }

    /// A value without a flag: protocol and system.
    pub(super) fn plain(&self, place: usize) -> Result<Value, PayloadError> {
        decoded(self.at(place)?.clone())
    }

    /// The domain of payload 1.
    pub(super) fn bare_domain(&self, place: usize) -> Result<Value, PayloadError> {
        let domain = self.at(place)?;
        match domain {
            Value::Bytes(bytes) if bytes.len() == 16 => uuid_of(domain),
            // Python asks for the length first, and a text of 16 characters passes for a UUID and then is none. So a
            // default domain id of 16 characters cannot be read back.
            Value::Text(text) if text.chars().count() == 16 => Err(PayloadError::NotUuidBytes),
            Value::Bytes(_) | Value::Text(_) => {
                let domain = decoded(domain.clone())?;
                let is_default = matches!(&domain, Value::Text(text) if *text == self.settings.default_domain_id);
                if is_default { Ok(domain) } else { Err(PayloadError::UnknownDomain) }
            }
            _ => Err(PayloadError::UnknownDomain),
        }
    }

    /// The trust of payload 3.
    pub(super) fn bare_trust(&self, place: usize) -> Result<Value, PayloadError> {
        uuid_of(self.at(place)?)
    }
}

/// Python's `(flag, value) = pair`, the flag tested for truth.
fn pair_of(pair: &Value) -> Result<(bool, Value), PayloadError> {
    let items = pair.items().ok_or(PayloadError::NotAPair)?;
    match items.as_ref() {
        [flag, value] => Ok((flag.is_true(), value.clone())),
        _ => Err(PayloadError::NotAPair),
    }
}

fn id_of(pair: &Value) -> Result<Value, PayloadError> {
    let (is_uuid, value) = pair_of(pair)?;
    if is_uuid { uuid_of(&value) } else { decoded(value) }
}

fn uuid_of(value: &Value) -> Result<Value, PayloadError> {
    match value {
        Value::Bytes(bytes) => {
            let bytes = bytes.as_slice().try_into().map_err(|_| PayloadError::NotUuidBytes)?;
            Ok(Value::Text(uuid_text::from_bytes(bytes)))
        }
        _ => Err(PayloadError::NotUuidBytes),
    }
}

/// Bytes as text, all else as it is.
fn decoded(value: Value) -> Result<Value, PayloadError> {
    match value {
        Value::Bytes(bytes) => String::from_utf8(bytes).map(Value::Text).map_err(|_| PayloadError::NotUtf8),
        value => Ok(value),
    }
}
