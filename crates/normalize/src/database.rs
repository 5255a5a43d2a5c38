//! What the mappings of relational databases share: whom a public endpoint lets in, and facts that a document may leave out.

use ipnet::{IpNet, Ipv4Subnets};
use nephoscope_model::kinds::{Action, AllowedNetwork, DatabaseNetwork};
use nephoscope_model::{Fact, Gap, Origin, Provenance, Reason};

use crate::exposure::{Filter, open_to_internet};
use crate::firewall;

/// Addresses that are let in, with where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) network: AllowedNetwork,
    /// The same addresses, or why they could not be read.
    pub(crate) ranges: Result<Vec<IpNet>, Gap>,
    pub(crate) origin: Option<Origin>,
    pub(crate) pointer: String,
}

impl Entry {
    /// Returns the entry for a network, as in `192.0.2.0/24`, or one address.
    pub(crate) fn network(text: &str, name: Option<String>, origin: Option<Origin>, pointer: String) -> Self {
        let net = firewall::network(text).ok_or_else(|| firewall::not_an_address(text));
        Entry {
            network: AllowedNetwork {
                addresses: net.as_ref().map_or_else(|_| text.to_owned(), ToString::to_string),
                name,
            },
            ranges: net.map(|net| vec![net]),
            origin,
            pointer,
        }
    }

    /// Returns the entry for the IPv4 addresses from the first to the last.
    pub(crate) fn range(
        first: &str,
        last: &str,
        name: Option<String>,
        origin: Option<Origin>,
        pointer: String,
    ) -> Self {
        let text = format!("{}-{}", first.trim(), last.trim());
        Entry {
            ranges: between(first, last).ok_or_else(|| firewall::not_an_address(&text)),
            network: AllowedNetwork { addresses: text, name },
            origin,
            pointer,
        }
    }
}

