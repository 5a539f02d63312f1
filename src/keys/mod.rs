//! Fernet keys: the repository on disk, its rotation, and the ring that serves readers from memory.
//!
//! The directory format is Keystone's (`keystone.common.fernet_utils`): files named by decimal numbers, each holding the
//! text of one key. The highest number is the primary, which mints; 0 is the staged key, the next primary; all open
//! tokens.

pub mod key;
pub mod number;
pub mod set;

pub use key::{Key, KeyFingerprint, MalformedKey};
pub use number::KeyNumber;
pub use set::{KeyFlaw, KeySet, PrimaryKeyError};
