//! For people: findings by policy, worst first, each with the lines of its source; then what was not seen; then the sum.

mod compliance;
mod coverage;
mod findings;
mod open;
mod overview;
mod screen;
mod snippet;

use std::collections::BTreeMap;
use std::io::Write;

use nephoscope_model::{Assessment, PolicyId, PolicyInfo, Severity};

use crate::format::ReportError;
use crate::options::Options;
use crate::summary::{Summary, exit_meaning};
use crate::text::{self, MESSAGE, count, thousands};
pub(crate) use coverage::gap_text;
use overview::Overview;
use screen::{BAD, BOLD, DIM, GOOD, Screen, WARN, paint_severity};

/// How many entries a list shows unless everything is asked for.
const LIST: usize = 10;

/// What the parts of the report work with.
struct View<'a> {
    assessment: &'a Assessment,
    policies: BTreeMap<&'a PolicyId, &'a PolicyInfo>,
    summary: Summary,
    overview: Overview,
    quiet: bool,
    verbose: bool,
    unknown_listed: bool,
}

impl View<'_> {
    /// Returns how many entries of a list of `length` are shown.
    fn shown(&self, length: usize) -> usize {
        // One entry more takes the room of the line that would say that there is one more.
        if self.verbose || length == LIST + 1 {
            length
        } else {
            length.min(LIST)
        }
    }
}

pub(crate) fn write(assessment: &Assessment, options: &Options, out: &mut dyn Write) -> Result<(), ReportError> {
    let view = View {
        assessment,
        policies: assessment.policies.iter().map(|info| (&info.id, info)).collect(),
        summary: Summary::of(assessment),
        overview: Overview::of(assessment, options)?,
        quiet: options.verbosity < 0,
        verbose: options.verbosity > 0,
        unknown_listed: options.unknown_listed,
    };
    let mut screen = Screen::new(out, options.color, options.width);
    findings::write(&view, &mut screen)?;
    coverage::write(&view, &mut screen)?;
    compliance::write(&view, &mut screen)?;
    incomplete(&view, &mut screen)?;
    sum(&view, &mut screen)?;
    Ok(())
}

fn incomplete(view: &View<'_>, screen: &mut Screen<'_>) -> std::io::Result<()> {
    if view.assessment.complete {
        return Ok(());
    }
    screen.line(&screen.paint(
        BAD,
        "INCOMPLETE: not everything that was asked for was read and evaluated",
    ))?;
    let reasons = &view.assessment.incomplete_because;
    let shown = view.shown(reasons.len());
    for reason in reasons.iter().take(shown) {
        screen.wrapped("  - ", "    ", &text::line(reason, MESSAGE))?;
    }
    screen.more(reasons.len() - shown)?;
    screen.blank()
}

/// Writes the last lines: the findings by severity, everything else that was decided, the exit code.
fn sum(view: &View<'_>, screen: &mut Screen<'_>) -> std::io::Result<()> {
    let Summary {
        outcomes,
        findings,
        at_or_above_fail_on,
        new,
        fixed,
        not_checked,
    } = view.summary;
    let failing = view.summary.failing();
    let mut parts = Vec::new();
    if failing == 0 {
        let style = if view.assessment.complete { GOOD } else { WARN };
        let none = if new.is_some() {
            "no new findings"
        } else {
            "no findings"
        };
        parts.push(screen.paint(style, none));
    } else {
        let mut by_severity = Vec::new();
        for severity in Severity::ALL {
            let number = findings.count(severity);
            if number > 0 {
                by_severity.push(screen.paint(paint_severity(severity), &format!("{} {severity}", thousands(number))));
            }
        }
        let total = screen.paint(BOLD, &count(failing, "finding"));
        parts.push(format!("{total}: {}", by_severity.join(", ")));
        if at_or_above_fail_on < failing {
            parts.push(format!(
                "{} below --fail-on {}",
                thousands(failing - at_or_above_fail_on),
                view.assessment.fail_on
            ));
        }
    }
    if let Some(new) = new {
        parts.push(format!("{} new", thousands(new)));
    }
    screen.line(&parts.join("; "))?;
    let others: Vec<String> = [
        (outcomes.pass, "passed"),
        (outcomes.unknown, "unknown"),
        (outcomes.error, "failed to evaluate"),
        (outcomes.waived, "waived"),
        (fixed, "fixed"),
        (not_checked, "of the baseline not checked"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, label)| format!("{} {label}", thousands(number)))
    .collect();
    screen.wrapped("", "", &others.join("; "))?;
    let code = format!(
        "exit code {}: {}",
        view.assessment.exit_code,
        exit_meaning(view.assessment)
    );
    screen.line(&screen.paint(DIM, &code))
}
