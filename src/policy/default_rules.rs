//! Keystone 30's default rules, in its order.
//!
//! Names and rules are interfaces: an operator's file refers to both. What each is for is said in Keystone's own
//! documentation.

use super::defaults::{DefaultRule, ScopeType};

/// The rules that apply where no file says otherwise.
pub fn default_rules() -> &'static [DefaultRule] {
    &DEFAULT_RULES
}

const ALL: &[ScopeType] = &[ScopeType::System, ScopeType::Domain, ScopeType::Project];
const SYSTEM_PROJECT: &[ScopeType] = &[ScopeType::System, ScopeType::Project];
const PROJECT: &[ScopeType] = &[ScopeType::Project];
const NONE: &[ScopeType] = &[];

const ADMIN: &str = "rule:admin_required";
const ADMIN_OR_READER: &str = "rule:admin_required or (role:reader and system_scope:all)";
const ANYONE: &str = "";
const ADMIN_OR_OWNER: &str = "rule:admin_or_owner";
const SERVICE_OR_ADMIN: &str = "rule:service_or_admin";
const PROJECT_MANAGER: &str = "(rule:admin_required) or (role:manager and domain_id:%(target.project.domain_id)s and not \
     None:%(target.project.domain_id)s)";
const PROJECT_READER: &str = "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and \
     domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s) or \
     project_id:%(target.project.id)s";
const GROUP_MANAGER: &str = "(rule:admin_required) or (role:manager and domain_id:%(target.group.domain_id)s)";
const GROUP_READER: &str = "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and \
     domain_id:%(target.group.domain_id)s)";
const USER_MANAGER: &str = "(rule:admin_required) or (role:manager and token.domain.id:%(target.user.domain_id)s)";
const CREDENTIAL_READER: &str =
    "(rule:admin_required) or (role:reader and system_scope:all) or user_id:%(target.credential.user_id)s";
const CREDENTIAL_OWNER: &str = "(rule:admin_required) or user_id:%(target.credential.user_id)s";
const TRUST_PARTY: &str = "user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s";
const TRUST_READER: &str = "(rule:admin_required) or (role:reader and system_scope:all or user_id:%(target.trust.trustor_user_id)s or \
     user_id:%(target.trust.trustee_user_id)s)";
const MEMBER_WITH_CREDENTIAL: &str = "(rule:admin_required) or (role:member and user_id:%(target.credential.user_id)s)";
const GRANT_MANAGER: &str = "(rule:admin_required) or ((role:admin and domain_id:%(target.user.domain_id)s and \
     domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.user.domain_id)s and \
     domain_id:%(target.domain.id)s) or (role:admin and domain_id:%(target.group.domain_id)s and \
     domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.group.domain_id)s and \
     domain_id:%(target.domain.id)s)) and (domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s) \
     or ((role:manager and domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or \
     (role:manager and domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:manager \
     and domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:manager and \
     domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) and \
     rule:domain_managed_target_role";

const fn same(name: &'static str, check: &'static str, scopes: &'static [ScopeType]) -> DefaultRule {
    DefaultRule::new(name, check, scopes)
}

/// `was` is what the rule said in earlier releases.
const fn changed(
    name: &'static str,
    check: &'static str,
    scopes: &'static [ScopeType],
    was: &'static str,
) -> DefaultRule {
    DefaultRule::changed(name, check, scopes, was)
}

