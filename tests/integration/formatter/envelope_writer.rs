//! A Fernet envelope with a given IV, for comparing whole tokens: the `fernet` crate draws its own.

use aes::cipher::{BlockEncryptMut, KeyIvInit, block_padding::Pkcs7};
use base64::{Engine, engine::general_purpose::URL_SAFE, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The token text without padding for `payload`; `key` is the text of a key file.
pub(super) fn seal(payload: &[u8], timestamp: u64, iv: &[u8], key: &str) -> String {
    let key = URL_SAFE.decode(key).expect("a key as Keystone writes it");
    let (signing, encryption) = key.split_at(16);
    let cipher = cbc::Encryptor::<aes::Aes128>::new_from_slices(encryption, iv).expect("16 bytes each");
    let mut token = vec![0x80];
    token.extend(timestamp.to_be_bytes());
    token.extend(iv);
    token.extend(cipher.encrypt_padded_vec_mut::<Pkcs7>(payload));
    let mut mac = Hmac::<Sha256>::new_from_slice(signing).expect("any length");
    mac.update(&token);
    token.extend(mac.finalize().into_bytes());
    URL_SAFE_NO_PAD.encode(token)
}
