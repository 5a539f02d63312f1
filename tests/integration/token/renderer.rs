//! What every kind of token looks like. The snapshots were compared by eye with bodies of Keystone 30; the differential tests
//! in `tests/python` compare them with the real thing.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use fernstone::{
    domain::{
        catalog::ServiceProvider,
        claims::{AuditIds, Claims, Federation, Grant},
        delegation::{AccessRule, ApplicationCredential, OAuth1AccessToken, Trust},
        resource::{Domain, Project},
        role::Role,
        user::UserOptions,
    },
    token::{
        access_text::KnownText,
        context::{Access, Delegation, ScopeTarget, TokenContext, TokenUser},
        renderer::{AdminProject, Surroundings, render},
        wire::{CatalogEndpoint, CatalogService},
    },
};
use serde_json::{Map, json};

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).expect("a time")
}

fn domain(id: &str) -> Arc<Domain> {
    Arc::new(Domain {
        id: id.into(),
        name: format!("{id} by name"),
        enabled: Some(true),
        description: None,
        tags: vec![],
        extra: Map::new(),
        immutable: None,
    })
}

fn user(id: &str) -> TokenUser {
    TokenUser {
        id: id.into(),
        name: Some(format!("{id} by name")),
        domain: domain("home"),
        password_expires_at: Some(noon() + TimeDelta::microseconds(86_400_000_001)),
        options: UserOptions::default(),
        enabled: true,
    }
}

fn project() -> ScopeTarget {
    let project = Arc::new(Project {
        id: "p1".into(),
        name: "p1 by name".to_owned(),
        domain_id: Some("d1".into()),
        parent_id: Some("d1".into()),
        is_domain: false,
        enabled: Some(true),
        description: None,
        tags: vec![],
        extra: Map::new(),
        immutable: None,
    });
    ScopeTarget::Project { project, domain: domain("d1") }
}

fn role() -> Role {
    Role {
        id: "r1".into(),
        name: "reader".to_owned(),
        domain_id: None,
        description: None,
        extra: Map::from_iter([("colour".to_owned(), json!("blue"))]),
        immutable: Some(true),
    }
}

fn context(grant: Grant, scope: ScopeTarget) -> TokenContext {
    let roles = if scope == ScopeTarget::Unscoped { vec![] } else { vec![role()] };
    TokenContext {
        claims: Claims {
            user_id: Some("u1".into()),
            methods: vec!["token".to_owned(), "password".to_owned()],
            audit: AuditIds { own: "own".to_owned(), parent: Some("first".to_owned()) },
            issued_at: noon(),
            expires_at: noon() + TimeDelta::hours(1),
            grant,
        },
        access: Arc::new(Access {
            user: user("u1"),
            scope,
            roles: roles.into(),
            delegation: None,
            text: KnownText::default(),
        }),
    }
}

fn federation() -> Federation {
    Federation {
        group_ids: vec!["g1".into()],
        identity_provider_id: Some("idp".to_owned()),
        protocol_id: Some("saml2".to_owned()),
    }
}

fn show(context: &TokenContext) -> serde_json::Value {
    serde_json::to_value(render(context, Surroundings::default())).expect("JSON")
}

#[test]
fn for_a_project_with_everything_around_it() {
    let catalog = [CatalogService {
        endpoints: vec![CatalogEndpoint {
            id: "e1".to_owned(),
            interface: "public".to_owned(),
            region_id: Some("RegionOne".to_owned()),
            url: "http://compute/p1".to_owned(),
            region: Some("RegionOne".to_owned()),
            extra: Map::from_iter([("description".to_owned(), json!("the only one"))]),
        }],
        id: "s1".to_owned(),
        service_type: Some("compute".to_owned()),
        name: "nova".to_owned(),
    }];
    let providers =
        [ServiceProvider { id: "sp".to_owned(), auth_url: "http://auth".to_owned(), sp_url: "http://sp".to_owned() }];
    let admin = AdminProject { name: "p1 by name".to_owned(), domain_name: "d1 by name".to_owned() };
    let surroundings =
        Surroundings { catalog: Some(&catalog), service_providers: &providers, admin_project: Some(&admin) };
    let context = context(Grant::Project("p1".into()), project());
    insta::assert_json_snapshot!(render(&context, surroundings));

    let other = AdminProject { name: "p1 by name".to_owned(), domain_name: "elsewhere".to_owned() };
    let body = render(&context, Surroundings { admin_project: Some(&other), ..Surroundings::default() });
    assert_eq!(body.token.is_admin_project, Some(false));
    assert!(show(&context)["token"].get("is_admin_project").is_none(), "absent where no admin project is configured");
}

