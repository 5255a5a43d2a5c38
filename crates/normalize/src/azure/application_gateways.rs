//! `Microsoft.Network/applicationGateways` → `network.load_balancer`.
//!
//! Without `sslPolicy` the default depends on the API version that made the gateway; newer ones say it as
//! `defaultPredefinedSslPolicy`, of others it is not known. The access log stands in diagnostic settings. Source: Azure REST
//! API reference `Application Gateways - Get`; "Application Gateway TLS policy overview"; "Azure Web Application Firewall on
//! Azure Application Gateway"; read 2026-11-25.

use std::collections::BTreeMap;

use nephoscope_model::kinds::{self, NetworkLoadBalancer, Scheme, TlsVersion, Waf};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::access_log::AccessLog;
use super::{ARM, PROPERTIES};
use crate::edge::{self, Draft};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/scheme", "/properties/frontendIPConfigurations", Absence::Unknown),
    source("/listeners", "/properties/httpListeners", Absence::Unknown),
    source("/listeners", "/properties/listeners", Absence::Default("[]")),
    source("/listeners", "/properties/frontendPorts", Absence::Unknown),
    source("/listeners", "/properties/requestRoutingRules", Absence::Unknown),
    source("/listeners", "/properties/redirectConfigurations", Absence::Unknown),
    source("/listeners", "/properties/urlPathMaps", Absence::Unknown),
    source("/listeners", "/properties/sslPolicy/policyName", Absence::Unknown),
    source(
        "/listeners",
        "/properties/sslPolicy/minProtocolVersion",
        Absence::Unknown,
    ),
    source("/listeners", "/properties/defaultPredefinedSslPolicy", Absence::Unknown),
    source("/listeners", "/properties/sslProfiles", Absence::Default("[]")),
    source(
        "/waf/attached",
        "/properties/firewallPolicy/id",
        Absence::Default("false"),
    ),
    source(
        "/waf/attached",
        "/properties/webApplicationFirewallConfiguration/enabled",
        Absence::Default("false"),
    ),
    source("/waf/id", "/properties/firewallPolicy/id", Absence::Absent),
];

pub(crate) const NATIVE_TYPE: &str = "Microsoft.Network/applicationGateways";

/// Source: "Supported logs for Microsoft.Network/applicationgateways", read 2026-11-25.
const ACCESS_LOG: &str = "ApplicationGatewayAccessLog";

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<ApplicationGateway>(PROPERTIES)?)),
    build,
    role: Role::Whole,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApplicationGateway {
    #[serde(default, rename = "frontendIPConfigurations")]
    frontends: Option<Vec<Child<Frontend>>>,
    #[serde(default, deserialize_with = "json::many")]
    frontend_ports: Vec<Child<FrontendPort>>,
    #[serde(default)]
    http_listeners: Option<Vec<Child<Listener>>>,
    /// Of TCP and TLS.
    #[serde(default, deserialize_with = "json::many")]
    listeners: Vec<Child<Listener>>,
    #[serde(default, deserialize_with = "json::many")]
    request_routing_rules: Vec<Child<Rule>>,
    #[serde(default, deserialize_with = "json::many")]
    redirect_configurations: Vec<Child<Redirect>>,
    #[serde(default, deserialize_with = "json::many")]
    url_path_maps: Vec<Child<PathMap>>,
    #[serde(default)]
    ssl_policy: Option<SslPolicy>,
    #[serde(default)]
    default_predefined_ssl_policy: Text,
    #[serde(default, deserialize_with = "json::many")]
    ssl_profiles: Vec<Child<SslProfile>>,
    #[serde(default)]
    firewall_policy: Option<Reference>,
    #[serde(default)]
    web_application_firewall_configuration: Option<FirewallConfiguration>,
}

/// A resource in a list of the gateway.
#[derive(Debug, Deserialize)]
struct Child<T> {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    name: Text,
    #[serde(default = "Option::default")]
    properties: Option<T>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(default)]
    id: Text,
}

#[derive(Debug, Deserialize)]
struct Frontend {
    #[serde(default, rename = "publicIPAddress")]
    public_ip_address: Option<Reference>,
}

