//! What was not seen: inputs not used, gaps, waivers that accept nothing, and the coverage line that is always there.

use std::io;

use nephoscope_model::{CoverageGap, InputUse, WaiverState};

use super::View;
use super::screen::{BAD, BOLD, DIM, GOOD, Screen, WARN};
use crate::text::{self, MESSAGE, NAME, count, thousands};

pub(super) fn write(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    if !view.quiet {
        fixed(view, screen)?;
        waivers(view, screen)?;
        inputs(view, screen)?;
    }
    gaps(view, screen)?;
    screen.wrapped("", "  ", &format!("coverage: {}", ledger(view)))?;
    screen.blank()
}

fn fixed(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let fixed = &view.assessment.fixed;
    if fixed.is_empty() {
        return Ok(());
    }
    let title = format!("fixed since the baseline: {}", thousands(fixed.len() as u64));
    screen.line(&screen.paint(GOOD, &title))?;
    let shown = view.shown(fixed.len());
    for finding in fixed.iter().take(shown) {
        let text = format!(
            "{} {}: {}",
            text::line(&finding.policy.0, NAME),
            text::line(&finding.resource, NAME),
            text::line(&finding.message, MESSAGE)
        );
        screen.wrapped("  - ", "    ", &text)?;
    }
    screen.more(fixed.len() - shown)?;
    screen.blank()
}

fn waivers(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let idle: Vec<String> = view
        .assessment
        .waivers
        .iter()
        .filter_map(|waiver| {
            let why = match waiver.state {
                WaiverState::Used => return None,
                WaiverState::Unused => "matches nothing".to_owned(),
                WaiverState::Expired => format!("expired on {}", waiver.expires),
                WaiverState::Void => "what it accepted has changed since".to_owned(),
            };
            let owner = text::line(&waiver.owner, NAME);
            Some(format!("{} of {owner}: {why}", text::line(&waiver.id, NAME)))
        })
        .collect();
    list(view, screen, WARN, &idle, "waivers that accept nothing", |entry| {
        entry.clone()
    })
}

fn inputs(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let noted: Vec<_> = view
        .assessment
        .inputs
        .iter()
        .filter(|input| matches!(input.used, InputUse::Inventory | InputUse::Plan))
        .filter_map(|input| Some((input, input.note.as_deref()?)))
        .collect();
    list(view, screen, BOLD, &noted, "notes on inputs", |(input, note)| {
        format!("{}: {}", text::line(&input.name, NAME), text::line(note, MESSAGE))
    })?;
    let unused: Vec<_> = view
        .assessment
        .inputs
        .iter()
        .filter(|input| !matches!(input.used, InputUse::Inventory | InputUse::Plan))
        .collect();
    list(view, screen, BOLD, &unused, "inputs not judged", |input| {
        let why = match input.used {
            InputUse::UseGate => "a plan or template: name it or use `gate`",
            InputUse::Timeline => "a log or history: nothing to judge",
            InputUse::Empty => "read, and without a resource",
            InputUse::Failed => "could not be read",
            InputUse::NotRecognized => "of no known format",
            InputUse::Inventory | InputUse::Plan => "",
        };
        let mut text = format!("{}: {why}", text::line(&input.name, NAME));
        if let Some(note) = &input.note {
            text.push_str(&format!(" ({})", text::line(note, MESSAGE)));
        }
        text
    })
}

fn gaps(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let (mut heavy, mut light, mut accepted) = (Vec::new(), Vec::new(), Vec::new());
    for gap in &view.assessment.coverage.gaps {
        match (&gap.accepted_by, gap.incomplete) {
            (Some(_), _) => accepted.push(gap),
            (None, true) => heavy.push(gap),
            (None, false) => light.push(gap),
        }
    }
    list(view, screen, BAD, &heavy, "gaps in what was asked for", |gap| {
        gap_text(gap)
    })?;
    if view.quiet {
        return Ok(());
    }
    list(view, screen, BOLD, &accepted, "accepted gaps", |gap| {
        let owner = gap.accepted_by.as_deref().unwrap_or_default();
        format!("{} (accepted by {})", gap_text(gap), text::line(owner, NAME))
    })?;
    list(
        view,
        screen,
        DIM,
        &light,
        "gaps that no loaded policy needs filled",
        |gap| gap_text(gap),
    )
}

