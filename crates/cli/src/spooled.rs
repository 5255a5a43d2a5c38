//! Findings in order, beyond a bounded amount on disk.

use std::io;
use std::sync::Arc;

use nephoscope_model::{
    Entry, EntryIter, Finding, FindingCounts, FindingIter, FindingStore, Findings, JsonIter, PolicyId, first_of_key,
};

use crate::packed::Packed;
use crate::runs::{Budget, Sorted, Sorter};

/// Takes findings in any order and gives them back in the order of reports.
pub struct Spool {
    sorter: Sorter,
    budget: Budget,
    counts: FindingCounts,
    /// The bytes of one finding.
    bytes: Vec<u8>,
}

impl Spool {
    /// Returns an empty spool that holds an eighth of `budget` in memory.
    pub fn new(budget: Budget) -> Spool {
        Spool {
            sorter: Sorter::new(budget.part(8)),
            budget,
            counts: FindingCounts::default(),
            bytes: Vec::new(),
        }
    }

    /// Takes a finding.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be written.
    pub fn push(&mut self, finding: Packed<'_>) -> io::Result<()> {
        self.counts.add_one(finding.outcome, finding.severity, finding.baseline);
        self.bytes.clear();
        // What the order is known by already is not kept twice.
        let mut rest = finding;
        (rest.place, rest.order) = (&[], &[]);
        rest.write(&mut self.bytes);
        self.sorter.push(finding.order, &self.bytes)
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
            by_policy: true,
        };
        Ok(Findings::new(Arc::new(store), self.counts))
    }
}

#[derive(Debug)]
struct Spooled {
    sorted: Sorted,
    budget: Budget,
    /// Whether the keys begin with the policy.
    by_policy: bool,
}

impl FindingStore for Spooled {
    fn iter(&self) -> io::Result<FindingIter<'_>> {
        Ok(Box::new(self.sorted.iter().map(|record| read(&record?.value))))
    }

    fn entries(&self) -> io::Result<EntryIter<'_>> {
        if !self.by_policy {
            return Ok(Box::new(self.iter()?.map(|finding| finding.map(Entry::from))));
        }
        Ok(Box::new(self.sorted.iter().map(|record| {
            let record = record?;
            let packed = Packed::read(&mut record.value.as_slice())?;
            let (outcome, severity) = (packed.outcome, packed.severity);
            let policy = PolicyId(first_of_key(&record.key));
            Ok(Entry::kept(policy, outcome, severity, record.value, read))
        })))
    }

    fn json(&self) -> io::Result<Option<JsonIter<'_>>> {
        let records = self.sorted.iter();
        Ok(Some(Box::new(
            records.map(|record| Packed::read(&mut record?.value.as_slice())?.json()),
        )))
    }

    fn sorted_by(&self, key: &mut dyn FnMut(&Finding) -> Option<Vec<u8>>) -> io::Result<Arc<dyn FindingStore>> {
        let mut sorter = Sorter::new(self.budget.part(8));
        for (number, record) in (0_u64..).zip(self.sorted.iter()) {
            let record = record?;
            if let Some(mut key) = key(&read(&record.value)?) {
                // Findings of one key stay in this order.
                key.extend(number.to_be_bytes());
                sorter.push(&key, &record.value)?;
            }
        }
        Ok(Arc::new(Spooled {
            sorted: sorter.finish()?,
            budget: self.budget,
            by_policy: false,
        }))
    }
}

fn read(mut bytes: &[u8]) -> io::Result<Finding> {
    Packed::read(&mut bytes)?.finding()
}
