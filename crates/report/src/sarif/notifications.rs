//! Notifications: what was not read, not decided or left out. Code scanning does not show them; other readers of the standard do.

use std::io;

use nephoscope_model::{CoverageGap, Finding, InputUse, PolicyId, WaiverState};
use serde_json::json;
use serde_sarif::sarif::{Notification, ReportingDescriptor, ReportingDescriptorReference};

use super::survey::Account;
use super::{Scope, Source, message, multiformat, properties};
use crate::human::gap_text;
use crate::text::{self, NAME, count};

/// The most notifications of one sort in a run; the last one counts the rest.
pub(super) const EACH: usize = 500;

struct Row {
    id: &'static str,
    name: &'static str,
    short: &'static str,
    full: &'static str,
    help: &'static str,
}

// Adding a notification is one row here and one call of `note`.
const ROWS: [Row; 7] = [
    Row {
        id: "NEPH-SCAN-INCOMPLETE",
        name: "ScanIncomplete",
        short: "The scan is incomplete.",
        full: "Not everything that was asked for was read and evaluated, so that a missing result is no proof that all is well.",
        help: "Read the gaps of this run. Do not upload an incomplete scan: alerts that it does not contain would be closed.",
    },
    Row {
        id: "NEPH-SCAN-GAP",
        name: "CoverageGap",
        short: "Something was not read.",
        full: "An input, account, region or type was not read, or only in part.",
        help: "Grant the permission or supply the input that the message names, or accept the gap in the configuration.",
    },
    Row {
        id: "NEPH-SCAN-UNKNOWN",
        name: "OutcomeUnknown",
        short: "Outcomes could not be decided.",
        full: "What was not read could add or take back a finding, so that the policy neither passes nor fails.",
        help: "Supply what the message names, then scan again.",
    },
    Row {
        id: "NEPH-SCAN-ERROR",
        name: "EvaluationFailed",
        short: "A policy could not be evaluated.",
        full: "The evaluation of a policy for a resource failed or ran past its limits.",
        help: "Mend the policy; `nephoscope policy check` and `nephoscope policy test` help.",
    },
    Row {
        id: "NEPH-SCAN-LIMIT",
        name: "ListCut",
        short: "A list was cut.",
        full: "There is more than code scanning keeps; the worst results come first.",
        help: "Use the formats json or ndjson for the whole list.",
    },
    Row {
        id: "NEPH-SCAN-INPUT",
        name: "InputNote",
        short: "An input was not judged, or is odd.",
        full: "A file holds no inventory, could not be read, or holds something that should be known.",
        help: "Name plans and templates on the command line or use `nephoscope gate`.",
    },
    Row {
        id: "NEPH-SCAN-WAIVER",
        name: "WaiverIdle",
        short: "A waiver accepts nothing.",
        full: "A waiver is expired, void or matches no finding.",
        help: "Remove the waiver or renew it.",
    },
];

pub(super) fn descriptors() -> Vec<ReportingDescriptor> {
    ROWS.iter()
        .map(|row| ReportingDescriptor {
            name: Some(row.name.to_owned()),
            short_description: Some(multiformat(row.short)),
            full_description: Some(multiformat(row.full)),
            help: Some(multiformat(row.help)),
            ..ReportingDescriptor::builder().id(row.id).build()
        })
        .collect()
}

fn note(name: &str, level: &str, text: &str) -> Notification {
    let position = ROWS.iter().position(|row| row.name == name);
    Notification {
        descriptor: position.map(|index| ReportingDescriptorReference {
            id: ROWS.get(index).map(|row| row.id.to_owned()),
            index: Some(index as i64),
            ..ReportingDescriptorReference::default()
        }),
        level: Some(json!(level)),
        ..Notification::builder().message(message(text)).build()
    }
}

/// Returns what happened while a scope was read and evaluated; what concerns no single account stands in every run.
///
/// `errors` are the first [`EACH`] evaluations of the scope that failed.
pub(super) fn execution(
    source: &Source<'_>,
    scope: Scope<'_>,
    errors: impl Iterator<Item = io::Result<Finding>>,
) -> io::Result<Vec<Notification>> {
    let assessment = source.assessment;
    let own = scope.and_then(|(provider, account)| source.survey.accounts.get(&(provider, account.to_owned())));
    let mut notes: Vec<Notification> = assessment
        .incomplete_because
        .iter()
        .map(|reason| note("ScanIncomplete", "error", &format!("The scan is incomplete: {reason}")))
        .collect();
    if !assessment.complete && notes.is_empty() {
        notes.push(note("ScanIncomplete", "error", "The scan is incomplete."));
    }
    let left_out = own.map_or(0, |account| account.left_out(source.full));
    if left_out > 0 {
        let text = format!(
            "{} left out: code scanning keeps 5,000 in a run, and the worst are here.",
            count(left_out, "result")
        );
        notes.push(note("ListCut", "warning", &text));
    }

    let gaps = assessment
        .coverage
        .gaps
        .iter()
        .filter(|gap| concerns(source, gap, scope));
    extend(&mut notes, gaps.map(gap_note).collect(), "gap");

    for finding in errors {
        notes.push(error_note(source, &finding?));
    }
    if let Some(account) = own {
        cut(
            &mut notes,
            account.errors.saturating_sub(EACH as u64),
            "evaluation error",
        );
        extend(&mut notes, unknown_notes(source, account), "group of unknown outcomes");
    }

    let inputs = assessment.inputs.iter().filter_map(|input| {
        let (level, why) = match input.used {
            InputUse::Inventory | InputUse::Plan if input.note.is_none() => return None,
            InputUse::Inventory | InputUse::Plan => ("note", "was judged"),
            InputUse::Failed => ("error", "could not be read"),
            InputUse::UseGate => ("note", "is a plan or template and was not judged"),
            InputUse::Timeline => ("note", "is a log or history and holds nothing to judge"),
            InputUse::Empty => ("note", "holds no resource"),
            InputUse::NotRecognized => ("note", "is of no known format"),
        };
        let because = input
            .note
            .as_deref()
            .map_or_else(String::new, |note| format!(": {note}"));
        Some(note(
            "InputNote",
            level,
            &format!("`{}` {why}{because}", text::line(&input.name, NAME)),
        ))
    });
    extend(&mut notes, inputs.collect(), "input");
    Ok(notes)
}