fn list<T>(
    view: &View<'_>,
    screen: &mut Screen<'_>,
    style: anstyle::Style,
    entries: &[T],
    title: &str,
    text: impl Fn(&T) -> String,
) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let title = format!("{title}: {}", thousands(entries.len() as u64));
    screen.line(&screen.paint(style, &title))?;
    let shown = view.shown(entries.len());
    for entry in entries.iter().take(shown) {
        screen.wrapped("  - ", "    ", &text(entry))?;
    }
    screen.more(entries.len() - shown)?;
    screen.blank()
}

/// Returns a gap as one line: what it is about, why, what happened.
pub(crate) fn gap_text(gap: &CoverageGap) -> String {
    let scope = &gap.scope;
    let provider = scope.provider.map(|provider| provider.as_str().to_owned());
    let mut about: Vec<String> = [
        &provider,
        &scope.account,
        &scope.region,
        &scope.native_type,
        &scope.resource,
    ]
    .into_iter()
    .flatten()
    .map(|part| text::line(part, NAME))
    .collect();
    if let Some(input) = &scope.input {
        let mut place = text::line(input, NAME);
        if let Some(line) = gap.line {
            place.push_str(&format!(":{line}"));
        } else if let Some(offset) = gap.offset {
            place.push_str(&format!(" at byte {offset}"));
        }
        about.push(place);
    }
    let about = if about.is_empty() {
        "everything".to_owned()
    } else {
        about.join(" ")
    };
    let reason = text::line(&gap.gap.to_string(), NAME);
    format!("{about}: {reason}: {}", text::line(&gap.message, MESSAGE))
}

/// Returns the coverage line.
pub(crate) fn ledger(view: &View<'_>) -> String {
    let coverage = &view.assessment.coverage;
    let outcomes = view.summary.outcomes;
    let evaluated = outcomes.fail + outcomes.waived + outcomes.pass;
    let all = evaluated + outcomes.unknown + outcomes.error;
    let mut text = format!("evaluated {} of {}", thousands(evaluated), count(all, "outcome"));
    if let Some(share) = coverage.evaluated_share {
        // Rounded down: 100 % must mean all.
        text.push_str(&format!(" ({:.1} %)", (share * 1000.0).floor() / 10.0));
    }
    text.push_str(&format!(
        " of {} under {}",
        count(coverage.resources, "resource"),
        policies(view.assessment.policies.len())
    ));
    if outcomes.unknown > 0 {
        text.push_str(&format!(", {} unknown", thousands(outcomes.unknown)));
        let reasons: Vec<String> = view
            .overview
            .reasons
            .iter()
            .map(|(reason, number)| format!("{reason} ({})", thousands(*number)))
            .collect();
        if !reasons.is_empty() {
            text.push_str(&format!(" because {}", reasons.join(", ")));
        }
    }
    if outcomes.error > 0 {
        text.push_str(&format!(", {} failed to evaluate", thousands(outcomes.error)));
    }
    if !coverage.unjudged.is_empty() {
        let number: u64 = coverage.unjudged.iter().map(|entry| entry.resources).sum();
        let shown = view.shown(coverage.unjudged.len());
        let mut names: Vec<String> = coverage
            .unjudged
            .iter()
            .take(shown)
            .map(|entry| {
                format!(
                    "{} {}",
                    text::line(&entry.native_type, NAME),
                    thousands(entry.resources)
                )
            })
            .collect();
        if shown < coverage.unjudged.len() {
            names.push(format!("and {} more", coverage.unjudged.len() - shown));
        }
        text.push_str(&format!(
            "; {} of {} that no policy judges: {}",
            count(number, "resource"),
            count(coverage.unjudged.len() as u64, "type"),
            names.join(", ")
        ));
    }
    for (number, label) in [
        (coverage.superseded, "superseded by newer versions"),
        (coverage.after_as_of, "newer than the instant judged"),
        (coverage.deleted, "deleted"),
        (coverage.filtered, "left out by filters"),
    ] {
        if number > 0 {
            text.push_str(&format!("; {} {label}", thousands(number)));
        }
    }
    if !coverage.filters.is_empty() {
        let filters: Vec<String> = coverage.filters.iter().map(|filter| text::line(filter, NAME)).collect();
        text.push_str(&format!("; filters: {}", filters.join(" ")));
    }
    text
}

fn policies(number: usize) -> String {
    match number {
        1 => "1 policy".to_owned(),
        _ => format!("{} policies", thousands(number as u64)),
    }
}
