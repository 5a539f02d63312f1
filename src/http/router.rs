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
        auth, discovery, domains,
        endpoints::{self, Endpoints},
        grants, groups, limits,
        os_endpoint_policy::{self, OfEndpoint, OfService, OfServiceInRegion},
        os_ep_filter::{self, EndpointGroups},
        os_revoke, policies, projects,
        regions::{self, Regions},
        registered_limits, role_assignments, role_inferences, roles,
        services::Services,
        users,
    },
};

/// Every URL there is, with the relation by which JSON home lists it (or `json_home::unlisted()`). HEAD goes wherever GET
/// goes; OPTIONS is answered for all. Beside the router, the patterns of all URLs that it knows.
pub(super) fn routes(state: HttpState) -> (Router, Vec<&'static str>) {
    let (router, json_home, mut patterns) = api().finish();
    patterns.extend(["/", "/v3"]);
    let router = router
        .route("/", document(discovery::versions).layer(Extension(json_home.clone())))
        .route("/v3", document(discovery::v3).layer(Extension(json_home)))
        .method_not_allowed_fallback(async |method: Method| other_method(&method, pages::method_not_allowed))
        .fallback(async || pages::not_found())
        .with_state(state);
    (router, patterns)
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
        .route("/v3/users/{user_id}/password", rel("user_change_password"), post(users::change_password).get(users::read_password))
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
        .route("/v3/endpoints", rel("endpoints"), resource::collection::<Endpoints>())
        .route("/v3/endpoints/{endpoint_id}", rel("endpoint"), resource::member::<Endpoints>())
        .route("/v3/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy", ext("OS-ENDPOINT-POLICY", "endpoint_policy"), get(endpoints::policy))
        .route("/v3/regions", rel("regions"), resource::collection::<Regions>())
        .route("/v3/regions/{region_id}", rel("region"), resource::member::<Regions>().put(regions::put))
        .route("/v3/policies", rel("policies"), policies::collection())
        .route("/v3/policies/{policy_id}", rel("policy"), policies::member())
        .route("/v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints", ext("OS-ENDPOINT-POLICY", "policy_endpoints"), get(os_endpoint_policy::endpoints))
        .route("/v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}", ext("OS-ENDPOINT-POLICY", "endpoint_policy_association"), os_endpoint_policy::routes::<OfEndpoint>())
        .route("/v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}", ext("OS-ENDPOINT-POLICY", "service_policy_association"), os_endpoint_policy::routes::<OfService>())
        .route("/v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}", ext("OS-ENDPOINT-POLICY", "region_and_service_policy_association"), os_endpoint_policy::routes::<OfServiceInRegion>())
        .route("/v3/OS-EP-FILTER/endpoint_groups", ext("OS-EP-FILTER", "endpoint_groups"), os_ep_filter::groups())
        .route("/v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}", ext("OS-EP-FILTER", "endpoint_group"), resource::member::<EndpointGroups>())
        .route("/v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/endpoints", ext("OS-EP-FILTER", "endpoints_in_endpoint_group"), get(os_ep_filter::endpoints_of_group))
        .route("/v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects", ext("OS-EP-FILTER", "projects_associated_with_endpoint_group"), get(os_ep_filter::projects_of_group))
        .route("/v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}", ext("OS-EP-FILTER", "endpoint_group_to_project_association"), get(os_ep_filter::check_group).put(os_ep_filter::add_group).delete(os_ep_filter::remove_group))
        .route("/v3/OS-EP-FILTER/endpoints/{endpoint_id}/projects", ext("OS-EP-FILTER", "endpoint_projects"), get(os_ep_filter::projects_of_endpoint))
        .route("/v3/OS-EP-FILTER/projects/{project_id}/endpoint_groups", ext("OS-EP-FILTER", "project_endpoint_groups"), get(os_ep_filter::groups_of_project))
        .route("/v3/OS-EP-FILTER/projects/{project_id}/endpoints", ext("OS-EP-FILTER", "project_endpoints"), get(os_ep_filter::endpoints_of_project))
        .route("/v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}", ext("OS-EP-FILTER", "project_endpoint"), get(os_ep_filter::check_endpoint).put(os_ep_filter::add_endpoint).delete(os_ep_filter::remove_endpoint))
        .route("/v3/registered_limits", rel("registered_limits").experimental(), registered_limits::collection())
        .route("/v3/registered_limits/{registered_limit_id}", rel("registered_limit").experimental(), registered_limits::member())
        .route("/v3/limits", rel("limits").experimental(), limits::collection())
        .route("/v3/limits/model", rel("limit_model").experimental(), limits::model())
        .route("/v3/limits/{limit_id}", rel("limit").experimental(), limits::member())
        .route("/v3/projects/{project_id}/users/{user_id}/roles", rel("project_user_roles"), get(grants::list))
        .route("/v3/projects/{project_id}/users/{user_id}/roles/{role_id}", rel("project_user_role"), grant())
        .route("/v3/projects/{project_id}/groups/{group_id}/roles", rel("project_group_roles"), get(grants::list))
        .route("/v3/projects/{project_id}/groups/{group_id}/roles/{role_id}", rel("project_group_role"), grant())
        .route("/v3/domains/{domain_id}/users/{user_id}/roles", rel("domain_user_roles"), get(grants::list))
        .route("/v3/domains/{domain_id}/users/{user_id}/roles/{role_id}", rel("domain_user_role"), grant())
        .route("/v3/domains/{domain_id}/groups/{group_id}/roles", rel("domain_group_roles"), get(grants::list))
        .route("/v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}", rel("domain_group_role"), grant())
        .route("/v3/system/users/{user_id}/roles", rel("system_user_roles"), get(grants::list))
        .route("/v3/system/users/{user_id}/roles/{role_id}", rel("system_user_role"), grant())
        .route("/v3/system/groups/{group_id}/roles", rel("system_group_roles"), get(grants::list))
        .route("/v3/system/groups/{group_id}/roles/{role_id}", rel("system_group_role"), grant())
        .route("/v3/OS-INHERIT/projects/{project_id}/users/{user_id}/roles/{role_id}/inherited_to_projects", ext("OS-INHERIT", "project_user_role_inherited_to_projects"), grant())
        .route("/v3/OS-INHERIT/projects/{project_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects", ext("OS-INHERIT", "project_group_role_inherited_to_projects"), grant())
        .route("/v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/inherited_to_projects", ext("OS-INHERIT", "domain_user_roles_inherited_to_projects"), get(grants::list))
        .route("/v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects", ext("OS-INHERIT", "domain_user_role_inherited_to_projects"), grant())
        .route("/v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/inherited_to_projects", ext("OS-INHERIT", "domain_group_roles_inherited_to_projects"), get(grants::list))
        .route("/v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects", ext("OS-INHERIT", "domain_group_role_inherited_to_projects"), grant())
        .route("/v3/role_assignments", rel("role_assignments"), get(role_assignments::list))
        .route("/v3/OS-REVOKE/events", ext("OS-REVOKE", "events"), get(os_revoke::events))
}

/// One grant.
fn grant() -> MethodRouter<HttpState> {
    get(grants::check).put(grants::create).delete(grants::revoke)
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
