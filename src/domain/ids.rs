//! Typed identifiers.
//!
//! A Keystone id is any text of at most 64 characters: usually 32 lower-case hex digits, but `default` is a
//! domain and LDAP users have 64 hex digits. The types keep a user id from being passed where a project id belongs;
//! they say nothing about the text. To clone one is cheap: a token's meaning names the same few ids many times.

use std::{fmt, sync::Arc};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as it stands on the wire and in the database.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, copied out of the id.
            pub fn into_string(self) -> String {
                self.0.as_ref().to_owned()
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<Arc<str>> for $name {
            fn from(text: Arc<str>) -> Self {
                Self(text)
            }
        }

        impl From<&$name> for Arc<str> {
            fn from(id: &$name) -> Self {
                Arc::clone(&id.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.0)
            }
        }
    };
}

id!(
    /// A row of `user`.
    UserId
);
id!(
    /// A row of `group`.
    GroupId
);
id!(
    /// A row of `project`; a domain is one too, see [`DomainId::as_project`].
    ProjectId
);
id!(
    /// A row of `project` with `is_domain`.
    DomainId
);
id!(
    /// A row of `role`.
    RoleId
);
id!(
    /// A row of `trust`.
    TrustId
);
id!(
    /// The public id of a row of `application_credential`.
    ApplicationCredentialId
);
id!(
    /// A row of `access_token` (OAuth1).
    AccessTokenId
);

impl DomainId {
    /// The project that acts as this domain: the same row, the same id.
    pub fn as_project(&self) -> ProjectId {
        ProjectId(self.0.clone())
    }
}

impl ProjectId {
    /// The domain this project acts as; meaningful only for a project with `is_domain`.
    pub fn as_domain(&self) -> DomainId {
        DomainId(self.0.clone())
    }
}
