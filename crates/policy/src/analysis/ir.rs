//! The form of a module that the analysis works on: references flat, wildcards named, positions kept.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

/// A place in a file; lines and columns from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct At {
    pub line: u32,
    pub column: u32,
}

/// One parsed file.
#[derive(Debug, Clone)]
pub(crate) struct Module {
    /// The file, relative to its bundle.
    pub(super) file: String,
    /// `["nephoscope", "storage", "bucket_public_access"]`.
    pub(super) package: Vec<String>,
    /// Name to path, whose first step is `data` or `input`.
    pub(super) imports: BTreeMap<String, (Vec<String>, At)>,
    pub(super) rules: Vec<Rule>,
}

impl Module {
    /// Returns the line of the first reference to `data.<name>`, or to what of `data` cannot be told, an import included.
    pub(crate) fn reads_data(&self, name: &str) -> Option<u32> {
        let mut lines: Vec<u32> = Vec::new();
        for (path, at) in self.imports.values() {
            let whole = path.len() == 1;
            if path.first().is_some_and(|root| root == "data")
                && (whole || path.get(1).is_some_and(|step| step == name))
            {
                lines.push(at.line);
            }
        }
        for rule in &self.rules {
            rule.walk(&mut |expr| {
                let Node::Ref(base, steps) = &expr.node else { return };
                let step = steps.first().map(Expr::constant);
                let named = |step: &Value| step.as_str() == Some(name);
                if base.var() == Some("data") && step.is_none_or(|step| step.is_none_or(named)) {
                    lines.push(expr.at.line);
                }
            });
        }
        lines.into_iter().min()
    }

