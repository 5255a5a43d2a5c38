//! `AWS::EC2::SecurityGroup` → `network.firewall`.
//!
//! Source: EC2 API Reference `SecurityGroup` and `IpPermission`, AWS Config resource schema, read 2026-11-23.

use nephoscope_model::kinds::{Action, Direction, Peer, Rule};
use nephoscope_model::{Fact, Gap, Reason, Resource};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{CONFIG, CONFIGURATION, partition};
use crate::firewall::{self, Draft, Missing, PeerExt, Setting};
use crate::group::{Built, Context, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/rules", "/configuration/ipPermissions", Absence::Unknown),
    source("/rules", "/configuration/ipPermissionsEgress", Absence::Unknown),
    source("/open_to_internet", "/configuration/ipPermissions", Absence::Unknown),
    source(
        "/reaches_internet",
        "/configuration/ipPermissionsEgress",
        Absence::Unknown,
    ),
    source("/network", "/configuration/vpcId", Absence::Absent),
];

const NATIVE_TYPE: &str = "AWS::EC2::SecurityGroup";

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: NATIVE_TYPE,
    kind: "network.firewall",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<SecurityGroup>(CONFIGURATION)?)),
    build,
    lends: Some("/open_to_internet"),
    key: Some(key),
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecurityGroup {
    #[serde(default)]
    group_name: Text,
    #[serde(default)]
    vpc_id: Text,
    // A group without rules has empty lists; only a query that did not ask for them leaves them out.
    #[serde(default, deserialize_with = "stated")]
    ip_permissions: Option<Vec<Permission>>,
    #[serde(default, deserialize_with = "stated")]
    ip_permissions_egress: Option<Vec<Permission>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Permission {
    #[serde(default)]
    ip_protocol: Text,
    #[serde(default, deserialize_with = "json::integer")]
    from_port: Option<i64>,
    #[serde(default, deserialize_with = "json::integer")]
    to_port: Option<i64>,
    // Older items have only this list of strings, newer ones repeat here what `ipv4Ranges` says.
    #[serde(default, deserialize_with = "json::many")]
    ip_ranges: Vec<Range>,
    #[serde(default, deserialize_with = "json::many")]
    ipv4_ranges: Vec<Range>,
    #[serde(default, deserialize_with = "json::many")]
    ipv6_ranges: Vec<Range>,
    #[serde(default, deserialize_with = "json::many")]
    user_id_group_pairs: Vec<Pair>,
    #[serde(default, deserialize_with = "json::many")]
    prefix_list_ids: Vec<PrefixList>,
}

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected an address range or an object with `cidrIp` or `cidrIpv6`"
)]
enum Range {
    Text(String),
    Object {
        #[serde(alias = "cidrIpv6")]
        #[serde(rename = "cidrIp")]
        cidr: String,
        #[serde(default)]
        description: Text,
    },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pair {
    #[serde(default)]
    group_id: Text,
    #[serde(default)]
    group_name: Text,
    #[serde(default)]
    description: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PrefixList {
    #[serde(default)]
    prefix_list_id: Text,
    #[serde(default)]
    description: Text,
}

fn stated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Permission>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct List(#[serde(deserialize_with = "json::many")] Vec<Permission>);
    Ok(Option::<List>::deserialize(deserializer)?.map(|list| list.0))
}

/// Old items have no ARN. Source: Service Authorization Reference "Amazon EC2", resource `security-group`.
fn key(resource: &Resource) -> Option<String> {
    let Resource {
        account, region, id, ..
    } = resource;
    key_of(account, region, id)
}

fn key_of(account: &str, region: &str, id: &str) -> Option<String> {
    let stated = !account.is_empty() && !region.is_empty() && id.starts_with("sg-");
    stated.then(|| format!("arn:{}:ec2:{region}:{account}:security-group/{id}", partition(region)))
}

/// Returns whether one of the security groups `ids` of the account and region of `resource` lets the internet in at a TCP
/// port; one that does is enough, and that none does is known only where all of them were read.
pub(super) fn let_in(context: &Context<'_>, resource: &Resource, ids: &[&str], port: Option<u16>) -> Fact<bool> {
    let mut missing = Vec::new();
    let mut gap = None;
    for id in ids {
        let key = key_of(&resource.account, &resource.region, id).unwrap_or_default();
        let Some(lent) = context.lending.of(NATIVE_TYPE, &key) else {
            missing.push(*id);
            continue;
        };
        let open = lent.value();
        match (opens(open.as_ref(), port), lent.gap(), &open) {
            (Some(true), ..) => return Fact::Known(true),
            (None, ..) => gap = gap.or(Some(Gap::with(Reason::NotRead, "the port of the endpoint"))),
            (Some(false), Some(why), _) => gap = gap.or(Some(why.clone())),
            (Some(false), None, Some(_)) => {}
            // It was deleted.
            (Some(false), None, None) => missing.push(*id),
        }
    }
    missing.sort_unstable();
    if !missing.is_empty() || ids.is_empty() {
        let detail = format!("{NATIVE_TYPE} {}", missing.join(", "));
        gap = Some(Gap::with(Reason::NotRead, detail.trim_end()));
    }
    gap.map_or(Fact::Known(false), Fact::Unknown)
}

/// Returns whether a port is among those open; `None` where some are and it is not known which port it is.
fn opens(open: Option<&Value>, port: Option<u16>) -> Option<bool> {
    let port = port.map(u64::from);
    let of_tcp = open.and_then(Value::as_array).into_iter().flatten();
    let ranges: Vec<(u64, u64)> = of_tcp
        .filter(|exposure| exposure.get("protocol").and_then(Value::as_str) == Some("tcp"))
        .filter_map(|exposure| Some((exposure.get("from")?.as_u64()?, exposure.get("to")?.as_u64()?)))
        .collect();
    match port {
        _ if ranges.is_empty() => Some(false),
        Some(port) => Some(ranges.iter().any(|(from, to)| (*from..=*to).contains(&port))),
        None => None,
    }
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<SecurityGroup>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let lists = [
        (Direction::Ingress, &native.ip_permissions, "ipPermissions"),
        (Direction::Egress, &native.ip_permissions_egress, "ipPermissionsEgress"),
    ];
    let mut drafts = Vec::new();
    for (direction, permissions, field) in lists {
        for (index, permission) in permissions.iter().flatten().enumerate() {
            let (rule, gap) = rule(permission, direction);
            let pointer = format!("/configuration/{field}/{index}");
            drafts.push(Draft {
                rule,
                target: Vec::new(),
                gap,
                origin: piece.origin().cloned(),
                pointer,
            });
        }
    }
    let network = native.vpc_id.clone().take();
    let not_read = |field: &str| Gap::with(Reason::NotRead, format!("{field} of {}", group.main.resource.id));
    // Where no network is named an empty list says nothing: groups of EC2-Classic had no egress rules.
    let egress = match &native.ip_permissions_egress {
        None => Some(not_read("ipPermissionsEgress")),
        Some(rules) if rules.is_empty() && network.is_none() => Some(not_read("vpcId")),
        Some(_) => None,
    };
    let missing = Missing {
        ingress: native.ip_permissions.is_none().then(|| not_read("ipPermissions")),
        egress,
    };
    let setting = Setting {
        network: network.into(),
        missing,
        ..Setting::default()
    };
    let mut built = firewall::build(drafts, setting);
    built.name = native.group_name.clone().take();
    built
}

fn rule(permission: &Permission, direction: Direction) -> (Rule, Option<Gap>) {
    let protocol = permission
        .ip_protocol
        .0
        .as_deref()
        .map_or_else(|| "any".to_owned(), firewall::protocol);
    // For ICMP the two numbers are type and code; for other protocols without ports they have no meaning. Protocols
    // with ports leave both out, or write -1, when every port is meant.
    let port = |value: Option<i64>, every: u16| match value {
        _ if !firewall::has_ports(&protocol) => Fact::Absent,
        _ if protocol == "any" => Fact::Known(every),
        None | Some(-1) => Fact::Known(every),
        Some(port) => match u16::try_from(port) {
            Ok(port) => Fact::Known(port),
            Err(_) => Fact::Unknown(Gap::with(Reason::ParseError, format!("`{port}` is no port"))),
        },
    };
    let (from, to) = (port(permission.from_port, 0), port(permission.to_port, u16::MAX));
    let mut peers: Vec<Peer> = Vec::new();
    let mut descriptions: Vec<&Text> = Vec::new();
    let mut gap = None;
    let ranges = [&permission.ip_ranges, &permission.ipv4_ranges, &permission.ipv6_ranges];
    for range in ranges.into_iter().flatten() {
        let cidr = match range {
            Range::Text(cidr) => cidr,
            Range::Object { cidr, description } => {
                descriptions.push(description);
                cidr
            }
        };
        match firewall::network(cidr) {
            Some(net) => peers.push(Peer::of(net)),
            None => gap = Some(firewall::not_an_address(cidr)),
        }
    }
    for pair in &permission.user_id_group_pairs {
        descriptions.push(&pair.description);
        // Groups of EC2-Classic in other accounts have only a name.
        let group = pair.group_id.clone().take().or(pair.group_name.clone().take());
        peers.extend(group.map(|group| Peer {
            group: Some(group),
            ..Peer::default()
        }));
    }
    for list in &permission.prefix_list_ids {
        descriptions.push(&list.description);
        if let Some(id) = list.prefix_list_id.clone().take() {
            // What is in it stands in another resource, so whether it is the internet is not known here.
            gap = gap.or_else(|| Some(Gap::with(Reason::NotRead, id.clone())));
            peers.push(Peer {
                prefix_list: Some(id),
                ..Peer::default()
            });
        }
    }
    let mut descriptions: Vec<&str> = descriptions.into_iter().filter_map(|text| text.0.as_deref()).collect();
    descriptions.sort_unstable();
    descriptions.dedup();
    let rule = Rule {
        direction,
        action: Action::Allow,
        protocol: Fact::Known(protocol),
        from,
        to,
        peers: Fact::Known(peers),
        priority: Fact::Absent,
        enabled: Fact::Known(true),
        // AWS describes single ranges; where they differ there is no description of the rule.
        description: match descriptions.as_slice() {
            [only] if !only.is_empty() => Fact::Known((*only).to_owned()),
            _ => Fact::Absent,
        },
        native_id: Fact::Absent,
    };
    (rule, gap)
}
