//! `/v3/services` (`keystone/api/services.py`).

mod list;
mod show;

pub(in crate::http) use self::{list::list, show::show};

use serde_json::{Map, Value};

use crate::{domain::catalog::Service, http::collection::Resource};

/// What is particular about services. Name and description live in `extra`.
pub(super) struct Services;

impl Resource for Services {
    type Item = Service;

    const COLLECTION: &'static str = "services";
    const MEMBER: &'static str = "service";
    const FILTERS: &'static [&'static str] = &["type", "name"];
    const COLUMNS: &'static [&'static str] = &["id", "type", "enabled"];

    fn wire(service: &Service) -> Map<String, Value> {
        let mut wire = service.extra.clone();
        wire.insert("id".to_owned(), service.id.as_str().into());
        wire.insert("type".to_owned(), service.service_type.as_deref().into());
        wire.insert("enabled".to_owned(), service.enabled.into());
        wire
    }
}
