//! Comparisons and memberships: what they read when they must hold.

use serde_json::Value;

use super::{Env, Evaluator};
use crate::analysis::ir::{Expr, Node, Op};
use crate::analysis::reads::{PRESENCE, Reads, Uses, VALUE};
use crate::analysis::values::Abs;

impl Evaluator<'_> {
    /// Reads a comparison that must hold.
    pub(super) fn compare(&mut self, op: Op, left: &Expr, right: &Expr, env: &mut Env, reads: &mut Reads) {
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

    pub(in crate::analysis) fn compare_values(op: Op, a: &Abs, b: &Abs, reads: &mut Reads) {
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
    pub(super) fn member(
        &mut self,
        key: Option<&Expr>,
        value: &Expr,
        collection: &Expr,
        env: &mut Env,
        reads: &mut Reads,
    ) {
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
