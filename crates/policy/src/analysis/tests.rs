//! Tests of the analysis as a whole: on small policies with one construct each, and against the engine.

mod differential;
mod oracle;
mod policies;
mod problems;
mod sets;

use serde_json::Value;

use super::{Modules, Problem, ReadSet, parse};

/// Puts a body of rules into a package `p`.
pub(super) fn policy(rules: &str) -> String {
    format!("package p\n\nimport data.lib\n\n{rules}\n")
}

/// A library that `policy` imports.
pub(super) const LIBRARY: &str = "package lib\n\nopen(x) if x.open == true\n\nflagged contains k if {\n\tsome k, v in input.tags\n\tv == \"bad\"\n}\n";

pub(super) fn modules(rules: &str) -> Modules {
    let text = policy(rules);
    let own = parse("p.rego", &text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    Modules::new(vec![own, parse("lib.rego", LIBRARY).unwrap()])
}

pub(super) fn read_set(rules: &str) -> ReadSet {
    modules(rules).read_set("p", 0)
}

pub(super) fn codes(problems: &[Problem]) -> Vec<&'static str> {
    problems.iter().map(|problem| problem.code).collect()
}

/// Returns the effect of an unknown path as `+`, `-`, `±` or "".
pub(super) fn effect(rules: &str, unknown: &str, input: &Value) -> &'static str {
    let unknown: Vec<String> = nephoscope_model::pointer::tokens(unknown).collect();
    let effects = read_set(rules).effect_of(&unknown, super::depth(input, &unknown));
    match (effects.may_add, effects.may_remove) {
        (true, true) => "±",
        (true, false) => "+",
        (false, true) => "-",
        (false, false) => "",
    }
}
