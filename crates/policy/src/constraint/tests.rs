use nephoscope_model::{Outcome, Severity};

use crate::{Asset, Bundle, Options, Root, SourceFile, Verdict, check, declared};

const LIB: &str = "package validator.gcp.lib\n\nget_default(object, field, _default) = output {\n\toutput = object[field]\n}\n\n\
                   get_default(object, field, _default) = _default {\n\tnot object[field]\n}\n";

/// A template whose rule has this body, after `asset := input.asset`.
fn template(body: &str) -> String {
    format!(
        "apiVersion: templates.gatekeeper.sh/v1alpha1\nkind: ConstraintTemplate\nmetadata:\n  name: t\nspec:\n  crd:\n    \
         spec:\n      names:\n        kind: TestV1\n  targets:\n    validation.gcp.forsetisecurity.org:\n      rego: |\n        \
         package templates.gcp.TestV1\n\n        import data.validator.gcp.lib as lib\n\n        \
         deny[{{\"msg\": message, \"details\": metadata}}] {{\n          asset := input.asset\n{body}        }}\n"
    )
}

const NAMED: &str = "          asset.resource.data.name == input.constraint.spec.parameters.names[_]\n          \
                     message := sprintf(\"%v is taken\", [asset.name])\n          metadata := {\"name\": asset.name}\n";

fn constraint(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: constraints.gatekeeper.sh/v1alpha1\nkind: TestV1\nmetadata:\n  name: {name}\n  annotations:\n    \
         description: Names are taken. Others are free.\nspec:\n{spec}"
    )
}

fn root(files: &[(&str, String)]) -> Root {
    let file = |(path, text): &(&str, String)| SourceFile {
        path: (*path).to_owned(),
        text: text.clone(),
    };
    Root {
        constraints: files.iter().map(file).collect(),
        files: vec![file(&("lib/util.rego", LIB.to_owned()))],
        ..Root::default()
    }
}

fn load(files: &[(&str, String)]) -> Result<Bundle, String> {
    Bundle::load(&[root(files)], &Options::default()).map_err(|error| error.to_string())
}

const SPEC: &str = "  severity: HIGH\n  parameters:\n    names: [b]\n";
const ASSET: &str = r#"{"name": "//x/b", "asset_type": "t", "resource": {"data": {"name": "b"}}}"#;

fn one(spec: &str, body: &str, asset: &str) -> Verdict {
    let bundle = load(&[("t.yaml", template(body)), ("c.yaml", constraint("c", spec))]).unwrap();
    let asset = Asset::of(asset).unwrap();
    let mut verdicts = bundle
        .evaluator()
        .evaluate_asset(&asset, "2026-11-23T00:00:00Z".parse().unwrap());
    assert_eq!(verdicts.len(), 1);
    verdicts.remove(0).1
}

#[test]
fn a_constraint_is_a_policy_with_its_own_severity_and_findings() {
    let bundle = load(&[("t.yaml", template(NAMED)), ("c.yaml", constraint("c", SPEC))]).unwrap();
    let info = &bundle.policies()[0].info;
    assert_eq!((info.id.0.as_str(), info.severity), ("TestV1/c", Severity::High));
    assert_eq!((info.title.as_str(), info.portable), ("Names are taken", false));
    assert_eq!(
        (bundle.constraints(), bundle.sections(0)),
        (&[0][..], &["resource"][..])
    );
    let verdict = one(SPEC, NAMED, ASSET);
    assert_eq!(verdict.outcome, Outcome::Fail);
    let deny = &verdict.denies[0];
    assert_eq!(
        (deny.message.as_str(), deny.key.as_str()),
        ("//x/b is taken", "//x/b is taken")
    );
    assert_eq!(deny.evidence, Some(serde_json::json!({"name": "//x/b"})));
    let other = ASSET.replace("\"b\"}", "\"other\"}");
    assert_eq!(one(SPEC, NAMED, &other).outcome, Outcome::Pass);
}

#[test]
fn faults_with_one_message_are_told_apart_by_their_details() {
    let body = "          metadata := asset.resource.data.list[_]\n          message := \"m\"\n";
    let asset = r#"{"name": "n", "resource": {"data": {"list": [1, 2]}}}"#;
    let verdict = one("  severity: low\n", body, asset);
    let keys: Vec<&str> = verdict.denies.iter().map(|deny| deny.key.as_str()).collect();
    assert_eq!(keys.len(), 2);
    assert!(
        keys[0] != keys[1] && keys.iter().all(|key| key.starts_with("m ")),
        "{keys:?}"
    );
}

