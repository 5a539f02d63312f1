//! Why a token could not be made, and why one could not be read.

use thiserror::Error;

/// A token cannot be made of these claims. Keystone answers all of these with a 500.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// A federated token for the system, and for no project or domain: Keystone has no payload class for it.
    #[error("no payload class holds a federated token for the system")]
    NoPayloadClass,
    /// Payload 1 holds a domain id that is a UUID or the configured default domain, and no other.
    #[error("domain id {0:?} is neither a UUID nor the default domain")]
    DomainNotUuid(String),
    /// Payload 3 holds a trust id that is a UUID, and no other.
    #[error("trust id {0:?} is not a UUID")]
    TrustNotUuid(String),
    /// An audit id is not base64.
    #[error("audit id {0:?} is not base64")]
    AuditIdNotBase64(String),
    /// More authentication methods than a 64-bit number can tell.
    #[error("the authentication methods do not fit into a 64-bit number")]
    MethodsOutOfRange,
    /// The expiry is not in the years 1 to 9999.
    #[error("the expiry is not in the years 1 to 9999")]
    ExpiryOutOfRange,
    /// The issue time is before 1970; a Fernet timestamp is unsigned.
    #[error("the issue time is before 1970")]
    IssuedBefore1970,
    /// An id that is neither text, nor bytes, nor absent.
    #[error("{0} is neither text nor absent")]
    NotText(&'static str),
    /// A federated payload class was asked for without groups; an empty list would do.
    #[error("a federated payload needs a list of groups")]
    NoGroups,
}

/// A text is not a token, or not one that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenError {
    /// There is no key to try.
    #[error("there are no keys")]
    NoKeys,
    /// The text does not have the form of a Fernet token. No key will ever open it.
    #[error("not a Fernet token: {0}")]
    NotAToken(#[from] EnvelopeError),
    /// The text has the form of a Fernet token and none of the keys made it. A newer key might have.
    #[error("none of {tried} keys opens the token")]
    NoKeyOpens {
        /// How many keys were tried.
        tried: usize,
    },
    /// A key opened the token; its payload has a version that Keystone 30 does not know.
    #[error("unknown payload version {0}")]
    UnknownVersion(
        /// The version as Python prints it; it need not be a number.
        String,
    ),
    /// A key opened the token; its payload cannot be read. Keystone answers with a 500 here.
    #[error("malformed payload: {0}")]
    Malformed(#[from] PayloadError),
    /// The payload can be read, but no token can be made of it. Keystone fails later, in various ways.
    #[error("unusable payload: {0}")]
    Unusable(#[from] ClaimsError),
}

impl OpenError {
    /// What Keystone says to the client about such a token.
    ///
    /// Where Keystone itself crashes with a Python exception, this is its message for an unrecognised token.
    pub fn keystone_message(&self) -> String {
        match self {
            Self::UnknownVersion(version) => format!("This is not a recognized Fernet payload version: {version}"),
            Self::NoKeys | Self::NotAToken(_) | Self::NoKeyOpens { .. } | Self::Malformed(_) | Self::Unusable(_) => {
                "Could not recognize Fernet token".to_owned()
            }
        }
    }

    /// Whether a key that is not in the set that was tried could open the token.
    pub fn another_key_might_open(&self) -> bool {
        matches!(self, Self::NoKeys | Self::NoKeyOpens { .. })
    }
}

/// A text does not have the form of a Fernet token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    /// The number of base64 characters cannot be that of whole bytes.
    #[error("the text is not base64")]
    NotBase64,
    /// There is nothing in it.
    #[error("the text is empty")]
    Empty,
    /// The first byte is not that of Fernet.
    #[error("the first byte is {0:#04x}, not 0x80")]
    NotFernet(u8),
    /// There is no room for the timestamp.
    #[error("{0} bytes are too short for a token")]
    TooShort(usize),
}

/// An authenticated payload that is not what the classes hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PayloadError {
    /// The bytes are not one MessagePack value.
    #[error(transparent)]
    MessagePack(#[from] MsgpackError),
    /// The value has no first element that could be a version.
    #[error("the payload is not an array that starts with a version")]
    NoVersion,
    /// The version is nested so deep that it cannot be printed.
    #[error("the payload version is nested too deep")]
    VersionTooDeep,
    /// The array is shorter than that of its class.
    #[error("element {0} is missing")]
    Missing(usize),
    /// An id is not an array of a flag and a value.
    #[error("an id is not a pair of flag and value")]
    NotAPair,
    /// An id that is marked as a UUID is not 16 bytes.
    #[error("a UUID is not 16 bytes")]
    NotUuidBytes,
    /// Bytes that should be text are not UTF-8.
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// The domain of payload 1 is neither 16 bytes nor the default domain.
    #[error("the domain is neither a UUID nor the default domain")]
    UnknownDomain,
    /// The methods are not a number.
    #[error("the authentication methods are not a bitmask")]
    NotABitmask,
    /// The expiry is not a number.
    #[error("the expiry is not a number of seconds")]
    NotATime,
    /// The expiry or the issue time is not in the years 1000 to 9999.
    #[error("a time is not in the years 1000 to 9999")]
    TimeOutOfRange,
    /// The audit ids or the groups are not a list.
    #[error("a list of ids is not a list")]
    NotAList,
    /// An audit id is not bytes.
    #[error("an audit id is not bytes")]
    AuditIdNotBytes,
}

/// Bytes that are not one MessagePack value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MsgpackError {
    /// The bytes end inside the value, or a declared length is greater than what is left.
    #[error("MessagePack value is incomplete")]
    Incomplete,
    /// There are bytes after the value.
    #[error("bytes after the MessagePack value")]
    TrailingBytes,
    /// More than 1024 arrays and maps inside each other.
    #[error("MessagePack value is nested too deep")]
    TooDeep,
    /// A text is not UTF-8.
    #[error("MessagePack text is not UTF-8")]
    NotUtf8,
    /// The byte 0xc1, a map key that is neither text nor bytes, or an extension that does not exist.
    #[error("not MessagePack as Keystone reads it")]
    Invalid,
}

/// Fields that were read from a payload and cannot be the claims of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClaimsError {
    /// There is no audit id; Keystone's token manager fails on such a token.
    #[error("there is no audit id")]
    NoAuditId,
    /// An id is a number, a list or the like. Keystone passes it on to its look-ups, which find nothing.
    #[error("{0} is not text")]
    NotText(&'static str),
    /// A federated token for the system, and for no project or domain.
    #[error("no kind of token has these fields together")]
    NoGrant,
}
