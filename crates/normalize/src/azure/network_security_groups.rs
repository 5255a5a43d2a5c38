//! `Microsoft.Network/networkSecurityGroups` with its rules → `network.firewall`.
//!
//! The group lists its rules; a rule read as a resource of its own replaces the one of that id unless the group was
//! read later. Source: Azure REST API reference `Network Security Groups - Get`, "How network security groups
//! filter network traffic", read 2026-11-23.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use nephoscope_model::kinds::{Action, Direction, Peer, Rule};
use nephoscope_model::{Fact, Gap, Reason};
use serde::{Deserialize, Deserializer};

use super::{ARM, PROPERTIES, whole_before};
use crate::exposure::FROM_PORT;
use crate::firewall::{self, Draft, Missing, PeerExt, Setting};
use crate::group::{Built, Found, Group, Piece};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "Microsoft.Network/networkSecurityGroups";
const RULES: &str = "Microsoft.Network/networkSecurityGroups/securityRules";

const SOURCES: &[Source] = &[
    source("/rules", "/properties/securityRules", Absence::Unknown),
    source("/rules", "/properties/defaultSecurityRules", Absence::Default("[]")),
    source("/open_to_internet", "/properties/securityRules", Absence::Unknown),
    source("/reaches_internet", "/properties/securityRules", Absence::Unknown),
    source(
        "/reaches_internet",
        "/properties/defaultSecurityRules",
        Absence::Default("AllowInternetOutBound"),
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "network.firewall",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<SecurityGroup>(PROPERTIES)?)),
    build,
    role: Role::Whole,
    ..Mapping::BASE
};

/// A rule as a resource of its own.
pub(crate) const RULE_MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: RULES,
    kind: "network.firewall",
    sources: &[
        source("/rules", "/properties", Absence::Unknown),
        source("/open_to_internet", "/properties", Absence::Unknown),
        source("/reaches_internet", "/properties", Absence::Unknown),
    ],
    read: |body| Ok(Box::new(body.section::<SecurityRule>(PROPERTIES)?)),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, "/securityrules/"),
    },
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecurityGroup {
    #[serde(default)]
    security_rules: Option<Vec<Listed>>,
    #[serde(default, deserialize_with = "json::many")]
    default_security_rules: Vec<Listed>,
}

/// A rule in the list of its group.
#[derive(Debug, Deserialize)]
struct Listed {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    name: Text,
    properties: SecurityRule,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecurityRule {
    direction: String,
    access: String,
    #[serde(default, deserialize_with = "json::integer")]
    priority: Option<i64>,
    #[serde(default, deserialize_with = "words")]
    protocol: Vec<String>,
    #[serde(default)]
    description: Text,
    #[serde(default, deserialize_with = "words")]
    destination_port_range: Vec<String>,
    #[serde(default, deserialize_with = "words")]
    destination_port_ranges: Vec<String>,
    #[serde(default, deserialize_with = "words")]
    source_port_range: Vec<String>,
    #[serde(default, deserialize_with = "words")]
    source_port_ranges: Vec<String>,
    #[serde(default, deserialize_with = "words")]
    source_address_prefix: Vec<String>,
    #[serde(default, deserialize_with = "words")]
    source_address_prefixes: Vec<String>,
    #[serde(default, deserialize_with = "words")]
    destination_address_prefix: Vec<String>,
    #[serde(default, deserialize_with = "words")]
    destination_address_prefixes: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    source_application_security_groups: Vec<Reference>,
    #[serde(default, deserialize_with = "json::many")]
    destination_application_security_groups: Vec<Reference>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(default)]
    id: Text,
}

