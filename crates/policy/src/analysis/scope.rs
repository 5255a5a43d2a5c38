//! The rules of all modules by path, and what a name means where.

use std::collections::{BTreeMap, BTreeSet};

use super::ir::{Expr, Module, Node, Rule, RuleKind, Stmt, StmtNode};

/// A rule by module and place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RuleId {
    pub module: usize,
    pub rule: usize,
}

/// All modules with an index of their rules.
#[derive(Debug)]
pub(super) struct Program {
    pub modules: Vec<Module>,
    /// Full path, package included, to the rules of that name.
    rules: BTreeMap<Vec<String>, Vec<RuleId>>,
}

/// What a name stands for that is no local variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Global {
    Input(Vec<String>),
    Data(Vec<String>),
}

/// What a reference into `data` meets first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A rule, and the number of steps that named it.
    Rule(Vec<String>, usize),
    /// Several rules, read as one document.
    Tree(Vec<RuleId>),
    /// Data that came with the bundle, or nothing.
    Base,
}

impl Program {
    pub(super) fn new(mut modules: Vec<Module>) -> Program {
        modules.sort_by(|a, b| a.file.cmp(&b.file));
        let mut rules: BTreeMap<Vec<String>, Vec<RuleId>> = BTreeMap::new();
        for (module, parsed) in modules.iter().enumerate() {
            for (rule, parsed_rule) in parsed.rules.iter().enumerate() {
                let path = parsed.package.iter().chain(&parsed_rule.path).cloned().collect();
                rules.entry(path).or_default().push(RuleId { module, rule });
            }
        }
        Program { modules, rules }
    }

    pub(super) fn module_of(&self, id: RuleId) -> &Module {
        self.modules.get(id.module).expect("ids are made from these modules")
    }

    pub(super) fn rule(&self, id: RuleId) -> &Rule {
        self.module_of(id)
            .rules
            .get(id.rule)
            .expect("ids are made from these modules")
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = RuleId> + '_ {
        let modules = self.modules.iter().enumerate();
        modules.flat_map(|(module, parsed)| (0..parsed.rules.len()).map(move |rule| RuleId { module, rule }))
    }

    pub(super) fn rules_at(&self, path: &[String]) -> &[RuleId] {
        self.rules.get(path).map_or(&[], Vec::as_slice)
    }

    pub(super) fn rules_below<'a>(&'a self, path: &'a [String]) -> impl Iterator<Item = RuleId> + 'a {
        let range = self.rules.range(path.to_vec()..);
        range
            .take_while(move |(found, _)| found.starts_with(path))
            .flat_map(|(_, ids)| ids.iter().copied())
    }

    /// Returns whether a rule of a package is a set.
    pub(super) fn has_set(&self, package: &str, rule: &str) -> bool {
        let path: Vec<String> = package.split('.').chain([rule]).map(str::to_owned).collect();
        let mut rules = self.rules_at(&path).iter();
        rules.any(|id| self.rule(*id).kind == RuleKind::Set)
    }

    /// Returns the `deny` sets of a package in order of file and line.
    pub(super) fn deny_rules(&self, package: &str) -> Vec<RuleId> {
        let path: Vec<String> = package
            .split('.')
            .map(str::to_owned)
            .chain(["deny".to_owned()])
            .collect();
        let mut found = self.rules_at(&path).to_vec();
        found.retain(|id| self.rule(*id).kind == RuleKind::Set);
        found.sort();
        found
    }

    /// Returns the rules a package's `deny` can reach, itself included, and all others of the package.
    pub(super) fn reachable(&self, package: &str) -> BTreeSet<RuleId> {
        let own: Vec<String> = package.split('.').map(str::to_owned).collect();
        let mut pending: Vec<RuleId> = self.ids().filter(|id| self.module_of(*id).package == own).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = pending.pop() {
            if seen.insert(id) {
                pending.extend(self.references(id).into_iter().flat_map(|(ids, _)| ids));
            }
        }
        seen
    }

