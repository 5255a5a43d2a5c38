//! `AWS::SNS::Topic` → `messaging.topic`.
//!
//! Every topic has a policy, so that an item without one does not tell it. An item with `supplementaryConfiguration`, even
//! empty, is whole; the answer of SelectResourceConfig has none, and tells nothing of what it lacks. Source: AWS Config
//! resource schema `AWS::SNS::Topic`; Amazon SNS API `GetTopicAttributes`; Amazon SNS Developer Guide "Securing Amazon SNS
//! data with server-side encryption", read 2026-11-25.

use nephoscope_model::kinds::{Encryption, Messaging, PublicAction, PublicPrincipal};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::resource_policy::{PolicyGrant, Service};
use super::{CONFIG, CONFIGURATION, SUPPLEMENTARY, sqs_queue};
use crate::body::Body;
use crate::error::NormalizeError;
use crate::grants;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Native, Source, source};
use crate::storage::unknown;

const POLICY: &str = "/configuration/Policy";
const KEY: &str = "/configuration/KmsMasterKeyId";

const SOURCES: &[Source] = &[
    source("/encryption/enabled", KEY, Absence::Default("false")),
    source("/encryption/key_kind", KEY, Absence::Absent),
    source("/encryption/key_id", KEY, Absence::Absent),
    source("/public_access/grants", POLICY, Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::SNS::Topic",
    kind: "messaging.topic",
    sources: SOURCES,
    read,
    build,
    ..Mapping::BASE
};

/// Source: Service Authorization Reference "Amazon SNS"; a topic takes unsigned requests where its policy does. Who may
/// subscribe reads what is published; one fixed endpoint can only be its owner's.
pub(crate) const SERVICE: Service = Service {
    prefix: "sns",
    what: "topic policy",
    everyone: PublicPrincipal::Everyone,
    narrowing: &["sns:endpoint"],
    actions: &[
        ("AddPermission", PublicAction::Admin),
        ("RemovePermission", PublicAction::Admin),
        ("SetTopicAttributes", PublicAction::Admin),
        ("DeleteTopic", PublicAction::Admin),
        ("PutDataProtectionPolicy", PublicAction::Admin),
        ("Publish", PublicAction::Write),
        ("TagResource", PublicAction::Write),
        ("UntagResource", PublicAction::Write),
        ("Subscribe", PublicAction::Read),
        ("Receive", PublicAction::Read),
    ],
    names_resource: true,
};

struct Topic {
    configuration: Option<Configuration>,
    policy: Option<Result<Vec<PolicyGrant>, Gap>>,
    whole: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    #[serde(default)]
    policy: Option<Box<RawValue>>,
    #[serde(default)]
    kms_master_key_id: Option<String>,
}

fn read(body: &Body<'_>) -> Result<Native, NormalizeError> {
    let mut configuration: Option<Configuration> = body.section(CONFIGURATION)?;
    // The text can be long and is not needed again.
    let text = (configuration.as_mut()).and_then(|all| all.policy.take());
    Ok(Box::new(Topic {
        configuration,
        policy: text.map(|text| SERVICE.read(text.get(), &body.id)),
        whole: body.holds(SUPPLEMENTARY),
    }))
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(
        piece,
        Topic {
            configuration: Some(configuration),
            policy,
            whole,
        },
    ) = group.native::<Topic>()
    else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let (drafts, missing) = match policy {
        Some(Ok(grants)) => (SERVICE.drafts(grants, piece, POLICY), None),
        Some(Err(gap)) => (Vec::new(), Some(gap.clone())),
        None => (Vec::new(), Some(Gap::with(Reason::NotRead, "Policy"))),
    };
    let (public_access, notes) = grants::settle(drafts, missing);
    let key = configuration.kms_master_key_id.as_ref().filter(|key| !key.is_empty());
    let mut built = Built::new(&Messaging {
        encryption: match key {
            Some(key) => sqs_queue::with_key(key, "alias/aws/sns"),
            None => without_key(*whole),
        },
        network: Fact::Absent,
        shared_keys: Fact::Absent,
        public_access,
    });
    built.provenance = notes;
    built
}

/// Server-side encryption is off until a key is given.
fn without_key(whole: bool) -> Encryption {
    if whole {
        return Encryption {
            enabled: Fact::Known(false),
            ..Encryption::default()
        };
    }
    let gap = Gap::with(Reason::NotRead, "KmsMasterKeyId");
    Encryption {
        enabled: unknown(&gap),
        key_kind: unknown(&gap),
        key_id: unknown(&gap),
    }
}
