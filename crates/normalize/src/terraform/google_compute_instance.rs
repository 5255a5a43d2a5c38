//! `google_compute_instance` → `compute.instance`.
//!
//! Source: Terraform Google provider documentation of `google_compute_instance`: what the configuration leaves out is off;
//! Compute Engine "Shielded VM", "About VM metadata", read 2026-11-25.

use nephoscope_model::kinds::{ComputeInstance, InstanceIdentity, PublicAddress};
use nephoscope_model::{Fact, Gap, Reason};

use super::planned::{self, Planned, Spot};
use super::{WHOLE, join};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Source, source};

pub(super) const NATIVE_TYPE: &str = "google_compute_instance";

const SOURCES: &[Source] = &[
    source(
        "/public_address/assigned",
        "/values/network_interface",
        Absence::Default("false"),
    ),
    source(
        "/public_address/addresses",
        "/values/network_interface",
        Absence::Default("[]"),
    ),
    source(
        "/identity/attached",
        "/values/service_account",
        Absence::Default("false"),
    ),
    source("/identity/ids", "/values/service_account/0/email", Absence::Unknown),
    source(
        "/identity/default_account",
        "/values/service_account/0/email",
        Absence::Unknown,
    ),
    source(
        "/identity/scopes",
        "/values/service_account/0/scopes",
        Absence::Default("[]"),
    ),
    source(
        "/secure_boot",
        "/values/shielded_instance_config/0/enable_secure_boot",
        Absence::Default("false"),
    ),
    source(
        "/vtpm",
        "/values/shielded_instance_config/0/enable_vtpm",
        Absence::Unknown,
    ),
    source("/serial_port", "/values/metadata/serial-port-enable", Absence::Unknown),
    source("/os_login", "/values/metadata/enable-oslogin", Absence::Unknown),
    source(
        "/project_ssh_keys",
        "/values/metadata/block-project-ssh-keys",
        Absence::Unknown,
    ),
    source("/ip_forwarding", "/values/can_ip_forward", Absence::Default("false")),
    source(
        "/deletion_protection",
        "/values/deletion_protection",
        Absence::Default("false"),
    ),
];

const KEYS: &[&str] = &[
    "network_interface",
    "service_account",
    "shielded_instance_config",
    "metadata",
    "can_ip_forward",
    "deletion_protection",
    "boot_disk",
    "attached_disk",
];

pub(super) const INSTANCE: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "compute.instance",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    ..WHOLE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, instance) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let shielded = instance.computed("/shielded_instance_config").block();
    let setting = |key: &str| setting(group, instance, key);
    Built::new(&ComputeInstance {
        public_address: public_address(instance),
        identity: identity(instance),
        secure_boot: match &shielded {
            Fact::Known(block) | Fact::Partial(block, _) => block.at("/enable_secure_boot").flag().or_default(false),
            Fact::Absent => Fact::Known(false),
            Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
        },
        vtpm: match &shielded {
            Fact::Known(block) | Fact::Partial(block, _) => block.at("/enable_vtpm").flag().or_default(true),
            // Whether there is one hangs on the image.
            Fact::Absent => Fact::Unknown(group.not_read("shielded_instance_config")),
            Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
        },
        serial_port: setting("serial-port-enable"),
        os_login: setting("enable-oslogin"),
        project_ssh_keys: setting("block-project-ssh-keys").map(|blocked| !blocked),
        ip_forwarding: instance.at("/can_ip_forward").flag().or_default(false),
        deletion_protection: instance.at("/deletion_protection").flag().or_default(false),
        ..ComputeInstance::default()
    })
}

