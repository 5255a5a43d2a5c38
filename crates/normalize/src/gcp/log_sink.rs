//! `logging.googleapis.com/LogSink` → `log.audit_trail`.
//!
//! What a filter takes is not worked out: it is shown as it is. Source: Cloud Logging API v2 `projects.sinks`.

use nephoscope_model::Fact;
use nephoscope_model::kinds::{Exclusion, LogAuditTrail};
use serde::Deserialize;

use super::{CAI, DATA};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/enabled", "/resource/data/disabled", Absence::Default("true")),
    source("/target", "/resource/data/destination", Absence::Absent),
    source(
        "/organization",
        "/resource/data/includeChildren",
        Absence::Default("false"),
    ),
    source("/filter", "/resource/data/filter", Absence::Absent),
    source("/exclusions", "/resource/data/exclusions", Absence::Default("[]")),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "logging.googleapis.com/LogSink",
    kind: "log.audit_trail",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Sink>(DATA)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sink {
    #[serde(default)]
    destination: Option<String>,
    #[serde(default)]
    filter: Option<String>,
    #[serde(default, deserialize_with = "json::flag")]
    disabled: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    include_children: Option<bool>,
    #[serde(default, deserialize_with = "json::many")]
    exclusions: Vec<LogExclusion>,
}

#[derive(Debug, Deserialize)]
struct LogExclusion {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    filter: Option<String>,
    #[serde(default, deserialize_with = "json::flag")]
    disabled: Option<bool>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(sink)) = group.native::<Option<Sink>>() else {
        return Built::unknown(group.not_read("resource"));
    };
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty()).into();
    let mut exclusions: Vec<(Exclusion, usize)> = (sink.exclusions.iter().enumerate())
        .filter(|(_, exclusion)| exclusion.disabled != Some(true))
        .map(|(index, exclusion)| {
            let exclusion = Exclusion {
                name: exclusion.name.clone().unwrap_or_default(),
                filter: exclusion.filter.clone().unwrap_or_default(),
            };
            (exclusion, index)
        })
        .collect();
    exclusions.sort();
    let (exclusions, indexes): (Vec<_>, Vec<_>) = exclusions.into_iter().unzip();
    let mut built = Built::new(&LogAuditTrail {
        enabled: Fact::Known(sink.disabled != Some(true)),
        target: text(&sink.destination),
        organization: Fact::Known(sink.include_children.unwrap_or(false)),
        filter: text(&sink.filter),
        exclusions: Fact::Known(exclusions),
        ..LogAuditTrail::default()
    });
    for (place, index) in indexes.into_iter().enumerate() {
        let pointer = format!("/resource/data/exclusions/{index}");
        built.from(&format!("/exclusions/{place}"), piece, &pointer);
    }
    built
}
