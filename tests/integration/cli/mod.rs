//! The commands as an operator types them: the binary itself, its output and its exit status.

mod fernet;
mod keystone_manage;
mod manners;
mod room;
pub(crate) mod spoken;
