//! `Microsoft.KeyVault/vaults/secrets` → `secret.secret`; its value is in no document.
//!
//! Source: Azure REST API reference `Secrets - Get`, read 2026-11-25.

use nephoscope_model::kinds::{PublicGrants, SecretRotation, SecretSecret};
use nephoscope_model::{Gap, Reason};
use serde::Deserialize;

use super::vault_keys::{Attributes, expires};
use super::{ARM, PROPERTIES};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[source(
    "/expires",
    "/properties/attributes/exp",
    Absence::Default("false"),
)];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.KeyVault/vaults/secrets",
    kind: "secret.secret",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Secret>(PROPERTIES)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
struct Secret {
    #[serde(default)]
    attributes: Option<Attributes>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(secret)) = group.native::<Option<Secret>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    Built::new(&SecretSecret {
        rotation: SecretRotation::default(),
        expires: expires(secret.attributes.as_ref()),
        public_access: PublicGrants::default(),
    })
}
