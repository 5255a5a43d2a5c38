//! Programs that run where they can do no harm: what is said between the process that judges and the one that evaluates.
//!
//! The judging process keeps read sets, keys and outcomes; only what runs the engine is asked for elsewhere. A library
//! starts no processes: it is given a [`Host`], and the process that the host keeps answers by a [`Guest`].

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use nephoscope_model::{Severity, digest};
use regorus::Value as Rego;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::bundle::Options;
use crate::convert::rego;
use crate::deny::Deny;
use crate::form::Form;
use crate::load;
use crate::program::{Failure, Local, Seat, Text};
use crate::source::{Root, SourceFile};

/// Most bytes of one answer: findings are read by people.
const MAX_ANSWER: usize = 16 << 20;

/// So many programs a guest holds compiled: about half a megabyte each, of the few hundred that it may use.
const MOST_COMPILED: usize = 256;

/// Reading policies takes a millisecond each; this is for those that were made to take longer.
const READING: Duration = Duration::from_millis(400);
const READING_A_FILE: Duration = Duration::from_millis(5);

/// Compiling takes as long as the machine is slow, whatever one evaluation may take.
const LEAST: Duration = Duration::from_secs(2);

/// Keeps guests in processes of their own.
pub trait Host: Debug + Send + Sync {
    /// Asks a guest that has been given every one of `parts`, in this order and each but once, and returns its answer.
    /// The question may take it `limit` of processor time, and not much more by the clock.
    ///
    /// # Errors
    ///
    /// Why the guest is no more. The next question is for another one.
    fn ask(&self, parts: &[Part], question: &[u8], limit: Duration) -> Result<Vec<u8>, Lost>;
}

/// A guest that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Why, in words that follow the name of what it ran: one line, lower case.
    pub why: String,
    /// What it was at last, where it said so.
    pub at: Option<String>,
}

/// What a guest is given once.
#[derive(Debug, Clone)]
pub struct Part {
    /// Digest of what is given: equal parts have equal names.
    pub name: String,
    /// What the guest is told.
    pub message: Arc<[u8]>,
}

/// What a guest is told; only the first two are not answered.
#[derive(Serialize, Deserialize)]
enum Message {
    Data {
        name: String,
        value: Value,
    },
    Program {
        name: String,
        texts: Vec<Text>,
        data: String,
        entry: String,
        form: Form,
        limit: Duration,
    },
    Compile {
        program: String,
    },
    Run {
        program: String,
        input: Value,
        as_of: Option<Timestamp>,
        limit: Duration,
    },
    Test {
        program: String,
        rule: String,
        limit: Duration,
    },
    Rehearse {
        roots: Vec<Sources>,
        params: BTreeMap<String, Map<String, Value>>,
        severities: BTreeMap<String, Severity>,
    },
}

/// What of a [`Root`] is read as policies.
#[derive(Serialize, Deserialize)]
struct Sources {
    name: String,
    files: Vec<SourceFile>,
    data: Map<String, Value>,
    trusted: bool,
    in_process: bool,
    raw: bool,
    constraints: Vec<SourceFile>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Compiled,
    Rehearsed,
    Denies(Vec<Deny>),
    /// Why a test did not pass.
    Tested(Option<String>),
    Failed(Failure),
}

