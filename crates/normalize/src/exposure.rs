//! What an ordered list of packet filter rules lets pass from or to the internet: interval arithmetic over addresses and
//! ports, the same for every provider and both directions.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::{IpNet, Ipv4Net, Ipv4Subnets, Ipv6Net, Ipv6Subnets};
use nephoscope_model::kinds::{Action, Exposure, Family};

mod target;

pub(crate) use target::FROM_PORT;
use target::Target;

/// One rule in force, the others being of its direction, as much of it as decides.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) action: Action,
    /// `None` for every protocol.
    pub(crate) protocol: Option<String>,
    /// Lowest and highest port.
    pub(crate) ports: (u16, u16),
    /// Ranges of the other side; what is no address range has no place here.
    pub(crate) peers: Vec<IpNet>,
    /// What of the protected side it is confined to, and source ports (see [`target::Target`]); empty for all that the filter
    /// protects.
    pub(crate) target: Vec<String>,
    /// Its index in the attribute `rules`, or [`UNLISTED`].
    pub(crate) index: usize,
}

/// The index of a rule that is not among the `rules`.
const UNLISTED: usize = usize::MAX;

impl Filter {
    /// Returns the rule by which a provider lets everything pass that no other rule speaks of.
    pub(crate) fn of_the_provider() -> Self {
        Filter {
            action: Action::Allow,
            protocol: None,
            ports: (0, u16::MAX),
            peers: [Family::Ipv4, Family::Ipv6].map(everyone_of).into(),
            target: Vec::new(),
            index: UNLISTED,
        }
    }
}

/// Sorted ranges, first and last address, that neither touch nor overlap.
type Ranges = Vec<(u128, u128)>;

/// Protocols with ports.
const PORTED: [&str; 3] = ["tcp", "udp", "sctp"];

/// What is not the public IPv4 internet. Source: IANA IPv4 Special-Purpose Address Registry, and 224.0.0.0/4.
const NOT_PUBLIC_V4: [&str; 14] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// The global unicast addresses. Source: RFC 4291 section 2.4, IANA IPv6 Address Space.
const PUBLIC_V6: &str = "2000::/3";

/// Whoever lets in this many public addresses of a family is open to the internet: a /4 of IPv4, a /12 of IPv6. No one
/// organization that a filter could be meant for has as many, and a list of blocked networks before a rule for
/// everybody never keeps out so much that less is left.
const ENOUGH_V4: u128 = 1 << (32 - 4);
const ENOUGH_V6: u128 = 1 << (128 - 12);

/// A filter that keeps out less than one part in this many of the internet lets in "everyone".
const TOLERATED: u128 = 256;

/// Returns the maximal ranges of ports that are open to the internet, sorted by (protocol, from, family).
///
/// `filters` stand in the order of evaluation: the first that matches decides.
pub(crate) fn open_to_internet(filters: &[Filter]) -> Vec<Exposure> {
    let mut protocols: BTreeSet<Option<&str>> = BTreeSet::from([None, Some("tcp"), Some("udp")]);
    protocols.extend(filters.iter().map(|filter| filter.protocol.as_deref()));
    let mut exposures = Vec::new();
    for family in [Family::Ipv4, Family::Ipv6] {
        let internet = Internet::new(family);
        let rules: Vec<Prepared<'_>> = filters
            .iter()
            .filter_map(|filter| Prepared::new(filter, family))
            .collect();
        let targets: BTreeSet<&Target> = (rules.iter())
            .filter(|rule| rule.filter.action == Action::Allow)
            .map(|rule| &rule.target)
            .collect();
        for protocol in &protocols {
            let mut open: Vec<Open> = Vec::new();
            for target in &targets {
                let relevant: Vec<&Prepared<'_>> = (rules.iter())
                    .filter(|rule| rule.speaks_of(*protocol, target))
                    .collect();
                open.extend(scan(&relevant, &internet));
            }
            exposures.extend(merged(&open).into_iter().map(|open| open.exposure(*protocol, family)));
        }
    }
    exposures.sort_by(|a, b| (&a.protocol, a.from, a.family, a.to).cmp(&(&b.protocol, b.from, b.family, b.to)));
    exposures
}

