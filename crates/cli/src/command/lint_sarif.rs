//! `nephoscope lint-sarif`.

use anyhow::{Context, Result};

use nephoscope_report::LintLevel;

use crate::args::LintSarifArgs;
use crate::assess::exit;

/// Checks SARIF files; any error gives exit code 1.
///
/// # Errors
///
/// When a file cannot be read.
pub(super) fn run(args: &LintSarifArgs) -> Result<u8> {
    let mut errors = 0;
    for file in &args.files {
        let shown = file.display();
        let bytes = std::fs::read(file).with_context(|| format!("cannot read `{shown}`"))?;
        let problems = nephoscope_report::lint_sarif(&bytes);
        for problem in &problems {
            let place = if problem.pointer.is_empty() {
                "/"
            } else {
                &problem.pointer
            };
            let level = if problem.level == LintLevel::Error {
                "error"
            } else {
                "warning"
            };
            super::print(&format!(
                "{shown}: {level}[{}] {place}: {}\n  help: {}\n",
                problem.rule, problem.message, problem.help
            ))?;
        }
        let bad = problems
            .iter()
            .filter(|problem| problem.level == LintLevel::Error)
            .count();
        errors += bad;
        if bad == 0 {
            super::print(&format!(
                "{shown}: GitHub code scanning would take it ({} warnings)\n",
                problems.len()
            ))?;
        }
    }
    Ok(if errors > 0 { exit::FINDINGS } else { exit::CLEAN })
}
