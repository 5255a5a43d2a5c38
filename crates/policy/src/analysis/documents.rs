//! What regorus 0.14.1 and OPA 1.22.2 read differently in `data` (found by OPA's own cases).

use std::collections::BTreeSet;

use super::Problem;
use super::ir::{Expr, Node, RuleKind};
use super::safety::problem;
use super::scope::{Global, Program, RuleId, Target, rule_locals};

/// Adds what one rule reads that comes out otherwise than in OPA.
pub(super) fn problems(program: &Program, id: RuleId, found: &mut Vec<Problem>) {
    let rule = program.rule(id);
    let locals = rule_locals(rule);
    // A name that begins a reference is looked at with its steps.
    let mut bases: BTreeSet<*const Expr> = BTreeSet::new();
    rule.walk(&mut |expr| {
        if let Node::Ref(base, _) = &expr.node {
            bases.insert(std::ptr::from_ref(&**base));
        }
    });
    rule.walk(&mut |expr| {
        let (name, steps) = match &expr.node {
            Node::Var(name) if !bases.contains(&std::ptr::from_ref(expr)) => (name.as_str(), &[][..]),
            Node::Ref(base, steps) => match base.var() {
                Some(name) => (name, steps.as_slice()),
                None => return,
            },
            _ => return,
        };
        if locals.contains(name) {
            return;
        }
        let Some(Global::Data(mut path)) = program.global(id.module, name) else {
            return;
        };
        let names = steps
            .iter()
            .map_while(|step| step.constant().and_then(|value| value.as_str()));
        path.extend(names.map(str::to_owned));
        if let Some((message, help)) = document(program, &path, steps.is_empty()) {
            found.push(problem(program, id.module, expr.at, "document", message, help));
        }
    });
}

/// Returns what is wrong with reading the document at a path.
fn document(program: &Program, path: &[String], bare: bool) -> Option<(String, &'static str)> {
    let shown = format!("data.{}", path.join("."));
    let above = (1..path.len()).filter_map(|length| path.get(..length));
    if let Some(rule) = above.into_iter().find(|above| mixed(program, above)) {
        let message = format!(
            "a part of `data.{}` by its name, where heads with keys are not looked at",
            rule.join(".")
        );
        return Some((message, "give the heads with keys and those with names below two names"));
    }
    match program.target(path) {
        _ if path.is_empty() && bare => Some((
            "all of `data`, of which the rule itself is a part".to_owned(),
            "name the packages",
        )),
        Target::Tree(ids) if ids.iter().any(|id| program.rule(*id).kind == RuleKind::Function) => Some((
            format!("`{shown}` as a document, in which the names of its functions are lost"),
            "name the rules that are read, or move the functions to another package",
        )),
        Target::Base if program.modules.iter().any(|module| module.package.starts_with(path)) => Some((
            format!("`{shown}`, a package without rules, which is undefined here and empty in OPA"),
            "name a rule",
        )),
        _ => None,
    }
}

/// Whether the rule of that path has heads with keys, and others that name a part of it.
fn mixed(program: &Program, path: &[String]) -> bool {
    let keyed = (program.rules_at(path).iter()).any(|id| program.rule(*id).kind == RuleKind::Object);
    let depth = |id: RuleId| program.module_of(id).package.len() + program.rule(id).path.len();
    keyed && program.rules_below(path).any(|id| depth(id) > path.len())
}
