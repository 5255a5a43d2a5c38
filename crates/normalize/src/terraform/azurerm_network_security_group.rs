//! `azurerm_network_security_group` and `azurerm_network_security_rule` → `network.firewall`.
//!
//! Rules are brought into the form of the resource manager's API and read as those. The default rules of Azure are not part of a
//! plan; they let nobody in, and everything out to the internet. Source: Terraform AzureRM provider documentation of both.

use std::collections::BTreeMap;

use nephoscope_model::{Fact, Gap, Reason};
use serde_json::{Map, Value, json};

use super::planned::{self, Planned, Spot};
use super::rules::{self, Made};
use super::{PLAN, join};
use crate::azure::network_security_groups::{SecurityRule, drafts};
use crate::firewall::{Missing, Setting};
use crate::group::{Built, Found, Group, Piece};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "azurerm_network_security_group";

const SOURCES: &[Source] = &[
    source("/rules", "/values/security_rule", Absence::Default("[]")),
    source("/open_to_internet", "/values/security_rule", Absence::Default("[]")),
    source("/reaches_internet", "/values/security_rule", Absence::Default("[]")),
];

pub(super) const GROUP: Mapping = Mapping {
    dialects: PLAN,
    native_type: NATIVE_TYPE,
    kind: "network.firewall",
    sources: SOURCES,
    read: |body| planned::read(body, &["name", "resource_group_name", "security_rule"]),
    build,
    role: Role::Whole,
    names: Some(|resource, native| join::whole(resource, native, &[&["resource_group_name", "name"]])),
    ..Mapping::BASE
};

const RULE_SOURCES: &[Source] = &[
    source("/rules", "/values", Absence::Unknown),
    source("/open_to_internet", "/values/source_address_prefix", Absence::Absent),
    source("/open_to_internet", "/values/source_address_prefixes", Absence::Absent),
    source("/open_to_internet", "/values/destination_port_range", Absence::Absent),
    source("/open_to_internet", "/values/destination_port_ranges", Absence::Absent),
    source(
        "/reaches_internet",
        "/values/destination_address_prefix",
        Absence::Absent,
    ),
    source(
        "/reaches_internet",
        "/values/destination_address_prefixes",
        Absence::Absent,
    ),
    source("/reaches_internet", "/values/destination_port_range", Absence::Absent),
    source("/reaches_internet", "/values/destination_port_ranges", Absence::Absent),
];

const RULE_KEYS: &[&str] = &[
    "resource_group_name",
    "network_security_group_name",
    "name",
    "description",
    "direction",
    "access",
    "priority",
    "protocol",
    "source_port_range",
    "source_port_ranges",
    "destination_port_range",
    "destination_port_ranges",
    "source_address_prefix",
    "source_address_prefixes",
    "destination_address_prefix",
    "destination_address_prefixes",
    "source_application_security_group_ids",
    "destination_application_security_group_ids",
];

pub(super) const RULE: Mapping = Mapping {
    dialects: PLAN,
    native_type: "azurerm_network_security_rule",
    kind: "network.firewall",
    sources: RULE_SOURCES,
    read: |body| planned::read(body, RULE_KEYS),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| {
            join::part(
                resource,
                native,
                NATIVE_TYPE,
                &[&["resource_group_name", "network_security_group_name"]],
            )
        },
    },
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, native) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let mut missing = None;
    let mut unnamed = Vec::new();
    // By name as Azure compares it: the state of an existing group lists the rules of other resources too.
    let mut named: BTreeMap<String, Vec<Made>> = BTreeMap::new();
    let apart: Vec<&Piece> = group.parts(RULE.native_type).collect();
    match native.at("/security_rule").items() {
        Fact::Known(items) | Fact::Partial(items, _) => {
            // An empty list may be from before the rules of other resources were made.
            if items.is_empty() && !native.created {
                missing = Some(group.not_read(RULE.native_type));
            }
            for item in items {
                let name = item.at("/name").text().value().map(|name| name.to_ascii_lowercase());
                match (made(&item, piece), name) {
                    (Ok(made), Some(name)) => {
                        named.insert(name, made);
                    }
                    (Ok(made), None) => unnamed.extend(made),
                    (Err(gap), _) => missing = Some(gap),
                }
            }
        }
        Fact::Absent => {}
        // A new group without blocks has just the rules of other resources. But a `dynamic` block over values that are
        // not known looks the same in a plan, so only rules apart, which exclude blocks, prove that there are none.
        Fact::Unknown(_) if native.created && !apart.is_empty() => {}
        Fact::Unknown(gap) => missing = Some(gap),
    }
    // Blocks that the plan changes are configured, and hold again what was a resource of its own.
    if !native.created && native.unchanged("/security_rule") {
        for part in group.gone(RULE.native_type) {
            named.remove(&part.resource.name.to_ascii_lowercase());
        }
    }
    for part in apart {
        match part.get::<Planned>() {
            Found::Read(_, planned) => {
                let name = part.resource.name.to_ascii_lowercase();
                match made(&planned.at(""), part) {
                    Ok(made) => {
                        named.insert(name, made);
                    }
                    Err(gap) => missing = Some(gap),
                }
            }
            Found::Failed(gap) => missing = Some(gap),
            Found::Missing => {}
        }
    }
    let made = named.into_values().flatten().chain(unnamed).collect();
    let setting = Setting {
        missing: missing.map(Missing::both).unwrap_or_default(),
        lets_out: true,
        ..Setting::default()
    };
    rules::build(made, setting)
}

