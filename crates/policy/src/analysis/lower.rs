//! From regorus' syntax tree to ours.

use std::collections::BTreeMap;
use std::ops::Range;

use regorus::unstable as rego;
use serde_json::Value;

use super::Problem;
use super::ir::{At, Body, Expr, Module, Node, Op, Rule, RuleKind, Shape, Stmt, StmtNode};

/// Parses `text`, whose tokens are at `tokens`, and lowers it.
pub(super) fn module(file: &str, text: &str, tokens: &[Range<usize>]) -> Result<Module, Vec<Problem>> {
    lowered(file, parse(file, text, true), tokens)
}

/// As [`module`], of Rego v0.
pub(super) fn module_v0(file: &str, text: &str, tokens: &[Range<usize>]) -> Result<Module, Vec<Problem>> {
    lowered(file, parse(file, text, false), tokens)
}

fn lowered(file: &str, parsed: Parsed, tokens: &[Range<usize>]) -> Result<Module, Vec<Problem>> {
    let parsed = parsed.map_err(|error| vec![syntax(file, &error.to_string())])?;
    let mut lower = Lower {
        file,
        wildcards: 0,
        problems: Vec::new(),
    };
    let module = lower.module(&parsed, tokens);
    if lower.problems.is_empty() {
        Ok(module)
    } else {
        Err(lower.problems)
    }
}

type Parsed = Result<rego::Module, Box<dyn std::error::Error + Send + Sync>>;

fn parse(file: &str, text: &str, v1: bool) -> Parsed {
    let source = rego::Source::from_contents(file.to_owned(), text.to_owned())?;
    let mut parser = rego::Parser::new(&source)?;
    if v1 {
        parser.enable_rego_v1()?;
    }
    Ok(parser.parse()?)
}

/// Takes place and message out of regorus' text: `--> file:line:column … error: message`.
fn syntax(file: &str, error: &str) -> Problem {
    let place = error
        .split("--> ")
        .nth(1)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let mut numbers = place.rsplit(':').map_while(|part| part.trim().parse::<u32>().ok());
    let column = numbers.next().unwrap_or(1);
    let line = numbers.next().unwrap_or(0);
    let message = match error.rsplit_once("error: ") {
        Some((_, message)) => message.trim().lines().next().unwrap_or(message),
        None => error.trim(),
    };
    Problem {
        file: file.to_owned(),
        line,
        column,
        code: "syntax",
        message: message.to_owned(),
        help: None,
    }
}

fn at(span: &rego::Span) -> At {
    At {
        line: span.line,
        column: span.col,
    }
}

struct Lower<'a> {
    file: &'a str,
    wildcards: usize,
    problems: Vec<Problem>,
}

