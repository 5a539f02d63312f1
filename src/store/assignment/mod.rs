//! Who has which role where, as it stands in the tables: nothing is inherited, implied or expanded here. Facts:
//! Keystone `assignment/backends/sql.py`.

mod names;
mod write;

use super::{error::StoreError, query::Query, resource::with_chain, row::Row, statement::Conditions};
use crate::domain::{
    assignment::{Actor, Assignment, Target},
    ids::{DomainId, GroupId, ProjectId, RoleId, UserId},
};

pub use self::{
    names::{Named, group_names, project_names, user_names},
    write::{delete_of_group, delete_of_role, delete_of_user, grant, revoke},
};

/// The user of `$1` and all groups he is in or, with expiry, was in, with the given ones (`$2`) that exist.
macro_rules! actor {
    ($user:literal, $groups:literal) => {
        concat!(
            "actor (id, is_user) AS (
                SELECT id, 1 FROM \"user\" WHERE id = ",
            $user,
            " UNION
                SELECT group_id, 0 FROM user_group_membership WHERE user_id = ",
            $user,
            " UNION
                SELECT group_id, 0 FROM expiring_user_group_membership WHERE user_id = ",
            $user,
            " UNION
                SELECT id, 0 FROM \"group\" WHERE id IN (",
            $groups,
            "))"
        )
    };
}

macro_rules! select_assignment {
    () => {
        " SELECT
                CAST(assignment.type AS VARCHAR(12)) AS type,
                assignment.actor_id,
                assignment.target_id,
                assignment.role_id,
                assignment.inherited
            FROM actor JOIN assignment ON assignment.actor_id = actor.id
            WHERE (
                actor.is_user = 1 AND assignment.type IN ('UserProject', 'UserDomain')
                OR actor.is_user = 0 AND assignment.type IN ('GroupProject', 'GroupDomain')
            )"
    };
}

/// What a user's effective roles on a project, or on a domain, can come from: the assignments of the user, of each of
/// his groups (memberships that may have expired included) and of `groups`, on the project, on everything above it and
/// on its domain. Inherited and direct ones are told apart by who asks.
pub fn assignments_for_project(user_id: &UserId, groups: &[GroupId], project_id: &ProjectId) -> Query<Vec<Assignment>> {
    Query::list(
        "assignment",
        concat!(
            with_chain!(),
            ", ",
            actor!("$2", "$3"),
            select_assignment!(),
            " AND assignment.target_id IN (SELECT id FROM chain)"
        ),
        vec![project_id.into(), user_id.into(), groups.into()],
        assignment_from,
    )
}

/// What users were given themselves, `$1`.
macro_rules! select_own {
    () => {
        "SELECT CAST(type AS VARCHAR(12)) AS type, actor_id, target_id, role_id, inherited FROM assignment
            WHERE actor_id IN ($1) AND type IN ('UserProject', 'UserDomain')"
    };
}

/// What users were given themselves on projects and domains.
pub fn assignments_of_users(user_ids: &[UserId]) -> Query<Vec<Assignment>> {
    Query::list("assignment", select_own!(), vec![user_ids.into()], assignment_from)
}

/// The same on any of `targets`.
pub fn assignments_of_users_on(user_ids: &[UserId], targets: &[ProjectId]) -> Query<Vec<Assignment>> {
    Query::list(
        "assignment",
        concat!(select_own!(), " AND target_id IN ($2)"),
        vec![user_ids.into(), targets.into()],
        assignment_from,
    )
}

/// All assignments of a user, of each of his groups (memberships that may have expired included) and of `groups`, on
/// projects and domains.
pub fn assignments_of_user(user_id: &UserId, groups: &[GroupId]) -> Query<Vec<Assignment>> {
    Query::list(
        "assignment",
        concat!("WITH ", actor!("$1", "$2"), select_assignment!()),
        vec![user_id.into(), groups.into()],
        assignment_from,
    )
}

