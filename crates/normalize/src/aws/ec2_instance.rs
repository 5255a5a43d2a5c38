//! `AWS::EC2::Instance` → `compute.instance`.
//!
//! Every item of an instance lists its network interfaces (a terminated one none), so an item without that list is a
//! projection and says nothing by what it lacks. Source: AWS Config resource schema `AWS::EC2::Instance`, EC2 API
//! Reference `Instance`, `InstanceMetadataOptionsResponse`, recorded items, read 2026-11-25.
//!
//! Limits: UEFI secure boot and the protection against termination are not in an item. A stopped instance has given its
//! automatic address back, and whether it gets another one at the next start stands with its subnet and launch alone.

use nephoscope_model::kinds::{ComputeInstance, InstanceIdentity, MetadataService, PublicAddress};
use nephoscope_model::{Fact, Gap, Reason, Resource};
use serde::Deserialize;

use super::{CONFIG, CONFIGURATION, partition};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source(
        "/public_address/assigned",
        "/configuration/publicIpAddress",
        Absence::Default("false"),
    ),
    source(
        "/public_address/assigned",
        "/configuration/networkInterfaces",
        Absence::Unknown,
    ),
    source(
        "/public_address/addresses",
        "/configuration/publicIpAddress",
        Absence::Default("[]"),
    ),
    source(
        "/public_address/addresses",
        "/configuration/networkInterfaces",
        Absence::Unknown,
    ),
    source(
        "/metadata_service/enabled",
        "/configuration/metadataOptions/httpEndpoint",
        Absence::Default("true"),
    ),
    source(
        "/metadata_service/token_required",
        "/configuration/metadataOptions/httpTokens",
        Absence::Unknown,
    ),
    source(
        "/identity/attached",
        "/configuration/iamInstanceProfile",
        Absence::Default("false"),
    ),
    source(
        "/identity/ids",
        "/configuration/iamInstanceProfile/arn",
        Absence::Default("[]"),
    ),
    source("/ip_forwarding", "/configuration/sourceDestCheck", Absence::Unknown),
    source("/ip_forwarding", "/configuration/networkInterfaces", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::EC2::Instance",
    kind: "compute.instance",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Instance>(CONFIGURATION)?)),
    build,
    key: Some(key),
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instance {
    #[serde(default)]
    public_ip_address: Text,
    #[serde(default)]
    subnet_id: Text,
    #[serde(default)]
    network_interfaces: Option<Vec<Interface>>,
    #[serde(default)]
    metadata_options: Option<MetadataOptions>,
    #[serde(default)]
    iam_instance_profile: Option<Profile>,
    #[serde(default, deserialize_with = "json::flag")]
    source_dest_check: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interface {
    #[serde(default)]
    association: Option<Association>,
    #[serde(default, deserialize_with = "json::many")]
    private_ip_addresses: Vec<PrivateAddress>,
    #[serde(default, deserialize_with = "json::many")]
    ipv6_addresses: Vec<serde::de::IgnoredAny>,
    #[serde(default, deserialize_with = "json::flag")]
    source_dest_check: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct PrivateAddress {
    #[serde(default)]
    association: Option<Association>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Association {
    #[serde(default)]
    public_ip: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetadataOptions {
    #[serde(default)]
    http_endpoint: Option<String>,
    #[serde(default)]
    http_tokens: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Profile {
    #[serde(default)]
    arn: Text,
}

/// Source: Service Authorization Reference "Amazon EC2", resource `instance`.
fn key(resource: &Resource) -> Option<String> {
    let Resource {
        account, region, id, ..
    } = resource;
    let stated = !account.is_empty() && !region.is_empty() && id.starts_with("i-");
    stated.then(|| format!("arn:{}:ec2:{region}:{account}:instance/{id}", partition(region)))
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(native)) = group.native::<Option<Instance>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    Built::new(&ComputeInstance {
        public_address: public_address(native),
        metadata_service: metadata_service(native),
        identity: identity(native),
        ip_forwarding: ip_forwarding(native),
        ..ComputeInstance::default()
    })
}

/// Returns the gap for what only a whole item says by its silence.
fn projected(field: &str) -> Gap {
    Gap::with(Reason::NotRead, format!("configuration.{field}"))
}

fn public_address(native: &Instance) -> PublicAddress {
    let interfaces = native.network_interfaces.as_deref();
    let associations = interfaces.into_iter().flatten().flat_map(|interface| {
        let private = interface
            .private_ip_addresses
            .iter()
            .filter_map(|private| private.association.as_ref());
        interface.association.iter().chain(private)
    });
    let mut addresses: Vec<String> = associations
        .filter_map(|association| association.public_ip.clone().take())
        .chain(native.public_ip_address.clone().take())
        .collect();
    addresses.sort();
    addresses.dedup();
    let Some(interfaces) = interfaces else {
        let gap = projected("networkInterfaces");
        let assigned = match addresses.is_empty() {
            true => Fact::Unknown(gap.clone()),
            false => Fact::Known(true),
        };
        return PublicAddress {
            assigned,
            addresses: Fact::Partial(addresses, gap),
        };
    };
    // Addresses of IPv6 are global; whether the internet gets through to them is up to the routes of the subnet.
    let by_route = interfaces.iter().any(|interface| !interface.ipv6_addresses.is_empty());
    let subnet = native.subnet_id.0.as_deref().unwrap_or("the subnet");
    let gap = Gap::with(Reason::NotRead, format!("AWS::EC2::RouteTable of {subnet}"));
    PublicAddress {
        assigned: match (addresses.is_empty(), by_route) {
            (false, _) => Fact::Known(true),
            (true, false) => Fact::Known(false),
            (true, true) => Fact::Unknown(gap.clone()),
        },
        addresses: match by_route {
            true => Fact::Partial(addresses, gap),
            false => Fact::Known(addresses),
        },
    }
}

fn metadata_service(native: &Instance) -> MetadataService {
    let Some(options) = &native.metadata_options else {
        // Version 2 came in November 2019; an item without the options is older, or a projection.
        let gap = projected("metadataOptions");
        return MetadataService {
            enabled: Fact::Unknown(gap.clone()),
            token_required: Fact::Unknown(gap),
        };
    };
    let endpoint = options.http_endpoint.as_deref();
    MetadataService {
        enabled: Fact::Known(endpoint.is_none_or(|state| !state.eq_ignore_ascii_case("disabled"))),
        token_required: match options.http_tokens.as_deref() {
            Some(tokens) => Fact::Known(tokens.eq_ignore_ascii_case("required")),
            // The default hangs on the image and the account.
            None => Fact::Unknown(projected("metadataOptions.httpTokens")),
        },
    }
}

fn identity(native: &Instance) -> InstanceIdentity {
    let profile = native.iam_instance_profile.as_ref();
    let (attached, ids) = match (profile, &native.network_interfaces) {
        (Some(profile), _) => (
            Fact::Known(true),
            Fact::Known(profile.arn.clone().take().into_iter().collect()),
        ),
        (None, Some(_)) => (Fact::Known(false), Fact::Known(Vec::new())),
        (None, None) => {
            let gap = projected("iamInstanceProfile");
            (Fact::Unknown(gap.clone()), Fact::Unknown(gap))
        }
    };
    InstanceIdentity {
        attached,
        ids,
        ..InstanceIdentity::default()
    }
}

fn ip_forwarding(native: &Instance) -> Fact<bool> {
    let interfaces = native.network_interfaces.iter().flatten();
    let forwards = interfaces
        .map(|interface| interface.source_dest_check)
        .chain([native.source_dest_check])
        .any(|check| check == Some(false));
    match (forwards, &native.network_interfaces) {
        (true, _) => Fact::Known(true),
        (false, Some(_)) => Fact::Known(false),
        // Its field is of the first interface alone.
        (false, None) => Fact::Unknown(projected("networkInterfaces")),
    }
}
