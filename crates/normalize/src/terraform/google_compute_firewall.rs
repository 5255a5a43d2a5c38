//! `google_compute_firewall` → `network.firewall`.
//!
//! Source: Terraform Google provider documentation of `google_compute_firewall`, read 2026-11-23.

use nephoscope_model::kinds::{Action, Direction, Peer, Rule};
use nephoscope_model::{Fact, Gap, Reason};

use super::PLAN;
use super::planned::{self, Planned, Spot};
use crate::firewall::{self, Draft, Missing, PeerExt, Setting};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/rules", "/values/allow", Absence::Default("[]")),
    source("/rules", "/values/deny", Absence::Default("[]")),
    source("/rules", "/values/direction", Absence::Default("ingress")),
    source("/rules", "/values/disabled", Absence::Default("false")),
    source("/rules", "/values/priority", Absence::Default("1000")),
    source("/open_to_internet", "/values/allow", Absence::Default("[]")),
    source(
        "/open_to_internet",
        "/values/source_ranges",
        Absence::Default("0.0.0.0/0"),
    ),
    source("/reaches_internet", "/values/allow", Absence::Default("[]")),
    source(
        "/reaches_internet",
        "/values/destination_ranges",
        Absence::Default("0.0.0.0/0"),
    ),
    source("/network", "/values/network", Absence::Absent),
    source("/logging", "/values/log_config", Absence::Default("false")),
];

const KEYS: &[&str] = &[
    "name",
    "network",
    "allow",
    "deny",
    "direction",
    "disabled",
    "priority",
    "description",
    "source_ranges",
    "source_tags",
    "source_service_accounts",
    "destination_ranges",
    "log_config",
    "enable_logging",
];

pub(super) const MAPPING: Mapping = Mapping {
    dialects: PLAN,
    native_type: "google_compute_firewall",
    kind: "network.firewall",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    // Kept until the input ends: two plans that plan one firewall are told of.
    role: Role::Whole,
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, native) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let logging = match native.at("/log_config").items() {
        Fact::Known(items) if !items.is_empty() => Fact::Known(true),
        Fact::Unknown(gap) => Fact::Unknown(gap),
        // The older argument; deprecated, and computed where `log_config` is in use.
        _ => native.computed("/enable_logging").flag().or_default(false),
    };
    let network = native.at("/network").text();
    let (direction, peers) = match native.computed("/direction").text() {
        Fact::Unknown(gap) => {
            let setting = Setting {
                network,
                logging,
                missing: Missing::both(gap),
                ..Setting::default()
            };
            return firewall::build(Vec::new(), setting);
        }
        Fact::Known(text) if text.eq_ignore_ascii_case("EGRESS") => (Direction::Egress, destinations(native)),
        _ => (Direction::Ingress, sources(native)),
    };
    let common = Rule {
        direction,
        action: Action::Allow,
        protocol: Fact::Absent,
        from: Fact::Absent,
        to: Fact::Absent,
        peers,
        priority: priority(&native.at("/priority")),
        enabled: native
            .at("/disabled")
            .flag()
            .or_default(false)
            .map(|disabled| !disabled),
        description: native.at("/description").text(),
        native_id: native.at("/name").text(),
    };
    let mut drafts = Vec::new();
    let mut missing = None;
    for (action, field) in [(Action::Allow, "/allow"), (Action::Deny, "/deny")] {
        let blocks = native.at(field).items();
        missing = missing.or_else(|| blocks.gap().cloned());
        for block in blocks.value().into_iter().flatten() {
            for (protocol, from, to) in matches(block) {
                drafts.push(Draft {
                    rule: Rule {
                        action,
                        protocol,
                        from,
                        to,
                        ..common.clone()
                    },
                    // One firewall is one rule, so that which instances it is for decides nothing.
                    target: Vec::new(),
                    gap: None,
                    origin: piece.origin().cloned(),
                    pointer: block.native(),
                });
            }
        }
    }
    let missing = match direction {
        Direction::Ingress => Missing {
            ingress: missing,
            egress: None,
        },
        Direction::Egress => Missing {
            ingress: None,
            egress: missing,
        },
    };
    let setting = Setting {
        network,
        logging,
        missing,
        ..Setting::default()
    };
    firewall::build(drafts, setting)
}

