//! `google_storage_bucket` with the resources that grant access to it → `storage.bucket`.
//!
//! Source: Terraform Google provider documentation of these resources (`google_storage_bucket` read 2026-11-23), Cloud
//! Storage "Access control lists".

use nephoscope_model::kinds::{
    Encryption, Guard, KeyKind, Logging, PublicAccess, Retention, SoftDelete, StorageBucket, Tls, Versioning,
};
use nephoscope_model::{Fact, Gap, Reason};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::planned::{self, Planned, Spot};
use super::{PLAN, join};
use crate::gcp::bucket::{AclEntry, TRANSPORT_POLICY, acl, bindings};
use crate::gcp::iam_policy::IamPolicy;
use crate::group::{Built, Found, Group, Piece};
use crate::json;
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage::{self, Draft, unknown};

const NATIVE_TYPE: &str = "google_storage_bucket";
const DAY: i64 = 86_400;

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/values/encryption/0/default_kms_key_name",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/values/encryption/0/default_kms_key_name",
        Absence::Absent,
    ),
    source(
        "/versioning/enabled",
        "/values/versioning/0/enabled",
        Absence::Default("false"),
    ),
    source(
        "/soft_delete/enabled",
        "/values/soft_delete_policy/0/retention_duration_seconds",
        Absence::Default("true"),
    ),
    source(
        "/soft_delete/days",
        "/values/soft_delete_policy/0/retention_duration_seconds",
        Absence::Default("7"),
    ),
    source(
        "/public_access/guard",
        "/values/public_access_prevention",
        Absence::Default("off"),
    ),
    source(
        "/public_access/grants",
        "/values/uniform_bucket_level_access",
        Absence::Default("false"),
    ),
    source(
        "/logging/enabled",
        "/values/logging/0/log_bucket",
        Absence::Default("false"),
    ),
    source("/logging/target", "/values/logging/0/log_bucket", Absence::Absent),
    source(
        "/retention/enabled",
        "/values/retention_policy/0/retention_period",
        Absence::Default("false"),
    ),
    source(
        "/retention/days",
        "/values/retention_policy/0/retention_period",
        Absence::Absent,
    ),
    source(
        "/retention/locked",
        "/values/retention_policy/0/is_locked",
        Absence::Default("false"),
    ),
];

const KEYS: &[&str] = &[
    "name",
    "encryption",
    "versioning",
    "soft_delete_policy",
    "public_access_prevention",
    "uniform_bucket_level_access",
    "bucket_policy_only",
    "logging",
    "retention_policy",
];

pub(super) const BUCKET: Mapping = Mapping {
    dialects: PLAN,
    native_type: NATIVE_TYPE,
    kind: "storage.bucket",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    role: Role::Whole,
    names: Some(|resource, native| join::whole(resource, native, &[&["name"]])),
    ..Mapping::BASE
};

const PART: Mapping = Mapping {
    dialects: PLAN,
    kind: "storage.bucket",
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["bucket"]]),
    },
    ..Mapping::BASE
};

pub(super) const IAM_MEMBER: Mapping = Mapping {
    native_type: "google_storage_bucket_iam_member",
    sources: &[
        source("/public_access/grants", "/values/member", Absence::Absent),
        source("/public_access/grants", "/values/role", Absence::Absent),
    ],
    read: |body| planned::read(body, &["bucket", "role", "member", "condition"]),
    ..PART
};

pub(super) const IAM_BINDING: Mapping = Mapping {
    native_type: "google_storage_bucket_iam_binding",
    sources: &[
        source("/public_access/grants", "/values/members", Absence::Default("[]")),
        source("/public_access/grants", "/values/role", Absence::Absent),
    ],
    read: |body| planned::read(body, &["bucket", "role", "members", "condition"]),
    ..PART
};

/// The whole policy: there are no other bindings.
pub(super) const IAM_POLICY: Mapping = Mapping {
    native_type: "google_storage_bucket_iam_policy",
    sources: &[source(
        "/public_access/grants",
        "/values/policy_data",
        Absence::Default("[]"),
    )],
    read: |body| planned::read(body, &["bucket", "policy_data"]),
    ..PART
};

