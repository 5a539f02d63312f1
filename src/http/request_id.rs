//! Request ids: one that we give to every answer, one that the caller may have given to its whole chain of calls.

use std::ops::Deref;

use uuid::fmt::Hyphenated;

use crate::domain::random::{Random, version_4_uuid};

const PREFIX: &str = "req-";

const LENGTH: usize = PREFIX.len() + Hyphenated::LENGTH;

/// An id that we give. Every answer has one, so that it takes no memory of its own.
pub(super) struct RequestId([u8; LENGTH]);

impl RequestId {
    /// A fresh id: `req-` and a UUID (`oslo_context.generate_request_id`).
    pub(super) fn new(random: &dyn Random) -> Self {
        let mut text = [0; LENGTH];
        let (prefix, uuid) = text.split_at_mut(PREFIX.len());
        prefix.copy_from_slice(PREFIX.as_bytes());
        version_4_uuid(random).hyphenated().encode_lower(uuid);
        Self(text)
    }
}

impl Deref for RequestId {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The inbound `X-OpenStack-Request-ID`, if it has the form that oslo.middleware believes: anything else could be an
/// attempt to write into our logs.
pub(super) fn global(header: Option<&str>) -> Option<String> {
    let header = header?;
    let uuid = header.strip_prefix(PREFIX)?;
    let groups: Vec<&str> = uuid.split('-').collect();
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let formed = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(is_hex));
    formed.then(|| header.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::SeededRandom;

    #[test]
    fn our_own_ids_are_believed_by_the_next_service() {
        let id = RequestId::new(&*SeededRandom::new(7));
        assert_eq!(global(Some(&id)).as_deref(), Some(&*id));
    }

    #[test]
    fn anything_else_is_dropped() {
        for header in [
            "",
            "req-",
            "req-1",
            "x",
            "req-0000000g-0000-4000-8000-000000000000",
            "req-00000000-0000-4000-8000-00000000000A",
            "req-00000000-0000-4000-8000-000000000000\u{a0}",
        ] {
            assert_eq!(global(Some(header)), None, "{header}");
        }
        assert_eq!(global(None), None);
    }
}
