//! Controls of frameworks as taxonomies: ids only, since the texts of most frameworks belong to others.

use nephoscope_model::PolicyInfo;
use serde_sarif::sarif::{
    ReportingDescriptor, ReportingDescriptorReference, ReportingDescriptorRelationship, ToolComponent,
    ToolComponentReference,
};

use super::{Source, multiformat};
use crate::text::{self, NAME};

pub(super) fn of(source: &Source<'_>) -> Vec<ToolComponent> {
    source
        .frameworks
        .iter()
        .map(|(framework, controls)| ToolComponent {
            short_description: Some(multiformat(&format!(
                "Controls of {framework} that loaded policies map to."
            ))),
            is_comprehensive: Some(false),
            taxa: Some(
                controls
                    .iter()
                    .map(|control| ReportingDescriptor::builder().id(text::line(control, NAME)).build())
                    .collect(),
            ),
            ..ToolComponent::builder().name(text::line(framework, NAME)).build()
        })
        .collect()
}

pub(super) fn references(source: &Source<'_>) -> Vec<ToolComponentReference> {
    (0..)
        .zip(source.frameworks.keys())
        .map(|(index, name)| reference(index, name))
        .collect()
}

fn reference(index: i64, framework: &str) -> ToolComponentReference {
    ToolComponentReference {
        index: Some(index),
        name: Some(text::line(framework, NAME)),
        ..ToolComponentReference::default()
    }
}

/// Returns the controls that a policy maps to, as references into `run.taxonomies`.
pub(super) fn targets(source: &Source<'_>, policy: &PolicyInfo) -> Vec<ReportingDescriptorReference> {
    let mut targets = Vec::new();
    for (index, (framework, known)) in (0..).zip(&source.frameworks) {
        let own = policy.controls.get(*framework).map_or(&[][..], Vec::as_slice);
        for (position, control) in (0..).zip(known) {
            if own.iter().any(|id| id == control) {
                targets.push(ReportingDescriptorReference {
                    id: Some(text::line(control, NAME)),
                    index: Some(position),
                    tool_component: Some(reference(index, framework)),
                    ..ReportingDescriptorReference::default()
                });
            }
        }
    }
    targets
}

pub(super) fn relationships(source: &Source<'_>, policy: &PolicyInfo) -> Vec<ReportingDescriptorRelationship> {
    targets(source, policy)
        .into_iter()
        .map(|target| ReportingDescriptorRelationship {
            kinds: Some(vec!["relevant".to_owned()]),
            ..ReportingDescriptorRelationship::builder().target(target).build()
        })
        .collect()
}
