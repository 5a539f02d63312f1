//! From a token's context to the body of the response: pure, so that it can be tested without a database
//! (Keystone `common/render_token.py`).

use serde_json::{Map, Value, json};

use super::{
    context::{ScopeTarget, TokenContext, TokenUser},
    wire,
};
use crate::domain::{
    catalog::ServiceProvider,
    claims::{Federation, Grant},
    delegation,
    resource::{Domain, Project},
    role::Role,
    time::{isotime_subsecond, naive_time},
};

/// `[resource] admin_project_name` and `admin_project_domain_name`: set together, they mark one project's tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminProject {
    /// Name of the project.
    pub name: String,
    /// Name of its domain.
    pub domain_name: String,
}

/// What a body shows beside the token's own context.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// `None`: leave the catalog out.
    pub catalog: Option<&'a [wire::CatalogService]>,
    /// Enabled service providers.
    pub service_providers: &'a [ServiceProvider],
    /// The admin project, where one is configured.
    pub admin_project: Option<&'a AdminProject>,
}

/// The body for this token.
pub fn render<'a>(context: &'a TokenContext, surroundings: Surroundings<'a>) -> wire::TokenBody<'a> {
    let claims = &context.claims;
    let trust = context.trust();
    let federation = claims.grant.federation();
    let mut token = wire::Token {
        methods: &claims.methods,
        user: user(context.acting_user(), federation),
        audit_ids: claims.audit.iter().collect(),
        expires_at: isotime_subsecond(claims.expires_at),
        issued_at: isotime_subsecond(claims.issued_at),
        system: None,
        domain: None,
        trust: None,
        project: None,
        is_domain: None,
        roles: None,
        is_admin_project: None,
        catalog: surroundings.catalog.filter(|_| !context.is_unscoped()),
        service_providers: service_providers(surroundings.service_providers),
        oauth1: context.oauth1().map(|access_token| wire::OAuth1 {
            access_token_id: access_token.id.as_str(),
            consumer_id: &access_token.consumer_id,
        }),
        application_credential: context.application_credential().map(application_credential),
        oauth2_credential: match &claims.grant {
            Grant::OAuth2Mtls { thumbprint, .. } => Some(wire::OAuth2Credential { thumbprint }),
            _ => None,
        },
    };
    match &context.scope {
        ScopeTarget::Unscoped => {}
        ScopeTarget::System => token.system = Some(wire::System { all: true }),
        ScopeTarget::Domain(domain) => token.domain = Some(named(domain)),
        ScopeTarget::Project { project: scope, domain } => {
            token.project = Some(project(scope, domain));
            if trust.is_none() {
                token.is_domain = Some(scope.is_domain);
                token.is_admin_project = surroundings.admin_project.map(|admin| is_admin_project(admin, scope, domain));
            }
        }
    }
    if !context.is_unscoped() {
        token.roles = Some(roles(context));
    }
    if let Some((trust, trustor, trustee)) = trust {
        token.trust = Some(wire::Trust {
            id: trust.id.as_str(),
            trustor_user: wire::Id { id: trustor.id.as_str() },
            trustee_user: wire::Id { id: trustee.id.as_str() },
            impersonation: trust.impersonation,
        });
    }
    wire::TokenBody { token }
}

/// A role as the roles API shows it, without links.
pub fn whole_role(role: &Role) -> Value {
    let mut fields = role.extra.clone();
    fields.insert("id".into(), json!(role.id.as_str()));
    fields.insert("name".into(), json!(role.name));
    fields.insert("domain_id".into(), json!(role.domain_id.as_ref().map(|id| id.as_str())));
    fields.insert("description".into(), json!(role.description));
    let mut options = Map::new();
    if let Some(immutable) = role.immutable {
        options.insert("immutable".into(), json!(immutable));
    }
    fields.insert("options".into(), Value::Object(options));
    Value::Object(fields)
}

/// Under a trust, and for a federated user with a scope other than the system, Keystone shows roles whole.
fn roles(context: &TokenContext) -> Vec<wire::Role<'_>> {
    let whole = context.scope != ScopeTarget::System
        && (context.trust().is_some() || context.claims.grant.federation().is_some());
    context
        .roles
        .iter()
        .map(|role| {
            if whole {
                wire::Role::Whole(whole_role(role))
            } else {
                wire::Role::Brief(wire::Named { id: role.id.as_str(), name: &role.name })
            }
        })
        .collect()
}

fn user<'a>(user: &'a TokenUser, federation: Option<&'a Federation>) -> wire::User<'a> {
    wire::User {
        domain: named(&user.domain),
        id: user.id.as_str(),
        name: user.name.as_deref(),
        password_expires_at: federation.is_none().then(|| user.password_expires_at.map(naive_time)),
        federation: federation.map(|federation| wire::Federation {
            groups: federation.group_ids.iter().map(|id| wire::Id { id: id.as_str() }).collect(),
            identity_provider: wire::OptionalId { id: federation.identity_provider_id.as_deref() },
            protocol: wire::OptionalId { id: federation.protocol_id.as_deref() },
        }),
    }
}

fn named(domain: &Domain) -> wire::Named<'_> {
    wire::Named { id: domain.id.as_str(), name: &domain.name }
}

fn project<'a>(project: &'a Project, domain: &'a Domain) -> wire::Project<'a> {
    wire::Project { domain: named(domain), id: project.id.as_str(), name: &project.name }
}

fn is_admin_project(admin: &AdminProject, project: &Project, domain: &Domain) -> bool {
    project.name == admin.name && domain.name == admin.domain_name
}

fn service_providers(providers: &[ServiceProvider]) -> Option<Vec<wire::ServiceProvider<'_>>> {
    (!providers.is_empty()).then(|| {
        providers
            .iter()
            .map(|provider| wire::ServiceProvider {
                auth_url: &provider.auth_url,
                id: &provider.id,
                sp_url: &provider.sp_url,
            })
            .collect()
    })
}

fn application_credential(credential: &delegation::ApplicationCredential) -> wire::ApplicationCredential<'_> {
    wire::ApplicationCredential {
        id: credential.id.as_str(),
        name: &credential.name,
        restricted: !credential.unrestricted,
        access_rules: credential
            .access_rules
            .iter()
            .map(|rule| wire::AccessRule {
                id: &rule.id,
                service: rule.service.as_deref(),
                path: rule.path.as_deref(),
                method: rule.method.as_deref(),
            })
            .collect(),
    }
}
