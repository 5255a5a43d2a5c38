//! The interval arithmetic against the definition, address by address and port by port.

use proptest::prelude::*;

use super::*;

fn filter(action: Action, protocol: Option<&str>, ports: (u16, u16), peers: &[&str], index: usize) -> Filter {
    Filter {
        action,
        protocol: protocol.map(str::to_owned),
        ports,
        peers: peers.iter().map(|text| text.parse().unwrap()).collect(),
        target: Vec::new(),
        index,
    }
}

fn short(exposures: &[Exposure]) -> Vec<String> {
    exposures
        .iter()
        .map(|e| match (e.from, e.to) {
            (Some(from), Some(to)) => format!("{}/{from}-{to} {} {:?}", e.protocol, e.peer, e.rules),
            _ => format!("{} {} {:?}", e.protocol, e.peer, e.rules),
        })
        .collect()
}

const ALLOW: Action = Action::Allow;
const DENY: Action = Action::Deny;
const ALL: (u16, u16) = (0, u16::MAX);

#[test]
fn two_halves_in_two_rules_are_everyone() {
    let rules = [
        filter(ALLOW, Some("tcp"), (22, 22), &["0.0.0.0/1"], 0),
        filter(ALLOW, Some("tcp"), (20, 30), &["128.0.0.0/1"], 1),
    ];
    assert_eq!(
        short(&open_to_internet(&rules)),
        [
            "tcp/20-21 128.0.0.0/1 [1]",
            "tcp/22-22 0.0.0.0/0 [0, 1]",
            "tcp/23-30 128.0.0.0/1 [1]"
        ]
    );
}

#[test]
fn half_of_the_internet_is_open_and_less_than_a_sixteenth_is_not() {
    let open = |sources: &[&str]| short(&open_to_internet(&[filter(ALLOW, Some("tcp"), (22, 22), sources, 0)]));
    assert_eq!(open(&["0.0.0.0/1"]), ["tcp/22-22 0.0.0.0/1 [0]"]);
    assert_eq!(open(&["16.0.0.0/4"]), ["tcp/22-22 16.0.0.0/4 [0]"]);
    assert_eq!(open(&["16.0.0.0/5", "40.0.0.0/5"]), ["tcp/22-22 16.0.0.0/5 [0]"]);
    assert!(open(&["16.0.0.0/5", "40.0.0.0/6", "44.0.0.0/7"]).is_empty());
    // Two /8 of it are not public.
    assert!(open(&["0.0.0.0/4"]).is_empty());
    assert_eq!(open(&["2000::/4"]), ["tcp/22-22 2000::/4 [0]"]);
    assert_eq!(open(&["2600::/12"]), ["tcp/22-22 2600::/12 [0]"]);
    assert!(open(&["2600::/13", "fc00::/7"]).is_empty());
}

#[test]
fn blocked_networks_before_an_allowance_for_everybody_do_not_clear_it() {
    let open = |denied: &[&str]| {
        let rules = [
            filter(DENY, None, ALL, denied, 0),
            filter(ALLOW, Some("tcp"), (22, 22), &["0.0.0.0/0"], 1),
        ];
        short(&open_to_internet(&rules))
    };
    assert_eq!(open(&["36.0.0.0/9"]), ["tcp/22-22 0.0.0.0/0 [1]"]);
    assert_eq!(open(&["36.0.0.0/8"]), ["tcp/22-22 128.0.0.0/1 [1]"]);
    assert_eq!(open(&["36.0.0.0/8", "192.0.0.0/8"]), ["tcp/22-22 64.0.0.0/2 [1]"]);
    assert_eq!(open(&["0.0.0.0/1", "128.0.0.0/2"]), ["tcp/22-22 192.0.0.0/2 [1]"]);
    assert!(open(&["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/4", "208.0.0.0/24"]).is_empty());
}

#[test]
fn any_protocol_is_listed_under_tcp_udp_and_any() {
    let rules = [filter(ALLOW, None, ALL, &["::/0"], 3)];
    assert_eq!(
        short(&open_to_internet(&rules)),
        ["any ::/0 [3]", "tcp/0-65535 ::/0 [3]", "udp/0-65535 ::/0 [3]"]
    );
}

#[test]
fn a_denial_before_an_allowance_cuts_ports_out() {
    let rules = [
        filter(DENY, Some("tcp"), (22, 22), &["0.0.0.0/0"], 0),
        filter(ALLOW, Some("tcp"), (20, 30), &["0.0.0.0/0"], 1),
        filter(DENY, Some("tcp"), (20, 30), &["0.0.0.0/0"], 2),
    ];
    assert_eq!(
        short(&open_to_internet(&rules)),
        ["tcp/20-21 0.0.0.0/0 [1]", "tcp/23-30 0.0.0.0/0 [1]"]
    );
}

