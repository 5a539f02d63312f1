//! The wire: Keystone's Identity API v3 over HTTP.
//!
//! Reading order: `router` is the table of URLs; [`front`] is what every request goes through before and after it, in
//! the order of Keystone's middleware; [`error`] decides the statuses; [`resource`] is what the nouns have in common; `v3/<noun>/` has an endpoint a file.

mod accept;
mod access_rules;
pub mod caller;
pub mod collection;
mod cors;
pub mod error;
mod failure;
pub mod front;
mod healthcheck;
pub mod hints;
pub mod inbound;
mod json;
mod json_home;
pub mod measures;
pub mod outbound;
mod pages;
pub mod paging;
mod path;
mod pieces;
mod proxy;
pub mod query;
mod request_id;
pub mod resource;
mod router;
pub mod schema;
mod sent;
pub mod settings;
pub mod site;
pub mod state;
mod subject;
mod v3;

pub use front::Front;
pub use settings::HttpSettings;
pub use state::{HttpState, Parts};
