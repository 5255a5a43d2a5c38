//! The engine's bytecode VM, for clauses that it answers as the interpreter does; which these are is told by
//! [`analysis`](crate::analysis).
//!
//! The VM knows no extensions: it stops at each and is told what comes of it. Whenever something is out of the ordinary (an error, an
//! absent value where none should be) it says nothing, and the interpreter is asked.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::program::Program;
use regorus::rvm::vm::{ExecutionMode, ExecutionState, RegoVM, SuspendReason};
use regorus::{CompiledPolicy, Value};

use crate::guard::{self, Installed};
use crate::program::timer;

/// One entry point as bytecode.
pub(crate) struct Bytecode {
    program: Arc<Program>,
    /// What it may stop at.
    builtins: Arc<[Installed]>,
}

impl Bytecode {
    /// Returns the bytecode of an entry point; `None` where the VM's compiler has none.
    pub(crate) fn of(policy: &CompiledPolicy, entry: &str) -> Option<Bytecode> {
        static BUILTINS: LazyLock<Arc<[Installed]>> = LazyLock::new(|| guard::installed().collect());
        let builtins = Arc::clone(&BUILTINS);
        let stops: Vec<(&str, usize)> = (builtins.iter())
            .map(|builtin| (builtin.name, usize::from(builtin.arity)))
            .collect();
        let program = Compiler::compile_from_policy_with_host_await(policy, &[entry], &stops).ok()?;
        Some(Bytecode { program, builtins })
    }

    /// Returns what runs it on one thread.
    pub(crate) fn machine(&self) -> Machine {
        let mut vm = RegoVM::new();
        vm.load_program(Arc::clone(&self.program));
        vm.set_execution_mode(ExecutionMode::Suspendable);
        // Its own limit is for policies that nobody timed.
        vm.set_max_instructions(usize::MAX);
        Machine {
            vm,
            builtins: Arc::clone(&self.builtins),
        }
    }
}

/// Runs one entry point.
pub(crate) struct Machine {
    vm: RegoVM,
    builtins: Arc<[Installed]>,
}

impl Machine {
    /// Returns what the entry point gives for an input; `None` where the VM cannot tell.
    pub(crate) fn value(&mut self, input: Value, limit: Duration) -> Option<Value> {
        self.vm.set_execution_timer_config(Some(timer(limit)));
        self.vm.set_input(input);
        let started = Instant::now();
        let mut value = self.vm.execute_entry_point_by_index(0).ok()?;
        while let ExecutionState::Suspended { reason, .. } = self.vm.execution_state() {
            let SuspendReason::HostAwait {
                argument, identifier, ..
            } = reason
            else {
                return None;
            };
            if started.elapsed() > limit {
                return None;
            }
            let answer = answer(&self.builtins, identifier, argument)?;
            value = self.vm.resume(Some(answer)).ok()?;
        }
        (!holds_undefined(&value)).then_some(value)
    }
}

/// Returns what a builtin gives that the VM stopped at.
fn answer(builtins: &[Installed], name: &Value, args: &Value) -> Option<Value> {
    if holds_undefined(args) {
        return None;
    }
    let (Value::String(name), Value::Array(args)) = (name, args) else {
        return None;
    };
    let at = builtins
        .binary_search_by(|builtin| builtin.name.cmp(name.as_ref()))
        .ok()?;
    // What is undefined may be so for the interpreter too, which knows what to make of it.
    let args: Vec<Value> = args.iter().cloned().collect();
    let value = builtins.get(at)?.call(&args).ok()?;
    (value != Value::Undefined).then_some(value)
}

fn holds_undefined(value: &Value) -> bool {
    match value {
        Value::Undefined => true,
        Value::Array(items) => items.iter().any(holds_undefined),
        Value::Set(items) => items.iter().any(holds_undefined),
        Value::Object(fields) => (fields.iter()).any(|(key, value)| holds_undefined(key) || holds_undefined(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