fn public_address(instance: &Planned) -> PublicAddress {
    let interfaces = match instance.at("/network_interface").items() {
        Fact::Known(interfaces) | Fact::Partial(interfaces, _) => interfaces,
        Fact::Absent => Vec::new(),
        Fact::Unknown(gap) => {
            return PublicAddress {
                assigned: Fact::Unknown(gap.clone()),
                addresses: Fact::Unknown(gap),
            };
        }
    };
    let (mut ways, mut open, mut addresses, mut unread) = (0, None, Vec::new(), None);
    for interface in &interfaces {
        for (block, address) in [("/access_config", "/nat_ip"), ("/ipv6_access_config", "/external_ipv6")] {
            match interface.at(block).items() {
                Fact::Known(blocks) | Fact::Partial(blocks, _) => {
                    ways += blocks.len();
                    for block in blocks {
                        match block.at(address).text() {
                            Fact::Known(text) | Fact::Partial(text, _) => addresses.push(text),
                            // One that is not given is generated.
                            Fact::Absent => unread = Some(block.at(address).after_apply()),
                            Fact::Unknown(gap) => unread = Some(gap),
                        }
                    }
                }
                Fact::Absent => {}
                Fact::Unknown(gap) => open = Some(gap),
            }
        }
    }
    addresses.sort();
    addresses.dedup();
    PublicAddress {
        assigned: match &open {
            _ if ways > 0 => Fact::Known(true),
            Some(gap) => Fact::Unknown(gap.clone()),
            None => Fact::Known(false),
        },
        addresses: match unread.or(open) {
            Some(gap) => Fact::Partial(addresses, gap),
            None => Fact::Known(addresses),
        },
    }
}

fn identity(instance: &Planned) -> InstanceIdentity {
    let block = match instance.at("/service_account").block() {
        Fact::Known(block) | Fact::Partial(block, _) => block,
        Fact::Absent => {
            return InstanceIdentity {
                attached: Fact::Known(false),
                ids: Fact::Known(Vec::new()),
                default_account: Fact::Known(false),
                scopes: Fact::Known(Vec::new()),
            };
        }
        Fact::Unknown(gap) => {
            return InstanceIdentity {
                attached: Fact::Unknown(gap.clone()),
                ids: Fact::Unknown(gap.clone()),
                default_account: Fact::Unknown(gap.clone()),
                scopes: Fact::Unknown(gap),
            };
        }
    };
    let spot = block.at("/email");
    let email = spot.text();
    let default = |email: &str| email == "default" || email.ends_with("-compute@developer.gserviceaccount.com");
    InstanceIdentity {
        attached: Fact::Known(true),
        default_account: match &email {
            Fact::Known(email) | Fact::Partial(email, _) => Fact::Known(default(email)),
            Fact::Absent => Fact::Known(true),
            // An account that a plan makes is not the default one, whatever its address will be.
            Fact::Unknown(_) if (spot.referred_resources()).any(|at| join::type_of(at) == "google_service_account") => {
                Fact::Known(false)
            }
            Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
        },
        ids: match email {
            Fact::Absent => Fact::Unknown(spot.after_apply()),
            other => other.map(|email| vec![email]),
        },
        scopes: match block.at("/scopes").texts() {
            Fact::Absent => Fact::Known(Vec::new()),
            other => other.map(|mut scopes| {
                scopes.sort();
                scopes.dedup();
                scopes
            }),
        },
    }
}

/// Returns a switch of the instance's metadata, which go before those of the project.
fn setting(group: &Group<'_>, instance: &Planned, key: &str) -> Fact<bool> {
    let spot: Spot<'_> = instance.at(format!("/metadata/{key}"));
    match spot.text() {
        Fact::Known(text) | Fact::Partial(text, _) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "1" => Fact::Known(true),
            "false" | "no" | "n" | "0" => Fact::Known(false),
            _ => {
                let detail = format!("`{text}` of {key} is neither true nor false");
                Fact::Unknown(Gap::with(Reason::ParseError, detail))
            }
        },
        Fact::Absent => {
            let project = &group.main.resource.account;
            let detail = format!("google_compute_project_metadata of {project}");
            Fact::Unknown(Gap::with(Reason::NotRead, detail))
        }
        Fact::Unknown(gap) => Fact::Unknown(gap),
    }
}
