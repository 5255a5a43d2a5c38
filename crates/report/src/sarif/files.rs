//! One file for each account, for the many accounts that one file may not hold.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;

use nephoscope_model::Assessment;

use super::runs::Runs;
use super::{Scope, Source};
use crate::format::ReportError;
use crate::options::Options;

/// One file of a report that is split by account.
pub struct SarifFile<'a> {
    /// A file name of letters, digits, `-`, `_` and `.`, for example `aws-111122223333.sarif`; no two of a report agree, whatever their case.
    pub name: String,
    write: &'a dyn Fn(&mut dyn Write) -> Result<(), ReportError>,
}

impl SarifFile<'_> {
    /// Writes the file's bytes.
    ///
    /// # Errors
    ///
    /// [`ReportError::Io`] when `out` does not take them or a finding cannot be read back, and what was written until then is no report.
    // Takes `self`, since the findings of a file are read once.
    pub fn write(self, out: &mut dyn Write) -> Result<(), ReportError> {
        (self.write)(out)
    }
}

impl fmt::Debug for SarifFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SarifFile")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Gives `each` one file for each account, sorted by provider and account; a file is made while it is written.
///
/// # Errors
///
/// The first one that `each` returns, and [`ReportError::Io`] when a finding cannot be read back.
pub fn sarif_by_account<E: From<ReportError>>(
    assessment: &Assessment,
    options: &Options,
    mut each: impl FnMut(SarifFile<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let source = Source::new(assessment, options).map_err(ReportError::from)?;
    let sorted = source.sorted().map_err(ReportError::from)?;
    let runs = Runs::new(&source, &sorted);
    let mut taken = BTreeSet::new();
    for scope in source.scopes() {
        let mut name = file_name(scope);
        if !taken.insert(name.to_lowercase()) {
            let (provider, account) = scope.map_or(("", ""), |(provider, account)| (provider.as_str(), account));
            let mark = nephoscope_model::digest([provider, account]);
            name = name.replace(".sarif", &format!("-{mark}.sarif"));
        }
        each(SarifFile {
            name,
            write: &|out| runs.write(&[scope], out),
        })?;
    }
    Ok(())
}

fn file_name(scope: Scope<'_>) -> String {
    let Some((provider, account)) = scope else {
        return "nephoscope.sarif".to_owned();
    };
    let plain: String = account
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.') {
                character
            } else {
                '_'
            }
        })
        .take(100)
        .collect();
    if plain.is_empty() {
        return format!("{provider}.sarif");
    }
    if plain != account {
        // Something was replaced or cut, so another account may look the same.
        let mark = nephoscope_model::digest([account]);
        return format!("{provider}-{plain}-{mark}.sarif");
    }
    format!("{provider}-{plain}.sarif")
}