impl Message {
    fn bytes(&self) -> Vec<u8> {
        // INVARIANT: texts and JSON can always be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// The documents that programs see as `data`, as a part.
pub(crate) fn data(value: &Value) -> Part {
    let name = digest(["data", &value.to_string()]);
    let message = Message::Data {
        name: name.clone(),
        value: value.clone(),
    };
    Part {
        name,
        message: message.bytes().into(),
    }
}

/// A program that a guest runs.
pub(crate) struct Remote {
    host: Arc<dyn Host>,
    /// Its data, and itself.
    parts: [Part; 2],
    limit: Duration,
}

impl Remote {
    /// Returns the program of `entry`, for example `data.a.b.deny`.
    pub(crate) fn new(
        host: Arc<dyn Host>,
        texts: Vec<Text>,
        data: Part,
        entry: String,
        form: Form,
        limit: Duration,
    ) -> Remote {
        let sizes = format!("{form:?} {} {}", limit.as_nanos(), texts.len());
        let all = texts.iter().flat_map(|text| [text.file.as_str(), text.text.as_str()]);
        let name = digest(["program", &data.name, &entry, &sizes].into_iter().chain(all));
        let message = Message::Program {
            name: name.clone(),
            texts,
            data: data.name.clone(),
            entry,
            form,
            limit,
        };
        let program = Part {
            name,
            message: message.bytes().into(),
        };
        Remote {
            host,
            parts: [data, program],
            limit,
        }
    }

    fn name(&self) -> String {
        let [_, program] = &self.parts;
        program.name.clone()
    }

    pub(crate) fn compile(&self) -> Result<(), Failure> {
        match self.ask(&Message::Compile { program: self.name() }, self.limit.max(LEAST))? {
            Answer::Compiled => Ok(()),
            other => Err(astray(other)),
        }
    }

    pub(crate) fn denies(&self, input: &Rego, as_of: Option<Timestamp>, limit: Duration) -> Result<Vec<Deny>, Failure> {
        let input =
            serde_json::to_value(input).map_err(|error| Failure::of(format!("the input is no JSON: {error}")))?;
        let program = self.name();
        let message = Message::Run {
            program,
            input,
            as_of,
            limit,
        };
        match self.ask(&message, limit)? {
            Answer::Denies(denies) => Ok(denies),
            other => Err(astray(other)),
        }
    }

    pub(crate) fn test(&self, rule: &str, limit: Duration) -> Result<Option<String>, Failure> {
        let (program, rule) = (self.name(), rule.to_owned());
        match self.ask(&Message::Test { program, rule, limit }, limit)? {
            Answer::Tested(fault) => Ok(fault),
            other => Err(astray(other)),
        }
    }

    fn ask(&self, message: &Message, limit: Duration) -> Result<Answer, Failure> {
        let answer =
            (self.host.ask(&self.parts, &message.bytes(), limit)).map_err(|lost| Failure::stopped(lost.why))?;
        match serde_json::from_slice(&answer) {
            Ok(Answer::Failed(failure)) => Err(failure),
            Ok(answer) => Ok(answer),
            Err(error) => Err(Failure::stopped(format!("gave an answer that is no JSON: {error}"))),
        }
    }
}

impl From<Sources> for Root {
    fn from(sources: Sources) -> Root {
        Root {
            name: sources.name,
            files: sources.files,
            data: sources.data,
            trusted: sources.trusted,
            in_process: sources.in_process,
            raw: sources.raw,
            constraints: sources.constraints,
            ..Root::default()
        }
    }
}

/// INVARIANT: a guest answers what it is asked; this is here because its bytes come from another process.
fn astray(answer: Answer) -> Failure {
    let what = match answer {
        Answer::Failed(failure) => return failure,
        Answer::Compiled => "compiled",
        Answer::Rehearsed => "rehearsed",
        Answer::Denies(_) => "denies",
        Answer::Tested(_) => "tested",
    };
    Failure::of(format!("the worker answered another question: {what}"))
}

/// Has a guest read policies, to know that they can be.
pub(crate) fn rehearse(host: &dyn Host, roots: &[Root], options: &Options) -> Result<(), Lost> {
    let files: usize = (roots.iter())
        .map(|root| root.files.len() + root.constraints.len())
        .sum();
    let sources = roots.iter().map(|root| Sources {
        name: root.name.clone(),
        files: root.files.clone(),
        data: root.data.clone(),
        trusted: root.trusted,
        in_process: root.in_process,
        raw: root.raw,
        constraints: root.constraints.clone(),
    });
    let message = Message::Rehearse {
        roots: sources.collect(),
        params: options.params.clone(),
        severities: options.severities.clone(),
    };
    // What it finds is found again here, with its place.
    let limit = READING + READING_A_FILE * u32::try_from(files).unwrap_or(u32::MAX);
    let answer = host.ask(&[], &message.bytes(), limit)?;
    match serde_json::from_slice(&answer) {
        Ok(Answer::Rehearsed) => Ok(()),
        Ok(other) => Err(Lost {
            why: format!("failed: {}", astray(other).message),
            at: None,
        }),
        Err(error) => Err(Lost {
            why: format!("failed: {error}"),
            at: None,
        }),
    }
}

/// Runs programs for a [`Host`], one question at a time.
#[derive(Default)]
pub struct Guest {
    data: BTreeMap<String, Rego>,
    programs: BTreeMap<String, (Local, Seat)>,
}

impl Guest {
    /// Takes a message; returns the answer to one that is a question. Calls `note` with what it is at, where that takes long.
    pub fn answer(&mut self, message: &[u8], note: &mut dyn FnMut(&str)) -> Option<Vec<u8>> {
        let answer = match serde_json::from_slice(message) {
            Ok(Message::Data { name, value }) => {
                self.data.insert(name, rego(&value));
                return None;
            }
            Ok(Message::Program {
                name,
                texts,
                data,
                entry,
                form,
                limit,
            }) => {
                let data = self.data.get(&data).cloned().unwrap_or_else(Rego::new_object);
                let program = Local::new(texts, data, entry, limit).of_form(form).silent();
                self.programs.insert(name, (program, Seat::default()));
                return None;
            }
            Ok(Message::Compile { program }) => self.with(&program, |local, _| {
                local.compile()?;
                Ok(Answer::Compiled)
            }),
            Ok(Message::Run {
                program,
                input,
                as_of,
                limit,
            }) => self.with(&program, |local, seat| {
                let denies = seat.denies(local, rego(&input), as_of, limit)?;
                Ok(Answer::Denies(denies))
            }),
            Ok(Message::Test { program, rule, limit }) => self.with(&program, |local, seat| {
                let fault = seat.test(local, &rule, limit)?;
                Ok(Answer::Tested(fault))
            }),
            Ok(Message::Rehearse {
                roots,
                params,
                severities,
            }) => {
                let roots: Vec<Root> = roots.into_iter().map(Root::from).collect();
                let options = Options {
                    params,
                    severities,
                    ..Options::default()
                };
                load::rehearse(&roots, &options, note);
                Ok(Answer::Rehearsed)
            }
            Err(error) => Err(Failure::of(format!("the question is no JSON: {error}"))),
        };
        let bytes = |answer: &Answer| serde_json::to_vec(answer).unwrap_or_default();
        let bytes = match answer {
            Ok(answer) => bytes(&answer),
            Err(failure) => bytes(&Answer::Failed(failure)),
        };
        if bytes.len() > MAX_ANSWER {
            let message = format!("gives more than {} MiB of findings", MAX_ANSWER >> 20);
            return serde_json::to_vec(&Answer::Failed(Failure::of(message))).ok();
        }
        Some(bytes)
    }

    fn with(
        &mut self,
        program: &str,
        step: impl FnOnce(&Local, &mut Seat) -> Result<Answer, Failure>,
    ) -> Result<Answer, Failure> {
        let is_new = self
            .programs
            .get(program)
            .is_some_and(|(local, _)| !local.is_compiled());
        let compiled = self.programs.values().filter(|(local, _)| local.is_compiled());
        if is_new && compiled.count() >= MOST_COMPILED {
            for (local, seat) in self.programs.values_mut() {
                local.forget();
                *seat = Seat::default();
            }
        }
        match self.programs.get_mut(program) {
            Some((local, seat)) => step(local, seat),
            None => Err(Failure::of("the program was not given")),
        }
    }
}
