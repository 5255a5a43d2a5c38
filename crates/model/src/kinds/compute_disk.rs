//! `compute.disk`: block storage of virtual machines.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::Encryption;
use crate::fact::Fact;

/// Attributes of `compute.disk`: an EBS volume, a managed disk of Azure, a zonal or regional disk of Compute Engine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct ComputeDisk {
    /// Encryption at rest; without it there is neither key kind nor key.
    pub encryption: Encryption,
    /// Some instance has it attached, be it running or not.
    pub attached: Fact<bool>,
}
