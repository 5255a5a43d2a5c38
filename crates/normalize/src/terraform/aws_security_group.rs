//! `aws_security_group`, `aws_default_security_group` and the resources of single rules → `network.firewall`.
//!
//! Source: Terraform AWS provider documentation of these resources (`aws_security_group` read 2026-11-23), EC2 API
//! Reference `IpPermission`.

use nephoscope_model::kinds::{Action, Direction, Peer, Rule};
use nephoscope_model::{Fact, Gap, Reason};

use super::planned::{self, Planned, Spot};
use super::rules::{self, Made};
use super::{PLAN, join};
use crate::firewall::{self, Draft, Missing, PeerExt, Setting};
use crate::group::{Built, Found, Group, Piece};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/rules", "/values/ingress", Absence::Default("[]")),
    source("/rules", "/values/egress", Absence::Default("[]")),
    source("/open_to_internet", "/values/ingress", Absence::Default("[]")),
    source("/reaches_internet", "/values/egress", Absence::Default("[]")),
    source("/network", "/values/vpc_id", Absence::Absent),
];

const KEYS: &[&str] = &["id", "name", "vpc_id", "ingress", "egress"];

pub(super) const GROUP: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_security_group",
    kind: "network.firewall",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    role: Role::Whole,
    names: Some(|resource, native| join::whole(resource, native, &[&["id"]])),
    ..Mapping::BASE
};

/// Takes over the group that every network has. Its rules are those of its own blocks alone: the provider removes all others.
pub(super) const DEFAULT_GROUP: Mapping = Mapping {
    native_type: "aws_default_security_group",
    ..GROUP
};

/// Whether the group is there even after its resource is deleted: AWS keeps one in every network, and the provider then
/// leaves it with the rules it has. Source: Terraform AWS provider documentation of `aws_default_security_group`.
pub(super) fn outlives_deletion(native_type: &str) -> bool {
    native_type == DEFAULT_GROUP.native_type
}

const RULE_SOURCES: &[Source] = &[
    source("/rules", "/values/cidr_blocks", Absence::Absent),
    source("/rules", "/values/ipv6_cidr_blocks", Absence::Absent),
    source("/rules", "/values/from_port", Absence::Absent),
    source("/rules", "/values/to_port", Absence::Absent),
    source("/rules", "/values/protocol", Absence::Absent),
];

const RULE_KEYS: &[&str] = &[
    "security_group_id",
    "type",
    "protocol",
    "from_port",
    "to_port",
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "prefix_list_ids",
    "source_security_group_id",
    "self",
    "description",
    "security_group_rule_id",
];

pub(super) const RULE: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_security_group_rule",
    kind: "network.firewall",
    sources: RULE_SOURCES,
    read: |body| planned::read(body, RULE_KEYS),
    role: Role::Part {
        of: "aws_security_group",
        names: |resource, native| join::part(resource, native, "aws_security_group", &[&["security_group_id"]]),
    },
    ..Mapping::BASE
};

const VPC_RULE_SOURCES: &[Source] = &[
    source("/rules", "/values/cidr_ipv4", Absence::Absent),
    source("/rules", "/values/cidr_ipv6", Absence::Absent),
    source("/rules", "/values/from_port", Absence::Absent),
    source("/rules", "/values/to_port", Absence::Absent),
    source("/rules", "/values/ip_protocol", Absence::Absent),
];

const VPC_RULE_KEYS: &[&str] = &[
    "security_group_id",
    "ip_protocol",
    "from_port",
    "to_port",
    "cidr_ipv4",
    "cidr_ipv6",
    "prefix_list_id",
    "referenced_security_group_id",
    "description",
    "security_group_rule_id",
];

pub(super) const INGRESS_RULE: Mapping = Mapping {
    native_type: "aws_vpc_security_group_ingress_rule",
    sources: VPC_RULE_SOURCES,
    read: |body| planned::read(body, VPC_RULE_KEYS),
    ..RULE
};

