//! Findings by policy, worst first; evaluation errors likewise.

use std::io;

use nephoscope_model::{BaselineState, Finding, FindingIter, Findings, Outcome, PolicyId, PolicyInfo, State};

use super::overview::{Group, in_order};
use super::screen::{BAD, BOLD, DIM, Screen, paint_severity};
use super::{View, open, snippet};
use crate::stream::exactly;
use crate::text::{self, MESSAGE, NAME, count};

pub(super) fn write(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let groups = view.overview.groups();
    // Lists that are not cut may be longer than memory, so they are sorted in their store and read from there.
    let sorted = if view.verbose {
        in_order(&view.assessment.findings, &groups)?
    } else {
        Findings::default()
    };
    let mut rest = sorted.iter();
    for (outcome, policy, group) in groups {
        let info = view.policies.get(policy).copied();
        heading(outcome, policy, group, info, screen)?;
        if view.quiet {
            continue;
        }
        screen.blank()?;
        let shown = view.shown(group.count);
        let listed: FindingIter<'_> = if view.verbose {
            Box::new(exactly(&mut rest, shown as u64))
        } else {
            Box::new(group.first.iter().take(shown).cloned().map(Ok))
        };
        for finding in listed {
            one(view, &finding?, screen)?;
            screen.blank()?;
        }
        if shown < group.count {
            screen.more(group.count - shown)?;
            screen.blank()?;
        }
        if let Some(info) = info
            && outcome == Outcome::Fail
        {
            advice(view, info, screen)?;
            screen.blank()?;
        }
    }
    if view.quiet {
        if view.summary.failing() > 0 || view.summary.outcomes.error > 0 {
            screen.blank()?;
        }
        return Ok(());
    }
    open::write(view, screen)
}

fn heading(
    outcome: Outcome,
    policy: &PolicyId,
    group: &Group,
    info: Option<&PolicyInfo>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let id = text::line(&policy.0, NAME);
    let title = info.map_or_else(String::new, |info| text::line(&info.title, NAME));
    let severity = group.severity();
    let (label, unit) = match outcome {
        Outcome::Fail => (
            screen.paint(paint_severity(severity), &format!("{severity}[{id}]")),
            "finding",
        ),
        _ => (screen.paint(BAD, &format!("evaluation error[{id}]")), "resource"),
    };
    let title = screen.paint(BOLD, &format!(": {title}"));
    let number = screen.paint(DIM, &format!("({})", count(group.count as u64, unit)));
    screen.line(&format!("{label}{title} {number}"))
}

fn one(view: &View<'_>, finding: &Finding, screen: &mut Screen<'_>) -> io::Result<()> {
    let resource = &finding.resource;
    screen.styled(BOLD, "  ", "  ", &text::line(&finding.message, MESSAGE))?;

    let mut what = vec![format!(
        "{} {}",
        text::line(&resource.native_type, NAME),
        text::line(&resource.name, NAME)
    )];
    let mut scope = resource.provider.to_string();
    for part in [&resource.account, &resource.region] {
        if !part.is_empty() {
            scope.push(' ');
            scope.push_str(&text::line(part, NAME));
        }
    }
    what.push(scope);
    if resource.id != resource.name {
        what.push(text::line(&resource.id, NAME));
    }
    if resource.state == State::Planned {
        what.push("planned".to_owned());
    }
    match finding.baseline {
        Some(BaselineState::New) => what.push("new".to_owned()),
        Some(BaselineState::Unchanged) => what.push("in the baseline".to_owned()),
        None => {}
    }
    if view.verbose {
        // What a waiver can name.
        if !finding.key.is_empty() {
            what.push(format!("key `{}`", text::line(&finding.key, NAME)));
        }
        what.push(format!("finding {}", finding.id));
    }
    screen.styled(DIM, "  ", "    ", &what.join(" · "))?;
    snippet::write(&finding.location, view.verbose, screen)
}

fn advice(view: &View<'_>, info: &PolicyInfo, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut rows = Vec::new();
    if view.verbose {
        rows.push(("why", text::line(&info.description, MESSAGE)));
    }
    rows.push(("help", text::line(&info.remediation, MESSAGE)));
    if view.verbose {
        let controls: Vec<String> = info
            .controls
            .iter()
            .map(|(framework, ids)| text::line(&format!("{framework} {}", ids.join(" ")), NAME))
            .collect();
        rows.push(("controls", controls.join(", ")));
    }
    // One link says where to read on; the others are in the policy's own page and with --verbose.
    let links = if view.verbose { info.references.len() } else { 1 };
    for reference in info.references.iter().take(links) {
        rows.push(("see", text::line(reference, 2 * NAME)));
    }
    if let Some(reason) = &info.deprecated {
        rows.push(("deprecated", text::line(reason, MESSAGE)));
    }
    for (name, value) in rows {
        if !value.is_empty() {
            let label = screen.paint(BOLD, name);
            // The label is styled by itself, so its width is counted without the style.
            let indent = " ".repeat(name.len() + 6);
            let columns = screen.width().saturating_sub(indent.len());
            for (index, line) in text::wrap(&value, columns).iter().enumerate() {
                if index == 0 {
                    screen.line(&format!("  = {label}: {line}"))?;
                } else {
                    screen.line(&format!("{indent}{line}"))?;
                }
            }
        }
    }
    Ok(())
}
