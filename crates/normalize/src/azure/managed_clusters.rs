//! `Microsoft.ContainerService/managedClusters` → `container.cluster`.
//!
//! Which logs are kept stands in diagnostic settings, which are documents of their own: one that logs the audit is
//! enough; that none does is known only where all of them were read.
//! Source: Azure REST API reference `Managed Clusters - Get`.

use std::collections::BTreeMap;

use nephoscope_model::kinds::{
    ClusterEndpoint, ClusterLogs, ContainerCluster, Encryption, KeyKind, NetworkScope, NodePool,
};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::diagnostic_settings::{self, DiagnosticSetting};
use super::{ARM, PROPERTIES};
use crate::cluster;
use crate::group::{Built, Found, Group, Piece};
use crate::json;
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source(
        "/version/name",
        "/properties/currentKubernetesVersion",
        Absence::Unknown,
    ),
    source("/version/name", "/properties/kubernetesVersion", Absence::Unknown),
    source("/version/minor", "/properties/kubernetesVersion", Absence::Unknown),
    source(
        "/endpoint/network",
        "/properties/apiServerAccessProfile/enablePrivateCluster",
        Absence::Default("false"),
    ),
    source(
        "/endpoint/network",
        "/properties/apiServerAccessProfile/authorizedIPRanges",
        Absence::Default("any"),
    ),
    source(
        "/endpoint/ranges",
        "/properties/apiServerAccessProfile/authorizedIPRanges",
        Absence::Absent,
    ),
    source(
        "/secrets_encryption/key_kind",
        "/properties/securityProfile/azureKeyVaultKms/enabled",
        Absence::Default("provider"),
    ),
    source(
        "/secrets_encryption/key_id",
        "/properties/securityProfile/azureKeyVaultKms/keyId",
        Absence::Absent,
    ),
    source("/legacy_authorization", "/properties/enableRBAC", Absence::Unknown),
    source(
        "/local_accounts",
        "/properties/disableLocalAccounts",
        Absence::Default("true"),
    ),
    source(
        "/network_policy",
        "/properties/networkProfile/networkPolicy",
        Absence::Default("false"),
    ),
    source(
        "/network_policy",
        "/properties/networkProfile/networkDataplane",
        Absence::Default("false"),
    ),
    source(
        "/workload_identity",
        "/properties/securityProfile/workloadIdentity/enabled",
        Absence::Default("false"),
    ),
    source("/dashboard", "/properties/addonProfiles", Absence::Default("false")),
    source("/node_pools", "/properties/agentPoolProfiles", Absence::Unknown),
    source(
        "/node_pools",
        "/properties/autoUpgradeProfile/upgradeChannel",
        Absence::Default("none"),
    ),
];

