//! Policies made to hang or kill the process end in an error, within their limits.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers of tests"
)]

mod support;

use std::fmt::Write;
use std::time::{Duration, Instant};

use nephoscope_model::{Outcome, Provider};
use nephoscope_policy::{EvaluationLimits, Options};
use serde_json::json;
use support::{load, resource, subject};

const LIMIT: Duration = Duration::from_millis(200);

fn options() -> Options {
    Options {
        limits: EvaluationLimits { per_evaluation: LIMIT },
        ..Options::default()
    }
}

/// A clause that finds something if `condition` holds, and rules beside it.
fn policy(condition: &str, rules: &str) -> String {
    format!(
        "deny contains finding if {{\n\t{condition}\n\tfinding := {{\"path\": \"\", \"message\": \"m\"}}\n}}\n{rules}\n"
    )
}

/// What loading says, or what judging a bucket says.
fn outcome(body: &str) -> Result<(Outcome, Option<String>), String> {
    let started = Instant::now();
    let result = load(&[("hostile", body)], &options()).map_err(|errors| errors.to_string());
    let result = result.map(|bundle| {
        let resource = resource(
            "storage.bucket",
            Provider::Aws,
            json!({"tls": {"required": false}}),
            &[],
        );
        let verdict = bundle.evaluator().evaluate(0, &subject(&resource));
        (verdict.outcome, verdict.error)
    });
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "took {:?}",
        started.elapsed()
    );
    result
}

