//! Where readers put what they find.

use std::sync::Arc;

use jiff::Timestamp;
use nephoscope_model::{
    Begin, CoverageGap, Dialect, Document, Gap, GapScope, Origin, Provider, RawJson, Reason, ScopeRead, State,
};

use crate::input::Event;
use crate::text::Place;

/// After this many gaps of one input the others are only counted.
const MAX_GAPS: u64 = 1000;

/// The door to the caller, and the counts that the record of the input is made from.
pub(crate) struct Sink<'a> {
    pub(crate) file: Arc<str>,
    on_event: &'a mut dyn FnMut(Event),
    /// Documents given.
    pub(crate) documents: u64,
    /// Gaps that make the scan incomplete.
    pub(crate) incomplete: u64,
    gaps: u64,
    held_back: u64,
}

/// What a document is, apart from where it stands.
pub(crate) struct Draft {
    pub(crate) provider: Provider,
    pub(crate) native_type: String,
    pub(crate) dialect: Dialect,
    pub(crate) observed_at: Option<Timestamp>,
    pub(crate) state: State,
    pub(crate) body: RawJson,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(name: &str, on_event: &'a mut dyn FnMut(Event)) -> Self {
        Sink {
            file: Arc::from(name),
            on_event,
            documents: 0,
            incomplete: 0,
            gaps: 0,
            held_back: 0,
        }
    }

    /// Gives a document.
    pub(crate) fn document(&mut self, draft: Draft, place: Place, length: u64, pointer: String) {
        self.documents += 1;
        (self.on_event)(Event::Document(Document {
            provider: draft.provider,
            native_type: draft.native_type,
            dialect: draft.dialect,
            observed_at: draft.observed_at,
            state: draft.state,
            // Of a text that holds more than the body only the other way leads to what is asked for.
            // What is judged as it stands is shown where it begins.
            begin: (draft.dialect == Dialect::Raw || (draft.body.get().len() as u64 == length && pointer.is_empty()))
                .then_some(Begin {
                    line: place.line,
                    column: place.column,
                }),
            origin: Origin {
                file: Arc::clone(&self.file),
                offset: place.offset,
                length,
                pointer,
            },
            body: draft.body,
        }));
    }

    /// Gives a scope that was read in full.
    pub(crate) fn scope_read(&mut self, scope: ScopeRead) {
        (self.on_event)(Event::ScopeRead(scope));
    }

    /// Tells that something at `place` was not read, which makes the scan incomplete.
    pub(crate) fn broken(&mut self, reason: Reason, message: impl Into<String>, place: Place) {
        self.gap(Gap::new(reason), message, Some(place), GapScope::default(), true);
    }

    /// Tells that something was not read; `scope.input` is filled in.
    pub(crate) fn gap(
        &mut self,
        gap: Gap,
        message: impl Into<String>,
        place: Option<Place>,
        scope: GapScope,
        incomplete: bool,
    ) {
        self.incomplete += u64::from(incomplete);
        self.gaps += 1;
        if self.gaps > MAX_GAPS {
            self.held_back += 1;
            return;
        }
        self.send(gap, message.into(), place, scope, incomplete);
    }

    fn send(&mut self, gap: Gap, message: String, place: Option<Place>, mut scope: GapScope, incomplete: bool) {
        scope.input = Some(self.file.to_string());
        (self.on_event)(Event::Gap(CoverageGap {
            scope,
            gap,
            message,
            line: place.map(|place| place.line),
            offset: place.map(|place| place.offset),
            incomplete,
            accepted_by: None,
        }));
    }

    /// Tells how many gaps were only counted.
    pub(crate) fn finish(&mut self, place: Place) {
        if self.held_back > 0 {
            let message = format!("{} more problems in this input", self.held_back);
            let incomplete = self.incomplete > 0;
            self.send(
                Gap::new(Reason::ParseError),
                message,
                Some(place),
                GapScope::default(),
                incomplete,
            );
        }
    }
}
