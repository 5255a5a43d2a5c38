//! What was not seen: an incomplete scan fails here, so that no pipeline takes it for green.

use nephoscope_model::{Assessment, CoverageGap};

use super::names::Names;
use super::xml::{Case, Kind, Status};
use crate::options::{JunitPass, Options};
use crate::text::{self, MESSAGE, NAME};

/// Returns a case for the scan as a whole and one for each gap in what was asked for.
pub(super) fn cases(assessment: &Assessment, options: &Options) -> Vec<Case> {
    let mut cases = Vec::new();
    if !assessment.complete {
        let mut status = Status::new(Kind::Error);
        let reasons: Vec<String> = assessment
            .incomplete_because
            .iter()
            .map(|reason| text::line(reason, MESSAGE))
            .collect();
        status.message = Some("the scan is incomplete".to_owned());
        status.r#type = Some("incomplete".to_owned());
        if !reasons.is_empty() {
            status.description = Some(format!("\n{}\n", reasons.join("\n")));
        }
        cases.push(Case::new("the scan is complete", status));
    } else if options.junit_pass != JunitPass::None {
        cases.push(Case::new("the scan is complete", Status::new(Kind::Success)));
    }
    let mut names = Names::default();
    for gap in assessment.coverage.gaps.iter().filter(|gap| gap.incomplete) {
        let message = text::line(&gap.message, MESSAGE);
        let (kind, message) = match &gap.accepted_by {
            Some(owner) => (
                Kind::Skipped,
                format!("accepted by {}: {message}", text::line(owner, NAME)),
            ),
            None => (Kind::Error, message),
        };
        let mut status = Status::new(kind);
        status.message = Some(message);
        status.r#type = Some(gap.gap.reason.as_str().to_owned());
        cases.push(Case::new(names.unique(gap_name(gap)), status));
    }
    cases
}

fn gap_name(gap: &CoverageGap) -> String {
    let scope = &gap.scope;
    let provider = scope.provider.map(|provider| provider.as_str().to_owned());
    let mut name = gap.gap.reason.to_string();
    for part in [
        &provider,
        &scope.account,
        &scope.region,
        &scope.native_type,
        &scope.resource,
        &scope.input,
    ]
    .into_iter()
    .flatten()
    {
        name.push(' ');
        name.push_str(part);
    }
    if let Some(line) = gap.line {
        name.push_str(&format!(":{line}"));
    }
    text::line(&name, 2 * NAME)
}
