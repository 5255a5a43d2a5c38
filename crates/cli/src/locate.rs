//! Lines and columns of findings, looked up in the inputs once all findings are known.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use nephoscope_model::{Findings, Location, Origin};
use nephoscope_read::{Input, Limits, Locator};

use crate::ledger::Replaced;
use crate::packed::Packed;
use crate::runs::{Budget, Sorted, Sorter};
use crate::spooled::Spool;

/// Takes findings in any order; those that stand at a place are looked up file by file, in the order of the text.
pub struct Faults {
    by_place: Sorter,
    /// What stands nowhere, or was found while its document was at hand.
    others: Spool,
    /// The bytes of one finding.
    bytes: Vec<u8>,
}

impl Faults {
    /// Takes nothing yet, and will hold a fourth of `budget` in memory.
    pub fn new(budget: Budget) -> Faults {
        Faults {
            by_place: Sorter::new(budget.part(8)),
            others: Spool::new(budget),
            bytes: Vec::new(),
        }
    }

    /// Gives back all findings of a ledger but those that are taken. See [`Faults::pass`].
    pub fn hold(&mut self, all: Sorted, replaced: Replaced) {
        self.others.hold(all, replaced);
    }

    /// Takes a finding of what is to be held, or counts it where it need not be looked up.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be written.
    pub fn pass(&mut self, finding: Packed<'_>) -> io::Result<()> {
        if finding.place.is_empty() {
            self.others.count(&finding);
            return Ok(());
        }
        self.push(finding)
    }

    /// Takes a finding.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be written.
    pub fn push(&mut self, finding: Packed<'_>) -> io::Result<()> {
        if finding.place.is_empty() {
            return self.others.push(finding);
        }
        self.bytes.clear();
        // What the order is known by already is not kept twice.
        let mut rest = finding;
        rest.place = &[];
        rest.write(&mut self.bytes);
        self.by_place.push(finding.place, &self.bytes)
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
            let bytes = record?.value;
            let location = Packed::read(&mut bytes.as_slice())?.location()?;
            let origin = &location.origin;
            if !stands_in(&passage, end, origin) {
                look_up(&mut passage, &mut locator, &places, &mut located)?;
                end = 0;
            }
            end = end.max(origin.offset.saturating_add(origin.length));
            passage.push(Fault { bytes, location });
        }
        look_up(&mut passage, &mut locator, &places, &mut located)?;
        located.finish()
    }
}

/// A finding and where it stands.
struct Fault {
    bytes: Vec<u8>,
    location: Location,
}

/// Returns whether a document overlaps those of a passage that ends at `end`: then they are looked up at once, since a
/// file is read forward.
fn stands_in(passage: &[Fault], end: u64, origin: &Origin) -> bool {
    let last = passage.last().map(|fault| &fault.location.origin);
    last.is_some_and(|last| last.file == origin.file) && origin.offset < end
}

fn look_up(
    passage: &mut Vec<Fault>,
    locator: &mut Locator<'_>,
    places: &BTreeMap<&str, Arc<str>>,
    located: &mut Spool,
) -> io::Result<()> {
    let (faults, lookups): (Vec<Vec<u8>>, Vec<(Origin, String)>) = passage
        .drain(..)
        .map(|Fault { bytes, location }| {
            let mut origin = location.origin;
            if let Some(file) = places.get(origin.file.as_ref()) {
                origin.file = Arc::clone(file);
            }
            (bytes, (origin, location.pointer))
        })
        .unzip();
    for (bytes, found) in faults.iter().zip(locator.find(&lookups)) {
        let fault = Packed::read(&mut bytes.as_slice())?;
        fault.shown(found, |fault| located.push(fault))?;
    }
    Ok(())
}