impl Lower<'_> {
    fn module(&mut self, parsed: &rego::Module, tokens: &[Range<usize>]) -> Module {
        let package = self.names(&parsed.package.refr);
        let mut imports = BTreeMap::new();
        for import in &parsed.imports {
            let path = self.names(&import.refr);
            if matches!(path.first().map(String::as_str), Some("future" | "rego")) {
                self.keyword(at(&import.span), &path);
                continue;
            }
            let name = match &import.r#as {
                Some(name) => Some(name.text().to_owned()),
                None => path.last().cloned(),
            };
            if let Some(name) = name {
                imports.insert(name, (path, at(&import.span)));
            }
        }
        let starts: Vec<usize> = parsed.policy.iter().map(|rule| offset(rule.span().start)).collect();
        let mut rules = Vec::new();
        for (index, rule) in parsed.policy.iter().enumerate() {
            // regorus' spans leave out the quotes of a string, so the end comes from our own tokens.
            let start = starts.get(index).copied().unwrap_or_default();
            let next = starts.get(index + 1).copied().unwrap_or(usize::MAX);
            let last = tokens.iter().rev().find(|token| token.start < next);
            let end = last.map_or(start, |token| token.end);
            rules.extend(self.rule(rule, start..end));
        }
        Module {
            file: self.file.to_owned(),
            package,
            imports,
            rules,
        }
    }

    /// Refuses a keyword that the parser does not know: without it the same text means something else.
    fn keyword(&mut self, place: At, path: &[String]) {
        let known = match path {
            [_, keywords] => keywords == "keywords" || keywords == "v1",
            [_, _, keyword] => matches!(keyword.as_str(), "contains" | "every" | "if" | "in"),
            _ => false,
        };
        if !known {
            self.refuse(
                place,
                &format!("import of `{}`, which is not known here", path.join(".")),
                None,
            );
        }
    }

    fn rule(&mut self, rule: &rego::Rule, span: Range<usize>) -> Option<Rule> {
        let place = at(rule.span());
        match rule {
            rego::Rule::Default { refr, args, value, .. } => {
                let (path, keys) = self.head(refr);
                if !keys.is_empty() {
                    self.refuse(place, "default of a rule with a key that is no constant", None);
                    return None;
                }
                let value = self.expr(value);
                Some(Rule {
                    at: place,
                    span,
                    path,
                    kind: if args.is_empty() {
                        RuleKind::Complete
                    } else {
                        RuleKind::Function
                    },
                    default: true,
                    args: args.iter().map(|arg| self.expr(arg)).collect(),
                    keys,
                    bodies: vec![Body {
                        value,
                        query: Vec::new(),
                    }],
                })
            }
            rego::Rule::Spec { head, bodies, .. } => {
                let truth = Expr {
                    at: place,
                    node: Node::Const(Value::Bool(true)),
                };
                let (kind, refr, args, set_key, assign) = match head {
                    rego::RuleHead::Compr { refr, assign, .. } => {
                        (RuleKind::Complete, refr, &[][..], None, assign.as_ref())
                    }
                    rego::RuleHead::Set { refr, key, .. } => (RuleKind::Set, refr, &[][..], key.as_ref(), None),
                    rego::RuleHead::Func { refr, args, assign, .. } => {
                        (RuleKind::Function, refr, args.as_slice(), None, assign.as_ref())
                    }
                };
                let args = args.iter().map(|arg| self.expr(arg)).collect();
                let (path, mut keys) = self.head(refr);
                let kind = match kind {
                    RuleKind::Complete if !keys.is_empty() => RuleKind::Object,
                    RuleKind::Set => {
                        let Some(key) = set_key else {
                            self.refuse(
                                place,
                                "set rule without `contains`",
                                Some("write `name contains element if { … }`"),
                            );
                            return None;
                        };
                        keys.push(self.expr(key));
                        // `p[k] contains v` is an object of sets: nothing is said of its parts.
                        if keys.len() > 1 {
                            RuleKind::Object
                        } else {
                            RuleKind::Set
                        }
                    }
                    RuleKind::Function if !keys.is_empty() => {
                        self.refuse(place, "function whose name has a part that is no constant", None);
                        return None;
                    }
                    kind => kind,
                };
                let value = match assign {
                    Some(assign) => self.expr(&assign.value),
                    None => truth.clone(),
                };
                let mut lowered = Vec::new();
                for (index, body) in bodies.iter().enumerate() {
                    if index > 0 && !body.is_else {
                        self.refuse(
                            at(&body.span),
                            "second body of one rule",
                            Some("write the head again before each body"),
                        );
                        continue;
                    }
                    let value = match (&body.assign, index) {
                        (Some(assign), _) => self.expr(&assign.value),
                        (None, 0) => value.clone(),
                        (None, _) => truth.clone(),
                    };
                    let query = self.query(&body.query);
                    lowered.push(Body { value, query });
                }
                if lowered.is_empty() {
                    lowered.push(Body {
                        value,
                        query: Vec::new(),
                    });
                }
                Some(Rule {
                    at: place,
                    span,
                    path,
                    kind,
                    default: false,
                    args,
                    keys,
                    bodies: lowered,
                })
            }
        }
    }

    /// Returns the constant steps of a rule's name and, from the first that is none, the others.
    fn head(&mut self, refr: &rego::Expr) -> (Vec<String>, Vec<Expr>) {
        let expr = self.expr(refr);
        let (base, steps) = match expr.node {
            Node::Ref(base, steps) => (base.node, steps),
            node => (node, Vec::new()),
        };
        let mut path = match base {
            Node::Var(name) => vec![name],
            _ => Vec::new(),
        };
        let mut keys = Vec::new();
        for step in steps {
            match (step.constant(), keys.is_empty()) {
                (Some(Value::String(name)), true) => path.push(name.clone()),
                _ => keys.push(step),
            }
        }
        (path, keys)
    }

    /// Returns the steps of a reference that holds only names, as in `package` and `import`.
    fn names(&mut self, refr: &rego::Expr) -> Vec<String> {
        self.head(refr).0
    }

    fn query(&mut self, query: &rego::Query) -> Vec<Stmt> {
        query.stmts.iter().map(|stmt| self.stmt(stmt)).collect()
    }

    fn stmt(&mut self, stmt: &rego::LiteralStmt) -> Stmt {
        let node = match &stmt.literal {
            rego::Literal::SomeVars { vars, .. } => {
                StmtNode::Some(vars.iter().map(|name| name.text().to_owned()).collect())
            }
            rego::Literal::SomeIn {
                key, value, collection, ..
            } => StmtNode::SomeIn {
                key: key.as_ref().map(|key| self.expr(key)),
                value: self.expr(value),
                collection: self.expr(collection),
            },
            rego::Literal::Expr { expr, .. } => StmtNode::Expr(self.expr(expr)),
            rego::Literal::NotExpr { expr, .. } => StmtNode::Not(self.expr(expr)),
            rego::Literal::Every {
                key,
                value,
                domain,
                query,
                ..
            } => StmtNode::Every {
                key: key.as_ref().map(|key| self.name(key.text())),
                value: self.name(value.text()),
                domain: self.expr(domain),
                query: self.query(query),
            },
        };
        let with = stmt
            .with_mods
            .iter()
            .flat_map(|with| [self.expr(&with.refr), self.expr(&with.r#as)])
            .collect();
        Stmt {
            at: at(&stmt.span),
            node,
            with,
        }
    }

    /// Gives every `_` a name of its own.
    fn name(&mut self, name: &str) -> String {
        if name != "_" {
            return name.to_owned();
        }
        self.wildcards += 1;
        format!("_#{}", self.wildcards)
    }

    fn exprs(&mut self, exprs: &[rego::Ref<rego::Expr>]) -> Vec<Expr> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn boxed(&mut self, expr: &rego::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    fn compr(&mut self, shape: Shape, key: Option<&rego::Expr>, term: &rego::Expr, query: &rego::Query) -> Node {
        Node::Compr {
            shape,
            key: key.map(|key| self.boxed(key)),
            term: self.boxed(term),
            query: self.query(query),
        }
    }

    fn expr(&mut self, expr: &rego::Expr) -> Expr {
        use rego::Expr as E;
        let place = at(expr.span());
        let node = match expr {
            E::String { value, .. } | E::RawString { value, .. } | E::Number { value, .. } => {
                self.constant(place, value)
            }
            E::Bool { value, .. } | E::Null { value, .. } => self.constant(place, value),
            E::Var { span, .. } => Node::Var(self.name(span.text())),
            E::Array { items, .. } => Node::Array(self.exprs(items)),
            E::Set { items, .. } => Node::Set(self.exprs(items)),
            E::Object { fields, .. } => Node::Object(
                fields
                    .iter()
                    .map(|(_, key, value)| (self.expr(key), self.expr(value)))
                    .collect(),
            ),
            E::ArrayCompr { term, query, .. } => self.compr(Shape::Array, None, term, query),
            E::SetCompr { term, query, .. } => self.compr(Shape::Set, None, term, query),
            E::ObjectCompr { key, value, query, .. } => self.compr(Shape::Object, Some(key), value, query),
            E::Call { fcn, params, .. } => {
                let name = self.head(fcn).0;
                Node::Call(name, self.exprs(params))
            }
            E::UnaryExpr { expr, .. } => match self.expr(expr).node {
                Node::Const(Value::Number(number)) => match negated(&number) {
                    Some(number) => Node::Const(number),
                    None => Node::Neg(self.boxed(expr)),
                },
                node => Node::Neg(Box::new(Expr { at: place, node })),
            },
            E::RefDot { refr, field, .. } => {
                let step = Expr {
                    at: at(&field.0),
                    node: Node::Const(Value::String(field.0.text().to_owned())),
                };
                self.step(refr, step)
            }
            E::RefBrack { refr, index, .. } => {
                let step = self.expr(index);
                self.step(refr, step)
            }
            E::BinExpr { op, lhs, rhs, .. } => {
                let op = match op {
                    rego::BinOp::Union => Op::Union,
                    rego::BinOp::Intersection => Op::Intersection,
                };
                Node::Binary(op, self.boxed(lhs), self.boxed(rhs))
            }
            E::BoolExpr { op, lhs, rhs, .. } => {
                let op = match op {
                    rego::BoolOp::Lt => Op::Lt,
                    rego::BoolOp::Le => Op::Le,
                    rego::BoolOp::Eq => Op::Eq,
                    rego::BoolOp::Ge => Op::Ge,
                    rego::BoolOp::Gt => Op::Gt,
                    rego::BoolOp::Ne => Op::Ne,
                };
                Node::Binary(op, self.boxed(lhs), self.boxed(rhs))
            }
            E::ArithExpr { op, lhs, rhs, .. } => {
                let op = match op {
                    rego::ArithOp::Add => Op::Add,
                    rego::ArithOp::Sub => Op::Sub,
                    rego::ArithOp::Mul => Op::Mul,
                    rego::ArithOp::Div => Op::Div,
                    rego::ArithOp::Mod => Op::Mod,
                };
                Node::Binary(op, self.boxed(lhs), self.boxed(rhs))
            }
            E::AssignExpr { op, lhs, rhs, .. } => Node::Assign {
                declares: *op == rego::AssignOp::ColEq,
                left: self.boxed(lhs),
                right: self.boxed(rhs),
            },
            E::Membership {
                key, value, collection, ..
            } => Node::In {
                key: key.as_ref().map(|key| self.boxed(key)),
                value: self.boxed(value),
                collection: self.boxed(collection),
            },
        };
        Expr { at: place, node }
    }

    /// Adds one step to a reference.
    fn step(&mut self, refr: &rego::Expr, step: Expr) -> Node {
        let base = self.expr(refr);
        match base.node {
            Node::Ref(base, mut steps) => {
                steps.push(step);
                Node::Ref(base, steps)
            }
            _ => Node::Ref(Box::new(base), vec![step]),
        }
    }

    fn constant(&mut self, place: At, value: &regorus::Value) -> Node {
        match serde_json::to_value(value) {
            Ok(value) => Node::Const(value),
            Err(error) => {
                self.refuse(place, &format!("literal that is no JSON value: {error}"), None);
                Node::Const(Value::Null)
            }
        }
    }

    fn refuse(&mut self, place: At, message: &str, help: Option<&str>) {
        self.problems.push(Problem {
            file: self.file.to_owned(),
            line: place.line,
            column: place.column,
            code: "syntax",
            message: message.to_owned(),
            help: help.map(str::to_owned),
        });
    }
}

fn negated(number: &serde_json::Number) -> Option<Value> {
    number.as_i64().and_then(i64::checked_neg).map(Value::from)
}

fn offset(position: u32) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
