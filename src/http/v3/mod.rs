//! The endpoints, by noun: one endpoint a file, and in each noun's `mod.rs` what is particular about it.

pub(super) mod auth;
pub(super) mod discovery;
pub(super) mod domains;
pub(super) mod endpoints;
pub(super) mod grants;
pub(super) mod groups;
pub(super) mod limits;
pub(super) mod os_endpoint_policy;
pub(super) mod os_ep_filter;
pub(super) mod os_revoke;
pub(super) mod policies;
pub(super) mod projects;
pub(super) mod regions;
pub(super) mod registered_limits;
pub(super) mod role_assignments;
pub(super) mod role_inferences;
pub(super) mod roles;
pub(super) mod services;
pub(super) mod users;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use serde::Deserialize;

    use super::{endpoints::Endpoints, projects, regions::Regions, services::Services};
    use crate::http::{
        resource::Readable as _,
        schema::{Schema, query},
    };

    #[derive(Deserialize)]
    struct Recording {
        list_queries: Vec<ListQuery>,
    }

    #[derive(Deserialize)]
    struct ListQuery {
        list: String,
        query: Vec<(String, String)>,
        refusal: Option<String>,
    }

    #[test]
    fn query_strings_of_lists_are_refused_in_keystones_words() {
        let recording = include_str!("../../../tests/integration/schema/keystone-validation.json");
        let recording: Recording = serde_json::from_str(recording).unwrap();
        assert!(!recording.list_queries.is_empty());
        for recorded in recording.list_queries {
            let schema: Option<&Schema> = match recorded.list.as_str() {
                "projects" => Some(&projects::schema::LIST_QUERY),
                "regions" => Regions::list_query(),
                "endpoints" => Endpoints::list_query(),
                "services" => Services::list_query(),
                _ => None,
            };
            let query = recorded.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let refusal = schema.and_then(|schema| query::check(schema, query).err());
            let refusal = refusal.map(|violation| violation.detail().to_owned());
            assert_eq!(refusal, recorded.refusal, "{} {:?}", recorded.list, recorded.query);
        }
    }
}
