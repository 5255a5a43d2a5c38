//! From the rules of any provider to `network.firewall`: canonical order, peers, and what is open to the internet.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};
use nephoscope_model::kinds::{Action, Direction, Exposure, NetworkFirewall, Peer, Rule};
use nephoscope_model::{Fact, Gap, Origin, Reason};

use crate::exposure::{Filter, open_to_internet};
use crate::group::Built;

/// One rule with what the attribute does not show.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) rule: Rule,
    /// What of the protected side it is confined to, destinations of ingress and sources of egress, canonical and sorted;
    /// empty for all that the filter protects.
    pub(crate) target: Vec<String>,
    /// Why what it lets through is not fully known, beside unknown facts of the rule.
    pub(crate) gap: Option<Gap>,
    /// The document, and the pointer into it.
    pub(crate) origin: Option<Origin>,
    pub(crate) pointer: String,
}

/// Why there may be further rules of each direction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Missing {
    pub(crate) ingress: Option<Gap>,
    pub(crate) egress: Option<Gap>,
}

impl Missing {
    pub(crate) fn both(gap: Gap) -> Self {
        Missing {
            ingress: Some(gap.clone()),
            egress: Some(gap),
        }
    }
}

/// What other filters deny before any rule of a filter is asked. It is not among the rules of the filter.
#[derive(Debug)]
pub(crate) enum Before {
    Denied(Vec<Draft>),
    /// Something may be denied.
    Unknown(Gap),
}

impl Default for Before {
    fn default() -> Self {
        Before::Denied(Vec::new())
    }
}

/// Most ranges of ports times peers of one filter; Azure and Google Cloud allow some thousands of either.
const MOST_PEERS: usize = 250_000;

/// Returns the gap of a rule or filter with more ranges of ports times peers than are judged.
pub(crate) fn too_many(ports: usize, peers: usize) -> Option<Gap> {
    (ports.saturating_mul(peers) > MOST_PEERS).then(|| {
        Gap::with(
            Reason::Truncated,
            format!("more than {MOST_PEERS} ranges of ports times peers"),
        )
    })
}

/// What of a filter is no rule of its own.
#[derive(Debug, Default)]
pub(crate) struct Setting {
    pub(crate) network: Fact<String>,
    pub(crate) logging: Fact<bool>,
    pub(crate) missing: Missing,
    /// Its allowances only count for what others have not denied before.
    pub(crate) before: Before,
    /// What no rule speaks of may go out, by a rule of the provider that the source leaves out.
    pub(crate) lets_out: bool,
}