#[test]
fn private_ranges_do_not_matter_and_one_blocked_sender_hides_nothing() {
    let rules = [
        filter(DENY, None, ALL, &["10.0.0.0/8", "192.168.0.0/16", "8.8.8.8/32"], 0),
        filter(ALLOW, Some("udp"), (53, 53), &["0.0.0.0/0"], 1),
    ];
    assert_eq!(short(&open_to_internet(&rules)), ["udp/53-53 0.0.0.0/0 [1]"]);
    let all = [
        filter(DENY, None, ALL, &["128.0.0.0/1", "0.0.0.0/1"], 0),
        rules[1].clone(),
    ];
    assert!(open_to_internet(&all).is_empty());
}

#[test]
fn a_denial_for_one_destination_only_shields_that_one() {
    let one = |action, target: &str, index| Filter {
        target: vec![target.to_owned()],
        ..filter(action, Some("tcp"), (443, 443), &["0.0.0.0/0"], index)
    };
    assert_eq!(
        short(&open_to_internet(&[one(DENY, "a", 0), one(ALLOW, "b", 1)])).len(),
        1
    );
    assert!(open_to_internet(&[one(DENY, "a", 0), one(ALLOW, "a", 1)]).is_empty());
    let everywhere = filter(ALLOW, Some("tcp"), (443, 443), &["0.0.0.0/0"], 1);
    assert_eq!(open_to_internet(&[one(DENY, "a", 0), everywhere]).len(), 1);
}

#[test]
fn a_denial_for_a_network_shields_the_addresses_in_it() {
    let one = |action, target: &str, index| Filter {
        target: vec![target.to_owned()],
        ..filter(action, Some("tcp"), (22, 22), &["0.0.0.0/0"], index)
    };
    assert!(open_to_internet(&[one(DENY, "10.0.0.0/24", 0), one(ALLOW, "10.0.0.4", 1)]).is_empty());
    assert!(open_to_internet(&[one(DENY, "10.0.0.4/32", 0), one(ALLOW, "10.0.0.4", 1)]).is_empty());
    assert_eq!(
        open_to_internet(&[one(DENY, "10.0.0.4", 0), one(ALLOW, "10.0.0.0/24", 1)]).len(),
        1
    );
    let mut from_one_port = one(DENY, "10.0.0.0/24", 0);
    from_one_port.target.push("from port 53".to_owned());
    assert_eq!(open_to_internet(&[from_one_port, one(ALLOW, "10.0.0.4", 1)]).len(), 1);
}

#[test]
fn a_denial_to_destinations_of_one_family_leaves_the_other_open() {
    let rules = |denied: &str| {
        let deny = filter(DENY, None, ALL, &["0.0.0.0/0", "::/0"], 0);
        [
            Filter {
                target: vec![denied.to_owned()],
                ..deny
            },
            filter(ALLOW, Some("tcp"), (22, 22), &["0.0.0.0/0", "::/0"], 1),
        ]
    };
    assert_eq!(short(&open_to_internet(&rules("::/0"))), ["tcp/22-22 0.0.0.0/0 [1]"]);
    assert_eq!(short(&open_to_internet(&rules("0.0.0.0/0"))), ["tcp/22-22 ::/0 [1]"]);
    assert_eq!(open_to_internet(&rules("fd00::/64")).len(), 2);
}

#[test]
fn ports_open_to_more_through_one_target_are_listed_once() {
    let one = |ports, source: &str, target: &str, index| Filter {
        target: vec![target.to_owned()],
        ..filter(ALLOW, Some("tcp"), ports, &[source], index)
    };
    let rules = [one((20, 30), "0.0.0.0/1", "a", 0), one((22, 22), "0.0.0.0/0", "b", 1)];
    assert_eq!(
        short(&open_to_internet(&rules)),
        [
            "tcp/20-21 0.0.0.0/1 [0]",
            "tcp/22-22 0.0.0.0/0 [0, 1]",
            "tcp/23-30 0.0.0.0/1 [0]"
        ]
    );
}

#[test]
fn many_rules_end_soon() {
    let rules: Vec<Filter> = (0..20_000)
        .map(|index| {
            let port = u16::try_from(index * 3).unwrap();
            filter(ALLOW, Some("tcp"), (port, port), &["0.0.0.0/0"], index)
        })
        .collect();
    assert_eq!(open_to_internet(&rules).len(), rules.len());
}

#[test]
fn other_protocols_have_no_ports() {
    let rules = [
        filter(ALLOW, Some("icmp"), ALL, &["0.0.0.0/0"], 0),
        filter(ALLOW, None, (80, 81), &["0.0.0.0/0"], 1),
    ];
    assert_eq!(
        short(&open_to_internet(&rules)),
        [
            "icmp 0.0.0.0/0 [0]",
            "tcp/80-81 0.0.0.0/0 [1]",
            "udp/80-81 0.0.0.0/0 [1]"
        ]
    );
}

