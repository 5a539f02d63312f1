//! Password hashes against what Keystone's own code made of the same passwords and salts, and the hashing threads.

mod recorded;
mod workers;