pub(crate) const NATIVE_TYPE: &str = "Microsoft.ContainerService/managedClusters";

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "container.cluster",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Cluster>(PROPERTIES)?)),
    build,
    role: Role::Whole,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cluster {
    #[serde(default)]
    kubernetes_version: Option<String>,
    #[serde(default)]
    current_kubernetes_version: Option<String>,
    #[serde(default)]
    api_server_access_profile: Option<ApiServer>,
    #[serde(default)]
    security_profile: Option<SecurityProfile>,
    #[serde(default, rename = "enableRBAC", deserialize_with = "json::flag")]
    enable_rbac: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    disable_local_accounts: Option<bool>,
    #[serde(default)]
    network_profile: Option<NetworkProfile>,
    #[serde(default)]
    addon_profiles: Option<BTreeMap<String, Option<Switch>>>,
    #[serde(default)]
    auto_upgrade_profile: Option<AutoUpgrade>,
    #[serde(default, deserialize_with = "json::some_many")]
    agent_pool_profiles: Option<Vec<AgentPool>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiServer {
    #[serde(default, deserialize_with = "json::flag")]
    enable_private_cluster: Option<bool>,
    #[serde(default, rename = "authorizedIPRanges", deserialize_with = "json::many")]
    authorized_ip_ranges: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecurityProfile {
    #[serde(default)]
    azure_key_vault_kms: Option<KeyVaultKms>,
    #[serde(default)]
    workload_identity: Option<Switch>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyVaultKms {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
    #[serde(default)]
    key_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Switch {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NetworkProfile {
    #[serde(default)]
    network_policy: Option<String>,
    #[serde(default)]
    network_dataplane: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AutoUpgrade {
    #[serde(default)]
    upgrade_channel: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AgentPool {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    orchestrator_version: Option<String>,
    #[serde(default)]
    current_orchestrator_version: Option<String>,
    #[serde(default, rename = "enableNodePublicIP", deserialize_with = "json::flag")]
    enable_node_public_ip: Option<bool>,
    #[serde(default)]
    security_profile: Option<PoolSecurity>,
}

#[derive(Debug, Deserialize)]
struct PoolSecurity {
    #[serde(default, rename = "enableSecureBoot", deserialize_with = "json::flag")]
    secure_boot: Option<bool>,
    #[serde(default, rename = "enableVTPM", deserialize_with = "json::flag")]
    vtpm: Option<bool>,
}

fn build(group: &Group<'_>) -> Built {
    // A row of Resource Graph holds only the columns that its query names.
    let Found::Read(piece, Some(cluster)) = group.native::<Option<Cluster>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let gap = |field: &str| Gap::with(Reason::NotRead, format!("{field} of {}", group.main.resource.id));
    // The version that was asked for may name only a minor one.
    let version = (cluster.current_kubernetes_version.as_deref()).or(cluster.kubernetes_version.as_deref());
    let security = cluster.security_profile.as_ref();
    let identity = security.and_then(|security| security.workload_identity.as_ref()?.enabled);
    let (pools, indexes) = match &cluster.agent_pool_profiles {
        Some(pools) => node_pools(cluster, pools, &gap("orchestratorVersion")),
        None => (Fact::Unknown(gap("agentPoolProfiles")), Vec::new()),
    };
    let (logs, log) = logs(group);
    let mut built = Built::new(&ContainerCluster {
        version: cluster::version(version, gap("kubernetesVersion")),
        endpoint: endpoint(cluster),
        secrets_encryption: encryption(security.and_then(|security| security.azure_key_vault_kms.as_ref())),
        logs,
        legacy_authorization: match cluster.enable_rbac {
            Some(on) => Fact::Known(!on),
            None => Fact::Unknown(gap("enableRBAC")),
        },
        local_accounts: Fact::Known(!cluster.disable_local_accounts.unwrap_or(false)),
        network_policy: match &cluster.network_profile {
            Some(profile) => Fact::Known(network_policy(profile)),
            None => Fact::Unknown(gap("networkProfile")),
        },
        workload_identity: Fact::Known(identity.unwrap_or(false)),
        dashboard: Fact::Known(dashboard(cluster)),
        node_pools: pools,
        ..ContainerCluster::default()
    });
    for (place, index) in indexes.into_iter().enumerate() {
        let pointer = format!("/properties/agentPoolProfiles/{index}");
        built.from(&format!("/node_pools/{place}"), piece, &pointer);
    }
    if let Some(piece) = log {
        built.from_part(piece);
    }
    built
}

/// With the logs comes the document that says most of them.
fn logs<'a>(group: &Group<'a>) -> (ClusterLogs, Option<&'a Piece>) {
    let key = &group.main.resource.key.0;
    let mut gap = (!group.extensions_read_in_full(key, diagnostic_settings::NATIVE_TYPE))
        .then(|| group.not_read(diagnostic_settings::NATIVE_TYPE));
    let (mut some, mut audit) = (None, None);
    for piece in group.parts(diagnostic_settings::NATIVE_TYPE) {
        match piece.get::<Option<DiagnosticSetting>>() {
            Found::Read(piece, Some(setting)) => {
                if setting.logs() {
                    some = some.or(Some(piece));
                }
                if setting.categories().any(is_audit) {
                    audit = audit.or(Some(piece));
                }
            }
            Found::Failed(why) => gap = Some(why),
            Found::Read(_, None) | Found::Missing => {}
        }
    }
    let told = |found: bool| match &gap {
        Some(gap) if !found => Fact::Unknown(gap.clone()),
        _ => Fact::Known(found),
    };
    let logs = ClusterLogs {
        enabled: told(some.is_some()),
        audit: told(audit.is_some()),
        metrics: Fact::Absent,
    };
    (logs, audit.or(some))
}

/// Source: Azure Kubernetes Service "Monitoring data reference", resource logs.
fn is_audit(category: &str) -> bool {
    let names = ["kube-audit", "kube-audit-admin", "audit", "allLogs"];
    names.iter().any(|name| category.eq_ignore_ascii_case(name))
}

/// The public name of a private cluster resolves to its private address.
fn endpoint(cluster: &Cluster) -> ClusterEndpoint {
    match &cluster.api_server_access_profile {
        Some(server) if server.enable_private_cluster == Some(true) => cluster::unlisted(NetworkScope::Private),
        Some(server) if !server.authorized_ip_ranges.is_empty() => cluster::listed(&server.authorized_ip_ranges),
        _ => cluster::unlisted(NetworkScope::Any),
    }
}

fn encryption(kms: Option<&KeyVaultKms>) -> Encryption {
    let kms = kms.filter(|kms| kms.enabled == Some(true));
    Encryption {
        // Azure encrypts the disks of etcd. Source: Azure Kubernetes Service "Add KMS etcd encryption".
        enabled: Fact::Known(true),
        key_kind: Fact::Known(if kms.is_some() {
            KeyKind::Customer
        } else {
            KeyKind::Provider
        }),
        key_id: kms.and_then(|kms| kms.key_id.clone()).into(),
    }
}

/// Cilium's data plane enforces policies whatever engine is named.
fn network_policy(profile: &NetworkProfile) -> bool {
    let policy = profile.network_policy.as_deref().unwrap_or("none");
    let plane = profile.network_dataplane.as_deref().unwrap_or_default();
    !policy.eq_ignore_ascii_case("none") && !policy.is_empty() || plane.eq_ignore_ascii_case("cilium")
}

/// The add-on's name is written in two ways.
fn dashboard(cluster: &Cluster) -> bool {
    let mut addons = cluster.addon_profiles.iter().flatten();
    addons.any(|(name, addon)| {
        let on = addon.as_ref().and_then(|addon| addon.enabled) == Some(true);
        on && name.eq_ignore_ascii_case("kubeDashboard")
    })
}

/// Returns the pools by name, and at which index each stood. The channel is the cluster's; `node-image` brings patched
/// images every week without a newer Kubernetes, and counts. Source: "Automatically upgrade an Azure Kubernetes Service
/// (AKS) cluster".
fn node_pools(cluster: &Cluster, pools: &[AgentPool], gap: &Gap) -> (Fact<Vec<NodePool>>, Vec<usize>) {
    let channel = (cluster.auto_upgrade_profile.as_ref())
        .and_then(|profile| profile.upgrade_channel.as_deref())
        .unwrap_or("none");
    let upgrades = !channel.is_empty() && !channel.eq_ignore_ascii_case("none");
    let mut sorted: Vec<(NodePool, usize)> = (pools.iter().enumerate())
        .map(|(index, pool)| {
            let security = pool.security_profile.as_ref();
            let version = (pool.current_orchestrator_version.as_deref()).or(pool.orchestrator_version.as_deref());
            let node_pool = NodePool {
                name: pool.name.clone().unwrap_or_default(),
                version: cluster::version(version, gap.clone()),
                public_addresses: Fact::Known(pool.enable_node_public_ip.unwrap_or(false)),
                auto_upgrade: Fact::Known(upgrades),
                secure_boot: Fact::Known(security.and_then(|all| all.secure_boot).unwrap_or(false)),
                integrity_monitoring: Fact::Known(security.and_then(|all| all.vtpm).unwrap_or(false)),
                ..NodePool::default()
            };
            (node_pool, index)
        })
        .collect();
    sorted.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    let (pools, indexes) = sorted.into_iter().unzip();
    (Fact::Known(pools), indexes)
}
