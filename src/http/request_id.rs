//! Request ids: one that we give to every answer, one that the caller may have given to its whole chain of calls.

use uuid::fmt::Hyphenated;

use crate::domain::random::{Random, version_4_uuid};

/// A fresh id: `req-` and a UUID (`oslo_context.generate_request_id`).
pub(super) fn new(random: &dyn Random) -> String {
    let mut text = String::with_capacity("req-".len() + Hyphenated::LENGTH);
    text.push_str("req-");
    text.push_str(version_4_uuid(random).hyphenated().encode_lower(&mut [0; Hyphenated::LENGTH]));
    text
}

/// The inbound `X-OpenStack-Request-ID`, if it has the form that oslo.middleware believes: anything else could be an
/// attempt to write into our logs.
pub(super) fn global(header: Option<&str>) -> Option<String> {
    let header = header?;
    let uuid = header.strip_prefix("req-")?;
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
        let id = new(&*SeededRandom::new(7));
        assert_eq!(global(Some(&id)), Some(id.clone()));
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
