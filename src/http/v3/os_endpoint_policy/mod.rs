//! OS-ENDPOINT-POLICY: which policy is for which endpoints (`keystone/api/policy.py`, `endpoint_policy/core.py`).
//!
//! A policy is for an endpoint, for a service, or for a service in a region and in the regions below it. The closest
//! counts. Associations outlive what they associate, and then lead nowhere: that is Keystone's way.

mod association;
mod endpoints;
mod subject;

pub(in crate::http) use self::{
    association::routes,
    endpoints::endpoints,
    subject::{OfEndpoint, OfService, OfServiceInRegion},
};
