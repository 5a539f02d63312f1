//! The `auth` member of `POST /v3/auth/tokens`, parsed. The schema has been checked before: what is left are the rules
//! that the schema does not know (Keystone `auth/core.py`, `AuthInfo`).

use serde_json::{Map, Value};

use super::error::AuthError;

/// What the caller wants to prove, and for which scope.
#[derive(Debug)]
pub struct AuthRequest {
    /// In the order given, duplicates removed.
    pub methods: Vec<MethodRequest>,
    /// `None`: the user's default project, if that is usable.
    pub scope: Option<ScopeRequest>,
}

/// One authentication method and its block. `Debug` shows only the name: the block holds the password.
pub struct MethodRequest {
    /// `password`, `token`, ...
    pub name: String,
    /// `identity.<name>`.
    pub block: Map<String, Value>,
}

impl std::fmt::Debug for MethodRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MethodRequest").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The scope asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum ScopeRequest {
    /// Explicitly none.
    Unscoped,
    /// A project.
    Project(ProjectReference),
    /// A domain.
    Domain(DomainReference),
    /// The system; whatever stands in `system`, Keystone takes it for all of it.
    System,
    /// A trust.
    Trust(String),
}

/// A domain by name or, where there is no name, by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainReference {
    /// By name.
    Name(String),
    /// By id, which may be empty; `None` where neither was given.
    Id(Option<String>),
}

/// A project by name and domain or, where there is no name, by id.
#[derive(Debug, PartialEq, Eq)]
pub enum ProjectReference {
    /// By name.
    Name {
        /// Name.
        name: String,
        /// `None`: the request does not say.
        domain: Option<DomainReference>,
    },
    /// By id, which may be empty; `None` where neither was given.
    Id(Option<String>),
}

/// A user by name and domain or, where there is no name, by id.
#[derive(Debug, PartialEq, Eq)]
pub enum UserReference {
    /// By name.
    Name {
        /// Name.
        name: String,
        /// `None`: the request does not say.
        domain: Option<DomainReference>,
    },
    /// By id.
    Id(String),
}

impl AuthRequest {
    /// Reads the `auth` member. `supported` are the names in `[auth] methods`.
    ///
    /// # Errors
    ///
    /// In Keystone's order: a method without its block, a method that is not configured, a scope that is not one.
    pub fn parse(auth: &Value, supported: &[String]) -> Result<Self, AuthError> {
        let auth = auth
            .as_object()
            .filter(|auth| !auth.is_empty())
            .ok_or_else(|| AuthError::expecting("auth", "request body"))?;
        let identity = member(auth, "identity").ok_or_else(|| AuthError::expecting("identity", "auth"))?;
        let mut names: Vec<&str> = Vec::new();
        for name in identity.get("methods").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if let Some(name) = names.iter().find(|name| !identity.contains_key(**name)) {
            return Err(AuthError::expecting(name, "identity"));
        }
        if names.iter().any(|name| !supported.iter().any(|supported| supported == name)) {
            return Err(AuthError::MethodNotSupported { supported: supported.to_vec() });
        }
        let methods = names
            .into_iter()
            .map(|name| MethodRequest {
                name: name.to_owned(),
                block: member(identity, name).cloned().unwrap_or_default(),
            })
            .collect();
        let scope = auth.get("scope").map(ScopeRequest::parse).transpose()?;
        Ok(Self { methods, scope })
    }
}

impl ScopeRequest {
    const KINDS: [&str; 5] = ["project", "domain", "unscoped", "system", "OS-TRUST:trust"];

    fn parse(scope: &Value) -> Result<Self, AuthError> {
        // Keystone asks `'unscoped' in scope`: for a text, that is a search for a part of it.
        let names_kind = |kind: &str| match scope {
            Value::Object(members) => members.contains_key(kind),
            Value::String(text) => text.contains(kind),
            _ => false,
        };
        let named: Vec<&str> = Self::KINDS.into_iter().filter(|kind| names_kind(kind)).collect();
        let [kind] = named[..] else {
            return Err(AuthError::expecting("system, project, domain, OS-TRUST:trust or unscoped", "scope"));
        };
        match kind {
            "system" => return Ok(Self::System),
            "unscoped" => return Ok(Self::Unscoped),
            _ => {}
        }
        let target = scope
            .get(kind)
            .ok_or_else(|| AuthError::Malformed("string indices must be integers, not 'str'".to_owned()))?;
        Ok(match kind {
            "project" => Self::Project(ProjectReference::parse(target)),
            "domain" => Self::Domain(DomainReference::parse(target)),
            _ => Self::Trust(text(target, "id").ok_or_else(|| AuthError::expecting("trust_id", "trust"))?),
        })
    }
}

