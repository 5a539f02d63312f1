//! Fernstone.
fn main() {}
