//! Rules, functions and builtins: evaluated where they are used, once for each combination of arguments.

use std::rc::Rc;

use serde_json::Value;

use super::builtins;
use super::eval::{Env, Evaluator, body_loops, loops, sprintf_total, union};
use super::ir::{Expr, Rule, RuleKind, Shape};
use super::reads::{PRESENCE, Reads};
use super::scope::{Global, RuleId};
use super::values::Abs;

/// What a rule or a call gives: what decides whether it is defined, and its value.
#[derive(Debug, Clone)]
pub(super) struct Out {
    pub reads: Reads,
    pub value: Abs,
}

/// One way for a rule to get a value.
struct Branch {
    reads: Reads,
    /// [`Abs::Never`] of one that never holds.
    value: Abs,
    /// It may hold several times, with different values.
    loops: bool,
}

/// Deeper than this the analysis gives up; safety checks refuse such chains anyway.
const MAX_DEPTH: usize = 64;
const MAX_EVALUATIONS: usize = 4000;

impl Out {
    fn whole() -> Rc<Out> {
        Rc::new(Out {
            reads: Reads::whole(),
            value: Abs::Done,
        })
    }
}

impl Evaluator<'_> {
    /// Returns a rule that is no function.
    pub(super) fn rule(&mut self, path: &[String]) -> Rc<Out> {
        if let Some(out) = self.rules.get(path) {
            return Rc::clone(out);
        }
        if !self.enter(path) {
            return Out::whole();
        }
        let ids = self.program.rules_at(path).to_vec();
        let kinds: Vec<RuleKind> = ids.iter().map(|id| self.program.rule(*id).kind).collect();
        let out = if kinds.iter().all(|kind| *kind == RuleKind::Complete) {
            self.complete(&ids, &[])
        } else if kinds.iter().all(|kind| *kind == RuleKind::Set) {
            self.set(&ids)
        } else {
            Out {
                reads: self.document(&ids),
                value: Abs::Done,
            }
        };
        self.active.pop();
        let out = Rc::new(out);
        self.rules.insert(path.to_vec(), Rc::clone(&out));
        out
    }

    fn enter(&mut self, path: &[String]) -> bool {
        self.spent += 1;
        if self.active.iter().any(|other| other == path)
            || self.active.len() >= MAX_DEPTH
            || self.spent > MAX_EVALUATIONS
        {
            return false;
        }
        self.active.push(path.to_vec());
        true
    }

    /// Returns what decides the value of several rules read together, either way.
    pub(super) fn document(&mut self, ids: &[RuleId]) -> Reads {
        let mut reads = Reads::default();
        for id in ids {
            let rule = self.program.rule(*id);
            if rule.kind == RuleKind::Function {
                continue;
            }
            let path: Vec<String> = self
                .program
                .module_of(*id)
                .package
                .iter()
                .chain(&rule.path)
                .cloned()
                .collect();
            // `rule` enters a name before it comes here for all rules of that name.
            let own = self.active.last() == Some(&path);
            if !own && !self.enter(&path) {
                return Reads::whole();
            }
            for body in &rule.bodies {
                let mut env = Env::new(id.module);
                self.query(&body.query, &mut env, &mut reads);
                for part in rule.keys.iter().chain([&body.value]) {
                    self.expr(part, &mut env, &mut reads).value(&mut reads);
                }
            }
            if !own {
                self.active.pop();
            }
        }
        reads.either()
    }

    fn set(&mut self, ids: &[RuleId]) -> Out {
        let mut reads = Reads::default();
        let mut elements = Vec::new();
        for id in ids {
            let rule = self.program.rule(*id);
            let (Some(body), Some(head)) = (rule.bodies.first(), rule.keys.first()) else {
                continue;
            };
            let mut env = Env::new(id.module);
            let mut inner = Reads::default();
            if !self.query(&body.query, &mut env, &mut inner) {
                reads.join(&inner.either());
                continue;
            }
            elements.push(self.expr(head, &mut env, &mut inner));
            if loops(&body.query) && !self.defined(head, &env) {
                inner = inner.either();
            }
            reads.join(&inner);
        }
        let element = Abs::any(elements);
        Out {
            reads: Reads::default(),
            value: Abs::Many {
                shape: Shape::Set,
                key: Box::new(element.clone()),
                element: Box::new(element),
                reads,
            },
        }
    }

    /// Evaluates the clauses of a complete rule, or of a function with these arguments.
    fn complete(&mut self, ids: &[RuleId], args: &[Abs]) -> Out {
        let mut clauses = Vec::new();
        let mut default = None;
        for id in ids {
            let rule = self.program.rule(*id);
            if rule.default {
                let mut env = Env::new(id.module);
                let value = rule
                    .bodies
                    .first()
                    .map(|body| self.expr(&body.value, &mut env, &mut Reads::default()));
                default = default.or(value);
            } else {
                clauses.push(self.branches(rule, id.module, args));
            }
        }
        combine(clauses, default)
    }

    fn branches(&mut self, rule: &Rule, module: usize, args: &[Abs]) -> Vec<Branch> {
        let mut outer = Env::new(module);
        let mut given = Reads::default();
        rule.args
            .iter()
            .for_each(|arg| super::scope::pattern(arg, &mut outer.pending));
        for (pattern, value) in rule.args.iter().zip(args) {
            self.unify(pattern, value, &mut outer, &mut given);
        }
        let mut found = Vec::new();
        for body in &rule.bodies {
            let mut env = outer.clone();
            let mut reads = given.clone();
            if !self.query(&body.query, &mut env, &mut reads) {
                found.push(Branch {
                    reads: reads.either(),
                    value: Abs::Never,
                    loops: false,
                });
                continue;
            }
            let value = self.expr(&body.value, &mut env, &mut reads);
            let repeats = body_loops(body);
            if repeats && rule.kind != RuleKind::Function && !self.defined(&body.value, &env) {
                reads = reads.either();
            }
            found.push(Branch {
                reads,
                value,
                loops: repeats,
            });
        }
        found
    }

    /// Evaluates a call.
    pub(super) fn call(&mut self, name: &[String], args: &[Expr], env: &mut Env, reads: &mut Reads) -> Abs {
        let Some((root, rest)) = name.split_first() else {
            reads.join(&Reads::whole());
            return Abs::Done;
        };
        let output = self.output(name, args, env.module).cloned();
        let given = if output.is_some() {
            args.get(..args.len() - 1).unwrap_or_default()
        } else {
            args
        };
        let global = if env.vars.contains_key(root) || env.pending.contains(root) {
            Some(Global::Input(Vec::new()))
        } else {
            self.program.global(env.module, root)
        };
        let value = match global {
            Some(Global::Data(mut path)) => {
                path.extend(rest.iter().cloned());
                let values = self.exprs(given, env, reads);
                let out = self.function(path, values);
                reads.join(&out.reads);
                out.value.clone()
            }
            Some(Global::Input(_)) => {
                // A call of what is no function.
                reads.join(&Reads::whole());
                Abs::Done
            }
            None => self.builtin(&name.join("."), given, env, reads),
        };
        match output {
            Some(output) => {
                self.unify(&output, &value, env, reads);
                Abs::Const(Value::Bool(true))
            }
            None => value,
        }
    }

    fn function(&mut self, path: Vec<String>, args: Vec<Abs>) -> Rc<Out> {
        let ids = self.program.rules_at(&path).to_vec();
        let fits = |id: &RuleId| {
            let rule = self.program.rule(*id);
            rule.kind == RuleKind::Function && rule.args.len() == args.len()
        };
        if ids.is_empty() || !ids.iter().all(fits) {
            return Out::whole();
        }
        let key = (path, args);
        if let Some(out) = self.calls.get(&key) {
            return Rc::clone(out);
        }
        if !self.enter(&key.0) {
            return Out::whole();
        }
        let out = Rc::new(self.complete(&ids, &key.1));
        self.active.pop();
        self.calls.insert(key, Rc::clone(&out));
        out
    }

    fn builtin(&mut self, name: &str, args: &[Expr], env: &mut Env, reads: &mut Reads) -> Abs {
        if builtins::arity(name).is_none() && !builtins::exists(name) {
            reads.join(&Reads::whole());
        }
        if matches!(name, "print" | "trace") {
            // Holds whatever its arguments are, but goes through them.
            let mut inner = Reads::default();
            let values = self.exprs(args, env, &mut inner);
            values.iter().for_each(|value| value.value(&mut inner));
            reads.join(&inner.either());
            return Abs::Done;
        }
        let values = self.exprs(args, env, reads);
        match (name, values.as_slice(), args) {
            ("count", [collection], _) => collection.count(None, reads),
            ("object.get", [object, key, default], _) => return object_get(object, key, default),
            ("object.keys", [object], _) => {
                let mut inner = Reads::default();
                let (key, _) = object.iterate(&mut inner);
                return Abs::Many {
                    shape: Shape::Set,
                    key: Box::new(key.clone()),
                    element: Box::new(key),
                    reads: inner,
                };
            }
            ("array.concat", [first, second], _) => return union(Shape::Array, first, second),
            ("sprintf", [_, Abs::Array(items)], [format, list]) if sprintf_total(format, list) => {
                let mut inner = Reads::default();
                items.iter().for_each(|item| item.value(&mut inner));
                return Abs::Lazy(inner);
            }
            ("json.marshal", [value], _) => {
                let mut inner = Reads::default();
                value.value(&mut inner);
                return Abs::Lazy(inner);
            }
            (name, [value], _) if builtins::reads_type(name) => value.scalar(reads, PRESENCE),
            _ => values.iter().for_each(|value| value.value(reads)),
        }
        Abs::Done
    }
}

