//! `aws_sqs_queue` with its policy → `messaging.queue`.
//!
//! A new queue is encrypted with keys of SQS unless told otherwise. Source: Terraform AWS provider documentation of
//! `aws_sqs_queue` and `aws_sqs_queue_policy`; Amazon SQS Developer Guide "Encryption at rest".

use nephoscope_model::kinds::{Encryption, KeyKind, Messaging};
use nephoscope_model::{Fact, Gap, Reason};

use super::keys::{self, Keys};
use super::planned::{self, Planned};
use super::{PLAN, WHOLE, aws_policies, join};
use crate::aws::sqs_queue::SERVICE;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "aws_sqs_queue";

const KEYS: Keys = Keys {
    made_by: keys::OF_KMS,
    managed: Some("alias/aws/sqs"),
    told_by: None,
};

const SOURCES: &[Source] = &[
    source(
        "/encryption/enabled",
        "/values/sqs_managed_sse_enabled",
        Absence::Default("true"),
    ),
    source(
        "/encryption/key_kind",
        "/values/kms_master_key_id",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/values/kms_master_key_id", Absence::Absent),
    source("/public_access/grants", "/values/policy", Absence::Default("[]")),
];

pub(super) const QUEUE: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "messaging.queue",
    sources: SOURCES,
    read: |body| {
        planned::read(
            body,
            &["id", "url", "kms_master_key_id", "sqs_managed_sse_enabled", "policy"],
        )
    },
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["id"], &["url"]])),
    ..WHOLE
};

pub(super) const POLICY: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_sqs_queue_policy",
    kind: "messaging.queue",
    sources: &[source("/public_access/grants", "/values/policy", Absence::Unknown)],
    read: |body| planned::read(body, &["queue_url", "policy"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["queue_url"]]),
    },
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, queue) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let (public_access, notes) = aws_policies::grants(group, queue, &SERVICE, POLICY.native_type, Some("/policy"));
    let mut built = Built::new(&Messaging {
        encryption: encryption(queue),
        network: Fact::Absent,
        shared_keys: Fact::Absent,
        public_access,
    });
    built.provenance.extend(notes);
    built
}

fn encryption(queue: &Planned) -> Encryption {
    let key = queue.at("/kms_master_key_id");
    if key.value() != Fact::Absent && key.text() != Fact::Absent {
        return KEYS.encryption(&key);
    }
    match queue.computed("/sqs_managed_sse_enabled").flag() {
        Fact::Known(false) => keys::off(),
        Fact::Unknown(gap) | Fact::Partial(_, gap) => keys::unknown(&gap),
        // The state of a queue from before 2022 has no such value.
        Fact::Absent if !queue.created => keys::off(),
        Fact::Known(true) | Fact::Absent => Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(KeyKind::Provider),
            key_id: Fact::Absent,
        },
    }
}
