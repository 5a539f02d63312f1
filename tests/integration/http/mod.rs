//! The wire, over real connections.

mod connections;
mod routing;
mod served;
mod wire;