pub(super) const ACCESS_CONTROL: Mapping = Mapping {
    native_type: "google_storage_bucket_access_control",
    sources: &[
        source("/public_access/grants", "/values/entity", Absence::Absent),
        source("/public_access/grants", "/values/role", Absence::Absent),
    ],
    read: |body| planned::read(body, &["bucket", "entity", "role"]),
    ..PART
};

pub(super) const DEFAULT_ACCESS_CONTROL: Mapping = Mapping {
    native_type: "google_storage_default_object_access_control",
    ..ACCESS_CONTROL
};

/// The whole list: there are no other entries.
pub(super) const ACL: Mapping = Mapping {
    native_type: "google_storage_bucket_acl",
    sources: &[
        source("/public_access/grants", "/values/role_entity", Absence::Default("[]")),
        source(
            "/public_access/grants",
            "/values/predefined_acl",
            Absence::Default("[]"),
        ),
        source("/public_access/grants", "/values/default_acl", Absence::Default("[]")),
    ],
    read: |body| planned::read(body, &["bucket", "role_entity", "predefined_acl", "default_acl"]),
    ..PART
};

pub(super) const DEFAULT_ACL: Mapping = Mapping {
    native_type: "google_storage_default_object_acl",
    sources: &[source(
        "/public_access/grants",
        "/values/role_entity",
        Absence::Default("[]"),
    )],
    read: |body| planned::read(body, &["bucket", "role_entity"]),
    ..PART
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, bucket) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    // Without it the bucket inherits what the organization enforces, which a plan does not show.
    let guard = (bucket.computed("/public_access_prevention").text())
        .map(|text| {
            if text.eq_ignore_ascii_case("enforced") {
                Guard::On
            } else {
                Guard::Off
            }
        })
        .or_default(Guard::Off);
    let mut grants = Grants {
        effective: guard.clone().map(|guard| guard == Guard::Off),
        drafts: Vec::new(),
        missing: None,
    };
    grants.iam(group, bucket.created);
    // Under uniform access, access control lists have no effect.
    let uniform = bucket.computed("/uniform_bucket_level_access").flag();
    match planned::either(uniform, || bucket.computed("/bucket_policy_only").flag()) {
        Fact::Known(true) => {}
        Fact::Unknown(gap) => grants.lack(Some(&gap)),
        _ => grants.lists(group, bucket.created),
    }
    // Nothing public can take effect, so that what was not read changes nothing.
    let missing = grants.missing.filter(|_| guard != Fact::Known(Guard::On));
    let attributes = StorageBucket {
        encryption: encryption(bucket),
        versioning: Versioning {
            enabled: nested(bucket, "/versioning", "/enabled").flag().or_default(false),
            mfa_delete: Fact::Absent,
        },
        soft_delete: soft_delete(group, bucket),
        public_access: PublicAccess {
            guard,
            network: Fact::Absent,
            grants: Fact::Absent,
        },
        logging: logging(bucket),
        tls: Tls {
            required: Fact::Unknown(group.not_read(TRANSPORT_POLICY)),
            min_version: Fact::Absent,
        },
        retention: retention(bucket),
        shared_keys: Fact::Absent,
    };
    storage::build(attributes, grants.drafts, missing)
}

/// Returns an argument of a block that stands at most once.
fn nested<'a>(bucket: &'a Planned, block: &str, argument: &str) -> Spot<'a> {
    bucket.computed(format!("{block}/0{argument}"))
}

/// Grants found, and why there may be more.
struct Grants {
    effective: Fact<bool>,
    drafts: Vec<Draft>,
    missing: Option<Gap>,
}

impl Grants {
    fn lack(&mut self, gap: Option<&Gap>) {
        self.missing = self.missing.take().or_else(|| gap.cloned());
    }

