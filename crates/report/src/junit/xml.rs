//! Elements of JUnit as bytes, written as they come: no more than one case is in memory.
//!
//! Every text has to be visible already, see [`text::visible`](crate::text::visible): XML 1.0 has no way to write a control character.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// What came of a case, as the sums of JUnit count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Success,
    Failure,
    Error,
    Skipped,
}

/// How many cases there are of each kind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) tests: u64,
    pub(super) failures: u64,
    pub(super) errors: u64,
    pub(super) skipped: u64,
}

impl Sums {
    /// Counts one more case.
    pub(super) fn add(&mut self, kind: Kind) {
        self.tests += 1;
        match kind {
            Kind::Success => {}
            Kind::Failure => self.failures += 1,
            Kind::Error => self.errors += 1,
            Kind::Skipped => self.skipped += 1,
        }
    }

    /// Adds the sums of a suite to those of all.
    pub(super) fn include(&mut self, suite: Sums) {
        self.tests += suite.tests;
        self.failures += suite.failures;
        self.errors += suite.errors;
        self.skipped += suite.skipped;
    }
}

/// A name with a value: an attribute or a property.
pub(super) type Pair = (&'static str, String);

/// What came of a case and why.
pub(super) struct Status {
    pub(super) kind: Kind,
    pub(super) message: Option<String>,
    pub(super) r#type: Option<String>,
    pub(super) description: Option<String>,
}

impl Status {
    pub(super) fn new(kind: Kind) -> Self {
        Status {
            kind,
            message: None,
            r#type: None,
            description: None,
        }
    }
}

/// One case.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) status: Status,
    /// Attributes beside the name and the class.
    pub(super) attributes: Vec<Pair>,
    pub(super) properties: Vec<Pair>,
}

impl Case {
    /// Returns a case with nothing but a name and what came of it.
    pub(super) fn new(name: impl Into<String>, status: Status) -> Self {
        Case {
            name: name.into(),
            status,
            attributes: Vec::new(),
            properties: Vec::new(),
        }
    }
}

/// A report that is being written.
pub(super) struct Xml<'a>(Writer<&'a mut dyn Write>);

impl<'a> Xml<'a> {
    /// Begins a report with the sums of all its suites. The schema of the strict flavor does not allow `skipped` there.
    pub(super) fn begin(out: &'a mut dyn Write, name: &str, sums: Sums, with_skipped: bool) -> io::Result<Self> {
        let mut xml = Xml(Writer::new_with_indent(out, b' ', 4));
        xml.0
            .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let mut tag = BytesStart::new("testsuites");
        tag.push_attribute(("name", name));
        tag.push_attribute(("tests", sums.tests.to_string().as_str()));
        if with_skipped {
            tag.push_attribute(("skipped", sums.skipped.to_string().as_str()));
        }
        tag.push_attribute(("failures", sums.failures.to_string().as_str()));
        tag.push_attribute(("errors", sums.errors.to_string().as_str()));
        xml.0.write_event(Event::Start(tag))?;
        Ok(xml)
    }

    /// Begins a suite, which must not be empty.
    pub(super) fn begin_suite(&mut self, name: &str, sums: Sums, properties: &[Pair]) -> io::Result<()> {
        let mut tag = BytesStart::new("testsuite");
        tag.push_attribute(("name", name));
        tag.push_attribute(("tests", sums.tests.to_string().as_str()));
        tag.push_attribute(("skipped", sums.skipped.to_string().as_str()));
        tag.push_attribute(("errors", sums.errors.to_string().as_str()));
        tag.push_attribute(("failures", sums.failures.to_string().as_str()));
        self.0.write_event(Event::Start(tag))?;
        self.properties(properties)
    }

    /// Writes one case of the suite that was begun.
    pub(super) fn case(&mut self, class: &str, case: &Case) -> io::Result<()> {
        let mut tag = BytesStart::new("testcase");
        tag.push_attribute(("name", case.name.as_str()));
        tag.push_attribute(("classname", class));
        for (name, value) in &case.attributes {
            tag.push_attribute((*name, value.as_str()));
        }
        if case.properties.is_empty() && case.status.kind == Kind::Success {
            return self.0.write_event(Event::Empty(tag));
        }
        self.0.write_event(Event::Start(tag))?;
        self.properties(&case.properties)?;
        self.status(&case.status)?;
        self.end("testcase")
    }

    pub(super) fn end_suite(&mut self) -> io::Result<()> {
        self.end("testsuite")
    }

    /// Ends the report, with a line break.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.end("testsuites")?;
        self.0.write_indent()
    }

    fn properties(&mut self, properties: &[Pair]) -> io::Result<()> {
        if properties.is_empty() {
            return Ok(());
        }
        self.0.write_event(Event::Start(BytesStart::new("properties")))?;
        for (name, value) in properties {
            let mut tag = BytesStart::new("property");
            tag.push_attribute(("name", *name));
            tag.push_attribute(("value", value.as_str()));
            self.0.write_event(Event::Empty(tag))?;
        }
        self.end("properties")
    }

    fn status(&mut self, status: &Status) -> io::Result<()> {
        let name = match status.kind {
            Kind::Success => return Ok(()),
            Kind::Failure => "failure",
            Kind::Error => "error",
            Kind::Skipped => "skipped",
        };
        let mut tag = BytesStart::new(name);
        if let Some(message) = &status.message {
            tag.push_attribute(("message", message.as_str()));
        }
        if let Some(kind) = &status.r#type {
            tag.push_attribute(("type", kind.as_str()));
        }
        let Some(description) = &status.description else {
            return self.0.write_event(Event::Empty(tag));
        };
        self.0.write_event(Event::Start(tag))?;
        self.0.write_event(Event::Text(BytesText::new(description)))?;
        self.end(name)
    }

    fn end(&mut self, name: &str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }
}
