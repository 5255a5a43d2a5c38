//! Static analysis of policies, on a form of our own lowered from regorus' syntax tree: what must not be loaded, and
//! which paths of the input can decide a `deny`.
//!
//! Everything here errs towards more: a path that need not be read is read, an effect that cannot be told goes both ways.

mod builtins;
mod calls;
mod divergences;
mod documents;
mod eval;
mod fragment;
mod head;
mod ir;
mod lift;
mod lower;
mod reads;
mod safety;
mod schema;
mod scope;
mod spell;
mod strict;
#[cfg(test)]
mod tests;
mod tokens;
mod unlike;
mod values;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

pub use builtins::{Builtin, Support, builtins};
pub(crate) use ir::Module;
pub use reads::ReadPath;
pub(crate) use reads::{ReadSet, Step, Uses, depth};
use scope::Program;
use serde_json::Value;

/// Something in a policy that stops it from loading, with its place and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The policy's file, relative to its bundle.
    pub file: String,
    /// Line from 1; 0 where the problem belongs to the whole file.
    pub line: u32,
    /// Column from 1.
    pub column: u32,
    /// A stable name for the kind of problem, for example `recursion`.
    pub code: &'static str,
    /// What is wrong, in lower case.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {} [{}]",
            self.file, self.line, self.column, self.message, self.code
        )?;
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

/// Parses one file of Rego v1, within limits that hold before regorus' parser sees it: that one takes time
/// exponential in the nesting of literals, and recurses without bound.
///
/// # Errors
///
/// Every problem of the file that could be found; at least one.
pub(crate) fn parse(file: &str, text: &str) -> Result<Module, Vec<Problem>> {
    let tokens = tokens::scan(file, text)?;
    lower::module(file, text, &tokens)
}

/// Parses one file of Rego v0, within the limits of [`parse`].
///
/// # Errors
///
/// As [`parse`].
pub(crate) fn parse_v0(file: &str, text: &str) -> Result<Module, Vec<Problem>> {
    let tokens = tokens::scan(file, text)?;
    lower::module_v0(file, text, &tokens)
}

/// Returns the text of a file of Rego v0 with the calls of imported functions written with their full path, on the same lines.
///
/// # Errors
///
/// As [`parse`].
pub(crate) fn spelled_out_v0(file: &str, text: &str) -> Result<String, Vec<Problem>> {
    let tokens = tokens::scan(file, text)?;
    let module = lower::module_v0(file, text, &tokens)?;
    Ok(spell::out(text, &module, &tokens))
}

/// Returns a text with blanks for its comments and for the texts in it that are no steps of references. `None` past the limits
/// of [`parse`].
pub(crate) fn code(text: &str) -> Option<String> {
    tokens::scan("", text).ok().map(|tokens| tokens::code(text, &tokens))
}

/// Returns a text with the operands of `not` on some lines bound before it, as OPA's compiler does.
///
/// # Errors
///
/// As [`parse`].
pub(crate) fn lifted(file: &str, text: &str, lines: &BTreeSet<u32>) -> Result<String, Vec<Problem>> {
    Ok(lift::out(text, &tokens::scan(file, text)?, lines))
}

/// Returns a text with the elements of sets whose head stands on some lines bound in the body, as OPA's compiler does.
///
/// # Errors
///
/// As [`parse`].
pub(crate) fn bound(file: &str, text: &str, lines: &BTreeSet<u32>) -> Result<String, Vec<Problem>> {
    Ok(head::out(text, &tokens::scan(file, text)?, lines))
}

/// One `deny` rule of a policy: a unit of evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause {
    /// Its place among the clauses of its package, by file and then by line.
    pub index: usize,
    /// The file it stands in.
    pub file: String,
    /// Line of its first token.
    pub line: u32,
    /// Bytes of the file from the start of `deny` to the end of its last token.
    pub span: Range<usize>,
}

/// The head of a rule: what it is called, and what it gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Head {
    pub package: String,
    /// Its name, without what stands below it.
    pub name: String,
    pub file: String,
    pub line: u32,
    pub form: Form,
}

/// What a rule gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Form {
    Set,
    /// One value, which stands in the head where it is a constant.
    Value(Option<Value>),
    Function,
    /// An object, or a part of one.
    Object,
}

