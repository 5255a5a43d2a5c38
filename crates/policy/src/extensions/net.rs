//! `net.cidr_*`. Source: `v1/topdown/cidr.go` of OPA 1.22.2 and the rules of Go's package `net`, read 2026-11-26.
//!
//! Go takes an IPv4 address written as IPv6 (`::ffff:1.2.3.4`) for the IPv4 address, almost everywhere.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Subnets};
use regorus::Value;

use super::{Answer, Fault, arg, text};

const MAPPED: Fault = Fault::Beyond("IPv4 networks written as IPv6");

/// The last address of IPv4, written as IPv6.
const LAST_V4: u128 = 0xffff_ffff_ffff;
/// The first one.
const FIRST_V4: u128 = 0xffff_0000_0000;

/// Reads a network as Go does: host bits are dropped, zeros may lead the length.
fn network(text: &str) -> Result<IpNet, Fault> {
    let read = || {
        let (address, length) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let length = if digits {
            length.parse::<u8>().ok()?
        } else {
            return None;
        };
        Some(IpNet::new(address, length).ok()?.trunc())
    };
    read().ok_or(Fault::Undefined)
}

/// Whether the network holds the address.
fn holds(network: &IpNet, address: IpAddr) -> bool {
    let network = match network {
        // As Go does, the network of IPv4 addresses inside IPv6 is one of IPv4.
        IpNet::V6(v6) => match v6.network().to_ipv4_mapped() {
            Some(v4) => IpNet::new(IpAddr::V4(v4), v6.prefix_len().saturating_sub(96)).unwrap_or(*network),
            None => *network,
        },
        IpNet::V4(_) => *network,
    };
    network.contains(&address.to_canonical())
}

fn plain_v6(network: &IpNet) -> bool {
    matches!(network, IpNet::V6(v6) if v6.network().to_ipv4_mapped().is_none())
}

fn contained(network: &IpNet, inner: &str) -> Result<bool, Fault> {
    if let Ok(address) = inner.parse::<IpAddr>() {
        return Ok(holds(network, address));
    }
    let inner = self::network(inner)?;
    if plain_v6(network) && plain_v6(&inner) {
        return Ok(network.contains(&inner));
    }
    Ok(holds(network, inner.network()) && holds(network, inner.broadcast()))
}

pub(super) fn contains(args: &[Value]) -> Answer {
    let network = network(text(args, 0)?)?;
    contained(&network, text(args, 1)?).map(Value::from)
}

pub(super) fn intersects(args: &[Value]) -> Answer {
    let left = network(text(args, 0)?)?;
    let right = network(text(args, 1)?)?;
    Ok(Value::from(
        holds(&left, right.network()) || holds(&right, left.network()),
    ))
}

pub(super) fn is_valid(args: &[Value]) -> Answer {
    Ok(Value::from(text(args, 0).is_ok_and(|text| network(text).is_ok())))
}

/// Returns every address of the network, as a set. The guard keeps it small.
pub(super) fn expand(args: &[Value]) -> Answer {
    let network = network(text(args, 0)?)?;
    let show = |number: u128| match network {
        IpNet::V4(_) => u32::try_from(number)
            .map(|number| Ipv4Addr::from_bits(number).to_string())
            .unwrap_or_default(),
        IpNet::V6(_) => Ipv6Addr::from_bits(number).to_string(),
    };
    if matches!(network, IpNet::V6(v6) if !plain_v6(&IpNet::V6(v6))) {
        return Err(MAPPED);
    }
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    let all = bits(network.network())..=bits(network.broadcast());
    Ok(set(all.map(|number| Value::from(show(number)))))
}

fn set(items: impl Iterator<Item = Value>) -> Value {
    Value::from(items.collect::<BTreeSet<Value>>())
}

/// Returns the networks of an operand with what stands for each in the result: its index, its key or itself.
fn operand(value: &Value) -> Result<Vec<(&str, Value)>, Fault> {
    // An element may be a tuple that begins with the network.
    fn cidr(element: &Value) -> Result<&str, Fault> {
        match element {
            Value::String(text) => Ok(text),
            Value::Array(tuple) => match tuple.first() {
                Some(Value::String(text)) => Ok(text),
                _ => Err(Fault::Undefined),
            },
            _ => Err(Fault::Undefined),
        }
    }
    match value {
        Value::String(text) => Ok(vec![(text, value.clone())]),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(index, item)| Ok((cidr(item)?, Value::from(index))))
                .collect()
        }
        Value::Set(items) => items.iter().map(|item| Ok((cidr(item)?, item.clone()))).collect(),
        Value::Object(fields) => fields
            .iter_sorted()
            .map(|(key, item)| Ok((cidr(item)?, key.clone())))
            .collect(),
        _ => Ok(Vec::new()),
    }
}

