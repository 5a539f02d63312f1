//! Who has which role where, as it stands in the tables: nothing is inherited, implied or expanded here. Facts:
//! Keystone `assignment/backends/sql.py`.

use super::{Transaction, error::StoreError, query::Query, resource::with_chain, row::Row};
use crate::domain::{
    assignment::{Actor, Assignment, Target},
    ids::{GroupId, ProjectId, UserId},
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

/// The kind is an enumeration in Postgres, which takes it as a literal and not as a parameter that is text.
macro_rules! insert_assignment {
    ($table:literal, $kind:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            " (type, actor_id, target_id, role_id, inherited) VALUES ('",
            $kind,
            "', $1, $2, $3, $4) ON CONFLICT DO NOTHING"
        )
    };
}
/// Grants a role; whether that is new.
///
/// # Errors
/// A conflict if there is no such role; that actor and target exist is not looked at by the database.
pub async fn grant(transaction: &mut Transaction, assignment: &Assignment) -> Result<bool, StoreError> {
    let actor_id = match &assignment.actor {
        Actor::User(id) => id.as_str(),
        Actor::Group(id) => id.as_str(),
    };
    let (target_id, sql) = match (&assignment.actor, &assignment.target) {
        (Actor::User(_), Target::Project(id)) => (id.as_str(), insert_assignment!("assignment", "UserProject")),
        (Actor::User(_), Target::Domain(id)) => (id.as_str(), insert_assignment!("assignment", "UserDomain")),
        (Actor::User(_), Target::System) => ("system", insert_assignment!("system_assignment", "UserSystem")),
        (Actor::Group(_), Target::Project(id)) => (id.as_str(), insert_assignment!("assignment", "GroupProject")),
        (Actor::Group(_), Target::Domain(id)) => (id.as_str(), insert_assignment!("assignment", "GroupDomain")),
        (Actor::Group(_), Target::System) => ("system", insert_assignment!("system_assignment", "GroupSystem")),
    };
    let values = vec![actor_id.into(), target_id.into(), (&assignment.role_id).into(), assignment.inherited.into()];
    transaction.execute("assignment", sql, values).await.map(|rows| rows > 0)
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
