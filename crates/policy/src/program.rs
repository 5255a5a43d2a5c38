//! One `deny` clause, ready to run: the policy's modules with its other clauses blanked out.

use std::convert::Infallible;
use std::fmt::Display;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use regorus::utils::limits::{ExecutionTimerConfig, PolicyLengthConfig};
use regorus::{Engine, Value};
use serde::{Deserialize, Serialize};

use crate::deny::Deny;
use crate::form::Form;
use crate::patience::Patience;
use crate::remote::Remote;
use crate::vm::{Bytecode, Machine};
use crate::{guard, v0};

/// A text given to the engine under a name for its messages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Text {
    pub(crate) file: String,
    pub(crate) text: String,
}

/// An entry point that can be run.
pub(crate) struct Program {
    place: Place,
    patience: Arc<Patience>,
}

/// Where it runs: in this process, or where it can do no harm.
enum Place {
    Here(Box<Local>),
    Elsewhere(Remote),
}

impl Program {
    /// Returns a program of this process.
    pub(crate) fn here(local: Local, patience: &Arc<Patience>) -> Program {
        Program {
            place: Place::Here(Box::new(local)),
            patience: Arc::clone(patience),
        }
    }

    /// Returns a program of another process.
    pub(crate) fn elsewhere(remote: Remote, patience: &Arc<Patience>) -> Program {
        Program {
            place: Place::Elsewhere(remote),
            patience: Arc::clone(patience),
        }
    }

    /// Compiles it now, to know whether it can be.
    pub(crate) fn compile(&self) -> Result<(), Failure> {
        match &self.place {
            Place::Here(local) => local.compile(),
            Place::Elsewhere(remote) => remote.compile(),
        }
    }

    /// Returns a runner for one thread.
    pub(crate) fn runner(&self) -> Runner<'_> {
        Runner {
            program: self,
            seat: Box::default(),
        }
    }
}

/// Runs one program on one thread.
pub(crate) struct Runner<'a> {
    program: &'a Program,
    /// What it needs in this process.
    seat: Box<Seat>,
}

impl Runner<'_> {
    /// Evaluates the entry point, and reads what it found. `as_of` is the time that Rego v0 may ask for.
    pub(crate) fn denies(&mut self, input: &Value, as_of: Option<Timestamp>) -> Result<Vec<Deny>, Failure> {
        let Program { place, patience } = self.program;
        patient(patience, |limit| match place {
            Place::Here(local) => self.seat.denies(local, input.clone(), as_of, limit),
            Place::Elsewhere(remote) => remote.denies(input, as_of, limit),
        })
    }

    /// Evaluates a rule of the same modules that is a test. Returns why it did not pass.
    pub(crate) fn test(&mut self, rule: &str) -> Result<Option<String>, Failure> {
        let Program { place, patience } = self.program;
        patient(patience, |limit| match place {
            Place::Here(local) => self.seat.test(local, rule, limit),
            Place::Elsewhere(remote) => remote.test(rule, limit),
        })
    }
}

/// Runs an evaluation that may take as long as there is patience left for.
fn patient<T>(patience: &Patience, run: impl FnOnce(Duration) -> Result<T, Failure>) -> Result<T, Failure> {
    let limit = patience.next()?;
    let started = Instant::now();
    let result = run(limit);
    if result.as_ref().is_err_and(|failure| failure.stopped) {
        patience.stopped(started.elapsed());
    }
    result
}

/// A program of this process, compiled when it is first run, shared between threads; each thread runs a copy of its own.
pub(crate) struct Local {
    texts: Vec<Text>,
    data: Value,
    entry: String,
    limit: Duration,
    /// What it prints is dropped.
    silent: bool,
    form: Form,
    /// The VM answers it as the interpreter does.
    on_vm: bool,
    prototype: OnceLock<Result<Prototype, Failure>>,
}

/// A program that is compiled.
struct Prototype {
    engine: Mutex<Engine>,
    bytecode: Option<Bytecode>,
}

/// Why an evaluation gave no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// One line, lower case.
    pub(crate) message: String,
    /// It did not end by itself.
    pub(crate) stopped: bool,
}

impl Failure {
    /// Returns that of an evaluation that ended by itself.
    pub(crate) fn of(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            stopped: false,
        }
    }

    /// Returns that of an evaluation that had to be stopped.
    pub(crate) fn stopped(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            stopped: true,
        }
    }
}

impl Local {
    /// Returns the program of `entry`, for example `data.a.b.deny`.
    pub(crate) fn new(texts: Vec<Text>, data: Value, entry: String, limit: Duration) -> Local {
        Local {
            texts,
            data,
            entry,
            limit,
            silent: false,
            form: Form::Policy,
            on_vm: false,
            prototype: OnceLock::new(),
        }
    }

    /// Has what it prints dropped instead of written to standard error.
    pub(crate) fn silent(self) -> Local {
        Local { silent: true, ..self }
    }

    /// Returns the program as one that gives what it finds in another form.
    #[must_use]
    pub(crate) fn of_form(self, form: Form) -> Local {
        Local { form, ..self }
    }

