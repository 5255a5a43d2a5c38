//! Lines on a terminal: styled when asked for, wrapped to its width, never an order to a CI runner.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use nephoscope_model::Severity;

use crate::text;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const LINK: Style = AnsiColor::Blue.on_default().bold();
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Returns the style of a severity.
pub(super) fn paint_severity(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Magenta.on_default().bold(),
        Severity::High => BAD,
        Severity::Medium => WARN,
        Severity::Low => AnsiColor::Cyan.on_default().bold(),
        Severity::Info => DIM,
    }
}

pub(super) struct Screen<'a> {
    out: &'a mut dyn Write,
    color: bool,
    width: usize,
}

impl<'a> Screen<'a> {
    pub(super) fn new(out: &'a mut dyn Write, color: bool, width: usize) -> Self {
        // Below 40 columns wrapping does more harm than lines that run over.
        let width = width.max(40);
        Screen { out, color, width }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Returns `text` in a style, or as it is without color.
    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    pub(super) fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// Writes one line. Texts from outside have to be visible already; this is the last guard against a line that starts with `::`,
    /// which GitHub's runner would obey.
    pub(super) fn line(&mut self, line: &str) -> io::Result<()> {
        let rest = line.trim_start();
        let blanks = line.len() - rest.len();
        match rest.strip_prefix("::") {
            Some(rest) => writeln!(self.out, "{}\\u{{3a}}:{rest}", " ".repeat(blanks)),
            None => writeln!(self.out, "{}", line.trim_end()),
        }
    }

    /// Writes `text` wrapped, the first line after `first`, the others after `rest`.
    pub(super) fn wrapped(&mut self, first: &str, rest: &str, text: &str) -> io::Result<()> {
        self.styled(Style::new(), first, rest, text)
    }

    /// Like [`Screen::wrapped`], in a style.
    pub(super) fn styled(&mut self, style: Style, first: &str, rest: &str, text: &str) -> io::Result<()> {
        let columns = self.width.saturating_sub(text::width(first).max(text::width(rest)));
        let mut prefix = first;
        for line in text::wrap(text, columns) {
            let painted = self.paint(style, &line);
            self.line(&format!("{prefix}{painted}"))?;
            prefix = rest;
        }
        Ok(())
    }

    /// Writes that a list goes on, if it does.
    pub(super) fn more(&mut self, left: usize) -> io::Result<()> {
        if left == 0 {
            return Ok(());
        }
        let note = format!("  … and {} more; -v lists all", text::thousands(left as u64));
        self.line(&self.paint(DIM, &note))
    }
}