fn between(first: &str, last: &str) -> Option<Vec<IpNet>> {
    let (first, last): (std::net::Ipv4Addr, std::net::Ipv4Addr) =
        (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then(|| Ipv4Subnets::new(first, last, 0).map(IpNet::V4).collect())
}

/// Returns who is let in, with notes on where it stands. `missing` says why there may be further entries.
///
/// `azure_services` is left for the caller.
pub(crate) fn network(
    endpoint: Fact<bool>,
    mut entries: Vec<Entry>,
    mut missing: Option<Gap>,
) -> (DatabaseNetwork, Vec<Provenance>) {
    if endpoint == Fact::Known(false) {
        // Nobody is let in, whatever the entries say and whether or not all of them were read.
        entries.clear();
        missing = None;
    }
    entries.sort_by(|a, b| (&a.network, &a.origin, &a.pointer).cmp(&(&b.network, &b.origin, &b.pointer)));
    entries.dedup_by(|a, b| a.network == b.network);
    let missing = missing.or_else(|| entries.iter().find_map(|entry| entry.ranges.as_ref().err().cloned()));
    let (opened, opener) = opened(&entries);
    let open_to_internet = match (&endpoint, opened, &missing) {
        (Fact::Unknown(gap) | Fact::Partial(_, gap), true, _) => Fact::Unknown(gap.clone()),
        (_, true, _) => Fact::Known(true),
        (_, false, None) => Fact::Known(false),
        (_, false, Some(gap)) => Fact::Unknown(gap.clone()),
    };
    let note = |path: String, entry: &Entry| {
        Some(Provenance {
            path,
            origin: entry.origin.clone()?,
            pointer: entry.pointer.clone(),
        })
    };
    let notes = (entries.iter().enumerate())
        .filter_map(|(index, entry)| note(format!("/attributes/network/networks/{index}"), entry))
        .chain(opener.and_then(|entry| note("/attributes/network/open_to_internet".to_owned(), entry)))
        .collect();
    let networks: Vec<AllowedNetwork> = entries.into_iter().map(|entry| entry.network).collect();
    let networks = match missing {
        None => Fact::Known(networks),
        Some(gap) => Fact::Partial(networks, gap),
    };
    let network = DatabaseNetwork {
        public_endpoint: endpoint,
        open_to_internet,
        networks,
        azure_services: Fact::Absent,
    };
    (network, notes)
}

/// Returns whether the entries together let in as much as the internet, and the first that is a part of it.
fn opened(entries: &[Entry]) -> (bool, Option<&Entry>) {
    let sources = entries.iter().filter_map(|entry| entry.ranges.as_ref().ok()).flatten();
    let filter = Filter {
        action: Action::Allow,
        protocol: None,
        ports: (0, u16::MAX),
        peers: sources.copied().collect(),
        target: Vec::new(),
        index: 0,
    };
    let exposures = open_to_internet(&[filter]);
    let Some(peer) = exposures.first().and_then(|first| first.peer.parse::<IpNet>().ok()) else {
        return (false, None);
    };
    let within = |net: &IpNet| net.contains(&peer) || peer.contains(net);
    let opener = (entries.iter())
        .filter(|entry| entry.ranges.iter().flatten().any(within))
        .min_by_key(|entry| {
            let widest = entry.ranges.iter().flatten().map(IpNet::prefix_len).min();
            (widest, entry.origin.clone(), entry.pointer.clone())
        });
    (true, opener)
}

/// Returns what a document states, unknown where it leaves the field out.
pub(crate) fn stated<T>(value: Option<T>, field: &str) -> Fact<T> {
    value.map_or_else(|| not_read(field), Fact::Known)
}

/// Returns a fact that `what` would carry.
pub(crate) fn not_read<T>(what: &str) -> Fact<T> {
    Fact::Unknown(Gap::with(Reason::NotRead, what))
}

/// Returns whole days, what is beyond the attribute's domain as its end.
pub(crate) fn days(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_open(entries: &[(&str, &str)]) -> Fact<bool> {
        let entries = entries.iter().map(|(first, last)| match *last {
            "" => Entry::network(first, None, None, String::new()),
            last => Entry::range(first, last, None, None, String::new()),
        });
        network(Fact::Known(true), entries.collect(), None).0.open_to_internet
    }

    #[test]
    fn whoever_lets_in_a_sixteenth_of_the_addresses_is_open() {
        for (entries, open) in [
            (vec![], false),
            (vec![("0.0.0.0/0", "")], true),
            (vec![("0.0.0.0/1", ""), ("128.0.0.0/1", "")], true),
            (vec![("::/0", "")], true),
            (vec![("0.0.0.0", "255.255.255.255")], true),
            (vec![("16.0.0.0", "31.255.255.255")], true),
            (
                vec![("16.0.0.0", "23.255.255.255"), ("32.0.0.0", "39.255.255.255")],
                true,
            ),
            (vec![("16.0.0.0", "23.255.255.255")], false),
            // Azure's rule for its own services.
            (vec![("0.0.0.0", "0.0.0.0")], false),
            (vec![("10.0.0.0/8", ""), ("192.0.2.7", "")], false),
        ] {
            assert_eq!(is_open(&entries), Fact::Known(open), "{entries:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_never_shut() {
        assert!(matches!(is_open(&[("office", "")]), Fact::Unknown(_)));
        assert!(matches!(is_open(&[("192.0.2.9", "192.0.2.1")]), Fact::Unknown(_)));
        assert_eq!(is_open(&[("office", ""), ("0.0.0.0/0", "")]), Fact::Known(true));
        let everyone = || vec![Entry::network("0.0.0.0/0", None, None, String::new())];
        assert!(matches!(
            network(not_read("x"), everyone(), None).0.open_to_internet,
            Fact::Unknown(_)
        ));
        assert_eq!(
            network(Fact::Known(false), everyone(), None).0.open_to_internet,
            Fact::Known(false)
        );
    }
}