/// Returns what is odd about the configuration.
pub(super) fn configuration(source: &Source<'_>) -> Vec<Notification> {
    let idle = source.assessment.waivers.iter().filter_map(|waiver| {
        let why = match waiver.state {
            WaiverState::Used => return None,
            WaiverState::Unused => "matches nothing".to_owned(),
            WaiverState::Expired => format!("expired on {}", waiver.expires),
            WaiverState::Void => "is void: what it accepted has changed".to_owned(),
        };
        let text = format!(
            "Waiver `{}` of {} {why}.",
            text::line(&waiver.id, NAME),
            text::line(&waiver.owner, NAME)
        );
        Some(note("WaiverIdle", "warning", &text))
    });
    let mut notes = Vec::new();
    extend(&mut notes, idle.collect(), "waiver");
    notes
}

fn extend(notes: &mut Vec<Notification>, mut more: Vec<Notification>, what: &str) {
    let rest = more.len().saturating_sub(EACH);
    more.truncate(EACH);
    notes.append(&mut more);
    cut(notes, rest as u64, what);
}

fn cut(notes: &mut Vec<Notification>, rest: u64, what: &str) {
    if rest > 0 {
        let text = format!("{rest} more of one sort ({what}) left out here; the format json has all of them.");
        notes.push(note("ListCut", "warning", &text));
    }
}

/// Returns whether a gap belongs to a run: it is about its account, about all, or about an account that has no run of its own.
fn concerns(source: &Source<'_>, gap: &CoverageGap, scope: Scope<'_>) -> bool {
    let Some((provider, account)) = scope else {
        return true;
    };
    let known = || source.survey.accounts.keys();
    match (gap.scope.provider, gap.scope.account.as_deref()) {
        (None, None) => true,
        (Some(other), None) => other == provider || !known().any(|(cloud, _)| *cloud == other),
        (None, Some(other)) => other == account || !known().any(|(_, id)| id == other),
        (Some(cloud), Some(other)) => {
            (cloud, other) == (provider, account) || !source.survey.accounts.contains_key(&(cloud, other.to_owned()))
        }
    }
}

fn gap_note(gap: &CoverageGap) -> Notification {
    let (level, end) = match &gap.accepted_by {
        Some(owner) => ("note", format!(" (accepted by {})", text::line(owner, NAME))),
        None if gap.incomplete => ("error", String::new()),
        None => ("note", String::new()),
    };
    let mut notification = note("CoverageGap", level, &format!("{}{end}", gap_text(gap)));
    notification.properties = Some(properties([
        ("reason", json!(gap.gap.reason)),
        ("incomplete", json!(gap.incomplete)),
        ("scope", json!(gap.scope)),
    ]));
    notification
}

fn rule_reference(source: &Source<'_>, policy: &PolicyId) -> Option<ReportingDescriptorReference> {
    let (index, _) = source.policies.get(policy)?;
    Some(ReportingDescriptorReference {
        id: Some(policy.0.clone()),
        index: Some(*index as i64),
        ..ReportingDescriptorReference::default()
    })
}

fn error_note(source: &Source<'_>, finding: &Finding) -> Notification {
    let text = format!(
        "{} could not be evaluated for {}: {}",
        text::line(&finding.policy.0, NAME),
        text::line(&finding.resource.id, NAME),
        finding.message
    );
    let mut notification = note("EvaluationFailed", "error", &text);
    notification.associated_rule = rule_reference(source, &finding.policy);
    notification
}

/// One notification for each policy, type and gap: thousands of resources often wait for one permission.
fn unknown_notes(source: &Source<'_>, account: &Account) -> Vec<Notification> {
    let note_of = |(policy, native_type, gaps): &(PolicyId, String, String), number: u64| {
        let text = format!(
            "{} could not be decided for {} of type {}: {}",
            text::line(&policy.0, NAME),
            count(number, "resource"),
            text::line(native_type, NAME),
            text::line(gaps, 2 * NAME)
        );
        let level = if source.unknown_fails { "error" } else { "warning" };
        let mut notification = note("OutcomeUnknown", level, &text);
        notification.associated_rule = rule_reference(source, policy);
        notification.properties = Some(properties([("resources", json!(number))]));
        notification
    };
    let groups = account.unknown.iter();
    groups.map(|(group, number)| note_of(group, *number)).collect()
}
