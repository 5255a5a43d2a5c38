//! Statements of a query, in an order in which variables are bound before they are used.

use std::collections::BTreeSet;

use super::{Env, Evaluator, Expr, Node, Reads, Stmt, StmtNode};
use crate::analysis::builtins;
use crate::analysis::ir::Op;
use crate::analysis::reads::{Effect, KEYS};
use crate::analysis::scope::{self, Global};
use crate::analysis::values::Abs;

impl Evaluator<'_> {
    /// Reads a query whose statements must all hold; `env` then holds its variables. Returns false where they cannot,
    /// whatever the input is; `reads` then holds what may end in an error on the way.
    pub(in crate::analysis) fn query(&mut self, query: &[Stmt], env: &mut Env, reads: &mut Reads) -> bool {
        let mut declared = BTreeSet::new();
        for stmt in query {
            if !matches!(stmt.node, StmtNode::Every { .. }) {
                scope::declared(stmt, &mut declared);
            }
        }
        let mut implied = BTreeSet::new();
        query
            .iter()
            .for_each(|stmt| self.implied(stmt, env.module, &mut implied));
        for name in declared {
            // A local hides what has its name through the whole body.
            env.vars.remove(&name);
            env.pending.insert(name);
        }
        for name in implied {
            if !env.vars.contains_key(&name) && self.program.global(env.module, &name).is_none() {
                env.pending.insert(name);
            }
        }
        let mut holds = true;
        let mut waiting: Vec<&Stmt> = query.iter().collect();
        while !waiting.is_empty() {
            let next = waiting.iter().position(|stmt| self.ready(stmt, env));
            if next.is_none() {
                // No order binds every variable: whatever is read, it is within the whole.
                reads.join(&Reads::whole());
            }
            let stmt = waiting.remove(next.unwrap_or(0));
            // A statement is only reached once its variables have values.
            if !reached(stmt, env) || !self.stmt(stmt, env, reads) {
                holds = false;
                let mut bound = BTreeSet::new();
                scope::declared(stmt, &mut bound);
                self.implied(stmt, env.module, &mut bound);
                bound.retain(|name| env.pending.contains(name));
                bound.iter().for_each(|name| env.bind(name, Abs::Never));
            }
        }
        holds
    }

    /// Reads a statement. Returns false where it cannot hold, whatever the input is.
    fn stmt(&mut self, stmt: &Stmt, env: &mut Env, reads: &mut Reads) -> bool {
        if !stmt.with.is_empty() {
            reads.join(&Reads::whole());
        }
        match &stmt.node {
            StmtNode::Some(_) => {}
            StmtNode::SomeIn { key, value, collection } => {
                self.bind_indexes(collection, env);
                let place = collection.at;
                let collection = self.expr(collection, env, reads);
                self.note(&collection, place, env.module, true, false);
                if collection.is_empty() || collection == Abs::Never {
                    return false;
                }
                let (at, element) = collection.iterate(reads);
                self.unify(value, &element, env, reads);
                if let Some(key) = key {
                    self.unify(key, &at, env, reads);
                }
            }
            StmtNode::Every {
                key,
                value,
                domain,
                query,
            } => {
                self.bind_indexes(domain, env);
                let place = domain.at;
                let domain = self.expr(domain, env, reads);
                self.note(&domain, place, env.module, true, false);
                let mut elements = Reads::default();
                let (at, element) = domain.iterate(&mut elements);
                match &domain {
                    // An absent domain fails, so that its elements can take back a `deny` only where it grows.
                    Abs::Path(path) => reads.add(path, KEYS, Effect::NONE, Effect::REMOVES),
                    _ => reads.join(&elements.inverted()),
                }
                let mut inner = env.clone();
                inner.bind(value, element);
                if let Some(key) = key {
                    inner.bind(key, at);
                }
                self.query(query, &mut inner, reads);
            }
            StmtNode::Not(expr) => {
                let mut inner = Reads::default();
                match self.condition(expr, &mut env.clone(), &mut inner) {
                    true => reads.join(&inner.inverted()),
                    false => reads.join(&inner.either()),
                }
                if !plain(expr) {
                    // OPA evaluates operands before `not`, where an absent one fails; regorus takes it for false.
                    for child in expr.children() {
                        let mut operand = Reads::default();
                        self.expr(child, &mut env.clone(), &mut operand);
                        reads.join(&operand.either());
                    }
                }
            }
            StmtNode::Expr(expr) => match &expr.node {
                Node::Assign { declares, left, right } => {
                    self.bind_indexes(right, env);
                    if *declares || self.needed(right, env).is_empty() {
                        let value = self.expr(right, env, reads);
                        self.unify(left, &value, env, reads);
                        return value != Abs::Never;
                    }
                    self.bind_indexes(left, env);
                    let value = self.expr(left, env, reads);
                    self.unify(right, &value, env, reads);
                    return value != Abs::Never;
                }
                _ => {
                    self.bind_indexes(expr, env);
                    return self.condition(expr, env, reads);
                }
            },
        }
        true
    }

    /// Whether all variables that the statement does not bind by itself are bound.
    fn ready(&self, stmt: &Stmt, env: &Env) -> bool {
        let free = |expr: &Expr| self.needed(expr, env).is_empty();
        if !stmt.with.iter().all(free) {
            return false;
        }
        match &stmt.node {
            StmtNode::Some(_) => true,
            StmtNode::SomeIn { collection, .. } => free(collection),
            StmtNode::Not(expr) => {
                let mut names = BTreeSet::new();
                names_of(expr, &mut names);
                names.is_disjoint(&env.pending)
            }
            StmtNode::Every {
                key,
                value,
                domain,
                query,
            } => {
                let mut names = BTreeSet::new();
                query_names(query, &mut names);
                names.remove(value);
                key.iter().for_each(|key| {
                    names.remove(key);
                });
                free(domain) && names.is_disjoint(&env.pending)
            }
            StmtNode::Expr(expr) => match &expr.node {
                Node::Assign {
                    declares: true, right, ..
                } => free(right),
                Node::Assign { left, right, .. } => free(right) || free(left),
                _ => free(expr),
            },
        }
    }

    /// Returns the unbound variables of an expression that no index in it, and no output of a call, binds.
    fn needed(&self, expr: &Expr, env: &Env) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        names_of(expr, &mut names);
        let mut bound = BTreeSet::new();
        self.binds(expr, env.module, &mut bound);
        names.retain(|name| env.pending.contains(name) && !bound.contains(name));
        names
    }

    /// Adds the variables that the expression binds where they have no value: indexes and outputs of calls.
    fn binds(&self, expr: &Expr, module: usize, names: &mut BTreeSet<String>) {
        match &expr.node {
            Node::Ref(_, steps) => steps.iter().for_each(|step| scope::pattern(step, names)),
            Node::Call(name, args) => {
                if let Some(output) = self.output(name, args, module) {
                    scope::pattern(output, names);
                }
            }
            _ => {}
        }
        expr.children()
            .into_iter()
            .for_each(|child| self.binds(child, module, names));
    }

    /// Returns the argument of a call that stands for its result.
    pub(in crate::analysis) fn output<'e>(&self, name: &[String], args: &'e [Expr], module: usize) -> Option<&'e Expr> {
        let (root, rest) = name.split_first()?;
        let arity = match self.program.global(module, root) {
            Some(Global::Data(mut path)) => {
                path.extend(rest.iter().cloned());
                let rule = self.program.rules_at(&path).first()?;
                self.program.rule(*rule).args.len()
            }
            Some(Global::Input(_)) => return None,
            None => builtins::arity(&name.join("."))?,
        };
        if args.len() == arity + 1 && arity > 0 {
            args.last()
        } else {
            None
        }
    }

    /// Adds the variables that a statement binds without declaring them.
    fn implied(&self, stmt: &Stmt, module: usize, names: &mut BTreeSet<String>) {
        if matches!(stmt.node, StmtNode::Not(_)) {
            return;
        }
        for expr in stmt.exprs() {
            self.binds(expr, module, names);
        }
        if let StmtNode::Expr(Expr {
            node: Node::Assign { left, right, .. },
            ..
        }) = &stmt.node
        {
            scope::pattern(left, names);
            scope::pattern(right, names);
        }
    }

    /// Binds the indexes of every reference in the expression; what they read is read again with the expression.
    fn bind_indexes(&mut self, expr: &Expr, env: &mut Env) {
        for _ in 0..8 {
            let before = env.pending.len();
            self.bind_once(expr, env);
            if env.pending.len() == before {
                break;
            }
        }
    }

    fn bind_once(&mut self, expr: &Expr, env: &mut Env) {
        for child in expr.children() {
            self.bind_once(child, env);
        }
        let mut bound = BTreeSet::new();
        match &expr.node {
            Node::Ref(..) => self.binds(expr, env.module, &mut bound),
            Node::Call(name, args) if self.output(name, args, env.module).is_some() => {
                self.binds(expr, env.module, &mut bound);
            }
            _ => return,
        }
        if bound.is_disjoint(&env.pending) || !self.needed(expr, env).is_empty() {
            return;
        }
        self.expr(expr, env, &mut Reads::default());
    }
}

