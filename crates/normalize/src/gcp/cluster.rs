//! `container.googleapis.com/Cluster` → `container.cluster`.
//!
//! An asset leaves out switches that are off, as the API does. Where a field says nothing by its absence, because the
//! default changed with the version of the cluster, it is unknown. Requests to the Kubernetes API are logged in Cloud
//! Audit Logs whatever the cluster says. Source: Kubernetes Engine API v1 `projects.locations.clusters`, "Hardening
//! your cluster".

use nephoscope_model::kinds::{
    ClusterEndpoint, ClusterLogs, ContainerCluster, Encryption, KeyKind, NetworkScope, NodePool,
};
use nephoscope_model::{Fact, Gap, Reason};

use super::{CAI, DATA};
use crate::cluster as common;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Source, source};

mod data;

use data::{Cluster, Pool, Switch};

/// Clusters made since have neither a password nor a client certificate unless asked for. Source: "Hardening your
/// cluster", authentication.
const FIRST_WITHOUT_CREDENTIALS: u32 = 12;

const SOURCES: &[Source] = &[
    source("/version/name", "/resource/data/currentMasterVersion", Absence::Unknown),
    source(
        "/version/minor",
        "/resource/data/currentMasterVersion",
        Absence::Unknown,
    ),
    source(
        "/endpoint/network",
        "/resource/data/privateClusterConfig/enablePrivateEndpoint",
        Absence::Default("false"),
    ),
    source(
        "/endpoint/network",
        "/resource/data/controlPlaneEndpointsConfig/ipEndpointsConfig/enablePublicEndpoint",
        Absence::Default("true"),
    ),
    source(
        "/endpoint/network",
        "/resource/data/controlPlaneEndpointsConfig/ipEndpointsConfig/enabled",
        Absence::Default("true"),
    ),
    source(
        "/endpoint/network",
        "/resource/data/controlPlaneEndpointsConfig/dnsEndpointConfig/allowExternalTraffic",
        Absence::Default("false"),
    ),
    source(
        "/endpoint/network",
        "/resource/data/masterAuthorizedNetworksConfig/enabled",
        Absence::Default("any"),
    ),
    source(
        "/endpoint/ranges",
        "/resource/data/masterAuthorizedNetworksConfig/cidrBlocks",
        Absence::Absent,
    ),
    source(
        "/secrets_encryption/key_kind",
        "/resource/data/databaseEncryption/state",
        Absence::Default("provider"),
    ),
    source(
        "/secrets_encryption/key_id",
        "/resource/data/databaseEncryption/keyName",
        Absence::Absent,
    ),
    source("/logs/enabled", "/resource/data/loggingService", Absence::Unknown),
    source(
        "/logs/enabled",
        "/resource/data/loggingConfig/componentConfig/enableComponents",
        Absence::Unknown,
    ),
    source("/logs/metrics", "/resource/data/monitoringService", Absence::Unknown),
    source(
        "/legacy_authorization",
        "/resource/data/legacyAbac/enabled",
        Absence::Default("false"),
    ),
    source(
        "/basic_auth",
        "/resource/data/masterAuth/username",
        Absence::Default("false"),
    ),
    source(
        "/client_certificate",
        "/resource/data/masterAuth/clientCertificateConfig/issueClientCertificate",
        Absence::Default("false"),
    ),
    source(
        "/network_policy",
        "/resource/data/networkPolicy/enabled",
        Absence::Default("false"),
    ),
    source(
        "/network_policy",
        "/resource/data/networkConfig/datapathProvider",
        Absence::Default("false"),
    ),
    source(
        "/workload_identity",
        "/resource/data/workloadIdentityConfig/workloadPool",
        Absence::Default("false"),
    ),
    source(
        "/dashboard",
        "/resource/data/addonsConfig/kubernetesDashboard/disabled",
        Absence::Default("false"),
    ),
    source(
        "/binary_authorization",
        "/resource/data/binaryAuthorization/evaluationMode",
        Absence::Default("false"),
    ),
    source(
        "/binary_authorization",
        "/resource/data/binaryAuthorization/enabled",
        Absence::Default("false"),
    ),
    source(
        "/shielded_nodes",
        "/resource/data/shieldedNodes/enabled",
        Absence::Default("false"),
    ),
    source("/node_pools", "/resource/data/nodePools", Absence::Unknown),
    source(
        "/node_pools",
        "/resource/data/privateClusterConfig/enablePrivateNodes",
        Absence::Default("false"),
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "container.googleapis.com/Cluster",
    kind: "container.cluster",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Cluster>(DATA)?)),
    build,
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(cluster)) = group.native::<Option<Cluster>>() else {
        return Built::unknown(group.not_read("resource"));
    };
    let gap = |field: &str| group.not_read(field);
    let (pools, indexes) = match &cluster.node_pools {
        Some(pools) => node_pools(cluster, pools, group),
        None => (Fact::Unknown(gap("nodePools")), Vec::new()),
    };
    let on = |switch: &Option<Switch>| Fact::Known(switch.as_ref().is_some_and(Switch::on));
    let mut built = Built::new(&ContainerCluster {
        version: common::version(cluster.current_master_version.as_deref(), gap("currentMasterVersion")),
        endpoint: endpoint(cluster),
        secrets_encryption: encryption(cluster),
        logs: ClusterLogs {
            enabled: service(
                cluster.logging_config.as_ref().and_then(|all| all.components()),
                cluster.logging_service.as_deref(),
                gap("loggingService"),
            ),
            audit: Fact::Absent,
            metrics: service(
                cluster.monitoring_config.as_ref().and_then(|all| all.components()),
                cluster.monitoring_service.as_deref(),
                gap("monitoringService"),
            ),
        },
        legacy_authorization: on(&cluster.legacy_abac),
        local_accounts: Fact::Absent,
        basic_auth: credential(cluster, group, |auth| {
            auth.username.as_deref().is_some_and(|name| !name.is_empty())
        }),
        client_certificate: credential(cluster, group, data::MasterAuth::has_certificate),
        network_policy: Fact::Known(network_policy(cluster)),
        workload_identity: Fact::Known((cluster.workload_identity_config.as_ref()).is_some_and(|all| all.on())),
        dashboard: dashboard(cluster),
        binary_authorization: Fact::Known((cluster.binary_authorization.as_ref()).is_some_and(|all| all.on())),
        shielded_nodes: on(&cluster.shielded_nodes),
        node_pools: pools,
    });
    for (place, index) in indexes.into_iter().enumerate() {
        let pointer = format!("/resource/data/nodePools/{index}");
        built.from(&format!("/node_pools/{place}"), piece, &pointer);
    }
    built
}

