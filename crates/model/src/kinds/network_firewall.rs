//! `network.firewall`: packet filter rules.

use schemars::JsonSchema;
use serde::Serialize;

use crate::fact::Fact;

/// Attributes of `network.firewall`: a security group, a network security group, a VPC firewall rule.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct NetworkFirewall {
    /// The rules in canonical order, with the provider's default rules where the source states them.
    pub rules: Fact<Vec<Rule>>,
    /// What the internet can reach through it, after priorities and denials: port ranges that do not overlap within one
    /// (protocol, family), maximal for one peer, sorted by (protocol, from, family). Open to the internet is what lets
    /// in at least a /4's worth of public IPv4 addresses, or a /12's worth of IPv6 addresses of `2000::/3`, in however
    /// many rules and blocks.
    pub open_to_internet: Fact<Vec<Exposure>>,
    /// What of the internet can be reached from behind it, in the same form: what its rules let out, with the provider's
    /// own rule for what no rule speaks of. A Google Cloud network lets everything out that no firewall denies; that is
    /// a rule of the network, so of a firewall only what it allows itself is here.
    pub reaches_internet: Fact<Vec<Exposure>>,
    /// The network it belongs to, as the provider writes it.
    pub network: Fact<String>,
    /// Connections are logged.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub logging: Fact<bool>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Rule {
    /// Which way, seen from the protected side.
    pub direction: Direction,
    /// What happens.
    pub action: Action,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `any`, another name in lower case, or a protocol number.
    #[schemars(default)]
    pub protocol: Fact<String>,
    /// Lowest destination port; 0 for every port, absent where the protocol has none.
    #[schemars(default)]
    pub from: Fact<u16>,
    /// Highest destination port; 65535 for every port, absent where the protocol has none.
    #[schemars(default)]
    pub to: Fact<u16>,
    /// The other side: sources of ingress, destinations of egress.
    #[schemars(default)]
    pub peers: Fact<Vec<Peer>>,
    /// Lower wins; absent where all rules allow.
    #[schemars(default)]
    pub priority: Fact<u32>,
    /// In force.
    #[schemars(default)]
    pub enabled: Fact<bool>,
    /// For people.
    #[schemars(default)]
    pub description: Fact<String>,
    /// The rule's own name or id.
    #[schemars(default)]
    pub native_id: Fact<String>,
}

/// Which way, seen from the protected side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// In.
    Ingress,
    /// Out.
    Egress,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Lets pass.
    Allow,
    /// Drops.
    Deny,
}

/// One member of a rule's other side. Exactly one of the fields is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, JsonSchema)]
#[serde(default)]
pub struct Peer {
    /// IPv4 range with its host bits cleared: `10.0.0.0/8`. Everyone is `0.0.0.0/0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr4: Option<String>,
    /// IPv6 range with its host bits cleared. Everyone is `::/0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr6: Option<String>,
    /// Another firewall, application security group or security group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// A managed list of ranges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_list: Option<String>,
    /// A provider's name for a set of ranges, other than the internet as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tag: Option<String>,
    /// A network tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// A service account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
}

/// Packets that may come from the internet, or go to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Exposure {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, another name or number; `any` stands for every protocol not listed on its own,
    /// and a rule for any protocol is listed under `tcp`, `udp` and `any`.
    pub protocol: String,
    /// Lowest port; absent where the protocol has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u16>,
    /// Highest port; absent where the protocol has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<u16>,
    /// Which internet.
    pub family: Family,
    /// Who is at the other side: `0.0.0.0/0` or `::/0` when less than 1/256 of the public addresses of that family is
    /// left out, else the largest block with public addresses that may pass as a whole, the lowest of several.
    pub peer: String,
    /// Indexes into `rules` of the rules that let it pass, ascending; none where it is a rule of the provider that the source
    /// leaves out.
    pub rules: Vec<usize>,
}

/// Address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}