#[test]
fn an_asset_of_unknown_ancestry_is_unknown_where_that_decides() {
    let spec = |ancestries: &str| format!("{SPEC}  match:\n    ancestries: [\"{ancestries}\"]\n");
    assert_eq!(one(&spec("**"), NAMED, ASSET).outcome, Outcome::Fail);
    let verdict = one(&spec("organizations/1/**"), NAMED, ASSET);
    assert_eq!(
        (verdict.outcome, verdict.unknown[0].path.as_str()),
        (Outcome::Unknown, "/ancestors")
    );
    let known = ASSET.replacen('{', r#"{"ancestors": ["projects/2", "organizations/1"], "#, 1);
    assert_eq!(one(&spec("organizations/1/**"), NAMED, &known).outcome, Outcome::Fail);
    assert_eq!(
        one(&spec("organizations/2/**"), NAMED, &known).outcome,
        Outcome::NotApplicable
    );
}

#[test]
fn old_builtins_are_there_and_the_clock_stands_at_the_instant_judged() {
    let body = "          re_match(\"^//x\", asset.name)\n          cast_set([1]) == {1}\n          any([false, true])\n          minus(3, plus(1, 1)) == 1\n          minus({1, 2}, {2}) == {1}\n          \
                message := sprintf(\"%v\", [time.now_ns()])\n          metadata := {}\n";
    assert_eq!(one(SPEC, body, ASSET).denies[0].message, "1795392000000000000");
}

#[test]
fn a_helper_binds_its_value_to_one_more_argument() {
    let body = "          lib.get_default(asset, \"owner\", \"nobody\", owner)\n          owner == \"nobody\"\n          \
                message := owner\n          metadata := {}\n";
    assert_eq!(one(SPEC, body, ASSET).denies[0].message, "nobody");
}

#[test]
fn what_other_bundles_may_not_do_is_refused_with_its_line_in_the_yaml() {
    let refused = |body: &str| load(&[("t.yaml", template(body)), ("c.yaml", constraint("c", SPEC))]).unwrap_err();
    let ends = "          message := \"m\"\n          metadata := {}\n";
    let network = refused(&format!("          http.send({{\"url\": \"x\"}})\n{ends}"));
    assert!(
        network.contains("t.yaml:19:") && network.contains("`http.send`"),
        "{network}"
    );
    let recursion = refused(&format!(
        "{ends}        }}\n        f(x) = y {{\n          y := f(x)\n        }}\n        p {{\n          f(1)\n"
    ));
    assert!(
        recursion.contains("t.yaml:23:") && recursion.contains("defined by itself"),
        "{recursion}"
    );
    let syntax = refused("          x := := 1\n");
    assert!(syntax.contains("t.yaml:19:"), "{syntax}");
}

#[test]
fn a_broken_library_is_refused_with_every_problem() {
    let good = || ("t.yaml", template(NAMED));
    let other = constraint("d", SPEC).replace("TestV1", "OtherV1");
    let twice = constraint("c", SPEC);
    let matched = constraint("e", "  match:\n    kinds: []\n    target: [\"a/b\"]\n");
    let text = load(&[good(), ("a.yaml", other), ("b.yaml", twice.clone()), ("c.yaml", twice)]).unwrap_err();
    assert!(text.contains("a.yaml:2:1: there is no template of `OtherV1`"), "{text}");
    let text = load(&[
        good(),
        ("b.yaml", constraint("c", SPEC)),
        ("c.yaml", constraint("c", SPEC)),
    ])
    .unwrap_err();
    assert!(text.contains("the constraint `TestV1/c` is in `b.yaml` too"), "{text}");
    let text = load(&[good(), ("m.yaml", matched)]).unwrap_err();
    assert!(text.contains("`spec.match.kinds` is not known"), "{text}");
    assert!(text.contains("`a/b` in `spec.match.target` is no path"), "{text}");
    let text = load(&[good()]).unwrap_err();
    assert!(text.contains("no constraint that applies one"), "{text}");
    let text = load(&[("t.yaml", "kind: ConstraintTemplate\n  x: [".to_owned())]).unwrap_err();
    assert!(text.contains("t.yaml:2:"), "{text}");
    let target = template(NAMED).replace("validation.gcp.forsetisecurity.org", "admission.k8s.gatekeeper.sh");
    let text = load(&[("t.yaml", target)]).unwrap_err();
    assert!(
        text.contains("the template's target is `admission.k8s.gatekeeper.sh`"),
        "{text}"
    );
}

#[test]
fn the_configuration_sets_a_severity_and_no_parameters() {
    let roots = [root(&[("t.yaml", template(NAMED)), ("c.yaml", constraint("c", SPEC))])];
    assert_eq!(declared(&roots).into_iter().collect::<Vec<_>>(), ["TestV1/c"]);
    assert!(check(&roots, true, None).is_empty());
    let mut options = Options::default();
    options.severities.insert("TestV1/c".to_owned(), Severity::Low);
    let bundle = Bundle::load(&roots, &options).unwrap();
    assert_eq!(bundle.policies()[0].info.severity, Severity::Low);
    options.params.insert("TestV1/c".to_owned(), Default::default());
    let error = Bundle::load(&roots, &options).unwrap_err().to_string();
    assert!(error.contains("`TestV1/c` is a constraint"), "{error}");
}

#[test]
fn a_violation_without_a_message_is_an_error() {
    let body = "          message := 7\n          metadata := {}\n";
    let verdict = one(SPEC, body, ASSET);
    assert_eq!(verdict.outcome, Outcome::Error);
    assert_eq!(verdict.error.as_deref(), Some("t.yaml: a violation has no text `msg`"));
}
