//! One finding as a case: its name, what came of it, and what to do.

use nephoscope_model::{Finding, Outcome, PolicyInfo};

use super::names::Names;
use super::xml::{Case, Kind, Status};
use crate::options::{JunitFlavor, JunitPass, Options};
use crate::text::{self, MESSAGE, NAME};

/// Returns how a finding is counted; `None` for one that is no case.
pub(super) fn kind(finding: &Finding, options: &Options) -> Option<Kind> {
    match finding.outcome {
        Outcome::Fail => Some(Kind::Failure),
        Outcome::Error => Some(Kind::Error),
        Outcome::Unknown if options.unknown_fails => Some(Kind::Error),
        Outcome::Unknown | Outcome::Waived => Some(Kind::Skipped),
        Outcome::Pass if options.junit_pass == JunitPass::All => Some(Kind::Success),
        Outcome::Pass | Outcome::NotApplicable => None,
    }
}

/// Returns the case of a finding whose kind is `kind`.
pub(super) fn of(
    finding: &Finding,
    kind: Kind,
    info: Option<&PolicyInfo>,
    names: &mut Names,
    options: &Options,
) -> Case {
    let mut case = Case::new(names.unique(readable(finding)), status(finding, kind, info));
    if options.junit_flavor == JunitFlavor::Rich {
        enrich(&mut case, finding);
    }
    case
}

fn status(finding: &Finding, kind: Kind, info: Option<&PolicyInfo>) -> Status {
    let mut status = Status::new(kind);
    if kind == Kind::Success {
        return status;
    }
    let message = text::line(&finding.message, MESSAGE);
    let (r#type, message) = match finding.outcome {
        Outcome::Fail => (finding.severity.as_str(), message),
        Outcome::Unknown => {
            let missing = missing(finding);
            let message = if missing.is_empty() {
                message
            } else {
                format!("unknown: {missing}")
            };
            ("unknown", message)
        }
        Outcome::Waived => {
            let terms = finding.waiver.as_ref().map_or(message, |waiver| {
                format!(
                    "accepted until {} by {} ({}): {}",
                    waiver.expires,
                    text::line(&waiver.owner, NAME),
                    text::line(&waiver.id, NAME),
                    text::line(&waiver.reason, MESSAGE)
                )
            });
            ("waived", terms)
        }
        Outcome::Error | Outcome::Pass | Outcome::NotApplicable => ("evaluation-error", message),
    };
    status.message = Some(message);
    status.r#type = Some(r#type.to_owned());
    if kind != Kind::Skipped {
        status.description = Some(body(finding, info));
    }
    status
}

fn missing(finding: &Finding) -> String {
    let mut reasons: Vec<String> = Vec::new();
    for unknown in finding.unknown.iter().take(5) {
        reasons.push(format!(
            "{} {}",
            text::line(&unknown.path, NAME),
            text::line(&unknown.gap.to_string(), NAME)
        ));
    }
    if finding.unknown.len() > 5 {
        reasons.push(format!("and {} more", finding.unknown.len() - 5));
    }
    reasons.join(", ")
}

fn body(finding: &Finding, info: Option<&PolicyInfo>) -> String {
    let resource = &finding.resource;
    let mut lines = vec![String::new(), text::line(&finding.message, MESSAGE)];
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            lines.push(format!("{name}: {}", text::line(value, MESSAGE)));
        }
    };
    row("resource", &resource.id);
    row("region", &resource.region);
    row("path", &finding.path);
    row("found in", &text::place(&finding.location));
    row("unknown", &missing(finding));
    if let Some(info) = info {
        row("policy", &info.title);
        row("remediation", &info.remediation);
    }
    row("finding", &finding.id.0);
    lines.push(String::new());
    lines.join("\n")
}

/// Returns the name of a case in a readable length.
fn readable(finding: &Finding) -> String {
    let name = name(finding);
    let shown = text::visible(&name);
    let short = text::cut(&shown, 2 * NAME);
    if short.len() < shown.len() {
        // What was cut may be what told two cases apart; the id does, and it is the same in the next scan.
        return format!("{short} ({})", finding.id);
    }
    short.into_owned()
}

fn name(finding: &Finding) -> String {
    let resource = &finding.resource;
    let mut name = resource.native_type.clone();
    for part in [&resource.name, &resource.id, &finding.key] {
        if !part.is_empty() && (part == &finding.key || !name.ends_with(part.as_str())) {
            name.push(' ');
            name.push_str(part);
        }
    }
    name
}

fn enrich(case: &mut Case, finding: &Finding) {
    let location = &finding.location;
    case.attributes.push(("file", text::line(&location.origin.file, NAME)));
    if let Some(line) = location.line {
        case.attributes.push(("line", line.to_string()));
    }
    for (name, value) in [
        ("finding", finding.id.0.as_str()),
        ("outcome", finding.outcome.as_str()),
        ("severity", finding.severity.as_str()),
        ("resource", &finding.resource.id),
        ("region", &finding.resource.region),
    ] {
        case.properties.push((name, text::line(value, NAME)));
    }
}
