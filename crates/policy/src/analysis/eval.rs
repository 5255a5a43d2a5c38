//! Abstract evaluation of clauses: statements, expressions, references.
//!
//! Each expression adds to `reads` what decides whether it is defined (or, as a condition, true), as if that could
//! only add a `deny`; `not`, `every` and the like then turn the effects.

mod compare;
mod query;
mod reference;

pub(super) use query::plain;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::Value;

use super::builtins;
use super::calls::Out;
use super::ir::{At, Body, Expr, Node, Op, Shape, Stmt, StmtNode};
use super::reads::{ReadSet, Reads, Step};
use super::scope::{Global, Program, RuleId};
use super::values::Abs;

/// Returns the read set of one `deny` clause, for these values of `input.params` where they are given.
pub(super) fn read_set(program: &Program, clause: RuleId, params: Option<&Value>) -> ReadSet {
    let mut evaluator = Evaluator::new(program);
    evaluator.params = params;
    let mut env = Env::new(clause.module);
    let mut conditions = Reads::default();
    let mut text = Reads::default();
    let rule = program.rule(clause);
    let (Some(body), Some(head)) = (rule.bodies.first(), rule.keys.first()) else {
        return ReadSet::whole();
    };
    if !evaluator.query(&body.query, &mut env, &mut conditions) {
        // It never gives anything; an error on the way depends on what was read.
        return ReadSet::new(&conditions.either(), &text);
    }
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
    /// What `input.params` holds, where that is known.
    pub params: Option<&'a Value>,
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
            params: None,
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

    /// Reads an expression as a condition. Returns false where it cannot hold, whatever the input is.
    pub(super) fn condition(&mut self, expr: &Expr, env: &mut Env, reads: &mut Reads) -> bool {
        match &expr.node {
            Node::Binary(op, left, right) if op.compares() => self.compare(*op, left, right, env, reads),
            Node::In { key, value, collection } => self.member(key.as_deref(), value, collection, env, reads),
            Node::Assign { left, right, .. } => self.compare(Op::Eq, left, right, env, reads),
            _ => {
                let value = self.expr(expr, env, reads);
                value.truth(reads);
                !matches!(value, Abs::Never | Abs::Const(Value::Bool(false)))
            }
        }
    }

    /// Returns the constant that stands at a path of the parameters.
    pub(super) fn known(&self, value: Abs) -> Abs {
        let (Abs::Path(path), Some(params)) = (&value, self.params) else {
            return value;
        };
        let Some((Step::Key(root), rest)) = path.split_first() else {
            return value;
        };
        let mut steps = rest.iter();
        let found = steps.try_fold(params, |at, step| match (at, step) {
            (Value::Object(map), Step::Key(name)) => map.get(name),
            _ => None,
        });
        match found {
            Some(found) if root == "params" => Abs::Const(found.clone()),
            _ => value,
        }
    }

    /// Returns an expression's value, and adds what decides whether it is defined.
    pub(super) fn expr(&mut self, expr: &Expr, env: &mut Env, reads: &mut Reads) -> Abs {
        self.node(expr, env, reads).bounded()
    }

    fn node(&mut self, expr: &Expr, env: &mut Env, reads: &mut Reads) -> Abs {
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
                    let value = self.known(reference::input(path));
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
        if !self.query(query, &mut env, &mut inner) {
            reads.join(&inner.either());
            return match shape {
                Shape::Array => Abs::Array(Vec::new()),
                Shape::Set => Abs::Set(Vec::new()),
                Shape::Object => Abs::Object(Vec::new()),
            };
        }
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

fn is_collection(value: &Abs) -> bool {
    match value {
        Abs::Many { .. } | Abs::Set(_) => true,
        Abs::Any(items) => items.iter().all(is_collection),
        _ => false,
    }
}
