//! Findings in order, beyond a bounded amount on disk.

use std::io;
use std::sync::Arc;

use nephoscope_model::{Finding, FindingCounts, FindingIter, FindingStore, Findings, sort_key};

use crate::runs::{Budget, Sorted, Sorter};

/// Takes findings in any order and gives them back in the order of reports.
pub struct Spool {
    sorter: Sorter,
    budget: Budget,
    counts: FindingCounts,
}

impl Spool {
    /// Returns an empty spool that holds an eighth of `budget` in memory.
    pub fn new(budget: Budget) -> Spool {
        Spool {
            sorter: Sorter::new(budget.part(8)),
            budget,
            counts: FindingCounts::default(),
        }
    }

    /// Takes a finding.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be written.
    pub fn push(&mut self, finding: &Finding) -> io::Result<()> {
        self.counts.add(finding);
        let parts = [&finding.policy.0, &finding.resource.key.0, &finding.key, &finding.path];
        self.sorter
            .push(&sort_key(parts.map(String::as_str)), &serde_json::to_vec(finding)?)
    }

    /// Returns all findings, sorted by (policy, resource key, fault key, path).
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read or written.
    pub fn finish(self) -> io::Result<Findings> {
        let store = Spooled {
            sorted: self.sorter.finish()?,
            budget: self.budget,
        };
        Ok(Findings::new(Arc::new(store), self.counts))
    }
}

#[derive(Debug)]
struct Spooled {
    sorted: Sorted,
    budget: Budget,
}

impl FindingStore for Spooled {
    fn iter(&self) -> io::Result<FindingIter<'_>> {
        Ok(Box::new(
            self.sorted
                .iter()
                .map(|record| Ok(serde_json::from_slice(&record?.value)?)),
        ))
    }

    fn sorted_by(&self, key: &mut dyn FnMut(&Finding) -> Option<Vec<u8>>) -> io::Result<Arc<dyn FindingStore>> {
        let mut sorter = Sorter::new(self.budget.part(8));
        for (number, record) in (0_u64..).zip(self.sorted.iter()) {
            let record = record?;
            if let Some(mut key) = key(&serde_json::from_slice(&record.value)?) {
                // Findings of one key stay in this order.
                key.extend(number.to_be_bytes());
                sorter.push(&key, &record.value)?;
            }
        }
        Ok(Arc::new(Spooled {
            sorted: sorter.finish()?,
            budget: self.budget,
        }))
    }
}
