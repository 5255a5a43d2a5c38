//! Which constraint kind is judged by which policies, and how its parameters become theirs.

use serde_json::{Map, Value, json};

use crate::verdicts::judge::Params;

/// One kind of constraint.
pub(super) struct Row {
    pub(super) kind: &'static str,
    pub(super) how: How,
}

/// How it is judged.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// By policies whose parameters follow from the constraint's; `None` where they cannot.
    Judged {
        policies: &'static [&'static str],
        params: fn(&Value) -> Option<Params>,
        note: &'static str,
    },
    /// By none, and why.
    Not(&'static str),
}

const fn judged(
    kind: &'static str,
    policies: &'static [&'static str],
    params: fn(&Value) -> Option<Params>,
    note: &'static str,
) -> Row {
    Row {
        kind,
        how: How::Judged { policies, params, note },
    }
}

const fn not(kind: &'static str, why: &'static str) -> Row {
    Row {
        kind,
        how: How::Not(why),
    }
}

/// Adding a kind is one row.
pub(super) const ROWS: &[Row] = &[
    judged(
        "GCPCMEKSettingsConstraintV1",
        &["NEPH-CRYPTO-001", "NEPH-CRYPTO-004"],
        rotation,
        "",
    ),
    judged(
        "GCPComputeIpForwardConstraintV2",
        &["NEPH-COMPUTE-009"],
        ip_forward,
        "a list of what is forbidden has no counterpart: exemptions name what is allowed",
    ),
    judged("GCPComputeZoneConstraintV1", &["NEPH-GOVERNANCE-002"], regions, ""),
    judged(
        "GCPGKEAllowedNodeSAConstraintV1",
        &["NEPH-CLUSTER-012"],
        node_scopes,
        "",
    ),
    judged("GCPGKEDashboardConstraintV1", &["NEPH-CLUSTER-013"], none, ""),
    judged(
        "GCPGKEDisableDefaultServiceAccountConstraintV1",
        &["NEPH-CLUSTER-011"],
        none,
        "",
    ),
    judged(
        "GCPGKEDisableLegacyEndpointsConstraintV1",
        &["NEPH-CLUSTER-015"],
        none,
        "",
    ),
    judged("GCPGKEEnableBinAuthzConstraintV1", &["NEPH-CLUSTER-014"], none, ""),
    judged(
        "GCPGKEEnablePrivateEndpointConstraintV1",
        &["NEPH-CLUSTER-001"],
        private_endpoint,
        "",
    ),
    judged("GCPGKEEnableShieldedNodesConstraintV1", &["NEPH-CLUSTER-010"], none, ""),
    judged(
        "GCPGKEEnableStackdriverLoggingConstraintV1",
        &["NEPH-CLUSTER-003"],
        none,
        "",
    ),
    judged(
        "GCPGKEEnableStackdriverMonitoringConstraintV1",
        &["NEPH-CLUSTER-017"],
        none,
        "",
    ),
    judged(
        "GCPGKEEnableWorkloadIdentityConstraintV1",
        &["NEPH-CLUSTER-006"],
        none,
        "",
    ),
    judged("GCPGKENodeAutoRepairConstraintV1", &["NEPH-CLUSTER-016"], none, ""),
    judged("GCPGKENodeAutoUpgradeConstraintV1", &["NEPH-CLUSTER-007"], none, ""),
    judged(
        "GCPGKERestrictClientAuthenticationMethodsConstraintV1",
        &["NEPH-CLUSTER-008"],
        none,
        "",
    ),
    judged(
        "GCPIAMAllowBanRolesConstraintV1",
        &["NEPH-IDENTITY-004"],
        banned_roles,
        "a list of the only roles allowed has no counterpart",
    ),
    judged(
        "GCPIAMRestrictServiceAccountKeyTypeConstraintV1",
        &["NEPH-IDENTITY-005"],
        none,
        "",
    ),
    judged(
        "GCPSQLAllowedAuthorizedNetworksConstraintV1",
        &["NEPH-DATABASE-011"],
        networks,
        "`ssl_enabled` asks for TLS as well, which is NEPH-DATABASE-003",
    ),
    judged("GCPSQLBackupConstraintV1", &["NEPH-DATABASE-006"], none, ""),
    judged("GCPSQLLocationConstraintV1", &["NEPH-GOVERNANCE-002"], regions, ""),
    judged("GCPSQLWorldReadableConstraintV1", &["NEPH-DATABASE-002"], none, ""),
    judged("GCPStorageCMEKEncryptionConstraintV1", &["NEPH-STORAGE-004"], none, ""),
    judged("GCPStorageLocationConstraintV1", &["NEPH-GOVERNANCE-002"], regions, ""),
    judged("GKEClusterLocationConstraintV12", &["NEPH-GOVERNANCE-002"], regions, ""),
    judged("GKEClusterLocationConstraintV3", &["NEPH-GOVERNANCE-002"], regions, ""),
    not("(without kind)", "has no constraint template"),
    not(
        "GCPAlwaysViolatesConstraintV1",
        "fails everything: a test of their harness",
    ),
    not(
        "GCPAppEngineServiceVersionsConstraintV1",
        "App Engine has no kind: housekeeping, not security",
    ),
    not("GCPAppengineLocationConstraintV1", "App Engine has no kind"),
    not("GCPBigQueryCMEKEncryptionConstraintV1", "BigQuery has no kind yet"),
    not("GCPBigQueryDatasetConstraintV1", "BigQuery has no kind yet"),
    not("GCPBigQueryDatasetLocationConstraintV1", "BigQuery has no kind yet"),
    not("GCPBigQueryTableRetentionConstraintV1", "BigQuery has no kind yet"),
    not(
        "GCPComputeAllowedNetworksConstraintV2",
        "an instance's networks are no attribute yet",
    ),
    not(
        "GCPComputeDiskResourcePoliciesConstraintV1",
        "a disk's resource policies are no attribute",
    ),
    not("GCPDNSSECPreventRSASHA1ConstraintV1", "DNS zones have no kind yet"),
    not("GCPDataprocLocationConstraintV1", "Dataproc has no kind"),
    not("GCPEnforceNamingConstraintV1", "naming is no security fact"),
    not(
        "GCPGKEEnableAliasIPRangesConstraintV1",
        "the routing of pods is no attribute",
    ),
    not(
        "GCPGKEEnableStackdriverKubernetesEngineMonitoringV1",
        "asks for one of two services that both count as monitoring here",
    ),
    not(
        "GCPGKERestrictPodTrafficConstraintV1",
        "expects no violation of clusters without a network policy",
    ),
    not(
        "GCPGLBExternalIpAccessConstraintV1",
        "no policy forbids a public load balancer as such",
    ),
    not(
        "GCPIAMAllowedBindingsConstraintV3",
        "patterns of members by role have no policy yet",
    ),
    not(
        "GCPIAMCustomRolePermissionsConstraintV1",
        "lists of permissions have no policy yet",
    ),
    not(
        "GCPIAMRestrictServiceAccountCreationConstraintV1",
        "forbids service accounts as such",
    ),
    not(
        "GCPLBAllowedForwardingRulesConstraintV2",
        "target, address and range of ports are no attributes",
    ),
    not(
        "GCPNetworkEnableFirewallLogsConstraintV1",
        "no policy asks for the log of a firewall yet",
    ),
    not(
        "GCPNetworkEnablePrivateGoogleAccessConstraintV1",
        "subnets have no kind yet",
    ),
    not("GCPNetworkRestrictDefaultV1", "networks have no kind yet"),
    not("GCPNetworkRoutingConstraintV1", "networks have no kind yet"),
    not(
        "GCPSQLInstanceTypeConstraintV1",
        "the size of a machine is no security fact",
    ),
    not(
        "GCPSQLMaintenanceWindowConstraintV1",
        "maintenance windows are no attribute",
    ),
    not("GCPServiceUsageConstraintV1", "enabled services have no kind"),
    not(
        "GCPStorageBucketPolicyOnlyConstraintV1",
        "uniform access to buckets has no policy yet",
    ),
    not("GCPVPCSCAllowedRegionsConstraintV2", VPC),
    not("GCPVPCSCEnsureProjectConstraintV1", VPC),
    not("GCPVPCSCEnsureServicesConstraintV1", VPC),
    not("GCPVPCSCIPRangeConstraintV1", VPC),
    not("GCPVPCSCProjectPerimeterConstraintV3", VPC),
    not(
        "GKEClusterVersionConstraintV1",
        "NEPH-CLUSTER-018 judges versions of masters and nodes together, theirs one of them",
    ),
];

