//! `aws_ecr_repository` with its policy → `container.registry`.
//!
//! Source: Terraform AWS provider documentation of `aws_ecr_repository` and `aws_ecr_repository_policy`; Amazon ECR User
//! Guide "Encryption at rest", "Private repository policies".

use nephoscope_model::kinds::{ContainerRegistry, Encryption, KeyKind};
use nephoscope_model::{Fact, Gap, Reason};

use super::keys::{self, Keys};
use super::planned::{self, Planned};
use super::{PLAN, WHOLE, aws_policies, join};
use crate::aws::ecr_repository::SERVICE;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "aws_ecr_repository";

const KEYS: Keys = Keys {
    made_by: keys::OF_KMS,
    managed: Some("alias/aws/ecr"),
    told_by: None,
};

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/values/encryption_configuration/0/encryption_type",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/values/encryption_configuration/0/kms_key",
        Absence::Absent,
    ),
    source(
        "/immutable_tags",
        "/values/image_tag_mutability",
        Absence::Default("false"),
    ),
    source(
        "/scan_on_push",
        "/values/image_scanning_configuration/0/scan_on_push",
        Absence::Default("false"),
    ),
];

pub(super) const REPOSITORY: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "container.registry",
    sources: SOURCES,
    read: |body| {
        planned::read(
            body,
            &[
                "name",
                "encryption_configuration",
                "image_tag_mutability",
                "image_scanning_configuration",
            ],
        )
    },
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["name"]])),
    ..WHOLE
};

pub(super) const POLICY: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_ecr_repository_policy",
    kind: "container.registry",
    sources: &[source("/public_access/grants", "/values/policy", Absence::Unknown)],
    read: |body| planned::read(body, &["repository", "policy"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["repository"]]),
    },
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, repository) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let (public_access, notes) = aws_policies::grants(group, repository, &SERVICE, POLICY.native_type, None);
    let scanning = repository.computed("/image_scanning_configuration").block();
    let mut built = Built::new(&ContainerRegistry {
        encryption: encryption(repository),
        public_access,
        network: Fact::Absent,
        // `IMMUTABLE_WITH_EXCLUSION` lets some tags move.
        immutable_tags: repository
            .at("/image_tag_mutability")
            .text()
            .map(|text| text.eq_ignore_ascii_case("IMMUTABLE"))
            .or_default(false),
        scan_on_push: (scanning.and_then(|block| block.at("/scan_on_push").flag())).or_default(false),
        admin_user: Fact::Absent,
    });
    built.provenance.extend(notes);
    built
}

/// It cannot be turned off; without a key of one's own it is S3's or the key `aws/ecr`.
fn encryption(repository: &Planned) -> Encryption {
    let provider = || Encryption {
        enabled: Fact::Known(true),
        key_kind: Fact::Known(KeyKind::Provider),
        key_id: Fact::Absent,
    };
    let block = match repository.computed("/encryption_configuration").block() {
        Fact::Known(block) | Fact::Partial(block, _) => block,
        Fact::Absent => return provider(),
        Fact::Unknown(gap) => {
            return Encryption {
                enabled: Fact::Known(true),
                ..keys::unknown(&gap)
            };
        }
    };
    match block.at("/encryption_type").text() {
        Fact::Known(kind) if kind.to_ascii_uppercase().starts_with("KMS") => KEYS.encryption(&block.at("/kms_key")),
        Fact::Unknown(gap) => Encryption {
            enabled: Fact::Known(true),
            ..keys::unknown(&gap)
        },
        _ => provider(),
    }
}
