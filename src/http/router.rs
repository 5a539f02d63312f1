//! The URL table, on one page.

use axum::{
    Extension, Router,
    handler::Handler,
    response::Response,
    routing::{MethodRouter, delete, get, post},
};
use hyper::Method;

use super::{
    json_home::{Routes, ext, rel, unlisted},
    pages, resource,
    state::HttpState,
    v3::{
        auth, discovery, domains, endpoints::Endpoints, groups, os_revoke, projects, regions::Regions, role_inferences,
        roles, services::Services, users,
    },
};

/// Every URL there is, with the relation by which JSON home lists it (or `json_home::unlisted()`). HEAD goes wherever GET
/// goes; OPTIONS is answered for all.
pub(super) fn routes(state: HttpState) -> Router {
    let (router, json_home) = api().finish();
    router
        .route("/", document(discovery::versions).layer(Extension(json_home.clone())))
        .route("/v3", document(discovery::v3).layer(Extension(json_home)))
        .method_not_allowed_fallback(async |method: Method| other_method(&method, pages::method_not_allowed))
        .fallback(async || pages::not_found())
        .with_state(state)
}

#[rustfmt::skip] // A table.
fn api() -> Routes {
    Routes::new()
        .route("/v3/auth/tokens", rel("auth_tokens"), post(auth::tokens::issue).get(auth::tokens::validate).delete(auth::tokens::revoke))
        .route("/v3/auth/tokens/OS-PKI/revoked", ext("OS-PKI", "revocations"), get(auth::tokens::revocation_list))
        .route("/v3/auth/catalog", rel("auth_catalog"), get(auth::catalog::catalog))
        .route("/v3/auth/projects", rel("auth_projects").also(ext("OS-FEDERATION", "projects")), get(auth::projects::projects))
        .route("/v3/auth/domains", rel("auth_domains").also(ext("OS-FEDERATION", "domains")), get(auth::domains::domains))
        .route("/v3/auth/system", rel("auth_system"), get(auth::system::system))
        .route("/v3/users", rel("users"), get(users::list).post(users::create))
        .route("/v3/users/{user_id}", rel("user"), get(users::show).patch(users::update).delete(users::delete))
        .route("/v3/users/{user_id}/password", rel("user_change_password"), post(users::change_password))
        .route("/v3/users/{user_id}/groups", rel("user_groups"), get(users::groups))
        .route("/v3/users/{user_id}/projects", rel("user_projects"), get(users::projects))
        .route("/v3/users/{user_id}/tokens", rel("user_tokens"), delete(users::revoke_tokens))
        .route("/v3/groups", rel("groups"), get(groups::list).post(groups::create))
        .route("/v3/groups/{group_id}", rel("group"), get(groups::show).patch(groups::update).delete(groups::delete))
        .route("/v3/groups/{group_id}/users", rel("group_users"), get(groups::users))
        .route("/v3/groups/{group_id}/users/{user_id}", rel("group_user"), get(groups::check).put(groups::add).delete(groups::remove))
        .route("/v3/roles", rel("roles"), get(roles::list).post(roles::create))
        .route("/v3/roles/{role_id}", rel("role"), get(roles::show).patch(roles::update).delete(roles::delete))
        .route("/v3/roles/{prior_role_id}/implies", rel("implied_roles"), get(roles::list_implied))
        .route("/v3/roles/{prior_role_id}/implies/{implied_role_id}", rel("implied_role"), get(roles::show_implied).head(roles::check_implied).put(roles::create_implied).delete(roles::delete_implied))
        .route("/v3/role_inferences", rel("role_inferences"), get(role_inferences::list))
        .route("/v3/domains", rel("domains"), get(domains::list).post(domains::create))
        .route("/v3/domains/{domain_id}", rel("domain"), get(domains::show).patch(domains::update).delete(domains::delete))
        .route("/v3/domains/{domain_id}/config", rel("domain_config"), domains::config::route().put(domains::config::replace))
        .route("/v3/domains/{domain_id}/config/{group}", rel("domain_config_group"), domains::config::route())
        .route("/v3/domains/{domain_id}/config/{group}/{option}", rel("domain_config_option"), domains::config::route())
        .route("/v3/domains/config/default", rel("domain_config_default"), get(domains::config::defaults))
        .route("/v3/domains/config/{group}/default", rel("domain_config_default_group"), get(domains::config::default_group))
        .route("/v3/domains/config/{group}/{option}/default", rel("domain_config_default_option"), get(domains::config::default_option))
        .route("/v3/projects", rel("projects"), get(projects::list).post(projects::create))
        .route("/v3/projects/{project_id}", rel("project"), get(projects::show).patch(projects::update).delete(projects::delete))
        .route("/v3/projects/{project_id}/tags", unlisted(), get(projects::list_tags).put(projects::replace_tags).delete(projects::delete_tags))
        .route("/v3/projects/{project_id}/tags/{value}", rel("project_tags"), get(projects::check_tag).put(projects::add_tag).delete(projects::delete_tag))
        .route("/v3/services", rel("services"), resource::collection::<Services>())
        .route("/v3/services/{service_id}", rel("service"), resource::member::<Services>())
        .route("/v3/endpoints", rel("endpoints"), get(resource::list::<Endpoints>))
        .route("/v3/endpoints/{endpoint_id}", rel("endpoint"), get(resource::show::<Endpoints>))
        .route("/v3/regions", rel("regions"), get(resource::list::<Regions>))
        .route("/v3/regions/{region_id}", rel("region"), get(resource::show::<Regions>))
        .route("/v3/OS-REVOKE/events", ext("OS-REVOKE", "events"), get(os_revoke::events))
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
