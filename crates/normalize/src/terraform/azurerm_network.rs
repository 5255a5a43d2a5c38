//! Networks from which planned services of Azure accept requests: the switch for public access, and a block of rules.
//!
//! Source: Terraform AzureRM provider documentation of `azurerm_key_vault`, `azurerm_container_registry` and
//! `azurerm_servicebus_namespace`, `public_network_access_enabled` (true unless set) and `default_action`, read 2026-11-25.

use nephoscope_model::Fact;
use nephoscope_model::kinds::NetworkScope;

use super::planned::{Planned, Spot};
use crate::firewall;

/// Returns the scope by the arguments of the service. `block` is the place of its rules, `addresses` reads those that the
/// rules let in.
pub(super) fn scope(
    service: &Planned,
    block: &str,
    addresses: fn(&Spot<'_>) -> Fact<Vec<String>>,
) -> Fact<NetworkScope> {
    match service
        .computed("/public_network_access_enabled")
        .flag()
        .or_default(true)
    {
        Fact::Known(false) => return Fact::Known(NetworkScope::Private),
        Fact::Unknown(gap) => return Fact::Unknown(gap),
        _ => {}
    }
    let rules = match service.computed(block).block() {
        Fact::Known(rules) | Fact::Partial(rules, _) => rules,
        Fact::Absent => return Fact::Known(NetworkScope::Any),
        Fact::Unknown(gap) => return Fact::Unknown(gap),
    };
    match rules.at("/default_action").text() {
        Fact::Known(action) if action.eq_ignore_ascii_case("deny") => {}
        Fact::Unknown(gap) => return Fact::Unknown(gap),
        _ => return Fact::Known(NetworkScope::Any),
    }
    // A default action that denies can be undone by halves of the internet.
    let listed = addresses(&rules);
    match (listed.value().is_none_or(|list| firewall::are_few(list)), listed.gap()) {
        (false, _) => Fact::Known(NetworkScope::Any),
        (true, Some(gap)) => Fact::Unknown(gap.clone()),
        (true, None) => Fact::Known(NetworkScope::Selected),
    }
}
