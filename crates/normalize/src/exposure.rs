//! What everyone on the internet can reach through an ordered list of packet filter rules: interval arithmetic over
//! addresses and ports, the same for every provider.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use nephoscope_model::kinds::{Action, Exposure, Family};

/// One ingress rule in force, as much of it as decides.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) action: Action,
    /// `None` for every protocol.
    pub(crate) protocol: Option<String>,
    /// Lowest and highest port.
    pub(crate) ports: (u16, u16),
    /// Source ranges; what is no address range has no place here.
    pub(crate) sources: Vec<IpNet>,
    /// The destinations it is confined to, in any canonical form; empty for all that the filter protects.
    pub(crate) target: Vec<String>,
    /// Its index in the attribute `rules`.
    pub(crate) index: usize,
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

/// A filter that keeps out less than one part in this many of the internet, such as a list of bad senders before a rule
/// for everybody, still lets everyone in: otherwise one blocked address would hide an open port.
const TOLERATED: u128 = 256;

/// Returns the maximal ranges that everyone can reach, sorted by (protocol, from, family); `filters` stand in the order of
/// evaluation: the first that matches decides.
pub(crate) fn open_to_internet(filters: &[Filter]) -> Vec<Exposure> {
    let mut protocols: BTreeSet<Option<&str>> = BTreeSet::from([None, Some("tcp"), Some("udp")]);
    protocols.extend(filters.iter().map(|filter| filter.protocol.as_deref()));
    let mut targets: BTreeSet<&[String]> = BTreeSet::new();
    targets.extend(
        filters
            .iter()
            .filter(|f| f.action == Action::Allow)
            .map(|f| f.target.as_slice()),
    );
    let mut exposures = Vec::new();
    for family in [Family::Ipv4, Family::Ipv6] {
        let public = public(family);
        let rules: Vec<Prepared<'_>> = filters
            .iter()
            .map(|filter| Prepared::new(filter, family, &public))
            .collect();
        for protocol in &protocols {
            let mut open: Vec<Open> = Vec::new();
            for target in &targets {
                let relevant: Vec<&Prepared<'_>> = (rules.iter())
                    .filter(|rule| !rule.sources.is_empty() && rule.speaks_of(*protocol, target))
                    .collect();
                open.extend(scan(&relevant, size(&public)));
            }
            exposures.extend(merged(open).into_iter().map(|open| open.exposure(*protocol, family)));
        }
    }
    exposures.sort_by(|a, b| (&a.protocol, a.from, a.family, a.to).cmp(&(&b.protocol, b.from, b.family, b.to)));
    exposures
}

/// A rule with its sources as ranges of the public internet of one family.
struct Prepared<'a> {
    filter: &'a Filter,
    sources: Ranges,
}

impl<'a> Prepared<'a> {
    fn new(filter: &'a Filter, family: Family, public: &Ranges) -> Self {
        let ranges = filter.sources.iter().filter_map(|net| range(net, family)).collect();
        Prepared {
            filter,
            sources: intersection(&union(ranges), public),
        }
    }

    /// Whether the rule decides about packets of `protocol` to `target`.
    fn speaks_of(&self, protocol: Option<&str>, target: &[String]) -> bool {
        let named = match (&self.filter.protocol, protocol) {
            // A rule for any protocol that names ports says nothing about protocols without ports.
            (None, Some(name)) => PORTED.contains(&name) || self.filter.ports == (0, u16::MAX),
            (None, None) => self.filter.ports == (0, u16::MAX),
            (Some(own), Some(name)) => own == name,
            (Some(_), None) => false,
        };
        named && (self.filter.target.is_empty() || self.filter.target == target)
    }

    fn ports(&self, protocol_has_ports: bool) -> (u16, u16) {
        if protocol_has_ports {
            self.filter.ports
        } else {
            (0, u16::MAX)
        }
    }
}

/// A range of ports that is open, by which rules.
struct Open {
    ports: (u16, u16),
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
            peer: match family {
                Family::Ipv4 => "0.0.0.0/0",
                Family::Ipv6 => "::/0",
            }
            .to_owned(),
            rules: self.rules.into_iter().collect(),
        }
    }
}

/// Decides each elementary range of ports, between two places where some rule begins or ends.
fn scan(rules: &[&Prepared<'_>], internet: u128) -> Vec<Open> {
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
        if let Some(rules) = decide(active.values().copied(), internet) {
            open.push(Open {
                ports: (from, to),
                rules,
            });
        }
    }
    open
}

/// Returns the rules that let everyone in, if the rules do.
fn decide<'r>(rules: impl Iterator<Item = &'r Prepared<'r>>, internet: u128) -> Option<BTreeSet<usize>> {
    let enough = internet - internet / TOLERATED;
    let mut denied: Ranges = Vec::new();
    let mut allowed: Ranges = Vec::new();
    let mut alone = BTreeSet::new();
    let mut together = BTreeSet::new();
    for rule in rules {
        match rule.filter.action {
            Action::Deny => denied = union([denied, rule.sources.clone()].concat()),
            Action::Allow => {
                let lets_in = difference(&rule.sources, &denied);
                if lets_in.is_empty() {
                    continue;
                }
                if size(&lets_in) > enough {
                    alone.insert(rule.filter.index);
                }
                together.insert(rule.filter.index);
                allowed = union([allowed, lets_in].concat());
            }
        }
    }
    // Rules that open it on their own are the ones to name; the others only matter where none does.
    match size(&allowed) > enough {
        true if alone.is_empty() => Some(together),
        true => Some(alone),
        false => None,
    }
}

/// Joins ranges of ports that touch or overlap, with all rules that open some of it.
fn merged(mut open: Vec<Open>) -> Vec<Open> {
    open.sort_by_key(|open| open.ports);
    let mut result: Vec<Open> = Vec::new();
    for next in open {
        match result.last_mut() {
            Some(last) if u32::from(next.ports.0) <= u32::from(last.ports.1) + 1 => {
                last.ports.1 = last.ports.1.max(next.ports.1);
                last.rules.extend(next.rules);
            }
            _ => result.push(next),
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
