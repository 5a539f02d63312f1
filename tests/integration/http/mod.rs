//! The wire, over real connections.

mod connections;
mod exchanges;
mod lists;
mod pattern;
mod routing;
mod secrecy;
mod served;
mod wire;
