//! Who lives in the Keystone that `dev` serves: an admin, a demo user and a service user, each with a project.

use serde::{Deserialize, Serialize};

use super::{super::CommandError, place::Place};
use crate::{
    app::Environment,
    bootstrap::{BootstrapRequest, Bootstrapped, Maker, UserRules, bootstrap},
    domain::{
        assignment::{Actor, Assignment, Target},
        ids::{DomainId, RoleId},
        secret::SecretText,
    },
    store::{Store, assignment, catalog, identity},
};

/// Name of the admin and of the admin's project.
pub(super) const ADMIN: &str = "admin";
/// Name of the demo user and of its project.
pub(super) const DEMO: &str = "demo";
/// Name of the user that a service logs in as to validate tokens, and of its project.
pub(super) const SERVICE: &str = "service";
/// Where the endpoints are.
pub(super) const REGION: &str = "RegionOne";

const DEFAULT_DOMAIN_ID: &str = "default";

/// What was made, as the data directory remembers it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct World {
    /// The URL that the catalog names.
    pub(super) url: String,
    /// The password that every user was made with.
    pub(super) password: String,
}

/// Makes the world, or brings it up to date.
pub(super) struct Builder<'b> {
    pub(super) store: &'b Store,
    pub(super) rules: &'b UserRules,
    pub(super) environment: Environment,
}

impl Builder<'_> {
    /// Makes everything. Repeating this after an interruption finishes the work.
    pub(super) async fn make(&self, place: &Place, url: &str, password: &str) -> Result<World, CommandError> {
        let Environment { clock, random } = &self.environment;
        let domain_id: DomainId = DEFAULT_DOMAIN_ID.into();
        let request = BootstrapRequest {
            public_url: Some(url.to_owned()),
            internal_url: Some(url.to_owned()),
            admin_url: Some(url.to_owned()),
            region_id: Some(REGION.to_owned()),
            ..BootstrapRequest::new(SecretText::new(password))
        };
        let made = bootstrap(self.store, self.rules, &**clock, random, &domain_id, &request).await?;
        let Bootstrapped { member_role_id, service_role_id, .. } = made;
        self.make_user(&domain_id, DEMO, password, &member_role_id).await?;
        self.make_user(&domain_id, SERVICE, password, &service_role_id).await?;
        let world = World { url: url.to_owned(), password: password.to_owned() };
        place.remember(&world)?;
        Ok(world)
    }

    /// A user with a project of the same name and one role on it.
    async fn make_user(
        &self,
        domain_id: &DomainId,
        name: &str,
        password: &str,
        role_id: &RoleId,
    ) -> Result<(), CommandError> {
        let Environment { clock, random } = &self.environment;
        let maker = Maker { rules: self.rules, random, now: clock.now() };
        let found = self.store.run(identity::login_by_name(name, domain_id)).await?;
        let change = maker.plan_admin(found, &SecretText::new(password)).await?;
        let mut transaction = self.store.begin().await?;
        let project_id = maker.ensure_project(&mut transaction, domain_id, name, "").await?;
        let user_id = maker.apply(&mut transaction, domain_id, name, change).await?;
        let grant = Assignment {
            actor: Actor::User(user_id),
            target: Target::Project(project_id),
            role_id: role_id.clone(),
            inherited: false,
        };
        assignment::grant(&mut transaction, &grant).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Leaves everything as it is, except that the identity endpoints follow the server to another port.
    pub(super) async fn move_to(&self, mut world: World, place: &Place, url: &str) -> Result<World, CommandError> {
        if world.url == url {
            return Ok(world);
        }
        let endpoints = self.store.run(catalog::endpoints(&catalog::EndpointFilter::default())).await?;
        let mut transaction = self.store.begin().await?;
        for endpoint in endpoints.iter().filter(|endpoint| endpoint.url == world.url) {
            catalog::set_endpoint_url(&mut transaction, &endpoint.id, url).await?;
        }
        transaction.commit().await?;
        world.url = url.to_owned();
        place.remember(&world)?;
        Ok(world)
    }
}
