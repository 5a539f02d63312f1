//! What a change is about, and what something that was read depends on.

use std::sync::LazyLock;

use md5::{Digest, Md5};

use crate::domain::ids::{ApplicationCredentialId, GroupId, ProjectId, TrustId, UserId};

/// What a change is about. In announcements, and in here, only the beginning of a hash: ids may have any length and any
/// characters, and an announcement that is too long would make the write fail. Two topics with the same hash would only
/// mean that something is read once more than needed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Topic(u64);

impl std::fmt::Debug for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Topic({})", self.announcement())
    }
}

impl Topic {
    /// A user: the account, its names, password and options, its memberships, roles that are granted to it, and
    /// revocations that name it.
    pub fn user(id: &UserId) -> Self {
        Self::named("u", id.as_str())
    }

    /// Roles that are granted to a group.
    pub fn group(id: &GroupId) -> Self {
        Self::named("g", id.as_str())
    }

    /// A project or a domain: the row, and revocations that name it.
    pub fn project(id: &ProjectId) -> Self {
        Self::named("p", id.as_str())
    }

    /// A trust: the row, its roles, and revocations that name it.
    pub fn trust(id: &TrustId) -> Self {
        Self::named("t", id.as_str())
    }

    /// An application credential with its roles; its access rules are among the [`Topic::access_rules`].
    pub fn application_credential(id: &ApplicationCredentialId) -> Self {
        Self::named("a", id.as_str())
    }

    /// The revocation of a token, or of all tokens of a chain, by audit id.
    pub fn audit(id: &str) -> Self {
        Self::named("x", id)
    }

    /// Roles and what they imply.
    pub fn roles() -> Self {
        static TOPIC: LazyLock<Topic> = LazyLock::new(|| Topic::named("r", ""));
        *TOPIC
    }

    /// Services, endpoints, which project sees them, and service providers.
    pub fn catalog() -> Self {
        static TOPIC: LazyLock<Topic> = LazyLock::new(|| Topic::named("c", ""));
        *TOPIC
    }

    /// Access rules of all application credentials.
    pub fn access_rules() -> Self {
        static TOPIC: LazyLock<Topic> = LazyLock::new(|| Topic::named("l", ""));
        *TOPIC
    }

    /// Identity providers.
    pub fn federation() -> Self {
        static TOPIC: LazyLock<Topic> = LazyLock::new(|| Topic::named("f", ""));
        *TOPIC
    }

    /// OAuth1 consumers and access tokens.
    pub fn oauth1() -> Self {
        static TOPIC: LazyLock<Topic> = LazyLock::new(|| Topic::named("o", ""));
        *TOPIC
    }

    fn named(kind: &str, id: &str) -> Self {
        let digest = Md5::new().chain_update(kind).chain_update(":").chain_update(id).finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        Self(u64::from_be_bytes(first))
    }

    /// From the word of an announcement: sixteen hexadecimal digits, as `triggers` make them.
    pub(super) fn from_announcement(word: &str) -> Option<Self> {
        (word.len() == 16).then(|| u64::from_str_radix(word, 16).ok().map(Self)).flatten()
    }

    /// The word for it in an announcement.
    pub(super) fn announcement(self) -> String {
        format!("{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_what_postgres_makes_of_it() {
        // SELECT left(md5('u:' || 'abc'), 16)
        assert_eq!(Topic::user(&"abc".into()).announcement(), "12f61c59d1312e93");
        let topic = Topic::project(&"abc".into());
        assert_eq!(Topic::from_announcement(&topic.announcement()), Some(topic));
        assert_ne!(topic, Topic::user(&"abc".into()));
        assert_eq!(Topic::from_announcement("*"), None);
    }
}
