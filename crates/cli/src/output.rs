//! Where reports go: `-f FMT[=FILE]`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nephoscope_model::Assessment;
use nephoscope_report::{Format, Options, ReportError};

/// One report to write.
pub struct Output {
    /// Which format.
    pub format: Format,
    /// Where to; `None` is standard output.
    pub target: Option<Target>,
}

/// A file, or a folder with one file per account.
pub enum Target {
    /// One file.
    File(PathBuf),
    /// A folder.
    Folder(PathBuf),
}

/// Returns the reports of a command line; without any, the human one on standard output.
///
/// # Errors
///
/// When a format is unknown, or two reports go to one place.
pub fn outputs(formats: &[String]) -> Result<Vec<Output>> {
    let mut outputs: Vec<Output> = Vec::new();
    for text in formats {
        let (name, target) = match text.split_once('=') {
            Some((_, "")) => bail!("`-f {text}`: the file name is empty"),
            Some((name, "-")) => (name, None),
            Some((name, path)) if path.ends_with('/') => (name, Some(Target::Folder(PathBuf::from(path)))),
            Some((name, path)) => (name, Some(Target::File(PathBuf::from(path)))),
            None => (text.as_str(), None),
        };
        let format: Format = name.parse().map_err(|error| anyhow::anyhow!("`-f {text}`: {error}"))?;
        if matches!(target, Some(Target::Folder(_))) && format != Format::Sarif {
            bail!("`-f {text}`: only sarif is written as a folder");
        }
        outputs.push(Output { format, target });
    }
    if outputs.iter().filter(|output| output.target.is_none()).count() > 1 {
        bail!("two reports go to standard output\nhelp: give all but one a file, `-f sarif=a.sarif`");
    }
    let mut places: Vec<PathBuf> = outputs
        .iter()
        .filter_map(|output| Some(place(output.target.as_ref()?.path())))
        .collect();
    places.sort();
    if let Some([twice, _]) = places.array_windows().find(|[one, other]| one == other) {
        bail!("two reports go to `{}`", twice.display());
    }
    if outputs.is_empty() {
        outputs.push(Output {
            format: Format::Human,
            target: None,
        });
    }
    Ok(outputs)
}

/// Refuses reports that would overwrite what the scan reads.
///
/// # Errors
///
/// Names the file.
pub fn keep_apart<'a>(outputs: &[Output], read: impl Iterator<Item = &'a Path>) -> Result<()> {
    let read: BTreeSet<PathBuf> = read.map(place).collect();
    for target in outputs.iter().filter_map(|output| output.target.as_ref()) {
        if target.path().exists() && read.contains(&place(target.path())) {
            bail!(
                "the report `{}` would overwrite a file that the scan reads",
                target.path().display()
            );
        }
    }
    Ok(())
}

/// One spelling of a path, also of a file that is not there yet.
fn place(path: &Path) -> PathBuf {
    if let Ok(whole) = path.canonicalize() {
        return whole;
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

impl Target {
    fn path(&self) -> &Path {
        match self {
            Target::File(path) | Target::Folder(path) => path,
        }
    }
}

impl Output {
    /// Writes the report. A file is whole or not there: it is written beside its place and then moved.
    ///
    /// # Errors
    ///
    /// When the place cannot be written, or the format cannot hold the assessment.
    pub fn write(&self, assessment: &Assessment, options: &Options) -> Result<()> {
        match &self.target {
            None => {
                let mut out = BufWriter::new(std::io::stdout().lock());
                let written = nephoscope_report::write(self.format, assessment, options, &mut out)
                    .and_then(|()| Ok(out.flush()?));
                match written {
                    // The reader of a pipe has seen enough; what was found stays what it is.
                    Err(ReportError::Io(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                        // What is still in the buffer has nowhere to go.
                        let _rest = out.into_parts();
                        Ok(())
                    }
                    other => other.context("cannot write to standard output"),
                }
            }
            Some(Target::File(path)) => {
                let plain = Options {
                    color: false,
                    ..options.clone()
                };
                write_file(path, |out| {
                    Ok(nephoscope_report::write(self.format, assessment, &plain, out)?)
                })
            }
            Some(Target::Folder(folder)) => {
                std::fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
                nephoscope_report::sarif_by_account(assessment, options, |file| {
                    let path = folder.join(&file.name);
                    write_file(&path, |out| Ok(file.write(out)?))
                })
            }
        }
    }
}

/// Writes a file that is whole or not there.
///
/// # Errors
///
/// When the place cannot be written, and what `write` returns.
pub(crate) fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let shown = path.display();
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // A target that is no regular file, such as /dev/stderr, cannot be replaced.
    if path.exists() && !path.is_file() {
        let mut out = BufWriter::new(File::create(path).with_context(|| format!("cannot write `{shown}`"))?);
        write(&mut out)?;
        return out.flush().with_context(|| format!("cannot write `{shown}`"));
    }
    // The temporary file's name says nothing to anybody.
    let made = beside(folder).map_err(|error| std::io::Error::from(error.kind()));
    let mut out = BufWriter::new(made.with_context(|| format!("cannot write `{shown}`"))?);
    write(&mut out).with_context(|| format!("cannot write `{shown}`"))?;
    let file = out
        .into_inner()
        .map_err(|error| error.into_error())
        .with_context(|| format!("cannot write `{shown}`"))?;
    file.persist(path).with_context(|| format!("cannot write `{shown}`"))?;
    Ok(())
}

fn beside(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A report is as readable as any file; the umask takes away what it takes away.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
