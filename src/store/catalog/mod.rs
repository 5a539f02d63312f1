//! Regions, services and their endpoints. Facts: Keystone `catalog/backends/sql.py`.

mod endpoint;
mod region;
mod service;

pub use self::{
    endpoint::{
        EndpointFilter, create_endpoint, delete_endpoint, delete_endpoints_of_service, endpoint, endpoints,
        lock_endpoint, set_endpoint_url, update_endpoint,
    },
    region::{
        create_region, delete_region_tree, endpoints_at_or_below, region, regions, regions_above, regions_at_or_below,
        update_region,
    },
    service::{ServiceFilter, create_service, delete_service, lock_service, service, services, update_service},
};
