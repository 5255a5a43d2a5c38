//! `Microsoft.Insights/diagnosticSettings` of a blob service: the access log of a storage account; of a cluster: the logs of
//! its control plane; of an application gateway, an API Management service and a CDN profile: the log of requests
//! ([`access_log`](super::access_log)). Those of a subscription are resources of their own, see
//! [`subscription_log`](super::subscription_log).
//!
//! Settings of other resources are resources of kind `other`. Source: Azure REST API reference `Diagnostic Settings -
//! Get`, read 2026-11-23.

use serde::Deserialize;

use super::{ARM, PROPERTIES, managed_clusters, storage_account, whole_before};
use crate::json;
use crate::mapping::{Absence, Mapping, Role, Source, source};

pub(crate) const NATIVE_TYPE: &str = "Microsoft.Insights/diagnosticSettings";

/// What follows the id of the resource that a setting is of.
pub(super) const PROVIDER: &str = "/providers/microsoft.insights/diagnosticsettings/";

const SOURCES: &[Source] = &[
    source("/logging/enabled", "/properties/logs", Absence::Default("false")),
    source("/logging/target", "/properties/workspaceId", Absence::Absent),
    source("/logging/target", "/properties/storageAccountId", Absence::Absent),
    source(
        "/logging/target",
        "/properties/eventHubAuthorizationRuleId",
        Absence::Absent,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "storage.bucket",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<DiagnosticSetting>(PROPERTIES)?)),
    role: Role::Part {
        of: storage_account::NATIVE_TYPE,
        names: |resource, _| {
            let id = resource.id.to_ascii_lowercase();
            let of_blobs =
                id.contains("/storageaccounts/") && id.contains("/blobservices/default/providers/microsoft.insights/");
            if of_blobs {
                whole_before(&id, "/blobservices/")
            } else {
                Vec::new()
            }
        },
    },
    ..Mapping::BASE
};

const CLUSTER_SOURCES: &[Source] = &[
    source("/logs/enabled", "/properties/logs", Absence::Default("false")),
    source("/logs/audit", "/properties/logs", Absence::Default("false")),
];

pub(crate) const CLUSTER_MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "container.cluster",
    sources: CLUSTER_SOURCES,
    read: |body| Ok(Box::new(body.section::<DiagnosticSetting>(PROPERTIES)?)),
    role: Role::Part {
        of: managed_clusters::NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, PROVIDER),
    },
    for_id: Some(|id| is_of(id, managed_clusters::NATIVE_TYPE)),
    ..Mapping::BASE
};

/// Returns whether a setting is of a resource of this type, and not of one below it.
pub(super) fn is_of(id: &str, native_type: &str) -> bool {
    let id = id.to_ascii_lowercase();
    let (whole, _) = id.split_once(PROVIDER).unwrap_or_default();
    let kind = format!("/providers/{}/", native_type.to_ascii_lowercase());
    whole.split_once(&kind).is_some_and(|(_, name)| !name.contains('/'))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DiagnosticSetting {
    #[serde(default, deserialize_with = "json::many")]
    logs: Vec<Log>,
    #[serde(default)]
    workspace_id: Option<String>,
    #[serde(default)]
    storage_account_id: Option<String>,
    #[serde(default)]
    event_hub_authorization_rule_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
    // One of the two is set.
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    category_group: Option<String>,
}

impl DiagnosticSetting {
    pub(crate) fn logs(&self) -> bool {
        self.logs.iter().any(|log| log.enabled == Some(true))
    }

    /// Returns the categories and groups of categories that are logged.
    pub(crate) fn categories(&self) -> impl Iterator<Item = &str> {
        let on = self.logs.iter().filter(|log| log.enabled == Some(true));
        on.flat_map(|log| [&log.category, &log.category_group])
            .filter_map(|name| name.as_deref())
            .filter(|name| !name.is_empty())
    }

    /// Where the log goes, and where that stands: the workspace before the account before the event hub.
    pub(crate) fn target(&self) -> Option<(String, &'static str)> {
        let targets = [
            (&self.workspace_id, "/properties/workspaceId"),
            (&self.storage_account_id, "/properties/storageAccountId"),
            (
                &self.event_hub_authorization_rule_id,
                "/properties/eventHubAuthorizationRuleId",
            ),
        ];
        (targets.into_iter()).find_map(|(id, pointer)| Some((id.clone().filter(|id| !id.is_empty())?, pointer)))
    }
}