    /// Has it run on the bytecode VM, if its form allows that.
    #[must_use]
    pub(crate) fn on_vm(self, on_vm: bool) -> Local {
        Local { on_vm, ..self }
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

    fn prototype(&self) -> Result<&Prototype, Failure> {
        let compile = || {
            let mut engine = engine_of(&self.texts, &self.data, self.limit, self.form.is_v0())?;
            engine.set_gather_prints(self.silent);
            let rule = regorus::Rc::from(self.entry.as_str());
            let policy = guarded(self.limit, || engine.compile_with_entrypoint(&rule))?;
            let bytecode = self.on_vm.then(|| Bytecode::of(&policy, &self.entry)).flatten();
            Ok(Prototype {
                engine: Mutex::new(engine),
                bytecode,
            })
        };
        self.prototype.get_or_init(compile).as_ref().map_err(Clone::clone)
    }

    fn copy(&self) -> Result<Engine, Failure> {
        let prototype = &self.prototype()?.engine;
        // A poisoned lock only means that another thread panicked while it copied.
        Ok(prototype.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// One thread's copy of a program of this process.
#[derive(Default)]
pub(crate) struct Seat {
    /// The engine, and how long it lets an evaluation take.
    engine: Option<(Engine, Duration)>,
    /// Of a program in bytecode, once it has run.
    machine: Option<Machine>,
}

impl Seat {
    /// As [`Runner::denies`].
    pub(crate) fn denies(
        &mut self,
        program: &Local,
        input: Value,
        as_of: Option<Timestamp>,
        limit: Duration,
    ) -> Result<Vec<Deny>, Failure> {
        let value = v0::at(as_of, || self.value(program, input, limit))?;
        program.form.read(&value).map_err(Failure::of)
    }

    /// Returns what the entry point gives.
    pub(crate) fn value(&mut self, program: &Local, input: Value, limit: Duration) -> Result<Value, Failure> {
        if program.on_vm {
            // Compiling, which the first run does, is no part of an evaluation.
            program.compile()?;
            let started = Instant::now();
            let value = self.on_vm(program, &input, limit)?;
            // The VM's own timer does not look into our builtins.
            if started.elapsed() > limit {
                return Err(too_long(limit));
            }
            if let Some(value) = value {
                return Ok(value);
            }
        }
        self.run(program, &program.entry, input, limit)
    }

    /// Returns what the bytecode of a program gives; `None` where the interpreter is to be asked.
    pub(crate) fn on_vm(&mut self, program: &Local, input: &Value, limit: Duration) -> Result<Option<Value>, Failure> {
        let Some(bytecode) = &program.prototype()?.bytecode else {
            return Ok(None);
        };
        // One that failed is not used again: who knows where it stopped.
        let mut machine = self.machine.take().unwrap_or_else(|| bytecode.machine());
        let value = guarded(limit, || Ok::<_, Infallible>(machine.value(input.clone(), limit)));
        let Ok(Some(value)) = value else { return Ok(None) };
        self.machine = Some(machine);
        Ok(Some(value))
    }

    /// As [`Runner::test`].
    pub(crate) fn test(&mut self, program: &Local, rule: &str, limit: Duration) -> Result<Option<String>, Failure> {
        Ok(match self.run(program, rule, Value::Undefined, limit)? {
            Value::Bool(true) => None,
            Value::Undefined => Some("the rule is undefined: a line of it is false or undefined".into()),
            value => Some(format!("the rule is {value}, not true")),
        })
    }

    fn run(&mut self, program: &Local, rule: &str, input: Value, limit: Duration) -> Result<Value, Failure> {
        // An engine that failed keeps the rules it was in and would call the next run a recursion, so it
        // is given back only after success.
        let (mut engine, allowed) = match self.engine.take() {
            Some(engine) => engine,
            None => (program.copy()?, program.limit),
        };
        if limit != allowed {
            engine.set_execution_timer_config(timer(limit));
        }
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
            return Err(Failure::of(stopped));
        }
        if started.elapsed() > limit {
            return Err(too_long(limit));
        }
        self.engine = Some((engine, limit));
        Ok(value)
    }
}

/// Returns an engine that holds the modules and data, with OPA's handling of builtin errors and our limits.
fn engine_of(texts: &[Text], data: &Value, limit: Duration, v0: bool) -> Result<Engine, Failure> {
    let mut engine = Engine::new();
    engine.set_rego_v0(v0);
    engine.set_strict_builtin_errors(false);
    engine.set_policy_length_config(lengths());
    engine.set_execution_timer_config(timer(limit));
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

pub(crate) fn timer(limit: Duration) -> ExecutionTimerConfig {
    ExecutionTimerConfig {
        limit,
        check_interval: NonZeroU32::new(256).unwrap_or(NonZeroU32::MIN),
    }
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
        Ok(Err(error)) => Err(failure(&error.to_string(), limit)),
        Err(_) => Err(Failure::of("a builtin of the engine panicked")),
    }
}

/// Makes one line of the engine's message: `file:line:column: what`.
fn failure(text: &str, limit: Duration) -> Failure {
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
    Failure::of(match place {
        Some(place) => format!("{}: {what}", place.trim()),
        None => what,
    })
}

fn too_long(limit: Duration) -> Failure {
    Failure::stopped(format!("the evaluation ran past its limit of {} ms", limit.as_millis()))
}
