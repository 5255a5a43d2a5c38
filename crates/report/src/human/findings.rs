//! Findings by policy, worst first; evaluation errors likewise; unknown outcomes by what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use nephoscope_model::{BaselineState, Finding, Outcome, PolicyId, PolicyInfo, Severity, State};

use super::screen::{BAD, BOLD, DIM, Screen, WARN, paint_severity};
use super::{View, snippet};
use crate::text::{self, MESSAGE, NAME, count, thousands};

pub(super) fn write(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    for outcome in [Outcome::Fail, Outcome::Error] {
        for group in groups(view, outcome) {
            heading(&group, outcome, screen)?;
            if view.quiet {
                continue;
            }
            screen.blank()?;
            let shown = view.shown(group.findings.len());
            for finding in group.findings.iter().take(shown) {
                one(view, finding, screen)?;
                screen.blank()?;
            }
            if shown < group.findings.len() {
                screen.more(group.findings.len() - shown)?;
                screen.blank()?;
            }
            if let Some(info) = group.info
                && outcome == Outcome::Fail
            {
                advice(view, info, screen)?;
                screen.blank()?;
            }
        }
    }
    if view.quiet {
        if view.summary.failing() > 0 || view.summary.outcomes.error > 0 {
            screen.blank()?;
        }
        return Ok(());
    }
    if view.unknown_listed {
        unknown(view, screen)?;
    }
    waived(view, screen)
}

/// The findings of one policy with one outcome.
struct Group<'a> {
    policy: &'a PolicyId,
    info: Option<&'a PolicyInfo>,
    severity: Severity,
    findings: Vec<&'a Finding>,
}

fn groups<'a>(view: &View<'a>, outcome: Outcome) -> Vec<Group<'a>> {
    let mut by_policy: BTreeMap<&PolicyId, Vec<&Finding>> = BTreeMap::new();
    for finding in view
        .assessment
        .findings
        .iter()
        .filter(|finding| finding.outcome == outcome)
    {
        by_policy.entry(&finding.policy).or_default().push(finding);
    }
    let mut groups: Vec<Group<'_>> = by_policy
        .into_iter()
        .map(|(policy, findings)| {
            let worst = findings.iter().map(|finding| finding.severity).max();
            Group {
                policy,
                info: view.policies.get(policy).copied(),
                severity: worst.unwrap_or(Severity::Info),
                findings,
            }
        })
        .collect();
    // A stable sort: policies of one severity stay in the order of their ids.
    groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
    groups
}

fn heading(group: &Group<'_>, outcome: Outcome, screen: &mut Screen<'_>) -> io::Result<()> {
    let id = text::line(&group.policy.0, NAME);
    let title = group
        .info
        .map_or_else(String::new, |info| text::line(&info.title, NAME));
    let (label, unit) = match outcome {
        Outcome::Fail => (
            screen.paint(paint_severity(group.severity), &format!("{}[{id}]", group.severity)),
            "finding",
        ),
        _ => (screen.paint(BAD, &format!("evaluation error[{id}]")), "resource"),
    };
    let title = screen.paint(BOLD, &format!(": {title}"));
    let number = screen.paint(DIM, &format!("({})", count(group.findings.len() as u64, unit)));
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

/// Writes what could not be decided, by what is missing: one gap often leaves many outcomes open.
fn unknown(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    type Open<'a> = (usize, BTreeMap<&'a PolicyId, BTreeSet<&'a str>>);
    let mut by_gap: BTreeMap<String, Open<'_>> = BTreeMap::new();
    let mut total = 0;
    for finding in &view.assessment.findings {
        if finding.outcome != Outcome::Unknown {
            continue;
        }
        total += 1;
        let mut gaps: BTreeSet<String> = finding.unknown.iter().map(|unknown| unknown.gap.to_string()).collect();
        if gaps.is_empty() {
            gaps.insert("reason not stated".to_owned());
        }
        for gap in gaps {
            let entry = by_gap.entry(gap).or_default();
            entry.0 += 1;
            entry
                .1
                .entry(&finding.policy)
                .or_default()
                .insert(finding.resource.id.as_str());
        }
    }
    if total == 0 {
        return Ok(());
    }
    let label = screen.paint(WARN, "unknown");
    screen.line(&format!(
        "{label}{}",
        screen.paint(
            BOLD,
            &format!(": {} could not be decided, for want of", count(total, "outcome"))
        )
    ))?;
    let mut rows: Vec<_> = by_gap.into_iter().collect();
    rows.sort_by(|(a, (x, _)), (b, (y, _))| y.cmp(x).then_with(|| a.cmp(b)));
    let shown = view.shown(rows.len());
    for (gap, (number, policies)) in rows.iter().take(shown) {
        let names: Vec<String> = policies.keys().map(|id| text::line(&id.0, NAME)).collect();
        let text = format!(
            "{}: {} in {}",
            text::line(gap, NAME),
            count(*number as u64, "outcome"),
            names.join(", ")
        );
        screen.wrapped("  - ", "    ", &text)?;
        if view.verbose {
            for (policy, resources) in policies {
                for resource in resources {
                    let pair = format!("{} {}", text::line(&policy.0, NAME), text::line(resource, NAME));
                    screen.styled(DIM, "      ", "        ", &pair)?;
                }
            }
        }
    }
    screen.more(rows.len() - shown)?;
    screen.blank()
}

fn waived(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let waived: Vec<&Finding> = view
        .assessment
        .findings
        .iter()
        .filter(|finding| finding.outcome == Outcome::Waived)
        .collect();
    if waived.is_empty() {
        return Ok(());
    }
    let mut by_waiver: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &waived {
        let terms = finding.waiver.as_ref().map_or_else(
            || "terms not stated".to_owned(),
            |waiver| {
                format!(
                    "{} until {} by {}: {}",
                    text::line(&waiver.id, NAME),
                    waiver.expires,
                    text::line(&waiver.owner, NAME),
                    text::line(&waiver.reason, MESSAGE)
                )
            },
        );
        *by_waiver.entry(terms).or_default() += 1;
    }
    let title = format!("waived: {}", count(waived.len() as u64, "finding"));
    screen.line(&screen.paint(BOLD, &title))?;
    let shown = view.shown(by_waiver.len());
    for (terms, number) in by_waiver.iter().take(shown) {
        screen.wrapped("  - ", "    ", &format!("{terms} ({})", thousands(*number as u64)))?;
    }
    screen.more(by_waiver.len() - shown)?;
    screen.blank()
}