/// The public addresses of one family.
struct Internet {
    family: Family,
    public: Ranges,
    enough: u128,
}

impl Internet {
    fn new(family: Family) -> Self {
        Internet {
            family,
            public: public(family),
            enough: match family {
                Family::Ipv4 => ENOUGH_V4,
                Family::Ipv6 => ENOUGH_V6,
            },
        }
    }

    /// Returns how many of the addresses are public.
    fn share(&self, ranges: &Ranges) -> u128 {
        size(&intersection(ranges, &self.public))
    }

    fn is_everyone(&self, ranges: &Ranges) -> bool {
        let all = size(&self.public);
        (all - self.share(ranges)) < all / TOLERATED
    }

    /// Returns the largest block in `ranges` that holds public addresses, the lowest of several.
    fn largest_block(&self, ranges: &Ranges) -> Option<IpNet> {
        let blocks = ranges.iter().flat_map(|range| blocks(*range, self.family));
        blocks
            .filter(|net| self.share(&range(net, self.family).into_iter().collect()) > 0)
            .min_by_key(|net| (net.prefix_len(), net.network()))
    }
}

/// Returns the largest blocks of addresses that make up a range.
fn blocks((first, last): (u128, u128), family: Family) -> Vec<IpNet> {
    match family {
        Family::Ipv4 => {
            // INVARIANT: the range was made of addresses of this family.
            let (Ok(first), Ok(last)) = (u32::try_from(first), u32::try_from(last)) else {
                return Vec::new();
            };
            Ipv4Subnets::new(first.into(), last.into(), 0).map(IpNet::V4).collect()
        }
        Family::Ipv6 => Ipv6Subnets::new(first.into(), last.into(), 0).map(IpNet::V6).collect(),
    }
}

/// A rule that lets in or keeps out public addresses of one family, with all its addresses of that family.
struct Prepared<'a> {
    filter: &'a Filter,
    peers: Ranges,
    target: Target,
}

impl<'a> Prepared<'a> {
    fn new(filter: &'a Filter, family: Family) -> Option<Self> {
        let ranges = filter.peers.iter().filter_map(|net| range(net, family)).collect();
        let peers = union(ranges);
        (!peers.is_empty()).then_some(())?;
        Some(Prepared {
            filter,
            peers,
            target: Target::of(&filter.target, family)?,
        })
    }

    /// Whether the rule decides about all packets of `protocol` to `target`.
    fn speaks_of(&self, protocol: Option<&str>, target: &Target) -> bool {
        let named = match (&self.filter.protocol, protocol) {
            // A rule for any protocol that names ports says nothing about protocols without ports.
            (None, Some(name)) => PORTED.contains(&name) || self.filter.ports == (0, u16::MAX),
            (None, None) => self.filter.ports == (0, u16::MAX),
            (Some(own), Some(name)) => own == name,
            (Some(_), None) => false,
        };
        named && self.target.covers(target)
    }

    fn ports(&self, protocol_has_ports: bool) -> (u16, u16) {
        if protocol_has_ports {
            self.filter.ports
        } else {
            (0, u16::MAX)
        }
    }
}

/// A range of ports that is open, to whom and by which rules.
struct Open {
    ports: (u16, u16),
    peer: IpNet,
    rules: BTreeSet<usize>,
}

impl Open {
    fn exposure(self, protocol: Option<&str>, family: Family) -> Exposure {
        let ports = protocol.filter(|name| PORTED.contains(name)).map(|_| self.ports);
        Exposure {
            protocol: protocol.unwrap_or("any").to_owned(),
            from: ports.map(|(from, _)| from),
            to: ports.map(|(_, to)| to),
            family,
            peer: self.peer.to_string(),
            rules: self.rules.into_iter().filter(|rule| *rule != UNLISTED).collect(),
        }
    }
}

