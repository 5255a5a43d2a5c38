//! `Microsoft.Storage/storageAccounts/blobServices/containers`: grants to the public of a storage account.
//!
//! Source: Azure REST API reference `Blob Containers - List`, read 2026-11-23.

use serde::Deserialize;

use super::{ARM, PROPERTIES, storage_account, whole_before};
use crate::mapping::{Absence, Mapping, Role, Source, source};

pub(crate) const NATIVE_TYPE: &str = "Microsoft.Storage/storageAccounts/blobServices/containers";

const SOURCES: &[Source] = &[source(
    "/public_access/grants",
    "/properties/publicAccess",
    Absence::Default("[]"),
)];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "storage.bucket",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Container>(PROPERTIES)?)),
    role: Role::Part {
        of: storage_account::NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, "/blobservices/"),
    },
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Container {
    #[serde(default)]
    public_access: Option<String>,
}

impl Container {
    /// `Blob` and `Container` are public, `None` and null are not; a level that is not known may be.
    pub(crate) fn is_public(&self) -> bool {
        self.public_access
            .as_deref()
            .is_some_and(|level| !level.eq_ignore_ascii_case("none"))
    }
}
