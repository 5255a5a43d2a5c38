//! `aws_cloudtrail` → `log.audit_trail`.
//!
//! Source: Terraform AWS provider documentation of `aws_cloudtrail`; AWS CloudTrail User Guide "Encrypting CloudTrail log
//! files with AWS KMS keys (SSE-KMS)".

use nephoscope_model::kinds::LogAuditTrail;
use nephoscope_model::{Gap, Reason};

use super::WHOLE;
use super::keys::{self, Keys};
use super::planned::{self, Planned};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Source, source};

/// A trail's key is always one of the customer's.
const KEYS: Keys = Keys {
    made_by: keys::OF_KMS,
    managed: None,
    told_by: None,
};

const SOURCES: &[Source] = &[
    source("/enabled", "/values/enable_logging", Absence::Default("true")),
    source("/target", "/values/s3_bucket_name", Absence::Absent),
    source(
        "/all_regions",
        "/values/is_multi_region_trail",
        Absence::Default("false"),
    ),
    source(
        "/organization",
        "/values/is_organization_trail",
        Absence::Default("false"),
    ),
    source(
        "/integrity_validation",
        "/values/enable_log_file_validation",
        Absence::Default("false"),
    ),
    source(
        "/encryption/key_kind",
        "/values/kms_key_id",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/values/kms_key_id", Absence::Absent),
];

pub(super) const TRAIL: Mapping = Mapping {
    native_type: "aws_cloudtrail",
    kind: "log.audit_trail",
    sources: SOURCES,
    read: |body| {
        planned::read(
            body,
            &[
                "enable_logging",
                "s3_bucket_name",
                "is_multi_region_trail",
                "is_organization_trail",
                "enable_log_file_validation",
                "kms_key_id",
            ],
        )
    },
    build,
    ..WHOLE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, trail) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let flag = |at: &str, default: bool| trail.at(at).flag().or_default(default);
    Built::new(&LogAuditTrail {
        enabled: flag("/enable_logging", true),
        target: trail.at("/s3_bucket_name").text(),
        all_regions: flag("/is_multi_region_trail", false),
        organization: flag("/is_organization_trail", false),
        integrity_validation: flag("/enable_log_file_validation", false),
        encryption: KEYS.encryption(&trail.at("/kms_key_id")),
        ..LogAuditTrail::default()
    })
}
