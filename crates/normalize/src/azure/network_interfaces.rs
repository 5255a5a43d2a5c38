//! `Microsoft.Network/networkInterfaces`: public addresses and IP forwarding of a virtual machine.
//!
//! An interface names the machine that it is attached to, whether the machine stands alone or in a scale set with flexible
//! orchestration. Interfaces of scale sets with uniform orchestration name machines of another type, which are not read.
//! The reply holds the address itself only where the request asked to expand it. Source: Azure REST API reference
//! `Network Interfaces - Get`, `- List All`, read 2026-11-25.

use nephoscope_model::Resource;
use serde::Deserialize;

use super::{ARM, MACHINE_LINK, PROPERTIES, virtual_machines};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

pub(crate) const NATIVE_TYPE: &str = "Microsoft.Network/networkInterfaces";

const SOURCES: &[Source] = &[
    source(
        "/public_address/assigned",
        "/properties/ipConfigurations",
        Absence::Unknown,
    ),
    source(
        "/public_address/addresses",
        "/properties/ipConfigurations",
        Absence::Unknown,
    ),
    source("/ip_forwarding", "/properties/enableIPForwarding", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "compute.instance",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<NetworkInterface>(PROPERTIES)?)),
    role: Role::Part {
        of: virtual_machines::NATIVE_TYPE,
        names: |resource, _| machine(resource).into_iter().collect(),
    },
    stands: true,
    ..Mapping::BASE
};

/// Returns the key of the virtual machine that an interface says it is attached to.
///
/// One that was moved since may say the former one: a machine counts only the interfaces that it names itself.
fn machine(resource: &Resource) -> Option<String> {
    let link = (resource.relationships.iter()).find(|link| link.name == MACHINE_LINK)?;
    let key = link.target.to_ascii_lowercase();
    let (_, name) = key.rsplit_once("/providers/microsoft.compute/virtualmachines/")?;
    (!name.is_empty() && !name.contains('/')).then_some(key)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NetworkInterface {
    #[serde(default, rename = "enableIPForwarding", deserialize_with = "json::flag")]
    pub(crate) enable_ip_forwarding: Option<bool>,
    #[serde(default, deserialize_with = "json::some_many")]
    ip_configurations: Option<Vec<IpConfiguration>>,
}

#[derive(Debug, Deserialize)]
struct IpConfiguration {
    #[serde(default)]
    properties: Option<IpProperties>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IpProperties {
    #[serde(default, rename = "publicIPAddress")]
    public_ip_address: Option<PublicIp>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PublicIp {
    #[serde(default)]
    pub(crate) id: Text,
    #[serde(default)]
    properties: Option<PublicIpProperties>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublicIpProperties {
    #[serde(default)]
    ip_address: Text,
}

impl NetworkInterface {
    /// Returns its public addresses; `None` where it does not say.
    pub(crate) fn public(&self) -> Option<Vec<&PublicIp>> {
        let mut addresses = Vec::new();
        for configuration in self.ip_configurations.as_ref()? {
            addresses.extend(&configuration.properties.as_ref()?.public_ip_address);
        }
        Some(addresses)
    }
}

impl PublicIp {
    pub(crate) fn address(&self) -> Option<String> {
        self.properties.as_ref()?.ip_address.clone().take()
    }
}
