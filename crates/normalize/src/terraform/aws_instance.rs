//! `aws_instance` with its Elastic IP addresses → `compute.instance`.
//!
//! Where neither the instance nor its subnet is asked, the subnet decides on an automatic public address; the image and the
//! account decide whether the metadata service requires tokens; and a launch template fills in what the instance leaves out.
//! Source: Terraform AWS provider documentation of `aws_instance`, `aws_eip` and `aws_eip_association`; EC2 API Reference
//! `InstanceMetadataOptionsRequest`; Amazon EC2 User Guide "Order of precedence for instance metadata options", read
//! 2026-11-25.
//!
//! Limit: interfaces that other resources attach to the instance are not read.

use nephoscope_model::kinds::{ComputeInstance, InstanceIdentity, MetadataService, PublicAddress};
use nephoscope_model::{Fact, Gap, Reason};

use super::planned::{self, Planned, Spot};
use super::{PLAN, WHOLE, join};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "aws_instance";

const SOURCES: &[Source] = &[
    source(
        "/public_address/assigned",
        "/values/associate_public_ip_address",
        Absence::Unknown,
    ),
    source("/public_address/assigned", "/values/public_ip", Absence::Absent),
    source("/public_address/addresses", "/values/public_ip", Absence::Absent),
    source("/public_address/assigned", "/values/ipv6_addresses", Absence::Absent),
    source(
        "/public_address/assigned",
        "/values/ipv6_address_count",
        Absence::Absent,
    ),
    source("/public_address/assigned", "/values/network_interface", Absence::Absent),
    source(
        "/metadata_service/enabled",
        "/values/metadata_options/0/http_endpoint",
        Absence::Default("true"),
    ),
    source(
        "/metadata_service/token_required",
        "/values/metadata_options/0/http_tokens",
        Absence::Unknown,
    ),
    source(
        "/identity/attached",
        "/values/iam_instance_profile",
        Absence::Default("false"),
    ),
    source("/identity/ids", "/values/iam_instance_profile", Absence::Default("[]")),
    source("/identity/attached", "/values/launch_template", Absence::Absent),
    source("/ip_forwarding", "/values/source_dest_check", Absence::Default("false")),
];

const KEYS: &[&str] = &[
    "id",
    "associate_public_ip_address",
    "public_ip",
    "ipv6_addresses",
    "ipv6_address_count",
    "network_interface",
    "primary_network_interface",
    "metadata_options",
    "iam_instance_profile",
    "launch_template",
    "source_dest_check",
];

pub(super) const INSTANCE: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "compute.instance",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["id"]])),
    ..WHOLE
};

pub(super) const ADDRESS: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_eip",
    kind: "compute.instance",
    sources: &[source(
        "/public_address/addresses",
        "/values/public_ip",
        Absence::Unknown,
    )],
    read: |body| planned::read(body, &["instance", "public_ip"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        // One that is not of an instance, or is associated by a resource apart, is no part.
        names: |resource, native| match native.and_then(|native| native.downcast_ref::<Planned>()) {
            Some(planned) if planned.computed("/instance").value() == Fact::Absent => Vec::new(),
            _ => join::part(resource, native, NATIVE_TYPE, &[&["instance"]]),
        },
    },
    ..Mapping::BASE
};

pub(super) const ASSOCIATION: Mapping = Mapping {
    native_type: "aws_eip_association",
    sources: &[source(
        "/public_address/addresses",
        "/values/public_ip",
        Absence::Unknown,
    )],
    read: |body| planned::read(body, &["instance_id", "public_ip"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| match native.and_then(|native| native.downcast_ref::<Planned>()) {
            Some(planned) if planned.computed("/instance_id").value() == Fact::Absent => Vec::new(),
            _ => join::part(resource, native, NATIVE_TYPE, &[&["instance_id"]]),
        },
    },
    ..ADDRESS
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, instance) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let of = Instance {
        group,
        instance,
        template: template(instance),
        interfaces: interfaces(instance),
    };
    let mut built = Built::new(&ComputeInstance {
        public_address: of.public_address(),
        metadata_service: of.metadata_service(),
        identity: of.identity(),
        ip_forwarding: of.ip_forwarding(),
        ..ComputeInstance::default()
    });
    for piece in &group.parts {
        built.from_part(piece);
    }
    built
}

/// Returns the gap for what a launch template may say, where there is one.
fn template(instance: &Planned) -> Option<Gap> {
    match instance.computed("/launch_template").block() {
        Fact::Absent => None,
        Fact::Unknown(gap) => Some(gap),
        Fact::Known(block) | Fact::Partial(block, _) => Some(Gap::with(
            Reason::NotRead,
            format!("aws_launch_template of {}", block.native()),
        )),
    }
}

/// Returns the gap for what stands with network interfaces of their own, where the instance has them.
fn interfaces(instance: &Planned) -> Option<Gap> {
    ["/network_interface", "/primary_network_interface"]
        .into_iter()
        .find_map(|at| match instance.computed(at).block() {
            Fact::Absent => None,
            Fact::Unknown(gap) => Some(gap),
            // The state of an existing instance shows its first interface, whoever made it.
            Fact::Known(_) | Fact::Partial(..) if !instance.created && instance.unchanged(at) => None,
            Fact::Known(block) | Fact::Partial(block, _) => Some(Gap::with(
                Reason::NotRead,
                format!("aws_network_interface of {}", block.native()),
            )),
        })
}

struct Instance<'a> {
    group: &'a Group<'a>,
    instance: &'a Planned,
    template: Option<Gap>,
    interfaces: Option<Gap>,
}