    fn iam(&mut self, group: &Group<'_>, created: bool) {
        let whole = group.parts(IAM_POLICY.native_type).next().is_some();
        if !created && !whole {
            let gap = group.not_read(IAM_POLICY.native_type);
            self.lack(Some(&gap));
        }
        for piece in group.parts(IAM_POLICY.native_type) {
            let Some(planned) = self.planned(piece) else { continue };
            let spot = planned.at("/policy_data");
            match spot.text() {
                Fact::Known(text) | Fact::Partial(text, _) => match json::unwrapped::<IamPolicy>(&text) {
                    Ok(policy) => {
                        for policy in policy.iter() {
                            bindings(policy, piece, &spot.native(), &self.effective, &mut self.drafts);
                        }
                    }
                    Err(fault) => {
                        let detail = format!("policy of {}: `{}`: {}", piece.resource.id, fault.path, fault.detail);
                        self.lack(Some(&Gap::with(Reason::ParseError, detail)));
                    }
                },
                Fact::Unknown(gap) => self.lack(Some(&gap)),
                Fact::Absent => {}
            }
        }
        for (row, key) in [(&IAM_BINDING, "/members"), (&IAM_MEMBER, "/member")] {
            for piece in group.parts(row.native_type) {
                if let Some(planned) = self.planned(piece) {
                    self.binding(piece, planned, key);
                }
            }
        }
    }

    fn binding(&mut self, piece: &Piece, planned: &Planned, key: &str) {
        let spot = planned.at(key);
        let members = spot.texts();
        if let Some(gap) = members.gap() {
            // The account of a service is never the public, whatever its name will be.
            let accounts = ["google_service_account", "google_project_service_identity"];
            let mut referred = spot.referred_resources().peekable();
            if referred.peek().is_none() || !referred.all(|address| accounts.contains(&join::type_of(address))) {
                self.lack(Some(gap));
            }
        }
        let role = planned.at("/role").text();
        let expression = planned.at("/condition/0/expression").text();
        let policy = json!({"bindings": [{
            "role": role.value().cloned().unwrap_or_default(),
            "members": members.value().cloned().unwrap_or_default(),
            "condition": {"expression": expression.value()},
        }]});
        if let Some(policy) = typed::<IamPolicy>(policy) {
            let from = self.drafts.len();
            bindings(&policy, piece, "", &self.effective, &mut self.drafts);
            for draft in self.drafts.iter_mut().skip(from) {
                draft.pointer = spot.native();
                if let (Some(gap), Fact::Known(true)) = (expression.gap(), &draft.grant.effective) {
                    draft.grant.effective = Fact::Unknown(gap.clone());
                }
            }
        }
    }

    fn lists(&mut self, group: &Group<'_>, created: bool) {
        for (all, single, field) in [
            (&ACL, &ACCESS_CONTROL, "acl"),
            (&DEFAULT_ACL, &DEFAULT_ACCESS_CONTROL, "defaultObjectAcl"),
        ] {
            // Lists of a new bucket grant nothing to the public. Source: "Access control lists", default ACLs.
            if !created && group.parts(all.native_type).next().is_none() {
                let gap = group.not_read(all.native_type);
                self.lack(Some(&gap));
            }
            for piece in group.parts(all.native_type) {
                let Some(planned) = self.planned(piece) else { continue };
                let spot = planned.computed("/role_entity");
                let entries = spot.texts();
                self.lack(entries.gap());
                for entry in entries.value().into_iter().flatten() {
                    // `READER:allUsers`
                    if let Some((role, entity)) = entry.split_once(':') {
                        self.entry(entity, role, field, piece, spot.native());
                    }
                }
                self.predefined(&planned.at("/predefined_acl"), "acl", piece);
                self.predefined(&planned.at("/default_acl"), "defaultObjectAcl", piece);
            }
            for piece in group.parts(single.native_type) {
                let Some(planned) = self.planned(piece) else { continue };
                let (entity, role) = (planned.at("/entity"), planned.at("/role").text());
                let named = entity.text();
                self.lack(named.gap());
                if let Some(named) = named.value() {
                    self.entry(
                        named,
                        role.value().map_or("", String::as_str),
                        field,
                        piece,
                        entity.native(),
                    );
                }
            }
        }
    }

    /// Source: Cloud Storage "Access control lists", predefined ACLs.
    fn predefined(&mut self, spot: &Spot<'_>, field: &str, piece: &Piece) {
        let text = spot.text();
        self.lack(text.gap());
        let (entity, role) = match text.value().map(|text| text.to_ascii_lowercase()).as_deref() {
            Some("publicread") => ("allUsers", "READER"),
            Some("publicreadwrite") => ("allUsers", "WRITER"),
            Some("authenticatedread") => ("allAuthenticatedUsers", "READER"),
            _ => return,
        };
        self.entry(entity, role, field, piece, spot.native());
    }

