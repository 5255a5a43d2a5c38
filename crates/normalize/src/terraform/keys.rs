//! Keys that planned resources are encrypted with: whose they are, and their ids.

use nephoscope_model::kinds::{Encryption, KeyKind};
use nephoscope_model::{Fact, Gap, Reason};

use super::join;
use super::planned::Spot;

/// What a plan tells of the keys of one service.
pub(super) struct Keys {
    /// Types of resources that make a key, or a name for one: such a key is the customer's, whatever its id will be.
    pub(super) made_by: &'static [&'static str],
    /// How the name of the key that the provider made in the account ends.
    pub(super) managed: Option<&'static str>,
    /// The type of resource that says whose a key is, where its id does not.
    pub(super) told_by: Option<&'static str>,
}

/// Types of the AWS provider that make keys of AWS KMS, or names for them.
pub(super) const OF_KMS: &[&str] = &[
    "aws_kms_key",
    "aws_kms_replica_key",
    "aws_kms_external_key",
    "aws_kms_alias",
];

/// Keys of Cloud KMS: Google's own have no name.
pub(super) const GOOGLE: Keys = Keys {
    made_by: &["google_kms_crypto_key"],
    managed: None,
    told_by: None,
};

/// Keys of Azure Key Vault: Microsoft's own are no resources.
pub(super) const AZURE: Keys = Keys {
    made_by: &[
        "azurerm_key_vault_key",
        "azurerm_key_vault_managed_hardware_security_module_key",
    ],
    managed: None,
    told_by: None,
};

impl Keys {
    /// Returns the encryption of what is always encrypted, with the key of the argument or, without it, the provider's.
    pub(super) fn encryption(&self, spot: &Spot<'_>) -> Encryption {
        let customer = || (spot.referred_resources()).any(|address| self.made_by.contains(&join::type_of(address)));
        let (key_kind, key_id) = match spot.text() {
            Fact::Absent => (Fact::Known(KeyKind::Provider), Fact::Absent),
            Fact::Known(id) | Fact::Partial(id, _) => self.stated(id, customer()),
            Fact::Unknown(gap) if customer() => (Fact::Known(KeyKind::Customer), Fact::Unknown(gap)),
            Fact::Unknown(gap) => (Fact::Unknown(gap.clone()), Fact::Unknown(gap)),
        };
        Encryption {
            enabled: Fact::Known(true),
            key_kind,
            key_id,
        }
    }

    fn stated(&self, id: String, customer: bool) -> (Fact<KeyKind>, Fact<String>) {
        if self.managed.is_some_and(|managed| id.ends_with(managed)) {
            return (Fact::Known(KeyKind::Provider), Fact::Absent);
        }
        match self.told_by {
            Some(told_by) if !customer && !id.contains("alias/") => {
                let gap = Gap::with(Reason::NotRead, format!("{told_by} {id}"));
                (Fact::Unknown(gap), Fact::Known(id))
            }
            _ => (Fact::Known(KeyKind::Customer), Fact::Known(id)),
        }
    }
}

/// Returns encryption that is not on.
pub(super) fn off() -> Encryption {
    Encryption {
        enabled: Fact::Known(false),
        ..Encryption::default()
    }
}

/// Returns encryption of which nothing is known.
pub(super) fn unknown(gap: &Gap) -> Encryption {
    Encryption {
        enabled: Fact::Unknown(gap.clone()),
        key_kind: Fact::Unknown(gap.clone()),
        key_id: Fact::Unknown(gap.clone()),
    }
}
