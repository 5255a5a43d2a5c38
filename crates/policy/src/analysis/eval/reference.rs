//! References and patterns: paths into the input, rules and data, and the variables they bind.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Env, Evaluator};
use crate::analysis::ir::{Expr, Node, Op};
use crate::analysis::reads::{COUNT, Effect, KEYS, Reads, Step};
use crate::analysis::scope::{self, Global, Target};
use crate::analysis::values::Abs;

impl Evaluator<'_> {
    pub(super) fn reference(&mut self, base: &Expr, steps: &[Expr], env: &mut Env, reads: &mut Reads) -> Abs {
        let mut rest = steps;
        let global = match base.var() {
            Some(name) if !env.vars.contains_key(name) && !env.pending.contains(name) => {
                self.program.global(env.module, name)
            }
            _ => None,
        };
        let mut value = match global {
            Some(Global::Input(path)) => self.known(input(path)),
            Some(Global::Data(mut path)) => {
                while let Some((first, others)) = rest.split_first()
                    && let Some(Value::String(name)) = first.constant()
                {
                    path.push(name.clone());
                    rest = others;
                }
                let (mut value, below) = self.data(&path, reads);
                for name in below {
                    value = value.step(&Abs::Const(Value::String(name)), reads);
                }
                value
            }
            None => self.expr(base, env, reads),
        };
        for step in rest {
            value = self.step(&value, step, env, reads);
            value = self.known(value);
        }
        value.present(reads);
        value
    }

    /// Takes one step, which may bind variables.
    fn step(&mut self, value: &Abs, step: &Expr, env: &mut Env, reads: &mut Reads) -> Abs {
        if self.unbound(step, env) {
            self.note(value, step.at, env.module, true, false);
            let (key, element) = value.iterate(reads);
            self.unify(step, &key, env, reads);
            return element;
        }
        let step = self.expr(step, env, reads);
        value.step(&step, reads)
    }

    /// Whether a step is a variable, or a pattern with one, that has no value yet.
    fn unbound(&self, step: &Expr, env: &Env) -> bool {
        let mut names = BTreeSet::new();
        scope::pattern(step, &mut names);
        names.iter().any(|name| {
            !env.vars.contains_key(name)
                && (env.pending.contains(name) || self.program.global(env.module, name).is_none())
        })
    }

    /// Returns the value at a path into `data`, and the steps that lead on from there.
    pub(super) fn data(&mut self, path: &[String], reads: &mut Reads) -> (Abs, Vec<String>) {
        match self.program.target(path) {
            Target::Base => (Abs::Done, Vec::new()),
            Target::Tree(ids) => {
                reads.join(&self.document(&ids));
                (Abs::Done, Vec::new())
            }
            Target::Rule(rule, length) => {
                let out = self.rule(&rule);
                reads.join(&out.reads);
                (out.value.clone(), path.get(length..).unwrap_or_default().to_vec())
            }
        }
    }

    /// Matches a pattern with a value, which binds the pattern's variables.
    pub(in crate::analysis) fn unify(&mut self, pattern: &Expr, value: &Abs, env: &mut Env, reads: &mut Reads) {
        match &pattern.node {
            Node::Var(name) if self.unbound(pattern, env) => env.bind(name, value.clone()),
            Node::Array(items) => match value {
                Abs::Array(values) if values.len() == items.len() => {
                    items
                        .iter()
                        .zip(values)
                        .for_each(|(item, value)| self.unify(item, value, env, reads));
                }
                Abs::Const(Value::Array(values)) if values.len() == items.len() => {
                    for (item, value) in items.iter().zip(values) {
                        self.unify(item, &Abs::Const(value.clone()), env, reads);
                    }
                }
                Abs::Path(path) => {
                    reads.add(path, COUNT, Effect::NONE, Effect::EITHER);
                    for (index, item) in items.iter().enumerate() {
                        self.member_of(path, &index.to_string(), item, env, reads);
                    }
                }
                _ => self.take(pattern, value, env, reads),
            },
            Node::Object(fields) => match value {
                Abs::Path(path)
                    if fields
                        .iter()
                        .all(|(key, _)| matches!(key.constant(), Some(Value::String(_)))) =>
                {
                    reads.add(path, KEYS, Effect::NONE, Effect::EITHER);
                    for (key, item) in fields {
                        let key = key.constant().and_then(Value::as_str).unwrap_or_default();
                        self.member_of(path, key, item, env, reads);
                    }
                }
                _ => self.take(pattern, value, env, reads),
            },
            _ => {
                let other = self.expr(pattern, env, reads);
                Self::compare_values(Op::Eq, &other, value, reads);
            }
        }
    }

    fn member_of(&mut self, path: &[Step], key: &str, item: &Expr, env: &mut Env, reads: &mut Reads) {
        let mut path = path.to_vec();
        path.push(Step::Key(key.to_owned()));
        let value = Abs::Path(path);
        value.present(reads);
        self.unify(item, &value, env, reads);
    }

    /// Matches a pattern with a value that is taken whole.
    fn take(&mut self, pattern: &Expr, value: &Abs, env: &mut Env, reads: &mut Reads) {
        value.value(reads);
        let mut names = BTreeSet::new();
        scope::pattern(pattern, &mut names);
        for name in names {
            if !env.vars.contains_key(&name) {
                env.bind(&name, Abs::Done);
            }
        }
        self.expr(pattern, env, reads).value(reads);
    }
}

/// Returns what stands at a path of the input.
pub(super) fn input(path: Vec<String>) -> Abs {
    Abs::Path(path.into_iter().map(Step::Key).collect())
}
