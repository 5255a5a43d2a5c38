//! Network rules as several services write them: a switch for public access, a default action and allowed addresses.
//!
//! Source: Azure REST API reference `Vaults - Get`, `Registries - Get`, read 2026-11-25.

use nephoscope_model::kinds::NetworkScope;
use serde::Deserialize;

use crate::firewall;
use crate::json::{self, Text};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NetworkRules {
    #[serde(default)]
    default_action: Option<String>,
    #[serde(default, deserialize_with = "json::many")]
    ip_rules: Vec<IpRule>,
}

#[derive(Debug, Deserialize)]
struct IpRule {
    #[serde(default)]
    value: Text,
}

/// Returns the networks from which requests are accepted.
///
/// Allowed addresses that together are a large part of the internet count as every network: a default action that
/// denies can be undone by halves.
pub(crate) fn scope(public: Option<&str>, rules: Option<&NetworkRules>) -> NetworkScope {
    let is = |value: Option<&str>, name: &str| value.is_some_and(|value| value.eq_ignore_ascii_case(name));
    if is(public, "Disabled") {
        return NetworkScope::Private;
    }
    let denied = is(rules.and_then(|rules| rules.default_action.as_deref()), "Deny");
    let addresses = rules.map(|rules| rules.ip_rules.as_slice()).unwrap_or_default();
    let addresses: Vec<String> = addresses.iter().filter_map(|rule| rule.value.0.clone()).collect();
    match is(public, "SecuredByPerimeter") || (denied && firewall::are_few(&addresses)) {
        true => NetworkScope::Selected,
        false => NetworkScope::Any,
    }
}
