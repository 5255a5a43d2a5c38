//! Standard input, kept so that it can be read twice: once to judge it, once to show the offending lines.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use nephoscope_read::Input;
use tempfile::NamedTempFile;

/// What came on standard input, compressed in a temporary file that goes with this value.
pub struct Spool {
    file: Option<NamedTempFile>,
}

/// Reads standard input to its end if one of `inputs` is `-`.
///
/// # Errors
///
/// When it cannot be read, or the temporary file cannot be written.
pub fn standard_input(inputs: &[Input]) -> Result<Spool> {
    if inputs.iter().all(|input| input.path.is_some()) {
        return Ok(Spool { file: None });
    }
    let file = NamedTempFile::new().context("cannot make a temporary file for standard input")?;
    keep(&mut io::stdin().lock(), file.as_file()).context("cannot keep standard input in a temporary file")?;
    Ok(Spool { file: Some(file) })
}

fn keep(input: &mut impl Read, file: &File) -> io::Result<()> {
    let mut start = [0; 4];
    let mut length = 0;
    while let Some(rest) = start.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match input.read(rest)? {
            0 => break,
            read => length += read,
        }
    }
    let head = start.get(..length).unwrap_or_default();
    let mut whole = head.chain(input);
    // An input that is compressed already, and an empty one, is kept as it is: the reader decodes one layer.
    if head.starts_with(&[0x1f, 0x8b]) || head == [0x28, 0xb5, 0x2f, 0xfd] || head.is_empty() {
        let mut plain = file;
        io::copy(&mut whole, &mut plain)?;
        return plain.flush();
    }
    let mut encoder = zstd::Encoder::new(file, 1)?;
    io::copy(&mut whole, &mut encoder)?;
    encoder.finish()?.flush()
}

impl Spool {
    /// Returns `inputs` with standard input read from where it is kept.
    pub fn inputs(&self, inputs: Vec<Input>) -> Vec<Input> {
        let path: Option<PathBuf> = self.file.as_ref().map(|file| file.path().to_owned());
        inputs
            .into_iter()
            .map(|input| Input {
                path: input.path.or_else(|| path.clone()),
                ..input
            })
            .collect()
    }
}
