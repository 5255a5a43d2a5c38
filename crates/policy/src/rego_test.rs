//! Rego tests: the rules `test_*`, run as `opa test` does.
//!
//! Source: Open Policy Agent documentation, "Policy testing", read 2026-11-23: a test passes when its rule is
//! defined and true; names that begin with `todo_` are left out.

use std::sync::Arc;
use std::time::Duration;

use regorus::Value as Rego;
use regorus::unstable::{Expr, Parser, Rule, RuleHead, Source};
use serde_json::{Map, Value};

use crate::analysis;
use crate::bundle::Options;
use crate::compile::data_path;
use crate::form::Form;
use crate::load::{rehearsed, shown};
use crate::patience::{Common, Patience};
use crate::problem::{LoadErrors, problem};
use crate::program::{Local, Program, Runner, Text};
use crate::remote::{self, Host, Remote};
use crate::source::{Root, merge};

/// Longest time that one test may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What came of one Rego test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestResult {
    /// Its package.
    pub package: String,
    /// Its rule.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Line of the rule, from 1.
    pub line: u32,
    /// Whether the rule was true.
    pub passed: bool,
    /// Why it did not pass.
    pub message: Option<String>,
}

/// Runs every rule `test_*` of the files `*_test.rego`. Sorted by package and name. With a host they run there, unless all
/// roots are such that run in this process.
///
/// # Errors
///
/// Every problem of a file that cannot be parsed, and what the engine refuses to compile.
pub fn run_tests(roots: &[Root], host: Option<&Arc<dyn Host>>) -> Result<Vec<TestResult>, LoadErrors> {
    rehearsed(roots, &Options::default(), host)?;
    let mut problems = Vec::new();
    let mut texts = Vec::new();
    let mut tests = Vec::new();
    let mut modules = Vec::new();
    let mut data = Map::new();
    for root in roots.iter().filter(|root| root.constraints.is_empty()) {
        if let Err(place) = merge(&mut data, root.data.clone(), "data") {
            let message = format!("`{place}` is given by another bundle too");
            problems.push(problem(&root.name, 0, 0, "data", message, "load only one of them"));
        }
        for source in &root.files {
            let file = shown(root, source);
            match analysis::parse(&file, &source.text) {
                Ok(module) => {
                    if source.is_test() {
                        find_tests(&file, &source.text, &module.package(), &mut tests);
                    }
                    modules.push(module);
                }
                Err(found) => problems.extend(found),
            }
            texts.push(Text {
                file,
                text: source.text.clone(),
            });
        }
    }
    // Tests may run in this process too, so what ends it is refused in them as well.
    problems.extend(analysis::Modules::new(modules).problems());
    LoadErrors::unless_empty(problems)?;
    tests.sort();
    tests.dedup_by(|a, b| (&a.package, &a.name) == (&b.package, &b.name));
    let Some(first) = tests.first() else {
        return Ok(tests);
    };
    let entry = data_path(&first.package, &first.name);
    let data = Value::Object(data);
    let patience = Patience::new(&Common::new(LIMIT));
    let program = match host.filter(|_| roots.iter().any(|root| !root.in_process)) {
        None => Program::here(Local::new(texts, Rego::from(data), entry, LIMIT), &patience),
        Some(host) => {
            let data = remote::data(&data);
            let remote = Remote::new(Arc::clone(host), texts, data, entry, Form::Policy, LIMIT);
            Program::elsewhere(remote, &patience)
        }
    };
    program.compile().map_err(|failure| {
        let help = "`opa check --strict` may say more";
        LoadErrors(vec![problem(
            &first.file,
            first.line,
            1,
            "compile",
            failure.message,
            help,
        )])
    })?;
    let mut runner = program.runner();
    for test in &mut tests {
        run(&mut runner, test);
    }
    Ok(tests)
}

fn run(runner: &mut Runner<'_>, test: &mut TestResult) {
    let path = data_path(&test.package, &test.name);
    test.message = runner.test(&path).unwrap_or_else(|failure| Some(failure.message));
    test.passed = test.message.is_none();
}

/// Adds the test rules of a module that the analysis has let through.
fn find_tests(file: &str, text: &str, package: &str, tests: &mut Vec<TestResult>) {
    let parsed = Source::from_contents(file.to_owned(), text.to_owned()).and_then(|source| {
        let mut parser = Parser::new(&source)?;
        parser.enable_rego_v1()?;
        parser.parse()
    });
    // INVARIANT: the analysis parsed it with the same parser.
    let Ok(module) = parsed else {
        return;
    };
    for rule in &module.policy {
        let Rule::Spec { span, head, .. } = rule.as_ref() else {
            continue;
        };
        let (RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. }) = head else {
            continue;
        };
        let name = root_name(refr);
        if name.starts_with("test_") {
            tests.push(TestResult {
                package: package.to_owned(),
                name,
                file: file.to_owned(),
                line: span.line,
                passed: false,
                message: None,
            });
        }
    }
}

/// The first name of a head: `test_a` of `test_a.b[c]`.
fn root_name(head: &Expr) -> String {
    match head {
        Expr::Var { span, .. } => span.text().to_owned(),
        Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => root_name(refr),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::{root, source};

    #[test]
    fn tests_pass_fail_and_err() {
        let files = vec![
            source(
                "a.rego",
                "package a\n\nx := 1 if input.x\n\ny := z / input.y\n\nz := 2\n",
            ),
            source(
                "a_test.rego",
                "package a_test\n\nimport data.a\n\ntest_good if a.x == 1 with input.x as true\n\n\
                 test_bad if a.x == 1\n\ntest_false := false\n\ntest_set contains 1 if a.z == 2\n\n\
                 todo_test_later if false\n\nhelper if true\n",
            ),
        ];
        let results = run_tests(&[root(files)], None).unwrap();
        let shown: Vec<_> = results.iter().map(|r| (r.name.as_str(), r.line, r.passed)).collect();
        assert_eq!(
            shown,
            [
                ("test_bad", 7, false),
                ("test_false", 9, false),
                ("test_good", 5, true),
                ("test_set", 11, false)
            ]
        );
        assert_eq!(results[1].message.as_deref(), Some("the rule is false, not true"));
    }

    #[test]
    fn a_broken_test_file_is_an_error() {
        let files = vec![
            source("a.rego", "package a\n"),
            source("a_test.rego", "package a_test\n\ntest_x if {\n"),
        ];
        assert!(run_tests(&[root(files)], None).is_err());
    }
}