/// As [`assignments_of_user`], on the system.
pub fn system_assignments_of_user(user_id: &UserId, groups: &[GroupId]) -> Query<Vec<Assignment>> {
    Query::list(
        "system_assignment",
        concat!(
            "WITH ",
            actor!("$1", "$2"),
            " SELECT
                system_assignment.type,
                system_assignment.actor_id,
                system_assignment.target_id,
                system_assignment.role_id,
                system_assignment.inherited
            FROM actor JOIN system_assignment ON system_assignment.actor_id = actor.id
            WHERE (
                actor.is_user = 1 AND system_assignment.type = 'UserSystem'
                OR actor.is_user = 0 AND system_assignment.type = 'GroupSystem'
            ) AND system_assignment.target_id = 'system'"
        ),
        vec![user_id.into(), groups.into()],
        assignment_from,
    )
}

/// What a list of assignments can be narrowed by. Every field that is `None` lets all through.
#[derive(Debug, Clone, Default)]
pub struct AssignmentFilter {
    /// Given to one of these.
    pub actor: Option<ActorFilter>,
    /// Given on one of these.
    pub target: Option<TargetFilter>,
    /// Of this role.
    pub role_id: Option<RoleId>,
    /// Inherited ones, or direct ones.
    pub inherited: Option<bool>,
}

/// One kind of actor.
#[derive(Debug, Clone)]
pub enum ActorFilter {
    /// This user.
    User(UserId),
    /// One of these groups.
    Groups(Vec<GroupId>),
}

/// One kind of target, or both.
#[derive(Debug, Clone)]
pub enum TargetFilter {
    /// One of these projects.
    Projects(Vec<ProjectId>),
    /// This domain.
    Domain(DomainId),
    /// A project or a domain with one of these ids.
    AnyOf(Vec<ProjectId>),
}

/// Assignments on projects and domains.
pub fn assignments(filter: &AssignmentFilter) -> Query<Vec<Assignment>> {
    let conditions = Conditions::new();
    let conditions = match &filter.actor {
        None => conditions,
        Some(ActorFilter::User(id)) => {
            conditions.and("actor_id = ?", id).and_always("type IN ('UserProject', 'UserDomain')")
        }
        Some(ActorFilter::Groups(ids)) => {
            conditions.and("actor_id IN (?)", ids.as_slice()).and_always("type IN ('GroupProject', 'GroupDomain')")
        }
    };
    let conditions = match &filter.target {
        None => conditions,
        Some(TargetFilter::Projects(ids)) => {
            conditions.and("target_id IN (?)", ids.as_slice()).and_always("type IN ('UserProject', 'GroupProject')")
        }
        Some(TargetFilter::Domain(id)) => {
            conditions.and("target_id = ?", id).and_always("type IN ('UserDomain', 'GroupDomain')")
        }
        Some(TargetFilter::AnyOf(ids)) => conditions.and("target_id IN (?)", ids.as_slice()),
    };
    let (conditions, values) =
        conditions.and_if("role_id = ?", filter.role_id.as_ref()).and_if("inherited = ?", filter.inherited).finish();
    let sql = format!(
        "SELECT CAST(type AS VARCHAR(12)) AS type, actor_id, target_id, role_id, inherited FROM assignment{conditions}"
    );
    Query::list("assignment", sql, values, assignment_from)
}

/// Assignments on the system.
pub fn system_assignments(actor: Option<&Actor>) -> Query<Vec<Assignment>> {
    let conditions = Conditions::new().and_always("target_id = 'system'");
    let (conditions, values) = match actor {
        None => conditions,
        Some(Actor::User(id)) => conditions.and("actor_id = ?", id).and_always("type = 'UserSystem'"),
        Some(Actor::Group(id)) => conditions.and("actor_id = ?", id).and_always("type = 'GroupSystem'"),
    }
    .finish();
    let sql = format!("SELECT type, actor_id, target_id, role_id, inherited FROM system_assignment{conditions}");
    Query::list("system_assignment", sql, values, assignment_from)
}