type Matched = (Fact<String>, Fact<u16>, Fact<u16>);

/// Returns protocol and ports of one block: one for each range of ports, or one for all.
fn matches(block: &Spot<'_>) -> Vec<Matched> {
    let protocol = block.at("/protocol").text().map(|text| firewall::protocol(&text));
    let none = protocol.value().is_some_and(|name| !firewall::has_ports(name));
    if none {
        return vec![(protocol, Fact::Absent, Fact::Absent)];
    }
    let unknown = |gap: Gap| (protocol.clone(), Fact::Unknown(gap.clone()), Fact::Unknown(gap));
    let listed = block.at("/ports").texts();
    let mut found: Vec<Matched> = Vec::new();
    for text in listed.value().into_iter().flatten() {
        found.push(match firewall::ports(text) {
            Some((from, to)) => (protocol.clone(), Fact::Known(from), Fact::Known(to)),
            None => unknown(Gap::with(Reason::ParseError, format!("`{text}` is no range of ports"))),
        });
    }
    match listed.gap() {
        Some(gap) => found.push(unknown(gap.clone())),
        None if found.is_empty() => found.push((protocol.clone(), Fact::Known(0), Fact::Known(u16::MAX))),
        None => {}
    }
    found
}

/// Returns who a rule for ingress speaks of: ranges, network tags and service accounts; with none of them everyone.
fn sources(native: &Planned) -> Fact<Vec<Peer>> {
    // The ranges are computed where the configuration has none: everyone if there are no tags or service accounts.
    let ranges = native.computed("/source_ranges").texts();
    let tags = native.at("/source_tags").texts();
    let accounts = native.at("/source_service_accounts").texts();
    let gap = [ranges.gap(), tags.gap(), accounts.gap()]
        .into_iter()
        .flatten()
        .next()
        .cloned();
    let mut bad = None;
    let mut peers = addresses(&ranges, &mut bad);
    peers.extend(named(&tags, |tag| Peer {
        tag: Some(tag),
        ..Peer::default()
    }));
    peers.extend(named(&accounts, |account| Peer {
        service_account: Some(account),
        ..Peer::default()
    }));
    whole(peers, gap.or(bad))
}

fn destinations(native: &Planned) -> Fact<Vec<Peer>> {
    let ranges = native.computed("/destination_ranges").texts();
    let mut bad = None;
    let peers = addresses(&ranges, &mut bad);
    whole(peers, ranges.gap().cloned().or(bad))
}

fn whole(peers: Vec<Peer>, gap: Option<Gap>) -> Fact<Vec<Peer>> {
    match gap {
        Some(gap) => Fact::Partial(peers, gap),
        None if peers.is_empty() => Fact::Known(vec![Peer::everyone4()]),
        None => Fact::Known(peers),
    }
}

fn addresses(ranges: &Fact<Vec<String>>, bad: &mut Option<Gap>) -> Vec<Peer> {
    let mut peers = Vec::new();
    for text in ranges.value().into_iter().flatten() {
        match firewall::network(text) {
            Some(net) => peers.push(Peer::of(net)),
            None => *bad = Some(firewall::not_an_address(text)),
        }
    }
    peers
}

fn named(list: &Fact<Vec<String>>, peer: fn(String) -> Peer) -> impl Iterator<Item = Peer> {
    list.value().cloned().unwrap_or_default().into_iter().map(peer)
}

fn priority(spot: &Spot<'_>) -> Fact<u32> {
    spot.integer()
        .or_default(1000)
        .and_then(|number| match u32::try_from(number) {
            Ok(number) => Fact::Known(number),
            Err(_) => Fact::Unknown(Gap::with(Reason::ParseError, format!("`{number}` is no priority"))),
        })
}
