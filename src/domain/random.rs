//! Randomness as a parameter: ids, audit ids, keys and salts come from a source that a test can fix.

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A source of random bytes.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// A source as it is handed around.
pub type SharedRandom = Arc<dyn Random>;

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place where the system is asked for randomness")]
    #[expect(
        clippy::expect_used,
        reason = "without randomness no key, id or salt may be made: stopping is the only safe answer"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// A reproducible source for tests: xorshift64*, never for keys that matter.
#[derive(Debug)]
pub struct SeededRandom {
    state: Mutex<u64>,
}

impl SeededRandom {
    /// A source that always gives the same bytes for the same seed.
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(seed | 1) })
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            *state ^= *state >> 12;
            *state ^= *state << 25;
            *state ^= *state >> 27;
            *byte = (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 56) as u8;
        }
    }
}

/// A fresh resource id as Keystone makes it: a version 4 UUID as 32 lower-case hex digits.
pub fn new_id(random: &dyn Random) -> String {
    version_4_uuid(random).simple().to_string()
}

/// A fresh audit id: the 16 bytes of a version 4 UUID as 22 characters of URL-safe base64.
pub fn new_audit_id(random: &dyn Random) -> String {
    URL_SAFE_NO_PAD.encode(version_4_uuid(random).as_bytes())
}

/// A fresh version 4 UUID.
pub fn version_4_uuid(random: &dyn Random) -> uuid::Uuid {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
