//! The wire, over real connections.

mod cloud;
mod connections;
mod deadlock;
mod domain_config;
mod exchanges;
mod grants;
mod groups;
mod hostile;
mod interruption;
mod json_home;
mod known;
mod lists;
mod metrics;
mod outage;
mod passwords;
mod pattern;
mod projects;
mod roles;
mod routing;
mod secrecy;
mod served;
mod users;
mod whole;
mod wire;
