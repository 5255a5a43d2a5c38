//! `AWS::SQS::Queue` → `messaging.queue`.
//!
//! The configuration is the map of the queue's attributes: SQS leaves the policy out of a queue that has none. An item with
//! `supplementaryConfiguration`, even empty, is whole; the answer of SelectResourceConfig has none, and tells nothing of
//! what it lacks. Source: AWS Config resource schema `AWS::SQS::Queue` and a recorded item; Amazon SQS API
//! `GetQueueAttributes`; Amazon SQS Developer Guide "Encryption at rest", read 2026-11-25.

use nephoscope_model::kinds::{Encryption, KeyKind, Messaging, PublicAction, PublicPrincipal};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::resource_policy::{PolicyGrant, Service};
use super::{CONFIG, CONFIGURATION, SUPPLEMENTARY};
use crate::body::Body;
use crate::error::NormalizeError;
use crate::grants;
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Native, Source, source};
use crate::storage::unknown;

const POLICY: &str = "/configuration/Policy";
const KEY: &str = "/configuration/KmsMasterKeyId";
const OWN: &str = "/configuration/SqsManagedSseEnabled";

const SOURCES: &[Source] = &[
    source("/encryption/enabled", KEY, Absence::Default("false")),
    source("/encryption/enabled", OWN, Absence::Unknown),
    source("/encryption/key_kind", KEY, Absence::Default("provider")),
    source("/encryption/key_id", KEY, Absence::Absent),
    source("/public_access/grants", POLICY, Absence::Default("[]")),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::SQS::Queue",
    kind: "messaging.queue",
    sources: SOURCES,
    read,
    build,
    ..Mapping::BASE
};

/// Source: Service Authorization Reference "Amazon SQS"; a queue takes unsigned requests where its policy does.
pub(crate) const SERVICE: Service = Service {
    prefix: "sqs",
    what: "queue policy",
    everyone: PublicPrincipal::Everyone,
    narrowing: &[],
    actions: &[
        ("AddPermission", PublicAction::Admin),
        ("RemovePermission", PublicAction::Admin),
        ("SetQueueAttributes", PublicAction::Admin),
        ("DeleteQueue", PublicAction::Admin),
        ("CreateQueue", PublicAction::Write),
        ("SendMessage", PublicAction::Write),
        ("SendMessageBatch", PublicAction::Write),
        ("DeleteMessage", PublicAction::Write),
        ("DeleteMessageBatch", PublicAction::Write),
        ("ChangeMessageVisibility", PublicAction::Write),
        ("ChangeMessageVisibilityBatch", PublicAction::Write),
        ("PurgeQueue", PublicAction::Write),
        ("StartMessageMoveTask", PublicAction::Write),
        ("CancelMessageMoveTask", PublicAction::Write),
        ("TagQueue", PublicAction::Write),
        ("UntagQueue", PublicAction::Write),
        ("ReceiveMessage", PublicAction::Read),
    ],
    names_resource: true,
};

struct Queue {
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
    #[serde(default, deserialize_with = "json::flag")]
    sqs_managed_sse_enabled: Option<bool>,
}

fn read(body: &Body<'_>) -> Result<Native, NormalizeError> {
    let mut configuration: Option<Configuration> = body.section(CONFIGURATION)?;
    // The text can be long and is not needed again.
    let text = (configuration.as_mut()).and_then(|all| all.policy.take());
    Ok(Box::new(Queue {
        configuration,
        policy: text.map(|text| SERVICE.read(text.get(), &body.id)),
        whole: body.holds(SUPPLEMENTARY),
    }))
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(
        piece,
        Queue {
            configuration: Some(configuration),
            policy,
            whole,
        },
    ) = group.native::<Queue>()
    else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let (drafts, missing) = match policy {
        Some(Ok(grants)) => (SERVICE.drafts(grants, piece, POLICY), None),
        Some(Err(gap)) => (Vec::new(), Some(gap.clone())),
        None => (Vec::new(), (!whole).then(|| Gap::with(Reason::NotRead, "Policy"))),
    };
    let (public_access, notes) = grants::settle(drafts, missing);
    let mut built = Built::new(&Messaging {
        encryption: encryption(configuration, *whole),
        network: Fact::Absent,
        shared_keys: Fact::Absent,
        public_access,
    });
    built.provenance = notes;
    built
}

/// New queues are encrypted with keys of SQS since 2022 unless told otherwise; an item from before does not say.
fn encryption(configuration: &Configuration, whole: bool) -> Encryption {
    if let Some(key) = configuration.kms_master_key_id.as_ref().filter(|key| !key.is_empty()) {
        return with_key(key, "alias/aws/sqs");
    }
    let gap = Gap::with(Reason::NotRead, "SqsManagedSseEnabled");
    match configuration.sqs_managed_sse_enabled.filter(|_| whole) {
        Some(true) => Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(KeyKind::Provider),
            key_id: Fact::Absent,
        },
        Some(false) => Encryption {
            enabled: Fact::Known(false),
            ..Encryption::default()
        },
        None => Encryption {
            enabled: unknown(&gap),
            key_kind: unknown(&gap),
            key_id: unknown(&gap),
        },
    }
}

/// Returns encryption with a key of KMS, of which `managed` is the alias of the one that AWS made in the account.
pub(crate) fn with_key(key: &str, managed: &str) -> Encryption {
    let customer = !key.ends_with(managed);
    Encryption {
        enabled: Fact::Known(true),
        key_kind: Fact::Known(if customer { KeyKind::Customer } else { KeyKind::Provider }),
        key_id: customer.then(|| key.to_owned()).into(),
    }
}
