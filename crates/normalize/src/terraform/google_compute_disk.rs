//! `google_compute_disk` with its attachments → `compute.disk`.
//!
//! Every disk is encrypted. A disk is in use where an instance names it or a resource apart attaches it. Source: Terraform
//! Google provider documentation of `google_compute_disk` and `google_compute_attached_disk`; Compute Engine "About disk
//! encryption", read 2026-11-25.

use nephoscope_model::kinds::{ComputeDisk, Encryption, KeyKind};
use nephoscope_model::{Fact, Gap, Reason, Resource};

use super::planned::{self, Planned};
use super::{PLAN, WHOLE, google_compute_instance, join, keys};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "google_compute_disk";

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/values/disk_encryption_key",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/values/disk_encryption_key/0/kms_key_self_link",
        Absence::Absent,
    ),
    source("/attached", "/values/users", Absence::Unknown),
];

pub(super) const DISK: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "compute.disk",
    sources: SOURCES,
    // The keys that a customer hands over are not kept.
    read: |body| planned::read(body, &["name", "self_link", "disk_encryption_key", "users"]),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["name"]])),
    ..WHOLE
};

pub(super) const ATTACHMENT: Mapping = Mapping {
    dialects: PLAN,
    native_type: "google_compute_attached_disk",
    kind: "compute.disk",
    read: |body| planned::read(body, &["disk"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["disk"]]),
    },
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, disk) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let part = group.parts(ATTACHMENT.native_type).next();
    let attached = if part.is_some() || named_by_instance(group, disk) {
        Fact::Known(true)
    } else {
        match disk.computed("/users").items() {
            Fact::Known(users) | Fact::Partial(users, _) if !users.is_empty() => Fact::Known(true),
            // A new disk is where the plan puts it.
            _ if disk.created => unresolved(group).map_or(Fact::Known(false), Fact::Unknown),
            Fact::Known(_) | Fact::Partial(..) => Fact::Known(false),
            Fact::Absent => Fact::Unknown(group.not_read("users")),
            Fact::Unknown(gap) => Fact::Unknown(gap),
        }
    };
    let mut built = Built::new(&ComputeDisk {
        encryption: encryption(disk),
        attached,
    });
    if let Some(piece) = part {
        built.from("/attached", piece, "/values/disk");
    }
    built
}

/// Where an instance names its disks.
const PLACES: &[&str] = &["/boot_disk", "/attached_disk"];

fn instances<'a>(group: &Group<'a>) -> impl Iterator<Item = &'a Planned> {
    let file = |resource: &Resource| resource.origins.first().map(|origin| origin.file.clone());
    let here = file(&group.main.resource);
    (group.context.planned(google_compute_instance::NATIVE_TYPE).iter())
        .filter(move |piece| file(&piece.resource) == here)
        .filter_map(|piece| match piece.get::<Planned>() {
            Found::Read(_, instance) => Some(instance),
            _ => None,
        })
}

fn named_by_instance(group: &Group<'_>, disk: &Planned) -> bool {
    let link = disk.at("/self_link").text();
    instances(group).any(|instance| {
        let referred = PLACES
            .iter()
            .flat_map(|place| instance.references(place))
            .any(|address| address == disk.address);
        let sources = (instance.at("/attached_disk").items().value())
            .into_iter()
            .flatten()
            .chain(instance.at("/boot_disk").items().value().into_iter().flatten())
            .any(|block| link != Fact::Absent && block.at("/source").text() == link);
        referred || (matches!(link, Fact::Known(_)) && sources)
    })
}

/// Returns the gap for an instance whose disks are known only after apply, and not named by reference.
fn unresolved(group: &Group<'_>) -> Option<Gap> {
    instances(group).find_map(|instance| {
        let open = instance.at("/attached_disk");
        let blocks = open.items();
        let gap = blocks.gap().cloned().or_else(|| {
            let blocks = blocks.value()?;
            blocks
                .iter()
                .find_map(|block| block.at("/source").text().gap().cloned())
        })?;
        open.referred_resources().next().is_none().then_some(gap)
    })
}

fn encryption(disk: &Planned) -> Encryption {
    let block = match disk.computed("/disk_encryption_key").block() {
        Fact::Known(block) | Fact::Partial(block, _) => block,
        Fact::Absent => {
            return Encryption {
                enabled: Fact::Known(true),
                key_kind: Fact::Known(KeyKind::Provider),
                key_id: Fact::Absent,
            };
        }
        Fact::Unknown(gap) => {
            return Encryption {
                enabled: Fact::Known(true),
                ..keys::unknown(&gap)
            };
        }
    };
    Encryption {
        // The block is there for a key of the customer's: one that Cloud KMS holds, or one that is handed over.
        key_kind: Fact::Known(KeyKind::Customer),
        ..keys::GOOGLE.encryption(&block.at("/kms_key_self_link"))
    }
}
