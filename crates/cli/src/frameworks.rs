//! Frameworks: catalogs of controls, and what a scan says of them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use nephoscope_model::{Compliance, ControlResult, ControlStatus, CoverageGap, PolicyId, PolicyInfo, Tally};
use serde::Deserialize;

use crate::builtin;

const SCHEMA: &str = "nephoscope/framework/1";

/// One catalog: `policies/frameworks/<id>.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    schema: String,
    /// Id, as `controls` of a policy names it.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Version of the catalog.
    pub version: String,
    /// Where ids and texts come from, and their license.
    pub source: String,
    text: TextUse,
    /// Whether it lists every control.
    pub complete: bool,
    #[serde(default)]
    controls: Vec<Control>,
}

/// What may be shown of a framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TextUse {
    Full,
    IdsOnly,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    id: String,
    #[serde(default)]
    title: Option<String>,
}

/// Returns the shipped catalogs, sorted by id.
///
/// # Errors
///
/// When one is not valid, lists a control twice, or holds text that its license forbids to show.
pub fn all() -> Result<Vec<Framework>> {
    let mut found = Vec::new();
    for (name, bytes) in builtin::frameworks() {
        let framework: Framework = serde_json::from_slice(bytes).with_context(|| format!("framework `{name}`"))?;
        framework.check().with_context(|| format!("framework `{name}`"))?;
        found.push(framework);
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

/// Returns the shipped catalog `id`.
///
/// # Errors
///
/// When there is none; the message names those there are.
pub fn named(id: &str) -> Result<Framework> {
    let all = all()?;
    let names: Vec<String> = all.iter().map(|framework| framework.id.clone()).collect();
    match all.into_iter().find(|framework| framework.id == id) {
        Some(framework) => Ok(framework),
        None => bail!("there is no framework `{id}`\nhelp: there are {}", names.join(", ")),
    }
}

impl Framework {
    fn check(&self) -> Result<()> {
        if self.schema != SCHEMA {
            bail!("schema `{}`, expected `{SCHEMA}`", self.schema);
        }
        let mut seen = BTreeSet::new();
        for control in &self.controls {
            if !seen.insert(&control.id) {
                bail!("control `{}` is there twice", control.id);
            }
            if self.text == TextUse::IdsOnly && control.title.is_some() {
                bail!("control `{}` has a title, though only ids may be shown", control.id);
            }
        }
        Ok(())
    }

    /// Returns the controls that policies name and a complete catalog does not list.
    pub fn unlisted<'p>(&self, policies: impl Iterator<Item = &'p PolicyInfo>) -> Vec<String> {
        let listed: BTreeSet<&str> = self.controls.iter().map(|control| control.id.as_str()).collect();
        let named = policies.filter_map(|info| info.controls.get(&self.id)).flatten();
        let unlisted: BTreeSet<&String> = named.filter(|id| !listed.contains(id.as_str())).collect();
        unlisted.into_iter().filter(|_| self.complete).cloned().collect()
    }

    /// Returns what a scan says of every control; of a catalog that lists none, of those that policies name.
    ///
    /// `gaps` are what was not read and nobody accepted; `judges` says whether a policy judges what a gap is about.
    pub fn assess(
        &self,
        policies: &[PolicyInfo],
        tallies: &[Tally],
        gaps: &[CoverageGap],
        judges: impl Fn(&PolicyInfo, &CoverageGap) -> bool,
    ) -> Compliance {
        let mut mapped: BTreeMap<&str, Vec<&PolicyInfo>> = BTreeMap::new();
        for info in policies {
            for control in info.controls.get(&self.id).into_iter().flatten() {
                mapped.entry(control).or_default().push(info);
            }
        }
        let mut counts: BTreeMap<&PolicyId, [u64; 3]> = BTreeMap::new();
        for tally in tallies {
            let [fail, unknown, pass] = counts.entry(&tally.policy).or_default();
            *fail += tally.fail;
            *unknown += tally.unknown + tally.error;
            *pass += tally.pass + tally.waived;
        }
        let listed: BTreeSet<&str> = self.controls.iter().map(|control| control.id.as_str()).collect();
        let further = mapped.keys().filter(|id| !listed.contains(**id)).map(|id| (*id, None));
        let controls = (self.controls.iter())
            .map(|control| (control.id.as_str(), control.title.clone()))
            .chain(further)
            .map(|(id, title)| {
                let infos = mapped.get(id).map(Vec::as_slice).unwrap_or_default();
                let mut sum = [0; 3];
                for info in infos {
                    let own = counts.get(&info.id).copied().unwrap_or_default();
                    sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
                }
                let [fail, unknown, pass] = sum;
                let unread = gaps.iter().any(|gap| infos.iter().any(|info| judges(info, gap)));
                ControlResult {
                    control: id.to_owned(),
                    title,
                    status: match (fail, unknown, pass) {
                        (1.., _, _) => ControlStatus::Fail,
                        (0, 1.., _) => ControlStatus::Unknown,
                        _ if unread => ControlStatus::Unknown,
                        (0, 0, 1..) => ControlStatus::Pass,
                        (0, 0, 0) => ControlStatus::NotAssessed,
                    },
                    policies: infos.iter().map(|info| info.id.clone()).collect(),
                    fail,
                    unknown,
                    pass,
                }
            })
            .collect();
        Compliance {
            framework: self.id.clone(),
            title: self.title.clone(),
            version: self.version.clone(),
            complete: self.complete,
            controls,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin;

    #[test]
    fn every_catalog_is_valid_and_every_control_of_a_policy_is_listed() {
        let bundle =
            nephoscope_policy::Bundle::load(&[builtin::root()], &nephoscope_policy::Options::default()).unwrap();
        let infos: Vec<&PolicyInfo> = bundle.policies().iter().map(|policy| &policy.info).collect();
        let all = all().unwrap();
        for framework in &all {
            let unlisted = framework.unlisted(infos.iter().copied());
            assert!(unlisted.is_empty(), "{}: {unlisted:?}", framework.id);
        }
        for info in &infos {
            for id in info.controls.keys() {
                assert!(
                    all.iter().any(|framework| framework.id == *id),
                    "{}: no catalog `{id}`",
                    info.id
                );
            }
        }
    }

    #[test]
    fn unknown_is_never_pass() {
        let framework: Framework = serde_json::from_str(
            r#"{"schema": "nephoscope/framework/1", "id": "f", "title": "F", "version": "1", "source": "us", "text": "full",
                "complete": true, "controls": [{"id": "1"}, {"id": "2"}]}"#,
        )
        .unwrap();
        let info = PolicyInfo {
            controls: BTreeMap::from([("f".to_owned(), vec!["1".to_owned()])]),
            ..bundle_info()
        };
        let tally = |fail, unknown, pass| Tally {
            policy: info.id.clone(),
            provider: nephoscope_model::Provider::Aws,
            account: String::new(),
            region: String::new(),
            native_type: String::new(),
            fail,
            error: 0,
            unknown,
            waived: 0,
            pass,
            not_applicable: 0,
        };
        let gap = CoverageGap {
            scope: nephoscope_model::GapScope::default(),
            gap: nephoscope_model::Gap::new(nephoscope_model::Reason::Truncated),
            message: String::new(),
            line: None,
            offset: None,
            incomplete: true,
            accepted_by: None,
        };
        let status = |tallies: &[Tally], gaps: &[CoverageGap]| {
            let compliance = framework.assess(std::slice::from_ref(&info), tallies, gaps, |_, _| true);
            compliance
                .controls
                .iter()
                .map(|control| control.status)
                .collect::<Vec<_>>()
        };
        use ControlStatus::{Fail, NotAssessed, Pass, Unknown};
        assert_eq!(status(&[tally(1, 1, 1)], &[]), [Fail, NotAssessed]);
        assert_eq!(status(&[tally(0, 1, 5)], &[]), [Unknown, NotAssessed]);
        assert_eq!(status(&[tally(0, 0, 5)], &[]), [Pass, NotAssessed]);
        assert_eq!(
            status(&[tally(0, 0, 5)], std::slice::from_ref(&gap)),
            [Unknown, NotAssessed]
        );
        assert_eq!(status(&[], &[]), [NotAssessed, NotAssessed]);
    }

    fn bundle_info() -> PolicyInfo {
        let bundle =
            nephoscope_policy::Bundle::load(&[builtin::root()], &nephoscope_policy::Options::default()).unwrap();
        bundle.policies()[0].info.clone()
    }
}
