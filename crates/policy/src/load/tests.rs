use serde_json::json;

use crate::support::{load, load_with, metadata, root, source};
use nephoscope_model::Kind;

use crate::{Bundle, Options, Root, SourceFile, check};

const BODY: &str = "package t\n\ndeny contains finding if {\n\tinput.resource.attributes.tls.required == false\n\t\
                    finding := {\"path\": \"\", \"message\": \"m\"}\n}\n";

fn errors(roots: &[Root], options: &Options) -> String {
    Bundle::load(roots, options).map(|_| ()).unwrap_err().to_string()
}

fn policy(id: &str, package: &str, more: &str) -> SourceFile {
    let text = format!(
        "{}{}",
        metadata(id, more),
        BODY.replace("package t", &format!("package {package}"))
    );
    source(&format!("{package}.rego"), text)
}

#[test]
fn every_problem_of_every_file_is_said() {
    let files = vec![
        source("a.rego", "package a\n\nx := {\n"),
        policy("T-1", "t.one", "").clone(),
        policy("T-1", "t.two", ""),
        source("b.rego", BODY),
        source("c.rego", format!("{}package c\n", metadata("T-3", ""))),
        source(
            "d.rego",
            "# METADATA\n# scope: package\n# title: x\npackage d\n\ndeny contains 1 if true\n",
        ),
    ];
    let text = errors(&[root(files)], &Options::default());
    for expected in [
        "a.rego:",
        "t.two.rego:8:",
        "the id `T-1` is used by t.one.rego too",
        "b.rego:3:1: a package with `deny` has no METADATA",
        "the policy has no rule `deny`",
        "d.rego:1:",
        "`custom` is missing",
    ] {
        assert!(text.contains(expected), "wanted `{expected}` in\n{text}");
    }
}

#[test]
fn packages_are_unique_and_the_pack_is_named_after_its_folders() {
    let mut one = root(vec![policy("T-1", "t.x", "")]);
    let two = root(vec![policy("T-2", "t.x", "")]);
    let text = errors(&[one.clone(), two], &Options::default());
    assert!(text.contains("the package `t.x` is a policy in t.x.rego too"), "{text}");
    one.trusted = true;
    let text = errors(&[one.clone()], &Options::default());
    assert!(text.contains("the package `t.x` is not the path ``"), "{text}");
    one.files[0].path = "t/x/x.rego".into();
    assert!(Bundle::load(&[one], &Options::default()).is_ok());
}

#[test]
fn params_are_typed_and_complete() {
    let more = "aliases: [OLD-1]\nparams:\n  days: {type: number, description: how long}\n  \
                names: {type: array, items: string, default: [a], description: who}";
    let roots = [root(vec![policy("T-1", "t", more)])];
    let with = |id: &str, params: serde_json::Value| Options {
        params: [(id.to_owned(), params.as_object().unwrap().clone())].into(),
        ..Options::default()
    };
    let text = errors(&roots, &Options::default());
    assert!(
        text.contains("t.rego:15:1: parameter `days` of `T-1` has no default and no value"),
        "{text}"
    );
    assert!(
        text.contains("help: set `policies.T-1.params.days`: how long"),
        "{text}"
    );
    let text = errors(&roots, &with("T-1", json!({"days": "7", "names": ["a", 1], "dais": 7})));
    assert!(
        text.contains("parameter `days` of `T-1`: expected number, found string"),
        "{text}"
    );
    assert!(
        text.contains("parameter `names` of `T-1`: element 1: expected string, found number"),
        "{text}"
    );
    assert!(
        text.contains("the policy `T-1` has no parameter `dais` [params]\nhelp: it has days, names"),
        "{text}"
    );
    let text = errors(&roots, &with("T-9", json!({"days": 7})));
    assert!(text.contains("no policy has the id `T-9`"), "{text}");
    // An id that it had before still sets it.
    for id in ["T-1", "OLD-1"] {
        let bundle = Bundle::load(&roots, &with(id, json!({"days": 7}))).unwrap();
        let params: Vec<_> = bundle.policies()[0]
            .params
            .iter()
            .map(|p| (p.name.as_str(), p.value.clone()))
            .collect();
        assert_eq!(params, [("days", json!(7)), ("names", json!(["a"]))]);
    }
}

#[test]
fn what_is_read_has_to_be_declared() {
    let rule = |line: &str| {
        format!("deny contains finding if {{\n\t{line}\n\tfinding := {{\"path\": \"\", \"message\": \"m\"}}\n}}\n")
    };
    let cases = [
        (
            "input.related.account[_].name == \"x\"",
            "`custom.needs` does not name it",
        ),
        ("input.params.days == 1", "`custom.params` does not declare it"),
        ("input.resource.native.x == 1", "`input.resource.native` is read"),
        ("input.resource.attributes.tsl.required == false", "tsl"),
    ];
    for (line, expected) in cases {
        let text = load(&rule(line)).unwrap_err().to_string();
        assert!(text.contains(expected), "{line}: {text}");
    }
    let text = load_with(
        "optional: [/attributes/tsl]",
        &rule("input.resource.attributes.tls.required == false"),
    )
    .unwrap_err()
    .to_string();
    assert!(text.contains("no kind of the policy has `/attributes/tsl`"), "{text}");
}

#[test]
fn the_digest_changes_with_what_decides_and_with_nothing_else() {
    let helper = |text: &str| source("lib.rego", format!("package lib.x\n\n{text}\n"));
    let uses = || {
        let mut file = policy("T-1", "t", "");
        file.text = file.text.replace("\n\ndeny", "\n\nimport data.lib.x\n\ndeny");
        file
    };
    let digest = |files: Vec<SourceFile>| Bundle::load(&[root(files)], &Options::default()).unwrap().digest();
    let base = digest(vec![uses(), helper("y := 1")]);
    assert_eq!(base, digest(vec![helper("y := 1"), uses()]));
    assert_ne!(base, digest(vec![uses(), helper("y := 2")]));
    let unused = source("other.rego", "package other\n\nx := 1\n");
    assert_eq!(base, digest(vec![uses(), helper("y := 1"), unused]));
}

#[test]
fn severities_are_overridden_and_a_selection_keeps_its_order() {
    let files = vec![policy("T-2", "b", ""), policy("T-1", "a", ""), policy("T-3", "c", "")];
    let options = Options {
        severities: [("T-2".to_owned(), nephoscope_model::Severity::Low)].into(),
        ..Options::default()
    };
    let bundle = Bundle::load(&[root(files)], &options).unwrap();
    let ids = |bundle: &Bundle| {
        bundle
            .policies()
            .iter()
            .map(|p| p.info.id.0.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&bundle), ["T-1", "T-2", "T-3"]);
    assert_eq!(bundle.policies()[1].info.severity.as_str(), "low");
    let selected = bundle.select(|info| info.id.0 != "T-2");
    assert_eq!(ids(&selected), ["T-1", "T-3"]);
    let bucket = Kind::named("storage.bucket").unwrap();
    assert_eq!(selected.policies_for(bucket), [0, 1]);
    assert_eq!(selected.policies_for(Kind::OTHER), [] as [usize; 0]);
    assert_ne!(bundle.digest(), selected.digest());
}

#[test]
fn check_says_what_loading_says() {
    let roots = [root(vec![
        policy("T-1", "t", ""),
        source("b.rego", BODY.replace("package t", "package b")),
    ])];
    let problems = check(&roots, false, None);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let broken = [root(vec![
        policy("T-1", "t", ""),
        source("t_test.rego", "package t_test\n\nx := \n"),
    ])];
    assert_eq!(check(&broken, false, None)[0].file, "t_test.rego");
}