/// Returns the set of pairs in which the network on the left holds the address or network on the right.
pub(super) fn contains_matches(args: &[Value]) -> Answer {
    let inner = operand(arg(args, 1));
    let mut found = Vec::new();
    for (text, outer_index) in operand(arg(args, 0))? {
        // As in OPA, nothing on the right is looked at where nothing stands on the left, nor the left without a right.
        for (inner, index) in inner.as_ref().map_err(|fault| *fault)? {
            if contained(&network(text)?, inner)? {
                found.push(Value::from(vec![outer_index.clone(), index.clone()]));
            }
        }
    }
    Ok(set(found.into_iter()))
}

/// A range of addresses, those of IPv4 written as IPv6, with the text that OPA gives when it stays alone.
struct Span {
    first: u128,
    last: u128,
    alone: Option<String>,
}

fn span(element: &Value) -> Result<Span, Fault> {
    let Value::String(text) = element else {
        return Err(Fault::Undefined);
    };
    let mut alone = None;
    let network = match text.parse::<IpAddr>() {
        // Go's default mask: an address alone stands for the network of its class, A, B or C.
        Ok(address) => {
            let IpAddr::V4(v4) = address.to_canonical() else {
                return Err(Fault::Undefined);
            };
            let length = match v4.octets() {
                [0..=127, ..] => 8,
                [128..=191, ..] => 16,
                _ => 24,
            };
            alone = Some(format!("{v4}/{length}"));
            IpNet::new(IpAddr::V4(v4), length)
                .map_err(|_| Fault::Undefined)?
                .trunc()
        }
        Err(_) => network(text)?,
    };
    if matches!(network, IpNet::V6(_)) && !plain_v6(&network) {
        // OPA gives it as IPv4 but does not merge it.
        return Err(MAPPED);
    }
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    Ok(Span {
        first: bits(network.network()),
        last: bits(network.broadcast()),
        alone: Some(alone.unwrap_or_else(|| network.to_string())),
    })
}

/// Returns the fewest networks that hold the same addresses, as a set. A network of IPv6 that goes over the addresses of
/// IPv4 written as IPv6, as `::/0` does, takes those in.
pub(super) fn merge(args: &[Value]) -> Answer {
    let mut spans: Vec<Span> = match arg(args, 0) {
        Value::Array(items) => items.iter().map(span).collect::<Result<_, _>>()?,
        Value::Set(items) => items.iter().map(span).collect::<Result<_, _>>()?,
        _ => return Err(Fault::Undefined),
    };
    spans.sort_by_key(|span| (span.last, span.first));
    let mut merged: Vec<Span> = Vec::new();
    for span in spans.into_iter().rev() {
        match merged.last_mut() {
            Some(after) if before(after.first) <= span.last => {
                after.first = after.first.min(span.first);
                after.alone = None;
            }
            _ => merged.push(span),
        }
    }
    let mut networks = Vec::new();
    for span in merged {
        if let Some(text) = span.alone {
            networks.push(Value::from(text));
            continue;
        }
        let starts_v4 = (FIRST_V4..=LAST_V4).contains(&span.first);
        if starts_v4 && span.last > LAST_V4 {
            return Err(MAPPED);
        }
        for subnet in Ipv6Subnets::new(Ipv6Addr::from_bits(span.first), Ipv6Addr::from_bits(span.last), 0) {
            let shown = match subnet.network().to_ipv4_mapped() {
                Some(v4) if starts_v4 => format!("{v4}/{}", subnet.prefix_len().saturating_sub(96)),
                // Parts of a range of IPv6 that lie in the addresses of IPv4.
                Some(_) => return Err(MAPPED),
                None => subnet.to_string(),
            };
            networks.push(Value::from(shown));
        }
    }
    Ok(set(networks.into_iter()))
}