#[test]
fn for_a_domain() {
    insta::assert_json_snapshot!(show(&context(Grant::Domain("d1".into()), ScopeTarget::Domain(domain("d1")))));
}

#[test]
fn for_the_system() {
    insta::assert_json_snapshot!(show(&context(Grant::System("all".to_owned()), ScopeTarget::System)));
}

#[test]
fn without_a_scope() {
    let context = context(Grant::Unscoped, ScopeTarget::Unscoped);
    insta::assert_json_snapshot!(show(&context));
    let body = render(&context, Surroundings { catalog: Some(&[]), ..Surroundings::default() });
    assert!(body.token.catalog.is_none(), "an unscoped token has no catalog, even where one is asked for");
}

#[test]
fn of_a_trust_that_impersonates() {
    let grant = Grant::Trust { project_id: Some("p1".into()), trust_id: "t1".into() };
    let trust = Trust {
        id: "t1".into(),
        trustor_user_id: "tor".into(),
        trustee_user_id: "u1".into(),
        project_id: Some("p1".into()),
        impersonation: true,
        expires_at: None,
        remaining_uses: None,
        redelegated_trust_id: None,
        redelegation_count: None,
        role_ids: vec!["r1".into()],
        extra: Map::new(),
    };
    let mut context = context(grant, project());
    Arc::make_mut(&mut context.access).delegation =
        Some(Box::new(Delegation::Trust { trust, trustor: user("tor"), trustee: user("u1") }));
    insta::assert_json_snapshot!(show(&context));
}

#[test]
fn of_a_federated_user() {
    let mut for_project = context(Grant::FederatedProject("p1".into(), federation()), project());
    Arc::make_mut(&mut for_project.access).user.name = None;
    insta::assert_json_snapshot!("of_a_federated_user_for_a_project", show(&for_project));
    let unscoped = context(Grant::FederatedUnscoped(federation()), ScopeTarget::Unscoped);
    insta::assert_json_snapshot!("of_a_federated_user_without_a_scope", show(&unscoped));
}

#[test]
fn of_an_application_credential() {
    let grant = Grant::ApplicationCredential { project_id: Some("p1".into()), application_credential_id: "ac1".into() };
    let credential = ApplicationCredential {
        id: "ac1".into(),
        name: "backup".to_owned(),
        user_id: "u1".into(),
        project_id: Some("p1".into()),
        expires_at: None,
        unrestricted: false,
        role_ids: vec!["r1".into()],
        access_rules: vec![AccessRule {
            id: "rule".to_owned(),
            service: Some("compute".to_owned()),
            path: Some("/v2.1/servers".to_owned()),
            method: Some("GET".to_owned()),
        }],
    };
    let mut context = context(grant, project());
    Arc::make_mut(&mut context.access).delegation = Some(Box::new(Delegation::ApplicationCredential(credential)));
    insta::assert_json_snapshot!(show(&context));
}

#[test]
fn of_an_oauth1_access_token() {
    let mut context =
        context(Grant::OAuth1 { project_id: Some("p1".into()), access_token_id: "at1".into() }, project());
    Arc::make_mut(&mut context.access).delegation = Some(Box::new(Delegation::OAuth1(OAuth1AccessToken {
        id: "at1".into(),
        consumer_id: "c1".to_owned(),
        authorizing_user_id: "u1".into(),
        project_id: "p1".into(),
        role_ids: vec!["r1".into()],
    })));
    insta::assert_json_snapshot!(show(&context));
}

#[test]
fn bound_to_a_client_certificate() {
    let grant = Grant::OAuth2Mtls { project_id: Some("p1".into()), domain_id: None, thumbprint: "thumb".to_owned() };
    insta::assert_json_snapshot!(show(&context(grant, project())));
}
