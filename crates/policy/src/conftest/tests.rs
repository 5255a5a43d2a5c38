use nephoscope_model::{Outcome, Severity};
use serde_json::{Value, json};

use crate::{Bundle, Options, Root, SourceFile, Verdict, check, declared};

fn root(files: &[(&str, &str)]) -> Root {
    let file = |(path, text): &(&str, &str)| SourceFile {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    };
    Root {
        files: files.iter().map(file).collect(),
        raw: true,
        ..Root::default()
    }
}

fn one(text: &str) -> Root {
    root(&[("a.rego", text)])
}

fn judged(text: &str, input: &Value) -> Verdict {
    let bundle = Bundle::load(&[one(text)], &Options::default()).unwrap();
    bundle.evaluator().evaluate_document(input).remove(0).1
}

fn refused(root: Root) -> String {
    Bundle::load(&[root], &Options::default()).unwrap_err().to_string()
}

#[test]
fn a_policy_is_all_rules_of_one_name_in_one_package() {
    let root = root(&[
        (
            "a.rego",
            "package main\ndeny contains \"a\" if input.a\nwarn_x contains \"x\" if input.x\n",
        ),
        (
            "b.rego",
            "package main\ndeny contains \"b\" if input.b\ndenied contains 1\n",
        ),
        (
            "c.rego",
            "package lib.c\nviolation contains {\"msg\": \"c\"} if input.c\n",
        ),
        ("c_test.rego", "no rego"),
    ]);
    let bundle = Bundle::load(std::slice::from_ref(&root), &Options::default()).unwrap();
    let policies: Vec<(&str, Severity)> = (bundle.policies().iter())
        .map(|policy| (policy.info.id.0.as_str(), policy.info.severity))
        .collect();
    assert_eq!(
        policies,
        [
            ("lib.c.violation", Severity::High),
            ("main.deny", Severity::High),
            ("main.warn_x", Severity::Info)
        ]
    );
    let ids: Vec<String> = declared(std::slice::from_ref(&root)).into_iter().collect();
    assert_eq!(ids, ["lib.c.violation", "main.deny", "main.warn_x"]);
    let verdicts = bundle.evaluator().evaluate_document(&json!({"a": 1, "b": 2}));
    let outcomes: Vec<Outcome> = verdicts.iter().map(|(_, verdict)| verdict.outcome).collect();
    assert_eq!(outcomes, [Outcome::Pass, Outcome::Fail, Outcome::Pass]);
    let messages: Vec<&str> = verdicts[1].1.denies.iter().map(|deny| deny.message.as_str()).collect();
    assert_eq!(messages, ["a", "b"]);
}

#[test]
fn two_results_with_one_message_are_two_faults() {
    let text = "package main\ndeny contains {\"msg\": \"m\", \"at\": i} if {\n\tsome i, x in input.xs\n\tx > 1\n}\n";
    let verdict = judged(text, &json!({"xs": [1, 2, 3]}));
    assert_eq!(verdict.denies.len(), 2);
    assert_ne!(verdict.denies[0].key, verdict.denies[1].key);
    assert_eq!(judged(text, &json!({"xs": [1, 2]})).denies[0].key, "m");
}

