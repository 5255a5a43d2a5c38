//! Selection of resources by the flags of the command line.

use anyhow::{Result, bail};
use globset::GlobMatcher;
use nephoscope_model::Resource;

use crate::args::ScanArgs;
use crate::config::compile;

/// Which resources are judged.
#[derive(Default)]
pub struct Selection {
    accounts: Vec<GlobMatcher>,
    regions: Vec<GlobMatcher>,
    kinds: Vec<GlobMatcher>,
    tags: Vec<(String, GlobMatcher)>,
    /// The flags as given, for the coverage ledger.
    pub shown: Vec<String>,
}

impl Selection {
    /// Returns the selection of a command line.
    ///
    /// # Errors
    ///
    /// When a glob is not valid, or a tag has no `=`.
    pub fn new(args: &ScanArgs) -> Result<Selection> {
        let mut selection = Selection::default();
        for (flag, globs, into) in [
            ("--account", &args.account, &mut selection.accounts),
            ("--region", &args.region, &mut selection.regions),
            ("--kind", &args.kind, &mut selection.kinds),
        ] {
            for glob in globs {
                into.push(compile(glob)?);
                selection.shown.push(format!("{flag} {glob}"));
            }
        }
        for tag in &args.tag {
            let Some((key, value)) = tag.split_once('=') else {
                bail!("`--tag {tag}`: expected KEY=VALUE");
            };
            selection.tags.push((key.to_owned(), compile(value)?));
            selection.shown.push(format!("--tag {tag}"));
        }
        Ok(selection)
    }

    /// Returns whether a resource is to be judged.
    pub fn takes(&self, resource: &Resource) -> bool {
        let any =
            |globs: &[GlobMatcher], value: &str| globs.is_empty() || globs.iter().any(|glob| glob.is_match(value));
        any(&self.accounts, &resource.account)
            && any(&self.regions, &resource.region)
            && any(&self.kinds, resource.kind.as_str())
            && self
                .tags
                .iter()
                .all(|(key, value)| resource.tags.get(key).is_some_and(|found| value.is_match(found)))
    }
}