pub(super) const EGRESS_RULE: Mapping = Mapping {
    native_type: "aws_vpc_security_group_egress_rule",
    ..INGRESS_RULE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, native) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let own = match piece.resource.id.rsplit_once('/') {
        Some((_, id)) => id.to_owned(),
        None => piece.resource.id.clone(),
    };
    let mut made: Vec<Made> = Vec::new();
    let mut missing: [Option<Gap>; 2] = [None, None];
    let exclusive = piece.mapping.native_type == DEFAULT_GROUP.native_type;
    for ((direction, field), missing) in [(Direction::Ingress, "ingress"), (Direction::Egress, "egress")]
        .into_iter()
        .zip(&mut missing)
    {
        let apart = group.parts.iter().any(|part| direction_of(part) == Some(direction));
        match native.at(format!("/{field}")).items() {
            Fact::Known(items) | Fact::Partial(items, _) => {
                // An existing group's state tells its rules, also those of other resources, as of the last refresh. An
                // empty list may be from before those were made.
                if items.is_empty() && !native.created && !exclusive {
                    let rules = if field == "ingress" { INGRESS_RULE } else { EGRESS_RULE };
                    *missing = Some(group.not_read(rules.native_type));
                }
                made.extend(items.into_iter().map(|item| inline(&item, direction, &own, piece)));
            }
            Fact::Absent => {}
            // Without blocks of its own a new group has just the rules of other resources: AWS starts it without ingress,
            // and the provider removes the egress rule that AWS adds. But a `dynamic` block over values that are
            // not known looks the same in a plan, so only rules apart, which exclude blocks, prove that there are none.
            Fact::Unknown(_) if native.created && apart => {}
            Fact::Unknown(gap) => *missing = Some(gap),
        }
    }
    for part in group.gone.iter().filter(|_| !native.created) {
        let field = match direction_of(part) {
            Some(Direction::Ingress) => "/ingress",
            Some(Direction::Egress) => "/egress",
            None => continue,
        };
        // Blocks that the plan changes are configured, and hold again what was a resource of its own.
        if native.unchanged(field)
            && let Found::Read(_, past) = part.get::<Planned>()
            && let Some(past) = of_part(part, past, &own)
        {
            take_away(&mut made, &past.draft.rule);
        }
    }
    let mut drafts = Vec::new();
    for part in &group.parts {
        match part.get::<Planned>() {
            Found::Read(_, planned) => {
                if let Some(past) = planned.past.as_deref().and_then(|past| of_part(part, past, &own)) {
                    take_away(&mut made, &past.draft.rule);
                }
                match of_part(part, planned, &own) {
                    Some(rule) => drafts.push(rule),
                    None => missing = missing.map(|_| Some(planned.at("/type").after_apply())),
                }
            }
            Found::Failed(gap) => missing = [Some(gap.clone()), Some(gap)],
            Found::Missing => {}
        }
    }
    made.extend(drafts);
    let [ingress, egress] = missing;
    let setting = Setting {
        network: native.computed("/vpc_id").text(),
        missing: Missing { ingress, egress },
        ..Setting::default()
    };
    rules::build(made, setting)
}

/// Takes the peers of a rule that is about to change or to go out of what a group had before.
fn take_away(made: &mut Vec<Made>, past: &Rule) {
    for Made { draft, .. } in made.iter_mut() {
        let same = draft.rule.direction == past.direction
            && draft.rule.protocol == past.protocol
            && draft.rule.from == past.from
            && draft.rule.to == past.to;
        if let (true, Some(peers), Some(gone)) = (same, draft.rule.peers.value_mut(), past.peers.value()) {
            peers.retain(|peer| !gone.contains(peer));
        }
    }
    made.retain(|made| made.unknown_group.is_some() || made.draft.rule.peers != Fact::Known(Vec::new()));
}

fn direction_of(part: &Piece) -> Option<Direction> {
    match part.mapping.native_type {
        "aws_vpc_security_group_ingress_rule" => Some(Direction::Ingress),
        "aws_vpc_security_group_egress_rule" => Some(Direction::Egress),
        _ => match part.get::<Planned>() {
            Found::Read(_, planned) => direction(planned),
            _ => None,
        },
    }
}

fn direction(planned: &Planned) -> Option<Direction> {
    match planned.at("/type").text().value()?.as_str() {
        "ingress" => Some(Direction::Ingress),
        "egress" => Some(Direction::Egress),
        _ => None,
    }
}

/// The arguments of a rule, however the resource calls them.
struct Arguments<'a> {
    protocol: Spot<'a>,
    from: Spot<'a>,
    to: Spot<'a>,
    cidrs: [Spot<'a>; 2],
    prefix_lists: Spot<'a>,
    groups: Spot<'a>,
    itself: Option<Spot<'a>>,
    description: Spot<'a>,
}

fn inline(block: &Spot<'_>, direction: Direction, own: &str, piece: &Piece) -> Made {
    let arguments = Arguments {
        protocol: block.at("/protocol"),
        from: block.at("/from_port"),
        to: block.at("/to_port"),
        cidrs: [block.at("/cidr_blocks"), block.at("/ipv6_cidr_blocks")],
        prefix_lists: block.at("/prefix_list_ids"),
        groups: block.at("/security_groups"),
        itself: Some(block.at("/self")),
        description: block.at("/description"),
    };
    make(&arguments, direction, own, piece, block.native(), Fact::Absent)
}

