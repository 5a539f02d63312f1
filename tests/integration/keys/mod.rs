//! Key repositories on real directories, and the ring that follows one.

mod careful;
mod commands;
mod interrupted;
mod log;
mod raised;
mod repository;
mod ring;
pub(crate) mod unprivileged;
mod vectors;

use std::{fs, num::NonZeroU32, path::PathBuf};

use fernstone::keys::{KeyFingerprint, KeySet};

/// The text of a file of recordings, from `FERNSTONE_VECTORS` or from those in this tree.
fn vector_file(name: &str) -> String {
    let directory = std::env::var_os("FERNSTONE_VECTORS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors")), PathBuf::from);
    let path = directory.join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The maximum number of keys, as the library wants it.
pub(crate) fn at_most(keys: u32) -> NonZeroU32 {
    NonZeroU32::new(keys).expect("not zero")
}

/// Fingerprints of the keys, in the order in which they are tried.
fn fingerprints(keys: &KeySet) -> Vec<KeyFingerprint> {
    keys.iter().map(|key| key.fingerprint()).collect()
}