/// Returns the attributes: rules sorted by (direction, priority, action, protocol, ports, peers, id), exposures computed.
///
/// A filter of more than [`MOST_PEERS`] is not judged: each range of ports times each peer would take the machine.
pub(crate) fn build(all: impl IntoIterator<Item = Draft>, setting: Setting) -> Built {
    let mut drafts = Vec::new();
    let mut peers = 0;
    for draft in all {
        peers += 1 + draft.rule.peers.value().map_or(0, Vec::len);
        if let Some(gap) = too_many(peers, 1) {
            return Built::unknown(gap);
        }
        drafts.push(draft);
    }
    for draft in &mut drafts {
        if let Some(peers) = draft.rule.peers.value_mut() {
            peers.sort();
            peers.dedup();
        }
    }
    drafts.sort_by_cached_key(|draft| {
        let rule = &draft.rule;
        (
            (rule.direction, rule.priority.value().copied(), rule.action),
            (
                rule.protocol.value().cloned(),
                rule.from.value().copied(),
                rule.to.value().copied(),
            ),
            (
                rule.peers.value().cloned(),
                rule.native_id.value().cloned(),
                rule.description.value().cloned(),
            ),
            (draft.target.clone(), rule.enabled.value().copied()),
        )
    });
    let Setting { missing, before, .. } = setting;
    let (open, open_gap) = exposures(filters(&drafts, Direction::Ingress), &before, Direction::Ingress);
    let mut out = filters(&drafts, Direction::Egress);
    // A rule that is missing may deny what the provider lets out.
    if setting.lets_out && missing.egress.is_none() {
        out.filters.push(Filter::of_the_provider());
    }
    let (reaches, reaches_gap) = exposures(out, &before, Direction::Egress);
    let noted = |path: String, draft: &Draft| (path, draft.origin.clone(), draft.pointer.clone());
    let mut notes: Vec<(String, Option<Origin>, String)> = (drafts.iter().enumerate())
        .map(|(index, draft)| noted(format!("/attributes/rules/{index}"), draft))
        .collect();
    for (attribute, exposures) in [("open_to_internet", &open), ("reaches_internet", &reaches)] {
        notes.extend(exposures.iter().enumerate().filter_map(|(index, exposure)| {
            let draft = drafts.get(*exposure.rules.first()?)?;
            Some(noted(format!("/attributes/{attribute}/{index}"), draft))
        }));
    }
    // Whoever speaks of all that can be reached speaks of the rule that lets out most.
    let widest = (reaches.iter()).max_by_key(|exposure| exposure.to.zip(exposure.from).map(|(to, from)| to - from));
    let widest = widest.and_then(|exposure| drafts.get(*exposure.rules.first()?));
    notes.extend(widest.map(|draft| noted("/attributes/reaches_internet".to_owned(), draft)));
    let rules = drafts.into_iter().map(|draft| draft.rule).collect();
    let attributes = NetworkFirewall {
        rules: known(rules, missing.ingress.clone().or_else(|| missing.egress.clone())),
        open_to_internet: known(open, missing.ingress.or(open_gap)),
        reaches_internet: known(reaches, missing.egress.or(reaches_gap)),
        network: setting.network,
        logging: setting.logging,
    };
    let mut built = Built::new(&attributes);
    built.provenance = notes
        .into_iter()
        .filter_map(|(path, origin, pointer)| {
            Some(nephoscope_model::Provenance {
                path,
                origin: origin?,
                pointer,
            })
        })
        .collect();
    built
}

fn known<T>(list: Vec<T>, gap: Option<Gap>) -> Fact<Vec<T>> {
    match gap {
        None => Fact::Known(list),
        Some(gap) => Fact::Partial(list, gap),
    }
}

/// Returns what is certainly open in one direction, and why there may be more.
fn exposures(own: Filters, before: &Before, direction: Direction) -> (Vec<Exposure>, Option<Gap>) {
    let alone = open_to_internet(&own.filters);
    let denied = match before {
        // Nothing to take away.
        _ if alone.is_empty() => return (alone, joined(own.gaps)),
        Before::Denied(denied) if denied.is_empty() => return (alone, joined(own.gaps)),
        Before::Denied(denied) => denied,
        Before::Unknown(gap) => return (Vec::new(), joined([own.gaps, vec![gap.clone()]].concat())),
    };
    let behind = |denied: &[Draft]| {
        let denied = filters(denied, direction);
        let open = open_to_internet(&[merged(denied.filters), own.filters.clone()].concat());
        (open, denied.gaps)
    };
    let (most, gaps) = behind(denied);
    if gaps.is_empty() {
        return (most, joined(own.gaps));
    }
    // What is not known of a denial only matters where it may take away something.
    let known: Vec<Draft> = (denied.iter())
        .filter(|draft| gap_of(draft).is_none())
        .cloned()
        .collect();
    let (certain, _) = behind(&known);
    let gaps = if certain == most {
        own.gaps
    } else {
        [own.gaps, gaps].concat()
    };
    (most, joined(gaps))
}

