//! Whether there is an audit trail for an account: what its trails lend, and whether all of them were read.

use nephoscope_model::{Fact, Gap, Reason, Resource};
use serde_json::Value;

use crate::group::Context;

/// Returns whether a trail of the account of `resource` lends `true`; that none does is known only where all of them were
/// read.
pub(crate) fn audited(context: &Context<'_>, resource: &Resource, native_type: &str, all_read: bool) -> Fact<bool> {
    let mut unknown = None;
    for lent in context.lending.of_account(native_type, &resource.account) {
        match lent.value() {
            Some(Value::Bool(true)) => return Fact::Known(true),
            _ => unknown = unknown.or_else(|| lent.gap().cloned()),
        }
    }
    match unknown {
        Some(gap) => Fact::Unknown(gap),
        None if all_read => Fact::Known(false),
        None => Fact::Unknown(Gap::with(
            Reason::NotRead,
            format!("every {native_type} of {}", resource.id),
        )),
    }
}
