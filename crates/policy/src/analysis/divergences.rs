//! Where regorus 0.14.1 and OPA 1.22.2 give different results (found by running both).

use super::Problem;
use super::documents;
use super::eval::{Env, Evaluator, body_loops, loops, plain};
use super::ir::{Expr, Node, Rule, RuleKind, Shape, Stmt, StmtNode};
use super::reads::Reads;
use super::safety::problem;
use super::scope::{Global, Program, RuleId, pattern, rule_locals};

pub(super) fn problems(program: &Program, package: &str) -> Vec<Problem> {
    let mut found = Vec::new();
    for id in program.reachable(package) {
        heads(program, id, &mut found);
        let scope = Scope::new(program, id);
        patterns(program, id, &mut found);
        documents::problems(program, id, &mut found);
        early(program, id, &mut found);
        program.rule(id).statements(&mut |stmt| {
            negation(&scope, stmt, &mut found);
            keyed(&scope, stmt, &mut found);
            for place in memberships(stmt) {
                if let Node::In { key, value, collection } = &place.node
                    && (!scope.settled(collection) || (key.is_some() && !scope.settled(value)))
                {
                    let message = "membership in what may be absent, used as a value".to_owned();
                    let help = "bind both sides before: OPA takes an absent side for undefined";
                    found.push(problem(program, id.module, place.at, "membership", message, help));
                }
            }
        });
    }
    found
}

/// Finds heads that may be undefined for one element of an iteration: regorus drops what it found for the others.
fn heads(program: &Program, id: RuleId, found: &mut Vec<Problem>) {
    let rule = program.rule(id);
    if rule.kind == RuleKind::Function || rule.default {
        return;
    }
    for body in &rule.bodies {
        let head: Vec<&Expr> = match rule.kind {
            RuleKind::Set => rule.keys.iter().collect(),
            _ => rule.keys.iter().chain([&body.value]).collect(),
        };
        let repeats = if rule.kind == RuleKind::Set {
            loops(&body.query)
        } else {
            body_loops(body)
        };
        if !repeats {
            continue;
        }
        let mut env = Env::new(id.module);
        let mut evaluator = Evaluator::new(program);
        evaluator.query(&body.query, &mut env, &mut Reads::default());
        if let Some(part) = head.into_iter().find(|part| !evaluator.defined(part, &env)) {
            let message = "the head of a rule that iterates may be undefined, which loses findings".to_owned();
            let help = "bind it in the body: `contains finding if { …; finding := {…} }`";
            found.push(problem(program, id.module, part.at, "head", message, help));
        }
    }
}

/// Finds patterns of objects: regorus lets them match objects with further keys.
fn patterns(program: &Program, id: RuleId, found: &mut Vec<Problem>) {
    fn first(expr: &Expr) -> Option<&Expr> {
        let mut names = std::collections::BTreeSet::new();
        pattern(expr, &mut names);
        match &expr.node {
            Node::Object(_) if !names.is_empty() => Some(expr),
            Node::Array(items) => items.iter().find_map(first),
            _ => None,
        }
    }
    let rule = program.rule(id);
    let mut all: Vec<&Expr> = rule.args.iter().filter_map(first).collect();
    rule.statements(&mut |stmt| match &stmt.node {
        StmtNode::SomeIn { key, value, .. } => all.extend(key.iter().chain([value]).filter_map(first)),
        StmtNode::Expr(Expr {
            node: Node::Assign { left, right, .. },
            ..
        }) => {
            all.extend(first(left));
            if left.var().is_none() {
                all.extend(first(right));
            }
        }
        _ => {}
    });
    for place in all {
        let message = "pattern of an object, which matches only here when there are further keys".to_owned();
        found.push(problem(
            program,
            id.module,
            place.at,
            "pattern",
            message,
            "read the keys one by one",
        ));
    }
}

/// Finds variables that stand before the statement that declares them, and wildcards in `print`.
fn early(program: &Program, id: RuleId, found: &mut Vec<Problem>) {
    for body in &program.rule(id).bodies {
        for (index, stmt) in body.query.iter().enumerate() {
            let mut declared = std::collections::BTreeSet::new();
            if let StmtNode::Expr(Expr {
                node: Node::Assign {
                    declares: true, left, ..
                },
                ..
            }) = &stmt.node
            {
                pattern(left, &mut declared);
            }
            for before in body.query.iter().take(index) {
                let mut pending = before.exprs();
                while let Some(expr) = pending.pop() {
                    pending.extend(expr.children());
                    if let Some(name) = expr.var().filter(|name| declared.contains(*name)) {
                        let message = format!("`{name}` is used before `{name} := …`");
                        found.push(problem(
                            program,
                            id.module,
                            expr.at,
                            "order",
                            message,
                            "declare it first",
                        ));
                    }
                }
            }
        }
    }
    program.rule(id).walk(&mut |expr| {
        if let Node::Call(name, args) = &expr.node
            && name.join(".") == "print"
        {
            let mut open = false;
            args.iter()
                .for_each(|arg| for_each_step(arg, &mut |step| open |= wildcard(step)));
            if open {
                let message = "`print` over every element".to_owned();
                found.push(problem(
                    program,
                    id.module,
                    expr.at,
                    "print",
                    message,
                    "bind the element first",
                ));
            }
        }
    });
}