/// Reads one text or number, or a list of them, where either is known to be written; empty texts are none.
///
/// What decides is never passed over: anything else is an error.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a text, a number, or a list of them")]
    enum Words {
        Text(String),
        Number(i64),
        List(Vec<Words>),
    }
    fn gather(words: Words, into: &mut Vec<String>) {
        match words {
            Words::Text(text) => into.push(text),
            Words::Number(number) => into.push(number.to_string()),
            Words::List(list) => list.into_iter().for_each(|words| gather(words, into)),
        }
    }
    let mut found = Vec::new();
    if let Some(words) = Option::<Words>::deserialize(deserializer)? {
        gather(words, &mut found);
    }
    found.retain(|text| !text.trim().is_empty());
    Ok(found)
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<SecurityGroup>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let mut missing = native.security_rules.is_none().then(|| group.not_read(RULES));
    // By id as Azure compares it: (rule, name, document, pointer).
    let mut rules: BTreeMap<String, (&SecurityRule, &str, &Piece, String)> = BTreeMap::new();
    let listed = native
        .security_rules
        .iter()
        .flatten()
        .enumerate()
        .map(|(index, rule)| (index, rule, "securityRules"));
    let default = native.default_security_rules.iter().enumerate();
    for (index, rule, field) in listed.chain(default.map(|(index, rule)| (index, rule, "defaultSecurityRules"))) {
        let id = rule
            .id
            .0
            .as_deref()
            .filter(|id| !id.is_empty())
            .map_or_else(|| format!("{field}/{index}"), str::to_ascii_lowercase);
        let name = rule.name.0.as_deref().unwrap_or_default();
        let value = (&rule.properties, name, piece, format!("/properties/{field}/{index}"));
        // No two rules of a group have one id; should it be written so, none is lost.
        match rules.entry(id) {
            Entry::Vacant(entry) => drop(entry.insert(value)),
            Entry::Occupied(_) => drop(rules.insert(format!("{field}/{index}"), value)),
        }
    }
    for part in group.parts(RULES) {
        // What the group said later than the rule's own document stands; where times are not known both are of one look.
        if part.resource.observed_at < piece.resource.observed_at && native.security_rules.is_some() {
            continue;
        }
        match part.get::<Option<SecurityRule>>() {
            Found::Read(part, Some(rule)) => {
                let value = (rule, part.resource.name.as_str(), part, PROPERTIES.to_owned());
                rules.insert(part.resource.key.0.clone(), value);
            }
            Found::Read(_, None) | Found::Missing => missing = Some(Gap::with(Reason::NotRead, &part.resource.id)),
            Found::Failed(gap) => missing = Some(gap),
        }
    }
    let drafts = rules.into_values().flat_map(|(rule, name, piece, pointer)| {
        let unstated = unstated(rule, name);
        drafts(rule, name, piece, &pointer).into_iter().map(move |mut draft| {
            if let Some(gap) = &unstated {
                draft.rule.peers = Fact::Unknown(gap.clone());
            }
            draft
        })
    });
    let setting = Setting {
        missing: missing.map(Missing::both).unwrap_or_default(),
        // `AllowInternetOutBound`, which every group has and many sources leave out.
        lets_out: native.default_security_rules.is_empty(),
        ..Setting::default()
    };
    firewall::build(drafts, setting)
}

/// Returns the gap for a rule that does not say who is at the other side: Azure demands it, so the source left it out.
fn unstated(rule: &SecurityRule, name: &str) -> Option<Gap> {
    let (peers, gap) = peers(rule);
    let field = match rule.direction.eq_ignore_ascii_case("inbound") {
        true => "sourceAddressPrefix",
        false => "destinationAddressPrefix",
    };
    (peers.is_empty() && gap.is_none()).then(|| Gap::with(Reason::NotRead, format!("{field} of {name}")))
}

/// One rule for each range of ports.
pub(crate) fn drafts(native: &SecurityRule, name: &str, piece: &Piece, pointer: &str) -> Vec<Draft> {
    let (protocol, unread) = match native.protocol.as_slice() {
        [one] => (firewall::protocol(one), None),
        [] => (
            "any".to_owned(),
            Some(Gap::with(Reason::NotRead, format!("protocol of {name}"))),
        ),
        several => (
            "any".to_owned(),
            Some(Gap::with(
                Reason::ParseError,
                format!("`{}` is no protocol", several.join(", ")),
            )),
        ),
    };
    let (peers, gap) = peers(native);
    // What is no range of ports stays a rule of which the ports are not known.
    let mut ports: Vec<(Fact<u16>, Fact<u16>)> = Vec::new();
    if firewall::has_ports(&protocol) {
        let written = listed(&native.destination_port_range, &native.destination_port_ranges);
        if written.is_empty() {
            let gap = Gap::with(Reason::NotRead, format!("destinationPortRange of {name}"));
            ports.push((Fact::Unknown(gap.clone()), Fact::Unknown(gap)));
        }
        ports.extend(written.into_iter().map(|text| match firewall::ports(text) {
            Some((from, to)) => (Fact::Known(from), Fact::Known(to)),
            None => {
                let gap = Gap::with(Reason::ParseError, format!("`{text}` is no range of ports"));
                (Fact::Unknown(gap.clone()), Fact::Unknown(gap))
            }
        }));
    } else {
        ports.push((Fact::Absent, Fact::Absent));
    }
    if let Some(gap) = firewall::too_many(ports.len(), peers.len()) {
        ports = vec![(Fact::Unknown(gap.clone()), Fact::Unknown(gap))];
    }
    let target = target(native);
    let rule = |(from, to): (Fact<u16>, Fact<u16>)| Rule {
        direction: if native.direction.eq_ignore_ascii_case("inbound") {
            Direction::Ingress
        } else {
            Direction::Egress
        },
        // Whatever is not an allowance lets nothing pass.
        action: if native.access.eq_ignore_ascii_case("allow") {
            Action::Allow
        } else {
            Action::Deny
        },
        protocol: match &unread {
            None => Fact::Known(protocol.clone()),
            Some(gap) => Fact::Unknown(gap.clone()),
        },
        from,
        to,
        peers: Fact::Known(peers.clone()),
        priority: match native.priority.map(u32::try_from) {
            Some(Ok(priority)) => Fact::Known(priority),
            _ => Fact::Unknown(Gap::with(Reason::NotRead, format!("priority of {name}"))),
        },
        enabled: Fact::Known(true),
        description: native.description.clone().take().into(),
        native_id: Some(name.to_owned()).filter(|name| !name.is_empty()).into(),
    };
    (ports.into_iter())
        .map(|range| Draft {
            rule: rule(range),
            target: target.clone(),
            gap: gap.clone(),
            origin: piece.origin().cloned(),
            pointer: pointer.to_owned(),
        })
        .collect()
}

