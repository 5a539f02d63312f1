//! `tags`, `tags-any`, `not-tags` and `not-tags-any` (Keystone's `list_projects_by_tags`), with the ways in which they
//! combine there, the odd ones included.

use std::collections::HashSet;

use crate::{
    domain::{ids::ProjectId, resource::Project},
    http::query::Query,
};

/// The four parameters.
#[derive(Debug, Default)]
pub(super) struct TagFilters<'q> {
    all: Option<Vec<&'q str>>,
    any: Option<Vec<&'q str>>,
    not_all: Option<Vec<&'q str>>,
    not_any: Option<Vec<&'q str>>,
}

impl<'q> TagFilters<'q> {
    /// Reads them; `None` when none is there.
    pub(super) fn from_query(query: &'q Query) -> Option<Self> {
        let list = |name: &str| query.get(name).map(|tags| tags.split(',').collect());
        let filters =
            Self { all: list("tags"), any: list("tags-any"), not_all: list("not-tags"), not_any: list("not-tags-any") };
        let is_any =
            filters.all.is_some() || filters.any.is_some() || filters.not_all.is_some() || filters.not_any.is_some();
        is_any.then_some(filters)
    }

    /// Ids of those of `projects` that pass. `projects` must be all there are: what one parameter finds decides how the
    /// next one is applied.
    pub(super) fn choose<'p>(&self, projects: &'p [Project]) -> HashSet<&'p ProjectId> {
        let having = |test: &dyn Fn(&Project) -> bool| -> HashSet<&'p ProjectId> {
            projects.iter().filter(|project| test(project)).map(|project| &project.id).collect()
        };
        let has_all = |tags: &[&str], project: &Project| tags.iter().all(|tag| has(project, tag));
        let has_any = |tags: &[&str], project: &Project| tags.iter().any(|tag| has(project, tag));
        // Leaves out the blocked; what was found before counts only if it was anything.
        let without = |found: HashSet<&'p ProjectId>, blocked: HashSet<&'p ProjectId>| -> HashSet<&'p ProjectId> {
            having(&|project| !blocked.contains(&project.id) && (found.is_empty() || found.contains(&project.id)))
        };

        let mut found = HashSet::new();
        if let Some(tags) = &self.all {
            found = having(&|project| has_all(tags, project));
        }
        if let Some(tags) = &self.any {
            let with_any = having(&|project| has_any(tags, project));
            found = if self.all.is_some() { with_any.intersection(&found).copied().collect() } else { with_any };
        }
        if let Some(tags) = &self.not_all {
            found = without(found, having(&|project| has_all(tags, project)));
        }
        if let Some(tags) = &self.not_any {
            let blocked = having(&|project| has_any(tags, project));
            if self.not_all.is_some() {
                // Keystone adds what it means to leave out.
                found.extend(blocked);
            } else {
                found = without(found, blocked);
            }
        }
        found
    }
}

fn has(project: &Project, tag: &str) -> bool {
    project.tags.iter().any(|known| known == tag)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use serde_json::Map;

    use super::*;

    fn project(id: &str, tags: &[&str]) -> Project {
        Project {
            id: id.into(),
            name: id.to_owned(),
            domain_id: Some("default".into()),
            parent_id: None,
            is_domain: false,
            enabled: Some(true),
            description: None,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            extra: Map::new(),
            immutable: None,
        }
    }

    fn chosen(query: &str) -> Vec<String> {
        let projects = [
            project("none", &[]),
            project("red", &["red"]),
            project("blue", &["blue"]),
            project("both", &["blue", "red"]),
        ];
        let query = Query::parse(query);
        let mut ids: Vec<String> =
            TagFilters::from_query(&query).unwrap().choose(&projects).into_iter().map(ToString::to_string).collect();
        ids.sort();
        ids
    }

    #[test]
    fn each_by_itself() {
        assert_eq!(chosen("tags=red,blue"), ["both"]);
        assert_eq!(chosen("tags-any=red,blue"), ["blue", "both", "red"]);
        assert_eq!(chosen("not-tags=red,blue"), ["blue", "none", "red"]);
        assert_eq!(chosen("not-tags-any=red,blue"), ["none"]);
        assert_eq!(chosen("tags="), Vec::<String>::new());
        assert!(TagFilters::from_query(&Query::parse("name=x")).is_none());
    }

    #[test]
    fn combined() {
        assert_eq!(chosen("tags=red&tags-any=blue"), ["both"]);
        assert_eq!(chosen("tags=red&not-tags-any=blue"), ["red"]);
        assert_eq!(chosen("tags-any=red&not-tags=red,blue"), ["red"]);
    }

    #[test]
    fn combined_oddly() {
        assert_eq!(chosen("tags=green&not-tags=red"), ["blue", "none"], "nothing found counts as nothing asked");
        assert_eq!(chosen("not-tags=red&not-tags-any=blue"), ["blue", "both", "none"]);
    }
}
