//! Controls of a framework: how many there are of each status, and those that fail or that nobody can tell.

use std::io;

use nephoscope_model::{Compliance, ControlResult, ControlStatus};

use super::View;
use super::screen::{BAD, BOLD, DIM, GOOD, Screen, WARN};
use crate::text::{self, MESSAGE, NAME, count, thousands};

pub(super) fn write(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let Some(compliance) = &view.assessment.compliance else {
        return Ok(());
    };
    heading(compliance, screen)?;
    let told = |control: &&ControlResult| match control.status {
        ControlStatus::Fail | ControlStatus::Unknown => true,
        ControlStatus::Pass => view.verbose,
        ControlStatus::NotAssessed => false,
    };
    let controls: Vec<&ControlResult> = compliance.controls.iter().filter(told).collect();
    // A table of controls is what was asked for: it is not cut.
    let widest = controls
        .iter()
        .map(|control| control.control.chars().count())
        .max()
        .unwrap_or_default();
    for control in controls.into_iter().filter(|_| !view.quiet) {
        one(control, widest, screen)?;
    }
    screen.blank()
}

fn heading(compliance: &Compliance, screen: &mut Screen<'_>) -> io::Result<()> {
    let counts: Vec<String> = ControlStatus::ALL
        .into_iter()
        .map(|status| {
            let number = compliance
                .controls
                .iter()
                .filter(|control| control.status == status)
                .count();
            format!("{} {}", thousands(number as u64), status.as_str())
        })
        .collect();
    let title = text::line(&format!("{} ({})", compliance.title, compliance.version), NAME);
    let listed = if compliance.complete {
        ""
    } else {
        " of the controls that policies speak of"
    };
    screen.line(&format!(
        "{}: {}{listed}",
        screen.paint(BOLD, &title),
        counts.join(", ")
    ))
}

fn one(control: &ControlResult, widest: usize, screen: &mut Screen<'_>) -> io::Result<()> {
    let style = match control.status {
        ControlStatus::Fail => BAD,
        ControlStatus::Unknown => WARN,
        ControlStatus::Pass => GOOD,
        ControlStatus::NotAssessed => DIM,
    };
    let id = text::line(&control.control, NAME);
    let mut facts = Vec::new();
    for (number, label) in [
        (control.fail, "fail"),
        (control.unknown, "unknown"),
        (control.pass, "pass"),
    ] {
        if number > 0 {
            facts.push(format!("{} {label}", thousands(number)));
        }
    }
    let policies = count(control.policies.len() as u64, "policy").replace("policys", "policies");
    let title = control
        .title
        .as_deref()
        .map(|title| text::line(title, MESSAGE))
        .unwrap_or_default();
    let status = format!("{:7}", control.status.as_str());
    let separator = if title.is_empty() { "" } else { ": " };
    screen.line(&format!(
        "  {} {id:widest$}  {title}{separator}{} under {policies}",
        screen.paint(style, &status),
        if facts.is_empty() {
            "nothing judged".to_owned()
        } else {
            facts.join(", ")
        },
    ))
}
