//! The wire, over real connections.

mod connections;
mod domain_config;
mod exchanges;
mod hostile;
mod json_home;
mod lists;
mod outage;
mod pattern;
mod projects;
mod routing;
mod secrecy;
mod served;
mod wire;
