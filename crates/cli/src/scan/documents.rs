//! Conftest packages: judges documents as they stand, each as it is read.

use std::cell::OnceCell;
use std::io;

use nephoscope_model::{Dialect, Document, digest};
use serde_json::Value;

use super::Scan;
use super::worker::{Worker, scope, version};
use crate::ledger::{Fate, Seen};

impl Scan<'_> {
    /// Returns whether documents are judged as they stand: the loaded policies decide, which are all of one shape.
    pub(super) fn takes_raw(&self) -> bool {
        !self.bundle.of_documents().is_empty()
    }
}

impl Worker<'_> {
    /// Judges a document, and enters what came of it.
    pub(super) fn judge_document(&mut self, document: &Document) -> io::Result<()> {
        let resource = nephoscope_normalize::resource_of(document);
        if !self.scan.selection.takes(&resource) {
            let seen = Seen::of(&resource.key);
            return (self.page).enter(
                seen,
                version(&resource),
                scope(&resource),
                Fate::Filtered,
                Vec::new(),
                None,
            );
        }
        // INVARIANT: the body of a document is JSON.
        let value: Value = serde_json::from_str(document.body.get())?;
        let (mut outcomes, mut findings) = (Vec::new(), Vec::new());
        // A rule sees all of it.
        let digest = OnceCell::new();
        let values = || digest.get_or_init(|| digest_of(document)).clone();
        let summary = OnceCell::new();
        for (policy, verdict) in self.evaluator.evaluate_document(&value) {
            outcomes.push((u32::try_from(policy).unwrap_or(u32::MAX), verdict.outcome));
            self.findings(policy, verdict, &resource, &summary, &values, &mut findings);
        }
        for finding in &mut findings {
            // A message does not say where in the document it belongs.
            finding.location.line = document.begin.and_then(|begin| u32::try_from(begin.line).ok());
        }
        let fate = Fate::Judged(outcomes);
        let seen = Seen::of(&resource.key);
        (self.page).enter(seen, version(&resource), scope(&resource), fate, findings, None)
    }
}

fn digest_of(document: &Document) -> String {
    digest([document.body.get()])
}

/// Returns whether a document is to be judged as it stands.
pub(super) fn is_raw(document: &Document) -> bool {
    document.dialect == Dialect::Raw
}
