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
        catalog::ServiceProvider,
        ids::{ProjectId, UserId},
    },
    store::{
        Store, StoreError,
        catalog::{EndpointFilter, ServiceFilter, endpoints, services},
        endpoint_filter::{endpoint_groups_of_project, endpoint_ids_of_project},
        federation::{enabled_service_providers, identity_provider_enabled},
    },
};

/// Options of what tokens show.
#[derive(Debug, Clone, Default)]
pub struct BodySettings {
    /// Options of catalogs.
    pub catalog: CatalogSettings,
    /// The project whose tokens are marked, where one is configured.
    pub admin_project: Option<AdminProject>,
}

/// Renders tokens.
#[derive(Clone)]
pub struct TokenBodies {
    store: Store,
    settings: Arc<BodySettings>,
    /// Ends of bodies with catalogs, by themselves.
    texts: Arc<Cache<Bytes, Bytes>>,
}

/// What stands between a body and its catalog, which is its last member.
const CATALOG: &str = ",\"catalog\":";

/// How a body ends: the token, and the object around it.
const END: &str = "}}";

/// So many different catalogs are shared.
const MOST_CATALOGS: usize = 1000;

impl TokenBodies {
    /// Puts the parts together.
    pub fn new(store: Store, settings: BodySettings) -> Self {
        Self { store, settings: Arc::new(settings), texts: Arc::new(Cache::new(MOST_CATALOGS)) }
    }

    /// How many texts of catalogs are shared now, and at most.
    pub fn shared_catalogs(&self) -> (usize, usize) {
        (self.texts.len(), MOST_CATALOGS)
    }

    /// Fetches what the body shows beside `context` and hands the body to `use_it`, which serializes it or looks into it.
    ///
    /// # Errors
    ///
    /// The database cannot be asked, or the identity provider of a federated token is gone.
    pub async fn with_body<T>(
        &self,
        context: &TokenContext,
        include_catalog: bool,
        use_it: impl FnOnce(TokenBody<'_>) -> T,
    ) -> Result<T, ContextError> {
        let catalog = if include_catalog && !context.is_unscoped() {
            Some(self.catalog(context.catalog_user_id(), context.project_id()).await?)
        } else {
            None
        };
        let service_providers: Vec<ServiceProvider> = self.store.run(enabled_service_providers()).await?;
        if let Some(id) =
            context.claims.grant.federation().and_then(|federation| federation.identity_provider_id.as_ref())
            && self.store.run(identity_provider_enabled(id)).await?.is_none()
        {
            return Err(Missing::IdentityProvider(id.clone()).into());
        }
        let surroundings = Surroundings {
            catalog: catalog.as_deref(),
            service_providers: &service_providers,
            admin_project: self.settings.admin_project.as_ref(),
        };
        Ok(use_it(renderer::render(context, surroundings)))
    }

    /// The body as text, in two pieces. What was made of a token that is kept is made once.
    ///
    /// # Errors
    ///
    /// As [`TokenBodies::with_body`].
    pub async fn text(&self, token: &ValidToken, include_catalog: bool) -> Result<[Bytes; 2], ContextError> {
        if token.head.get().is_none() {
            let text = self.with_body(token, false, |body| serde_json::to_vec(&body)).await?;
            let mut head = text.map_err(|_| ContextError::Incomplete("a body that is no JSON"))?;
            head.truncate(head.len().saturating_sub(END.len()));
            token.head.get_or_init(|| head.into());
        }
        if include_catalog && token.tail.get().is_none() && !token.is_unscoped() {
            let catalog = self.catalog(token.catalog_user_id(), token.project_id()).await?;
            let tail = tail_with(&catalog)?;
            // Many tokens show the same catalog: its text is kept once.
            let shared = self.texts.get_or_insert_with(&tail, || Ok::<_, ContextError>(tail.clone()))?;
            token.tail.get_or_init(|| shared);
        }
        known_text(token, include_catalog).ok_or(ContextError::Incomplete("a body without a text"))
    }

    /// The catalog for a user with this scope.
    pub async fn catalog(
        &self,
        user_id: &UserId,
        project_id: Option<&ProjectId>,
    ) -> Result<Vec<CatalogService>, StoreError> {
        let (services, endpoints) =
            self.store.run_batch((services(&ServiceFilter::default()), endpoints(&EndpointFilter::default()))).await?;
        let (project_endpoint_ids, project_endpoint_groups) = match project_id {
            Some(id) => self.store.run_batch((endpoint_ids_of_project(id), endpoint_groups_of_project(id))).await?,
            None => Default::default(),
        };
        let tables = CatalogTables { services, endpoints, project_endpoint_ids, project_endpoint_groups };
        Ok(catalog::build(&tables, &self.settings.catalog, user_id, project_id))
    }
}

/// The body of a token as text, if it was made before.
pub fn known_text(token: &ValidToken, include_catalog: bool) -> Option<[Bytes; 2]> {
    let tail = match include_catalog && !token.is_unscoped() {
        true => token.tail.get()?.clone(),
        false => Bytes::from_static(END.as_bytes()),
    };
    Some([token.head.get()?.clone(), tail])
}

fn tail_with(catalog: &[CatalogService]) -> Result<Bytes, ContextError> {
    let mut text = CATALOG.as_bytes().to_vec();
    serde_json::to_writer(&mut text, catalog).map_err(|_| ContextError::Incomplete("a catalog that is no JSON"))?;
    text.extend_from_slice(END.as_bytes());
    Ok(text.into())
}