/// Returns the rule of a resource of its own; `None` when not even its direction is known.
fn of_part(part: &Piece, planned: &Planned, own: &str) -> Option<Made> {
    let at = |key: &str| planned.at(format!("/{key}"));
    let old = part.mapping.native_type == RULE.native_type;
    let direction = if old { direction(planned)? } else { direction_of(part)? };
    let arguments = Arguments {
        protocol: at(if old { "protocol" } else { "ip_protocol" }),
        from: at("from_port"),
        to: at("to_port"),
        cidrs: if old {
            [at("cidr_blocks"), at("ipv6_cidr_blocks")]
        } else {
            [at("cidr_ipv4"), at("cidr_ipv6")]
        },
        prefix_lists: at(if old { "prefix_list_ids" } else { "prefix_list_id" }),
        // Computed where the rule has other peers.
        groups: planned.computed(if old {
            "/source_security_group_id"
        } else {
            "/referenced_security_group_id"
        }),
        itself: old.then(|| at("self")),
        description: at("description"),
    };
    let id = planned.computed("/security_group_rule_id").text();
    Some(make(&arguments, direction, own, part, "/values".to_owned(), id))
}

fn make(
    arguments: &Arguments<'_>,
    direction: Direction,
    own: &str,
    piece: &Piece,
    pointer: String,
    native_id: Fact<String>,
) -> Made {
    let protocol = arguments
        .protocol
        .text()
        .or_default("any".to_owned())
        .map(|text| firewall::protocol(&text));
    let every = protocol.value().is_some_and(|name| name == "any");
    let without_ports = protocol.value().is_some_and(|name| !firewall::has_ports(name));
    // Every port is written as -1, as nothing, or with the protocol -1 as 0; for ICMP the numbers are type and code.
    let port = |spot: &Spot<'_>, all: u16| match spot.integer() {
        _ if without_ports => Fact::Absent,
        _ if every => Fact::Known(all),
        Fact::Absent | Fact::Known(-1) => Fact::Known(all),
        Fact::Known(port) | Fact::Partial(port, _) => match u16::try_from(port) {
            Ok(port) => Fact::Known(port),
            Err(_) => Fact::Unknown(Gap::with(Reason::ParseError, format!("`{port}` is no port"))),
        },
        Fact::Unknown(gap) => Fact::Unknown(gap),
    };
    let (mut from, mut to) = (port(&arguments.from, 0), port(&arguments.to, u16::MAX));
    if let Some(gap) = protocol.gap() {
        (from, to) = (Fact::Unknown(gap.clone()), Fact::Unknown(gap.clone()));
    }
    let mut peers: Vec<Peer> = Vec::new();
    let mut unknown_range = None;
    let mut gap = None;
    for spot in &arguments.cidrs {
        let texts = spot.texts();
        unknown_range = unknown_range.or_else(|| texts.gap().cloned());
        for text in texts.value().into_iter().flatten() {
            match firewall::network(text) {
                Some(net) => peers.push(Peer::of(net)),
                None => gap = Some(firewall::not_an_address(text)),
            }
        }
    }
    let lists = arguments.prefix_lists.texts();
    gap = gap.or_else(|| lists.gap().cloned());
    for id in lists.value().into_iter().flatten() {
        // What is in it stands in another resource, so whether it is the internet is not known here.
        gap = gap.or_else(|| Some(Gap::with(Reason::NotRead, id.clone())));
        peers.push(Peer {
            prefix_list: Some(id.clone()),
            ..Peer::default()
        });
    }
    let named = |group: String| Peer {
        group: Some(group),
        ..Peer::default()
    };
    let groups = arguments.groups.texts();
    // Groups of other accounts are written `<account>/<group>`.
    let ids = groups
        .value()
        .into_iter()
        .flatten()
        .map(|id| id.rsplit('/').next().unwrap_or(id).to_owned());
    peers.extend(ids.map(named));
    let mut unknown_group = groups.gap().cloned();
    if unknown_group.is_some() {
        // A group that the same plan makes is named by its address.
        let referred: Vec<Peer> = arguments
            .groups
            .referred_resources()
            .map(|address| named(address.to_owned()))
            .collect();
        if !referred.is_empty() {
            unknown_group = None;
            peers.extend(referred);
        }
    }
    let itself = arguments.itself.as_ref().map_or(Fact::Absent, Spot::flag);
    unknown_group = unknown_group.or_else(|| itself.gap().cloned());
    if itself == Fact::Known(true) {
        peers.push(named(own.to_owned()));
    }
    let rule = Rule {
        direction,
        action: Action::Allow,
        protocol,
        from,
        to,
        peers: match unknown_range {
            None => Fact::Known(peers),
            Some(gap) => Fact::Partial(peers, gap),
        },
        priority: Fact::Absent,
        enabled: Fact::Known(true),
        description: arguments.description.text(),
        native_id,
    };
    Made {
        draft: Draft {
            rule,
            target: Vec::new(),
            gap,
            origin: piece.origin().cloned(),
            pointer,
        },
        unknown_group,
    }
}
