//! `Microsoft.Insights/diagnosticSettings` of application gateways, API Management services and CDN profiles: whether requests
//! are logged.
//!
//! The settings of a CDN profile are about every endpoint of it, so that they are held and looked at; what an endpoint logs
//! itself (`CoreAnalytics`) is figures, not requests. Source: Azure REST API reference `Diagnostic Settings - Get`; Azure
//! Monitor "Diagnostic settings in Azure Monitor" (category groups), "Supported log categories" of each type; "Azure CDN
//! diagnostic logs"; read 2026-11-25.

use nephoscope_model::kinds::Logging;
use nephoscope_model::{Fact, Gap, Reason};
use serde_json::{Map, Value};

use super::diagnostic_settings::{DiagnosticSetting, NATIVE_TYPE, PROVIDER, is_of};
use super::{ARM, PROPERTIES, api_management, application_gateways, whole_before};
use crate::edge;
use crate::group::{Built, Found, Group, Piece};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/logging/enabled", "/properties/logs", Absence::Default("false")),
    source("/logging/target", "/properties/workspaceId", Absence::Absent),
    source("/logging/target", "/properties/storageAccountId", Absence::Absent),
    source(
        "/logging/target",
        "/properties/eventHubAuthorizationRuleId",
        Absence::Absent,
    ),
];

pub(crate) const GATEWAY_MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<DiagnosticSetting>(PROPERTIES)?)),
    role: Role::Part {
        of: application_gateways::NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, PROVIDER),
    },
    for_id: Some(|id| is_of(id, application_gateways::NATIVE_TYPE)),
    ..Mapping::BASE
};

pub(crate) const API_MAPPING: Mapping = Mapping {
    kind: "api.gateway",
    role: Role::Part {
        of: api_management::NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, PROVIDER),
    },
    for_id: Some(|id| is_of(id, api_management::NATIVE_TYPE)),
    ..GATEWAY_MAPPING
};

pub(crate) const CDN_MAPPING: Mapping = Mapping {
    kind: "other",
    build: |_| Built {
        attributes: Value::Object(Map::new()),
        ..Built::default()
    },
    role: Role::Whole,
    kept: true,
    for_id: Some(|id| is_of(id, "Microsoft.Cdn/profiles")),
    ..GATEWAY_MAPPING
};

/// What logs requests, and the document that says so with where the target stands in it.
pub(crate) struct AccessLog<'a> {
    logging: Logging,
    from: Option<(&'a Piece, &'static str)>,
}

impl<'a> AccessLog<'a> {
    /// Returns the log of a resource to which its settings belong as parts.
    pub(crate) fn of_parts(group: &Group<'a>, category: &str) -> Self {
        Self::of(group, &group.main.resource.id, group.parts(NATIVE_TYPE), category)
    }

    /// Returns the log that the settings of another resource keep: those of a profile for each endpoint.
    pub(crate) fn of_other(group: &Group<'a>, id: &str, category: &str) -> Self {
        let prefix = format!("{}{PROVIDER}", id.to_ascii_lowercase());
        let pieces: Vec<&Piece> = group.context.below(&prefix, NATIVE_TYPE).collect();
        Self::of(group, id, pieces.into_iter(), category)
    }

    /// One setting that logs requests is enough; that none does is known only where the list of them was read.
    fn of(group: &Group<'a>, id: &str, pieces: impl Iterator<Item = &'a Piece>, category: &str) -> Self {
        let mut gap = (!group.extensions_read_in_full(id, NATIVE_TYPE))
            .then(|| Gap::with(Reason::NotRead, format!("{NATIVE_TYPE} of {id}")));
        for piece in pieces {
            match piece.get::<Option<DiagnosticSetting>>() {
                Found::Read(piece, Some(setting)) => {
                    let logs = |names: &[&str]| {
                        setting
                            .categories()
                            .any(|on| names.iter().any(|name| on.eq_ignore_ascii_case(name)))
                    };
                    if logs(&[category, "allLogs"]) {
                        let (target, pointer) = setting.target().unzip();
                        return AccessLog {
                            logging: Logging {
                                enabled: Fact::Known(true),
                                target: target.into(),
                            },
                            from: Some((piece, pointer.unwrap_or(PROPERTIES))),
                        };
                    }
                    // Which categories this group has each service decides, and no page says it of these.
                    if logs(&["audit"]) {
                        let detail = format!("categories of the group `audit` of {}", piece.resource.id);
                        gap = Some(Gap::with(Reason::NotRead, detail));
                    }
                }
                Found::Failed(why) => gap = Some(why),
                Found::Read(_, None) | Found::Missing => {
                    gap = Some(Gap::with(
                        Reason::NotRead,
                        format!("properties of {}", piece.resource.id),
                    ));
                }
            }
        }
        let logging = match gap {
            Some(gap) => edge::unknown_log(&gap),
            None => Logging {
                enabled: Fact::Known(false),
                target: Fact::Absent,
            },
        };
        AccessLog { logging, from: None }
    }

    pub(crate) fn logging(&self) -> Logging {
        self.logging.clone()
    }

    /// Notes where the log is told of.
    pub(crate) fn note(&self, built: &mut Built) {
        if let Some((piece, target)) = self.from {
            built.from("/logging/enabled", piece, "/properties/logs");
            built.from("/logging/target", piece, target);
        }
    }
}