/// `object.get(object, key, default)`, where object and key are defined.
fn object_get(object: &Abs, key: &Abs, default: &Abs) -> Abs {
    if let (Abs::Const(Value::Object(map)), Abs::Const(Value::String(key))) = (object, key) {
        return map
            .get(key)
            .map_or_else(|| default.clone(), |found| Abs::Const(found.clone()));
    }
    let steps = match key {
        Abs::Const(Value::Array(path)) => Some(path.iter().cloned().map(Abs::Const).collect::<Vec<_>>()),
        Abs::Const(key) => Some(vec![Abs::Const(key.clone())]),
        Abs::Array(path) if path.iter().all(|step| matches!(step, Abs::Const(_))) => Some(path.clone()),
        _ => None,
    };
    let paths = |value: &Abs| matches!(value, Abs::Path(_));
    let direct = match object {
        Abs::Any(items) => items.iter().all(paths),
        other => paths(other),
    };
    let mut reads = Reads::default();
    if let (Some(steps), true) = (&steps, direct) {
        let found = steps
            .iter()
            .fold(object.clone(), |value, step| value.step(step, &mut reads));
        if reads == Reads::default() {
            return Abs::Fallback(Box::new(found), Box::new(default.clone()));
        }
    }
    object.value(&mut reads);
    key.value(&mut reads);
    default.value(&mut reads);
    Abs::Lazy(reads.either())
}

