//! One `deny` clause, ready to run: the policy's modules with its other clauses blanked out.

use std::fmt::Display;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use regorus::utils::limits::{ExecutionTimerConfig, PolicyLengthConfig};
use regorus::{Engine, Value};
use serde::{Deserialize, Serialize};

use crate::deny::{self, Deny};
use crate::remote::Remote;
use crate::{guard, v0};

/// A text given to the engine under a name for its messages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Text {
    pub(crate) file: String,
    pub(crate) text: String,
}

/// An entry point that can be run: in this process, or where it can do no harm.
pub(crate) enum Program {
    Here(Box<Local>),
    Elsewhere(Remote),
}

impl Program {
    /// Compiles it now, to know whether it can be.
    pub(crate) fn compile(&self) -> Result<(), Failure> {
        match self {
            Program::Here(local) => local.compile(),
            Program::Elsewhere(remote) => remote.compile(),
        }
    }

    /// Returns a runner for one thread.
    pub(crate) fn runner(&self) -> Runner<'_> {
        match self {
            Program::Here(local) => Runner::Here(local, Box::default()),
            Program::Elsewhere(remote) => Runner::Elsewhere(remote),
        }
    }
}

/// Runs one program on one thread.
pub(crate) enum Runner<'a> {
    Here(&'a Local, Box<Seat>),
    Elsewhere(&'a Remote),
}

impl Runner<'_> {
    /// Evaluates the entry point, a `deny`.
    pub(crate) fn denies(&mut self, input: &Value) -> Result<Vec<Deny>, Failure> {
        match self {
            Runner::Here(local, seat) => seat.denies(local, input.clone()),
            Runner::Elsewhere(remote) => remote.denies(input),
        }
    }

    /// Returns what the entry point gives, of a program of this process.
    pub(crate) fn value(&mut self, input: Value) -> Result<Value, Failure> {
        match self {
            Runner::Here(local, seat) => seat.value(local, input),
            Runner::Elsewhere(_) => Err(Failure("it can only be run in this process".into())),
        }
    }

    /// Evaluates a rule of the same modules that is a test. Returns why it did not pass.
    pub(crate) fn test(&mut self, rule: &str) -> Result<Option<String>, Failure> {
        match self {
            Runner::Here(local, seat) => seat.test(local, rule),
            Runner::Elsewhere(remote) => remote.test(rule),
        }
    }
}

/// A program of this process, compiled when it is first run, shared between threads; each thread runs a copy of its own.
pub(crate) struct Local {
    texts: Vec<Text>,
    data: Value,
    entry: String,
    limit: Duration,
    /// What it prints is dropped.
    silent: bool,
    v0: bool,
    prototype: OnceLock<Result<Mutex<Engine>, Failure>>,
}

/// Why an evaluation gave no value: one line, lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) String);

impl Local {
    /// Returns the program of `entry`, for example `data.a.b.deny`.
    pub(crate) fn new(texts: Vec<Text>, data: Value, entry: String, limit: Duration) -> Local {
        Local {
            texts,
            data,
            entry,
            limit,
            silent: false,
            v0: false,
            prototype: OnceLock::new(),
        }
    }

    /// Has what it prints dropped instead of written to standard error.
    pub(crate) fn silent(self) -> Local {
        Local { silent: true, ..self }
    }

    /// Returns the program with its texts taken for Rego v0, with the builtins of that time; see [`v0::at`].
    #[must_use]
    pub(crate) fn in_v0(self) -> Local {
        Local { v0: true, ..self }
    }

    /// Compiles it now, to know whether it can be.
    pub(crate) fn compile(&self) -> Result<(), Failure> {
        self.prototype().map(|_| ())
    }

    /// Drops what was compiled; it is compiled anew when it is run.
    pub(crate) fn forget(&mut self) {
        self.prototype.take();
    }

    /// Returns whether it is compiled.
    pub(crate) fn is_compiled(&self) -> bool {
        self.prototype.get().is_some()
    }

    fn prototype(&self) -> Result<&Mutex<Engine>, Failure> {
        let compile = || {
            let mut engine = engine_of(&self.texts, &self.data, self.limit, self.v0)?;
            engine.set_gather_prints(self.silent);
            let rule = regorus::Rc::from(self.entry.as_str());
            guarded(self.limit, || engine.compile_with_entrypoint(&rule))?;
            Ok(Mutex::new(engine))
        };
        self.prototype.get_or_init(compile).as_ref().map_err(Clone::clone)
    }