/// Denials of the same packets as one: which of them denies decides nothing.
fn merged(denials: Vec<Filter>) -> Vec<Filter> {
    let mut merged: BTreeMap<_, Filter> = BTreeMap::new();
    for denial in denials {
        let same = (denial.protocol.clone(), denial.ports, denial.target.clone());
        match merged.entry(same) {
            Entry::Vacant(entry) => drop(entry.insert(denial)),
            Entry::Occupied(mut entry) => entry.get_mut().peers.extend(denial.peers),
        }
    }
    merged.into_values().collect()
}

/// The rules of one direction in force, in the order of evaluation, and what is not known of them.
struct Filters {
    filters: Vec<Filter>,
    gaps: Vec<Gap>,
}

fn filters(drafts: &[Draft], direction: Direction) -> Filters {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut filters: Vec<(u32, Action, Filter)> = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let rule = &draft.rule;
        if rule.direction != direction || rule.enabled == Fact::Known(false) {
            continue;
        }
        let gap = gap_of(draft);
        gaps.extend(gap.cloned());
        let filter = match (gap, rule.action) {
            (None, _) => certain(rule, &draft.target, index),
            // Of an allowance only what is known for certain counts, of a denial all that it may take away.
            (Some(_), Action::Allow) if certain_but_for_peers(rule) => certain(rule, &draft.target, index),
            (Some(_), Action::Allow) => continue,
            (Some(_), Action::Deny) => widest(rule, index),
        };
        let priority = match rule.priority.value() {
            Some(priority) => *priority,
            None => 0,
        };
        filters.push((priority, rule.action, filter));
    }
    // Where two have one priority, Google Cloud lets the denial win; Azure has no two, AWS no denials.
    // Source: cloud.google.com/firewall/docs/firewalls "Priority", read 2026-11-23.
    filters.sort_by_key(|(priority, action, filter)| (*priority, *action == Action::Allow, filter.index));
    Filters {
        filters: filters.into_iter().map(|(.., filter)| filter).collect(),
        gaps,
    }
}

/// Returns why what a rule lets through is not fully known.
fn gap_of(draft: &Draft) -> Option<&Gap> {
    let rule = &draft.rule;
    let unknown = [
        rule.enabled.gap(),
        rule.protocol.gap(),
        rule.from.gap(),
        rule.to.gap(),
        rule.priority.gap(),
        rule.peers.gap(),
        draft.gap.as_ref(),
    ];
    unknown.into_iter().flatten().next()
}

/// Several gaps of one reason are one gap with every detail.
fn joined(mut gaps: Vec<Gap>) -> Option<Gap> {
    gaps.sort();
    gaps.dedup();
    let reason = gaps.first()?.reason;
    let details: Vec<String> = gaps
        .into_iter()
        .filter(|gap| gap.reason == reason)
        .filter_map(|gap| gap.detail)
        .collect();
    Some(match details.is_empty() {
        true => Gap::new(reason),
        false => Gap::with(reason, details.join(", ")),
    })
}

fn certain_but_for_peers(rule: &Rule) -> bool {
    [
        rule.enabled.gap(),
        rule.protocol.gap(),
        rule.from.gap(),
        rule.to.gap(),
        rule.priority.gap(),
    ]
    .iter()
    .all(Option::is_none)
}

fn certain(rule: &Rule, target: &[String], index: usize) -> Filter {
    let peers = rule.peers.value().into_iter().flatten();
    Filter {
        action: rule.action,
        protocol: rule.protocol.value().filter(|name| *name != "any").cloned(),
        ports: (
            rule.from.value().copied().unwrap_or(0),
            rule.to.value().copied().unwrap_or(u16::MAX),
        ),
        peers: peers
            .flat_map(|peer| [&peer.cidr4, &peer.cidr6])
            .flatten()
            .filter_map(|text| text.parse().ok())
            .collect(),
        target: target.to_vec(),
        index,
    }
}

/// The most that a denial of which not everything is known can take away.
fn widest(rule: &Rule, index: usize) -> Filter {
    let everyone = [Peer::everyone4(), Peer::everyone6()];
    let mut filter = certain(
        &Rule {
            peers: Fact::Known(everyone.into()),
            ..rule.clone()
        },
        &[],
        index,
    );
    if rule.from.gap().is_some() || rule.to.gap().is_some() {
        filter.ports = (0, u16::MAX);
    }
    filter
}

