//! What the clusters of the three clouds share: versions, and networks that add up to the internet.

use nephoscope_model::kinds::{Action, ClusterEndpoint, KubernetesVersion, NetworkScope};
use nephoscope_model::{Fact, Gap, Reason};

use crate::exposure::{self, Filter};
use crate::firewall;

/// Returns the version that a provider writes; `None` is unknown for the reason `gap`.
pub(crate) fn version(text: Option<&str>, gap: Gap) -> KubernetesVersion {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return KubernetesVersion {
            name: Fact::Unknown(gap.clone()),
            minor: Fact::Unknown(gap),
        };
    };
    let minor = (text.trim_start_matches('v').split('.').nth(1)).and_then(|minor| minor.parse().ok());
    KubernetesVersion {
        name: Fact::Known(text.to_owned()),
        minor: match minor {
            Some(minor) => Fact::Known(minor),
            None => Fact::Unknown(Gap::with(Reason::ParseError, format!("`{text}` is no version"))),
        },
    }
}

/// Returns a public endpoint for listed ranges.
pub(crate) fn listed(ranges: &[String]) -> ClusterEndpoint {
    let mut ranges: Vec<String> = ranges.to_vec();
    ranges.sort();
    ranges.dedup();
    ClusterEndpoint {
        network: scope(&ranges),
        ranges: Fact::Known(ranges),
    }
}

/// Returns an endpoint without a list.
pub(crate) fn unlisted(network: NetworkScope) -> ClusterEndpoint {
    ClusterEndpoint {
        network: Fact::Known(network),
        ranges: Fact::Absent,
    }
}

/// Returns an endpoint of which nothing is known.
pub(crate) fn unread(gap: &Gap) -> ClusterEndpoint {
    ClusterEndpoint {
        network: Fact::Unknown(gap.clone()),
        ranges: Fact::Unknown(gap.clone()),
    }
}

/// Returns whether ranges add up to the internet, as they would in a firewall.
pub(crate) fn scope(ranges: &[String]) -> Fact<NetworkScope> {
    let filter = Filter {
        action: Action::Allow,
        protocol: None,
        ports: (0, u16::MAX),
        peers: ranges.iter().filter_map(|range| firewall::network(range)).collect(),
        target: Vec::new(),
        index: 0,
    };
    if !exposure::open_to_internet(&[filter]).is_empty() {
        return Fact::Known(NetworkScope::Any);
    }
    match ranges.iter().find(|range| firewall::network(range).is_none()) {
        Some(range) => Fact::Unknown(firewall::not_an_address(range)),
        None => Fact::Known(NetworkScope::Selected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_the_internet_are_the_internet() {
        let of = |ranges: &[&str]| scope(&ranges.iter().map(|range| (*range).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["0.0.0.0/1", "128.0.0.0/1"]), Fact::Known(NetworkScope::Any));
        assert_eq!(of(&["::/0"]), Fact::Known(NetworkScope::Any));
        assert_eq!(
            of(&["198.51.100.7/32", "10.0.0.0/8"]),
            Fact::Known(NetworkScope::Selected)
        );
        assert!(matches!(of(&["office"]), Fact::Unknown(_)));
        assert_eq!(of(&["office", "0.0.0.0/0"]), Fact::Known(NetworkScope::Any));
    }

    #[test]
    fn the_second_number_is_the_minor_version() {
        let minor = |text: &str| version(Some(text), Gap::with(Reason::NotRead, "")).minor;
        assert_eq!(minor("1.34"), Fact::Known(34));
        assert_eq!(minor("1.31.4-gke.1829001"), Fact::Known(31));
        assert!(matches!(minor("latest"), Fact::Unknown(_)));
    }
}
