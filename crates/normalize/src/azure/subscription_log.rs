//! `Microsoft.Insights/diagnosticSettings` of a subscription → `log.audit_trail`: where its activity log goes.
//!
//! The API writes ids without the slash at the beginning. Source: Azure REST API reference `Subscription Diagnostic
//! Settings - List`, Azure Monitor "Activity log".

use nephoscope_model::kinds::LogAuditTrail;
use nephoscope_model::{Fact, Gap, Reason};

use super::diagnostic_settings::{self, DiagnosticSetting};
use super::{ARM, PROPERTIES};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/enabled", "/properties/logs", Absence::Default("false")),
    source("/categories", "/properties/logs", Absence::Default("[]")),
    source("/target", "/properties/workspaceId", Absence::Absent),
    source("/target", "/properties/storageAccountId", Absence::Absent),
    source("/target", "/properties/eventHubAuthorizationRuleId", Absence::Absent),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: diagnostic_settings::NATIVE_TYPE,
    kind: "log.audit_trail",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<DiagnosticSetting>(PROPERTIES)?)),
    build,
    lends: Some("/enabled"),
    for_id: Some(is_of_subscription),
    ..Mapping::BASE
};

fn is_of_subscription(id: &str) -> bool {
    let id = id.to_ascii_lowercase();
    let segments: Vec<&str> = id.trim_start_matches('/').split('/').collect();
    matches!(
        segments.as_slice(),
        [
            "subscriptions",
            _,
            "providers",
            "microsoft.insights",
            "diagnosticsettings",
            _
        ]
    )
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(setting)) = group.native::<Option<DiagnosticSetting>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let mut categories: Vec<String> = setting.categories().map(str::to_owned).collect();
    categories.sort();
    categories.dedup();
    let (target, pointer) = setting.target().unzip();
    let mut built = Built::new(&LogAuditTrail {
        enabled: Fact::Known(setting.logs()),
        target: target.into(),
        organization: Fact::Known(false),
        categories: Fact::Known(categories),
        ..LogAuditTrail::default()
    });
    if let Some(pointer) = pointer {
        built.from("/target", piece, pointer);
    }
    built
}
