//! A rule that has no answer.

/// Evaluation came to something that has no yes or no: in oslo.policy an exception. It ends the evaluation of the whole
/// rule, and the action is refused; a `not` around it does not turn it into a yes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub(super) struct Fault {
    problem: String,
}

impl Fault {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into() }
    }
}