/// The address before, but for the first one of IPv4 and of IPv6.
fn before(first: u128) -> u128 {
    if first == FIRST_V4 {
        first
    } else {
        first.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, value};
    use super::*;

    #[test]
    fn networks_are_read_as_go_reads_them() {
        for valid in ["10.0.0.0/08", "10.1.2.3/8", "::/0", "::ffff:10.0.0.0/104", "1.2.3.4/32"] {
            assert_eq!(value("net.cidr_is_valid", &format!("[\"{valid}\"]")), "true", "{valid}");
        }
        for invalid in [
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "010.0.0.0/8",
            "fe80::%eth0/64",
            "::/129",
            "",
        ] {
            assert_eq!(
                value("net.cidr_is_valid", &format!("[\"{invalid}\"]")),
                "false",
                "{invalid}"
            );
        }
        assert_eq!(value("net.cidr_is_valid", "[7]"), "false");
    }

    #[test]
    fn containment_and_overlap() {
        let cases = [
            ("net.cidr_contains", r#"["10.0.0.0/8", "10.1.0.0/16"]"#, "true"),
            ("net.cidr_contains", r#"["10.0.0.0/8", "10.1.2.3"]"#, "true"),
            ("net.cidr_contains", r#"["10.0.0.0/8", "0.0.0.0/0"]"#, "false"),
            ("net.cidr_contains", r#"["10.0.0.0/8", "::ffff:10.1.2.3"]"#, "true"),
            ("net.cidr_contains", r#"["::/0", "10.0.0.1"]"#, "false"),
            ("net.cidr_contains", r#"["::ffff:0:0/96", "10.0.0.1"]"#, "true"),
            ("net.cidr_contains", r#"["::/80", "::/80"]"#, "true"),
            ("net.cidr_intersects", r#"["10.0.0.0/8", "10.1.0.0/16"]"#, "true"),
            ("net.cidr_intersects", r#"["10.1.0.0/16", "10.0.0.0/8"]"#, "true"),
            ("net.cidr_intersects", r#"["10.0.0.0/9", "10.128.0.0/9"]"#, "false"),
            ("net.cidr_intersects", r#"["::/0", "10.0.0.0/9"]"#, "false"),
        ];
        for (name, args, expected) in cases {
            assert_eq!(value(name, args), expected, "{name} {args}");
        }
        assert_eq!(
            call("net.cidr_contains", r#"["10.0.0.0/8", "x"]"#),
            Err(Fault::Undefined)
        );
        assert_eq!(
            call("net.cidr_intersects", r#"["10.0.0.0", "10.0.0.0/8"]"#),
            Err(Fault::Undefined)
        );
    }

    #[test]
    fn matches_name_their_elements() {
        let name = "net.cidr_contains_matches";
        assert_eq!(
            value(name, r#"["10.0.0.0/8", "10.1.0.0/16"]"#),
            r#"[["10.0.0.0/8","10.1.0.0/16"]]"#
        );
        let args = r#"[[["1.1.0.0/16", "x"], "2.0.0.0/8"], {"a": "1.1.1.1", "b": "3.3.3.3", "c": "2.1.1.1"}]"#;
        assert_eq!(value(name, args), r#"[[0,"a"],[1,"c"]]"#);
        assert_eq!(value(name, r#"[[], [7]]"#), "[]");
        assert_eq!(call(name, r#"[["1.0.0.0/8"], [7]]"#), Err(Fault::Undefined));
    }

    // The results are OPA's: `opa eval 'net.cidr_merge(…)'`.
    #[test]
    fn neighbors_and_overlaps_merge() {
        let cases = [
            (r#"["192.0.128.0/24", "192.0.129.0/24"]"#, r#"["192.0.128.0/23"]"#),
            (
                r#"["192.0.129.0/24", "192.0.130.0/24"]"#,
                r#"["192.0.129.0/24","192.0.130.0/24"]"#,
            ),
            (r#"["10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8"]"#, r#"["10.0.0.0/8"]"#),
            (r#"["192.168.1.1"]"#, r#"["192.168.1.1/24"]"#),
            (r#"["192.168.1.1", "192.168.1.2"]"#, r#"["192.168.1.0/24"]"#),
            (
                r#"["224.0.0.1", "1.2.3.4", "130.1.1.1"]"#,
                r#"["1.2.3.4/8","130.1.1.1/16","224.0.0.1/24"]"#,
            ),
            (r#"["::/1", "8000::/1"]"#, r#"["::/0"]"#),
            (r#"["0.0.0.0/0", "::/0"]"#, r#"["::/0"]"#),
            (r#"["0.0.0.0/1", "128.0.0.0/1"]"#, r#"["0.0.0.0/0"]"#),
            (
                r#"["2001:db8::/33", "2001:db8:8000::/33", "10.0.0.0/8"]"#,
                r#"["10.0.0.0/8","2001:db8::/32"]"#,
            ),
            ("[]", "[]"),
        ];
        for (networks, expected) in cases {
            assert_eq!(
                value("net.cidr_merge", &format!("[{networks}]")),
                expected,
                "{networks}"
            );
        }
        assert_eq!(call("net.cidr_merge", r#"[["2001:db8::1"]]"#), Err(Fault::Undefined));
        assert_eq!(call("net.cidr_merge", r#"[["::ffff:10.0.0.0/104"]]"#), Err(MAPPED));
    }

    #[test]
    fn expansion_is_a_set_of_all_addresses() {
        let expanded = call("net.cidr_expand", r#"["192.168.1.6/30"]"#).unwrap();
        assert!(matches!(expanded, Value::Set(_)));
        assert_eq!(
            expanded.to_string(),
            r#"["192.168.1.4","192.168.1.5","192.168.1.6","192.168.1.7"]"#
        );
        assert_eq!(
            value("net.cidr_expand", r#"["::1/126"]"#),
            r#"["::","::1","::2","::3"]"#
        );
    }
}
