//! `container.cluster`: managed Kubernetes.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::{Encryption, NetworkScope};
use crate::fact::Fact;

/// Attributes of `container.cluster`: an EKS cluster, an AKS managed cluster, a GKE cluster.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct ContainerCluster {
    /// Kubernetes of the control plane.
    pub version: KubernetesVersion,
    /// The endpoint of the Kubernetes API.
    pub endpoint: ClusterEndpoint,
    /// Encryption of the cluster's secrets by a key of its own, above that of the disks they are stored on.
    pub secrets_encryption: Encryption,
    /// Logs that the cluster sends to the provider's log service.
    pub logs: ClusterLogs,
    /// Rights are given by something else than roles: attribute-based access control, or no authorization at all.
    #[schemars(extend("x-providers" = ["azure", "gcp"]))]
    pub legacy_authorization: Fact<bool>,
    /// Accounts of the cluster itself, which no identity service knows, are accepted.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub local_accounts: Fact<bool>,
    /// A name and password of the cluster's own is accepted.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub basic_auth: Fact<bool>,
    /// The cluster has issued a client certificate, which cannot be revoked.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub client_certificate: Fact<bool>,
    /// Network policies between pods are enforced.
    #[schemars(extend("x-providers" = ["azure", "gcp"]))]
    pub network_policy: Fact<bool>,
    /// Workloads have identities of the cloud of their own, not that of their node.
    #[schemars(extend("x-providers" = ["azure", "gcp"]))]
    pub workload_identity: Fact<bool>,
    /// The provider's add-on of the Kubernetes dashboard is on.
    #[schemars(extend("x-providers" = ["azure", "gcp"]))]
    pub dashboard: Fact<bool>,
    /// Only images that a policy of the provider admits are run.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub binary_authorization: Fact<bool>,
    /// Nodes prove to the control plane that they are what they say.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub shielded_nodes: Fact<bool>,
    /// Groups of nodes, sorted by name.
    #[schemars(extend("x-providers" = ["azure", "gcp"]))]
    pub node_pools: Fact<Vec<NodePool>>,
}

/// A version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct KubernetesVersion {
    /// As the provider writes it: `1.34`, `1.34.1`, `1.34.1-gke.1829001`.
    pub name: Fact<String>,
    /// The second number: 34 of `1.34.1`.
    pub minor: Fact<u32>,
}

/// The endpoint of the Kubernetes API.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct ClusterEndpoint {
    /// Networks from which requests are accepted; lists that add up to the internet are `any`.
    pub network: Fact<NetworkScope>,
    /// The listed ranges of a public endpoint, sorted.
    pub ranges: Fact<Vec<String>>,
}

/// Logs of a cluster.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct ClusterLogs {
    /// Some log of the control plane (AWS, Azure) or of the system's components (Google) is kept.
    pub enabled: Fact<bool>,
    /// Requests to the Kubernetes API are logged. Google Cloud writes them whatever the cluster says.
    #[schemars(extend("x-providers" = ["aws", "azure"]))]
    pub audit: Fact<bool>,
    /// Metrics of the system's components are kept.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub metrics: Fact<bool>,
}

/// A group of nodes that are alike.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct NodePool {
    /// Its name in the cluster.
    pub name: String,
    /// Kubernetes of the nodes.
    #[schemars(default)]
    pub version: KubernetesVersion,
    /// Nodes have public addresses.
    #[schemars(default)]
    pub public_addresses: Fact<bool>,
    /// The provider brings nodes to newer versions.
    #[schemars(default)]
    pub auto_upgrade: Fact<bool>,
    /// The provider replaces nodes that fail.
    #[schemars(default, extend("x-providers" = ["gcp"]))]
    pub auto_repair: Fact<bool>,
    /// Nodes boot signed software only.
    #[schemars(default)]
    pub secure_boot: Fact<bool>,
    /// What nodes boot is measured (a virtual TPM) and compared with what it was.
    #[schemars(default)]
    pub integrity_monitoring: Fact<bool>,
    /// Nodes run as the project's default service account.
    #[schemars(default, extend("x-providers" = ["gcp"]))]
    pub default_identity: Fact<bool>,
    /// OAuth scopes that bound what the nodes' account may call, sorted.
    #[schemars(default, extend("x-providers" = ["gcp"]))]
    pub scopes: Fact<Vec<String>>,
    /// Pods reach the node's own metadata, and with it the node's credentials.
    #[schemars(default, extend("x-providers" = ["gcp"]))]
    pub node_metadata: Fact<bool>,
    /// The metadata server answers its old versions, which need no header.
    #[schemars(default, extend("x-providers" = ["gcp"]))]
    pub legacy_metadata: Fact<bool>,
}