/// Decides each elementary range of ports, between two places where some rule begins or ends.
fn scan(rules: &[&Prepared<'_>], internet: &Internet) -> Vec<Open> {
    let has_ports = rules.iter().any(|rule| {
        rule.filter
            .protocol
            .as_deref()
            .is_none_or(|name| PORTED.contains(&name))
    });
    let mut events: BTreeMap<u32, Vec<(usize, bool)>> = BTreeMap::new();
    for (order, rule) in rules.iter().enumerate() {
        let (from, to) = rule.ports(has_ports);
        events.entry(u32::from(from)).or_default().push((order, true));
        events.entry(u32::from(to) + 1).or_default().push((order, false));
    }
    // INVARIANT: the rules that speak of the range at hand, in the order of evaluation.
    let mut active: BTreeMap<usize, &Prepared<'_>> = BTreeMap::new();
    let mut open = Vec::new();
    let mut events = events.into_iter().peekable();
    while let Some((start, changes)) = events.next() {
        for (order, begins) in changes {
            match rules.get(order).filter(|_| begins) {
                Some(rule) => drop(active.insert(order, rule)),
                None => drop(active.remove(&order)),
            }
        }
        let Some((next, _)) = events.peek() else { break };
        let (Ok(from), Ok(to)) = (u16::try_from(start), u16::try_from(next - 1)) else {
            continue;
        };
        if let Some((peer, rules)) = decide(active.values().copied(), internet) {
            open.push(Open {
                ports: (from, to),
                peer,
                rules,
            });
        }
    }
    open
}

/// Returns whom the rules let in, and the rules that do, if it is as much as the internet.
fn decide<'r>(rules: impl Iterator<Item = &'r Prepared<'r>>, internet: &Internet) -> Option<(IpNet, BTreeSet<usize>)> {
    let mut denied: Ranges = Vec::new();
    let mut allowed: Ranges = Vec::new();
    let mut each: Vec<(usize, Ranges)> = Vec::new();
    for rule in rules {
        match rule.filter.action {
            Action::Deny => denied = union([denied, rule.peers.clone()].concat()),
            Action::Allow => {
                let lets_in = difference(&rule.peers, &denied);
                if internet.share(&lets_in) > 0 {
                    allowed = union([allowed, lets_in.clone()].concat());
                    each.push((rule.filter.index, lets_in));
                }
            }
        }
    }
    if internet.share(&allowed) < internet.enough {
        return None;
    }
    let everyone = internet.is_everyone(&allowed);
    let peer = match everyone {
        true => everyone_of(internet.family),
        false => internet.largest_block(&allowed)?,
    };
    let block: Ranges = range(&peer, internet.family).into_iter().collect();
    // Rules that let in the peer on their own are the ones to name; the others only matter where none does.
    let alone: BTreeSet<usize> = (each.iter())
        .filter(|(_, lets_in)| match everyone {
            true => internet.is_everyone(lets_in),
            false => difference(&block, lets_in).is_empty(),
        })
        .map(|(index, _)| *index)
        .collect();
    if !alone.is_empty() {
        return Some((peer, alone));
    }
    let together = each
        .iter()
        .filter(|(_, lets_in)| !intersection(&block, lets_in).is_empty());
    Some((peer, together.map(|(index, _)| *index).collect()))
}

fn everyone_of(family: Family) -> IpNet {
    match family {
        Family::Ipv4 => IpNet::V4(Ipv4Net::default()),
        Family::Ipv6 => IpNet::V6(Ipv6Net::default()),
    }
}

