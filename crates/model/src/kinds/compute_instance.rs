//! `compute.instance`: virtual machines.

use schemars::JsonSchema;
use serde::Serialize;

use crate::fact::Fact;

/// Attributes of `compute.instance`: an EC2 instance, a virtual machine of Azure, a Compute Engine instance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct ComputeInstance {
    /// Addresses by which the internet reaches it.
    pub public_address: PublicAddress,
    /// The service that hands metadata and credentials to whatever runs on the instance.
    pub metadata_service: MetadataService,
    /// What it may do in the cloud.
    pub identity: InstanceIdentity,
    /// Only software that is signed boots.
    #[schemars(extend("x-providers" = ["azure", "gcp"]))]
    pub secure_boot: Fact<bool>,
    /// It has a virtual trusted platform module.
    #[schemars(extend("x-providers" = ["azure", "gcp"]))]
    pub vtpm: Fact<bool>,
    /// Linux lets users log in by password over SSH; absent for Windows.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub password_login: Fact<bool>,
    /// Its serial ports take connections from anywhere.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub serial_port: Fact<bool>,
    /// IAM decides who logs in, by OS Login.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub os_login: Fact<bool>,
    /// The SSH keys in the project's metadata are let in where OS Login is off.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub project_ssh_keys: Fact<bool>,
    /// Some network interface takes and sends packets for addresses that are not its own.
    pub ip_forwarding: Fact<bool>,
    /// It cannot be deleted before a switch is turned off.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub deletion_protection: Fact<bool>,
}

/// Addresses by which the internet reaches an instance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct PublicAddress {
    /// Some network interface has one now, or is itself configured to get one (Google Cloud).
    pub assigned: Fact<bool>,
    /// Those that it has now, sorted.
    pub addresses: Fact<Vec<String>>,
}

/// The service that hands metadata and credentials to whatever runs on the instance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default, extend("x-providers" = ["aws"]))]
pub struct MetadataService {
    /// It answers.
    pub enabled: Fact<bool>,
    /// Only to requests with a session token (version 2).
    pub token_required: Fact<bool>,
}

/// What an instance may do in the cloud.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct InstanceIdentity {
    /// It has an identity of the cloud.
    pub attached: Fact<bool>,
    /// Its identities as the provider names them: instance profile, principal or user-assigned identity, service account; sorted.
    pub ids: Fact<Vec<String>>,
    /// It runs as the project's default service account, which is an editor of the project unless that was taken away.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub default_account: Fact<bool>,
    /// The OAuth scopes that confine the service account, sorted.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub scopes: Fact<Vec<String>>,
}
