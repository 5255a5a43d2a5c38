//! The interval arithmetic against the definition, address by address and port by port.

use proptest::prelude::*;

use super::*;

fn filter(action: Action, protocol: Option<&str>, ports: (u16, u16), sources: &[&str], index: usize) -> Filter {
    Filter {
        action,
        protocol: protocol.map(str::to_owned),
        ports,
        sources: sources.iter().map(|text| text.parse().unwrap()).collect(),
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
    assert_eq!(short(&open_to_internet(&rules)), ["tcp/22-22 0.0.0.0/0 [0, 1]"]);
    assert!(open_to_internet(&rules[..1]).is_empty());
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
    let half = [filter(DENY, None, ALL, &["128.0.0.0/1"], 0), rules[1].clone()];
    assert!(open_to_internet(&half).is_empty());
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

/// Eight blocks of 32 /8 networks stand for the addresses; a block is public when some of it is.
const BLOCKS: [&str; 8] = [
    "0.0.0.0/3",
    "32.0.0.0/3",
    "64.0.0.0/3",
    "96.0.0.0/3",
    "128.0.0.0/3",
    "160.0.0.0/3",
    "192.0.0.0/3",
    "224.0.0.0/3",
];

fn rules() -> impl Strategy<Value = Vec<Filter>> {
    let rule = (any::<bool>(), 0u8..4, 0u16..6, 0u16..6, any::<u8>());
    prop::collection::vec(rule, 0..7).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(index, (allow, protocol, a, b, blocks))| {
                let sources: Vec<&str> = BLOCKS
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| blocks >> bit & 1 == 1)
                    .map(|(_, net)| *net)
                    .collect();
                let protocol = [None, Some("tcp"), Some("udp"), Some("gre")][usize::from(protocol)];
                let ports = if protocol == Some("gre") {
                    ALL
                } else {
                    (a.min(b), a.max(b))
                };
                filter(if allow { ALLOW } else { DENY }, protocol, ports, &sources, index)
            })
            .collect()
    })
}

/// The definition: the first rule that matches (protocol, port, address) decides.
fn oracle(rules: &[Filter], protocol: &str, port: u16) -> bool {
    // 224.0.0.0/3 holds no public address.
    BLOCKS.iter().take(7).all(|block| {
        let net: IpNet = block.parse().unwrap();
        rules
            .iter()
            .find(|rule| {
                let named = match rule.protocol.as_deref() {
                    None => protocol != "gre" || rule.ports == ALL,
                    Some(name) => name == protocol,
                };
                named && rule.ports.0 <= port && port <= rule.ports.1 && rule.sources.contains(&net)
            })
            .is_some_and(|rule| rule.action == ALLOW)
    })
}

proptest! {
    #[test]
    fn agrees_with_the_definition(rules in rules()) {
        let exposures = open_to_internet(&rules);
        for protocol in ["tcp", "udp"] {
            for port in 0..8u16 {
                let listed = exposures.iter().filter(|e| {
                    e.protocol == protocol && e.from.unwrap() <= port && port <= e.to.unwrap()
                }).count();
                prop_assert_eq!(listed, usize::from(oracle(&rules, protocol, port)), "{}/{} {:?}", protocol, port, exposures);
            }
        }
        prop_assert_eq!(exposures.iter().any(|e| e.protocol == "gre"), oracle(&rules, "gre", 0));
        for pair in exposures.windows(2) {
            let [a, b] = pair else { continue };
            if a.protocol == b.protocol && a.family == b.family {
                prop_assert!(u32::from(a.to.unwrap()) + 1 < u32::from(b.from.unwrap()), "not maximal: {:?}", exposures);
            }
        }
    }
}