static DEFAULT_RULES: [DefaultRule; 204] = [
    same("admin_required", "role:admin or is_admin:1", NONE),
    same("service_role", "role:service", NONE),
    same("service_or_admin", "rule:admin_required or rule:service_role", NONE),
    same("owner", "user_id:%(user_id)s", NONE),
    same("admin_or_owner", "rule:admin_required or rule:owner", NONE),
    same("token_subject", "user_id:%(target.token.user_id)s", NONE),
    same("admin_or_token_subject", "rule:admin_required or rule:token_subject", NONE),
    same("service_admin_or_token_subject", "rule:service_or_admin or rule:token_subject", NONE),
    same(
        "domain_managed_target_role",
        "'manager':%(target.role.name)s or 'member':%(target.role.name)s or 'reader':%(target.role.name)s",
        NONE,
    ),
    same(
        "identity:get_access_rule",
        "(role:reader and system_scope:all) or user_id:%(target.user.id)s",
        SYSTEM_PROJECT,
    ),
    same(
        "identity:list_access_rules",
        "(role:reader and system_scope:all) or user_id:%(target.user.id)s",
        SYSTEM_PROJECT,
    ),
    same(
        "identity:delete_access_rule",
        "(role:admin and system_scope:all) or user_id:%(target.user.id)s",
        SYSTEM_PROJECT,
    ),
    same("identity:authorize_request_token", ADMIN, PROJECT),
    same("identity:get_access_token", ADMIN, PROJECT),
    same("identity:get_access_token_role", ADMIN, PROJECT),
    same("identity:list_access_tokens", ADMIN, PROJECT),
    same("identity:list_access_token_roles", ADMIN, PROJECT),
    same("identity:delete_access_token", ADMIN, PROJECT),
    changed(
        "identity:get_application_credential",
        "(rule:admin_required) or (role:reader and system_scope:all) or rule:owner",
        SYSTEM_PROJECT,
        ADMIN_OR_OWNER,
    ),
    changed(
        "identity:list_application_credentials",
        "(rule:admin_required) or (role:reader and system_scope:all) or rule:owner",
        SYSTEM_PROJECT,
        ADMIN_OR_OWNER,
    ),
    same("identity:create_application_credential", "user_id:%(user_id)s", PROJECT),
    changed("identity:delete_application_credential", ADMIN_OR_OWNER, SYSTEM_PROJECT, ADMIN_OR_OWNER),
    same("identity:get_auth_catalog", ANYONE, NONE),
    same("identity:get_auth_projects", ANYONE, NONE),
    same("identity:get_auth_domains", ANYONE, NONE),
    same("identity:get_auth_system", ANYONE, NONE),
    changed("identity:get_consumer", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_consumers", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_consumer", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_consumer", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_consumer", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_credential", CREDENTIAL_READER, ALL, ADMIN),
    changed("identity:list_credentials", CREDENTIAL_READER, ALL, ADMIN),
    changed("identity:create_credential", CREDENTIAL_OWNER, ALL, ADMIN),
    changed("identity:update_credential", CREDENTIAL_OWNER, ALL, ADMIN),
    changed("identity:delete_credential", CREDENTIAL_OWNER, ALL, ADMIN),
    changed(
        "identity:get_domain",
        "rule:admin_required or (role:reader and system_scope:all) or token.domain.id:%(target.domain.id)s or \
         token.project.domain.id:%(target.domain.id)s",
        ALL,
        "rule:admin_required or token.project.domain.id:%(target.domain.id)s",
    ),
    changed(
        "identity:list_domains",
        "rule:admin_required or (role:reader and system_scope:all) or (role:reader and \
         domain_id:%(target.domain.id)s)",
        ALL,
        ADMIN,
    ),
    changed("identity:create_domain", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_domain", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_domain", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_domain_config", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_domain_config", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    same("identity:get_security_compliance_domain_config", ANYONE, ALL),
    changed("identity:update_domain_config", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_domain_config", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_domain_config_default", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed(
        "identity:ec2_get_credential",
        CREDENTIAL_READER,
        SYSTEM_PROJECT,
        "rule:admin_required or (rule:owner and user_id:%(target.credential.user_id)s)",
    ),
    changed(
        "identity:ec2_list_credentials",
        "(rule:admin_required) or (role:reader and system_scope:all) or rule:owner",
        SYSTEM_PROJECT,
        ADMIN_OR_OWNER,
    ),
    changed("identity:ec2_create_credential", MEMBER_WITH_CREDENTIAL, SYSTEM_PROJECT, ADMIN_OR_OWNER),
    changed(
        "identity:ec2_delete_credential",
        MEMBER_WITH_CREDENTIAL,
        SYSTEM_PROJECT,
        "rule:admin_required or (rule:owner and user_id:%(target.credential.user_id)s)",
    ),
    changed("identity:get_endpoint", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_endpoints", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_endpoint", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_endpoint", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_endpoint", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_endpoint_group", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_endpoint_groups", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_endpoint_group", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_endpoint_group", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_endpoint_group", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_projects_associated_with_endpoint_group", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_endpoints_associated_with_endpoint_group", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_endpoint_group_in_project", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_endpoint_groups_for_project", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:add_endpoint_group_to_project", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:remove_endpoint_group_from_project", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed(
        "identity:check_grant",
        "(rule:admin_required) or ((role:reader and system_scope:all) or ((role:reader and \
         domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and \
         domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:reader and \
         domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and \
         domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) and \
         (domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s))",
        ALL,
        ADMIN,
    ),
    changed(
        "identity:list_grants",
        "(rule:admin_required) or ((role:reader and system_scope:all) or (role:reader and \
         domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and \
         domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:reader and \
         domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and \
         domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s))",
        ALL,
        ADMIN,
    ),
    changed("identity:create_grant", GRANT_MANAGER, ALL, ADMIN),
    changed("identity:revoke_grant", GRANT_MANAGER, ALL, ADMIN),
    changed("identity:list_system_grants_for_user", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:check_system_grant_for_user", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_system_grant_for_user", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:revoke_system_grant_for_user", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_system_grants_for_group", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:check_system_grant_for_group", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_system_grant_for_group", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:revoke_system_grant_for_group", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_group", GROUP_READER, ALL, ADMIN),
    changed("identity:list_groups", GROUP_READER, ALL, ADMIN),
    changed(
        "identity:list_groups_for_user",
        "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and \
         domain_id:%(target.user.domain_id)s) or user_id:%(user_id)s",
        ALL,
        ADMIN_OR_OWNER,
    ),
    changed("identity:create_group", GROUP_MANAGER, ALL, ADMIN),
    changed("identity:update_group", GROUP_MANAGER, ALL, ADMIN),
    changed("identity:delete_group", GROUP_MANAGER, ALL, ADMIN),
    changed("identity:list_users_in_group", GROUP_READER, ALL, ADMIN),
    changed(
        "identity:remove_user_from_group",
        "(rule:admin_required) or (role:manager and domain_id:%(target.group.domain_id)s and \
         domain_id:%(target.user.domain_id)s)",
        ALL,
        ADMIN,
    ),
    changed(
        "identity:check_user_in_group",
        "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and \
         domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)",
        ALL,
        ADMIN,
    ),
    changed(
        "identity:add_user_to_group",
        "(rule:admin_required) or (role:manager and domain_id:%(target.group.domain_id)s and \
         domain_id:%(target.user.domain_id)s)",
        ALL,
        ADMIN,
    ),
    changed("identity:create_identity_provider", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_identity_providers", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_identity_provider", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_identity_provider", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_identity_provider", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_implied_role", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_implied_roles", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_implied_role", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_implied_role", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_role_inference_rules", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:check_implied_role", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    same("identity:get_limit_model", ANYONE, ALL),
    same(
        "identity:get_limit",
        "rule:admin_required or (role:reader and system_scope:all) or (domain_id:%(target.limit.domain.id)s or \
         domain_id:%(target.limit.project.domain_id)s) or (project_id:%(target.limit.project_id)s and not \
         None:%(target.limit.project_id)s)",
        ALL,
    ),
    same("identity:list_limits", ANYONE, ALL),
    same("identity:create_limits", ADMIN, SYSTEM_PROJECT),
    same("identity:update_limit", ADMIN, SYSTEM_PROJECT),
    same("identity:delete_limit", ADMIN, SYSTEM_PROJECT),
    changed("identity:create_mapping", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_mapping", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_mappings", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_mapping", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_mapping", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_policy", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_policies", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_policy", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_policy", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_policy", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_policy_association_for_endpoint", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:check_policy_association_for_endpoint", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_policy_association_for_endpoint", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_policy_association_for_service", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:check_policy_association_for_service", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_policy_association_for_service", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_policy_association_for_region_and_service", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:check_policy_association_for_region_and_service", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_policy_association_for_region_and_service", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_policy_for_endpoint", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_endpoints_for_policy", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_project", PROJECT_READER, ALL, "rule:admin_required or project_id:%(target.project.id)s"),
    changed(
        "identity:list_projects",
        "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and \
         domain_id:%(target.domain_id)s)",
        ALL,
        ADMIN,
    ),
    changed(
        "identity:list_user_projects",
        "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and \
         domain_id:%(target.user.domain_id)s) or user_id:%(target.user.id)s",
        ALL,
        ADMIN_OR_OWNER,
    ),
    changed("identity:create_project", PROJECT_MANAGER, ALL, ADMIN),
    changed("identity:update_project", PROJECT_MANAGER, ALL, ADMIN),
    changed("identity:delete_project", PROJECT_MANAGER, ALL, ADMIN),
    changed(
        "identity:list_project_tags",
        PROJECT_READER,
        ALL,
        "rule:admin_required or project_id:%(target.project.id)s",
    ),
    changed("identity:get_project_tag", PROJECT_READER, ALL, "rule:admin_required or project_id:%(target.project.id)s"),
    changed("identity:update_project_tags", PROJECT_MANAGER, ALL, ADMIN),
    changed("identity:create_project_tag", PROJECT_MANAGER, ALL, ADMIN),
    changed("identity:delete_project_tags", PROJECT_MANAGER, ALL, ADMIN),
    changed("identity:delete_project_tag", PROJECT_MANAGER, ALL, ADMIN),
    changed("identity:list_projects_for_endpoint", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:add_endpoint_to_project", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:check_endpoint_in_project", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_endpoints_for_project", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:remove_endpoint_from_project", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_protocol", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_protocol", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_protocol", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_protocols", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_protocol", ADMIN, SYSTEM_PROJECT, ADMIN),
    same("identity:get_region", ANYONE, ALL),
    same("identity:list_regions", ANYONE, ALL),
    changed("identity:create_region", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_region", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_region", ADMIN, SYSTEM_PROJECT, ADMIN),
    same("identity:get_registered_limit", ANYONE, ALL),
    same("identity:list_registered_limits", ANYONE, ALL),
    same("identity:create_registered_limits", ADMIN, SYSTEM_PROJECT),
    same("identity:update_registered_limit", ADMIN, SYSTEM_PROJECT),
    same("identity:delete_registered_limit", ADMIN, SYSTEM_PROJECT),
    same("identity:list_revoke_events", SERVICE_OR_ADMIN, SYSTEM_PROJECT),
    changed(
        "identity:get_role",
        "(rule:admin_required or (role:reader and system_scope:all)) or (role:manager and \
         rule:domain_managed_target_role)",
        ALL,
        ADMIN,
    ),
    changed(
        "identity:list_roles",
        "(rule:admin_required or (role:reader and system_scope:all)) or (role:manager and not domain_id:None)",
        ALL,
        ADMIN,
    ),
    changed("identity:create_role", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_role", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_role", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_domain_role", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_domain_roles", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_domain_role", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_domain_role", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_domain_role", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed(
        "identity:list_role_assignments",
        "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and \
         domain_id:%(target.domain_id)s and not None:%(target.domain_id)s)",
        ALL,
        ADMIN,
    ),
    changed(
        "identity:list_role_assignments_for_tree",
        "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and \
         domain_id:%(target.domain_id)s and not None:%(target.domain_id)s)",
        ALL,
        ADMIN,
    ),
    same("identity:s3tokens_validate", SERVICE_OR_ADMIN, ALL),
    same("identity:ec2tokens_validate", SERVICE_OR_ADMIN, ALL),
    changed("identity:get_service", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_services", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_service", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_service", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_service", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:create_service_provider", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:list_service_providers", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:get_service_provider", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    changed("identity:update_service_provider", ADMIN, SYSTEM_PROJECT, ADMIN),
    changed("identity:delete_service_provider", ADMIN, SYSTEM_PROJECT, ADMIN),
    DefaultRule { for_removal: true, ..same("identity:revocation_list", SERVICE_OR_ADMIN, SYSTEM_PROJECT) },
    changed(
        "identity:check_token",
        "rule:admin_required or (role:reader and system_scope:all) or rule:token_subject",
        ALL,
        "rule:admin_or_token_subject",
    ),
    changed(
        "identity:validate_token",
        "rule:admin_required or (role:reader and system_scope:all) or rule:service_role or rule:token_subject",
        ALL,
        "rule:service_admin_or_token_subject",
    ),
    changed("identity:revoke_token", "rule:admin_required or rule:token_subject", ALL, "rule:admin_or_token_subject"),
    same("identity:create_trust", "user_id:%(target.trust.trustor_user_id)s", PROJECT),
    changed("identity:list_trusts", ADMIN_OR_READER, SYSTEM_PROJECT, ADMIN),
    same(
        "identity:list_trusts_for_trustor",
        "(rule:admin_required) or (role:reader and system_scope:all or user_id:%(target.trust.trustor_user_id)s)",
        SYSTEM_PROJECT,
    ),
    same(
        "identity:list_trusts_for_trustee",
        "(rule:admin_required) or (role:reader and system_scope:all or user_id:%(target.trust.trustee_user_id)s)",
        SYSTEM_PROJECT,
    ),
    changed("identity:list_roles_for_trust", TRUST_READER, SYSTEM_PROJECT, TRUST_PARTY),
    changed("identity:get_role_for_trust", TRUST_READER, SYSTEM_PROJECT, TRUST_PARTY),
    changed(
        "identity:delete_trust",
        "rule:admin_required or user_id:%(target.trust.trustor_user_id)s",
        SYSTEM_PROJECT,
        "user_id:%(target.trust.trustor_user_id)s",
    ),
    changed("identity:get_trust", TRUST_READER, SYSTEM_PROJECT, TRUST_PARTY),
    changed(
        "identity:get_user",
        "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and \
         token.domain.id:%(target.user.domain_id)s) or user_id:%(target.user.id)s",
        ALL,
        ADMIN_OR_OWNER,
    ),
    changed(
        "identity:list_users",
        "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and \
         domain_id:%(target.domain_id)s)",
        ALL,
        ADMIN,
    ),
    same("identity:list_projects_for_user", ANYONE, NONE),
    same("identity:list_domains_for_user", ANYONE, NONE),
    changed("identity:create_user", USER_MANAGER, ALL, ADMIN),
    changed("identity:update_user", USER_MANAGER, ALL, ADMIN),
    changed("identity:delete_user", USER_MANAGER, ALL, ADMIN),
    same("identity:revoke_tokens_for_user", ADMIN_OR_OWNER, ALL),
];