impl Instance<'_> {
    /// Returns what a launch template may fill in where the instance leaves it out.
    fn or_template<T>(&self, fact: Fact<T>) -> Fact<T> {
        match (&self.template, fact) {
            (Some(gap), Fact::Absent) => Fact::Unknown(gap.clone()),
            (_, fact) => fact,
        }
    }

    fn public_address(&self) -> PublicAddress {
        let mut addresses: Vec<String> = Vec::new();
        let (mut elastic, mut open) = (false, None);
        for piece in [ADDRESS.native_type, ASSOCIATION.native_type]
            .into_iter()
            .flat_map(|native_type| self.group.parts(native_type))
        {
            elastic = true;
            match piece.get::<Planned>() {
                Found::Read(_, part) => match part.at("/public_ip").text() {
                    Fact::Known(address) | Fact::Partial(address, _) => addresses.push(address),
                    Fact::Unknown(gap) => open = Some(gap),
                    Fact::Absent => open = Some(part.at("/public_ip").after_apply()),
                },
                Found::Failed(gap) => open = Some(gap),
                Found::Missing => {}
            }
        }
        let own = self.instance.at("/public_ip");
        let automatic = self.automatic();
        if let Fact::Known(address) = own.text() {
            addresses.push(address);
        } else if automatic != Fact::Known(false) {
            open = open.or_else(|| automatic.gap().cloned().or_else(|| own.text().gap().cloned()));
        }
        let assigned = match (elastic || !addresses.is_empty(), automatic, self.ipv6()) {
            (true, ..) | (_, Fact::Known(true), _) => Fact::Known(true),
            (_, Fact::Known(false), None) => Fact::Known(false),
            (_, _, Some(gap)) => {
                open = open.or_else(|| Some(gap.clone()));
                Fact::Unknown(gap)
            }
            (_, other, None) => other,
        };
        addresses.sort();
        addresses.dedup();
        PublicAddress {
            assigned,
            addresses: match open {
                None => Fact::Known(addresses),
                Some(gap) => Fact::Partial(addresses, gap),
            },
        }
    }

    /// Returns whether EC2 gives the instance an address of IPv4 when it starts.
    fn automatic(&self) -> Fact<bool> {
        if let Some(gap) = &self.interfaces {
            return Fact::Unknown(gap.clone());
        }
        let own = self.or_template(self.instance.computed("/associate_public_ip_address").flag());
        match own {
            Fact::Absent if self.instance.created => {
                let detail = format!(
                    "map_public_ip_on_launch of the subnet of {}",
                    self.group.main.resource.id
                );
                Fact::Unknown(Gap::with(Reason::NotRead, detail))
            }
            // The state says what it has.
            other => other.or_default(false),
        }
    }

    /// Addresses of IPv6 are global; whether the internet gets through to them is up to the routes of the subnet.
    fn ipv6(&self) -> Option<Gap> {
        let gap = || {
            Gap::with(
                Reason::NotRead,
                format!("routes of the subnet of {}", self.group.main.resource.id),
            )
        };
        let any = match self.instance.computed("/ipv6_addresses").items() {
            Fact::Known(items) | Fact::Partial(items, _) => !items.is_empty(),
            Fact::Unknown(gap) => return Some(gap),
            Fact::Absent => false,
        };
        let some = match self.instance.computed("/ipv6_address_count").integer() {
            Fact::Known(count) | Fact::Partial(count, _) => count > 0,
            Fact::Unknown(gap) => return Some(gap),
            Fact::Absent => false,
        };
        (any || some).then(gap)
    }

    fn metadata_service(&self) -> MetadataService {
        let at = |name: &str| self.instance.computed_inside(format!("/metadata_options/0/{name}"));
        let text = |spot: Spot<'_>| self.or_template(spot.text());
        let tokens = match text(at("http_tokens")) {
            Fact::Absent => {
                let detail = format!(
                    "http_tokens of the image and account of {}",
                    self.group.main.resource.id
                );
                Fact::Unknown(Gap::with(Reason::NotRead, detail))
            }
            other => other.map(|tokens| tokens.eq_ignore_ascii_case("required")),
        };
        MetadataService {
            enabled: text(at("http_endpoint"))
                .map(|endpoint| !endpoint.eq_ignore_ascii_case("disabled"))
                .or_default(true),
            token_required: tokens,
        }
    }

    fn identity(&self) -> InstanceIdentity {
        let spot = self.instance.computed("/iam_instance_profile");
        let (attached, ids) = match self.or_template(spot.text()) {
            Fact::Known(profile) | Fact::Partial(profile, _) => (Fact::Known(true), Fact::Known(vec![profile])),
            Fact::Absent => (Fact::Known(false), Fact::Known(Vec::new())),
            // A profile that a plan makes is one, whatever its name will be.
            Fact::Unknown(gap) => {
                let made =
                    (spot.referred_resources()).any(|address| join::type_of(address) == "aws_iam_instance_profile");
                let attached = if made {
                    Fact::Known(true)
                } else {
                    Fact::Unknown(gap.clone())
                };
                (attached, Fact::Unknown(gap))
            }
        };
        InstanceIdentity {
            attached,
            ids,
            ..InstanceIdentity::default()
        }
    }

    fn ip_forwarding(&self) -> Fact<bool> {
        if let Some(gap) = &self.interfaces {
            return Fact::Unknown(gap.clone());
        }
        let check = self.instance.at("/source_dest_check").flag().or_default(true);
        check.map(|check| !check)
    }
}