impl Head {
    fn of(module: &Module, rule: &ir::Rule) -> Head {
        let constant = rule.bodies.first().and_then(|body| body.value.constant());
        let form = match rule.kind {
            ir::RuleKind::Set if rule.path.len() == 1 => Form::Set,
            ir::RuleKind::Complete if rule.path.len() == 1 => Form::Value(constant.cloned()),
            ir::RuleKind::Function => Form::Function,
            _ => Form::Object,
        };
        Head {
            package: module.package(),
            name: rule.path.first().cloned().unwrap_or_default(),
            file: module.file.clone(),
            line: rule.at.line,
            form,
        }
    }
}

/// The modules of a bundle: policies and the libraries they call, without tests.
#[derive(Debug)]
pub(crate) struct Modules {
    program: Program,
}

impl Modules {
    /// Returns the modules in order of their file names.
    pub(crate) fn new(modules: Vec<Module>) -> Self {
        Modules {
            program: Program::new(modules),
        }
    }

    /// Returns what no bundle may contain: recursion, builtins that reach outside or do not exist, what kills the process.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        safety::problems(&self.program, &[])
    }

    /// Returns what no bundle may contain, where the engine is given the builtins `extra` too.
    pub(crate) fn problems_with(&self, extra: &[&str]) -> Vec<Problem> {
        safety::problems(&self.program, extra)
    }

    /// Returns the heads of all rules.
    pub(crate) fn heads(&self) -> Vec<Head> {
        let rules = self
            .program
            .ids()
            .map(|id| (self.program.module_of(id), self.program.rule(id)));
        rules.map(|(module, rule)| Head::of(module, rule)).collect()
    }

    /// Returns whether `data.<package>.<rule>` is a set.
    pub(crate) fn has_set(&self, package: &str, rule: &str) -> bool {
        self.program.has_set(package, rule)
    }

    /// Returns the clauses of `data.<package>.deny`.
    pub(crate) fn deny_clauses(&self, package: &str) -> Vec<Clause> {
        let clauses = self.program.deny_rules(package).into_iter().enumerate();
        clauses
            .map(|(index, rule)| Clause {
                index,
                file: self.program.module_of(rule).file.clone(),
                line: self.program.rule(rule).at.line,
                span: self.program.rule(rule).span.clone(),
            })
            .collect()
    }

    /// Returns what the clause reads of `input` and what a change there can do to its `deny`, whatever the parameters are.
    ///
    /// A clause that does not exist reads everything.
    pub(crate) fn read_set(&self, package: &str, clause: usize) -> ReadSet {
        self.read_set_with(package, clause, None)
    }

    /// Like [`Modules::read_set`], where `input.params` holds `params`: what these switch off is not read.
    pub(crate) fn read_set_with(&self, package: &str, clause: usize, params: Option<&Value>) -> ReadSet {
        match self.program.deny_rules(package).get(clause) {
            Some(rule) => eval::read_set(&self.program, *rule, params),
            None => ReadSet::whole(),
        }
    }

    /// Returns whether the bytecode VM answers the clause as the interpreter does.
    pub(crate) fn on_vm(&self, package: &str, clause: usize) -> bool {
        let rules = self.program.deny_rules(package);
        rules
            .get(clause)
            .is_some_and(|rule| fragment::holds(&self.program, *rule))
    }

    /// Returns what the shipped pack must not contain, beyond [`Modules::problems`].
    pub(crate) fn strict_problems(&self, package: &str, schema: &Value) -> Vec<Problem> {
        strict::problems(&self.program, package, schema)
    }

    /// Returns what keeps verdicts from being used again.
    pub(crate) fn unlike(&self, package: &str) -> Vec<Problem> {
        unlike::problems(&self.program, package)
    }

    /// Returns where regorus and OPA would disagree.
    pub(crate) fn divergences(&self, package: &str) -> Vec<Problem> {
        divergences::problems(&self.program, package)
    }

    /// Returns the paths of `input` that the schema does not know, with the nearest name it knows.
    pub(crate) fn unknown_paths(&self, package: &str, schema: &Value) -> Vec<Problem> {
        schema::unknown_paths(&self.program, package, schema)
    }
}