/// The roles that an actor was given on exactly this target, in the order of their ids.
///
/// On a project or a domain the kinds of actor and target are not looked at (Keystone's `list_grant_role_ids`): what a
/// user has on a domain's project shows up among what he has on the domain.
pub fn granted_role_ids(actor: &Actor, target: &Target, inherited: bool) -> Query<Vec<RoleId>> {
    let actor_id = actor_id(actor);
    let (sql, values) = match target {
        Target::Project(_) | Target::Domain(_) => (
            "SELECT DISTINCT role_id FROM assignment
                WHERE actor_id = $1 AND target_id = $2 AND inherited = $3 ORDER BY role_id",
            vec![actor_id.into(), target_id(target).into(), inherited.into()],
        ),
        Target::System => (
            "SELECT DISTINCT role_id FROM system_assignment
                WHERE actor_id = $1 AND type = $2 AND target_id = 'system' ORDER BY role_id",
            vec![actor_id.into(), system_kind(actor).into()],
        ),
    };
    Query::list("assignment", sql, values, |row| row.id("role_id"))
}

/// Whether this very assignment is there. As with [`revoke`], ids alone say whose it is.
pub fn is_granted(assignment: &Assignment) -> Query<bool> {
    let sql = match &assignment.target {
        Target::Project(_) => {
            "SELECT role_id FROM assignment
                WHERE actor_id = $1 AND target_id = $2 AND role_id = $3 AND inherited = $4
                AND type IN ('UserProject', 'GroupProject')"
        }
        Target::Domain(_) => {
            "SELECT role_id FROM assignment
                WHERE actor_id = $1 AND target_id = $2 AND role_id = $3 AND inherited = $4
                AND type IN ('UserDomain', 'GroupDomain')"
        }
        Target::System => {
            "SELECT role_id FROM system_assignment
                WHERE actor_id = $1 AND target_id = $2 AND role_id = $3 AND inherited = $4"
        }
    };
    Query::new("assignment", sql, write::values_of(assignment), |rows| Ok(!rows.is_empty()))
}

/// The users who are in these groups for good, as pairs. Keystone lists no others as members of a group: who is in it by a
/// federated login is found by asking for the user.
pub fn members(group_ids: &[GroupId]) -> Query<Vec<(GroupId, UserId)>> {
    Query::list(
        "user_group_membership",
        "SELECT group_id, user_id FROM user_group_membership WHERE group_id IN ($1) ORDER BY group_id, user_id",
        vec![group_ids.into()],
        |row| Ok((row.id("group_id")?, row.id("user_id")?)),
    )
}

fn actor_id(actor: &Actor) -> &str {
    match actor {
        Actor::User(id) => id.as_str(),
        Actor::Group(id) => id.as_str(),
    }
}

fn target_id(target: &Target) -> &str {
    match target {
        Target::Project(id) => id.as_str(),
        Target::Domain(id) => id.as_str(),
        Target::System => "system",
    }
}

fn system_kind(actor: &Actor) -> &'static str {
    match actor {
        Actor::User(_) => "UserSystem",
        Actor::Group(_) => "GroupSystem",
    }
}

fn assignment_from(row: &Row) -> Result<Assignment, StoreError> {
    let kind = row.text("type")?;
    let user = || row.id("actor_id").map(Actor::User);
    let group = || row.id("actor_id").map(Actor::Group);
    let project = || row.id("target_id").map(Target::Project);
    let domain = || row.id("target_id").map(Target::Domain);
    let (actor, target) = match kind.as_str() {
        "UserProject" => (user()?, project()?),
        "UserDomain" => (user()?, domain()?),
        "GroupProject" => (group()?, project()?),
        "GroupDomain" => (group()?, domain()?),
        "UserSystem" => (user()?, Target::System),
        "GroupSystem" => (group()?, Target::System),
        _ => return Err(row.broken("type", format!("unknown kind of assignment {kind:?}"))),
    };
    Ok(Assignment { actor, target, role_id: row.id("role_id")?, inherited: row.bool("inherited")? })
}
