//! The URL table, on one page.

use axum::{
    Router,
    handler::Handler,
    response::Response,
    routing::{MethodRouter, get, post},
};
use hyper::Method;

use super::{
    pages, resource,
    state::HttpState,
    v3::{auth, discovery, endpoints::Endpoints, os_revoke, projects, regions::Regions, services::Services, users},
};

/// Every URL there is. HEAD goes wherever GET goes; OPTIONS is answered for all.
pub(super) fn routes(state: HttpState) -> Router {
    Router::new()
        .route("/", document(discovery::versions))
        .route("/v3", document(discovery::v3))
        .route("/v3/auth/tokens", post(auth::tokens::issue).get(auth::tokens::validate).delete(auth::tokens::revoke))
        .route("/v3/auth/tokens/OS-PKI/revoked", get(auth::tokens::revocation_list))
        .route("/v3/auth/catalog", get(auth::catalog::catalog))
        .route("/v3/auth/projects", get(auth::projects::projects))
        .route("/v3/auth/domains", get(auth::domains::domains))
        .route("/v3/auth/system", get(auth::system::system))
        .route("/v3/users/{user_id}/projects", get(users::projects))
        .route("/v3/projects", get(projects::list))
        .route("/v3/projects/{project_id}", get(projects::show))
        .route("/v3/services", resource::collection::<Services>())
        .route("/v3/services/{service_id}", resource::member::<Services>())
        .route("/v3/endpoints", get(resource::list::<Endpoints>))
        .route("/v3/endpoints/{endpoint_id}", get(resource::show::<Endpoints>))
        .route("/v3/regions", get(resource::list::<Regions>))
        .route("/v3/regions/{region_id}", get(resource::show::<Regions>))
        .route("/v3/OS-REVOKE/events", get(os_revoke::events))
        .method_not_allowed_fallback(async |method: Method| other_method(&method, pages::method_not_allowed))
        .fallback(async || pages::not_found())
        .with_state(state)
}

/// A version document: not an API resource, so its 405 is a page.
fn document<H, T>(handler: H) -> MethodRouter<HttpState>
where
    H: Handler<T, HttpState>,
    T: 'static,
{
    get(handler).fallback(async |method: Method| other_method(&method, pages::method_not_allowed_html))
}

fn other_method(method: &Method, refusal: fn() -> Response) -> Response {
    if method == Method::OPTIONS { pages::options() } else { refusal() }
}
