//! The clauses that the engine's bytecode VM answers as its interpreter and OPA do, told by their form.
//!
//! Only what is listed here is let through. The VM of regorus 0.14.1 goes on where a value assigned by `:=` is absent, drops
//! errors inside rules, leaves out conflicts, and has its own opinion of membership in what is absent (found by running both).
//! So a clause of this fragment is a set of one finding, uses no other rule, no `not`, no `every`, no comprehension and no
//! `with`, and what it assigns is a part of the finding: an absent part makes the whole finding absent, which the caller sees.

use std::collections::BTreeSet;

use super::ir::{Body, Expr, Node, RuleKind, Stmt, StmtNode};
use super::scope::{Global, Program, RuleId};

/// Builtins whose calls were compared, with how many arguments they take: one more would take their output.
const CALLS: [(&str, usize); 4] = [("count", 1), ("lower", 1), ("object.get", 3), ("sprintf", 2)];

/// Returns whether the clause is one of them.
pub(super) fn holds(program: &Program, id: RuleId) -> bool {
    let rule = program.rule(id);
    let ([key], [body]) = (rule.keys.as_slice(), rule.bodies.as_slice()) else {
        return false;
    };
    let clause = Clause {
        program,
        module: id.module,
        bound: BTreeSet::new(),
        assigned: BTreeSet::new(),
    };
    rule.kind == RuleKind::Set && !rule.default && key.var().is_some_and(|name| clause.holds(name, body))
}

struct Clause<'a> {
    program: &'a Program,
    module: usize,
    /// Elements and keys of what it iterates over: they are there.
    bound: BTreeSet<&'a str>,
    /// What is assigned may be absent.
    assigned: BTreeSet<&'a str>,
}

impl<'a> Clause<'a> {
    /// Whether a body ends in `finding := {…}` after statements that are allowed.
    fn holds(mut self, finding: &str, body: &'a Body) -> bool {
        let Some((last, statements)) = body.query.split_last() else {
            return false;
        };
        if !statements.iter().all(|stmt| self.statement(stmt)) {
            return false;
        }
        let StmtNode::Expr(Expr {
            node:
                Node::Assign {
                    declares: true,
                    left,
                    right,
                },
            ..
        }) = &last.node
        else {
            return false;
        };
        let mut used = BTreeSet::new();
        last.with.is_empty()
            && left.var() == Some(finding)
            && self.is_new(finding)
            && matches!(right.node, Node::Object(_))
            && self.part(right, &mut used)
            && self.assigned.is_subset(&used)
    }

    fn statement(&mut self, stmt: &'a Stmt) -> bool {
        if !stmt.with.is_empty() {
            return false;
        }
        match &stmt.node {
            StmtNode::SomeIn { key, value, collection } => {
                let names = key.iter().chain([value]).map(Expr::var).collect::<Option<Vec<_>>>();
                let Some(names) = names.filter(|_| self.path(collection)) else {
                    return false;
                };
                names
                    .into_iter()
                    .all(|name| self.is_new(name) && self.bound.insert(name))
            }
            StmtNode::Expr(expr) => match &expr.node {
                Node::Assign {
                    declares: true,
                    left,
                    right,
                } => {
                    let name = left.var().filter(|name| self.is_new(name) && self.operand(right));
                    name.is_some_and(|name| self.assigned.insert(name))
                }
                Node::Binary(op, left, right) => op.compares() && self.operand(left) && self.operand(right),
                Node::In {
                    key: None,
                    value,
                    collection,
                } => self.operand(value) && is_list(collection) && is_constant(collection),
                _ => self.path(expr),
            },
            StmtNode::Not(_) | StmtNode::Some(_) | StmtNode::Every { .. } => false,
        }
    }

    /// A part of the finding; `used` takes the variables that it cannot do without.
    fn part(&self, expr: &'a Expr, used: &mut BTreeSet<&'a str>) -> bool {
        match &expr.node {
            Node::Object(fields) => (fields.iter())
                .all(|(key, value)| key.constant().is_some_and(|key| key.is_string()) && self.part(value, used)),
            Node::Array(items) => items.iter().all(|item| self.part(item, used)),
            Node::Call(_, args) => self.calls(expr) && args.iter().all(|arg| self.part(arg, used)),
            Node::Var(name) => {
                used.insert(name);
                self.operand(expr)
            }
            _ => self.operand(expr),
        }
    }

    fn operand(&self, expr: &Expr) -> bool {
        match &expr.node {
            Node::Const(_) | Node::Array(_) | Node::Object(_) => is_constant(expr),
            Node::Var(name) => self.bound.contains(name.as_str()) || self.assigned.contains(name.as_str()),
            Node::Call(_, args) => self.calls(expr) && args.iter().all(|arg| self.operand(arg)),
            _ => self.path(expr),
        }
    }

    /// Whether the call is of a builtin that is allowed, and not of a function of that name.
    fn calls(&self, expr: &Expr) -> bool {
        let Node::Call(name, args) = &expr.node else {
            return false;
        };
        let first = name.first().map_or("", String::as_str);
        CALLS.contains(&(name.join(".").as_str(), args.len()))
            && self.is_new(first)
            && self.program.global(self.module, first).is_none()
    }

    /// A reference to one place of `input`, or of an element.
    fn path(&self, expr: &Expr) -> bool {
        let Node::Ref(base, steps) = &expr.node else {
            return false;
        };
        let starts = base.var().is_some_and(|name| {
            self.bound.contains(name)
                || (self.is_new(name) && matches!(self.program.global(self.module, name), Some(Global::Input(_))))
        });
        starts
            && steps
                .iter()
                .all(|step| step.constant().is_some_and(|step| step.is_string()))
    }

    /// Whether no variable of the clause has this name yet.
    fn is_new(&self, name: &str) -> bool {
        !self.bound.contains(name) && !self.assigned.contains(name)
    }
}

/// Whether it is a literal list or set.
fn is_list(expr: &Expr) -> bool {
    match &expr.node {
        Node::Array(_) | Node::Set(_) => true,
        Node::Const(value) => value.is_array(),
        _ => false,
    }
}

/// Whether all of it is literal.
fn is_constant(expr: &Expr) -> bool {
    match &expr.node {
        Node::Const(_) => true,
        Node::Array(items) | Node::Set(items) => items.iter().all(is_constant),
        Node::Object(fields) => fields.iter().all(|(key, value)| is_constant(key) && is_constant(value)),
        _ => false,
    }
}
