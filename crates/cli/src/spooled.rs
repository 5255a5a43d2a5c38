//! Findings in order, beyond a bounded amount on disk.

use std::io;
use std::sync::Arc;

use nephoscope_model::{
    Entry, EntryIter, Finding, FindingCounts, FindingIter, FindingStore, Findings, JsonIter, PolicyId, Reader,
    first_of_key,
};

use crate::ledger::{Replaced, unbound};
use crate::packed::Packed;
use crate::runs::{Budget, Record, Sorted, Sorter};

/// Takes findings in any order and gives them back in the order of reports.
pub struct Spool {
    sorter: Sorter,
    budget: Budget,
    counts: FindingCounts,
    /// What is in that order already.
    entered: Option<Entered>,
    /// The bytes of one finding.
    bytes: Vec<u8>,
}

/// Findings as a ledger has them. Left out are those of replaced versions, and those that are to be looked up, which are taken apart.
#[derive(Debug)]
struct Entered {
    all: Sorted,
    replaced: Replaced,
}

impl Spool {
    /// Returns an empty spool that holds an eighth of `budget` in memory.
    pub fn new(budget: Budget) -> Spool {
        Spool {
            sorter: Sorter::new(budget.part(8)),
            budget,
            counts: FindingCounts::default(),
            entered: None,
            bytes: Vec::new(),
        }
    }

    /// Gives back what a ledger has, too; it is counted apart.
    pub fn hold(&mut self, all: Sorted, replaced: Replaced) {
        self.entered = Some(Entered { all, replaced });
    }

    /// Counts a finding of what is held.
    pub fn count(&mut self, finding: &Packed<'_>) {
        self.counts.add_one(finding.outcome, finding.severity, finding.baseline);
    }

    /// Takes a finding.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be written.
    pub fn push(&mut self, finding: Packed<'_>) -> io::Result<()> {
        self.count(&finding);
        self.bytes.clear();
        // It is looked up, or need not be.
        let mut rest = finding;
        rest.place = &[];
        let order = rest.write_rest(&mut self.bytes);
        unbound(&mut self.bytes);
        self.sorter.push(order, &self.bytes)
    }

    /// Returns all findings, sorted by (policy, resource key, fault key, path).
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read or written.
    pub fn finish(self) -> io::Result<Findings> {
        let own = self.sorter.finish()?;
        let (sorted, replaced) = match self.entered {
            None => (own, None),
            Some(Entered { all, replaced }) => (all.with(own), Some(replaced)),
        };
        let store = Spooled {
            sorted,
            replaced,
            budget: self.budget,
            by_policy: true,
        };
        Ok(Findings::new(Arc::new(store), self.counts))
    }
}

#[derive(Debug)]
struct Spooled {
    sorted: Sorted,
    /// Where what a ledger has is among them: what is left out.
    replaced: Option<Replaced>,
    budget: Budget,
    /// Whether the keys begin with the policy.
    by_policy: bool,
}

impl Spooled {
    fn records(&self) -> impl Iterator<Item = io::Result<Record>> {
        self.sorted.iter().filter_map(|record| {
            let told = |record: Record| Ok(self.tells(&record)?.then_some(record));
            record.and_then(told).transpose()
        })
    }

    fn tells(&self, record: &Record) -> io::Result<bool> {
        match &self.replaced {
            None => Ok(true),
            Some(replaced) => {
                Ok(!replaced.has(&record.value)? && Packed::read(&mut record.value.as_slice())?.place.is_empty())
            }
        }
    }
}

impl FindingStore for Spooled {
    fn iter(&self) -> io::Result<FindingIter<'_>> {
        Ok(Box::new(self.records().map(|record| read(&record?.value))))
    }

    fn entries(&self) -> io::Result<EntryIter<'_>> {
        if !self.by_policy {
            return Ok(Box::new(self.iter()?.map(|finding| finding.map(Entry::from))));
        }
        Ok(Box::new(self.records().map(|record| {
            let record = record?;
            let packed = Packed::read(&mut record.value.as_slice())?;
            let (outcome, severity) = (packed.outcome, packed.severity);
            let policy = PolicyId(first_of_key(&record.key));
            Ok(Entry::kept(policy, outcome, severity, record.value, READER))
        })))
    }

    fn json(&self) -> io::Result<Option<JsonIter<'_>>> {
        let records = self.records();
        Ok(Some(Box::new(
            records.map(|record| Packed::read(&mut record?.value.as_slice())?.json()),
        )))
    }

    fn sorted_by(&self, key: &mut dyn FnMut(&Finding) -> Option<Vec<u8>>) -> io::Result<Arc<dyn FindingStore>> {
        let mut sorter = Sorter::new(self.budget.part(8));
        for (number, record) in (0_u64..).zip(self.records()) {
            let record = record?;
            if let Some(mut key) = key(&read(&record.value)?) {
                // Findings of one key stay in this order.
                key.extend(number.to_be_bytes());
                sorter.push(&key, &record.value)?;
            }
        }
        Ok(Arc::new(Spooled {
            sorted: sorter.finish()?,
            replaced: None,
            budget: self.budget,
            by_policy: false,
        }))
    }
}

const READER: Reader = Reader {
    finding: read,
    unknown: |mut bytes| Packed::read(&mut bytes)?.unknown(),
};

fn read(mut bytes: &[u8]) -> io::Result<Finding> {
    Packed::read(&mut bytes)?.finding()
}
