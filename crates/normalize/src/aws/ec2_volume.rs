//! `AWS::EC2::Volume` → `compute.disk`.
//!
//! An item names the key by its ARN, and a key that AWS made in the account (`aws/ebs`) has an ARN like any other: who
//! manages it is in `AWS::KMS::Key` alone, and unknown where that was not read. Source: AWS Config resource schema `AWS::EC2::Volume`, EC2 API Reference
//! `Volume`, Amazon EBS User Guide "Amazon EBS encryption", read 2026-11-25.

use nephoscope_model::kinds::{ComputeDisk, Encryption, KeyKind};
use nephoscope_model::{Fact, Gap, Reason, Resource};
use serde::Deserialize;

use super::{CONFIG, CONFIGURATION, kms_key, partition};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/encryption/enabled", "/configuration/encrypted", Absence::Unknown),
    source("/encryption/key_kind", "/configuration/kmsKeyId", Absence::Unknown),
    source("/encryption/key_id", "/configuration/kmsKeyId", Absence::Absent),
    source("/attached", "/configuration/attachments", Absence::Unknown),
    source("/attached", "/configuration/state", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::EC2::Volume",
    kind: "compute.disk",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Volume>(CONFIGURATION)?)),
    build,
    role: Role::Whole,
    key: Some(key),
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Volume {
    #[serde(default, deserialize_with = "json::flag")]
    encrypted: Option<bool>,
    #[serde(default)]
    kms_key_id: Text,
    #[serde(default)]
    attachments: Option<Vec<Attachment>>,
    #[serde(default)]
    state: Option<State>,
}

#[derive(Debug, Deserialize)]
struct Attachment {
    #[serde(default)]
    state: Option<State>,
}

/// A state is a text, or stands in an object as the schema has it.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected the name of a state, or an object with it")]
enum State {
    Name(String),
    Object { value: String },
}

impl State {
    fn is(&self, name: &str) -> bool {
        let (State::Name(value) | State::Object { value }) = self;
        value.eq_ignore_ascii_case(name)
    }
}

/// Source: Service Authorization Reference "Amazon EC2", resource `volume`.
fn key(resource: &Resource) -> Option<String> {
    let Resource {
        account, region, id, ..
    } = resource;
    let stated = !account.is_empty() && !region.is_empty() && id.starts_with("vol-");
    stated.then(|| format!("arn:{}:ec2:{region}:{account}:volume/{id}", partition(region)))
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(native)) = group.native::<Option<Volume>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    Built::new(&ComputeDisk {
        encryption: encryption(group, native),
        attached: attached(native),
    })
}

fn encryption(group: &Group<'_>, native: &Volume) -> Encryption {
    let key = native.kms_key_id.clone().take();
    let (key_kind, key_id) = match (native.encrypted, key) {
        (Some(false), _) => (Fact::Absent, Fact::Absent),
        (_, Some(key)) if key.ends_with("alias/aws/ebs") => (Fact::Known(KeyKind::Provider), Fact::Absent),
        (_, Some(key)) => (kms_key::manager_of(group.context, &key), Fact::Known(key)),
        (_, None) => {
            let gap = Gap::with(Reason::NotRead, "configuration.kmsKeyId");
            (Fact::Unknown(gap.clone()), Fact::Unknown(gap))
        }
    };
    Encryption {
        enabled: match native.encrypted {
            Some(encrypted) => Fact::Known(encrypted),
            // Items of early days have no such field, and whether a volume is encrypted hangs on the account's default.
            None => Fact::Unknown(Gap::with(Reason::NotRead, "configuration.encrypted")),
        },
        key_kind,
        key_id,
    }
}

fn attached(native: &Volume) -> Fact<bool> {
    let detached = |state: &Option<State>| state.as_ref().is_some_and(|state| state.is("detached"));
    match (&native.attachments, &native.state) {
        (Some(list), _) if list.iter().any(|attachment| !detached(&attachment.state)) => Fact::Known(true),
        (_, Some(state)) if state.is("in-use") => Fact::Known(true),
        (_, Some(state)) if state.is("available") => Fact::Known(false),
        (Some(_), _) => Fact::Known(false),
        (None, _) => Fact::Unknown(Gap::with(Reason::NotRead, "configuration.attachments")),
    }
}
