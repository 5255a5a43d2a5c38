//! `AWS::EKS::Cluster` → `container.cluster`.
//!
//! Items recorded before the type had all its fields hold only name, version, subnets and role: what they leave out is
//! unknown. A present item is told by the public endpoint's switch, which the service always states.
//!
//! Node groups are resources of their own, and network policy and workload identity are add-ons, which no item shows.
//! Source: AWS Config resource schema `AWS::EKS::Cluster`, Amazon EKS API Reference `VpcConfigResponse`, read
//! 2026-11-25; `Logging`, `EncryptionConfig`.

use nephoscope_model::kinds::{
    ClusterEndpoint, ClusterLogs, ContainerCluster, Encryption, KeyKind, KubernetesVersion, NetworkScope,
};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CONFIG, CONFIGURATION};
use crate::cluster;
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/version/name", "/configuration/Version", Absence::Unknown),
    source("/version/minor", "/configuration/Version", Absence::Unknown),
    source(
        "/endpoint/network",
        "/configuration/ResourcesVpcConfig/EndpointPublicAccess",
        Absence::Unknown,
    ),
    source(
        "/endpoint/network",
        "/configuration/ResourcesVpcConfig/PublicAccessCidrs",
        Absence::Default("any"),
    ),
    source(
        "/endpoint/ranges",
        "/configuration/ResourcesVpcConfig/PublicAccessCidrs",
        Absence::Absent,
    ),
    source(
        "/secrets_encryption/key_kind",
        "/configuration/EncryptionConfig",
        Absence::Default("provider"),
    ),
    source(
        "/secrets_encryption/key_kind",
        "/configuration/EncryptionConfigKeyArn",
        Absence::Default("provider"),
    ),
    source(
        "/secrets_encryption/key_id",
        "/configuration/EncryptionConfig",
        Absence::Absent,
    ),
    source(
        "/secrets_encryption/key_id",
        "/configuration/EncryptionConfigKeyArn",
        Absence::Absent,
    ),
    source(
        "/logs/enabled",
        "/configuration/Logging/ClusterLogging/EnabledTypes",
        Absence::Default("false"),
    ),
    source(
        "/logs/audit",
        "/configuration/Logging/ClusterLogging/EnabledTypes",
        Absence::Default("false"),
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::EKS::Cluster",
    kind: "container.cluster",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Cluster>(CONFIGURATION)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Cluster {
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    resources_vpc_config: Option<VpcConfig>,
    #[serde(default, deserialize_with = "json::many")]
    encryption_config: Vec<EncryptionConfig>,
    // What the resource type returns of the same key.
    #[serde(default)]
    encryption_config_key_arn: Option<String>,
    #[serde(default)]
    logging: Option<Logging>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VpcConfig {
    #[serde(default, deserialize_with = "json::flag")]
    endpoint_public_access: Option<bool>,
    #[serde(default, deserialize_with = "json::many")]
    public_access_cidrs: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptionConfig {
    #[serde(default)]
    provider: Option<KeyProvider>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyProvider {
    #[serde(default)]
    key_arn: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Logging {
    #[serde(default)]
    cluster_logging: Option<ClusterLogging>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ClusterLogging {
    #[serde(default, deserialize_with = "json::many")]
    enabled_types: Vec<LogType>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LogType {
    #[serde(default, rename = "Type")]
    name: Option<String>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(cluster)) = group.native::<Option<Cluster>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let vpc = cluster.resources_vpc_config.as_ref();
    let gap = |field: &str| Gap::with(Reason::NotRead, format!("{field} of {}", group.main.resource.id));
    let public = vpc.and_then(|vpc| vpc.endpoint_public_access);
    Built::new(&ContainerCluster {
        version: version(cluster, gap("Version")),
        endpoint: match (public, vpc) {
            (Some(public), Some(vpc)) => endpoint(public, vpc),
            _ => cluster::unread(&gap("EndpointPublicAccess")),
        },
        secrets_encryption: encryption(cluster, public.is_some(), gap("EncryptionConfig")),
        logs: logs(cluster, public.is_some(), gap("Logging")),
        ..ContainerCluster::default()
    })
}

fn version(cluster: &Cluster, gap: Gap) -> KubernetesVersion {
    cluster::version(cluster.version.as_deref(), gap)
}

/// Without a list it is 0.0.0.0/0. Source: `VpcConfigResponse`, publicAccessCidrs.
fn endpoint(public: bool, vpc: &VpcConfig) -> ClusterEndpoint {
    match (public, vpc.public_access_cidrs.as_slice()) {
        (false, _) => cluster::unlisted(NetworkScope::Private),
        (true, []) => cluster::unlisted(NetworkScope::Any),
        (true, ranges) => cluster::listed(ranges),
    }
}

fn encryption(cluster: &Cluster, present: bool, gap: Gap) -> Encryption {
    let key = (cluster.encryption_config.iter())
        .find_map(|config| config.provider.as_ref()?.key_arn.clone())
        .or_else(|| cluster.encryption_config_key_arn.clone())
        .filter(|key| !key.is_empty());
    if key.is_none() && !present {
        return Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Unknown(gap.clone()),
            key_id: Fact::Unknown(gap),
        };
    }
    Encryption {
        // The volumes of etcd always are. Source: Amazon EKS User Guide "Data protection in Amazon EKS".
        enabled: Fact::Known(true),
        key_kind: Fact::Known(if key.is_some() {
            KeyKind::Customer
        } else {
            KeyKind::Provider
        }),
        key_id: key.into(),
    }
}

fn logs(cluster: &Cluster, present: bool, gap: Gap) -> ClusterLogs {
    let types = (cluster.logging.as_ref())
        .and_then(|logging| logging.cluster_logging.as_ref())
        .map(|logging| logging.enabled_types.as_slice());
    if types.is_none() && !present {
        return ClusterLogs {
            enabled: Fact::Unknown(gap.clone()),
            audit: Fact::Unknown(gap),
            metrics: Fact::Absent,
        };
    }
    let mut names = types.unwrap_or_default().iter().filter_map(|log| log.name.as_deref());
    let audit = names.clone().any(|name| name.eq_ignore_ascii_case("audit"));
    ClusterLogs {
        enabled: Fact::Known(names.next().is_some()),
        audit: Fact::Known(audit),
        metrics: Fact::Absent,
    }
}
