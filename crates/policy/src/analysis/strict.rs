//! What the shipped pack must not contain, so that every engine judges it alike and no finding is lost.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Problem;
use super::divergences::{Scope, memberships};
use super::eval::{Env, Evaluator, plain, read_set};
use super::ir::{Expr, Node, Rule, RuleKind, Stmt, StmtNode};
use super::reads::{Reads, Step};
use super::safety::problem;
use super::schema::{Known, kind, look_up, required};
use super::scope::{Program, RuleId, rule_locals};

pub(super) fn problems(program: &Program, package: &str, schema: &Value) -> Vec<Problem> {
    let mut found = super::divergences::problems(program, package);
    for id in program.reachable(package) {
        let scope = Scope::new(program, id);
        let rule = program.rule(id);
        rule.statements(&mut |stmt| statement(&scope, stmt, &mut found));
        if rule.kind != RuleKind::Set && rule.path == ["deny"] {
            let help = "write `deny contains finding if { … }`";
            found.push(problem(
                program,
                id.module,
                rule.at,
                "head",
                "`deny` is no set".to_owned(),
                help,
            ));
        }
    }
    for id in program.deny_rules(package) {
        head(program, id, &mut found);
        evidence(program, id, schema, &mut found);
        if read_set(program, id, None).whole_input {
            let message = "the rule takes `input` whole, or is too involved to tell what it reads".to_owned();
            let help = "name the attributes; `with` and `input` as an argument are not for this pack";
            found.push(problem(
                program,
                id.module,
                program.rule(id).at,
                "whole_input",
                message,
                help,
            ));
        }
    }
    iterations(program, package, schema, &mut found);
    found.dedup();
    found
}

fn statement(scope: &Scope, stmt: &Stmt, found: &mut Vec<Problem>) {
    let module = scope.id.module;
    if let Some(with) = stmt.with.first() {
        found.push(problem(
            scope.program,
            module,
            with.at,
            "with",
            "`with` in a policy".to_owned(),
            "keep it for tests",
        ));
    }
    for place in memberships(stmt) {
        let help = "write it as a statement of its own, or bind a comprehension";
        let message = "membership used as a value".to_owned();
        found.push(problem(scope.program, module, place.at, "membership", message, help));
    }
    let StmtNode::Not(expr) = &stmt.node else { return };
    let allowed = match &expr.node {
        Node::Call(_, args) => args.iter().all(|arg| scope.settled(arg)),
        Node::In { key, value, collection } => {
            scope.settled(value) && scope.settled(collection) && key.iter().all(|key| scope.settled(key))
        }
        _ => plain(expr),
    };
    if !allowed {
        let message = "under `not` only a reference, a reference compared with a constant by `==`, or a call or membership of bound variables";
        let help = "bind the operands first, or put the condition into a helper rule";
        found.push(problem(
            scope.program,
            module,
            stmt.at,
            "negation",
            message.to_owned(),
            help,
        ));
    }
}

/// The head is one variable that the body binds.
fn head(program: &Program, id: RuleId, found: &mut Vec<Problem>) {
    let rule = program.rule(id);
    let Some(key) = rule.keys.first() else { return };
    if !key.var().is_some_and(|name| rule_locals(rule).contains(name)) {
        let message = "the head of `deny` is no variable that the body binds".to_owned();
        let help = "write `deny contains finding if { …; finding := {…} }`";
        found.push(problem(program, id.module, key.at, "head", message, help));
    }
}

/// Returns the expression that a clause's head stands for.
fn finding(rule: &Rule) -> Option<&Expr> {
    let key = rule.keys.first()?;
    let Some(name) = key.var() else { return Some(key) };
    rule.bodies.first()?.query.iter().find_map(|stmt| match &stmt.node {
        StmtNode::Expr(Expr {
            node: Node::Assign { left, right, .. },
            ..
        }) if left.var() == Some(name) => Some(&**right),
        _ => None,
    })
}

/// Finds attributes in the finding that may be absent: one undefined part makes the finding undefined.
fn evidence(program: &Program, id: RuleId, schema: &Value, found: &mut Vec<Problem>) {
    let rule = program.rule(id);
    let (Some(body), Some(finding)) = (rule.bodies.first(), finding(rule)) else {
        return;
    };
    // References by place, with the number of steps that they add to what the body has found already.
    let mut places = BTreeMap::new();
    finding.walk(&mut |expr| {
        if let Node::Ref(_, steps) = &expr.node {
            places.insert(expr.at, steps.len());
        }
    });
    let mut evaluator = Evaluator::new(program);
    let mut env = Env::new(id.module);
    evaluator.query(&body.query, &mut env, &mut Reads::default());
    if let Some(head) = rule.keys.first() {
        evaluator.expr(head, &mut env, &mut Reads::default());
    }
    for seen in evaluator
        .trace
        .iter()
        .filter(|seen| seen.module == id.module && !seen.iterated && !seen.optional)
    {
        let Some(steps) = places.get(&seen.at) else { continue };
        let first = seen.path.len().saturating_sub(*steps);
        let absent =
            (first..seen.path.len()).find(|last| !required(schema, seen.path.get(..=*last).unwrap_or_default()));
        if let Some(last) = absent {
            let path = super::reads::text(seen.path.get(..=last).unwrap_or_default());
            let message = format!("`{path}` may be absent, which makes the whole finding undefined");
            let name = match seen.path.last() {
                Some(Step::Key(name)) => name.as_str(),
                _ => "name",
            };
            let help = format!("write `object.get(…, \"{name}\", \"?\")`");
            found.push(problem(program, seen.module, seen.at, "evidence", message, &help));
        }
    }
}

/// Finds iteration over what the schema does not call a list or a map.
fn iterations(program: &Program, package: &str, schema: &Value, found: &mut Vec<Problem>) {
    let mut evaluator = Evaluator::new(program);
    evaluator.package(package);
    for seen in evaluator.trace.iter().filter(|seen| seen.iterated) {
        if let Known::Yes(Some(at)) = look_up(schema, &seen.path)
            && let Some(kind) = kind(at)
            && !matches!(kind, "array" | "object")
        {
            let path = super::reads::text(&seen.path);
            let message = format!("iteration over `{path}`, which is of type {kind}");
            found.push(problem(program, seen.module, seen.at, "iteration", message, ""));
        }
    }
}