/// Whether every variable of the statement has a value for some input.
fn reached(stmt: &Stmt, env: &Env) -> bool {
    let mut names = BTreeSet::new();
    query_names(std::slice::from_ref(stmt), &mut names);
    !names.iter().any(|name| env.vars.get(name) == Some(&Abs::Never))
}

/// Whether both engines agree on `not` over the expression: a reference, or one compared with a constant.
pub(in crate::analysis) fn plain(expr: &Expr) -> bool {
    let reference = |expr: &Expr| matches!(expr.node, Node::Ref(..) | Node::Var(_));
    match &expr.node {
        Node::Ref(..) | Node::Var(_) => true,
        Node::Binary(Op::Eq, left, right) => {
            (reference(left) && right.constant().is_some()) || (reference(right) && left.constant().is_some())
        }
        _ => false,
    }
}

/// Adds the names of all variables in an expression; those that a nested query declares are its own.
fn names_of(expr: &Expr, names: &mut BTreeSet<String>) {
    match &expr.node {
        Node::Var(name) => {
            names.insert(name.clone());
        }
        Node::Compr { key, term, query, .. } => {
            let mut inner = BTreeSet::new();
            key.iter().for_each(|key| names_of(key, &mut inner));
            names_of(term, &mut inner);
            query_names(query, &mut inner);
            for stmt in query {
                if !matches!(stmt.node, StmtNode::Every { .. }) {
                    let mut own = BTreeSet::new();
                    scope::declared(stmt, &mut own);
                    inner.retain(|name| !own.contains(name));
                }
            }
            names.append(&mut inner);
        }
        _ => expr.children().into_iter().for_each(|child| names_of(child, names)),
    }
}

fn query_names(query: &[Stmt], names: &mut BTreeSet<String>) {
    let mut inner = BTreeSet::new();
    let mut own = BTreeSet::new();
    for stmt in query {
        stmt.exprs().into_iter().for_each(|expr| names_of(expr, &mut inner));
        match &stmt.node {
            StmtNode::Every { key, value, query, .. } => {
                let mut body = BTreeSet::new();
                query_names(query, &mut body);
                body.remove(value);
                key.iter().for_each(|key| {
                    body.remove(key);
                });
                inner.append(&mut body);
            }
            _ => scope::declared(stmt, &mut own),
        }
    }
    inner.retain(|name| !own.contains(name));
    names.append(&mut inner);
}