fn nested(depth: usize, open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn what_would_end_the_process_is_refused_at_load() {
    let mut chain = String::new();
    let mut rules = String::new();
    for index in 0..5_000 {
        let _written = writeln!(chain, "f{index}(x) := f{}(x)", index + 1);
        let _written = writeln!(rules, "r{index} := r{}", index + 1);
    }
    let sum = vec!["1"; 15_000].join("\n\t+ ");
    let branches: String = (0..9_000)
        .map(|index| format!(" else := {index} if {{\n\tinput.resource.name == \"{index}\"\n}}"))
        .collect();
    let every = "every x in [1] {\n".repeat(3_000) + "true" + &"\n}".repeat(3_000);
    let cases = [
        ("function that calls itself", policy("f(1) == 1", "f(a) := f(a)")),
        (
            "functions that call each other",
            policy("f(1) == 1", "f(a) := g(a)\n\ng(a) := f(a)"),
        ),
        ("rules that need each other", policy("a == 1", "a := b\n\nb := a")),
        ("rule that needs its own deny", policy("count(deny) == 0", "")),
        (
            "recursion through data",
            policy("f(1) == 1", "f(a) := data.test.hostile.f(a)"),
        ),
        (
            "recursion through a name at run time",
            policy("a == 1", "a := data.test[input.resource.name].a"),
        ),
        (
            "30 nested arrays",
            policy(&format!("{} == 1", nested(30, "[", "]")), ""),
        ),
        (
            "30 nested objects",
            policy(&format!("{} == 1", nested(30, "{\"a\": ", "}")), ""),
        ),
        ("30 nested sets", policy(&format!("{} == 1", nested(30, "{", "}")), "")),
        (
            "3,000 nested arrays",
            policy(&format!("{} == 1", nested(3_000, "[", "]")), ""),
        ),
        (
            "3,000 nested parentheses",
            policy(&format!("{} == 1", nested(3_000, "(", ")")), ""),
        ),
        ("15,000 terms", policy(&format!("{sum} == 1"), "")),
        (
            "5,000 chained functions",
            policy("f0(1) == 1", &format!("{chain}f5000(x) := x")),
        ),
        ("5,000 chained rules", policy("r0 == 1", &format!("{rules}r5000 := 1"))),
        (
            "9,000 else branches",
            policy(
                "a == 1",
                &format!("a := 0 if {{\n\tinput.resource.name == \"\"\n}}{branches}"),
            ),
        ),
        ("3,000 nested every", policy(&every, "")),
        ("a huge exponent", policy("1e1000000000 > 0", "")),
    ];
    for (name, body) in cases {
        let error = outcome(&body).expect_err(name);
        assert!(error.contains("hostile.rego:"), "{name}: {error}");
        assert!(error.len() < 4_000, "{name}: {} bytes of error", error.len());
    }
}

#[test]
fn a_builtin_that_would_run_away_is_an_error() {
    let doubled: String = (0..60)
        .map(|i| format!("x{} := array.concat(x{i}, x{i})\n\t", i + 1))
        .collect();
    let texts: String = (0..60)
        .map(|i| format!("t{} := sprintf(\"%s%s\", [t{i}, t{i}])\n\t", i + 1))
        .collect();
    let edges: Vec<String> = (0..14)
        .map(|from| {
            format!(
                "\"{from}\": [{}]",
                (0..14).map(|to| format!("\"{to}\"")).collect::<Vec<_>>().join(",")
            )
        })
        .collect();
    let cases = [
        "bits.lsh(1, 1000000000) > 0".to_owned(),
        "count(numbers.range(1, 1000000000)) > 0".to_owned(),
        "count(numbers.range_step(1, 1000000000, 2)) > 0".to_owned(),
        "to_number(\"1e1000000000\") > 0".to_owned(),
        "units.parse(\"1e99999\") > 0".to_owned(),
        "sprintf(\"%1000000000d\", [1]) != \"\"".to_owned(),
        "count(net.cidr_expand(\"10.0.0.0/8\")) > 0".to_owned(),
        format!("x0 := [1]\n\t{doubled}count(x60) > 0"),
        format!("t0 := \"x\"\n\t{texts}t60 != \"\""),
        format!("count(graph.reachable_paths({{{}}}, [\"0\"])) > 0", edges.join(",")),
    ];
    for condition in &cases {
        let (found, error) = outcome(&policy(condition, "")).unwrap_or_else(|error| panic!("{condition}: {error}"));
        assert_eq!(found, Outcome::Error, "{condition}");
        let error = error.unwrap();
        assert!(
            error.contains("was asked for more than it may give") || error.contains("does not know amounts"),
            "{condition}: {error}"
        );
    }
}

/// A mock of a builtin that reaches outside reaches nothing, and does not pass in silence.
#[test]
fn a_mock_of_what_reaches_outside_is_an_error() {
    let mocked = policy("count([1]) == 1 with http.send as 1", "");
    match outcome(&mocked) {
        Ok((found, error)) => {
            assert_eq!(found, Outcome::Error);
            assert!(error.unwrap().contains("hostile.rego:"));
        }
        Err(error) => assert!(error.contains("hostile.rego:"), "{error}"),
    }
}

/// The engine drops the error of one clause of a function when another clause gives a value.
#[test]
fn an_error_inside_a_function_is_not_lost() {
    let slow = "count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a + b == 0]) > 0";
    for condition in ["count(numbers.range(1, 1000000000)) > 0", slow] {
        let rules = format!("f(_) := 1 if {condition}\n\nf(x) := 2 if x == 1");
        let (found, error) = outcome(&policy("f(1) == 1", &rules)).unwrap();
        assert_eq!(found, Outcome::Error, "{condition}: {error:?}");
    }
}

#[test]
fn what_reaches_outside_is_refused_at_load() {
    let cases = [
        "http.send({\"method\": \"get\", \"url\": \"http://127.0.0.1:1/\"}).status_code == 200",
        "not http.send({\"method\": \"get\", \"url\": \"http://127.0.0.1:1/\"})",
        "net.lookup_ip_addr(\"localhost\")",
        "opa.runtime().env.HOME == \"\"",
        "time.now_ns() > 0",
        "rand.intn(\"x\", 10) > 1",
        "uuid.rfc4122(\"x\") != \"\"",
        "rego.parse_module(\"x\", \"package x\")",
        "json.match_schema({}, {\"$ref\": \"http://127.0.0.1:1/\"})[0]",
        "json.match_schema({}, {\"$ref\": \"file:///etc/passwd\"})[0]",
        "does.not.exist(1)",
    ];
    for condition in cases {
        let error = outcome(&policy(condition, "")).expect_err(condition);
        assert!(error.contains("hostile.rego:"), "{condition}: {error}");
    }
}

#[test]
fn what_runs_too_long_is_an_error_and_others_go_on() {
    let loops = [
        "count([1 | some a in numbers.range(1, 300); some b in numbers.range(1, 300); some c in numbers.range(1, 300); a + b == c]) > 0",
        "xs := numbers.range(1, 1000)\n\tcount({[x, y, z] | x := xs[_]; y := xs[_]; z := xs[_]}) > 1",
        "every a in numbers.range(1, 10000) {\n\tevery b in numbers.range(1, 10000) {\n\ta + b > 0\n}\n}",
    ];
    for condition in loops {
        let started = Instant::now();
        let (found, error) = outcome(&policy(condition, "")).unwrap_or_else(|error| panic!("{condition}: {error}"));
        assert_eq!(found, Outcome::Error, "{condition}");
        assert!(error.unwrap().contains("ran past its limit of 200 ms"), "{condition}");
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "{condition}: {:?}",
            started.elapsed()
        );
    }
    // The clause beside it is judged all the same.
    let beside = policy("input.resource.attributes.tls.required == false", "");
    let (found, error) = outcome(&format!("{}{beside}", policy(loops[0], ""))).unwrap();
    assert_eq!(found, Outcome::Fail);
    assert!(error.unwrap().contains("ran past its limit"));
}

#[test]
fn regular_expressions_and_globs_cannot_explode() {
    let text = "a".repeat(900);
    let cases = [
        format!("regex.match(\"^(a+)+$\", \"{text}b\")"),
        format!("regex.match(\"(a|aa)+$\", \"{text}b\")"),
        "regex.match(\"a{1000}{1000}{1000}\", input.resource.name)".to_owned(),
        format!("glob.match(\"{}\", [\".\"], input.resource.name)", "{a,b}".repeat(100)),
    ];
    for condition in cases {
        // Refused, undefined or false: what counts is that it ends, which `outcome` checks, and finds nothing.
        if let Ok((found, _)) = outcome(&policy(&condition, "")) {
            assert_ne!(found, Outcome::Fail, "{condition}");
        }
    }
}
