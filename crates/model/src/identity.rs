//! Identity: resource keys and finding ids that survive renamed files and reordered input.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::policy::PolicyId;

/// A resource's id in canonical spelling: the key by which versions, parts and findings are joined.
///
/// AWS: the ARN, or `aws:<account>:<region>:<type>:<id>` where there is none. Azure: the ARM id in lower case.
/// Google: the full resource name. A planned resource: the provider's own key where that is a function of
/// what the plan knows, else `terraform:<address>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ResourceKey(pub String);

impl fmt::Display for ResourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Identity of a finding: digest of (policy id, resource key, fault key), 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct FindingId(pub String);

impl FindingId {
    /// Returns the id of the fault `fault_key` ("" when a resource can fail the policy only once).
    pub fn new(policy: &PolicyId, resource: &ResourceKey, fault_key: &str) -> Self {
        FindingId(digest([policy.0.as_str(), resource.0.as_str(), fault_key]))
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the first 128 bits of SHA-256 over `parts`, each preceded by its length, as 32 hexadecimal digits.
pub fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let nibble = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    let bytes = digest_bytes(parts).into_iter();
    bytes.flat_map(|byte| [nibble(byte >> 4), nibble(byte & 15)]).collect()
}

/// Returns the same as [`digest`] as bytes.
pub fn digest_bytes<'a>(parts: impl IntoIterator<Item = &'a str>) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        // The length before each part keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    // INVARIANT: SHA-256 has 32 bytes.
    hash.finalize().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
        // printf '\0\0\0\0\0\0\0\2ab' | sha256sum
        assert_eq!(digest(["ab"]), "9caccc24b5d7e06c21c0277b6530d666");
    }
}
