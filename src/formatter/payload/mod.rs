//! The eleven payload classes of Keystone 30 (`keystone.token.token_formatters`), one file each.
//!
//! A payload is one MessagePack array: the version, then the elements of the class in an order that is not the same for
//! all. What an element looks like is in [`elements`]; a class file only says which come in which order.

mod application_credential;
mod domain;
mod elements;
mod federated_domain;
mod federated_project;
mod federated_unscoped;
mod oauth1;
mod oauth2_mtls;
mod project;
mod system;
mod trust;
mod unscoped;

pub(super) use elements::{Elements, Packer};

use super::{
    Settings,
    error::{FormatError, MsgpackError, OpenError, PayloadError},
    fields::Fields,
    msgpack::{self, Texts, Value},
};

/// A payload class; its number is the version in the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum PayloadClass {
    /// `UnscopedPayload`
    Unscoped = 0,
    /// `DomainScopedPayload`
    Domain = 1,
    /// `ProjectScopedPayload`
    Project = 2,
    /// `TrustScopedPayload`
    Trust = 3,
    /// `FederatedUnscopedPayload`
    FederatedUnscoped = 4,
    /// `FederatedProjectScopedPayload`
    FederatedProject = 5,
    /// `FederatedDomainScopedPayload`
    FederatedDomain = 6,
    /// `OauthScopedPayload`
    OAuth1 = 7,
    /// `SystemScopedPayload`
    System = 8,
    /// `ApplicationCredentialScopedPayload`
    ApplicationCredential = 9,
    /// `Oauth2CredentialsScopedPayload`
    OAuth2Mtls = 10,
}

impl PayloadClass {
    /// All of them, by version.
    pub const ALL: [Self; 11] = [
        Self::Unscoped,
        Self::Domain,
        Self::Project,
        Self::Trust,
        Self::FederatedUnscoped,
        Self::FederatedProject,
        Self::FederatedDomain,
        Self::OAuth1,
        Self::System,
        Self::ApplicationCredential,
        Self::OAuth2Mtls,
    ];

    /// The number in the payload.
    pub fn version(self) -> u8 {
        self as u8
    }

    /// The number of elements after the version.
    fn length(self) -> usize {
        match self {
            Self::Unscoped => unscoped::LENGTH,
            Self::Domain => domain::LENGTH,
            Self::Project => project::LENGTH,
            Self::Trust => trust::LENGTH,
            Self::FederatedUnscoped => federated_unscoped::LENGTH,
            Self::FederatedProject => federated_project::LENGTH,
            Self::FederatedDomain => federated_domain::LENGTH,
            Self::OAuth1 => oauth1::LENGTH,
            Self::System => system::LENGTH,
            Self::ApplicationCredential => application_credential::LENGTH,
            Self::OAuth2Mtls => oauth2_mtls::LENGTH,
        }
    }

    /// The class whose version equals `version` in Python, where `True` is 1 and `2.0` is 2.
    fn with_version(version: &Value) -> Option<Self> {
        Self::ALL.into_iter().find(|class| match *version {
            Value::Int(number) => number == i128::from(class.version()),
            Value::Bool(flag) => u8::from(flag) == class.version(),
            Value::Float(number) => number == f64::from(class.version()),
            _ => false,
        })
    }
}

/// The payload of `class` for `fields`. Attributes that the class does not hold are left out.
pub(super) fn pack(fields: &Fields, class: PayloadClass, settings: &Settings) -> Result<Vec<u8>, FormatError> {
    let mut out = Packer::new(1 + class.length(), settings);
    out.version(class.version());
    match class {
        PayloadClass::Unscoped => unscoped::pack(fields, &mut out),
        PayloadClass::Domain => domain::pack(fields, &mut out),
        PayloadClass::Project => project::pack(fields, &mut out),
        PayloadClass::Trust => trust::pack(fields, &mut out),
        PayloadClass::FederatedUnscoped => federated_unscoped::pack(fields, &mut out),
        PayloadClass::FederatedProject => federated_project::pack(fields, &mut out),
        PayloadClass::FederatedDomain => federated_domain::pack(fields, &mut out),
        PayloadClass::OAuth1 => oauth1::pack(fields, &mut out),
        PayloadClass::System => system::pack(fields, &mut out),
        PayloadClass::ApplicationCredential => application_credential::pack(fields, &mut out),
        PayloadClass::OAuth2Mtls => oauth2_mtls::pack(fields, &mut out),
    }?;
    Ok(out.into_bytes())
}

/// What an authenticated payload says.
pub(super) fn unpack(payload: &[u8], settings: &Settings) -> Result<(PayloadClass, Fields), OpenError> {
    let value = match msgpack::read(payload, Texts::Decoded) {
        // One text that is not UTF-8 makes Keystone take the whole payload for one of MessagePack before 1.0.
        Err(MsgpackError::NotUtf8) => msgpack::read(payload, Texts::Raw),
        read => read,
    }
    .map_err(PayloadError::from)?;
    // Python indexes texts and bytes as it does lists; those never go on to hold the elements of a class.
    let (version, elements) = match &value {
        Value::Array(items) => items.split_first().map(|(version, elements)| (version.clone(), elements)),
        Value::Bytes(bytes) => bytes.first().map(|&byte| (Value::Int(byte.into()), [].as_slice())),
        Value::Text(text) => text.chars().next().map(|first| (Value::Text(first.into()), [].as_slice())),
        Value::Extension(code, _) => Some((Value::Int((*code).into()), [].as_slice())),
        _ => None,
    }
    .ok_or(PayloadError::NoVersion)?;

    let Some(class) = PayloadClass::with_version(&version) else {
        let printed = msgpack::str_of(&version).ok_or(PayloadError::VersionTooDeep)?;
        return Err(OpenError::UnknownVersion(printed));
    };
    let elements = Elements::new(elements, settings);
    let fields = match class {
        PayloadClass::Unscoped => unscoped::unpack(&elements),
        PayloadClass::Domain => domain::unpack(&elements),
        PayloadClass::Project => project::unpack(&elements),
        PayloadClass::Trust => trust::unpack(&elements),
        PayloadClass::FederatedUnscoped => federated_unscoped::unpack(&elements),
        PayloadClass::FederatedProject => federated_project::unpack(&elements),
        PayloadClass::FederatedDomain => federated_domain::unpack(&elements),
        PayloadClass::OAuth1 => oauth1::unpack(&elements),
        PayloadClass::System => system::unpack(&elements),
        PayloadClass::ApplicationCredential => application_credential::unpack(&elements),
        PayloadClass::OAuth2Mtls => oauth2_mtls::unpack(&elements),
    }?;
    Ok((class, fields))
}
