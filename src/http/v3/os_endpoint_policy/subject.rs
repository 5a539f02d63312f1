//! What a policy can be for, as the path says it: the rules about each, and what must exist.

use std::future::Future;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    domain::service_policy::PolicySubject,
    http::{
        caller::Question,
        error::ApiError,
        resource::Readable,
        state::HttpState,
        v3::{endpoints::Endpoints, policies::Policies, regions::Regions, services::Services},
    },
};

/// A path below `/v3/policies/{policy_id}/OS-ENDPOINT-POLICY`.
pub(in crate::http) trait Subject: DeserializeOwned + Send + Sync + 'static {
    /// The rule of GET.
    const CHECK: &'static str;

    /// The rule of PUT.
    const CREATE: &'static str;

    /// The rule of DELETE.
    const DELETE: &'static str;

    /// The policy in the path.
    fn policy_id(&self) -> &str;

    /// What it is for.
    fn subject(&self) -> PolicySubject<'_>;

    /// The parameters of the path, by the names that rules know them by.
    fn in_path<'q>(&self, question: Question<'q>) -> Question<'q>;

    /// Whether all that the path names is there.
    ///
    /// # Errors
    ///
    /// 404 for the first that is not.
    fn require(&self, state: &HttpState) -> impl Future<Output = Result<(), ApiError>> + Send;
}

/// `/endpoints/{endpoint_id}`.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct OfEndpoint {
    policy_id: String,
    endpoint_id: String,
}

impl Subject for OfEndpoint {
    const CHECK: &'static str = "identity:check_policy_association_for_endpoint";
    const CREATE: &'static str = "identity:create_policy_association_for_endpoint";
    const DELETE: &'static str = "identity:delete_policy_association_for_endpoint";

    fn policy_id(&self) -> &str {
        &self.policy_id
    }

    fn subject(&self) -> PolicySubject<'_> {
        PolicySubject::Endpoint(&self.endpoint_id)
    }

    fn in_path<'q>(&self, question: Question<'q>) -> Question<'q> {
        question.path("policy_id", &self.policy_id).path("endpoint_id", &self.endpoint_id)
    }

    async fn require(&self, state: &HttpState) -> Result<(), ApiError> {
        require::<Policies>(state, &self.policy_id).await?;
        require::<Endpoints>(state, &self.endpoint_id).await
    }
}

/// `/services/{service_id}`.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct OfService {
    policy_id: String,
    service_id: String,
}

impl Subject for OfService {
    const CHECK: &'static str = "identity:check_policy_association_for_service";
    const CREATE: &'static str = "identity:create_policy_association_for_service";
    const DELETE: &'static str = "identity:delete_policy_association_for_service";

    fn policy_id(&self) -> &str {
        &self.policy_id
    }

    fn subject(&self) -> PolicySubject<'_> {
        PolicySubject::Service(&self.service_id)
    }

    fn in_path<'q>(&self, question: Question<'q>) -> Question<'q> {
        question.path("policy_id", &self.policy_id).path("service_id", &self.service_id)
    }

    async fn require(&self, state: &HttpState) -> Result<(), ApiError> {
        require::<Policies>(state, &self.policy_id).await?;
        require::<Services>(state, &self.service_id).await
    }
}

/// `/services/{service_id}/regions/{region_id}`.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct OfServiceInRegion {
    policy_id: String,
    service_id: String,
    region_id: String,
}

impl Subject for OfServiceInRegion {
    const CHECK: &'static str = "identity:check_policy_association_for_region_and_service";
    const CREATE: &'static str = "identity:create_policy_association_for_region_and_service";
    const DELETE: &'static str = "identity:delete_policy_association_for_region_and_service";

    fn policy_id(&self) -> &str {
        &self.policy_id
    }

    fn subject(&self) -> PolicySubject<'_> {
        PolicySubject::ServiceInRegion { service_id: &self.service_id, region_id: &self.region_id }
    }

    fn in_path<'q>(&self, question: Question<'q>) -> Question<'q> {
        let question = question.path("policy_id", &self.policy_id);
        question.path("service_id", &self.service_id).path("region_id", &self.region_id)
    }

    async fn require(&self, state: &HttpState) -> Result<(), ApiError> {
        require::<Policies>(state, &self.policy_id).await?;
        require::<Services>(state, &self.service_id).await?;
        require::<Regions>(state, &self.region_id).await
    }
}

async fn require<R: Readable>(state: &HttpState, id: &str) -> Result<(), ApiError> {
    state.store.run(R::one(id)).await?.map(drop).ok_or_else(|| R::absent(id))
}
