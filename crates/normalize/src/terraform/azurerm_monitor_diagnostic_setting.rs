//! `azurerm_monitor_diagnostic_setting` of the blob service of a storage account: its access log.
//!
//! A target that is known only after apply is a reference, which leaves out what follows it in the text: with
//! `"${azurerm_storage_account.a.id}/blobServices/default"` a plan says of which account a setting is, not of which of its
//! services. Source: Terraform AzureRM provider documentation of `azurerm_monitor_diagnostic_setting`, versions 2 to 4;
//! Azure Monitor "Supported log categories", `Microsoft.Storage/storageAccounts/blobServices`, read 2026-11-25.

use nephoscope_model::kinds::Logging;
use nephoscope_model::{Document, Fact, Gap, Resource};
use serde_json::{Map, Value};

use super::planned::{self, Change, Planned, either};
use super::{PLAN, join};
use crate::azure;
use crate::edge::unknown_log;
use crate::group::{Built, Found, Group, Piece};
use crate::mapping::{Absence, Mapping, Native, Role, Source, source};

pub(super) const NATIVE_TYPE: &str = "azurerm_monitor_diagnostic_setting";

const ACCOUNT: &str = "azurerm_storage_account";
const TARGET: &str = "target_resource_id";

/// Where logs may go, the workspace first.
const DESTINATIONS: &[&str] = &[
    "/log_analytics_workspace_id",
    "/storage_account_id",
    "/eventhub_authorization_rule_id",
];

const KEYS: &[&str] = &[
    TARGET,
    "enabled_log",
    "log",
    "log_analytics_workspace_id",
    "storage_account_id",
    "eventhub_authorization_rule_id",
];

const SOURCES: &[Source] = &[
    source("/logging/enabled", "/values/enabled_log", Absence::Default("false")),
    source("/logging/enabled", "/values/log", Absence::Default("false")),
    source("/logging/enabled", "/values/target_resource_id", Absence::Unknown),
    source("/logging/target", "/values/log_analytics_workspace_id", Absence::Absent),
    source("/logging/target", "/values/storage_account_id", Absence::Absent),
    source(
        "/logging/target",
        "/values/eventhub_authorization_rule_id",
        Absence::Absent,
    ),
];

pub(super) const OF_BLOBS: Mapping = Mapping {
    dialects: PLAN,
    native_type: NATIVE_TYPE,
    kind: "storage.bucket",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    role: Role::Part {
        of: ACCOUNT,
        names: names_of_account,
    },
    for_id: Some(|target| is_of(target, "storageaccounts", ACCOUNT)),
    ..Mapping::BASE
};

/// Settings of whatever has no row of its own, and those that do not say what they are of.
pub(super) const OF_OTHERS: Mapping = Mapping {
    dialects: PLAN,
    native_type: NATIVE_TYPE,
    kind: "other",
    read: |body| planned::read(body, KEYS),
    build: |_| Built {
        attributes: Value::Object(Map::new()),
        ..Built::default()
    },
    role: Role::Whole,
    ..Mapping::BASE
};

/// Returns what a planned setting is of: an id of Azure, else the address of a resource; "" where the plan does not say.
pub(crate) fn target(document: &Document) -> String {
    let Ok(change) = serde_json::from_str::<Change>(document.body.get()) else {
        return String::new();
    };
    let text = |values: &Option<Map<String, Value>>| Some(values.as_ref()?.get(TARGET)?.as_str()?.to_owned());
    let referred = || {
        let addresses = change.references.get(&format!("/{TARGET}"))?;
        let mut resources = addresses.iter().filter(|address| planned::is_resource(address));
        let first = resources.next()?;
        let alike = resources.all(|other| join::type_of(other) == join::type_of(first));
        alike.then(|| first.clone())
    };
    let found = text(&change.values).or_else(referred).or_else(|| text(&change.before));
    found.unwrap_or_default()
}

/// Returns whether a target is of one type, by the segment of Azure's ids that precedes its name or by Terraform's type.
fn is_of(target: &str, segment: &str, native_type: &str) -> bool {
    azure::segment(target, segment).is_some() || join::type_of(target) == native_type
}

fn names_of_account(resource: &Resource, native: Option<&Native>) -> Vec<String> {
    let Some(planned) = native.and_then(|native| native.downcast_ref::<Planned>()) else {
        return vec![join::within(resource, &format!("the target of {}", resource.id))];
    };
    let account = |planned: &Planned| {
        let id = planned.at(format!("/{TARGET}")).text().value().cloned()?;
        let of_blobs = azure::segment(&id, "blobservices").is_some();
        let name = azure::segment(&id, "storageaccounts").filter(|_| of_blobs);
        Some(name.map(|name| join::within(resource, &name.to_ascii_lowercase())))
    };
    // Settings of the account itself and of its other services are no log of blobs.
    if let Some(stated) = account(planned) {
        return stated.into_iter().collect();
    }
    if let Some(address) = join::referred(planned, TARGET, ACCOUNT) {
        return vec![join::within(resource, address)];
    }
    match planned.past.as_deref().and_then(account) {
        Some(past) => past.into_iter().collect(),
        None => vec![join::within(resource, &format!("the target of {}", resource.id))],
    }
}

