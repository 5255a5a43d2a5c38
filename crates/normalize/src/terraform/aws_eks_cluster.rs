//! `aws_eks_cluster` → `container.cluster`.
//!
//! Node groups are resources of their own, and network policy and workload identity are add-ons, as in
//! [`eks_cluster`](crate::aws). Source: Terraform AWS provider documentation of `aws_eks_cluster`; Amazon EKS API Reference
//! `VpcConfigRequest`: public without a list is 0.0.0.0/0; Amazon EKS User Guide "Data protection in Amazon EKS", read
//! 2026-11-25.

use nephoscope_model::kinds::{ClusterEndpoint, ClusterLogs, ContainerCluster, Encryption, KeyKind, NetworkScope};
use nephoscope_model::{Fact, Gap, Reason};

use super::WHOLE;
use super::keys::{self, Keys};
use super::planned::{self, Planned};
use crate::cluster;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Source, source};

const KEYS: Keys = Keys {
    made_by: keys::OF_KMS,
    managed: None,
    told_by: None,
};

const SOURCES: &[Source] = &[
    source("/version/name", "/values/version", Absence::Unknown),
    source("/version/minor", "/values/version", Absence::Unknown),
    source(
        "/endpoint/network",
        "/values/vpc_config/0/endpoint_public_access",
        Absence::Default("any"),
    ),
    source(
        "/endpoint/network",
        "/values/vpc_config/0/public_access_cidrs",
        Absence::Default("any"),
    ),
    source(
        "/endpoint/ranges",
        "/values/vpc_config/0/public_access_cidrs",
        Absence::Absent,
    ),
    source(
        "/secrets_encryption/key_kind",
        "/values/encryption_config",
        Absence::Default("provider"),
    ),
    source(
        "/secrets_encryption/key_id",
        "/values/encryption_config/0/provider/0/key_arn",
        Absence::Absent,
    ),
    source(
        "/logs/enabled",
        "/values/enabled_cluster_log_types",
        Absence::Default("false"),
    ),
    source(
        "/logs/audit",
        "/values/enabled_cluster_log_types",
        Absence::Default("false"),
    ),
];

pub(super) const CLUSTER: Mapping = Mapping {
    native_type: "aws_eks_cluster",
    kind: "container.cluster",
    sources: SOURCES,
    read: |body| {
        planned::read(
            body,
            &[
                "version",
                "vpc_config",
                "encryption_config",
                "enabled_cluster_log_types",
            ],
        )
    },
    build,
    ..WHOLE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, native) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let version = native.computed("/version").text();
    let gap = version.gap().cloned().unwrap_or_else(|| group.not_read("version"));
    Built::new(&ContainerCluster {
        version: cluster::version(version.value().map(String::as_str), gap),
        endpoint: endpoint(native),
        secrets_encryption: encryption(native),
        logs: logs(native),
        ..ContainerCluster::default()
    })
}

fn endpoint(native: &Planned) -> ClusterEndpoint {
    let at = |name: &str| native.computed_inside(format!("/vpc_config/0/{name}"));
    match at("endpoint_public_access").flag().or_default(true) {
        Fact::Known(true) => {}
        Fact::Unknown(gap) | Fact::Partial(_, gap) => return cluster::unread(&gap),
        Fact::Known(false) | Fact::Absent => return cluster::unlisted(NetworkScope::Private),
    }
    match at("public_access_cidrs").texts() {
        Fact::Known(ranges) if ranges.is_empty() => cluster::unlisted(NetworkScope::Any),
        Fact::Known(ranges) => cluster::listed(&ranges),
        Fact::Absent => cluster::unlisted(NetworkScope::Any),
        Fact::Unknown(gap) => cluster::unread(&gap),
        Fact::Partial(ranges, gap) => ClusterEndpoint {
            network: match cluster::scope(&ranges) {
                Fact::Known(NetworkScope::Any) => Fact::Known(NetworkScope::Any),
                _ => Fact::Unknown(gap.clone()),
            },
            ranges: Fact::Partial(ranges, gap),
        },
    }
}

/// The volumes of etcd always are encrypted.
fn encryption(native: &Planned) -> Encryption {
    match native.computed("/encryption_config").block() {
        Fact::Known(block) | Fact::Partial(block, _) => Encryption {
            // The block is there for a key of the customer's, which it has to name.
            key_kind: Fact::Known(KeyKind::Customer),
            ..KEYS.encryption(&block.at("/provider/0/key_arn"))
        },
        Fact::Absent => Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(KeyKind::Provider),
            key_id: Fact::Absent,
        },
        Fact::Unknown(gap) => Encryption {
            enabled: Fact::Known(true),
            ..keys::unknown(&gap)
        },
    }
}

fn logs(native: &Planned) -> ClusterLogs {
    let types = native.computed("/enabled_cluster_log_types").texts();
    let told = |found: &dyn Fn(&Vec<String>) -> bool| match &types {
        Fact::Known(names) => Fact::Known(found(names)),
        Fact::Partial(names, _) if found(names) => Fact::Known(true),
        Fact::Partial(_, gap) | Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
        Fact::Absent => Fact::Known(false),
    };
    ClusterLogs {
        enabled: told(&|names| !names.is_empty()),
        audit: told(&|names| names.iter().any(|name| name.eq_ignore_ascii_case("audit"))),
        metrics: Fact::Absent,
    }
}
