//! What the denying firewalls of a Google Cloud network keep out before an allowing one is asked.
//!
//! The firewall with the lowest priority number decides, of two with one number the one that denies.
//! Source: cloud.google.com/firewall/docs/firewalls "Priority" and "Target", read 2026-11-23.
//!
//! An allowance is only taken away where the denial is for every instance that the allowance is for: it is for all, or
//! both are for the same tags or service accounts. Which instances there are, and with which tags, is not asked.

use std::collections::{BTreeMap, BTreeSet};

use nephoscope_model::kinds::Direction;
use nephoscope_model::{Gap, Reason, Resource, State};

use super::firewall::{Firewall, drafts};
use crate::firewall::{Before, too_many};
use crate::group::{Found, Piece};

/// Most steps for all allowing firewalls of one network together: each of them looks at all of its denials.
const MOST_STEPS: usize = 50_000_000;

/// Network tags and service accounts of the instances that a firewall is for; none for all of the network.
type Targets<'a> = [BTreeSet<&'a str>; 2];

/// The denying firewalls that are in force, by network and direction.
#[derive(Default)]
pub(crate) struct Denials<'a>(BTreeMap<(String, Direction), Network<'a>>);

#[derive(Default)]
struct Network<'a> {
    denials: BTreeMap<Targets<'a>, Alike<'a>>,
    /// How many firewalls allow something.
    allowing: usize,
}

/// The denials for the same instances.
#[derive(Default)]
struct Alike<'a> {
    firewalls: Vec<(&'a Piece, &'a Firewall)>,
    /// Each protocol with ports as it is written.
    ports: BTreeSet<(Option<&'a str>, Option<&'a str>)>,
    /// Ranges of ports times peers.
    peers: usize,
}

impl<'a> Denials<'a> {
    /// Takes note of a resource, if it is a firewall.
    pub(crate) fn add(&mut self, piece: &'a Piece) {
        if piece.resource.state == State::Deleted {
            return;
        }
        let Found::Read(_, Some(native)) = piece.get::<Option<Firewall>>() else {
            return;
        };
        let Some(network) = network(&piece.resource, native).filter(|_| native.is_in_force()) else {
            return;
        };
        let network = self.0.entry((network, native.direction())).or_default();
        network.allowing += usize::from(native.allows());
        if native.denies() {
            network.denials.entry(targets(native)).or_default().add(piece, native);
        }
    }

    /// Returns what the network denies before this firewall is asked.
    pub(crate) fn before(&self, resource: &Resource, native: &Firewall) -> Before {
        if !native.allows() || !native.is_in_force() {
            return Before::default();
        }
        let Some(network) = network(resource, native).and_then(|network| self.0.get(&(network, native.direction())))
        else {
            return Before::default();
        };
        let own = targets(native);
        let all = Targets::default();
        let alike = network.denials.get(&all).into_iter();
        let alike: Vec<&Alike<'_>> = alike.chain(network.denials.get(&own).filter(|_| own != all)).collect();
        let peers = alike.iter().map(|alike| alike.peers).fold(0, usize::saturating_add);
        let ports: usize = alike.iter().map(|alike| alike.ports.len()).sum();
        let steps = ports.saturating_mul(ports).saturating_add(peers);
        if let Some(gap) = too_many(peers, 1) {
            return Before::Unknown(gap);
        }
        if steps.saturating_mul(network.allowing) > MOST_STEPS {
            let detail = "the denying firewalls of a network with too many firewalls";
            return Before::Unknown(Gap::with(Reason::Truncated, detail));
        }
        let firewalls = alike.iter().flat_map(|alike| &alike.firewalls);
        Before::Denied(
            firewalls
                .filter(|(_, denying)| denying.priority() <= native.priority())
                .flat_map(|(piece, denying)| drafts(piece, denying))
                .collect(),
        )
    }
}

impl<'a> Alike<'a> {
    fn add(&mut self, piece: &'a Piece, native: &'a Firewall) {
        let mut ranges = 0;
        for (protocol, ports) in native.denied() {
            ranges += ports.len().max(1);
            self.ports
                .extend(ports.iter().map(|ports| (protocol, Some(ports.as_str()))));
            if ports.is_empty() {
                self.ports.insert((protocol, None));
            }
        }
        self.peers = self
            .peers
            .saturating_add(native.peers().saturating_add(1).saturating_mul(ranges));
        self.firewalls.push((piece, native));
    }
}

fn targets(native: &Firewall) -> Targets<'_> {
    native.targets().map(|list| list.iter().map(String::as_str).collect())
}

/// Returns `projects/<project>/global/networks/<name>` of the full or partial URL of a network; `None` for any other text,
/// which may name another network.
///
/// Source: Compute Engine API `firewalls`, network, read 2026-11-23.
pub(super) fn network(resource: &Resource, native: &Firewall) -> Option<String> {
    let (path, name) = native.network()?.trim_end_matches('/').rsplit_once('/')?;
    let path = path.strip_suffix("global/networks")?;
    let mut segments = path.split('/');
    let project = (segments.find(|segment| *segment == "projects")).and_then(|_| segments.next());
    let project = project.unwrap_or(&resource.account);
    Some(format!("projects/{project}/global/networks/{name}"))
}