/// Returns the rules of one block or resource, one for each range of ports.
///
/// # Errors
///
/// The gap where not even direction and access are known.
fn made(block: &Spot<'_>, piece: &Piece) -> Result<Vec<Made>, Gap> {
    let text = |key: &str| block.at(&format!("/{key}")).text();
    let required = |key: &str| match text(key) {
        Fact::Known(text) | Fact::Partial(text, _) => Ok(text),
        Fact::Unknown(gap) => Err(gap),
        Fact::Absent => Err(Gap::with(
            Reason::ParseError,
            format!("{} of {}", key, piece.resource.id),
        )),
    };
    let (direction, access) = (required("direction")?, required("access")?);
    let inbound = direction.eq_ignore_ascii_case("inbound");
    let mut arm = Map::new();
    arm.insert("direction".to_owned(), Value::from(direction));
    arm.insert("access".to_owned(), Value::from(access));
    arm.extend(
        text("description")
            .value()
            .map(|text| ("description".to_owned(), json!(text))),
    );
    let protocol = text("protocol");
    arm.extend(protocol.value().map(|text| ("protocol".to_owned(), json!(text))));
    let priority = block.at("/priority").integer();
    arm.extend(priority.value().map(|number| ("priority".to_owned(), json!(number))));
    // The single argument and the list of the same name, as one list.
    let list = |one: &str, many: &str| {
        let (one, many) = (
            block.at(&format!("/{one}")).texts(),
            block.at(&format!("/{many}")).texts(),
        );
        let gap = one.gap().or(many.gap()).cloned();
        let texts: Vec<String> = [one, many]
            .iter()
            .flat_map(|list| list.value().cloned().unwrap_or_default())
            .collect();
        (texts, gap)
    };
    let (mut ports, unknown_ports) = list("destination_port_range", "destination_port_ranges");
    if unknown_ports.is_some() {
        // INVARIANT: some port, so that there is a rule to mark.
        ports = vec!["*".to_owned()];
    }
    let (source_ports, unknown_source_ports) = list("source_port_range", "source_port_ranges");
    let (sources, unknown_sources) = list("source_address_prefix", "source_address_prefixes");
    let (destinations, unknown_destinations) = list("destination_address_prefix", "destination_address_prefixes");
    arm.insert("destinationPortRanges".to_owned(), json!(ports));
    arm.insert("sourcePortRanges".to_owned(), json!(source_ports));
    arm.insert("sourceAddressPrefixes".to_owned(), json!(sources));
    arm.insert("destinationAddressPrefixes".to_owned(), json!(destinations));
    let mut unknown_group = None;
    for (key, field, is_peer) in [
        (
            "source_application_security_group_ids",
            "sourceApplicationSecurityGroups",
            inbound,
        ),
        (
            "destination_application_security_group_ids",
            "destinationApplicationSecurityGroups",
            !inbound,
        ),
    ] {
        let spot = block.at(&format!("/{key}"));
        let ids = spot.texts();
        let mut groups = ids.value().cloned().unwrap_or_default();
        if let Some(gap) = ids.gap() {
            // A group that the same plan makes is named by its address.
            let before = groups.len();
            groups.extend(spot.referred_resources().map(str::to_owned));
            if groups.len() == before && is_peer {
                unknown_group = Some(gap.clone());
            }
        }
        let groups: Vec<Value> = groups.into_iter().map(|id| json!({ "id": id })).collect();
        arm.insert(field.to_owned(), Value::from(groups));
    }
    let rule: SecurityRule = serde_json::from_value(Value::Object(arm))
        .map_err(|error| Gap::with(Reason::ParseError, format!("{}: {error}", piece.resource.id)))?;
    let (unknown_peers, unknown_target) = if inbound {
        (unknown_sources, unknown_destinations)
    } else {
        (unknown_destinations, unknown_sources)
    };
    let name = text("name").value().cloned().unwrap_or_default();
    let pointer = block.native();
    let made = drafts(&rule, &name, piece, &pointer).into_iter().map(|mut draft| {
        let rule = &mut draft.rule;
        for gap in unknown_ports.iter().chain(protocol.gap()) {
            (rule.from, rule.to) = (Fact::Unknown(gap.clone()), Fact::Unknown(gap.clone()));
        }
        if let Some(gap) = protocol.gap() {
            rule.protocol = Fact::Unknown(gap.clone());
        }
        if let Some(gap) = priority.gap() {
            rule.priority = Fact::Unknown(gap.clone());
        }
        if let Some(gap) = &unknown_peers {
            rule.peers = Fact::Partial(rule.peers.value().cloned().unwrap_or_default(), gap.clone());
        }
        draft.gap = draft
            .gap
            .take()
            .or_else(|| unknown_target.clone())
            .or_else(|| unknown_source_ports.clone());
        Made {
            draft,
            unknown_group: unknown_group.clone(),
        }
    });
    Ok(made.collect())
}
