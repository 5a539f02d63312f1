//! Decimal digits of every script, as Python's `int()` reads them: key file names and UUID texts may be spelled in them.

/// The zero of each run of ten decimal digits (category Nd of Unicode 14, the version of the Python 3.11 that the
/// recordings were made with).
const ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60,
    0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// The value, 0 to 9, of a decimal digit of any script; `None` for every other character.
pub fn decimal_digit(character: char) -> Option<u8> {
    let code = u32::from(character);
    let run = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    u8::try_from(code - ZEROS[run]).ok().filter(|value| *value < 10)
}

#[cfg(test)]
mod tests {
    use super::decimal_digit;

    #[test]
    fn digits_of_several_scripts_have_their_value_and_neighbours_have_none() {
        for (character, value) in [
            ('0', Some(0)),
            ('9', Some(9)),
            ('\u{666}', Some(6)),
            ('\u{96f}', Some(9)),
            ('\u{ff15}', Some(5)),
            ('\u{1d7ff}', Some(9)),
            ('/', None),
            (':', None),
            ('a', None),
            ('\u{b2}', None),
            ('\u{2168}', None),
            ('\u{1d800}', None),
            ('\u{0}', None),
        ] {
            assert_eq!(decimal_digit(character), value, "{character:?}");
        }
    }
}
