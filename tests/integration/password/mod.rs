//! Password hashes against what Keystone's own code made of the same passwords and salts, and the hashing threads.

mod hostile;
mod recorded;
mod workers;
