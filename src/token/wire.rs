//! The JSON of a token (Identity API v3, `POST` and `GET /v3/auth/tokens`), members in Keystone's order, but for the catalog,
//! which comes last, so that the text of one catalog can stand in many bodies.

use serde::Serialize;
use serde_json::Value;

/// The whole body.
#[derive(Debug, Serialize)]
pub struct TokenBody<'a> {
    /// The one member.
    pub token: Token<'a>,
}

/// The token. A member that is `None` is left out.
#[derive(Debug, Serialize)]
pub struct Token<'a> {
    /// Names of authentication methods.
    pub methods: &'a [String],
    /// Whom the token speaks for; under an impersonating trust, the trustor.
    pub user: User<'a>,
    /// The token's own audit id, then that of the first token of its chain.
    pub audit_ids: Vec<&'a str>,
    /// `YYYY-MM-DDTHH:MM:SS.000000Z`.
    pub expires_at: String,
    /// As `expires_at`.
    pub issued_at: String,
    /// Scope: the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<System>,
    /// Scope: a domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Named<'a>>,
    /// The trust by which the token was obtained.
    #[serde(rename = "OS-TRUST:trust", skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust<'a>>,
    /// Scope: a project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Project<'a>>,
    /// Whether that project acts as a domain. Not there under a trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_domain: Option<bool>,
    /// Effective roles, for scoped tokens only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role<'a>>>,
    /// Only for project tokens, and only where an admin project is configured. Clients read its absence as true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_admin_project: Option<bool>,
    /// Enabled service providers (Keystone-to-Keystone federation), if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_providers: Option<Vec<ServiceProvider<'a>>>,
    /// The OAuth1 access token by which the token was obtained.
    #[serde(rename = "OS-OAUTH1", skip_serializing_if = "Option::is_none")]
    pub oauth1: Option<OAuth1<'a>>,
    /// The application credential by which the token was obtained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_credential: Option<ApplicationCredential<'a>>,
    /// The client certificate that the token is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth2_credential: Option<OAuth2Credential<'a>>,
    /// For scoped tokens, unless `?nocatalog`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog: Option<&'a [CatalogService]>,
}

/// An id with its name.
#[derive(Debug, Serialize)]
pub struct Named<'a> {
    /// Id.
    pub id: &'a str,
    /// Name.
    pub name: &'a str,
}

/// A user.
#[derive(Debug, Serialize)]
pub struct User<'a> {
    /// The user's domain.
    pub domain: Named<'a>,
    /// Id.
    pub id: &'a str,
    /// Name; null for a federated user without one.
    pub name: Option<&'a str>,
    /// `YYYY-MM-DDTHH:MM:SS.ffffff` without a zone, or null; left out for federated users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_expires_at: Option<Option<String>>,
    /// How a federated user came in.
    #[serde(rename = "OS-FEDERATION", skip_serializing_if = "Option::is_none")]
    pub federation: Option<Federation<'a>>,
}

/// How a federated user came in.
#[derive(Debug, Serialize)]
pub struct Federation<'a> {
    /// Groups given by the mapping.
    pub groups: Vec<Id<'a>>,
    /// The identity provider.
    pub identity_provider: OptionalId<'a>,
    /// The protocol.
    pub protocol: OptionalId<'a>,
}

/// An object with nothing but an id.
#[derive(Debug, Serialize)]
pub struct Id<'a> {
    /// Id.
    pub id: &'a str,
}

/// An object with nothing but an id that may be null.
#[derive(Debug, Serialize)]
pub struct OptionalId<'a> {
    /// Id.
    pub id: Option<&'a str>,
}

/// `{"all": true}`.
#[derive(Debug, Serialize)]
pub struct System {
    /// Always true.
    pub all: bool,
}

/// A trust.
#[derive(Debug, Serialize)]
pub struct Trust<'a> {
    /// Id.
    pub id: &'a str,
    /// Who delegates.
    pub trustor_user: Id<'a>,
    /// Who acts.
    pub trustee_user: Id<'a>,
    /// Whether the trustee appears as the trustor.
    pub impersonation: bool,
}

/// A project.
#[derive(Debug, Serialize)]
pub struct Project<'a> {
    /// Its domain.
    pub domain: Named<'a>,
    /// Id.
    pub id: &'a str,
    /// Name.
    pub name: &'a str,
}

/// A role: mostly id and name, under trusts and federation the whole resource.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Role<'a> {
    /// Id and name.
    Brief(Named<'a>),
    /// As `GET /v3/roles/{id}` shows it, less its links.
    Whole(Value),
}

/// A service and its endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogService {
    /// Enabled endpoints, their URLs filled in.
    pub endpoints: Vec<CatalogEndpoint>,
    /// Id.
    pub id: String,
    /// `identity`, `compute`, ...
    #[serde(rename = "type")]
    pub service_type: Option<String>,
    /// Empty where the service has none.
    pub name: String,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogEndpoint {
    /// Id.
    pub id: String,
    /// `public`, `internal`, `admin`.
    pub interface: String,
    /// Region.
    pub region_id: Option<String>,
    /// Filled in.
    pub url: String,
    /// The same as `region_id`, for older clients.
    pub region: Option<String>,
    /// Attributes without a column of their own, `name` and `description` among them.
    #[serde(flatten)]
    pub extra: serde_json::Map<String, Value>,
}

/// A service provider.
#[derive(Debug, Serialize)]
pub struct ServiceProvider<'a> {
    /// Where to authenticate.
    pub auth_url: &'a str,
    /// Id.
    pub id: &'a str,
    /// Where to send assertions.
    pub sp_url: &'a str,
}

/// An OAuth1 access token.
#[derive(Debug, Serialize)]
pub struct OAuth1<'a> {
    /// Id.
    pub access_token_id: &'a str,
    /// To whom it was given.
    pub consumer_id: &'a str,
}

/// An application credential.
#[derive(Debug, Serialize)]
pub struct ApplicationCredential<'a> {
    /// Id.
    pub id: &'a str,
    /// Name.
    pub name: &'a str,
    /// Whether it is barred from making further delegations.
    pub restricted: bool,
    /// The requests it may be used for; left out where any may.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access_rules: Vec<AccessRule<'a>>,
}

/// One kind of request.
#[derive(Debug, Serialize)]
pub struct AccessRule<'a> {
    /// Id.
    pub id: &'a str,
    /// Service type.
    pub service: Option<&'a str>,
    /// Path pattern.
    pub path: Option<&'a str>,
    /// HTTP method.
    pub method: Option<&'a str>,
}

/// A client certificate.
#[derive(Debug, Serialize)]
pub struct OAuth2Credential<'a> {
    /// Its SHA-256 thumbprint.
    #[serde(rename = "x5t#S256")]
    pub thumbprint: &'a str,
}
