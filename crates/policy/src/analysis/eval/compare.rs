//! Comparisons and memberships: what they read when they must hold.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Env, Evaluator};
use crate::analysis::ir::{Expr, Node, Op};
use crate::analysis::reads::{PRESENCE, Reads, Uses, VALUE};
use crate::analysis::values::Abs;

impl Evaluator<'_> {
    /// Reads a comparison that must hold. Returns false where it cannot, whatever the input is.
    pub(super) fn compare(&mut self, op: Op, left: &Expr, right: &Expr, env: &mut Env, reads: &mut Reads) -> bool {
        if let Some(args) = self.counted(left, env)
            && let Some(Value::Number(limit)) = right.constant()
        {
            let collection = self.expr(args, env, reads);
            collection.count(rising(op, limit.as_f64() == Some(0.0)), reads);
            let count = match &collection {
                Abs::Const(Value::Array(items)) => Some(Value::from(items.len())),
                Abs::Const(Value::Object(map)) => Some(Value::from(map.len())),
                _ => None,
            };
            return count.is_none_or(|count| decided(op, &count, &Value::Number(limit.clone())) != Some(false));
        }
        if self.counted(right, env).is_some() && matches!(left.constant(), Some(Value::Number(_))) {
            return self.compare(flipped(op), right, left, env, reads);
        }
        let a = self.expr(left, env, reads);
        let b = self.expr(right, env, reads);
        Self::compare_values(op, &a, &b, reads);
        match (&a, &b) {
            (Abs::Never, _) | (_, Abs::Never) => false,
            (Abs::Const(a), Abs::Const(b)) => decided(op, a, b) != Some(false),
            _ => true,
        }
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

    /// Reads a membership that must hold. Returns false where it cannot, whatever the input is.
    pub(super) fn member(
        &mut self,
        key: Option<&Expr>,
        value: &Expr,
        collection: &Expr,
        env: &mut Env,
        reads: &mut Reads,
    ) -> bool {
        let mut inner = Reads::default();
        let simple = is_simple(value);
        let value = self.expr(value, env, &mut inner);
        let place = collection.at;
        let collection = self.expr(collection, env, &mut inner);
        self.note(&collection, place, env.module, true, false);
        if collection.is_empty() && key.is_none() {
            // Nothing is in it, what is absent neither; only what is computed on the way may end in an error.
            if !simple {
                reads.join(&inner.either());
            }
            return false;
        }
        let (at, element) = collection.iterate(&mut inner);
        Self::compare_values(Op::Eq, &value, &element, &mut inner);
        match key {
            Some(key) => {
                // regorus compares what is absent with what is absent, and finds it equal.
                let key = self.expr(key, env, &mut inner);
                Self::compare_values(Op::Eq, &key, &at, &mut inner);
                reads.join(&inner.either());
                true
            }
            None => {
                reads.join(&inner);
                match (&value, &collection) {
                    (Abs::Never, _) | (_, Abs::Never) => false,
                    (Abs::Const(value), Abs::Const(Value::Array(items))) => {
                        items.iter().any(|item| decided(Op::Eq, value, item) != Some(false))
                    }
                    _ => true,
                }
            }
        }
    }
}

/// Whether evaluating the expression cannot end in an error: a constant, a variable, or a reference by such steps.
fn is_simple(expr: &Expr) -> bool {
    match &expr.node {
        Node::Const(_) => true,
        // A name may be that of a rule.
        Node::Ref(base, steps) => base.var() == Some("input") && steps.iter().all(|step| step.constant().is_some()),
        _ => false,
    }
}

/// Returns what comes of `a op b` over constants, where both engines are known to agree.
fn decided(op: Op, a: &Value, b: &Value) -> Option<bool> {
    let order = match (a, b) {
        // Of fractions and of large numbers each engine has its own idea.
        (Value::Number(a), Value::Number(b)) => i32::try_from(a.as_i64()?).ok()?.cmp(&i32::try_from(b.as_i64()?).ok()?),
        (Value::String(_), Value::String(_)) | (Value::Bool(_), Value::Bool(_)) | (Value::Null, Value::Null)
            if matches!(op, Op::Eq | Op::Ne) =>
        {
            // Only whether they are equal.
            if a == b { Ordering::Equal } else { Ordering::Less }
        }
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => return None,
        _ if op == Op::Eq => {
            return (a.is_number() != b.is_number() || a.is_string() != b.is_string()).then_some(false);
        }
        _ => return None,
    };
    match op {
        Op::Eq => Some(order.is_eq()),
        Op::Ne => Some(order.is_ne()),
        Op::Lt => Some(order.is_lt()),
        Op::Le => Some(order.is_le()),
        Op::Gt => Some(order.is_gt()),
        Op::Ge => Some(order.is_ge()),
        _ => None,
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
