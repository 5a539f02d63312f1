//! The commands, one file each.

pub mod bootstrap;
pub mod db_sync;
pub mod db_version;
pub mod fernet_rotate;
pub mod fernet_setup;
pub mod key_repositories;
