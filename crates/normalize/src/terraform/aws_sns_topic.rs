//! `aws_sns_topic` with its policy → `messaging.topic`.
//!
//! Encryption is off until a key is given. Source: Terraform AWS provider documentation of `aws_sns_topic` and
//! `aws_sns_topic_policy`; Amazon SNS Developer Guide "Securing Amazon SNS data with server-side encryption".

use nephoscope_model::kinds::Messaging;
use nephoscope_model::{Fact, Gap, Reason};

use super::keys::{self, Keys};
use super::planned::{self, Planned};
use super::{PLAN, WHOLE, aws_policies, join};
use crate::aws::sns_topic::SERVICE;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "aws_sns_topic";

const KEYS: Keys = Keys {
    made_by: keys::OF_KMS,
    managed: Some("alias/aws/sns"),
    told_by: None,
};

const SOURCES: &[Source] = &[
    source(
        "/encryption/enabled",
        "/values/kms_master_key_id",
        Absence::Default("false"),
    ),
    source("/encryption/key_kind", "/values/kms_master_key_id", Absence::Absent),
    source("/encryption/key_id", "/values/kms_master_key_id", Absence::Absent),
    source("/public_access/grants", "/values/policy", Absence::Default("[]")),
];

pub(super) const TOPIC: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "messaging.topic",
    sources: SOURCES,
    read: |body| planned::read(body, &["arn", "kms_master_key_id", "policy"]),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["arn"]])),
    ..WHOLE
};

pub(super) const POLICY: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_sns_topic_policy",
    kind: "messaging.topic",
    sources: &[source("/public_access/grants", "/values/policy", Absence::Unknown)],
    read: |body| planned::read(body, &["arn", "policy"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["arn"]]),
    },
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, topic) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let (public_access, notes) = aws_policies::grants(group, topic, &SERVICE, POLICY.native_type, Some("/policy"));
    let key = topic.at("/kms_master_key_id");
    let mut built = Built::new(&Messaging {
        encryption: match key.text() {
            Fact::Absent => keys::off(),
            // It may turn out to be none.
            Fact::Unknown(gap) if key.referred_resources().next().is_none() => keys::unknown(&gap),
            _ => KEYS.encryption(&key),
        },
        network: Fact::Absent,
        shared_keys: Fact::Absent,
        public_access,
    });
    built.provenance.extend(notes);
    built
}
