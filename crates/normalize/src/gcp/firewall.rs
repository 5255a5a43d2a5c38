//! `compute.googleapis.com/Firewall` → `network.firewall`.
//!
//! Exports before 2020 write repeated fields in the singular (`sourceRange`, `allowed[].port`), and some write both.
//! Source: Compute Engine API `firewalls`, read 2026-11-23.
//!
//! What the denying firewalls of the same network keep out before this one is asked is not in `open_to_internet` and `reaches_internet`, see
//! [`denials`](super::denials); `rules` has the firewall's own rules alone.
//!
//! Limit: firewall policies (hierarchical ones of an organization or folder, and those of a network) are not modeled, so
//! what only they keep out is still told of. It never hides an open port: what another firewall allows stands at it.

use nephoscope_model::kinds::{Action, Direction, Peer, Rule};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CAI, DATA};
use crate::firewall::{self, Draft, PeerExt, Setting};
use crate::group::{Built, Found, Group, Piece};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/rules", "/resource/data/allowed", Absence::Default("[]")),
    source("/rules", "/resource/data/denied", Absence::Default("[]")),
    source("/rules", "/resource/data/direction", Absence::Default("ingress")),
    source("/rules", "/resource/data/priority", Absence::Default("1000")),
    source("/rules", "/resource/data/disabled", Absence::Default("false")),
    source("/rules", "/resource/data/sourceRanges", Absence::Default("0.0.0.0/0")),
    source(
        "/rules",
        "/resource/data/destinationRanges",
        Absence::Default("0.0.0.0/0"),
    ),
    source("/rules", "/resource/data/sourceTags", Absence::Default("[]")),
    source("/rules", "/resource/data/sourceServiceAccounts", Absence::Default("[]")),
    source(
        "/open_to_internet",
        "/resource/data/sourceRanges",
        Absence::Default("0.0.0.0/0"),
    ),
    source("/open_to_internet", "/resource/data/allowed", Absence::Default("[]")),
    source(
        "/open_to_internet",
        "/resource/data/disabled",
        Absence::Default("false"),
    ),
    // Those of the denying firewalls of the network count as well.
    source("/open_to_internet", "/resource/data/denied", Absence::Default("[]")),
    source("/open_to_internet", "/resource/data/network", Absence::Absent),
    source("/open_to_internet", "/resource/data/priority", Absence::Default("1000")),
    source("/open_to_internet", "/resource/data/targetTags", Absence::Default("[]")),
    source(
        "/open_to_internet",
        "/resource/data/targetServiceAccounts",
        Absence::Default("[]"),
    ),
    source(
        "/reaches_internet",
        "/resource/data/destinationRanges",
        Absence::Default("0.0.0.0/0"),
    ),
    source("/reaches_internet", "/resource/data/allowed", Absence::Default("[]")),
    source(
        "/reaches_internet",
        "/resource/data/disabled",
        Absence::Default("false"),
    ),
    source("/network", "/resource/data/network", Absence::Absent),
    source("/logging", "/resource/data/logConfig/enable", Absence::Default("false")),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "compute.googleapis.com/Firewall",
    kind: "network.firewall",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Firewall>(DATA)?)),
    build,
    role: Role::Whole,
    beside: Some(|resource, native| {
        let native = native.downcast_ref::<Option<Firewall>>()?.as_ref()?;
        super::denials::network(resource, native)
    }),
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Firewall {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    description: Text,
    #[serde(default)]
    network: Text,
    #[serde(default)]
    direction: Text,
    #[serde(default, deserialize_with = "json::integer")]
    priority: Option<i64>,
    #[serde(default, deserialize_with = "json::flag")]
    disabled: Option<bool>,
    #[serde(default, deserialize_with = "json::many")]
    allowed: Vec<Traffic>,
    #[serde(default, deserialize_with = "json::many")]
    denied: Vec<Traffic>,
    #[serde(default, deserialize_with = "json::many")]
    source_ranges: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    source_range: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    destination_ranges: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    destination_range: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    source_tags: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    source_tag: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    source_service_accounts: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    source_service_account: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    target_tags: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    target_tag: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    target_service_accounts: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    target_service_account: Vec<String>,
    #[serde(default)]
    log_config: Option<LogConfig>,
}

#[derive(Debug, Deserialize)]
struct LogConfig {
    #[serde(default, deserialize_with = "json::flag")]
    enable: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Traffic {
    #[serde(default, rename = "IPProtocol")]
    protocol: Text,
    #[serde(default, rename = "ipProtocol")]
    protocol_of_old: Text,
    #[serde(default, deserialize_with = "json::many")]
    ports: Vec<String>,
    #[serde(default, rename = "port", deserialize_with = "json::many")]
    ports_of_old: Vec<String>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<Firewall>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "resource.data"));
    };
    let before = group.denials.before(&piece.resource, native);
    let logging = native.log_config.as_ref().and_then(|log| log.enable).unwrap_or(false);
    let setting = Setting {
        network: native.network.clone().take().into(),
        logging: Fact::Known(logging),
        before,
        ..Setting::default()
    };
    firewall::build(drafts(piece, native), setting)
}

