//! What a format's reader is given, and what it says about the input in the end.

use nephoscope_model::{InputUse, Reason};

use crate::input::{Input, Limits};
use crate::shape::Shape;
use crate::sink::Sink;
use crate::text::{Extent, Stop, Text};

/// One input being read.
pub(crate) struct Job<'j, 't, 's> {
    pub(crate) input: &'j Input,
    pub(crate) limits: &'j Limits,
    /// Outline of the text's beginning.
    pub(crate) shape: &'j Shape,
    /// Whether lines that are no JSON stood before the value, so that such may follow it.
    pub(crate) wrapped: bool,
    pub(crate) text: &'j mut Text<'t>,
    pub(crate) sink: &'j mut Sink<'s>,
}

/// What a reader learned of the input as a whole.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// A more exact name of the format.
    pub(crate) format: Option<&'static str>,
    /// What became of it; else it follows from the documents and gaps.
    pub(crate) used: Option<InputUse>,
    /// What is odd about it.
    pub(crate) note: Option<String>,
}

impl Done {
    /// Returns a result with a use and a note.
    pub(crate) fn used(used: InputUse, note: impl Into<String>) -> Done {
        Done {
            format: None,
            used: Some(used),
            note: Some(note.into()),
        }
    }
}

/// Reads an input of one format.
pub(crate) type Reader = fn(&mut Job<'_, '_, '_>) -> Result<Done, Stop>;

impl Job<'_, '_, '_> {
    /// Ends the reading of what is recognized and holds nothing that a scan can judge.
    ///
    /// # Errors
    ///
    /// A stop when the text is broken.
    pub(crate) fn not_judged(&mut self, used: InputUse, note: &str) -> Result<Done, Stop> {
        self.pass()?;
        Ok(Done::used(used, note))
    }

    fn pass(&mut self) -> Result<(), Stop> {
        if self.wrapped {
            return self.text.take(Extent::Value, 0, self.limits).map(|_| ());
        }
        crate::walk::skip_all(self.text, self.limits)
    }

    /// As [`Job::not_judged`], for what was asked for when it was named: then it is a gap.
    ///
    /// # Errors
    ///
    /// A stop when the text is broken.
    pub(crate) fn not_read(&mut self, in_folder: InputUse, note: &str) -> Result<Done, Stop> {
        let place = self.text.place();
        self.pass()?;
        if self.input.named {
            self.sink.broken(Reason::NotRead, note, place);
            return Ok(Done::used(InputUse::Failed, note));
        }
        Ok(Done::used(in_folder, note))
    }
}
