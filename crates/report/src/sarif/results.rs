//! Results: what fails, worst first; in the full profile also what is accepted.

use std::collections::BTreeMap;

use nephoscope_model::{BaselineState, Finding, Outcome, Severity, WaiverNote};
use serde_json::{Value, json};
use serde_sarif::sarif::{ArtifactLocation, Location, PhysicalLocation, Result, ResultLevel, Suppression};

use super::{Source, location, message, properties, taxonomies};
use crate::text::{self, MESSAGE, NAME};

/// How many results of a run code scanning keeps; past 25,000 it refuses the file.
pub(super) const LIMIT: u64 = 5_000;

/// Returns whether a finding is a result of the profile.
pub(super) fn is_result(finding: &Finding, full: bool) -> bool {
    finding.outcome == Outcome::Fail || (full && finding.outcome == Outcome::Waived)
}

pub(super) fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low | Severity::Info => ResultLevel::Note,
    }
}

/// Returns the result of a finding.
pub(super) fn of(source: &Source<'_>, finding: &Finding) -> Result {
    let resource = &finding.resource;
    let policy = source.policies.get(&finding.policy);
    let scope: Vec<String> = [resource.provider.as_str(), &resource.account, &resource.region]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| text::line(part, NAME))
        .collect();
    let text = format!(
        "{}: {} {} ({})",
        text::cut(&text::visible(&finding.message), MESSAGE / 2),
        text::line(&resource.native_type, NAME / 2),
        text::line(&resource.name, NAME / 2),
        text::cut(&scope.join(" "), NAME)
    );
    let own = location::line_key(finding).is_none() || source.survey.is_crowded(finding);
    let short: String = finding.id.0.chars().take(16).collect();
    let mut result = Result {
        rule_id: Some(finding.policy.0.clone()),
        rule_index: policy.map(|(index, _)| *index as i64),
        level: Some(level(finding.severity)),
        locations: Some(vec![location::of(finding, source.full)]),
        related_locations: policy.and_then(|(_, info)| policy_file(&info.file)),
        // The only key that code scanning reads; see `line_key`.
        partial_fingerprints: own
            .then(|| BTreeMap::from([("primaryLocationLineHash".to_owned(), format!("{short}:1"))])),
        fingerprints: Some(BTreeMap::from([(
            "nephoscope/finding/v1".to_owned(),
            finding.id.0.clone(),
        )])),
        properties: Some(properties(facts(finding, source.full))),
        ..Result::builder().message(message(&text)).build()
    };
    if source.full {
        result.baseline_state = finding.baseline.map(|state| match state {
            BaselineState::New => json!("new"),
            BaselineState::Unchanged => json!("unchanged"),
        });
        result.suppressions = finding.waiver.as_ref().map(|waiver| vec![suppression(waiver)]);
        result.taxa = policy
            .map(|(_, info)| taxonomies::targets(source, info))
            .filter(|taxa| !taxa.is_empty());
    }
    result
}

fn facts(finding: &Finding, full: bool) -> Vec<(&'static str, Value)> {
    let resource = &finding.resource;
    let mut facts = vec![
        ("findingId", json!(finding.id)),
        ("severity", json!(finding.severity)),
        ("outcome", json!(finding.outcome)),
        ("resource", json!(resource.id)),
        ("provider", json!(resource.provider)),
        ("account", json!(resource.account)),
        ("region", json!(resource.region)),
        ("kind", json!(resource.kind)),
        ("nativeType", json!(resource.native_type)),
        ("state", json!(resource.state)),
    ];
    if !finding.path.is_empty() {
        facts.push(("path", json!(finding.path)));
    }
    if full && let Some(evidence) = &finding.evidence {
        facts.push(("evidence", evidence.clone()));
    }
    facts
}

fn suppression(waiver: &WaiverNote) -> Suppression {
    Suppression {
        status: Some(json!("accepted")),
        justification: Some(text::line(&waiver.reason, MESSAGE)),
        properties: Some(properties([
            ("waiver", json!(waiver.id)),
            ("owner", json!(waiver.owner)),
            ("expires", json!(waiver.expires)),
        ])),
        ..Suppression::builder().kind(json!("external")).build()
    }
}

fn policy_file(file: &str) -> Option<Vec<Location>> {
    let uri = location::file_uri(file)?;
    Some(vec![Location {
        id: Some(1),
        message: Some(message("The policy.")),
        physical_location: Some(PhysicalLocation {
            artifact_location: Some(ArtifactLocation {
                uri: Some(uri),
                ..ArtifactLocation::default()
            }),
            ..PhysicalLocation::default()
        }),
        ..Location::default()
    }])
}