/// Returns the rules of a firewall, made one after the other, since what is too much is not to be made first.
pub(super) fn drafts<'n>(piece: &'n Piece, native: &'n Firewall) -> impl Iterator<Item = Draft> + 'n {
    let (peers, gap) = peers(native);
    // A rule for the addresses of some interfaces; the other ranges are its peers.
    let target = match native.direction() {
        Direction::Egress => either(&native.source_ranges, &native.source_range),
        Direction::Ingress => either(&native.destination_ranges, &native.destination_range),
    };
    let target = target.to_vec();
    let lists = [
        (&native.allowed, Action::Allow, "allowed"),
        (&native.denied, Action::Deny, "denied"),
    ];
    let traffic = lists.into_iter().flat_map(|(list, action, field)| {
        list.iter()
            .enumerate()
            .map(move |(index, traffic)| (index, traffic, action, field))
    });
    traffic.flat_map(move |(index, traffic, action, field)| {
        let (peers, target, gap) = (peers.clone(), target.clone(), gap.clone());
        rules(native, traffic, action)
            .into_iter()
            .map(move |(mut rule, unread)| {
                rule.peers = Fact::Known(peers.clone());
                Draft {
                    rule,
                    target: target.clone(),
                    gap: unread.or_else(|| gap.clone()),
                    origin: piece.origin().cloned(),
                    pointer: format!("/resource/data/{field}/{index}"),
                }
            })
    })
}

impl Firewall {
    pub(super) fn is_in_force(&self) -> bool {
        !self.disabled.unwrap_or(false)
    }

    pub(super) fn direction(&self) -> Direction {
        match &self.direction.0 {
            Some(direction) if direction.eq_ignore_ascii_case("egress") => Direction::Egress,
            _ => Direction::Ingress,
        }
    }

    pub(super) fn allows(&self) -> bool {
        !self.allowed.is_empty()
    }

    pub(super) fn denies(&self) -> bool {
        !self.denied.is_empty()
    }

    pub(super) fn network(&self) -> Option<&str> {
        self.network.0.as_deref().filter(|network| !network.is_empty())
    }

    /// Returns the number that orders the firewalls of a network, the lowest first.
    pub(super) fn priority(&self) -> u32 {
        self.priority
            .and_then(|priority| u32::try_from(priority).ok())
            .unwrap_or(1000)
    }

    /// Returns the network tags and the service accounts of the instances it is for; none for every instance.
    pub(super) fn targets(&self) -> [&[String]; 2] {
        [
            either(&self.target_tags, &self.target_tag),
            either(&self.target_service_accounts, &self.target_service_account),
        ]
    }

    /// Returns protocol and ports of what it denies, as they are written.
    pub(super) fn denied(&self) -> impl Iterator<Item = (Option<&str>, &[String])> {
        self.denied.iter().map(|traffic| (traffic.written(), traffic.ports()))
    }

    /// Returns how many peers it names.
    pub(super) fn peers(&self) -> usize {
        match self.direction() {
            Direction::Egress => either(&self.destination_ranges, &self.destination_range).len(),
            Direction::Ingress => {
                either(&self.source_ranges, &self.source_range).len()
                    + either(&self.source_tags, &self.source_tag).len()
                    + either(&self.source_service_accounts, &self.source_service_account).len()
            }
        }
    }
}

impl Traffic {
    fn written(&self) -> Option<&str> {
        self.protocol.0.as_deref().or(self.protocol_of_old.0.as_deref())
    }

    fn ports(&self) -> &[String] {
        either(&self.ports, &self.ports_of_old)
    }
}

/// The lists under the plural name, else under the old singular one.
fn either<'a>(plural: &'a [String], singular: &'a [String]) -> &'a [String] {
    if plural.is_empty() { singular } else { plural }
}

fn peers(native: &Firewall) -> (Vec<Peer>, Option<Gap>) {
    let mut peers = Vec::new();
    let ranges = match native.direction() {
        Direction::Egress => either(&native.destination_ranges, &native.destination_range),
        Direction::Ingress => either(&native.source_ranges, &native.source_range),
    };
    let mut gap = None;
    for text in ranges {
        match firewall::network(text) {
            Some(net) => peers.push(Peer::of(net)),
            None => gap = Some(firewall::not_an_address(text)),
        }
    }
    if native.direction() == Direction::Ingress {
        let tags = either(&native.source_tags, &native.source_tag).iter().cloned();
        peers.extend(tags.map(|tag| Peer {
            tag: Some(tag),
            ..Peer::default()
        }));
        let accounts = either(&native.source_service_accounts, &native.source_service_account)
            .iter()
            .cloned();
        peers.extend(accounts.map(|account| Peer {
            service_account: Some(account),
            ..Peer::default()
        }));
    }
    if peers.is_empty() && gap.is_none() {
        // Nothing said is everyone over IPv4. Source: Compute Engine API `firewalls`, sourceRanges.
        peers.push(Peer::everyone4());
    }
    (peers, gap)
}

/// One rule for each range of ports; none said is every port.
fn rules(native: &Firewall, traffic: &Traffic, action: Action) -> Vec<(Rule, Option<Gap>)> {
    let protocol = traffic.written().map_or_else(|| "any".to_owned(), firewall::protocol);
    let rule = |range: Option<(u16, u16)>| Rule {
        direction: native.direction(),
        action,
        protocol: Fact::Known(protocol.clone()),
        from: range.map(|(from, _)| from).into(),
        to: range.map(|(_, to)| to).into(),
        peers: Fact::Absent,
        priority: Fact::Known(native.priority()),
        enabled: Fact::Known(!native.disabled.unwrap_or(false)),
        description: native.description.clone().take().into(),
        native_id: native.name.clone().take().into(),
    };
    if !firewall::has_ports(&protocol) {
        return vec![(rule(None), None)];
    }
    let ports = traffic.ports();
    if ports.is_empty() {
        return vec![(rule(Some((0, u16::MAX))), None)];
    }
    (ports.iter())
        .map(|text| match firewall::ports(text) {
            Some(range) => (rule(Some(range)), None),
            None => {
                let gap = Gap::with(Reason::ParseError, format!("`{text}` is no range of ports"));
                (
                    Rule {
                        from: Fact::Unknown(gap.clone()),
                        to: Fact::Unknown(gap.clone()),
                        ..rule(None)
                    },
                    Some(gap),
                )
            }
        })
        .collect()
}
