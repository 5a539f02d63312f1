//! URL-safe base64 as CPython reads it: the only definition of which texts are a key or a token.
//!
//! Python's reader skips what it does not know, takes both alphabets, ignores unused bits and stops at the padding that
//! completes a group. Texts that differ as texts decode to the same bytes, and a stricter reader would refuse keys and
//! tokens that Keystone takes.

use base64::{Engine, decoded_len_estimate, engine::general_purpose::URL_SAFE};
use zeroize::Zeroizing;

/// Decodes `text` as CPython 3.11's `base64.urlsafe_b64decode` does.
///
/// `-` and `+` are 62, `_` and `/` are 63; every other byte that is not `=` is skipped. A `=` counts only after two
/// characters of a group, and where it completes the group the rest of the text is ignored. `None` if the text ends
/// within a group (Python: `binascii.Error`). The caller appends padding first where its input lacks it. The bytes are
/// wiped on drop, since they may be a key.
pub fn decode(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    decode_strictly(text).or_else(|| decode_leniently(text))
}

/// As nearly all texts are written: what a strict reader takes, it reads as CPython does, and several times as fast.
fn decode_strictly(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; decoded_len_estimate(text.len())]);
    let length = URL_SAFE.decode_slice(text, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

fn decode_leniently(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // Reserved in full so that no reallocation leaves a copy of a key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3 + 3));
    let mut position = 0_u8;
    let mut pads = 0_u8;
    let mut left = 0_u8;
    for byte in text {
        if *byte == b'=' {
            if position >= 2 {
                pads += 1;
                if position + pads >= 4 {
                    return Some(bytes);
                }
            }
            continue;
        }
        let Some(value) = value_of(*byte) else { continue };
        pads = 0;
        match position {
            0 => left = value,
            1 => {
                bytes.push((left << 2) | (value >> 4));
                left = value & 0x0f;
            }
            2 => {
                bytes.push((left << 4) | (value >> 2));
                left = value & 0x03;
            }
            _ => bytes.push((left << 6) | value),
        }
        position = (position + 1) % 4;
    }
    (position == 0).then_some(bytes)
}

fn value_of(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' | b'+' => Some(62),
        b'_' | b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::{Random, SeededRandom};

    fn decoded(text: &str) -> Option<Vec<u8>> {
        decode(text.as_bytes()).map(|bytes| bytes.to_vec())
    }

    #[test]
    fn what_is_read_strictly_is_read_no_differently() {
        let random = SeededRandom::new(11);
        let mut strict = 0;
        for length in (0..60).cycle().take(20_000) {
            let mut bytes = vec![0; length];
            random.fill(&mut bytes);
            // Few characters, so that groups, padding and what is skipped meet in all ways.
            let text: Vec<u8> = bytes.iter().map(|byte| b"AQgw-_+/=!"[usize::from(*byte) % 10]).collect();
            let proper = URL_SAFE.encode(&bytes).into_bytes();
            for text in [&text[..], &text[..length.min(4)], &proper, &proper[..length]] {
                strict += usize::from(decode_strictly(text).is_some());
                assert_eq!(decode(text), decode_leniently(text), "{}", String::from_utf8_lossy(text));
            }
        }
        assert!((20_000..60_000).contains(&strict), "{strict}");
    }

    #[test]
    fn both_alphabets_and_skipped_bytes_are_read() {
        assert_eq!(decoded("-_8="), Some(vec![0xfb, 0xff]));
        assert_eq!(decoded("+/8="), Some(vec![0xfb, 0xff]));
        assert_eq!(decoded(" -\n_!8\u{e9}=\0"), Some(vec![0xfb, 0xff]));
        assert_eq!(decoded(""), Some(vec![]));
        assert_eq!(decoded("!!"), Some(vec![]));
    }

    #[test]
    fn padding_that_completes_a_group_ends_the_reading() {
        assert_eq!(decoded("QQ==QUJD"), Some(vec![0x41]));
        assert_eq!(decoded("QUI=junk"), Some(vec![0x41, 0x42]));
        // One pad after two characters completes nothing, and the next character forgets it.
        assert_eq!(decoded("QQ=JD"), Some(vec![0x41, 0x02, 0x43]));
        // Pads before the second character of a group do not count.
        assert_eq!(decoded("=Q=UJD"), Some(vec![0x41, 0x42, 0x43]));
    }

    #[test]
    fn a_text_that_ends_within_a_group_is_refused() {
        for text in ["Q", "QQ", "QQ=", "QUI", "QUJDQ"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }

    #[test]
    fn unused_bits_of_the_last_character_are_not_checked() {
        assert_eq!(decoded("QR=="), decoded("QQ=="));
    }
}
