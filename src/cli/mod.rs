//! The commands, one file each.

pub mod fernet_rotate;
pub mod fernet_setup;
pub mod key_repositories;
