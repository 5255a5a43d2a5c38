//! The native fields of a GKE cluster that are read.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::json::{self, Text};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cluster {
    #[serde(default)]
    pub(super) current_master_version: Option<String>,
    #[serde(default)]
    pub(super) initial_cluster_version: Option<String>,
    #[serde(default)]
    pub(super) private_cluster_config: Option<PrivateCluster>,
    #[serde(default)]
    pub(super) control_plane_endpoints_config: Option<Endpoints>,
    #[serde(default)]
    pub(super) master_authorized_networks_config: Option<AuthorizedNetworks>,
    #[serde(default)]
    pub(super) database_encryption: Option<DatabaseEncryption>,
    #[serde(default)]
    pub(super) logging_service: Option<String>,
    #[serde(default)]
    pub(super) monitoring_service: Option<String>,
    #[serde(default)]
    pub(super) logging_config: Option<Components>,
    #[serde(default)]
    pub(super) monitoring_config: Option<Components>,
    #[serde(default)]
    pub(super) legacy_abac: Option<Switch>,
    #[serde(default)]
    pub(super) master_auth: Option<MasterAuth>,
    #[serde(default)]
    pub(super) network_policy: Option<Switch>,
    #[serde(default)]
    pub(super) network_config: Option<NetworkConfig>,
    #[serde(default)]
    pub(super) workload_identity_config: Option<WorkloadIdentity>,
    #[serde(default)]
    pub(super) addons_config: Option<Addons>,
    #[serde(default)]
    pub(super) binary_authorization: Option<BinaryAuthorization>,
    #[serde(default)]
    pub(super) shielded_nodes: Option<Switch>,
    #[serde(default, deserialize_with = "json::some_many")]
    pub(super) node_pools: Option<Vec<Pool>>,
}

impl Cluster {
    /// Whether nodes have no public address unless their pool says otherwise; the older field comes second.
    pub(super) fn default_private_nodes(&self) -> Option<bool> {
        let of_network = (self.network_config.as_ref()).and_then(|network| network.default_enable_private_nodes);
        let of_cluster = (self.private_cluster_config.as_ref()).and_then(|private| private.enable_private_nodes);
        of_network.or(of_cluster)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Switch {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
}

impl Switch {
    pub(super) fn on(&self) -> bool {
        self.enabled == Some(true)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PrivateCluster {
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) enable_private_endpoint: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) enable_private_nodes: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Endpoints {
    #[serde(default)]
    pub(super) dns_endpoint_config: Option<DnsEndpoint>,
    #[serde(default)]
    pub(super) ip_endpoints_config: Option<IpEndpoints>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DnsEndpoint {
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) allow_external_traffic: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IpEndpoints {
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) enabled: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) enable_public_endpoint: Option<bool>,
    #[serde(default)]
    pub(super) authorized_networks_config: Option<AuthorizedNetworks>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuthorizedNetworks {
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) enabled: Option<bool>,
    #[serde(default, deserialize_with = "json::many")]
    pub(super) cidr_blocks: Vec<CidrBlock>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CidrBlock {
    #[serde(default)]
    pub(super) cidr_block: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DatabaseEncryption {
    #[serde(default)]
    pub(super) state: Option<String>,
    #[serde(default)]
    pub(super) key_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Components {
    #[serde(default)]
    component_config: Option<ComponentConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ComponentConfig {
    #[serde(default, deserialize_with = "json::many")]
    enable_components: Vec<String>,
}

impl Components {
    /// Returns whether some component is on; `None` where no list is given.
    pub(super) fn components(&self) -> Option<bool> {
        let config = self.component_config.as_ref()?;
        Some(!config.enable_components.is_empty())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MasterAuth {
    #[serde(default)]
    pub(super) username: Option<String>,
    #[serde(default)]
    client_certificate: Option<String>,
    #[serde(default)]
    client_certificate_config: Option<CertificateConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CertificateConfig {
    #[serde(default, deserialize_with = "json::flag")]
    issue_client_certificate: Option<bool>,
}

impl MasterAuth {
    pub(super) fn has_certificate(&self) -> bool {
        let asked = self.client_certificate_config.as_ref();
        asked.and_then(|config| config.issue_client_certificate) == Some(true)
            || self.client_certificate.as_deref().is_some_and(|text| !text.is_empty())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NetworkConfig {
    #[serde(default)]
    pub(super) datapath_provider: Option<String>,
    #[serde(default, deserialize_with = "json::flag")]
    default_enable_private_nodes: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WorkloadIdentity {
    #[serde(default)]
    workload_pool: Option<String>,
    // The name of the same field in the beta API.
    #[serde(default)]
    identity_namespace: Option<String>,
}

impl WorkloadIdentity {
    pub(super) fn on(&self) -> bool {
        let names = [&self.workload_pool, &self.identity_namespace];
        names.into_iter().flatten().any(|name| !name.is_empty())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Addons {
    #[serde(default)]
    pub(super) kubernetes_dashboard: Option<Addon>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Addon {
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) disabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BinaryAuthorization {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
    #[serde(default)]
    evaluation_mode: Option<String>,
}

impl BinaryAuthorization {
    /// The mode is the newer field, and counts where it is set.
    pub(super) fn on(&self) -> bool {
        match self.evaluation_mode.as_deref() {
            None | Some("" | "EVALUATION_MODE_UNSPECIFIED") => self.enabled == Some(true),
            Some(mode) => !mode.eq_ignore_ascii_case("DISABLED"),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pool {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) version: Option<String>,
    #[serde(default)]
    pub(super) management: Option<Management>,
    #[serde(default)]
    pub(super) config: Option<NodeConfig>,
    #[serde(default)]
    pub(super) network_config: Option<PoolNetwork>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Management {
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) auto_upgrade: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) auto_repair: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PoolNetwork {
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) enable_private_nodes: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NodeConfig {
    #[serde(default)]
    pub(super) shielded_instance_config: Option<Shielded>,
    #[serde(default)]
    service_account: Option<String>,
    #[serde(default, deserialize_with = "json::many")]
    oauth_scopes: Vec<String>,
    #[serde(default)]
    workload_metadata_config: Option<WorkloadMetadata>,
    #[serde(default)]
    metadata: Option<BTreeMap<String, Text>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shielded {
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) enable_secure_boot: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    pub(super) enable_integrity_monitoring: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct WorkloadMetadata {
    #[serde(default)]
    mode: Option<String>,
}

impl NodeConfig {
    pub(super) fn is_default_account(&self) -> bool {
        matches!(self.service_account.as_deref(), None | Some("" | "default"))
    }

    pub(super) fn scopes(&self) -> Vec<String> {
        let mut scopes = self.oauth_scopes.clone();
        scopes.sort();
        scopes.dedup();
        scopes
    }

    /// Whether pods reach the metadata server of GKE instead of the node's.
    pub(super) fn hides_metadata(&self) -> bool {
        let mode = self
            .workload_metadata_config
            .as_ref()
            .and_then(|all| all.mode.as_deref());
        mode.is_some_and(|mode| mode.eq_ignore_ascii_case("GKE_METADATA"))
    }

    /// Nodes carry the setting as metadata, which GKE sets unless told otherwise.
    pub(super) fn refuses_legacy(&self) -> bool {
        let set = self
            .metadata
            .as_ref()
            .and_then(|all| all.get("disable-legacy-endpoints"));
        set.and_then(|text| text.0.as_deref())
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }
}