    /// Returns what `name` means in a module, if it is no local variable and no builtin.
    pub(super) fn global(&self, module: usize, name: &str) -> Option<Global> {
        match name {
            "input" => return Some(Global::Input(Vec::new())),
            "data" => return Some(Global::Data(Vec::new())),
            _ => {}
        }
        let module = self.modules.get(module)?;
        if let Some((path, _)) = module.imports.get(name) {
            let rest = path.get(1..).unwrap_or_default().to_vec();
            return Some(if path.first().is_some_and(|root| root == "input") {
                Global::Input(rest)
            } else {
                Global::Data(rest)
            });
        }
        let mut path = module.package.clone();
        path.push(name.to_owned());
        let named = self.rules_below(&path).next().is_some();
        named.then_some(Global::Data(path))
    }

    /// Follows a path into `data`.
    pub(super) fn target(&self, path: &[String]) -> Target {
        for length in 1..=path.len() {
            let Some(prefix) = path.get(..length) else { break };
            let here = self.rules_at(prefix);
            if here.is_empty() {
                continue;
            }
            let below: Vec<RuleId> = self.rules_below(prefix).collect();
            if below.len() > here.len() {
                return Target::Tree(below);
            }
            return Target::Rule(prefix.to_vec(), length);
        }
        let below: Vec<RuleId> = self.rules_below(path).collect();
        if below.is_empty() {
            Target::Base
        } else {
            Target::Tree(below)
        }
    }

    /// Returns the rules that a rule's expressions name, with the expression. Locals are told apart by name alone,
    /// so that a local that shares its name with a rule counts as the rule.
    pub(super) fn references(&self, id: RuleId) -> Vec<(Vec<RuleId>, super::ir::At)> {
        let rule = self.rule(id);
        let locals = rule_locals(rule);
        let mut found = Vec::new();
        rule.walk(&mut |expr| {
            let (root, steps): (&str, Vec<Option<String>>) = match &expr.node {
                Node::Var(name) => (name, Vec::new()),
                Node::Ref(base, steps) => match base.var() {
                    Some(name) => (name, steps.iter().map(constant_step).collect()),
                    None => return,
                },
                Node::Call(name, _) => match name.split_first() {
                    Some((root, rest)) => (root, rest.iter().cloned().map(Some).collect()),
                    None => return,
                },
                _ => return,
            };
            if locals.contains(root) {
                return;
            }
            if let Some(Global::Data(mut path)) = self.global(id.module, root) {
                path.extend(steps.into_iter().map_while(|step| step));
                match self.target(&path) {
                    Target::Rule(path, _) => found.push((self.rules_at(&path).to_vec(), expr.at)),
                    // `data` alone is the root of a reference that is seen on its own.
                    Target::Tree(ids) if !(path.is_empty() && matches!(expr.node, Node::Var(_))) => {
                        found.push((ids, expr.at));
                    }
                    Target::Tree(_) | Target::Base => {}
                }
            }
        });
        found
    }
}

fn constant_step(step: &Expr) -> Option<String> {
    step.constant().and_then(|value| value.as_str()).map(str::to_owned)
}

/// Returns the variables that a rule declares anywhere: arguments, `:=`, `some`, `every`.
pub(super) fn rule_locals(rule: &Rule) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    rule.args.iter().for_each(|arg| pattern(arg, &mut names));
    rule.statements(&mut |stmt| declared(stmt, &mut names));
    names
}

/// Adds the variables of a pattern.
pub(super) fn pattern(expr: &Expr, names: &mut BTreeSet<String>) {
    match &expr.node {
        Node::Var(name) => {
            names.insert(name.clone());
        }
        Node::Array(items) => items.iter().for_each(|item| pattern(item, names)),
        Node::Object(fields) => fields.iter().for_each(|(_, value)| pattern(value, names)),
        _ => {}
    }
}

/// Adds the variables that a statement declares by a keyword or `:=`.
pub(super) fn declared(stmt: &Stmt, names: &mut BTreeSet<String>) {
    match &stmt.node {
        StmtNode::Expr(Expr {
            node: Node::Assign {
                declares: true, left, ..
            },
            ..
        }) => pattern(left, names),
        StmtNode::Some(vars) => names.extend(vars.iter().cloned()),
        StmtNode::SomeIn { key, value, .. } => {
            key.iter().for_each(|key| pattern(key, names));
            pattern(value, names);
        }
        StmtNode::Every { key, value, .. } => {
            names.extend(key.iter().cloned());
            names.insert(value.clone());
        }
        StmtNode::Expr(_) | StmtNode::Not(_) => {}
    }
}