/// Returns the access log of a storage account, and the setting that says it. One setting that logs is enough.
pub(super) fn logging<'a>(group: &Group<'a>, account: &Planned) -> (Logging, Option<&'a Piece>) {
    let mut missing = None;
    for piece in group.parts(NATIVE_TYPE) {
        match piece.get::<Planned>() {
            Found::Read(piece, setting) => match both(is_of_blobs(setting, account), logs(setting)) {
                Fact::Known(true) => {
                    let logging = Logging {
                        enabled: Fact::Known(true),
                        target: destination(setting),
                    };
                    return (logging, Some(piece));
                }
                Fact::Unknown(gap) => missing = Some(gap),
                _ => {}
            },
            Found::Failed(gap) => missing = Some(gap),
            Found::Missing => {}
        }
    }
    // A new account has just the settings of the plan.
    let missing = match account.created {
        true => missing.or_else(|| of_anything(group)),
        false => missing.or_else(|| Some(group.not_read(NATIVE_TYPE))),
    };
    let logging = match missing {
        Some(gap) => unknown_log(&gap),
        None => Logging {
            enabled: Fact::Known(false),
            target: Fact::Absent,
        },
    };
    (logging, None)
}

/// Returns the gap for a setting of the same plan that does not say what it is of.
fn of_anything(group: &Group<'_>) -> Option<Gap> {
    let file = |resource: &Resource| resource.origins.first().map(|origin| origin.file.clone());
    let here = file(&group.main.resource);
    let settings = group.context.planned(NATIVE_TYPE).iter();
    settings
        .filter(|piece| file(&piece.resource) == here)
        .find_map(|piece| match piece.get::<Planned>() {
            Found::Read(_, setting) => {
                let spot = setting.at(format!("/{TARGET}"));
                let open = spot.referred_resources().next().is_none();
                spot.text().gap().filter(|_| open).cloned()
            }
            Found::Failed(gap) => Some(gap),
            Found::Missing => None,
        })
}

/// Returns whether a setting of this account is of its blob service.
fn is_of_blobs(setting: &Planned, account: &Planned) -> Fact<bool> {
    let spot = setting.at(format!("/{TARGET}"));
    match spot.text() {
        // What states it and is of another service is no part.
        Fact::Known(_) | Fact::Partial(..) => Fact::Known(true),
        Fact::Absent => Fact::Unknown(spot.after_apply()),
        Fact::Unknown(gap) => {
            // These have no other service with a log. Source: Azure Storage "Storage account overview", types of accounts.
            let kind = account.at("/account_kind").text();
            match kind.value().map(String::as_str) {
                Some("BlobStorage" | "BlockBlobStorage") => Fact::Known(true),
                _ => Fact::Unknown(gap),
            }
        }
    }
}

/// Returns whether a setting logs at all. Blocks `log`, of versions before 4, may be there and off; on is their default.
fn logs(setting: &Planned) -> Fact<bool> {
    let any = setting
        .computed("/enabled_log")
        .items()
        .map(|blocks| !blocks.is_empty());
    let old = || match setting.computed("/log").items() {
        Fact::Known(blocks) | Fact::Partial(blocks, _) => {
            let on = blocks
                .iter()
                .map(|block| block.at("/enabled").flag().or_default(true))
                .collect::<Vec<_>>();
            match on.iter().find_map(Fact::gap) {
                _ if on.contains(&Fact::Known(true)) => Fact::Known(true),
                Some(gap) => Fact::Unknown(gap.clone()),
                None => Fact::Known(false),
            }
        }
        Fact::Absent => Fact::Known(false),
        Fact::Unknown(gap) => Fact::Unknown(gap),
    };
    match any {
        Fact::Known(false) => old(),
        other => either(other, old),
    }
}

fn both(one: Fact<bool>, other: Fact<bool>) -> Fact<bool> {
    match (one, other) {
        (Fact::Known(false), _) | (_, Fact::Known(false)) => Fact::Known(false),
        (Fact::Known(true), other) | (other, _) => other,
    }
}

fn destination(setting: &Planned) -> Fact<String> {
    let mut found = Fact::Absent;
    for at in DESTINATIONS {
        found = either(found, || setting.at(*at).text());
    }
    found
}

/// Notes where the log of an account stands.
pub(super) fn note(built: &mut Built, piece: &Piece) {
    let Found::Read(_, setting) = piece.get::<Planned>() else {
        return;
    };
    let on = |at: &str| (setting.at(at).items().value()).is_some_and(|blocks| !blocks.is_empty());
    let enabled = if on("/enabled_log") {
        "/values/enabled_log"
    } else {
        "/values/log"
    };
    built.from("/logging/enabled", piece, enabled);
    let target = DESTINATIONS.iter().find(|at| setting.at(**at).text() != Fact::Absent);
    if let Some(at) = target {
        built.from("/logging/target", piece, format!("/values{at}"));
    }
}
