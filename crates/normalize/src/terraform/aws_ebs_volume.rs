//! `aws_ebs_volume` with its attachments → `compute.disk`.
//!
//! Whether a volume that leaves it open is encrypted, and with which key, hangs on the defaults of the account and on its
//! snapshot. Source:
//! Terraform AWS provider documentation of `aws_ebs_volume` and `aws_volume_attachment`, Amazon EBS User Guide "Enable Amazon
//! EBS encryption by default".

use nephoscope_model::kinds::{ComputeDisk, Encryption};
use nephoscope_model::{Fact, Gap, Reason};

use super::keys::{self, Keys};
use super::planned::{self, Planned};
use super::{PLAN, WHOLE, join};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "aws_ebs_volume";

const KEYS: Keys = Keys {
    made_by: keys::OF_KMS,
    managed: Some("alias/aws/ebs"),
    told_by: Some("aws_kms_key"),
};

const SOURCES: &[Source] = &[
    source("/encryption/enabled", "/values/encrypted", Absence::Unknown),
    source("/encryption/key_kind", "/values/kms_key_id", Absence::Unknown),
    source("/encryption/key_id", "/values/kms_key_id", Absence::Absent),
];

pub(super) const VOLUME: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "compute.disk",
    sources: SOURCES,
    read: |body| planned::read(body, &["id", "encrypted", "kms_key_id"]),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["id"]])),
    ..WHOLE
};

pub(super) const ATTACHMENT: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_volume_attachment",
    kind: "compute.disk",
    read: |body| planned::read(body, &["volume_id"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["volume_id"]]),
    },
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, volume) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let attached = match group.parts(ATTACHMENT.native_type).next() {
        Some(_) => Fact::Known(true),
        // A new volume is where the plan puts it.
        None if volume.created => Fact::Known(false),
        None => Fact::Unknown(group.not_read(ATTACHMENT.native_type)),
    };
    let mut built = Built::new(&ComputeDisk {
        encryption: encryption(group, volume),
        attached,
    });
    if let Some(piece) = group.parts(ATTACHMENT.native_type).next() {
        built.from("/attached", piece, "/values/volume_id");
    }
    built
}

fn encryption(group: &Group<'_>, volume: &Planned) -> Encryption {
    let encrypted = match volume.computed("/encrypted").flag() {
        Fact::Absent => Fact::Unknown(group.not_read("aws_ebs_encryption_by_default")),
        other => other,
    };
    let with_key = KEYS.encryption(&volume.computed("/kms_key_id"));
    match encrypted {
        Fact::Known(false) => keys::off(),
        // The key of the account is the customer's to choose.
        Fact::Known(true) if with_key.key_id == Fact::Absent && !told(volume) => {
            let gap = group.not_read("aws_ebs_default_kms_key");
            Encryption {
                enabled: Fact::Known(true),
                ..keys::unknown(&gap)
            }
        }
        Fact::Known(true) => with_key,
        Fact::Unknown(gap) | Fact::Partial(_, gap) => Encryption {
            enabled: Fact::Unknown(gap.clone()),
            // The account has a key for it, too.
            key_kind: match with_key.key_id {
                Fact::Absent => Fact::Unknown(gap.clone()),
                _ => with_key.key_kind,
            },
            key_id: match with_key.key_id {
                Fact::Absent => Fact::Unknown(gap),
                other => other,
            },
        },
        Fact::Absent => keys::off(),
    }
}

fn told(volume: &Planned) -> bool {
    volume.computed("/kms_key_id").text() != Fact::Absent
}