    /// Returns the package without `data.`.
    pub(crate) fn package(&self) -> String {
        self.package.join(".")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RuleKind {
    Complete,
    Set,
    /// `p[k] := v`, with one or more keys.
    Object,
    Function,
}

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub at: At,
    /// Bytes from the first to the end of the last token.
    pub span: Range<usize>,
    /// Constant steps below the package.
    pub path: Vec<String>,
    pub kind: RuleKind,
    pub default: bool,
    pub args: Vec<Expr>,
    /// Element of a set, or keys of an object.
    pub keys: Vec<Expr>,
    /// Never empty. The first is the rule's own, the others are `else`.
    pub bodies: Vec<Body>,
}

#[derive(Debug, Clone)]
pub(super) struct Body {
    /// `true` where the rule writes none; for sets unused.
    pub value: Expr,
    pub query: Vec<Stmt>,
}

#[derive(Debug, Clone)]
pub(super) struct Stmt {
    pub at: At,
    pub node: StmtNode,
    pub with: Vec<Expr>,
}

#[derive(Debug, Clone)]
pub(super) enum StmtNode {
    Expr(Expr),
    Not(Expr),
    Some(Vec<String>),
    SomeIn {
        key: Option<Expr>,
        value: Expr,
        collection: Expr,
    },
    Every {
        key: Option<String>,
        value: String,
        domain: Expr,
        query: Vec<Stmt>,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub at: At,
    pub node: Node,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Union,
    Intersection,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Lt,
    Le,
    Eq,
    Ge,
    Gt,
    Ne,
}

impl Op {
    pub(super) fn compares(self) -> bool {
        matches!(self, Op::Lt | Op::Le | Op::Eq | Op::Ge | Op::Gt | Op::Ne)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Shape {
    Array,
    Set,
    Object,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Const(Value),
    Var(String),
    Array(Vec<Expr>),
    Set(Vec<Expr>),
    Object(Vec<(Expr, Expr)>),
    Compr {
        shape: Shape,
        key: Option<Box<Expr>>,
        term: Box<Expr>,
        query: Vec<Stmt>,
    },
    Call(Vec<String>, Vec<Expr>),
    Neg(Box<Expr>),
    /// A base that is no reference itself, and at least one step.
    Ref(Box<Expr>, Vec<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>),
    Assign {
        declares: bool,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    In {
        key: Option<Box<Expr>>,
        value: Box<Expr>,
        collection: Box<Expr>,
    },
}

impl Expr {
    /// Returns the direct parts, without the queries of comprehensions.
    pub(super) fn children(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Const(_) | Node::Var(_) => Vec::new(),
            Node::Array(items) | Node::Set(items) | Node::Call(_, items) => items.iter().collect(),
            Node::Object(fields) => fields.iter().flat_map(|(key, value)| [key, value]).collect(),
            Node::Compr { .. } => Vec::new(),
            Node::Neg(inner) => vec![inner],
            Node::Ref(base, steps) => std::iter::once(&**base).chain(steps).collect(),
            Node::Binary(_, left, right) | Node::Assign { left, right, .. } => vec![left, right],
            Node::In { key, value, collection } => {
                key.iter().map(|key| &**key).chain([&**value, &**collection]).collect()
            }
        }
    }

    /// Calls `see` on this expression and all below it, the queries of comprehensions included.
    pub(super) fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        see(self);
        if let Node::Compr { key, term, query, .. } = &self.node {
            key.iter().for_each(|key| key.walk(see));
            term.walk(see);
            query.iter().for_each(|stmt| stmt.walk(see));
        }
        self.children().into_iter().for_each(|child| child.walk(see));
    }

    pub(super) fn var(&self) -> Option<&str> {
        match &self.node {
            Node::Var(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn constant(&self) -> Option<&Value> {
        match &self.node {
            Node::Const(value) => Some(value),
            _ => None,
        }
    }
}

impl Stmt {
    /// Returns the expressions that stand directly in the statement, not those of a body of `every`.
    pub(super) fn exprs(&self) -> Vec<&Expr> {
        let mut found: Vec<&Expr> = match &self.node {
            StmtNode::Expr(expr) | StmtNode::Not(expr) => vec![expr],
            StmtNode::Some(_) => Vec::new(),
            StmtNode::SomeIn { key, value, collection } => key.iter().chain([value, collection]).collect(),
            StmtNode::Every { domain, .. } => vec![domain],
        };
        found.extend(&self.with);
        found
    }

    /// Calls `see` on every expression of the statement, nested queries included.
    pub(super) fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        self.exprs().into_iter().for_each(|expr| expr.walk(see));
        if let StmtNode::Every { query, .. } = &self.node {
            query.iter().for_each(|stmt| stmt.walk(see));
        }
    }

    /// Calls `see` on this statement and all nested in it.
    pub(super) fn statements<'a>(&'a self, see: &mut dyn FnMut(&'a Stmt)) {
        see(self);
        if let StmtNode::Every { query, .. } = &self.node {
            query.iter().for_each(|stmt| stmt.statements(see));
        }
        for expr in self.exprs() {
            expr.walk(&mut |expr| {
                if let Node::Compr { query, .. } = &expr.node {
                    // `walk` meets nested comprehensions by itself; only the bodies of `every` hide from it.
                    for stmt in query {
                        see(stmt);
                        if let StmtNode::Every { query, .. } = &stmt.node {
                            query.iter().for_each(|stmt| stmt.statements(see));
                        }
                    }
                }
            });
        }
    }
}

impl Rule {
    /// Calls `see` on every expression of the rule.
    pub(super) fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        self.args.iter().chain(&self.keys).for_each(|expr| expr.walk(see));
        for body in &self.bodies {
            body.value.walk(see);
            body.query.iter().for_each(|stmt| stmt.walk(see));
        }
    }

    /// Calls `see` on every statement of the rule, nested queries included.
    pub(super) fn statements<'a>(&'a self, see: &mut dyn FnMut(&'a Stmt)) {
        for body in &self.bodies {
            body.query.iter().for_each(|stmt| stmt.statements(see));
        }
        let heads = self.keys.iter().chain(self.bodies.iter().map(|body| &body.value));
        for head in heads {
            head.walk(&mut |expr| {
                if let Node::Compr { query, .. } = &expr.node {
                    query.iter().for_each(|stmt| {
                        see(stmt);
                        if let StmtNode::Every { query, .. } = &stmt.node {
                            query.iter().for_each(|stmt| stmt.statements(see));
                        }
                    });
                }
            });
        }
    }
}
