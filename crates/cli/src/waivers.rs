//! The waivers file: accepted findings as leases with owner, reason and expiry.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use globset::GlobMatcher;
use jiff::civil::Date;
use nephoscope_model::{Finding, Outcome, WaiverNote, WaiverRecord, WaiverState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config;

/// The waivers file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiversFile {
    /// Accepted findings.
    #[serde(default)]
    pub waivers: Vec<Waiver>,
}

/// One accepted finding or group of findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Its name in reports; unique in the file.
    pub id: String,
    /// Policy id (glob).
    pub policy: String,
    /// Resource id as the provider writes it (glob).
    #[serde(default)]
    pub resource: Option<String>,
    /// Account, subscription or project (glob).
    #[serde(default)]
    pub account: Option<String>,
    /// Region (glob).
    #[serde(default)]
    pub region: Option<String>,
    /// Fault key (glob), for example `ingress tcp/22 *`.
    #[serde(default)]
    pub key: Option<String>,
    /// Digest of the values that were accepted, as the report gives it in `values`: the waiver is void when they change.
    #[serde(default)]
    pub values: Option<String>,
    /// Who accepted it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds, UTC.
    #[schemars(with = "String")]
    pub expires: Date,
}

/// Waivers ready to be applied, in the order of the file.
#[derive(Default)]
pub struct Waivers {
    rows: Vec<Row>,
}

struct Row {
    waiver: Waiver,
    policy: GlobMatcher,
    resource: Option<GlobMatcher>,
    account: Option<GlobMatcher>,
    region: Option<GlobMatcher>,
    key: Option<GlobMatcher>,
    matched: u64,
    void: u64,
}

impl Waivers {
    /// Reads a waivers file.
    ///
    /// # Errors
    ///
    /// When the file is missing or not valid, an id is there twice, or owner, reason or scope is empty.
    pub fn read(file: &Path) -> Result<Waivers> {
        let parsed: WaiversFile = config::parse(file)?;
        Waivers::new(parsed.waivers).with_context(|| format!("`{}`", file.display()))
    }

    fn new(waivers: Vec<Waiver>) -> Result<Waivers> {
        let mut ids = BTreeSet::new();
        let mut rows = Vec::new();
        for waiver in waivers {
            let id = &waiver.id;
            if !ids.insert(id.clone()) {
                bail!("waiver `{id}` is there twice");
            }
            for (name, text) in [("owner", &waiver.owner), ("reason", &waiver.reason), ("id", &waiver.id)] {
                if text.trim().is_empty() {
                    bail!("waiver `{id}`: `{name}` is empty");
                }
            }
            if [&waiver.resource, &waiver.account, &waiver.region]
                .iter()
                .all(|scope| scope.is_none())
            {
                bail!("waiver `{id}` has no scope\nhelp: name `resource`, `account` or `region`; `*` means all");
            }
            let compile = |text: &Option<String>| text.as_deref().map(config::compile).transpose();
            rows.push(Row {
                policy: config::compile(&waiver.policy)?,
                resource: compile(&waiver.resource)?,
                account: compile(&waiver.account)?,
                region: compile(&waiver.region)?,
                key: compile(&waiver.key)?,
                waiver,
                matched: 0,
                void: 0,
            });
        }
        Ok(Waivers { rows })
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Turns an accepted `fail` into `waived`. The first waiver of the file that holds on `today` wins.
    pub fn apply(&mut self, finding: &mut Finding, today: Date) {
        if finding.outcome != Outcome::Fail {
            return;
        }
        let resource = &finding.resource;
        for row in &mut self.rows {
            let matches =
                |glob: &Option<GlobMatcher>, value: &str| glob.as_ref().is_none_or(|glob| glob.is_match(value));
            let inside = row.policy.is_match(&finding.policy.0)
                && matches(&row.resource, &resource.id)
                && matches(&row.account, &resource.account)
                && matches(&row.region, &resource.region)
                && matches(&row.key, &finding.key);
            if !inside {
                continue;
            }
            if row
                .waiver
                .values
                .as_ref()
                .is_some_and(|values| *values != finding.values)
            {
                row.void += 1;
                continue;
            }
            row.matched += 1;
            if today <= row.waiver.expires {
                finding.outcome = Outcome::Waived;
                finding.waiver = Some(WaiverNote {
                    id: row.waiver.id.clone(),
                    owner: row.waiver.owner.clone(),
                    reason: row.waiver.reason.clone(),
                    expires: row.waiver.expires,
                });
                return;
            }
        }
    }

    /// Returns what became of every waiver, sorted by id.
    pub fn records(&self, today: Date) -> Vec<WaiverRecord> {
        let mut records: Vec<_> = self
            .rows
            .iter()
            .map(|row| WaiverRecord {
                id: row.waiver.id.clone(),
                owner: row.waiver.owner.clone(),
                expires: row.waiver.expires,
                state: match row {
                    row if row.waiver.expires < today => WaiverState::Expired,
                    row if row.matched > 0 => WaiverState::Used,
                    row if row.void > 0 => WaiverState::Void,
                    _ => WaiverState::Unused,
                },
                findings: row.matched,
            })
            .collect();
        records.sort();
        records
    }
}
