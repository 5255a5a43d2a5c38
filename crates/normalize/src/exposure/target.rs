//! What a rule is confined to, other than protocol and destination ports.

use ipnet::IpNet;
use nephoscope_model::kinds::Family;

/// How a text that names source ports, not a destination, begins.
pub(crate) const FROM_PORT: &str = "from port ";

/// Destinations, and source ports, of one address family.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    /// Sorted; empty for everything that the filter protects.
    destinations: Vec<Destination>,
    /// Sorted; empty for every port.
    source_ports: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Destination {
    Net(IpNet),
    /// A group, a tag: what no address is part of as far as is known.
    Named(String),
}

impl Target {
    /// Returns what the texts name of a family; `None` when they name addresses of the other family only, since a packet
    /// has source and destination of one family.
    pub(crate) fn of(texts: &[String], family: Family) -> Option<Self> {
        let (source_ports, destinations): (Vec<&String>, Vec<&String>) =
            texts.iter().partition(|text| text.starts_with(FROM_PORT));
        let mut found: Vec<Destination> = (destinations.iter())
            .filter_map(|text| match crate::firewall::network(text) {
                Some(net) => is_of(&net, family).then_some(Destination::Net(net)),
                None => Some(Destination::Named((*text).clone())),
            })
            .collect();
        if found.is_empty() && !destinations.is_empty() {
            return None;
        }
        let all = |destination: &Destination| matches!(destination, Destination::Net(net) if net.prefix_len() == 0);
        if found.iter().any(all) {
            found.clear();
        }
        found.sort();
        found.dedup();
        let mut source_ports: Vec<String> = source_ports.into_iter().cloned().collect();
        source_ports.sort();
        source_ports.dedup();
        Some(Target {
            destinations: found,
            source_ports,
        })
    }

    /// Whether every packet to `other` is one to this.
    pub(crate) fn covers(&self, other: &Target) -> bool {
        let from = self.source_ports.is_empty() || self.source_ports == other.source_ports;
        let to = self.destinations.is_empty()
            || !other.destinations.is_empty()
                && (other.destinations.iter()).all(|theirs| self.destinations.iter().any(|own| own.covers(theirs)));
        from && to
    }
}

impl Destination {
    fn covers(&self, other: &Destination) -> bool {
        match (self, other) {
            (Destination::Net(own), Destination::Net(other)) => own.contains(other),
            _ => self == other,
        }
    }
}

fn is_of(net: &IpNet, family: Family) -> bool {
    match family {
        Family::Ipv4 => matches!(net, IpNet::V4(_)),
        Family::Ipv6 => matches!(net, IpNet::V6(_)),
    }
}
