//! What no bundle may contain, because it kills or hangs the engine or gives another result each time.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::builtins;
use super::ir::{At, Node};
use super::scope::{Global, Program, RuleId, rule_locals};

/// Calls nested deeper than this overflow a thread's stack in regorus 0.14.1.
const MAX_CHAIN: usize = 200;

/// Finds them; the engine is given the builtins `extra` by us.
pub(super) fn problems(program: &Program, extra: &[&str]) -> Vec<Problem> {
    let mut found = Vec::new();
    imports(program, &mut found);
    calls(program, extra, &mut found);
    recursion(program, &mut found);
    found
}

/// Makes a problem at a place of a module.
pub(super) fn problem(
    program: &Program,
    module: usize,
    at: At,
    code: &'static str,
    message: String,
    help: &str,
) -> Problem {
    Problem {
        file: program
            .modules
            .get(module)
            .map(|module| module.file.clone())
            .unwrap_or_default(),
        line: at.line,
        column: at.column,
        code,
        message,
        help: (!help.is_empty()).then(|| help.to_owned()),
    }
}

fn imports(program: &Program, found: &mut Vec<Problem>) {
    let packages: BTreeSet<&[String]> = program.modules.iter().map(|module| module.package.as_slice()).collect();
    for (index, module) in program.modules.iter().enumerate() {
        for (path, at) in module.imports.values() {
            let Some(("data", rest)) = path.split_first().map(|(root, rest)| (root.as_str(), rest)) else {
                continue;
            };
            let package = packages
                .iter()
                .any(|package| package.starts_with(rest) || rest.starts_with(package));
            if !package {
                let message = format!("import of `{}`, which is nowhere in the bundle", path.join("."));
                found.push(problem(program, index, *at, "import", message, ""));
            }
        }
    }
}

fn calls(program: &Program, extra: &[&str], found: &mut Vec<Problem>) {
    for id in program.ids() {
        let locals = rule_locals(program.rule(id));
        program.rule(id).walk(&mut |expr| {
            let Node::Call(name, args) = &expr.node else { return };
            let Some((root, rest)) = name.split_first() else { return };
            let full = name.join(".");
            let mut say = |code, message: String, help: &str| {
                found.push(problem(program, id.module, expr.at, code, message, help));
            };
            if locals.contains(root) {
                return say("function", format!("call of `{full}`, which is a variable"), "");
            }
            match program.global(id.module, root) {
                Some(Global::Data(mut path)) => {
                    path.extend(rest.iter().cloned());
                    let rules = program.rules_at(&path);
                    if rules.is_empty() {
                        say("function", format!("unknown function `{full}`"), "");
                    } else if rules.iter().any(|rule| program.rule(*rule).args.is_empty()) {
                        say("function", format!("call of `{full}`, which is no function"), "");
                    }
                }
                Some(Global::Input(_)) => say("function", format!("call of `{full}`, which is no function"), ""),
                None if extra.contains(&full.as_str()) => {}
                None => builtin(&full, args.as_slice(), &mut say),
            }
        });
    }
}

fn builtin(name: &str, args: &[super::ir::Expr], say: &mut dyn FnMut(&'static str, String, &str)) {
    if let Some((_, why)) = builtins::REFUSED.iter().find(|(refused, _)| *refused == name) {
        let help = if name == "time.now_ns" {
            "use `input.as_of`"
        } else {
            "the same input must give the same result"
        };
        return say("builtin", format!("builtin `{name}` {why}"), help);
    }
    if !builtins::exists(name) {
        let message = match builtins::arity(name) {
            Some(_) => format!("builtin `{name}` is not in this engine"),
            None => format!("unknown function `{name}`"),
        };
        return say("function", message, "");
    }
    if let Some(arity) = builtins::arity(name)
        && name != "print"
        && !(arity..=arity + 1).contains(&args.len())
    {
        say(
            "function",
            format!("`{name}` takes {arity} arguments, not {}", args.len()),
            "",
        );
    }
    if builtins::without_output(name) && builtins::arity(name).is_some_and(|arity| args.len() > arity) {
        say(
            "function",
            format!("`{name}` takes no output as its last argument here"),
            &format!("write `x := {name}(…)`"),
        );
    }
    if name == "walk" && args.len() == 1 {
        // regorus 0.14.1: a rule with `[path, value] := walk(x)` holds for nothing.
        say(
            "builtin",
            "`walk` with one argument finds nothing here".to_owned(),
            "write `walk(x, [path, value])`",
        );
    }
    if matches!(name, "json.match_schema" | "json.verify_schema") {
        let mut remote = false;
        let mut computed = false;
        let schema = if name == "json.match_schema" {
            args.get(1)
        } else {
            args.first()
        };
        if let Some(schema) = schema {
            schema.walk(&mut |expr| match &expr.node {
                Node::Const(serde_json::Value::String(text)) => remote |= text.contains("$ref"),
                Node::Const(_) | Node::Object(_) | Node::Array(_) => {}
                _ => computed = true,
            });
        }
        if remote || computed {
            say(
                "builtin",
                format!("schema of `{name}` may hold a reference"),
                "write the schema as a literal without `$ref`",
            );
        }
    }
}

/// Finds cycles and chains that are too long among rules and functions.
fn recursion(program: &Program, found: &mut Vec<Problem>) {
    // Rules of one name are one node.
    let mut edges: BTreeMap<RuleId, BTreeMap<RuleId, At>> = BTreeMap::new();
    let head = |id: RuleId| {
        let rule = program.rule(id);
        let path: Vec<String> = program
            .module_of(id)
            .package
            .iter()
            .chain(&rule.path)
            .cloned()
            .collect();
        program.rules_at(&path).first().copied().unwrap_or(id)
    };
    for id in program.ids() {
        let from = edges.entry(head(id)).or_default();
        for (targets, at) in program.references(id) {
            for target in targets {
                from.entry(head(target)).or_insert(at);
            }
        }
    }
    let mut depth: BTreeMap<RuleId, usize> = BTreeMap::new();
    let mut open: BTreeSet<RuleId> = BTreeSet::new();
    for root in edges.keys() {
        // Each entry: a node, and the nodes it leads to that were not looked at.
        let mut stack: Vec<(RuleId, Vec<(RuleId, At)>)> = Vec::new();
        let successors = |id: RuleId| -> Vec<(RuleId, At)> {
            edges
                .get(&id)
                .map(|to| to.iter().map(|(id, at)| (*id, *at)).collect())
                .unwrap_or_default()
        };
        if !depth.contains_key(root) {
            open.insert(*root);
            stack.push((*root, successors(*root)));
        }
        while let Some((node, rest)) = stack.last_mut() {
            let node = *node;
            let Some((next, at)) = rest.pop() else {
                stack.pop();
                open.remove(&node);
                let below = successors(node)
                    .iter()
                    .filter_map(|(id, _)| depth.get(id))
                    .max()
                    .copied()
                    .unwrap_or(0);
                depth.insert(node, below + 1);
                if below + 1 == MAX_CHAIN + 1 {
                    let message = format!("rules call each other more than {MAX_CHAIN} deep");
                    found.push(problem(
                        program,
                        node.module,
                        program.rule(node).at,
                        "recursion",
                        message,
                        "",
                    ));
                }
                continue;
            };
            if open.contains(&next) {
                let name = program.rule(next).path.join(".");
                let message = format!("`{name}` is defined by itself");
                let help = "use `walk`, or write the levels out";
                found.push(problem(program, node.module, at, "recursion", message, help));
            } else if !depth.contains_key(&next) {
                open.insert(next);
                stack.push((next, successors(next)));
            }
        }
    }
}
