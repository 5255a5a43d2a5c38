//! `Microsoft.Compute/disks` → `compute.disk`.
//!
//! Every managed disk is encrypted; without a statement with the platform's key, which is the default. A customer's key
//! is named by the disk encryption set that holds it. Source: Azure REST API reference `Disks - Get`, `EncryptionType`,
//! `DiskState`, `DiskSecurityTypes`, "Server-side encryption of Azure Disk Storage", read 2026-11-25.

use nephoscope_model::kinds::{ComputeDisk, Encryption, KeyKind};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{ARM, PROPERTIES};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/encryption/enabled", "/properties", Absence::Unknown),
    source(
        "/encryption/key_kind",
        "/properties/encryption/type",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_kind",
        "/properties/securityProfile/securityType",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/properties/encryption/diskEncryptionSetId",
        Absence::Absent,
    ),
    source(
        "/encryption/key_id",
        "/properties/securityProfile/secureVMDiskEncryptionSetId",
        Absence::Absent,
    ),
    source("/attached", "/properties/diskState", Absence::Unknown),
    source("/attached", "/managedBy", Absence::Unknown),
    source("/attached", "/managedByExtended", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.Compute/disks",
    kind: "compute.disk",
    sources: SOURCES,
    read: |body| {
        Ok(Box::new(Disk {
            owner: body.whole()?,
            properties: body.section(PROPERTIES)?,
        }))
    },
    build,
    ..Mapping::BASE
};

struct Disk {
    owner: Owner,
    properties: Option<Properties>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    #[serde(default)]
    managed_by: Text,
    // Of a shared disk, all that have it.
    #[serde(default, deserialize_with = "json::many")]
    managed_by_extended: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default)]
    disk_state: Option<String>,
    #[serde(default)]
    encryption: Option<DiskEncryption>,
    #[serde(default)]
    security_profile: Option<SecurityProfile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DiskEncryption {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    disk_encryption_set_id: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecurityProfile {
    #[serde(default)]
    security_type: Option<String>,
    #[serde(default, rename = "secureVMDiskEncryptionSetId")]
    secure_vm_disk_encryption_set_id: Text,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, disk) = group.native::<Disk>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    // A row of Resource Graph holds only the columns that its query names, a list of resources no properties.
    let Some(properties) = &disk.properties else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    Built::new(&ComputeDisk {
        encryption: encryption(properties),
        attached: attached(&disk.owner, properties),
    })
}

fn encryption(properties: &Properties) -> Encryption {
    let is = |value: Option<&str>, name: &str| value.is_some_and(|value| value.eq_ignore_ascii_case(name));
    let at_rest = properties.encryption.as_ref();
    let kind = at_rest.and_then(|encryption| encryption.kind.as_deref());
    let confidential = properties.security_profile.as_ref().filter(|profile| {
        is(
            profile.security_type.as_deref(),
            "ConfidentialVM_DiskEncryptedWithCustomerKey",
        )
    });
    let (key_kind, key) = if let Some(profile) = confidential {
        (
            Fact::Known(KeyKind::Customer),
            profile.secure_vm_disk_encryption_set_id.clone(),
        )
    } else if is(kind, "EncryptionAtRestWithCustomerKey") || is(kind, "EncryptionAtRestWithPlatformAndCustomerKeys") {
        let key = at_rest.map(|encryption| encryption.disk_encryption_set_id.clone());
        (Fact::Known(KeyKind::Customer), key.unwrap_or_default())
    } else if kind.is_none() || is(kind, "EncryptionAtRestWithPlatformKey") {
        (Fact::Known(KeyKind::Provider), Text::default())
    } else {
        let detail = format!("`{}` is no known type of encryption", kind.unwrap_or_default());
        (Fact::Unknown(Gap::with(Reason::ParseError, detail)), Text::default())
    };
    Encryption {
        enabled: Fact::Known(true),
        key_kind,
        key_id: key.take().into(),
    }
}

fn attached(owner: &Owner, properties: &Properties) -> Fact<bool> {
    if owner.managed_by.0.as_deref().is_some_and(|id| !id.is_empty()) || !owner.managed_by_extended.is_empty() {
        return Fact::Known(true);
    }
    let state = properties.disk_state.as_deref().unwrap_or_default();
    let is = |names: &[&str]| names.iter().any(|name| state.eq_ignore_ascii_case(name));
    if is(&["Attached", "Reserved", "Frozen", "ActiveSASFrozen"]) {
        Fact::Known(true)
    } else if is(&["Unattached", "ReadyToUpload", "ActiveUpload"]) {
        Fact::Known(false)
    } else {
        // `ActiveSAS` is said of attached disks as well.
        Fact::Unknown(Gap::with(Reason::NotRead, "managedBy"))
    }
}
