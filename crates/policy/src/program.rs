//! One `deny` clause, ready to run: the policy's modules with its other clauses blanked out.

use std::fmt::Display;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use regorus::utils::limits::{ExecutionTimerConfig, PolicyLengthConfig};
use regorus::{Engine, Value};

use crate::{guard, v0};

/// A text given to the engine under a name for its messages.
pub(crate) struct Text {
    pub(crate) file: String,
    pub(crate) text: String,
}

impl Text {
    /// Returns another one that says the same.
    pub(crate) fn copy(&self) -> Text {
        Text {
            file: self.file.clone(),
            text: self.text.clone(),
        }
    }
}

/// An entry point, compiled when it is first run, shared between threads; each thread runs a copy of its own.
pub(crate) struct Program {
    texts: Vec<Text>,
    data: Value,
    entry: String,
    limit: Duration,
    v0: bool,
    prototype: OnceLock<Result<Mutex<Engine>, Failure>>,
}

/// Why an evaluation gave no value: one line, lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) String);

impl Program {
    /// Returns the program of `entry`, for example `data.a.b.deny`.
    pub(crate) fn new(texts: Vec<Text>, data: Value, entry: String, limit: Duration) -> Program {
        Program {
            texts,
            data,
            entry,
            limit,
            v0: false,
            prototype: OnceLock::new(),
        }
    }

    /// Returns the program with its texts taken for Rego v0, with the builtins of that time; see [`v0::at`].
    #[must_use]
    pub(crate) fn in_v0(self) -> Program {
        Program { v0: true, ..self }
    }

    /// Compiles it now, to know whether it can be.
    pub(crate) fn compile(&self) -> Result<(), Failure> {
        self.prototype().map(|_| ())
    }

    fn prototype(&self) -> Result<&Mutex<Engine>, Failure> {
        let compile = || {
            let mut engine = engine_of(&self.texts, &self.data, self.limit, self.v0)?;
            let rule = regorus::Rc::from(self.entry.as_str());
            guarded(self.limit, || engine.compile_with_entrypoint(&rule))?;
            Ok(Mutex::new(engine))
        };
        self.prototype.get_or_init(compile).as_ref().map_err(Clone::clone)
    }

    /// Returns a runner for one thread.
    pub(crate) fn runner(&self) -> Runner<'_> {
        Runner {
            program: self,
            engine: None,
        }
    }

    fn copy(&self) -> Result<Engine, Failure> {
        let prototype = self.prototype()?;
        // A poisoned lock only means that another thread panicked while it copied.
        Ok(prototype.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// Runs one program on one thread.
pub(crate) struct Runner<'a> {
    program: &'a Program,
    engine: Option<Engine>,
}

impl Runner<'_> {
    /// Evaluates the entry point.
    pub(crate) fn run(&mut self, input: Value) -> Result<Value, Failure> {
        self.run_rule(&self.program.entry, input)
    }

    /// Evaluates another rule of the same modules.
    pub(crate) fn run_rule(&mut self, rule: &str, input: Value) -> Result<Value, Failure> {
        // An engine that failed keeps the rules it was in and would call the next run a recursion, so it
        // is given back only after success.
        let mut engine = match self.engine.take() {
            Some(engine) => engine,
            None => self.program.copy()?,
        };
        let limit = self.program.limit;
        let _earlier = guard::take_stopped();
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

fn too_long(limit: Duration) -> String {
    format!("the evaluation ran past its limit of {} ms", limit.as_millis())
}
