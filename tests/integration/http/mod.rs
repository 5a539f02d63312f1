//! The wire, over real connections.

mod connections;
mod exchanges;
mod hostile;
mod json_home;
mod lists;
mod outage;
mod pattern;
mod routing;
mod secrecy;
mod served;
mod wire;