/// Puts clauses, each with its `else` branches, and a default together.
fn combine(clauses: Vec<Vec<Branch>>, default: Option<Abs>) -> Out {
    let mut branches: Vec<&Branch> = clauses.iter().flatten().collect();
    let mut reads = Reads::default();
    branches.iter().for_each(|branch| reads.join(&branch.reads));
    branches.retain(|branch| branch.value != Abs::Never);
    if branches.is_empty() {
        return Out {
            reads,
            value: default.unwrap_or(Abs::Never),
        };
    }
    let first = branches.first().map(|branch| &branch.value);
    let same = matches!(first, Some(Abs::Const(_))) && branches.iter().all(|branch| Some(&branch.value) == first);
    match (same, &default, first) {
        // All give one constant: nothing can conflict.
        (true, None, Some(value)) => {
            return Out {
                reads,
                value: value.clone(),
            };
        }
        (true, Some(Abs::Const(Value::Bool(false))), Some(Abs::Const(Value::Bool(true)))) => {
            return Out {
                reads: Reads::default(),
                value: Abs::Truth(reads),
            };
        }
        _ => {}
    }
    if let (None, [only]) = (&default, branches.as_slice())
        && !only.loops
    {
        return Out {
            reads,
            value: only.value.clone(),
        };
    }
    // Which clause holds decides the value, two may conflict: all of it is read, either way.
    branches.iter().for_each(|branch| branch.value.value(&mut reads));
    default.iter().for_each(|value| value.value(&mut reads));
    Out {
        reads: reads.either(),
        value: Abs::Done,
    }
}
