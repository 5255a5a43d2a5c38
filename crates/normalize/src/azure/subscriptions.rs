//! `Microsoft.Resources/subscriptions` → `account.scope`.
//!
//! Source: Azure REST API reference `Subscriptions - Get`, read 2026-11-23.

use nephoscope_model::kinds::AccountScope;

use super::ARM;
use crate::group::Built;
use crate::mapping::Mapping;

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.Resources/subscriptions",
    kind: "account.scope",
    build: |_| Built::new(&AccountScope::default()),
    ..Mapping::BASE
};
