//! Abstract evaluation of clauses: statements, expressions, references.
//!
//! Each expression adds to `reads` what decides whether it is defined (or, as a condition, true), as if that could
//! only add a `deny`; `not`, `every` and the like then turn the effects.

mod query;

pub(super) use query::plain;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::Value;

use super::builtins;
use super::calls::Out;
use super::ir::{At, Body, Expr, Node, Op, Shape, Stmt, StmtNode};
use super::reads::{Effect, KEYS, PRESENCE, ReadSet, Reads, Step, Uses, VALUE};
use super::scope::{Global, Program, RuleId, Target};
use super::values::Abs;

/// Returns the read set of one `deny` clause.
pub(super) fn read_set(program: &Program, clause: RuleId) -> ReadSet {
    let mut evaluator = Evaluator::new(program);
    let mut env = Env::new(clause.module);
    let mut conditions = Reads::default();
    let mut text = Reads::default();
    let rule = program.rule(clause);
    let (Some(body), Some(head)) = (rule.bodies.first(), rule.keys.first()) else {
        return ReadSet::whole();
    };
    evaluator.query(&body.query, &mut env, &mut conditions);
    let value = evaluator.expr(head, &mut env, &mut conditions);
    if loops(&body.query) && !evaluator.defined(head, &env) {
        // regorus drops what it had found when the head is undefined for one element.
        conditions = conditions.either();
    }
    match &value {
        Abs::Object(fields) => {
            for (name, value) in fields {
                match name {
                    Abs::Const(Value::String(name)) if name != "key" => value.value(&mut text),
                    _ => {
                        name.value(&mut conditions);
                        value.value(&mut conditions);
                    }
                }
            }
        }
        // A text alone has no key.
        Abs::Lazy(_) => value.value(&mut text),
        _ => value.value(&mut conditions),
    }
    ReadSet::new(&conditions, &text)
}

/// Local variables.
#[derive(Debug, Clone)]
pub(super) struct Env {
    pub module: usize,
    pub vars: BTreeMap<String, Abs>,
    /// Declared, and not bound yet.
    pub pending: BTreeSet<String>,
}

impl Env {
    pub(super) fn new(module: usize) -> Env {
        Env {
            module,
            vars: BTreeMap::new(),
            pending: BTreeSet::new(),
        }
    }

    pub(super) fn bind(&mut self, name: &str, value: Abs) {
        self.pending.remove(name);
        self.vars.insert(name.to_owned(), value);
    }
}

pub(super) struct Evaluator<'a> {
    pub program: &'a Program,
    pub calls: HashMap<(Vec<String>, Vec<Abs>), Rc<Out>>,
    pub rules: HashMap<Vec<String>, Rc<Out>>,
    /// Rules being evaluated, against recursion.
    pub active: Vec<Vec<String>>,
    /// Evaluations of functions so far.
    pub spent: usize,
    /// Every path that was named, where it was named.
    pub trace: Vec<Seen>,
}

