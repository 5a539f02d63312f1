//! The body of a response that shows a token: fetches what stands beside the token's own context, and renders.

use std::sync::Arc;

use bytes::Bytes;
use quick_cache::sync::Cache;

use super::{
    catalog::{self, CatalogSettings, CatalogTables},
    context::TokenContext,
    error::{ContextError, Missing},
    renderer::{self, AdminProject, Surroundings},
    valid::ValidToken,
    wire::{CatalogService, TokenBody},
};
use crate::{
    domain::{
        catalog::{Endpoint, Service, ServiceProvider},
        claims::Grant,
        ids::{ProjectId, UserId},
    },
    store::{
        Store, StoreError,
        catalog::{EndpointFilter, ServiceFilter, endpoints, services},
        endpoint_filter::{any_filter, endpoint_groups_of_project, endpoint_ids_of_project},
        federation::{enabled_service_providers, identity_provider_enabled},
        feed::{Remembered, Topic},
    },
};

/// Options of what tokens show.
#[derive(Debug, Clone)]
pub struct BodySettings {
    /// Options of catalogs.
    pub catalog: CatalogSettings,
    /// The project whose tokens are marked, where one is configured.
    pub admin_project: Option<AdminProject>,
    /// `[fernstone] kept_catalogs`: how many different catalogs are kept as text.
    pub kept_catalogs: usize,
}

impl Default for BodySettings {
    fn default() -> Self {
        Self { catalog: CatalogSettings::default(), admin_project: None, kept_catalogs: 1000 }
    }
}

/// Renders tokens.
#[derive(Clone)]
pub struct TokenBodies {
    store: Store,
    settings: Arc<BodySettings>,
    /// Ends of bodies with catalogs, by themselves.
    texts: Arc<Cache<Bytes, Bytes>>,
    tables: Arc<Remembered<Tables>>,
}

/// What the catalogs of all tokens are made of, and what stands beside them.
struct Tables {
    services: Vec<Service>,
    endpoints: Vec<Endpoint>,
    service_providers: Vec<ServiceProvider>,
    /// Whether any project sees other endpoints than all.
    has_filters: bool,
    /// Whether users see different URLs.
    names_users: bool,
    /// Ends of bodies. Not for projects with filters.
    tails: Cache<TailKey, Bytes>,
}

/// A project and, where that matters, a user.
type TailKey = (Option<ProjectId>, Option<UserId>);

impl Tables {
    /// Who shares the end of a body; `None`: nobody.
    fn tail_key(&self, user_id: &UserId, project_id: Option<&ProjectId>) -> Option<TailKey> {
        (!self.has_filters).then(|| (project_id.cloned(), self.names_users.then(|| user_id.clone())))
    }
}

/// What stands between a body and its catalog, which is its last member.
const CATALOG: &str = ",\"catalog\":";

/// How a body without a catalog ends: the token, and the object around it.
pub(super) const END: &str = "}}";

/// Room for all that stands before the catalog, mostly.
const USUAL_HEAD: usize = 1024;

impl TokenBodies {
    /// Puts the parts together.
    pub fn new(store: Store, settings: BodySettings) -> Self {
        let tables = Arc::new(Remembered::new(store.feed().clone(), [Topic::catalog()]));
        let texts = Arc::new(Cache::new(settings.kept_catalogs));
        Self { store, settings: Arc::new(settings), texts, tables }
    }

    /// How many texts of catalogs are shared now, and at most.
    pub fn shared_catalogs(&self) -> (usize, usize) {
        (self.texts.len(), self.settings.kept_catalogs)
    }

