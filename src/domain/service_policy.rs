//! Policies that Keystone keeps for other services (`/v3/policies`), and which endpoints they are for.
//!
//! Not the policy that decides who may do what here: see [`crate::policy`].

use serde_json::{Map, Value};

/// A row of `policy`.
#[derive(Debug, Clone, PartialEq)]
pub struct ServicePolicy {
    /// Id.
    pub id: String,
    /// What kind of document it is: a MIME type, by custom.
    pub policy_type: String,
    /// The document: text, in all policies that were made over the API.
    pub blob: Value,
    /// The `extra` column.
    pub extra: Map<String, Value>,
}

/// What a policy can be for (OS-ENDPOINT-POLICY).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicySubject<'s> {
    /// One endpoint.
    Endpoint(&'s str),
    /// All endpoints of a service.
    Service(&'s str),
    /// The endpoints of a service in a region and in the regions below it.
    ServiceInRegion {
        /// The service.
        service_id: &'s str,
        /// The region.
        region_id: &'s str,
    },
}

/// A row of `policy_association`: each column that is null says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyAssociation {
    /// The policy.
    pub policy_id: String,
    /// The endpoint it is for.
    pub endpoint_id: Option<String>,
    /// The service it is for.
    pub service_id: Option<String>,
    /// The region it is for, with a service.
    pub region_id: Option<String>,
}
