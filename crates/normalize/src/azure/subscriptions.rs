//! `Microsoft.Resources/subscriptions` → `account.scope`.
//!
//! Where its activity log goes is said by its own diagnostic settings, see [`subscription_log`](super::subscription_log).
//!
//! Source: Azure REST API reference `Subscriptions - Get`, read 2026-11-23.

use nephoscope_model::kinds::AccountScope;

use super::{ARM, diagnostic_settings};
use crate::audited::audited;
use crate::group::{Built, Group};
use crate::mapping::{Mapping, Role};

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.Resources/subscriptions",
    kind: "account.scope",
    build,
    // Its diagnostic settings may follow.
    role: Role::Whole,
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let resource = &group.main.resource;
    let all_read = group.extensions_read_in_full(&resource.key.0, diagnostic_settings::NATIVE_TYPE);
    Built::new(&AccountScope {
        audit_trail: audited(group.context, resource, diagnostic_settings::NATIVE_TYPE, all_read),
        ..AccountScope::default()
    })
}