/// A path of the input that an expression names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub module: usize,
    pub at: At,
    pub path: Vec<Step>,
    /// It is gone through, element by element.
    pub iterated: bool,
    /// It is read by `object.get`, with a default.
    pub optional: bool,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        Evaluator {
            program,
            calls: HashMap::new(),
            rules: HashMap::new(),
            active: Vec::new(),
            spent: 0,
            trace: Vec::new(),
        }
    }

    /// Evaluates every `deny` of a package, for the trace.
    pub(super) fn package(&mut self, package: &str) {
        for id in self.program.deny_rules(package) {
            let rule = self.program.rule(id);
            let mut env = Env::new(id.module);
            let mut reads = Reads::default();
            for body in &rule.bodies {
                self.query(&body.query, &mut env, &mut reads);
            }
            self.exprs(&rule.keys, &mut env, &mut reads);
        }
    }

    /// Notes the paths that `value` stands for.
    pub(super) fn note(&mut self, value: &Abs, at: At, module: usize, iterated: bool, optional: bool) {
        match value {
            Abs::Path(path) => {
                let seen = Seen {
                    module,
                    at,
                    path: path.clone(),
                    iterated,
                    optional,
                };
                if self.trace.last() != Some(&seen) {
                    self.trace.push(seen);
                }
            }
            Abs::Any(items) => items
                .iter()
                .for_each(|item| self.note(item, at, module, iterated, optional)),
            Abs::Fallback(first, _) => self.note(first, at, module, iterated, true),
            _ => {}
        }
    }

    /// Reads an expression as a condition.
    pub(super) fn condition(&mut self, expr: &Expr, env: &mut Env, reads: &mut Reads) {
        match &expr.node {
            Node::Binary(op, left, right) if op.compares() => self.compare(*op, left, right, env, reads),
            Node::In { key, value, collection } => self.member(key.as_deref(), value, collection, env, reads),
            Node::Assign { left, right, .. } => self.compare(Op::Eq, left, right, env, reads),
            _ => {
                let value = self.expr(expr, env, reads);
                value.truth(reads);
            }
        }
    }

    /// Returns an expression's value, and adds what decides whether it is defined.
    pub(super) fn expr(&mut self, expr: &Expr, env: &mut Env, reads: &mut Reads) -> Abs {
        match &expr.node {
            Node::Const(value) => Abs::Const(value.clone()),
            Node::Var(name) => self.name(name, env, reads),
            Node::Array(items) => Abs::Array(self.exprs(items, env, reads)),
            Node::Set(items) => Abs::Set(self.exprs(items, env, reads)),
            Node::Object(fields) => {
                let fields = fields.iter().map(|(key, value)| {
                    let key = self.expr(key, env, reads);
                    (key, self.expr(value, env, reads))
                });
                Abs::Object(fields.collect())
            }
            Node::Compr {
                shape,
                key,
                term,
                query,
            } => self.comprehension(*shape, key.as_deref(), term, query, env, reads),
            Node::Call(name, args) => {
                let value = self.call(name, args, env, reads);
                if matches!(value, Abs::Fallback(..)) {
                    self.note(&value, expr.at, env.module, false, true);
                }
                value
            }
            Node::Neg(inner) => {
                self.expr(inner, env, reads).value(reads);
                Abs::Done
            }
            Node::Ref(base, steps) => {
                let value = self.reference(base, steps, env, reads);
                self.note(&value, expr.at, env.module, false, false);
                value
            }
            Node::Binary(op, left, right) => self.binary(*op, left, right, env, reads),
            Node::Assign { left, right, .. } => {
                self.compare(Op::Eq, left, right, env, reads);
                Abs::Done
            }
            Node::In { key, value, collection } => {
                // As a value, false is as defined as true; regorus says false of what is absent.
                let mut inner = Reads::default();
                self.member(key.as_deref(), value, collection, env, &mut inner);
                reads.join(&inner.either());
                Abs::Done
            }
        }
    }

    pub(super) fn exprs(&mut self, items: &[Expr], env: &mut Env, reads: &mut Reads) -> Vec<Abs> {
        items.iter().map(|item| self.expr(item, env, reads)).collect()
    }

    fn name(&mut self, name: &str, env: &Env, reads: &mut Reads) -> Abs {
        if let Some(value) = env.vars.get(name) {
            return value.clone();
        }
        if !env.pending.contains(name) {
            match self.program.global(env.module, name) {
                Some(Global::Input(path)) => {
                    let value = input(path);
                    if !matches!(&value, Abs::Path(path) if path.is_empty()) {
                        value.present(reads);
                    }
                    return value;
                }
                Some(Global::Data(path)) => return self.data(&path, reads).0,
                None => {}
            }
        }
        reads.join(&Reads::whole());
        Abs::Done
    }

    fn comprehension(
        &mut self,
        shape: Shape,
        key: Option<&Expr>,
        term: &Expr,
        query: &[Stmt],
        env: &Env,
        reads: &mut Reads,
    ) -> Abs {
        let mut env = env.clone();
        let mut inner = Reads::default();
        self.query(query, &mut env, &mut inner);
        let element = self.expr(term, &mut env, &mut inner);
        let key = match (shape, key) {
            (Shape::Object, Some(key)) => {
                let key = self.expr(key, &mut env, &mut inner);
                // Two values for one key end the evaluation.
                let mut all = inner.clone();
                key.value(&mut all);
                element.value(&mut all);
                reads.join(&all.either());
                key
            }
            (Shape::Set, _) => element.clone(),
            _ => Abs::Done,
        };
        Abs::Many {
            shape,
            key: Box::new(key),
            element: Box::new(element),
            reads: inner,
        }
    }

    fn binary(&mut self, op: Op, left: &Expr, right: &Expr, env: &mut Env, reads: &mut Reads) -> Abs {
        let a = self.expr(left, env, reads);
        let b = self.expr(right, env, reads);
        let collections = is_collection(&a) || is_collection(&b);
        match op {
            Op::Union if collections => union(Shape::Set, &a, &b),
            Op::Sub if collections => {
                let mut inner = Reads::default();
                let (_, element) = a.iterate(&mut inner);
                let mut taken = Reads::default();
                b.iterate(&mut taken).1.value(&mut taken);
                element.value(&mut taken);
                inner.join(&taken.inverted());
                Abs::Many {
                    shape: Shape::Set,
                    key: Box::new(element.clone()),
                    element: Box::new(element),
                    reads: inner,
                }
            }
            _ => {
                a.value(reads);
                b.value(reads);
                Abs::Done
            }
        }
    }

    /// Reads a comparison that must hold.
    fn compare(&mut self, op: Op, left: &Expr, right: &Expr, env: &mut Env, reads: &mut Reads) {
        if let Some(args) = self.counted(left, env)
            && let Some(Value::Number(limit)) = right.constant()
        {
            let collection = self.expr(args, env, reads);
            return collection.count(rising(op, limit.as_f64() == Some(0.0)), reads);
        }
        if self.counted(right, env).is_some() && matches!(left.constant(), Some(Value::Number(_))) {
            return self.compare(flipped(op), right, left, env, reads);
        }
        let a = self.expr(left, env, reads);
        let b = self.expr(right, env, reads);
        Self::compare_values(op, &a, &b, reads);
    }

    pub(super) fn compare_values(op: Op, a: &Abs, b: &Abs, reads: &mut Reads) {
        match (scalar(a), scalar(b)) {
            (_, Some(value)) => against(a, op, value, reads),
            (Some(value), _) => against(b, flipped(op), value, reads),
            (None, None) => {
                a.value(reads);
                b.value(reads);
            }
        }
    }

    fn counted<'e>(&self, expr: &'e Expr, env: &Env) -> Option<&'e Expr> {
        match &expr.node {
            Node::Call(name, args) if name.len() == 1 && name.first().is_some_and(|name| name == "count") => {
                let own = self.program.global(env.module, "count").is_some();
                if own { None } else { args.first() }
            }
            _ => None,
        }
    }

    /// Reads a membership that must hold.
    fn member(&mut self, key: Option<&Expr>, value: &Expr, collection: &Expr, env: &mut Env, reads: &mut Reads) {
        let mut inner = Reads::default();
        let value = self.expr(value, env, &mut inner);
        let place = collection.at;
        let collection = self.expr(collection, env, &mut inner);
        self.note(&collection, place, env.module, true, false);
        let (at, element) = collection.iterate(&mut inner);
        Self::compare_values(Op::Eq, &value, &element, &mut inner);
        match key {
            Some(key) => {
                // regorus compares what is absent with what is absent, and finds it equal.
                let key = self.expr(key, env, &mut inner);
                Self::compare_values(Op::Eq, &key, &at, &mut inner);
                reads.join(&inner.either());
            }
            None => reads.join(&inner),
        }
    }

    fn reference(&mut self, base: &Expr, steps: &[Expr], env: &mut Env, reads: &mut Reads) -> Abs {
        let mut rest = steps;
        let global = match base.var() {
            Some(name) if !env.vars.contains_key(name) && !env.pending.contains(name) => {
                self.program.global(env.module, name)
            }
            _ => None,
        };
        let mut value = match global {
            Some(Global::Input(path)) => input(path),
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
        super::scope::pattern(step, &mut names);
        names.iter().any(|name| {
            !env.vars.contains_key(name)
                && (env.pending.contains(name) || self.program.global(env.module, name).is_none())
        })
    }

    /// Returns the value at a path into `data`, and the steps that lead on from there.
    fn data(&mut self, path: &[String], reads: &mut Reads) -> (Abs, Vec<String>) {
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
    pub(super) fn unify(&mut self, pattern: &Expr, value: &Abs, env: &mut Env, reads: &mut Reads) {
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
                    reads.add(path, super::reads::COUNT, Effect::NONE, Effect::EITHER);
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
        super::scope::pattern(pattern, &mut names);
        for name in names {
            if !env.vars.contains_key(&name) {
                env.bind(&name, Abs::Done);
            }
        }
        self.expr(pattern, env, reads).value(reads);
    }

    /// Whether an expression has a value whatever the input is, once the body holds.
    pub(super) fn defined(&self, expr: &Expr, env: &Env) -> bool {
        let all = |items: &[Expr]| items.iter().all(|item| self.defined(item, env));
        match &expr.node {
            Node::Const(_)
            | Node::Compr {
                shape: Shape::Array | Shape::Set,
                ..
            } => true,
            Node::Var(name) => env.vars.contains_key(name),
            Node::Array(items) | Node::Set(items) => all(items),
            Node::Object(fields) => fields
                .iter()
                .all(|(key, value)| self.defined(key, env) && self.defined(value, env)),
            Node::Call(name, args)
                if self
                    .program
                    .global(env.module, name.first().map_or("", String::as_str))
                    .is_none() =>
            {
                match (name.join(".").as_str(), args.as_slice()) {
                    ("object.get", [_, _, _]) | ("json.marshal", [_]) => all(args),
                    ("sprintf", [format, list]) => sprintf_total(format, list) && all(args),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

/// Whether `sprintf` of these arguments has a result whatever their values are.
pub(super) fn sprintf_total(format: &Expr, list: &Expr) -> bool {
    match (format.constant(), &list.node) {
        (Some(Value::String(format)), Node::Array(items)) => {
            builtins::verbs(format).is_some_and(|verbs| verbs <= items.len())
        }
        _ => false,
    }
}

/// Returns the union of two collections.
pub(super) fn union(shape: Shape, a: &Abs, b: &Abs) -> Abs {
    let mut reads = Reads::default();
    let (_, first) = a.iterate(&mut reads);
    let (_, second) = b.iterate(&mut reads);
    let element = Abs::any([first, second]);
    Abs::Many {
        shape,
        key: Box::new(if shape == Shape::Set {
            element.clone()
        } else {
            Abs::Done
        }),
        element: Box::new(element),
        reads,
    }
}

/// Whether something in the query, or in an expression, may hold more than once.
pub(super) fn loops(query: &[Stmt]) -> bool {
    query
        .iter()
        .any(|stmt| matches!(stmt.node, StmtNode::SomeIn { .. }) || stmt.exprs().into_iter().any(expr_loops))
}

pub(super) fn body_loops(body: &Body) -> bool {
    loops(&body.query) || expr_loops(&body.value)
}

fn expr_loops(expr: &Expr) -> bool {
    let here = match &expr.node {
        Node::Ref(_, steps) => steps.iter().any(|step| step.constant().is_none()),
        Node::Call(name, _) => name.first().is_some_and(|name| name == "walk"),
        _ => false,
    };
    here || expr.children().into_iter().any(expr_loops)
}

fn input(path: Vec<String>) -> Abs {
    Abs::Path(path.into_iter().map(Step::Key).collect())
}

fn is_collection(value: &Abs) -> bool {
    match value {
        Abs::Many { .. } | Abs::Set(_) => true,
        Abs::Any(items) => items.iter().all(is_collection),
        _ => false,
    }
}

fn scalar(value: &Abs) -> Option<&Value> {
    match value {
        Abs::Const(value) if !value.is_array() && !value.is_object() => Some(value),
        _ => None,
    }
}

/// Reads `value op constant`.
fn against(value: &Abs, op: Op, constant: &Value, reads: &mut Reads) {
    let equality = matches!(op, Op::Eq | Op::Ne);
    let tag = equality && matches!(constant, Value::Bool(_) | Value::Null);
    let uses: Uses = if tag { PRESENCE } else { VALUE };
    match value {
        Abs::Any(items) => items.iter().for_each(|item| against(item, op, constant, reads)),
        Abs::Truth(inner) if equality && constant.is_boolean() => {
            let positive = (constant == &Value::Bool(true)) == (op == Op::Eq);
            reads.join(&if positive { inner.clone() } else { inner.inverted() });
        }
        Abs::Fallback(first, second) => match scalar(second) {
            // The default does not pass, so that what appears can only add.
            Some(default) if equality && (default == constant) == (op == Op::Ne) => {
                first.present(reads);
                against(first, op, constant, reads);
            }
            _ => value.scalar(reads, uses),
        },
        _ => value.scalar(reads, uses),
    }
}

/// What more elements do to `count(…) op limit`.
fn rising(op: Op, zero: bool) -> Option<bool> {
    match op {
        Op::Gt | Op::Ge => Some(true),
        Op::Lt | Op::Le => Some(false),
        Op::Eq if zero => Some(false),
        Op::Ne if zero => Some(true),
        _ => None,
    }
}

fn flipped(op: Op) -> Op {
    match op {
        Op::Lt => Op::Gt,
        Op::Le => Op::Ge,
        Op::Ge => Op::Le,
        Op::Gt => Op::Lt,
        other => other,
    }
}
