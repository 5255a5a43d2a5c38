//! A store whose findings are made anew each time they are read, that knows how many are alive, and that can fail.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, Weak};

use nephoscope_model::{Finding, FindingCounts, FindingIter, FindingStore, Findings, ResourceSummary};

/// After how many findings the store looks at which are still alive.
const EACH: usize = 256;
/// How many may be: as many as the cut lists of the human report hold for the policies of a test, and a few on their way.
const ALIVE: usize = 100;

/// Where reading fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fails {
    Never,
    /// In every pass, after so many findings.
    After(u32),
    /// Only in what was sorted, after so many findings.
    SortedAfter(u32),
}

type Make = dyn Fn(u32) -> Finding + Send + Sync;

#[derive(Clone)]
struct Generated {
    make: Arc<Make>,
    order: Vec<u32>,
    fails: Fails,
    /// The resources of all findings that were made and may be alive. A finding cannot be kept without its resource.
    made: Arc<Mutex<Vec<Weak<ResourceSummary>>>>,
}

impl fmt::Debug for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generated").finish_non_exhaustive()
    }
}

impl Generated {
    fn make(&self, index: u32) -> Finding {
        let finding = (self.make)(index);
        let mut made = self.made.lock().unwrap();
        if made.len() >= EACH {
            made.retain(|resource| resource.strong_count() > 0);
            assert!(made.len() <= ALIVE, "{} findings are alive", made.len());
        }
        made.push(Arc::downgrade(&finding.resource));
        finding
    }
}

impl FindingStore for Generated {
    fn iter(&self) -> io::Result<FindingIter<'_>> {
        let mut left = match self.fails {
            Fails::Never | Fails::SortedAfter(_) => u32::MAX,
            Fails::After(number) => number,
        };
        Ok(Box::new(self.order.iter().map(move |index| {
            left = left
                .checked_sub(1)
                .ok_or_else(|| io::Error::other("the disk is gone"))?;
            Ok(self.make(*index))
        })))
    }

    fn sorted_by(&self, key: &mut dyn FnMut(&Finding) -> Option<Vec<u8>>) -> io::Result<Arc<dyn FindingStore>> {
        let mut keyed = Vec::new();
        for (finding, index) in self.iter()?.zip(&self.order) {
            keyed.extend(key(&finding?).map(|key| (key, *index)));
        }
        keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
        let fails = match self.fails {
            Fails::SortedAfter(number) => Fails::After(number),
            other => other,
        };
        Ok(Arc::new(Generated {
            order: keyed.into_iter().map(|(_, index)| index).collect(),
            fails,
            ..self.clone()
        }))
    }
}

/// Returns `number` findings that `make` makes from their index.
pub(crate) fn generated(number: u32, fails: Fails, make: impl Fn(u32) -> Finding + Send + Sync + 'static) -> Findings {
    let mut counts = FindingCounts::default();
    (0..number).for_each(|index| counts.add(&make(index)));
    let store = Generated {
        make: Arc::new(make),
        order: (0..number).collect(),
        fails,
        made: Arc::default(),
    };
    Findings::new(Arc::new(store), counts)
}

/// Returns the findings in memory, each with a resource of its own, so that those of the store are not kept alive.
pub(crate) fn copied(findings: &Findings) -> Vec<Finding> {
    findings.iter().map(|finding| fresh(&finding.unwrap())).collect()
}

/// Returns the same findings in a store that makes them anew.
pub(crate) fn restored(findings: &Findings, fails: Fails) -> Findings {
    let list = copied(findings);
    generated(u32::try_from(list.len()).unwrap(), fails, move |index| {
        fresh(&list[index as usize])
    })
}

fn fresh(finding: &Finding) -> Finding {
    Finding {
        resource: Arc::new(finding.resource.as_ref().clone()),
        ..finding.clone()
    }
}