const VPC: &str = "access levels and perimeters of VPC Service Controls have no kind";

const NO_ATTRIBUTE: &str = "algorithm, purpose and protection level of a key are no attributes yet";

/// Why a verdict differs: (folder of the constraint, end of the asset's name, reason).
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("cmek_settings/constraints/one_year", "/bad-algorithm", NO_ATTRIBUTE),
    (
        "cmek_settings/constraints/one_year",
        "/bad-protection-level",
        NO_ATTRIBUTE,
    ),
    ("cmek_settings/constraints/one_year", "/bad-purpose", NO_ATTRIBUTE),
    (
        "gke_restrict_client_auth_methods",
        "/joe-clust",
        "the asset has no `masterAuth` and is older than 1.12, when both methods were on by default",
    ),
];

/// Returns the reason of one difference, if it is known.
pub(super) fn difference(file: &str, asset: &str) -> Option<&'static str> {
    let found = DIFFERENCES
        .iter()
        .find(|(constraint, name, _)| file.starts_with(constraint) && asset.ends_with(name));
    found.map(|(_, _, why)| *why)
}

fn none(_: &Value) -> Option<Params> {
    Some(Params::new())
}

/// `mode` and `locations` (or `zones`) with `exemptions`.
fn regions(parameters: &Value) -> Option<Params> {
    let mut places: Vec<String> = texts(&parameters["locations"]);
    places.extend(texts(&parameters["zones"]));
    places.iter_mut().for_each(|place| *place = place.to_lowercase());
    // Without a mode the list is of what is forbidden.
    let denied = parameters["mode"] != "allowlist";
    // An empty list allows nothing there, and everything here.
    if places.is_empty() && !denied {
        places.push("nowhere".to_owned());
    }
    let exempt = texts(&parameters["exemptions"]);
    let (allowed, forbidden) = if denied { (vec![], places) } else { (places, vec![]) };
    one(
        "NEPH-GOVERNANCE-002",
        json!({"allowed": allowed, "denied": forbidden, "exempt": exempt}),
    )
}