/// An endpoint by DNS name takes requests from everywhere where external traffic is allowed, and leaves it to IAM to
/// refuse them. Source: "About network isolation in GKE".
fn endpoint(cluster: &Cluster) -> ClusterEndpoint {
    let endpoints = cluster.control_plane_endpoints_config.as_ref();
    let by_name = endpoints.and_then(|all| all.dns_endpoint_config.as_ref()?.allow_external_traffic);
    let by_address = endpoints.and_then(|all| all.ip_endpoints_config.as_ref());
    let private = cluster.private_cluster_config.as_ref();
    let shut = private.and_then(|all| all.enable_private_endpoint) == Some(true)
        || by_address.and_then(|all| all.enable_public_endpoint) == Some(false)
        || by_address.and_then(|all| all.enabled) == Some(false);
    let lists = [
        cluster.master_authorized_networks_config.as_ref(),
        by_address.and_then(|all| all.authorized_networks_config.as_ref()),
    ];
    let list = lists.into_iter().flatten().find(|list| list.enabled == Some(true));
    match list {
        _ if by_name == Some(true) => common::unlisted(NetworkScope::Any),
        _ if shut => common::unlisted(NetworkScope::Private),
        Some(list) => {
            let ranges: Vec<String> = (list.cidr_blocks.iter())
                .filter_map(|block| block.cidr_block.clone())
                .collect();
            common::listed(&ranges)
        }
        None => common::unlisted(NetworkScope::Any),
    }
}

fn encryption(cluster: &Cluster) -> Encryption {
    let database = cluster.database_encryption.as_ref();
    if let Some(state) = database.and_then(|all| all.state.as_deref())
        && state.eq_ignore_ascii_case("UNKNOWN")
    {
        let gap = Gap::with(Reason::NotRead, "databaseEncryption.state");
        return Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Unknown(gap.clone()),
            key_id: Fact::Unknown(gap),
        };
    }
    // `ALL_OBJECTS_ENCRYPTION_ENABLED` and the like are states of clusters that hold more than secrets under the key.
    let encrypted = |state: &str| !state.is_empty() && !state.eq_ignore_ascii_case("DECRYPTED");
    let database = database.filter(|all| all.state.as_deref().is_some_and(encrypted));
    let key = (database.and_then(|all| all.key_name.clone())).filter(|key| !key.is_empty());
    Encryption {
        // Disks of the control plane always are. Source: "Encrypt secrets at the application layer".
        enabled: Fact::Known(true),
        key_kind: Fact::Known(if key.is_some() {
            KeyKind::Customer
        } else {
            KeyKind::Provider
        }),
        key_id: key.into(),
    }
}

