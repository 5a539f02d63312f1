//! Fernet keys: the repository on disk, its rotation, and the ring that serves readers from memory.
//!
//! The directory format is Keystone's (`keystone.common.fernet_utils`): files named by decimal numbers, each holding the
//! text of one key. The highest number is the primary, which mints; 0 is the staged key, the next primary; all open
//! tokens.

mod archive;
mod careful;
pub mod comparison;
pub mod credentials;
mod directory;
pub mod history;
mod import;
pub mod inspection;
pub mod key;
pub mod notice;
pub mod number;
pub mod records;
pub mod repository;
pub mod ring;
pub mod rotation;
pub mod safety;
pub mod schedule;
pub mod set;
mod watch;
mod write;

pub use archive::{Archive, ArchiveError, ArchivedKey};
pub use careful::{Prospect, Refusal};
pub use directory::ListingOrder;
pub use import::{Arrival, ImportError, ImportRefusal, ImportTerms, Imported};
pub use key::{FERNET_VERSION, Key, KeyFingerprint, MalformedKey};
pub use number::KeyNumber;
pub use repository::{KeyPurpose, KeyRepository, NotReadyError, Outcome, RepositoryError};
pub use ring::{FollowSettings, KeyChanges, KeyRing};
pub use set::{KeyFlaw, KeySet, PrimaryKeyError};
pub use write::KeyOwner;
