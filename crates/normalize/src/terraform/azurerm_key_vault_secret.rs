//! `azurerm_key_vault_secret` → `secret.secret`. Its value is not read.
//!
//! Source: Terraform AzureRM provider documentation of `azurerm_key_vault_secret`, read 2026-11-25.

use nephoscope_model::kinds::{PublicGrants, SecretRotation, SecretSecret};
use nephoscope_model::{Gap, Reason};

use super::planned::{self, Planned};
use super::{WHOLE, azurerm_key_vault_key};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, source};

pub(super) const SECRET: Mapping = Mapping {
    native_type: "azurerm_key_vault_secret",
    kind: "secret.secret",
    sources: &[source("/expires", "/values/expiration_date", Absence::Default("false"))],
    read: |body| planned::read(body, &["expiration_date"]),
    build,
    ..WHOLE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, secret) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    Built::new(&SecretSecret {
        rotation: SecretRotation::default(),
        expires: azurerm_key_vault_key::expires(secret),
        public_access: PublicGrants::default(),
    })
}
