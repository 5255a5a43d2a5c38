//! Lines and columns of findings, looked up in the inputs once all findings are known.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use nephoscope_model::{Finding, Findings, Origin, Outcome};
use nephoscope_read::{Input, Limits, Locator};

use crate::runs::{Budget, Sorted, Sorter};
use crate::spooled::Spool;

/// Takes findings in any order; those that stand at a place are looked up file by file, in the order of the text.
pub struct Faults {
    by_place: Sorter,
    /// What stands nowhere.
    others: Spool,
}

impl Faults {
    /// Takes nothing yet, and will hold a fourth of `budget` in memory.
    pub fn new(budget: Budget) -> Faults {
        Faults {
            by_place: Sorter::new(budget.part(8)),
            others: Spool::new(budget),
        }
    }

    /// Takes a finding.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be written.
    pub fn push(&mut self, finding: &Finding) -> io::Result<()> {
        if !matches!(finding.outcome, Outcome::Fail | Outcome::Waived) {
            return self.others.push(finding);
        }
        let origin = &finding.location.origin;
        let mut key = nephoscope_model::sort_key([origin.file.as_ref()]);
        key.extend(origin.offset.to_be_bytes());
        self.by_place.push(&key, &serde_json::to_vec(finding)?)
    }

    /// Returns all findings in the order of reports, every fault with line, column and snippet where they are found.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read or written.
    pub fn with_lines(self, inputs: &[Input], limits: &Limits) -> io::Result<Findings> {
        // An input need not be where its name says: standard input is kept in a temporary file.
        let places: BTreeMap<&str, Arc<str>> = inputs
            .iter()
            .filter_map(|input| Some((input.name.as_str(), Arc::from(input.path.as_ref()?.to_str()?))))
            .collect();
        let mut located = self.others;
        let mut locator = Locator::new(limits);
        let faults: Sorted = self.by_place.finish()?;
        let mut passage = Vec::new();
        let mut end = 0;
        for record in faults.iter() {
            let fault: Finding = serde_json::from_slice(&record?.value)?;
            let origin = &fault.location.origin;
            if !stands_in(&passage, end, origin) {
                look_up(&mut passage, &mut locator, &places, &mut located)?;
                end = 0;
            }
            end = end.max(origin.offset.saturating_add(origin.length));
            passage.push(fault);
        }
        look_up(&mut passage, &mut locator, &places, &mut located)?;
        located.finish()
    }
}

/// Returns whether a document overlaps those of a passage that ends at `end`: then they are looked up at once, since a
/// file is read forward.
fn stands_in(passage: &[Finding], end: u64, origin: &Origin) -> bool {
    let last = passage.last().map(|fault: &Finding| &fault.location.origin);
    last.is_some_and(|last| last.file == origin.file) && origin.offset < end
}

fn look_up(
    passage: &mut Vec<Finding>,
    locator: &mut Locator<'_>,
    places: &BTreeMap<&str, Arc<str>>,
    located: &mut Spool,
) -> io::Result<()> {
    let lookups: Vec<(Origin, String)> = passage
        .iter()
        .map(|finding| {
            let origin = &finding.location.origin;
            let file = places.get(origin.file.as_ref()).unwrap_or(&origin.file);
            (
                Origin {
                    file: Arc::clone(file),
                    ..origin.clone()
                },
                finding.location.pointer.clone(),
            )
        })
        .collect();
    for (mut finding, found) in passage.drain(..).zip(locator.find(&lookups)) {
        if let Some(found) = found {
            finding.location.line = Some(found.line);
            finding.location.column = Some(found.column);
            finding.location.mark = Some(found.mark);
            finding.location.snippet = found.snippet;
        }
        located.push(&finding)?;
    }
    Ok(())
}