/// The single field and the list, of which one is filled.
fn listed<'a>(one: &'a [String], many: &'a [String]) -> Vec<&'a str> {
    one.iter().chain(many).map(|text| text.trim()).collect()
}

fn peers(native: &SecurityRule) -> (Vec<Peer>, Option<Gap>) {
    let (prefix, prefixes, groups) = match native.direction.eq_ignore_ascii_case("inbound") {
        true => (
            &native.source_address_prefix,
            &native.source_address_prefixes,
            &native.source_application_security_groups,
        ),
        false => (
            &native.destination_address_prefix,
            &native.destination_address_prefixes,
            &native.destination_application_security_groups,
        ),
    };
    let mut peers = Vec::new();
    let mut gap = None;
    for text in listed(prefix, prefixes) {
        if is_everyone(text) || text.eq_ignore_ascii_case("internet") {
            peers.extend([Peer::everyone4(), Peer::everyone6()]);
        } else if let Some(net) = firewall::network(text) {
            peers.push(Peer::of(net));
        } else if text.contains(['/', ':']) || text.starts_with(|first: char| first.is_ascii_digit()) {
            // Service tags have neither and begin with a letter; this was meant to be a range.
            gap = Some(firewall::not_an_address(text));
        } else {
            peers.push(Peer {
                service_tag: Some(text.to_owned()),
                ..Peer::default()
            });
        }
    }
    let groups = groups.iter().filter_map(|group| group.id.clone().take());
    peers.extend(groups.map(|id| Peer {
        group: Some(id),
        ..Peer::default()
    }));
    (peers, gap)
}

/// `<nw>/0` is what the portal's samples and some tools write.
fn is_everyone(text: &str) -> bool {
    text == "*" || text.eq_ignore_ascii_case("any") || text.eq_ignore_ascii_case("<nw>/0")
}

/// What of the protected side a rule is confined to, destinations of ingress and sources of egress, and its source ports;
/// empty for everything behind the group.
///
/// Everything behind a network security group lies in a virtual network.
fn target(native: &SecurityRule) -> Vec<String> {
    let everything = |text: &str| {
        // Not `0.0.0.0/0` or `::/0`, which are everything of one family.
        is_everyone(text) || text.eq_ignore_ascii_case("virtualnetwork")
    };
    let (prefix, prefixes, groups) = match native.direction.eq_ignore_ascii_case("inbound") {
        true => (
            &native.destination_address_prefix,
            &native.destination_address_prefixes,
            &native.destination_application_security_groups,
        ),
        false => (
            &native.source_address_prefix,
            &native.source_address_prefixes,
            &native.source_application_security_groups,
        ),
    };
    let prefixes = listed(prefix, prefixes);
    let mut target: Vec<String> = match prefixes.iter().any(|text| everything(text)) {
        true => Vec::new(),
        false => prefixes.into_iter().map(str::to_ascii_lowercase).collect(),
    };
    let groups = groups.iter().filter_map(|group| group.id.0.as_deref());
    target.extend(groups.map(str::to_ascii_lowercase));
    let sources = listed(&native.source_port_range, &native.source_port_ranges);
    if !sources.is_empty() && !sources.contains(&"*") && !sources.contains(&"0-65535") {
        target.extend(sources.into_iter().map(|ports| format!("{FROM_PORT}{ports}")));
    }
    target.sort();
    target.dedup();
    target
}
