//! MessagePack as Keystone reads and writes it: the values of Python's `msgpack`, and what Python code can do with them.
//!
//! Payloads are authenticated before they are read, but the reader bounds depth and memory all the same.

mod read;
mod repr;
mod value;
mod write;

pub use value::Value;

pub(super) use read::{Texts, read};
pub(super) use repr::str_of;
pub(super) use write::Writer;