#[test]
fn what_conftest_passes_over_is_an_error() {
    for (text, expected) in [
        (
            "package main\ndeny contains 1 if input.a\n",
            "neither a text nor an object",
        ),
        (
            "package main\ndeny contains {\"message\": \"m\"} if input.a\n",
            "no text `msg`",
        ),
        ("package main\ndeny contains \"\" if input.a\n", "empty message"),
        ("package main\ndeny := x if {\n\tx := input.a\n}\n", "a.rego:2"),
    ] {
        let verdict = judged(text, &json!({"a": true}));
        assert_eq!(verdict.outcome, Outcome::Error, "{text}: {verdict:?}");
        assert!(verdict.error.unwrap().contains(expected), "{text}");
        assert_eq!(judged(text, &json!({})).outcome, Outcome::Pass, "{text}");
    }
    for (text, expected) in [
        ("package main\ndeny if input.a\n", "`deny` has the value `true`"),
        ("package main\ndeny.x contains 1 if input.a\n", "gives an object"),
        ("package main\nallow if input.a\n", "there is no rule `deny`"),
        (
            "package main\ndeny contains \"m\" if data.conftest.file.name == \"x\"\n",
            "`data.conftest` is read",
        ),
        (
            "package main\ndeny contains \"m\" if data[\"conftest\"].file.name == \"x\"\n",
            "`data.conftest` is read",
        ),
        (
            "package main\ndeny contains \"m\" if { \"#\" != \"\"; data.conftest.file.name == \"x\" }\n",
            "`data.conftest` is read",
        ),
        (
            "package main\nimport data.conftest as c\ndeny contains \"m\" if c.file.name == \"x\"\n",
            "`data.conftest` is read",
        ),
        (
            "package main\ndeny contains \"m\" if time.now_ns() > 1\n",
            "reads the clock",
        ),
        (
            "package main\ndeny contains \"m\" if parse_config(\"a\", \"b\")\n",
            "unknown function",
        ),
        (
            "package main\ndeny contains \"m\" if not startswith(input.a, \"x\") with input as {}\n",
            "[negation]",
        ),
    ] {
        let message = refused(one(text));
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn a_text_that_only_names_the_file_is_read() {
    let text = "package main\ndeny contains \"see data.conftest\" if input.a\n";
    assert_eq!(judged(text, &json!({"a": 1})).outcome, Outcome::Fail);
}

#[test]
fn an_exception_takes_its_rule_back() {
    let text = "package main\ndeny_a contains \"m\" if input.a\nexception contains [\"a\"] if input.ok\n";
    assert_eq!(judged(text, &json!({"a": 1})).outcome, Outcome::Fail);
    assert_eq!(
        judged(text, &json!({"a": 1, "ok": true})).outcome,
        Outcome::NotApplicable
    );
}

#[test]
fn a_run_has_one_version_of_rego() {
    let old = "package main\ndeny[msg] { re_match(\"x\", input.a); msg := \"old\" }\n";
    assert_eq!(judged(old, &json!({"a": "x"})).denies[0].message, "old");
    let new = "package other\nwarn contains \"m\" if input.a\n";
    let message = refused(root(&[("a.rego", old), ("b.rego", new)]));
    assert!(message.contains("it is Rego v0, and `b.rego` is v1"), "{message}");
}

#[test]
fn data_may_be_imported() {
    let text = "package main\nimport data.limits\ndeny contains \"m\" if input.a > limits.most\n";
    let data = json!({"limits": {"most": 2}}).as_object().cloned().unwrap();
    let root = Root { data, ..one(text) };
    let bundle = Bundle::load(&[root], &Options::default()).unwrap();
    let outcome = |a: u8| bundle.evaluator().evaluate_document(&json!({"a": a}))[0].1.outcome;
    assert_eq!((outcome(2), outcome(3)), (Outcome::Pass, Outcome::Fail));
}

#[test]
fn nobody_gets_another_shape_than_asked_for() {
    let v1 = "package main\nviolation contains \"m\" if input.a\n";
    let v0 = "package main\nwarn[msg] { msg := input.a }\n";
    for text in [v1, v0] {
        let root = Root {
            raw: false,
            ..one(text)
        };
        let message = refused(root.clone());
        assert!(message.contains("`--input-shape raw`"), "{message}");
        assert!(
            check(&[root], false, None)[0]
                .to_string()
                .contains("`--input-shape raw`")
        );
        assert_eq!(check(&[one(text)], false, None), []);
    }
    let library = Root {
        constraints: vec![SourceFile {
            path: "c.yaml".to_owned(),
            text: String::new(),
        }],
        ..one(v1)
    };
    assert!(refused(library).contains("a constraint library"));
}

#[test]
fn an_operand_of_not_that_is_absent_makes_it_undefined_as_in_opa() {
    let text = "package main\ndeny contains \"m\" if {\n\tnot startswith(input.a, \"x\")\n}\n";
    for (input, outcome) in [
        (json!({"a": "y"}), Outcome::Fail),
        (json!({"a": "xy"}), Outcome::Pass),
        (json!({}), Outcome::Pass),
    ] {
        assert_eq!(judged(text, &input).outcome, outcome, "{input}");
    }
}