/// `rotation_period` in hours: `8760h`.
fn rotation(parameters: &Value) -> Option<Params> {
    let Some(period) = parameters["rotation_period"].as_str() else {
        return Some(Params::new());
    };
    let hours: u64 = period.strip_suffix('h')?.parse().ok()?;
    one("NEPH-CRYPTO-004", json!({"max_days": hours / 24}))
}

fn ip_forward(parameters: &Value) -> Option<Params> {
    let instances = texts(&parameters["instances"]);
    if parameters["match_mode"] == "regex" || (parameters["mode"] == "denylist" && !instances.is_empty()) {
        return None;
    }
    one("NEPH-COMPUTE-009", json!({"exempt": instances}))
}

fn node_scopes(parameters: &Value) -> Option<Params> {
    if parameters["oauth_scopes"].is_null() {
        return Some(Params::new());
    }
    one(
        "NEPH-CLUSTER-012",
        json!({"scopes": texts(&parameters["oauth_scopes"])}),
    )
}

fn private_endpoint(_: &Value) -> Option<Params> {
    one("NEPH-CLUSTER-001", json!({"accept_listed": false}))
}

fn banned_roles(parameters: &Value) -> Option<Params> {
    if parameters["mode"] != "ban" {
        return None;
    }
    one("NEPH-IDENTITY-004", json!({"roles": texts(&parameters["roles"])}))
}

fn networks(parameters: &Value) -> Option<Params> {
    if parameters["ssl_enabled"] == true {
        return None;
    }
    one(
        "NEPH-DATABASE-011",
        json!({"networks": texts(&parameters["authorized_networks"])}),
    )
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn one(policy: &str, params: Value) -> Option<Params> {
    let params = params.as_object().cloned().unwrap_or_else(Map::new);
    Some(Params::from([(policy.to_owned(), params)]))
}
