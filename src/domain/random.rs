//! Randomness as a parameter: ids, audit ids, keys and salts come from a source that a test can fix.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A source of random bytes.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// A source as it is handed around.
pub type SharedRandom = Arc<dyn Random>;

/// The operating system's generator. For ids, of which every request has one, a thread asks for several at a time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() <= LONGEST_ID {
            RESERVE.with_borrow_mut(|reserve| reserve.take(bytes));
        } else {
            ask_system(bytes);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the system is asked for randomness")]
#[expect(
    clippy::expect_used,
    reason = "without randomness no key, id or salt may be made: stopping is the only safe answer"
)]
fn ask_system(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// Length of a UUID. Keys are longer, and never wait in a reserve.
const LONGEST_ID: usize = 16;

thread_local! {
    static RESERVE: RefCell<Reserve> = const { RefCell::new(Reserve { bytes: [0; 64 * LONGEST_ID], taken: 64 * LONGEST_ID }) };
}

/// The system's bytes that nobody has had yet.
struct Reserve {
    bytes: [u8; 64 * LONGEST_ID],
    taken: usize,
}

impl Reserve {
    fn take(&mut self, wanted: &mut [u8]) {
        if self.bytes.len() - self.taken < wanted.len() {
            ask_system(&mut self.bytes);
            self.taken = 0;
        }
        let given = &mut self.bytes[self.taken..self.taken + wanted.len()];
        wanted.copy_from_slice(given);
        given.fill(0);
        self.taken += wanted.len();
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
    uuid::Builder::from_random_bytes(sixteen_bytes(random)).into_uuid()
}

/// As many bytes as a UUID has, and an initialization vector.
pub fn sixteen_bytes(random: &dyn Random) -> [u8; 16] {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_id_comes_twice_out_of_the_reserve() {
        let ids: HashSet<_> = (0..10_000).map(|_| new_id(&SystemRandom)).collect();
        assert_eq!(ids.len(), 10_000);
        let mut odd = [[0; 5]; 1000];
        odd.iter_mut().for_each(|bytes| SystemRandom.fill(bytes));
        let zeros = odd.iter().flatten().filter(|byte| **byte == 0).count();
        assert!(zeros < 100, "{zeros} of 5000 bytes are zero");
    }
}
