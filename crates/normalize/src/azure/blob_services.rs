//! `Microsoft.Storage/storageAccounts/blobServices`: versioning and soft delete of a storage account.
//!
//! Source: Azure REST API reference `Blob Services - Get Service Properties`, read 2026-11-23.

use nephoscope_model::Fact;
use nephoscope_model::kinds::SoftDelete;
use serde::Deserialize;

use super::{ARM, PROPERTIES, storage_account, whole_before};
use crate::json;
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage;

pub(crate) const NATIVE_TYPE: &str = "Microsoft.Storage/storageAccounts/blobServices";

const SOURCES: &[Source] = &[
    source(
        "/versioning/enabled",
        "/properties/isVersioningEnabled",
        Absence::Default("false"),
    ),
    source(
        "/soft_delete/enabled",
        "/properties/deleteRetentionPolicy/enabled",
        Absence::Default("false"),
    ),
    source(
        "/soft_delete/days",
        "/properties/deleteRetentionPolicy/days",
        Absence::Absent,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "storage.bucket",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<BlobService>(PROPERTIES)?)),
    role: Role::Part {
        of: storage_account::NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, "/blobservices/"),
    },
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlobService {
    #[serde(default, deserialize_with = "json::flag")]
    is_versioning_enabled: Option<bool>,
    #[serde(default)]
    delete_retention_policy: Option<DeleteRetentionPolicy>,
}

#[derive(Debug, Deserialize)]
struct DeleteRetentionPolicy {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "json::integer")]
    days: Option<i64>,
}

impl BlobService {
    pub(crate) fn versioning(&self) -> bool {
        self.is_versioning_enabled.unwrap_or(false)
    }

    pub(crate) fn soft_delete(&self) -> SoftDelete {
        let policy = self.delete_retention_policy.as_ref();
        let enabled = policy.and_then(|policy| policy.enabled).unwrap_or(false);
        let days = policy.and_then(|policy| policy.days).filter(|_| enabled);
        SoftDelete {
            enabled: Fact::Known(enabled),
            days: days.map(storage::days).into(),
        }
    }
}
