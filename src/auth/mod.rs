//! Authentication: who is asking, and with which proof.

pub mod password;
