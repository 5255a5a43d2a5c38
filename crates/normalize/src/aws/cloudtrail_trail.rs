//! `AWS::CloudTrail::Trail` → `log.audit_trail`.
//!
//! Whether the trail is logging at present, and which events it selects, stands in replies of other calls
//! (`GetTrailStatus`, `GetEventSelectors`) that AWS Config does not record. Source: AWS Config resource schema
//! `AWS::CloudTrail::Trail`, AWS CloudTrail API Reference `Trail`.

use nephoscope_model::kinds::{Encryption, KeyKind, LogAuditTrail};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CONFIG, CONFIGURATION};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/target", "/configuration/s3BucketName", Absence::Absent),
    source(
        "/all_regions",
        "/configuration/isMultiRegionTrail",
        Absence::Default("false"),
    ),
    source(
        "/organization",
        "/configuration/isOrganizationTrail",
        Absence::Default("false"),
    ),
    source(
        "/integrity_validation",
        "/configuration/logFileValidationEnabled",
        Absence::Default("false"),
    ),
    source(
        "/encryption/key_kind",
        "/configuration/kmsKeyId",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/configuration/kmsKeyId", Absence::Absent),
];

pub(super) const NATIVE_TYPE: &str = "AWS::CloudTrail::Trail";

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: NATIVE_TYPE,
    kind: "log.audit_trail",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Trail>(CONFIGURATION)?)),
    build,
    lends: Some("/all_regions"),
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trail {
    #[serde(default)]
    s3_bucket_name: Option<String>,
    #[serde(default, deserialize_with = "json::flag")]
    is_multi_region_trail: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    is_organization_trail: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    log_file_validation_enabled: Option<bool>,
    #[serde(default)]
    kms_key_id: Option<String>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(trail)) = group.native::<Option<Trail>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let known = |value: Option<bool>| Fact::Known(value.unwrap_or(false));
    let key = trail.kms_key_id.clone().filter(|key| !key.is_empty());
    Built::new(&LogAuditTrail {
        enabled: Fact::Unknown(group.not_read("status")),
        target: trail.s3_bucket_name.clone().filter(|name| !name.is_empty()).into(),
        all_regions: known(trail.is_multi_region_trail),
        organization: known(trail.is_organization_trail),
        integrity_validation: known(trail.log_file_validation_enabled),
        // A trail's key is one of the customer's; without it the files are encrypted by S3. Source: "Encrypting
        // CloudTrail log files with AWS KMS keys (SSE-KMS)".
        encryption: Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(if key.is_some() {
                KeyKind::Customer
            } else {
                KeyKind::Provider
            }),
            key_id: key.into(),
        },
        ..LogAuditTrail::default()
    })
}
