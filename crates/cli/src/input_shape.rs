//! `--input-shape`: what policies are given to judge.

use anyhow::{Result, bail};
use clap::ValueEnum;
use nephoscope_policy::Root;

/// `--input-shape`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum InputShape {
    /// Resources of the common model.
    #[default]
    Model,
    /// Every JSON or YAML document as it stands, to conftest packages.
    Raw,
}

impl InputShape {
    /// Has a root judge what this is.
    ///
    /// # Errors
    ///
    /// When it is the built-in pack, which judges the common model only.
    pub fn give(self, root: &mut Root) -> Result<()> {
        root.raw = self == InputShape::Raw;
        if root.raw && root.trusted {
            bail!(
                "the built-in pack judges the common model, not documents as they stand\nhelp: name conftest packages with `-p`, or leave out `--input-shape raw`"
            );
        }
        Ok(())
    }
}