    fn entry(&mut self, entity: &str, role: &str, field: &str, piece: &Piece, pointer: String) {
        if let Some(entry) = typed::<AclEntry>(json!({"entity": entity, "role": role})) {
            let from = self.drafts.len();
            acl(&[entry], field, piece, &self.effective, &mut self.drafts);
            for draft in self.drafts.iter_mut().skip(from) {
                draft.pointer.clone_from(&pointer);
            }
        }
    }

    fn planned<'a>(&mut self, piece: &'a Piece) -> Option<&'a Planned> {
        match piece.get::<Planned>() {
            Found::Read(_, planned) => Some(planned),
            Found::Failed(gap) => {
                self.lack(Some(&gap));
                None
            }
            Found::Missing => None,
        }
    }
}

/// INVARIANT: `value` has the form of `T`, which reads any text where these mappings put text.
fn typed<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

fn encryption(bucket: &Planned) -> Encryption {
    let spot = nested(bucket, "/encryption", "/default_kms_key_name");
    let (key_kind, key_id) = match spot.text() {
        Fact::Known(key) | Fact::Partial(key, _) => (Fact::Known(KeyKind::Customer), Fact::Known(key)),
        Fact::Absent => (Fact::Known(KeyKind::Provider), Fact::Absent),
        Fact::Unknown(gap) => {
            // A key that a plan makes is the customer's, whatever its id will be.
            let customer = spot
                .referred_resources()
                .any(|address| join::type_of(address) == "google_kms_crypto_key");
            let kind = if customer {
                Fact::Known(KeyKind::Customer)
            } else {
                unknown(&gap)
            };
            (kind, Fact::Unknown(gap))
        }
    };
    Encryption {
        enabled: Fact::Known(true),
        key_kind,
        key_id,
    }
}

/// Source: documentation of `google_storage_bucket`, `soft_delete_policy`: seven days for a new bucket unless said otherwise.
fn soft_delete(group: &Group<'_>, bucket: &Planned) -> SoftDelete {
    match nested(bucket, "/soft_delete_policy", "/retention_duration_seconds").integer() {
        Fact::Known(seconds) | Fact::Partial(seconds, _) => SoftDelete {
            enabled: Fact::Known(seconds > 0),
            days: (seconds > 0).then(|| storage::days(seconds / DAY)).into(),
        },
        Fact::Absent if bucket.created => SoftDelete {
            enabled: Fact::Known(true),
            days: Fact::Known(7),
        },
        Fact::Absent => {
            let gap = group.not_read("soft_delete_policy");
            SoftDelete {
                enabled: unknown(&gap),
                days: unknown(&gap),
            }
        }
        Fact::Unknown(gap) => SoftDelete {
            enabled: unknown(&gap),
            days: unknown(&gap),
        },
    }
}

fn logging(bucket: &Planned) -> Logging {
    let block = bucket.computed("/logging").block();
    match block {
        Fact::Known(block) | Fact::Partial(block, _) => {
            // Without a target there is no log; one that is not known yet is one.
            let target = block.at("/log_bucket").text();
            Logging {
                enabled: Fact::Known(target != Fact::Absent),
                target,
            }
        }
        Fact::Absent => Logging {
            enabled: Fact::Known(false),
            target: Fact::Absent,
        },
        Fact::Unknown(gap) => Logging {
            enabled: unknown(&gap),
            target: unknown(&gap),
        },
    }
}

fn retention(bucket: &Planned) -> Retention {
    let period = match nested(bucket, "/retention_policy", "/retention_period").integer() {
        Fact::Known(0) => Fact::Absent,
        other => other,
    };
    let locked = nested(bucket, "/retention_policy", "/is_locked")
        .flag()
        .or_default(false);
    Retention {
        enabled: period.clone().map(|_| true).or_default(false),
        locked,
        days: period.map(|period| storage::days(period / DAY)),
    }
}
