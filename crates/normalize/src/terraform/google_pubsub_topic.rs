//! `google_pubsub_topic` with its IAM resources → `messaging.topic`.
//!
//! Source: Terraform Google provider documentation of `google_pubsub_topic`; Pub/Sub "Configure message encryption", read
//! 2026-11-25.

use nephoscope_model::kinds::{Messaging, PublicAction};
use nephoscope_model::{Fact, Gap, Reason, Resource};

use super::google_grants::Iam;
use super::keys;
use super::planned::{self, Planned};
use super::{WHOLE, join};
use crate::gcp::pubsub;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Native, Source, source};

const NATIVE_TYPE: &str = "google_pubsub_topic";

const IAM: Iam = Iam {
    member: "google_pubsub_topic_iam_member",
    binding: "google_pubsub_topic_iam_binding",
    policy: "google_pubsub_topic_iam_policy",
    roles: pubsub::ROLES,
    other: PublicAction::Read,
};

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/values/kms_key_name",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/values/kms_key_name", Absence::Absent),
];

pub(super) const TOPIC: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "messaging.topic",
    sources: SOURCES,
    read: |body| planned::read(body, &["name", "kms_key_name"]),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["name"]])),
    ..WHOLE
};

pub(super) const MEMBER: Mapping = IAM.member("messaging.topic", NATIVE_TYPE, names);
pub(super) const BINDING: Mapping = IAM.binding("messaging.topic", NATIVE_TYPE, names);
pub(super) const POLICY: Mapping = IAM.policy("messaging.topic", NATIVE_TYPE, names);

fn names(resource: &Resource, native: Option<&Native>) -> Vec<String> {
    join::part(resource, native, NATIVE_TYPE, &[&["topic"]])
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, topic) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let (public_access, notes) = IAM.grants(group, topic);
    let mut built = Built::new(&Messaging {
        encryption: keys::GOOGLE.encryption(&topic.at("/kms_key_name")),
        network: Fact::Absent,
        shared_keys: Fact::Absent,
        public_access,
    });
    built.provenance.extend(notes);
    built
}