#[derive(Debug, Deserialize)]
struct FrontendPort {
    #[serde(default, deserialize_with = "json::integer")]
    port: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listener {
    #[serde(default)]
    protocol: Text,
    #[serde(default)]
    frontend_port: Option<Reference>,
    #[serde(default)]
    ssl_profile: Option<Reference>,
    #[serde(default)]
    firewall_policy: Option<Reference>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    #[serde(default)]
    http_listener: Option<Reference>,
    #[serde(default)]
    redirect_configuration: Option<Reference>,
    #[serde(default)]
    url_path_map: Option<Reference>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PathMap {
    #[serde(default)]
    default_redirect_configuration: Option<Reference>,
    #[serde(default, deserialize_with = "json::many")]
    path_rules: Vec<Child<PathRule>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PathRule {
    #[serde(default)]
    redirect_configuration: Option<Reference>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Redirect {
    #[serde(default)]
    target_listener: Option<Reference>,
    #[serde(default)]
    target_url: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SslPolicy {
    #[serde(default)]
    policy_name: Text,
    #[serde(default)]
    min_protocol_version: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SslProfile {
    #[serde(default)]
    ssl_policy: Option<SslPolicy>,
}

#[derive(Debug, Deserialize)]
struct FirewallConfiguration {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
}

/// The predefined policies. Source: "Application Gateway TLS policy overview", read 2026-11-25.
const POLICIES: &[(&str, TlsVersion)] = &[
    ("AppGwSslPolicy20150501", TlsVersion::Tls10),
    ("AppGwSslPolicy20170401", TlsVersion::Tls11),
    ("AppGwSslPolicy20170401S", TlsVersion::Tls12),
    ("AppGwSslPolicy20220101", TlsVersion::Tls12),
    ("AppGwSslPolicy20220101S", TlsVersion::Tls12),
];

/// Ids as Azure compares them.
fn id(text: &Text) -> Option<String> {
    text.0
        .as_deref()
        .filter(|id| !id.is_empty())
        .map(str::to_ascii_lowercase)
}

fn target(reference: Option<&Reference>) -> Option<String> {
    id(&reference?.id)
}

fn by_id<T>(children: &[Child<T>]) -> BTreeMap<String, &T> {
    (children.iter())
        .filter_map(|child| Some((id(&child.id)?, child.properties.as_ref()?)))
        .collect()
}

fn predefined(name: &str) -> Option<TlsVersion> {
    let found = POLICIES.iter().find(|(policy, _)| policy.eq_ignore_ascii_case(name))?;
    Some(found.1)
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<ApplicationGateway>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let resource = &group.main.resource;
    let not_read = |what: &str| Gap::with(Reason::NotRead, format!("{what} of {}", resource.id));
    let lookup = Lookup::of(native);
    let http = native.http_listeners.as_deref().unwrap_or_default();
    let lists = [(http, "httpListeners"), (&native.listeners, "listeners")];
    let mut drafts = Vec::new();
    for (list, field) in lists {
        for (index, child) in list.iter().enumerate() {
            drafts.push(Draft {
                listener: lookup.listener(child, &not_read),
                origin: piece.origin().cloned(),
                pointer: format!("/properties/{field}/{index}"),
            });
        }
    }
    let public = |frontend: &Child<Frontend>| {
        let address = frontend.properties.as_ref()?.public_ip_address.as_ref()?;
        id(&address.id)
    };
    let scheme = match native.frontends.as_deref() {
        None | Some([]) => Fact::Unknown(not_read("frontendIPConfigurations")),
        Some(frontends) if frontends.iter().any(|one| public(one).is_some()) => Fact::Known(Scheme::Internet),
        Some(_) => Fact::Known(Scheme::Internal),
    };
    let log = AccessLog::of_parts(group, ACCESS_LOG);
    let balancer = NetworkLoadBalancer {
        scheme,
        logging: log.logging(),
        waf: waf(native),
        ..NetworkLoadBalancer::default()
    };
    let missing = native.http_listeners.is_none().then(|| not_read("httpListeners"));
    let mut built = edge::build(balancer, drafts, missing);
    log.note(&mut built);
    built
}

/// A firewall policy of the gateway or of every listener, or the gateway's own configuration of a firewall.
fn waf(native: &ApplicationGateway) -> Waf {
    let policy = native
        .firewall_policy
        .as_ref()
        .and_then(|policy| policy.id.clone().take());
    let configuration = native.web_application_firewall_configuration.as_ref();
    let own = configuration.and_then(|one| one.enabled) == Some(true);
    let http = native.http_listeners.as_deref().unwrap_or_default();
    let guarded = |child: &Child<Listener>| {
        let listener = child.properties.as_ref();
        listener.is_some_and(|listener| target(listener.firewall_policy.as_ref()).is_some())
    };
    let each = !http.is_empty() && http.iter().all(guarded);
    Waf {
        attached: Fact::Known(policy.is_some() || own || each),
        id: policy.into(),
    }
}

/// What listeners name by id.
struct Lookup<'a> {
    native: &'a ApplicationGateway,
    ports: BTreeMap<String, &'a FrontendPort>,
    listeners: BTreeMap<String, &'a Listener>,
    redirects: BTreeMap<String, &'a Redirect>,
    maps: BTreeMap<String, &'a PathMap>,
    profiles: BTreeMap<String, &'a SslProfile>,
}

impl<'a> Lookup<'a> {
    fn of(native: &'a ApplicationGateway) -> Self {
        Lookup {
            native,
            ports: by_id(&native.frontend_ports),
            listeners: by_id(native.http_listeners.as_deref().unwrap_or_default()),
            redirects: by_id(&native.redirect_configurations),
            maps: by_id(&native.url_path_maps),
            profiles: by_id(&native.ssl_profiles),
        }
    }

    fn listener(&self, child: &Child<Listener>, not_read: &dyn Fn(&str) -> Gap) -> kinds::Listener {
        let native = child.properties.as_ref();
        let protocol = native.and_then(|listener| id(&listener.protocol));
        let port = target(native.and_then(|listener| listener.frontend_port.as_ref()))
            .and_then(|id| self.ports.get(&id)?.port);
        let redirects_to_https = match protocol.as_deref() {
            Some("http") => self.redirects(child, not_read),
            Some(_) => Fact::Absent,
            None => Fact::Unknown(not_read("protocol of a listener")),
        };
        let (tls_policy, min_tls_version) = match protocol.as_deref() {
            Some(name) if edge::is_encrypted(name) => self.tls(native, not_read),
            _ => (Fact::Absent, Fact::Absent),
        };
        kinds::Listener {
            name: child.name.clone().take().into(),
            protocol: protocol.map_or_else(|| Fact::Unknown(not_read("protocol of a listener")), Fact::Known),
            port: edge::port(port, &not_read("frontendPorts")),
            redirects_to_https,
            tls_policy,
            min_tls_version,
        }
    }

    /// Returns whether the rules of a listener send everything to HTTPS; a listener without a rule is not known.
    fn redirects(&self, child: &Child<Listener>, not_read: &dyn Fn(&str) -> Gap) -> Fact<bool> {
        let Some(own) = id(&child.id) else {
            return Fact::Unknown(not_read("id of a listener"));
        };
        let rules: Vec<&Rule> = (self.native.request_routing_rules.iter())
            .filter_map(|rule| rule.properties.as_ref())
            .filter(|rule| target(rule.http_listener.as_ref()).as_ref() == Some(&own))
            .collect();
        if rules.is_empty() {
            return Fact::Unknown(not_read("requestRoutingRules"));
        }
        Fact::Known(rules.into_iter().all(|rule| self.rule_redirects(rule)))
    }

    fn rule_redirects(&self, rule: &Rule) -> bool {
        let Some(map) = target(rule.url_path_map.as_ref()) else {
            return self.to_https(rule.redirect_configuration.as_ref());
        };
        let Some(map) = self.maps.get(&map) else {
            return false;
        };
        let paths = map.path_rules.iter().map(|path| path.properties.as_ref());
        self.to_https(map.default_redirect_configuration.as_ref()) && { paths }
            .all(|path| self.to_https(path.and_then(|path| path.redirect_configuration.as_ref())))
    }

    fn to_https(&self, reference: Option<&Reference>) -> bool {
        let Some(redirect) = target(reference).and_then(|id| self.redirects.get(&id).copied()) else {
            return false;
        };
        let https = |listener: &&Listener| id(&listener.protocol).as_deref() == Some("https");
        let listener = target(redirect.target_listener.as_ref()).and_then(|id| self.listeners.get(&id).copied());
        let url = id(&redirect.target_url).is_some_and(|url| url.starts_with("https://"));
        url || listener.as_ref().is_some_and(https)
    }

    /// The policy of the listener's profile stands before that of the gateway, and that before the default.
    fn tls(&self, native: Option<&Listener>, not_read: &dyn Fn(&str) -> Gap) -> (Fact<String>, Fact<TlsVersion>) {
        let profile = target(native.and_then(|listener| listener.ssl_profile.as_ref()));
        let policy = match profile {
            Some(profile) => match self.profiles.get(&profile) {
                Some(profile) => profile.ssl_policy.as_ref().or(self.native.ssl_policy.as_ref()),
                None => {
                    let gap = not_read("sslProfiles");
                    return (Fact::Unknown(gap.clone()), Fact::Unknown(gap));
                }
            },
            None => self.native.ssl_policy.as_ref(),
        };
        let name = match policy {
            Some(policy) => policy.policy_name.clone().take(),
            None => self.native.default_predefined_ssl_policy.clone().take(),
        };
        let stated = policy.and_then(|policy| version(policy.min_protocol_version.0.as_deref()?));
        let known = name.as_deref().and_then(predefined).or(stated);
        let version = known.map_or_else(|| Fact::Unknown(not_read("sslPolicy")), Fact::Known);
        (name.into(), version)
    }
}

fn version(name: &str) -> Option<TlsVersion> {
    match name.to_ascii_lowercase().as_str() {
        "tlsv1_0" => Some(TlsVersion::Tls10),
        "tlsv1_1" => Some(TlsVersion::Tls11),
        "tlsv1_2" => Some(TlsVersion::Tls12),
        "tlsv1_3" => Some(TlsVersion::Tls13),
        _ => None,
    }
}