    fn copy(&self) -> Result<Engine, Failure> {
        let prototype = self.prototype()?;
        // A poisoned lock only means that another thread panicked while it copied.
        Ok(prototype.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// One thread's copy of a program of this process.
#[derive(Default)]
pub(crate) struct Seat {
    engine: Option<Engine>,
}

impl Seat {
    /// As [`Runner::denies`].
    pub(crate) fn denies(&mut self, program: &Local, input: Value) -> Result<Vec<Deny>, Failure> {
        let value = self.value(program, input)?;
        deny::read(&value).map_err(Failure)
    }

    /// Returns what the entry point gives.
    pub(crate) fn value(&mut self, program: &Local, input: Value) -> Result<Value, Failure> {
        self.run(program, &program.entry, input)
    }

    /// As [`Runner::test`].
    pub(crate) fn test(&mut self, program: &Local, rule: &str) -> Result<Option<String>, Failure> {
        Ok(match self.run(program, rule, Value::Undefined)? {
            Value::Bool(true) => None,
            Value::Undefined => Some("the rule is undefined: a line of it is false or undefined".into()),
            value => Some(format!("the rule is {value}, not true")),
        })
    }

    fn run(&mut self, program: &Local, rule: &str, input: Value) -> Result<Value, Failure> {
        // An engine that failed keeps the rules it was in and would call the next run a recursion, so it
        // is given back only after success.
        let mut engine = match self.engine.take() {
            Some(engine) => engine,
            None => program.copy()?,
        };
        let limit = program.limit;
        let _earlier = guard::take_stopped();
        if program.silent {
            let _dropped = engine.take_prints();
        }
        let started = Instant::now();
        let value = guarded(limit, || {
            engine.set_input(input);
            engine.eval_rule(rule.to_owned())
        })?;
        // The engine drops an error inside a function of several clauses when another one gives a value, and its
        // timer does not look into builtins. What it gave then may lack something.
        if let Some(stopped) = guard::take_stopped() {
            return Err(Failure(stopped));
        }
        if started.elapsed() > limit {
            return Err(Failure(too_long(limit)));
        }
        self.engine = Some(engine);
        Ok(value)
    }
}

/// Returns an engine that holds the modules and data, with OPA's handling of builtin errors and our limits.
fn engine_of(texts: &[Text], data: &Value, limit: Duration, v0: bool) -> Result<Engine, Failure> {
    let mut engine = Engine::new();
    engine.set_rego_v0(v0);
    engine.set_strict_builtin_errors(false);
    engine.set_policy_length_config(lengths());
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit,
        check_interval: NonZeroU32::new(256).unwrap_or(NonZeroU32::MIN),
    });
    guarded(limit, || guard::install(&mut engine))?;
    if v0 {
        guarded(limit, || v0::install(&mut engine))?;
    }
    for text in texts {
        guarded(limit, || engine.add_policy(text.file.clone(), text.text.clone()))?;
    }
    guarded(limit, || engine.add_data(data.clone()))?;
    Ok(engine)
}

fn lengths() -> PolicyLengthConfig {
    PolicyLengthConfig {
        // The analysis decides what is too long and says so with a position; lines of 4,096 columns are legal.
        max_col: NonZeroU32::new(4_096).unwrap_or(NonZeroU32::MIN),
        ..PolicyLengthConfig::default()
    }
}

/// Runs a step of the engine; a panic in one of its builtins becomes an error like any other.
pub(crate) fn guarded<T, E: Display>(limit: Duration, step: impl FnOnce() -> Result<T, E>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Failure(one_line(&error.to_string(), limit))),
        Err(_) => Err(Failure("a builtin of the engine panicked".into())),
    }
}

/// Makes one line of the engine's message: `file:line:column: what`.
fn one_line(text: &str, limit: Duration) -> String {
    if text.contains("time limit") {
        // The engine's own text holds the elapsed time, which is never the same twice.
        return too_long(limit);
    }
    let place = text.lines().find_map(|line| line.strip_prefix("--> "));
    let what = text
        .lines()
        .filter_map(|line| line.strip_prefix("error: "))
        .next_back()
        .unwrap_or_else(|| text.trim());
    let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
    match place {
        Some(place) => format!("{}: {what}", place.trim()),
        None => what,
    }
}

pub(crate) fn too_long(limit: Duration) -> String {
    format!("the evaluation ran past its limit of {} ms", limit.as_millis())
}