impl DomainReference {
    fn parse(domain: &Value) -> Self {
        text(domain, "name").map_or_else(|| Self::Id(id(domain)), Self::Name)
    }
}

impl ProjectReference {
    fn parse(project: &Value) -> Self {
        match text(project, "name") {
            Some(name) => Self::Name { name, domain: project.get("domain").map(DomainReference::parse) },
            None => Self::Id(id(project)),
        }
    }
}

impl UserReference {
    /// Reads the `user` member of a method's block.
    ///
    /// # Errors
    ///
    /// No user at all, or one with neither name nor id.
    pub fn parse(block: &Map<String, Value>) -> Result<Self, AuthError> {
        // Keystone names the method here before it knows it, and so prints Python's `None`.
        let user = block.get("user").ok_or_else(|| AuthError::expecting("user", "None"))?;
        match (text(user, "name"), text(user, "id")) {
            (Some(name), _) => Ok(Self::Name { name, domain: user.get("domain").map(DomainReference::parse) }),
            (None, Some(id)) => Ok(Self::Id(id)),
            (None, None) => Err(AuthError::expecting("id or name", "user")),
        }
    }
}

/// A text member that is there and not empty: Python's truth.
fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// An id as it was given: an empty one is looked for, and not found.
fn id(value: &Value) -> Option<String> {
    value.get("id").and_then(Value::as_str).map(str::to_owned)
}

fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    object.get(name).and_then(Value::as_object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn supported() -> Vec<String> {
        vec!["password".to_owned(), "token".to_owned()]
    }

    fn scope(scope: Value) -> Result<ScopeRequest, AuthError> {
        ScopeRequest::parse(&scope)
    }

    #[test]
    fn a_method_needs_its_block_before_it_is_looked_at() {
        let request = json!({"identity": {"methods": ["nonsense"]}});
        assert!(matches!(AuthRequest::parse(&request, &supported()), Err(AuthError::Expecting { .. })));
        let request = json!({"identity": {"methods": ["nonsense"], "nonsense": {}}});
        assert!(matches!(AuthRequest::parse(&request, &supported()), Err(AuthError::MethodNotSupported { .. })));
    }

    #[test]
    fn a_method_given_twice_counts_once() {
        let request = json!({"identity": {"methods": ["password", "password"], "password": {}}});
        assert_eq!(AuthRequest::parse(&request, &supported()).map(|request| request.methods.len()).ok(), Some(1));
    }

    #[test]
    fn every_spelling_of_a_scope() {
        assert_eq!(scope(json!("unscoped")).ok(), Some(ScopeRequest::Unscoped));
        assert_eq!(scope(json!({"unscoped": {}})).ok(), Some(ScopeRequest::Unscoped));
        assert_eq!(scope(json!({"system": {"all": false}})).ok(), Some(ScopeRequest::System));
        assert_eq!(scope(json!({"system": {}})).ok(), Some(ScopeRequest::System));
        let by_name = ScopeRequest::Project(ProjectReference::Name {
            name: "p".to_owned(),
            domain: Some(DomainReference::Name("d".to_owned())),
        });
        assert_eq!(scope(json!({"project": {"id": "i", "name": "p", "domain": {"name": "d"}}})).ok(), Some(by_name));
        assert_eq!(
            scope(json!({"domain": {"id": "d"}})).ok(),
            Some(ScopeRequest::Domain(DomainReference::Id(Some("d".to_owned()))))
        );
    }

    #[test]
    fn no_scope_or_two_are_refused() {
        for bad in [json!({}), json!("x"), json!({"project": {"id": "p"}, "domain": {"id": "d"}}), json!("project")] {
            assert!(scope(bad).is_err());
        }
    }

    #[test]
    fn debug_does_not_show_the_password() {
        let request = json!({"identity": {"methods": ["password"], "password": {"user": {"password": "hunter2"}}}});
        let request = AuthRequest::parse(&request, &supported());
        assert!(!format!("{request:?}").contains("hunter2"));
    }
}
