//! Lines and columns of findings, looked up in the inputs once all findings are known.

use std::collections::BTreeMap;
use std::sync::Arc;

use nephoscope_model::{Finding, Origin, Outcome};
use nephoscope_read::{Input, Limits};

/// Fills line, column and snippet of every fault's location.
pub fn lines(findings: &mut [Finding], inputs: &[Input], limits: &Limits) {
    // An input need not be where its name says: standard input is kept in a temporary file.
    let places: BTreeMap<&str, Arc<str>> = inputs
        .iter()
        .filter_map(|input| Some((input.name.as_str(), Arc::from(input.path.as_ref()?.to_str()?))))
        .collect();
    let mut faults: Vec<&mut Finding> = findings
        .iter_mut()
        .filter(|finding| matches!(finding.outcome, Outcome::Fail | Outcome::Waived))
        .collect();
    let lookups: Vec<(Origin, String)> = faults
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
    for (finding, found) in faults.iter_mut().zip(nephoscope_read::locate(&lookups, limits)) {
        if let Some(found) = found {
            finding.location.line = Some(found.line);
            finding.location.column = Some(found.column);
            finding.location.mark = Some(found.mark);
            finding.location.snippet = found.snippet;
        }
    }
}
