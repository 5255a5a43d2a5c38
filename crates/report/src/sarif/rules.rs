//! Rules: one for each loaded policy, so that a reader sees what was checked and not only what failed.

use std::collections::BTreeSet;

use nephoscope_model::{PolicyInfo, Severity};
use serde_json::json;
use serde_sarif::sarif::{MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor};

use super::{Source, multiformat, properties, results, sentence, taxonomies};
use crate::text;

/// Code scanning shows ten tags of a rule and refuses a file with more than twenty.
const TAGS: usize = 10;
/// The longest rule name that code scanning takes.
const RULE_NAME: usize = 255;

pub(super) fn of(source: &Source<'_>) -> Vec<ReportingDescriptor> {
    source
        .assessment
        .policies
        .iter()
        .map(|policy| rule(source, policy))
        .collect()
}

fn rule(source: &Source<'_>, policy: &PolicyInfo) -> ReportingDescriptor {
    // The standard wants sets here: what a policy says twice is said once.
    let aliases: BTreeSet<&String> = policy.aliases.iter().collect();
    let relationships = taxonomies::relationships(source, policy);
    ReportingDescriptor {
        name: Some(name(policy)),
        deprecated_ids: (!aliases.is_empty()).then(|| aliases.into_iter().cloned().collect()),
        short_description: Some(multiformat(&policy.title)),
        full_description: Some(multiformat(&policy.description)),
        help: Some(help(policy)),
        help_uri: policy.references.iter().find(|link| is_web(link)).cloned(),
        default_configuration: Some(ReportingConfiguration {
            level: Some(json!(results::level(policy.severity))),
            ..ReportingConfiguration::default()
        }),
        relationships: (!relationships.is_empty()).then_some(relationships),
        properties: Some(facts(policy)),
        ..ReportingDescriptor::builder().id(&policy.id.0).build()
    }
}

/// Returns the last part of the package in Pascal case: `bucket_public_access` → `BucketPublicAccess`.
fn name(policy: &PolicyInfo) -> String {
    let last = policy.package.rsplit('.').next().unwrap_or_default();
    let mut name = String::new();
    for word in last.split(|character: char| !character.is_alphanumeric()) {
        let mut characters = word.chars();
        name.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        name.extend(characters);
    }
    if name.is_empty() {
        name.clone_from(&policy.id.0);
    }
    text::line(&name, RULE_NAME)
}

fn help(policy: &PolicyInfo) -> MultiformatMessageString {
    let mut plain = Vec::new();
    let mut markdown = Vec::new();
    for (title, value) in [("Why", &policy.description), ("What to do", &policy.remediation)] {
        if !value.trim().is_empty() {
            plain.push(format!("{title}: {}", sentence(value)));
            markdown.push(format!("**{title}.** {}", sentence(value)));
        }
    }
    if let Some(reason) = &policy.deprecated {
        plain.push(format!("Deprecated: {}", sentence(reason)));
        markdown.push(format!("**Deprecated.** {}", sentence(reason)));
    }
    let links: Vec<String> = policy.references.iter().filter(|link| is_web(link)).cloned().collect();
    if !links.is_empty() {
        plain.push(format!("See: {}", links.join(" ")));
        let list: Vec<String> = links.iter().map(|link| format!("- <{link}>")).collect();
        markdown.push(list.join("\n"));
    }
    if plain.is_empty() {
        plain.push(sentence(&policy.title));
    }
    MultiformatMessageString {
        markdown: (!markdown.is_empty()).then(|| markdown.join("\n\n")),
        ..MultiformatMessageString::builder().text(plain.join("\n\n")).build()
    }
}

/// Returns whether a reference is a link that readers can open and a schema takes as URI.
fn is_web(link: &str) -> bool {
    (link.starts_with("https://") || link.starts_with("http://"))
        && link
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
}

fn facts(policy: &PolicyInfo) -> PropertyBag {
    let mut tags = vec!["security".to_owned()];
    for (framework, controls) in &policy.controls {
        for control in controls {
            tags.push(text::line(&format!("external/{framework}/{control}"), 100).to_lowercase());
        }
    }
    let mut seen = BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags.truncate(TAGS);
    let mut facts = properties([
        // Every outcome that could be otherwise is reported as unknown and not as a result.
        ("precision", json!("very-high")),
        ("kinds", json!(policy.kinds)),
        ("severity", json!(policy.severity)),
        ("portable", json!(policy.portable)),
        (
            "problem.severity",
            json!(match policy.severity {
                Severity::Critical | Severity::High => "error",
                Severity::Medium => "warning",
                Severity::Low | Severity::Info => "recommendation",
            }),
        ),
    ]);
    if let Some(score) = score(policy.severity) {
        facts
            .additional_properties
            .insert("security-severity".to_owned(), json!(score));
    }
    facts.tags = Some(tags);
    facts
}

/// Returns the score by which code scanning ranks: a number as text; over 9.0 is critical, from 7.0 high, from 4.0 medium, from 0.1 low,
/// and 0.0 is no security severity at all, so that `info` has none.
fn score(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}
