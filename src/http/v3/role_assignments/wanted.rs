//! What a query asks for, and the combinations that are refused.

use crate::{
    assignment::listing::{ListFilter, ScopeFilter},
    domain::assignment::Actor,
    http::{error::ApiError, query::Query},
};

/// Query parameters that rules may refer to.
pub(super) const FILTERS: &[&str] = &[
    "group.id",
    "role.id",
    "scope.domain.id",
    "scope.project.id",
    "scope.OS-INHERIT:inherited_to",
    "user.id",
    "scope.system",
];

/// The same for a list of a tree.
pub(super) const TREE_FILTERS: &[&str] =
    &["group.id", "role.id", "scope.domain.id", "scope.project.id", "scope.OS-INHERIT:inherited_to", "user.id"];

/// What is asked for.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Whether as it works out, and not as it was granted.
    pub(super) effective: bool,
    /// Which.
    pub(super) filter: ListFilter,
}

impl Wanted {
    /// Reads a query that passed the schema. Parameters without a value count as absent.
    ///
    /// # Errors
    ///
    /// Two scopes at once, or what could only give an empty list.
    pub(super) fn of(query: &Query) -> Result<Self, ApiError> {
        let text = |name: &str| query.get(name).filter(|value| !value.is_empty());
        let (project, domain, system) = (text("scope.project.id"), text("scope.domain.id"), text("scope.system"));
        let (user, group) = (text("user.id"), text("group.id"));
        let effective = query.is_switched_on("effective");
        let inherited = query.get("scope.OS-INHERIT:inherited_to").map(|value| value == "projects");
        let refusals = [
            (domain.is_some() && project.is_some(), "Specify a domain or project, not both"),
            (domain.is_some() && system.is_some(), "Specify system or domain, not both"),
            (project.is_some() && system.is_some(), "Specify system or project, not both"),
            (user.is_some() && group.is_some(), "Specify a user or group, not both"),
            (effective && group.is_some(), "Combining effective and group filter will always result in an empty list."),
            (
                effective && inherited == Some(true) && domain.is_some(),
                "Combining effective, domain and inherited filters will always result in an empty list.",
            ),
        ];
        if let Some((_, message)) = refusals.into_iter().find(|(refused, _)| *refused) {
            return Err(ApiError::invalid(message));
        }
        let scope = match (project, domain, system) {
            (Some(id), _, _) if query.is_switched_on("include_subtree") => Some(ScopeFilter::Subtree(id.into())),
            (Some(id), _, _) => Some(ScopeFilter::Project(id.into())),
            (None, Some(id), _) => Some(ScopeFilter::Domain(id.into())),
            // Any other value is no filter.
            (None, None, Some("all")) => Some(ScopeFilter::System),
            (None, None, _) => None,
        };
        let actor = user.map(|id| Actor::User(id.into())).or_else(|| group.map(|id| Actor::Group(id.into())));
        let role_id = text("role.id").map(Into::into);
        Ok(Self { effective, filter: ListFilter { actor, scope, role_id, inherited } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(query: &str) -> Result<Wanted, String> {
        Wanted::of(&Query::parse(query)).map_err(|error| error.to_string())
    }

    #[test]
    fn scopes_exclude_each_other() {
        for (query, refusal) in [
            ("scope.project.id=p&scope.domain.id=d&scope.system=all", "Specify a domain or project, not both"),
            ("scope.domain.id=d&scope.system=x", "Specify system or domain, not both"),
            ("scope.project.id=p&scope.system", ""),
            ("scope.project.id=p&scope.system=all", "Specify system or project, not both"),
            ("user.id=u&group.id=", ""),
            ("user.id=u&group.id=g", "Specify a user or group, not both"),
        ] {
            assert_eq!(wanted(query).err().unwrap_or_default(), refusal, "{query}");
        }
    }

    #[test]
    fn what_is_always_empty_is_refused() {
        let inherited = "effective&scope.domain.id=d&scope.OS-INHERIT:inherited_to";
        assert!(wanted("effective&group.id=g").is_err() && wanted(&format!("{inherited}=projects")).is_err());
        assert!(wanted("effective=0&group.id=g").is_ok() && wanted(&format!("{inherited}=x")).is_ok());
    }

    #[test]
    fn only_all_is_a_system() -> Result<(), String> {
        assert_eq!(wanted("scope.system=all")?.filter.scope, Some(ScopeFilter::System));
        assert_eq!(wanted("scope.system=any")?.filter.scope, None);
        assert_eq!(wanted("scope.OS-INHERIT:inherited_to")?.filter.inherited, Some(false));
        assert_eq!(wanted("")?.filter.inherited, None);
        Ok(())
    }
}
