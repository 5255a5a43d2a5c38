//! How different resources are in what policies read: equal values need judging once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, anyhow};
use nephoscope::builtin;
use nephoscope::values::ReadSet;
use nephoscope_policy::{Bundle, Options};

use crate::items;

/// So many items are looked at.
const SAMPLE: usize = 20_000;

/// The shares of distinct read-set values among the resources that each policy judges.
pub(crate) struct Shares {
    /// Median over policies, 0 to 1.
    pub(crate) median: f64,
    /// Policies of which at least a fifth of what they read differs.
    pub(crate) varied: usize,
    /// Policies that judge something.
    pub(crate) policies: usize,
}

/// Returns how different the resources in the first items of a file are.
///
/// # Errors
///
/// When the file cannot be read, or the shipped policies cannot be loaded.
pub(crate) fn shares(file: &Path) -> Result<Shares> {
    let bundle = Bundle::load(&[builtin::root()], &Options::default())
        .map_err(|error| anyhow!("{error}"))?
        .configured();
    let read_sets: Vec<ReadSet> = (0..bundle.policies().len())
        .map(|index| ReadSet::of(bundle.read_set_paths(index)))
        .collect();
    let resources = items::resources(file, SAMPLE)?;
    let mut values_of: BTreeMap<usize, (u32, BTreeSet<String>)> = BTreeMap::new();
    for resource in &resources {
        for policy in bundle.policies_for(resource.kind) {
            let Some(reads) = read_sets.get(*policy) else { continue };
            let (judged, distinct) = values_of.entry(*policy).or_default();
            *judged += 1;
            distinct.insert(reads.digest(resource));
        }
    }
    let mut shares: Vec<f64> = (values_of.into_values())
        .map(|(judged, distinct)| f64::from(u32::try_from(distinct.len()).unwrap_or(u32::MAX)) / f64::from(judged))
        .collect();
    shares.sort_by(f64::total_cmp);
    Ok(Shares {
        median: shares.get(shares.len() / 2).copied().unwrap_or_default(),
        varied: shares.iter().filter(|share| **share >= 0.2).count(),
        policies: shares.len(),
    })
}
