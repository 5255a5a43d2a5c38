//! `Microsoft.Compute/virtualMachines` with its network interfaces → `compute.instance`.
//!
//! A virtual machine names its network interfaces; public addresses and IP forwarding are theirs, and unknown where an
//! interface that it names was not read. Machines of a scale set with flexible orchestration are of this type too. What
//! lets traffic in by way of a load balancer is no address of the machine. UEFI settings are there only with trusted launch or a confidential machine: without them there is neither secure boot nor vTPM. API versions
//! before 2020-12-01 leave them out, and a document does not say its version, so that a machine read by one of these
//! seems to have none. Source: Azure REST API reference `Virtual Machines - Get`, `UefiSettings`, `SecurityTypes`,
//! `LinuxConfiguration`, `NetworkProfile`, read 2026-11-25.

use std::collections::BTreeMap;

use nephoscope_model::kinds::{ComputeInstance, InstanceIdentity, PublicAddress};
use nephoscope_model::{Dialect, Fact, Gap, Reason};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::network_interfaces::{self, NetworkInterface};
use super::{ARM, PROPERTIES};
use crate::group::{Built, Found, Group, Piece};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

pub(crate) const NATIVE_TYPE: &str = "Microsoft.Compute/virtualMachines";

const SOURCES: &[Source] = &[
    source("/identity/attached", "/identity/type", Absence::Default("false")),
    source("/identity/ids", "/identity/principalId", Absence::Default("[]")),
    source(
        "/identity/ids",
        "/identity/userAssignedIdentities",
        Absence::Default("[]"),
    ),
    source(
        "/secure_boot",
        "/properties/securityProfile/uefiSettings/secureBootEnabled",
        Absence::Default("false"),
    ),
    source(
        "/vtpm",
        "/properties/securityProfile/uefiSettings/vTpmEnabled",
        Absence::Default("false"),
    ),
    source(
        "/password_login",
        "/properties/osProfile/linuxConfiguration/disablePasswordAuthentication",
        Absence::Unknown,
    ),
    source(
        "/password_login",
        "/properties/storageProfile/osDisk/osType",
        Absence::Unknown,
    ),
    source(
        "/public_address/assigned",
        "/properties/networkProfile/networkInterfaces",
        Absence::Unknown,
    ),
    source(
        "/public_address/addresses",
        "/properties/networkProfile/networkInterfaces",
        Absence::Unknown,
    ),
    source(
        "/ip_forwarding",
        "/properties/networkProfile/networkInterfaces",
        Absence::Unknown,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "compute.instance",
    sources: SOURCES,
    read: |body| {
        let Outer { identity } = body.whole()?;
        Ok(Box::new(VirtualMachine {
            identity,
            properties: body.section(PROPERTIES)?,
        }))
    },
    build,
    role: Role::Whole,
    ..Mapping::BASE
};

struct VirtualMachine {
    identity: Option<Option<Identity>>,
    properties: Option<Properties>,
}

#[derive(Debug, Deserialize)]
struct Outer {
    #[serde(default, deserialize_with = "stated")]
    identity: Option<Option<Identity>>,
}

/// Reads a column of which null is a statement: there is none.
fn stated<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    principal_id: Text,
    #[serde(default)]
    user_assigned_identities: Option<BTreeMap<String, IgnoredAny>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default)]
    security_profile: Option<SecurityProfile>,
    #[serde(default)]
    os_profile: Option<OsProfile>,
    #[serde(default)]
    storage_profile: Option<StorageProfile>,
    #[serde(default)]
    network_profile: Option<NetworkProfile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NetworkProfile {
    #[serde(default, deserialize_with = "json::many")]
    network_interfaces: Vec<Reference>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(default)]
    id: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecurityProfile {
    #[serde(default)]
    uefi_settings: Option<UefiSettings>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UefiSettings {
    #[serde(default, deserialize_with = "json::flag")]
    secure_boot_enabled: Option<bool>,
    #[serde(default, rename = "vTpmEnabled", deserialize_with = "json::flag")]
    v_tpm_enabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OsProfile {
    #[serde(default)]
    linux_configuration: Option<LinuxConfiguration>,
    #[serde(default)]
    windows_configuration: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinuxConfiguration {
    #[serde(default, deserialize_with = "json::flag")]
    disable_password_authentication: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StorageProfile {
    #[serde(default)]
    os_disk: Option<OsDisk>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OsDisk {
    #[serde(default)]
    os_type: Option<String>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, machine) = group.native::<VirtualMachine>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    // A row of Resource Graph holds only the columns that its query names, a list of resources no properties.
    let Some(properties) = &machine.properties else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let interfaces = Interfaces::of(group, properties);
    let uefi = properties
        .security_profile
        .as_ref()
        .and_then(|profile| profile.uefi_settings.as_ref());
    let (public_address, addressed) = interfaces.public_address();
    let (ip_forwarding, forwarding) = interfaces.ip_forwarding();
    let mut built = Built::new(&ComputeInstance {
        public_address,
        identity: identity(group, machine),
        secure_boot: Fact::Known(uefi.and_then(|uefi| uefi.secure_boot_enabled).unwrap_or(false)),
        vtpm: Fact::Known(uefi.and_then(|uefi| uefi.v_tpm_enabled).unwrap_or(false)),
        password_login: password_login(properties),
        ip_forwarding,
        ..ComputeInstance::default()
    });
    if let Some(piece) = addressed {
        for path in ["/public_address/assigned", "/public_address/addresses"] {
            built.from(path, piece, "/properties/ipConfigurations");
        }
    }
    if let Some(piece) = forwarding {
        built.from("/ip_forwarding", piece, "/properties/enableIPForwarding");
    }
    built
}

/// The network interfaces that a machine names.
struct Interfaces<'a> {
    read: Vec<(&'a Piece, &'a NetworkInterface)>,
    /// Why there may be more of them.
    missing: Option<Gap>,
}

impl<'a> Interfaces<'a> {
    fn of(group: &Group<'a>, properties: &Properties) -> Self {
        let profile = properties.network_profile.as_ref();
        let named = profile
            .map(|profile| profile.network_interfaces.as_slice())
            .unwrap_or_default();
        // Every machine has one: a document that names none is a projection.
        let mut missing = named
            .is_empty()
            .then(|| group.not_read(network_interfaces::NATIVE_TYPE));
        let mut read = Vec::new();
        let mut others = Vec::new();
        for reference in named {
            let id = reference.id.0.as_deref().unwrap_or_default();
            let part = group
                .parts(network_interfaces::NATIVE_TYPE)
                .find(|piece| piece.resource.key.0.eq_ignore_ascii_case(id));
            match part.map(Piece::get::<Option<NetworkInterface>>) {
                Some(Found::Read(piece, Some(interface))) => read.push((piece, interface)),
                Some(Found::Failed(gap)) => missing = Some(gap),
                Some(Found::Read(_, None) | Found::Missing) | None => others.push(id),
            }
        }
        others.sort_unstable();
        if !others.is_empty() {
            let detail = format!("{} {}", network_interfaces::NATIVE_TYPE, others.join(", "));
            missing = missing.or(Some(Gap::with(Reason::NotRead, detail)));
        }
        read.sort_by_key(|(piece, _)| &piece.resource.key);
        Interfaces { read, missing }
    }

    /// Returns the public addresses, and the interface that says so.
    fn public_address(&self) -> (PublicAddress, Option<&'a Piece>) {
        let mut missing = self.missing.clone();
        let (mut known, mut unread, mut first) = (Vec::new(), Vec::new(), None);
        for (piece, interface) in &self.read {
            let Some(public) = interface.public() else {
                missing = missing.or_else(|| Some(not_held(piece, "ipConfigurations")));
                continue;
            };
            for address in public {
                first = first.or(Some(*piece));
                match address.address() {
                    Some(address) => known.push(address),
                    None => unread.extend(address.id.clone().take()),
                }
            }
        }
        known.sort();
        unread.sort();
        let assigned = match (first, &missing) {
            (Some(_), _) => Fact::Known(true),
            (None, None) => Fact::Known(false),
            (None, Some(gap)) => Fact::Unknown(gap.clone()),
        };
        if !unread.is_empty() {
            let detail = format!("Microsoft.Network/publicIPAddresses {}", unread.join(", "));
            missing = missing.or(Some(Gap::with(Reason::NotRead, detail)));
        }
        let addresses = match missing {
            None => Fact::Known(known),
            Some(gap) => Fact::Partial(known, gap),
        };
        let any = self.read.first().map(|(piece, _)| *piece);
        (PublicAddress { assigned, addresses }, first.or(any))
    }

    /// Returns whether some interface forwards, and the interface that says so.
    fn ip_forwarding(&self) -> (Fact<bool>, Option<&'a Piece>) {
        let states = self
            .read
            .iter()
            .map(|(piece, interface)| (*piece, interface.enable_ip_forwarding));
        let (mut missing, mut silent) = (self.missing.clone(), None);
        for (piece, state) in states {
            match state {
                Some(true) => return (Fact::Known(true), Some(piece)),
                Some(false) => silent = silent.or(Some(piece)),
                None => missing = missing.or_else(|| Some(not_held(piece, "enableIPForwarding"))),
            }
        }
        match missing {
            None => (Fact::Known(false), silent),
            Some(gap) => (Fact::Unknown(gap), None),
        }
    }
}

/// Returns the gap for a field that an interface lacks.
fn not_held(piece: &Piece, field: &str) -> Gap {
    Gap::with(Reason::NotRead, format!("{field} of {}", piece.resource.id))
}

fn identity(group: &Group<'_>, machine: &VirtualMachine) -> InstanceIdentity {
    let graph = group
        .main
        .resource
        .mapping
        .is_some_and(|(dialect, _)| dialect == Dialect::AzureResourceGraph);
    if machine.identity.is_none() && graph {
        let gap = Gap::with(Reason::NotRead, "column identity");
        return InstanceIdentity {
            attached: Fact::Unknown(gap.clone()),
            ids: Fact::Unknown(gap),
            ..InstanceIdentity::default()
        };
    }
    let identity = machine.identity.as_ref().and_then(Option::as_ref);
    let kind = identity.and_then(|identity| identity.kind.as_deref());
    let mut ids: Vec<String> = identity
        .and_then(|identity| identity.principal_id.clone().take())
        .into_iter()
        .collect();
    ids.extend(
        identity
            .and_then(|identity| identity.user_assigned_identities.as_ref())
            .into_iter()
            .flat_map(|identities| identities.keys().cloned()),
    );
    ids.sort();
    InstanceIdentity {
        attached: Fact::Known(kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("None"))),
        ids: Fact::Known(ids),
        ..InstanceIdentity::default()
    }
}

fn password_login(properties: &Properties) -> Fact<bool> {
    let profile = properties.os_profile.as_ref();
    let linux = profile.and_then(|profile| profile.linux_configuration.as_ref());
    if let Some(disabled) = linux.and_then(|linux| linux.disable_password_authentication) {
        return Fact::Known(!disabled);
    }
    let system = properties
        .storage_profile
        .as_ref()
        .and_then(|storage| storage.os_disk.as_ref()?.os_type.as_deref());
    let windows = system.is_some_and(|system| system.eq_ignore_ascii_case("Windows"))
        || profile.is_some_and(|profile| profile.windows_configuration.is_some());
    if windows && linux.is_none() {
        return Fact::Absent;
    }
    // A machine from a specialized disk has no profile: what holds is in the disk's files.
    Fact::Unknown(Gap::with(
        Reason::NotRead,
        "osProfile.linuxConfiguration.disablePasswordAuthentication",
    ))
}