/// Ways to make a [`Peer`].
pub(crate) trait PeerExt {
    /// All of IPv4.
    fn everyone4() -> Peer;
    /// All of IPv6.
    fn everyone6() -> Peer;
    /// A network, host bits cleared.
    fn of(net: IpNet) -> Peer;
}

impl PeerExt for Peer {
    fn everyone4() -> Peer {
        Peer {
            cidr4: Some("0.0.0.0/0".to_owned()),
            ..Peer::default()
        }
    }

    fn everyone6() -> Peer {
        Peer {
            cidr6: Some("::/0".to_owned()),
            ..Peer::default()
        }
    }

    fn of(net: IpNet) -> Peer {
        let text = Some(net.trunc().to_string());
        match net {
            IpNet::V4(_) => Peer {
                cidr4: text,
                ..Peer::default()
            },
            IpNet::V6(_) => Peer {
                cidr6: text,
                ..Peer::default()
            },
        }
    }
}

/// Returns the network that `text` names: a range with any host bits (`208.236.235.254/0` is everyone), or one address.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map(|net| net.trunc())
        .ok()
}

/// Returns whether ranges that are narrow one by one are so together: fewer public addresses than a /4 of IPv4 or a
/// /12 of IPv6, as of firewalls.
pub(crate) fn are_few(values: &[String]) -> bool {
    let nets = values.iter().filter_map(|value| network(value));
    let nets: Vec<IpNet> = nets
        .filter(|net| !matches!(net, IpNet::V4(net) if is_private(*net)))
        .collect();
    let (mut v4, mut v6) = (0_u128, 0_u128);
    for net in IpNet::aggregate(&nets) {
        let size = 1_u128.checked_shl(u32::from(net.max_prefix_len() - net.prefix_len()));
        let sum = if net.max_prefix_len() == 32 { &mut v4 } else { &mut v6 };
        *sum = sum.saturating_add(size.unwrap_or(u128::MAX));
    }
    v4 < 1 << (32 - 4) && v6 < 1 << (128 - 12)
}

/// Returns whether all of a network is for private use.
pub(crate) fn is_private(net: Ipv4Net) -> bool {
    Ipv4Addr::is_private(&net.network()) && Ipv4Addr::is_private(&net.broadcast())
}

/// Returns the gap for an address that is none.
pub(crate) fn not_an_address(text: &str) -> Gap {
    Gap::with(Reason::ParseError, format!("`{text}` is no address range"))
}

/// Returns the one name of a protocol given by name or IANA number: lower case, `any` for all.
///
/// Source: IANA Protocol Numbers; `-1`, `*` and `all` are what AWS, Azure and Google Cloud write for all.
pub(crate) fn protocol(text: &str) -> String {
    match text.trim().to_ascii_lowercase().as_str() {
        "-1" | "*" | "all" | "any" => "any",
        "1" => "icmp",
        "4" | "ipip" => "ipip",
        "6" => "tcp",
        "17" => "udp",
        "47" => "gre",
        "50" => "esp",
        "51" => "ah",
        "58" | "ipv6-icmp" => "icmpv6",
        "132" => "sctp",
        other => return other.to_owned(),
    }
    .to_owned()
}

/// Returns whether the protocol has ports, or stands for all that have.
pub(crate) fn has_ports(protocol: &str) -> bool {
    matches!(protocol, "tcp" | "udp" | "sctp" | "any")
}

/// Returns the first and last port of `"22"`, `"80-90"`, `"*"`.
pub(crate) fn ports(text: &str) -> Option<(u16, u16)> {
    let text = text.trim();
    if text == "*" {
        return Some((0, u16::MAX));
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (range.0 <= range.1).then_some(range)
}
