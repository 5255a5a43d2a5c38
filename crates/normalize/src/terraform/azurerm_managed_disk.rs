//! `azurerm_managed_disk` with its attachments → `compute.disk`.
//!
//! Every disk is encrypted. Source: Terraform AzureRM provider documentation of `azurerm_managed_disk` and
//! `azurerm_virtual_machine_data_disk_attachment`; Azure "Server-side encryption of Azure Disk Storage", read 2026-11-25.

use nephoscope_model::kinds::{ComputeDisk, Encryption, KeyKind};
use nephoscope_model::{Fact, Gap, Reason};

use super::keys::Keys;
use super::planned::{self, Planned};
use super::{PLAN, WHOLE, join};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "azurerm_managed_disk";

/// A disk names the set that holds its key.
const SETS: Keys = Keys {
    made_by: &["azurerm_disk_encryption_set"],
    managed: None,
    told_by: None,
};

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/values/disk_encryption_set_id",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/values/disk_encryption_set_id", Absence::Absent),
    source(
        "/encryption/key_kind",
        "/values/secure_vm_disk_encryption_set_id",
        Absence::Default("provider"),
    ),
];

pub(super) const DISK: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "compute.disk",
    sources: SOURCES,
    read: |body| {
        planned::read(
            body,
            &["name", "disk_encryption_set_id", "secure_vm_disk_encryption_set_id"],
        )
    },
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["name"]])),
    ..WHOLE
};

pub(super) const ATTACHMENT: Mapping = Mapping {
    dialects: PLAN,
    native_type: "azurerm_virtual_machine_data_disk_attachment",
    kind: "compute.disk",
    read: |body| planned::read(body, &["managed_disk_id"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["managed_disk_id"]]),
    },
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, disk) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let part = group.parts(ATTACHMENT.native_type).next();
    let mut built = Built::new(&ComputeDisk {
        encryption: encryption(disk),
        attached: match part {
            Some(_) => Fact::Known(true),
            // A new disk is where the plan puts it.
            None if disk.created => Fact::Known(false),
            None => Fact::Unknown(group.not_read(ATTACHMENT.native_type)),
        },
    });
    if let Some(piece) = part {
        built.from("/attached", piece, "/values/managed_disk_id");
    }
    built
}

fn encryption(disk: &Planned) -> Encryption {
    let secure = disk.at("/secure_vm_disk_encryption_set_id");
    match secure.text() {
        Fact::Absent => SETS.encryption(&disk.at("/disk_encryption_set_id")),
        // Its set is there for a customer's key.
        _ => Encryption {
            key_kind: Fact::Known(KeyKind::Customer),
            ..SETS.encryption(&secure)
        },
    }
}