    /// Fetches what the body without its catalog shows beside `context` and hands the body to `use_it`, which serializes it
    /// or looks into it.
    ///
    /// # Errors
    ///
    /// The database cannot be asked, or the identity provider of a federated token is gone.
    pub async fn with_body<T>(
        &self,
        context: &TokenContext,
        use_it: impl FnOnce(TokenBody<'_>) -> T,
    ) -> Result<T, ContextError> {
        let tables = self.tables.get(|| self.read_tables()).await?;
        if let Some(id) =
            context.claims.grant.federation().and_then(|federation| federation.identity_provider_id.as_ref())
            && self.store.run(identity_provider_enabled(id)).await?.is_none()
        {
            return Err(Missing::IdentityProvider(id.clone()).into());
        }
        Ok(use_it(self.body(context, &tables)))
    }

    fn body<'a>(&'a self, context: &'a TokenContext, tables: &'a Tables) -> TokenBody<'a> {
        let surroundings = Surroundings {
            catalog: None,
            service_providers: &tables.service_providers,
            admin_project: self.settings.admin_project.as_ref(),
        };
        renderer::render(context, surroundings)
    }

    /// The body as text, in two pieces. What was made of a token that is kept is made once.
    ///
    /// # Errors
    ///
    /// As [`TokenBodies::with_body`].
    pub async fn text(&self, token: &ValidToken, include_catalog: bool) -> Result<[Bytes; 2], ContextError> {
        const NO_TEXT: ContextError = ContextError::Incomplete("a body without a text");
        let head = match token.head.get() {
            Some(known) => known.clone(),
            None => {
                let (claims, text) = (&token.claims, &token.access.text);
                let head = match text.get() {
                    Some(shared) => shared.head(claims),
                    None if text.is_wanted_again() => self
                        .with_body(token, |body| text.learn(claims, &body))
                        .await?
                        .and_then(|text| text.head(claims)),
                    None => self.with_body(token, |body| head_of(&body)).await?,
                };
                let head = head.ok_or(NO_TEXT)?;
                token.head.get_or_init(|| head).clone()
            }
        };
        let tail = match (include_catalog && !token.is_unscoped(), token.tail.get()) {
            (false, _) => Bytes::from_static(END.as_bytes()),
            (true, Some(known)) => known.clone(),
            (true, None) => {
                let tail = self.tail(token.catalog_user_id(), token.project_id()).await?;
                token.tail.get_or_init(|| tail).clone()
            }
        };
        Ok([head, tail])
    }

    /// The body of a new token for a project as text, where nothing has to be read for it.
    pub fn text_at_once(&self, context: &TokenContext, include_catalog: bool) -> Option<[Bytes; 2]> {
        let Grant::Project(project_id) = &context.claims.grant else { return None };
        let text = &context.access.text;
        let shared = match text.get() {
            Some(shared) => shared,
            None => text.learn(&context.claims, &self.body(context, &*self.tables.known()?))?,
        };
        let tail = match (include_catalog, shared.tail.get()) {
            (false, _) => Bytes::from_static(END.as_bytes()),
            (true, Some(known)) => known.clone(),
            (true, None) => {
                let tables = self.tables.known()?;
                let tail = tables.tails.get(&tables.tail_key(context.catalog_user_id(), Some(project_id))?)?;
                shared.tail.get_or_init(|| tail).clone()
            }
        };
        Some([shared.head(&context.claims)?, tail])
    }

    /// How the body ends for a user with this scope. A project's tokens share it.
    async fn tail(&self, user_id: &UserId, project_id: Option<&ProjectId>) -> Result<Bytes, ContextError> {
        let tables = self.tables.get(|| self.read_tables()).await?;
        let key = tables.tail_key(user_id, project_id);
        if let Some(known) = key.as_ref().and_then(|key| tables.tails.get(key)) {
            return Ok(known);
        }
        let tail = tail_with(&self.catalog_from(&tables, user_id, project_id).await?)?;
        // Many projects have the same catalog: its text is kept once.
        let shared = self.texts.get_or_insert_with(&tail, || Ok::<_, ContextError>(tail.clone()))?;
        if let Some(key) = key {
            tables.tails.insert(key, shared.clone());
        }
        Ok(shared)
    }

    /// The catalog for a user with this scope.
    pub async fn catalog(
        &self,
        user_id: &UserId,
        project_id: Option<&ProjectId>,
    ) -> Result<Vec<CatalogService>, StoreError> {
        let tables = self.tables.get(|| self.read_tables()).await?;
        self.catalog_from(&tables, user_id, project_id).await
    }

    async fn catalog_from(
        &self,
        tables: &Tables,
        user_id: &UserId,
        project_id: Option<&ProjectId>,
    ) -> Result<Vec<CatalogService>, StoreError> {
        let (project_endpoint_ids, project_endpoint_groups) = match project_id {
            Some(id) if tables.has_filters => {
                self.store.run_batch((endpoint_ids_of_project(id), endpoint_groups_of_project(id))).await?
            }
            _ => Default::default(),
        };
        let Tables { services, endpoints, .. } = tables;
        let tables = CatalogTables {
            services: services.clone(),
            endpoints: endpoints.clone(),
            project_endpoint_ids,
            project_endpoint_groups,
        };
        Ok(catalog::build(&tables, &self.settings.catalog, user_id, project_id))
    }

    async fn read_tables(&self) -> Result<Tables, StoreError> {
        let batch = (
            services(&ServiceFilter::default()),
            endpoints(&EndpointFilter::default()),
            enabled_service_providers(),
            any_filter(),
        );
        let (services, endpoints, service_providers, has_filters) = self.store.run_batch(batch).await?;
        let names_users = endpoints.iter().any(|endpoint| endpoint.url.contains("(user_id)"));
        let tails = Cache::new(self.settings.kept_catalogs);
        Ok(Tables { services, endpoints, service_providers, has_filters, names_users, tails })
    }
}

/// What a body is up to where the catalog would come.
fn head_of(body: &TokenBody<'_>) -> Option<Bytes> {
    let mut text = Vec::with_capacity(USUAL_HEAD);
    serde_json::to_writer(&mut text, body).ok()?;
    text.truncate(text.strip_suffix(END.as_bytes())?.len());
    // No longer than it is: it may be kept.
    Some(text.into_boxed_slice().into())
}

fn tail_with(catalog: &[CatalogService]) -> Result<Bytes, ContextError> {
    let mut text = CATALOG.as_bytes().to_vec();
    serde_json::to_writer(&mut text, catalog).map_err(|_| ContextError::Incomplete("a catalog that is no JSON"))?;
    text.extend_from_slice(END.as_bytes());
    Ok(text.into())
}