/// The list of components is what counts where there is one; an empty name of the service is its default, which is on.
fn service(components: Option<bool>, name: Option<&str>, gap: Gap) -> Fact<bool> {
    match (components, name) {
        (Some(any), _) => Fact::Known(any),
        (None, Some(name)) => Fact::Known(!name.eq_ignore_ascii_case("none")),
        (None, None) => Fact::Unknown(gap),
    }
}

fn credential(cluster: &Cluster, group: &Group<'_>, given: impl Fn(&data::MasterAuth) -> bool) -> Fact<bool> {
    match &cluster.master_auth {
        Some(auth) => Fact::Known(given(auth)),
        None => {
            let gap = Gap::with(Reason::NotRead, "initialClusterVersion");
            let first = common::version(cluster.initial_cluster_version.as_deref(), gap).minor;
            match first.value() {
                Some(minor) if *minor >= FIRST_WITHOUT_CREDENTIALS => Fact::Known(false),
                _ => Fact::Unknown(group.not_read("masterAuth")),
            }
        }
    }
}

/// Dataplane V2 enforces policies always. Source: "GKE Dataplane V2".
fn network_policy(cluster: &Cluster) -> bool {
    let plane = cluster
        .network_config
        .as_ref()
        .and_then(|all| all.datapath_provider.as_deref());
    cluster.network_policy.as_ref().is_some_and(Switch::on)
        || plane.is_some_and(|plane| plane.eq_ignore_ascii_case("ADVANCED_DATAPATH"))
}

/// It was on by default until version 1.10, which no cluster has any more, and an add-on that is not named is off.
fn dashboard(cluster: &Cluster) -> Fact<bool> {
    let disabled = (cluster.addons_config.as_ref())
        .and_then(|addons| addons.kubernetes_dashboard.as_ref())
        .map(|addon| addon.disabled.unwrap_or(false));
    Fact::Known(disabled == Some(false))
}

/// Returns the pools by name, and at which index each stood.
fn node_pools(cluster: &Cluster, pools: &[Pool], group: &Group<'_>) -> (Fact<Vec<NodePool>>, Vec<usize>) {
    let mut sorted: Vec<(NodePool, usize)> = (pools.iter().enumerate())
        .map(|(index, pool)| (node_pool(cluster, pool, group), index))
        .collect();
    sorted.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    let (pools, indexes) = sorted.into_iter().unzip();
    (Fact::Known(pools), indexes)
}

fn node_pool(cluster: &Cluster, pool: &Pool, group: &Group<'_>) -> NodePool {
    let management = pool.management.as_ref();
    let config = pool.config.as_ref();
    let told = |value: Option<bool>| match value {
        Some(value) => Fact::Known(value),
        None => Fact::Unknown(group.not_read("nodePools.config")),
    };
    let shielded = |of: fn(&data::Shielded) -> Option<bool>| {
        told(config.map(|config| config.shielded_instance_config.as_ref().and_then(of) == Some(true)))
    };
    // A pool may say otherwise than its cluster.
    let private = (pool.network_config.as_ref())
        .and_then(|network| network.enable_private_nodes)
        .or(cluster.default_private_nodes());
    NodePool {
        name: pool.name.clone().unwrap_or_default(),
        version: common::version(pool.version.as_deref(), group.not_read("nodePools.version")),
        public_addresses: Fact::Known(private != Some(true)),
        auto_upgrade: Fact::Known(management.and_then(|all| all.auto_upgrade) == Some(true)),
        auto_repair: Fact::Known(management.and_then(|all| all.auto_repair) == Some(true)),
        secure_boot: shielded(|all| all.enable_secure_boot),
        integrity_monitoring: shielded(|all| all.enable_integrity_monitoring),
        // An account that is not named is the default one. Source: `NodeConfig`, serviceAccount.
        default_identity: told(config.map(data::NodeConfig::is_default_account)),
        scopes: match config {
            Some(config) => Fact::Known(config.scopes()),
            None => Fact::Unknown(group.not_read("nodePools.config")),
        },
        node_metadata: told(config.map(|config| !config.hides_metadata())),
        legacy_metadata: told(config.map(|config| !config.refuses_legacy())),
    }
}
