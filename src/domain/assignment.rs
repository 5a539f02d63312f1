//! Who was given which role where.

use super::ids::{DomainId, GroupId, ProjectId, RoleId, UserId};

/// One row of `assignment` or `system_assignment`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Assignment {
    /// Who has the role.
    pub actor: Actor,
    /// Where.
    pub target: Target,
    /// Which.
    pub role_id: RoleId,
    /// `OS-INHERIT`: the role is not held on the target itself but on the projects below it.
    pub inherited: bool,
}

/// Who can be given a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// Column `type` is `UserProject`, `UserDomain` or `UserSystem`.
    User(UserId),
    /// Column `type` is `GroupProject`, `GroupDomain` or `GroupSystem`.
    Group(GroupId),
}

/// What a role can be given on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A project; a domain seen as a project too.
    Project(ProjectId),
    /// A domain.
    Domain(DomainId),
    /// The deployment as a whole (`target_id` is `system`).
    System,
}
