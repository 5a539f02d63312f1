//! How findings are shown, as lines and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::style::Style;
use crate::domain::finding::{Finding, Severity};

/// Writes findings, worst first, each with what to do.
pub(super) fn write_text(output: &mut dyn Write, style: Style, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let Finding { severity, code, subject, message, advice } = finding;
        writeln!(output, "{}: {subject}: {message} [{code}]", style.severity(*severity))?;
        if !advice.is_empty() {
            writeln!(output, "    {advice}")?;
        }
    }
    Ok(())
}

/// The same for scripts.
pub(super) fn to_json(findings: &[Finding]) -> Value {
    let object = |finding: &Finding| {
        json!({
            "severity": finding.severity.as_str(),
            "code": finding.code,
            "subject": finding.subject,
            "message": finding.message,
            "advice": finding.advice,
        })
    };
    findings.iter().map(object).collect()
}

/// Whether something has to be done.
pub(super) fn any_to_act_on(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity > Severity::Note)
}
