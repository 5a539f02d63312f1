//! The wire, over real connections.

mod connections;
mod exchanges;
mod pattern;
mod routing;
mod served;
mod wire;