/// 32 blocks of eight /8 networks each stand for the addresses.
fn blocks_of_eight() -> Vec<IpNet> {
    (0..32)
        .map(|block| format!("{}.0.0.0/5", block * 8).parse().unwrap())
        .collect()
}

fn rules() -> impl Strategy<Value = Vec<Filter>> {
    // Few blocks, half of them, or most: so that sums come close to each limit.
    let blocks = (any::<u32>(), any::<u32>(), any::<u32>(), 0u8..4).prop_map(|(a, b, c, how)| match how {
        0 => a & b & c,
        1 => a,
        2 => a | b | c,
        _ => u32::MAX,
    });
    let rule = (any::<bool>(), 0u8..4, 0u16..6, 0u16..6, blocks);
    prop::collection::vec(rule, 0..7).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(index, (allow, protocol, a, b, blocks))| {
                let protocol = [None, Some("tcp"), Some("udp"), Some("gre")][usize::from(protocol)];
                let ports = if protocol == Some("gre") {
                    ALL
                } else {
                    (a.min(b), a.max(b))
                };
                let mut rule = filter(if allow { ALLOW } else { DENY }, protocol, ports, &[], index);
                let named = blocks_of_eight().into_iter().enumerate();
                rule.peers = named
                    .filter(|(bit, _)| blocks >> bit & 1 == 1)
                    .map(|(_, net)| net)
                    .collect();
                rule
            })
            .collect()
    })
}

/// How many addresses of a network are public: what the disjoint reserved networks leave of it.
fn publicly(net: IpNet) -> u64 {
    let count = |net: &IpNet| 1u64 << (32 - net.prefix_len());
    let reserved: Vec<IpNet> = NOT_PUBLIC_V4.iter().map(|text| text.parse().unwrap()).collect();
    if reserved.iter().any(|other| other.contains(&net)) {
        return 0;
    }
    count(&net)
        - reserved
            .iter()
            .filter(|other| net.contains(*other))
            .map(count)
            .sum::<u64>()
}

/// The definition: for each address the first rule that matches (protocol, port, address) decides; what is let in is the
/// internet from a /4 of public addresses on.
fn oracle(rules: &[Filter], protocol: &str, port: u16) -> Option<String> {
    let lets_in = |net: &IpNet| {
        rules
            .iter()
            .find(|rule| {
                let named = match rule.protocol.as_deref() {
                    None => protocol != "gre" || rule.ports == ALL,
                    Some(name) => name == protocol,
                };
                named && rule.ports.0 <= port && port <= rule.ports.1 && rule.peers.contains(net)
            })
            .is_some_and(|rule| rule.action == ALLOW)
    };
    let everyone: IpNet = "0.0.0.0/0".parse().unwrap();
    let open: Vec<IpNet> = blocks_of_eight().into_iter().filter(lets_in).collect();
    let total: u64 = open.iter().map(|net| publicly(*net)).sum();
    if total < 1 << 28 {
        return None;
    }
    if (publicly(everyone) - total) * 256 < publicly(everyone) {
        return Some(everyone.to_string());
    }
    // Of the aligned blocks that are let in as a whole the larger comes first, then the lower.
    for prefix in 1..=5u8 {
        for start in 0..1u32 << prefix {
            let first = std::net::Ipv4Addr::from(start << (32 - prefix));
            let block = IpNet::new(first.into(), prefix).unwrap();
            let whole = blocks_of_eight()
                .iter()
                .all(|net| !block.contains(net) || open.contains(net));
            if whole && publicly(block) > 0 {
                return Some(block.to_string());
            }
        }
    }
    None
}

proptest! {
    #[test]
    fn agrees_with_the_definition(rules in rules()) {
        let exposures = open_to_internet(&rules);
        for protocol in ["tcp", "udp"] {
            for port in 0..8u16 {
                let listed: Vec<&str> = exposures.iter().filter(|e| {
                    e.protocol == protocol && e.from.unwrap() <= port && port <= e.to.unwrap()
                }).map(|e| e.peer.as_str()).collect();
                let expected = oracle(&rules, protocol, port);
                let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
                prop_assert_eq!(listed, expected, "{}/{} {:?}", protocol, port, exposures);
            }
        }
        let gre = exposures.iter().find(|e| e.protocol == "gre").map(|e| e.peer.clone());
        prop_assert_eq!(gre, oracle(&rules, "gre", 0));
        for pair in exposures.windows(2) {
            let [a, b] = pair else { continue };
            if a.protocol == b.protocol && a.family == b.family {
                let apart = u32::from(a.to.unwrap()) + 1 < u32::from(b.from.unwrap());
                prop_assert!(a.to < b.from && (apart || a.peer != b.peer), "not maximal: {:?}", exposures);
            }
        }
    }
}
