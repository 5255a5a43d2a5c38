//! `AWS::ECR::Repository` → `container.registry`.
//!
//! The properties that AWS Config lists for the type hold neither policy nor encryption, so that what an item lacks is not
//! known. Scanning that the whole registry turns on (enhanced scanning) stands in no item. Source: AWS Config resource
//! schema `AWS::ECR::Repository`; Amazon ECR API `Repository`, `PutImageTagMutability`; Amazon ECR User Guide "Private
//! repository policies", read 2026-11-25.

use nephoscope_model::kinds::{ContainerRegistry, Encryption, KeyKind, PublicAction, PublicPrincipal};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::resource_policy::{PolicyGrant, Service};
use super::{CONFIG, CONFIGURATION};
use crate::body::Body;
use crate::error::NormalizeError;
use crate::grants;
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Native, Source, source};
use crate::storage::unknown;

const POLICY: &str = "/configuration/RepositoryPolicyText";

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/configuration/EncryptionConfiguration/EncryptionType",
        Absence::Unknown,
    ),
    source(
        "/encryption/key_kind",
        "/configuration/EncryptionConfiguration/KmsKey",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/configuration/EncryptionConfiguration/KmsKey",
        Absence::Absent,
    ),
    source("/public_access/grants", POLICY, Absence::Unknown),
    source("/immutable_tags", "/configuration/ImageTagMutability", Absence::Unknown),
    source(
        "/scan_on_push",
        "/configuration/ImageScanningConfiguration/ScanOnPush",
        Absence::Unknown,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::ECR::Repository",
    kind: "container.registry",
    sources: SOURCES,
    read,
    build,
    ..Mapping::BASE
};

/// Source: Service Authorization Reference "Amazon Elastic Container Registry"; it refuses unsigned requests.
pub(crate) const SERVICE: Service = Service {
    prefix: "ecr",
    what: "repository policy",
    everyone: PublicPrincipal::AnyAuthenticated,
    narrowing: &[],
    actions: &[
        ("SetRepositoryPolicy", PublicAction::Admin),
        ("DeleteRepositoryPolicy", PublicAction::Admin),
        ("DeleteRepository", PublicAction::Admin),
        ("PutImage", PublicAction::Write),
        ("InitiateLayerUpload", PublicAction::Write),
        ("UploadLayerPart", PublicAction::Write),
        ("CompleteLayerUpload", PublicAction::Write),
        ("BatchDeleteImage", PublicAction::Write),
        ("PutLifecyclePolicy", PublicAction::Write),
        ("DeleteLifecyclePolicy", PublicAction::Write),
        ("PutImageTagMutability", PublicAction::Write),
        ("PutImageScanningConfiguration", PublicAction::Write),
        ("ReplicateImage", PublicAction::Write),
        ("TagResource", PublicAction::Write),
        ("UntagResource", PublicAction::Write),
        ("BatchGetImage", PublicAction::Read),
        ("GetDownloadUrlForLayer", PublicAction::Read),
    ],
    names_resource: false,
};

struct Repository {
    configuration: Option<Configuration>,
    policy: Option<Result<Vec<PolicyGrant>, Gap>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    #[serde(default)]
    repository_policy_text: Option<Box<RawValue>>,
    #[serde(default)]
    encryption_configuration: Option<EncryptionConfiguration>,
    #[serde(default)]
    image_scanning_configuration: Option<ScanningConfiguration>,
    #[serde(default)]
    image_tag_mutability: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptionConfiguration {
    #[serde(default)]
    encryption_type: Option<String>,
    #[serde(default)]
    kms_key: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScanningConfiguration {
    #[serde(default, deserialize_with = "json::flag")]
    scan_on_push: Option<bool>,
}

fn read(body: &Body<'_>) -> Result<Native, NormalizeError> {
    let mut configuration: Option<Configuration> = body.section(CONFIGURATION)?;
    // The text can be long and is not needed again.
    let text = configuration
        .as_mut()
        .and_then(|all| all.repository_policy_text.take())
        .filter(|text| text.get() != "null");
    Ok(Box::new(Repository {
        configuration,
        policy: text.map(|text| SERVICE.read(text.get(), &body.id)),
    }))
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(
        piece,
        Repository {
            configuration: Some(configuration),
            policy,
        },
    ) = group.native::<Repository>()
    else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let (drafts, missing) = match policy {
        Some(Ok(grants)) => (SERVICE.drafts(grants, piece, POLICY), None),
        Some(Err(gap)) => (Vec::new(), Some(gap.clone())),
        None => (Vec::new(), Some(Gap::with(Reason::NotRead, "ecr:GetRepositoryPolicy"))),
    };
    let (public_access, notes) = grants::settle(drafts, missing);
    let stated = |value: Option<bool>, field: &str| {
        value.map_or_else(|| unknown(&Gap::with(Reason::NotRead, field)), Fact::Known)
    };
    // `IMMUTABLE_WITH_EXCLUSION` lets some tags move.
    let mutability = configuration.image_tag_mutability.as_deref();
    let scanning = configuration.image_scanning_configuration.as_ref();
    let mut built = Built::new(&ContainerRegistry {
        encryption: encryption(configuration.encryption_configuration.as_ref()),
        public_access,
        network: Fact::Absent,
        immutable_tags: stated(
            mutability.map(|text| text.eq_ignore_ascii_case("IMMUTABLE")),
            "ImageTagMutability",
        ),
        scan_on_push: stated(scanning.and_then(|all| all.scan_on_push), "ScanOnPush"),
        admin_user: Fact::Absent,
    });
    built.provenance = notes;
    built
}

/// It cannot be turned off; without a key of one's own it is S3's or the key `aws/ecr`. Source: Amazon ECR User Guide
/// "Encryption at rest".
fn encryption(configuration: Option<&EncryptionConfiguration>) -> Encryption {
    let Some(kind) = configuration.and_then(|all| all.encryption_type.as_deref()) else {
        let gap = Gap::with(Reason::NotRead, "EncryptionConfiguration");
        return Encryption {
            enabled: Fact::Known(true),
            key_kind: unknown(&gap),
            key_id: unknown(&gap),
        };
    };
    let key = configuration
        .filter(|_| !kind.eq_ignore_ascii_case("AES256"))
        .and_then(|all| all.kms_key.clone())
        .filter(|key| !key.is_empty() && !key.ends_with("alias/aws/ecr"));
    Encryption {
        enabled: Fact::Known(true),
        key_kind: Fact::Known(match key {
            Some(_) => KeyKind::Customer,
            None => KeyKind::Provider,
        }),
        key_id: key.into(),
    }
}
