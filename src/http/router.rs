//! The URL table, on one page.

use axum::{
    Router,
    handler::Handler,
    response::Response,
    routing::{MethodRouter, get},
};
use hyper::Method;

use super::{pages, state::HttpState, v3};

/// Every URL there is. HEAD goes wherever GET goes; OPTIONS is answered for all.
pub(super) fn routes(state: HttpState) -> Router {
    Router::new()
        .route("/", document(v3::discovery::versions))
        .route("/v3", document(v3::discovery::v3))
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