/// Makes ranges of ports that may overlap, those of one target after another, into ranges that do not.
///
/// Each has the widest peer, and all rules that open some of it; those that touch and have one peer are one.
fn merged(open: &[Open]) -> Vec<Open> {
    let mut events: BTreeMap<u32, Vec<(usize, bool)>> = BTreeMap::new();
    for (order, open) in open.iter().enumerate() {
        events.entry(u32::from(open.ports.0)).or_default().push((order, true));
        events
            .entry(u32::from(open.ports.1) + 1)
            .or_default()
            .push((order, false));
    }
    // INVARIANT: the ranges that hold the ports at hand.
    let mut active: BTreeMap<usize, &Open> = BTreeMap::new();
    let mut result: Vec<Open> = Vec::new();
    let mut events = events.into_iter().peekable();
    while let Some((start, changes)) = events.next() {
        for (order, begins) in changes {
            match open.get(order).filter(|_| begins) {
                Some(open) => drop(active.insert(order, open)),
                None => drop(active.remove(&order)),
            }
        }
        let widest = active.values().map(|open| open.peer);
        let Some(peer) = widest.min_by_key(|peer| (peer.prefix_len(), peer.network())) else {
            continue;
        };
        let Some((next, _)) = events.peek() else { break };
        let (Ok(from), Ok(to)) = (u16::try_from(start), u16::try_from(next - 1)) else {
            continue;
        };
        let rules = active.values().flat_map(|open| open.rules.iter().copied());
        match result.last_mut() {
            Some(last) if last.peer == peer && u32::from(from) == u32::from(last.ports.1) + 1 => {
                last.ports.1 = to;
                last.rules.extend(rules);
            }
            _ => result.push(Open {
                ports: (from, to),
                peer,
                rules: rules.collect(),
            }),
        }
    }
    result
}

fn public(family: Family) -> Ranges {
    match family {
        Family::Ipv4 => {
            let reserved = NOT_PUBLIC_V4
                .iter()
                .filter_map(|text| range(&text.parse().ok()?, Family::Ipv4))
                .collect();
            difference(&vec![(0, u128::from(u32::MAX))], &union(reserved))
        }
        Family::Ipv6 => PUBLIC_V6
            .parse()
            .ok()
            .and_then(|net| range(&net, Family::Ipv6))
            .into_iter()
            .collect(),
    }
}

/// Returns the addresses of a network, host bits cleared, when it is of that family.
fn range(net: &IpNet, family: Family) -> Option<(u128, u128)> {
    match (net, family) {
        (IpNet::V4(net), Family::Ipv4) => Some((
            u128::from(u32::from(net.network())),
            u128::from(u32::from(net.broadcast())),
        )),
        (IpNet::V6(net), Family::Ipv6) => Some((u128::from(net.network()), u128::from(net.broadcast()))),
        _ => None,
    }
}

fn size(ranges: &Ranges) -> u128 {
    // No family's public part is the whole of 2^128, so the sum fits.
    ranges.iter().map(|(first, last)| last - first + 1).sum()
}

fn union(mut ranges: Ranges) -> Ranges {
    ranges.sort_unstable();
    let mut result: Ranges = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match result.last_mut() {
            Some(previous) if first <= previous.1.saturating_add(1) => previous.1 = previous.1.max(last),
            _ => result.push((first, last)),
        }
    }
    result
}

fn difference(from: &Ranges, without: &Ranges) -> Ranges {
    let mut result = Vec::new();
    let mut holes = without.iter().peekable();
    for &(mut first, last) in from {
        // Both lists are sorted, so a hole that ends before this range ends before every later one.
        while holes.next_if(|hole| hole.1 < first).is_some() {}
        let mut done = false;
        for &(low, high) in holes.clone() {
            if low > last {
                break;
            }
            if low > first {
                result.push((first, low - 1));
            }
            if high >= last {
                done = true;
                break;
            }
            first = high + 1;
        }
        if !done {
            result.push((first, last));
        }
    }
    result
}

fn intersection(a: &Ranges, b: &Ranges) -> Ranges {
    difference(a, &difference(a, b))
}

#[cfg(test)]
#[path = "exposure/tests.rs"]
mod tests;
