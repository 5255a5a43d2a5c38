//! `pubsub.googleapis.com/Topic` → `messaging.topic` and `pubsub.googleapis.com/Subscription` → `messaging.queue`, each with its
//! IAM policy.
//!
//! Source: Pub/Sub API `projects.topics`, `projects.subscriptions`, Pub/Sub "Access control with IAM", "Configure message
//! encryption", read 2026-11-25.

use nephoscope_model::kinds::{Encryption, KeyKind, Messaging, PublicAction};
use nephoscope_model::{Fact, Gap};
use serde::Deserialize;

use super::iam_policy::Line;
use super::{CAI, DATA, IAM_POLICY, public_bindings};
use crate::grants;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage::unknown;

const GRANTS: Source = source("/public_access/grants", "/iam_policy/bindings", Absence::Unknown);

const TOPIC_SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/resource/data/kmsKeyName",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/resource/data/kmsKeyName", Absence::Absent),
    GRANTS,
];

pub(crate) const TOPIC: Mapping = Mapping {
    native_type: "pubsub.googleapis.com/Topic",
    kind: "messaging.topic",
    sources: TOPIC_SOURCES,
    build: |group| build(group, encryption(group)),
    ..SHARED
};

pub(crate) const SUBSCRIPTION: Mapping = Mapping {
    native_type: "pubsub.googleapis.com/Subscription",
    kind: "messaging.queue",
    sources: &[GRANTS],
    // The key is its topic's.
    build: |group| {
        let encryption = Encryption {
            enabled: Fact::Known(true),
            ..Encryption::default()
        };
        build(group, encryption)
    },
    ..SHARED
};

const SHARED: Mapping = Mapping {
    dialects: CAI,
    read: |body| Ok(Box::new(Line::<Data>::read(body)?)),
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};

/// What each role lets its members do at most; who may subscribe reads what is published.
pub(crate) const ROLES: &[(&str, PublicAction)] = &[
    ("roles/owner", PublicAction::Admin),
    ("roles/editor", PublicAction::Write),
    ("roles/viewer", PublicAction::Inspect),
    ("roles/pubsub.admin", PublicAction::Admin),
    ("roles/pubsub.editor", PublicAction::Write),
    ("roles/pubsub.publisher", PublicAction::Write),
    ("roles/pubsub.viewer", PublicAction::Inspect),
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    #[serde(default)]
    kms_key_name: Option<String>,
}

fn build(group: &Group<'_>, encryption: Encryption) -> Built {
    let (drafts, missing) = public_bindings::public::<Data>(group, ROLES, PublicAction::Read);
    let (public_access, notes) = grants::settle(drafts, missing);
    let mut built = Built::new(&Messaging {
        encryption,
        network: Fact::Absent,
        shared_keys: Fact::Absent,
        public_access,
    });
    built.provenance = notes;
    built
}

fn encryption(group: &Group<'_>) -> Encryption {
    let key = match group.native::<Line<Data>>() {
        Found::Read(_, Line { data: Some(topic), .. }) => topic.kms_key_name.clone().filter(|key| !key.is_empty()),
        _ => return unread(&group.not_read("resource")),
    };
    Encryption {
        enabled: Fact::Known(true),
        key_kind: Fact::Known(match key {
            Some(_) => KeyKind::Customer,
            None => KeyKind::Provider,
        }),
        key_id: key.into(),
    }
}

fn unread(gap: &Gap) -> Encryption {
    Encryption {
        enabled: Fact::Known(true),
        key_kind: unknown(gap),
        key_id: unknown(gap),
    }
}
