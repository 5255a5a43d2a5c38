//! `compute.googleapis.com/Disk` and `compute.googleapis.com/RegionDisk` → `compute.disk`.
//!
//! Every disk is encrypted; `diskEncryptionKey` is there when a customer's key is used, which is named when Cloud KMS
//! holds it and shown by a digest when the customer hands it over. Disks with instances list them under `users`
//! (exports before 2020: `user`). Source: Compute Engine API `disks`, "About disk encryption", read 2026-11-25.

use nephoscope_model::Fact;
use nephoscope_model::kinds::{ComputeDisk, Encryption, KeyKind};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{CAI, DATA, IAM_POLICY};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/encryption/enabled", "/resource/data", Absence::Unknown),
    source(
        "/encryption/key_kind",
        "/resource/data/diskEncryptionKey",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/resource/data/diskEncryptionKey/kmsKeyName",
        Absence::Absent,
    ),
    source("/attached", "/resource/data/users", Absence::Default("false")),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "compute.googleapis.com/Disk",
    kind: "compute.disk",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Disk>(DATA)?)),
    build,
    // The resource and its IAM policy stand on two lines that are one disk.
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};

/// A disk that is kept in two zones of a region.
pub(crate) const REGION_MAPPING: Mapping = Mapping {
    native_type: "compute.googleapis.com/RegionDisk",
    ..MAPPING
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Disk {
    #[serde(default)]
    disk_encryption_key: Option<EncryptionKey>,
    #[serde(default, deserialize_with = "json::many")]
    users: Vec<IgnoredAny>,
    #[serde(default, deserialize_with = "json::many")]
    user: Vec<IgnoredAny>,
}

/// Of a key that the customer hands over only that there is one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EncryptionKey {
    #[serde(default)]
    kms_key_name: Text,
    #[serde(default)]
    sha256: Option<IgnoredAny>,
    #[serde(default)]
    raw_key: Option<IgnoredAny>,
    #[serde(default)]
    rsa_encrypted_key: Option<IgnoredAny>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(native)) = group.native::<Option<Disk>>() else {
        return Built::unknown(group.not_read("resource"));
    };
    Built::new(&ComputeDisk {
        encryption: encryption(native),
        attached: Fact::Known(!native.users.is_empty() || !native.user.is_empty()),
    })
}

fn encryption(native: &Disk) -> Encryption {
    let key = native.disk_encryption_key.as_ref();
    let name = key.and_then(|key| key.kms_key_name.clone().take()).map(|name| {
        // A disk names the version that encrypts it, which changes with every rotation.
        name.split_once("/cryptoKeyVersions/")
            .map_or(name.clone(), |(key, _)| key.to_owned())
    });
    let handed_over =
        key.is_some_and(|key| key.sha256.is_some() || key.raw_key.is_some() || key.rsa_encrypted_key.is_some());
    Encryption {
        enabled: Fact::Known(true),
        key_kind: Fact::Known(match name.is_some() || handed_over {
            true => KeyKind::Customer,
            false => KeyKind::Provider,
        }),
        key_id: name.into(),
    }
}