/// Finds `key, value in collection` over what may be absent: regorus takes two absent sides for equal. And over what may
/// be a set, whose elements are their own keys in OPA and have none in regorus.
fn keyed(scope: &Scope, stmt: &Stmt, found: &mut Vec<Problem>) {
    let StmtNode::Expr(Expr {
        node: Node::In {
            key: Some(key),
            value,
            collection,
        },
        at,
    }) = &stmt.node
    else {
        return;
    };
    let (message, help) = if !(scope.settled(value) && scope.settled(key)) {
        ("membership with a key or value that may be absent", "bind both before")
    } else if scope.may_be_set(collection) {
        (
            "membership with a key in what may be a set",
            "write `value in set`, or `collection[key] == value`",
        )
    } else {
        return;
    };
    let message = message.to_owned();
    found.push(problem(
        scope.program,
        scope.id.module,
        *at,
        "membership",
        message,
        help,
    ));
}

fn wildcard(step: &Expr) -> bool {
    step.var().is_some_and(|name| name.starts_with("_#"))
}

fn negation(scope: &Scope, stmt: &Stmt, found: &mut Vec<Problem>) {
    let StmtNode::Not(expr) = &stmt.node else { return };
    let mut say = |message: &str, help: &str| {
        found.push(problem(
            scope.program,
            scope.id.module,
            stmt.at,
            "negation",
            message.to_owned(),
            help,
        ));
    };
    let mut open = false;
    for_each_step(expr, &mut |step| {
        open |= wildcard(step);
    });
    if open {
        say(
            "`not` over every element",
            "write `every`, or a helper rule that holds for some element",
        );
    } else if !plain(expr) && !expr.children().into_iter().all(|operand| scope.settled(operand)) {
        say(
            "operand of `not` that may be absent",
            "bind it before: `p := x.protocol` and then `not p in allowed`",
        );
    }
}

/// Calls `see` on each step of a reference, nested queries left out.
fn for_each_step(expr: &Expr, see: &mut dyn FnMut(&Expr)) {
    if let Node::Ref(_, steps) = &expr.node {
        steps.iter().for_each(&mut *see);
    }
    expr.children().into_iter().for_each(|child| for_each_step(child, see));
}

/// Returns the memberships in a statement that are values: arguments, operands, elements.
pub(super) fn memberships(stmt: &Stmt) -> Vec<&Expr> {
    let mut found = Vec::new();
    let mut pending: Vec<&Expr> = Vec::new();
    match &stmt.node {
        StmtNode::Expr(expr) | StmtNode::Not(expr) => pending.extend(expr.children()),
        _ => pending.extend(stmt.exprs()),
    }
    while let Some(expr) = pending.pop() {
        if matches!(expr.node, Node::In { .. }) {
            found.push(expr);
        }
        if let Node::Compr { key, term, .. } = &expr.node {
            pending.extend(key.iter().map(|key| &**key).chain([&**term]));
        }
        pending.extend(expr.children());
    }
    found
}

/// A rule with the names it declares.
pub(super) struct Scope<'a> {
    pub program: &'a Program,
    pub id: RuleId,
    locals: std::collections::BTreeSet<String>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(program: &'a Program, id: RuleId) -> Self {
        Scope {
            program,
            id,
            locals: rule_locals(program.rule(id)),
        }
    }

    /// Whether the expression has a value whatever the input is, once the variables of its rule are bound.
    pub(super) fn settled(&self, expr: &Expr) -> bool {
        let all = |items: &[Expr]| items.iter().all(|item| self.settled(item));
        match &expr.node {
            Node::Const(_) | Node::Compr { .. } => true,
            Node::Var(name) => self.locals.contains(name) || self.constant_rule(name, &[]),
            Node::Ref(base, steps) => base
                .var()
                .is_some_and(|name| !self.locals.contains(name) && self.constant_rule(name, steps)),
            Node::Array(items) | Node::Set(items) => all(items),
            Node::Object(fields) => fields
                .iter()
                .all(|(key, value)| self.settled(key) && self.settled(value)),
            Node::Call(name, args) => name.len() == 1 && name.first().is_some_and(|name| name == "count") && all(args),
            Node::Binary(_, left, right) => self.settled(left) && self.settled(right),
            Node::Neg(_) | Node::Assign { .. } | Node::In { .. } => false,
        }
    }

    /// Whether the expression can have a set for its value, as far as its form tells. JSON has none, so `input` has none.
    fn may_be_set(&self, expr: &Expr) -> bool {
        match &expr.node {
            Node::Const(_) | Node::Array(_) | Node::Object(_) => false,
            Node::Compr { shape, .. } => *shape == Shape::Set,
            Node::Var(name) => self.locals.contains(name) || !self.is_input(name),
            Node::Ref(base, _) => !base
                .var()
                .is_some_and(|name| !self.locals.contains(name) && self.is_input(name)),
            _ => true,
        }
    }

    fn is_input(&self, name: &str) -> bool {
        matches!(self.program.global(self.id.module, name), Some(Global::Input(_)))
    }

    /// Whether the reference names a rule that is always defined: a set, a constant, or one with a default.
    fn constant_rule(&self, name: &str, steps: &[Expr]) -> bool {
        let Some(Global::Data(mut path)) = self.program.global(self.id.module, name) else {
            return false;
        };
        for step in steps {
            match step.constant().and_then(|value| value.as_str()) {
                Some(name) => path.push(name.to_owned()),
                None => return false,
            }
        }
        let rules = self.program.rules_at(&path);
        let always = |rule: &Rule| match rule.kind {
            RuleKind::Set => true,
            RuleKind::Complete => {
                rule.default
                    || rule
                        .bodies
                        .iter()
                        .all(|body| body.query.is_empty() && self.settled(&body.value))
            }
            RuleKind::Object | RuleKind::Function => false,
        };
        rules.iter().any(|id| always(self.program.rule(*id)))
    }
}
