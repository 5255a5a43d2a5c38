//! OPA is the oracle: the same policies over the same inputs give the same faults under `opa eval`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers of tests"
)]

mod support;

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::process::Command;

use nephoscope_model::{Kind, Outcome, Provider, Resource, kind_schema};
use nephoscope_policy::{Bundle, Deny, Options, Policy, Root};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use support::{input, pack, resource, root, subject};

/// Constructs that the shipped pack does not use.
const MORE: [(&str, &str); 6] = [
    (
        "walks",
        r#"
deny contains finding if {
	walk(input.resource.attributes, [path, value])
	value == false
	text := concat("/", [sprintf("%v", [step]) | some step in path])
	finding := {"path": sprintf("/attributes/%s", [text]), "message": "off", "key": text}
}
"#,
    ),
    (
        "sets",
        r#"
deny contains finding if {
	some name in _on - {"tls"}
	finding := {"path": "", "message": name, "key": name}
}

_on contains name if {
	some name, part in input.resource.attributes
	part.enabled == true
}
"#,
    ),
    (
        "chosen",
        r#"
deny contains finding if {
	level := _level
	level > 1
	finding := {"path": "", "message": sprintf("%d", [level])}
}

default _level := 1

_level := 3 if {
	input.resource.attributes.public_access.guard == "off"
} else := 2 if {
	input.resource.attributes.public_access.guard == "partial"
}
"#,
    ),
    (
        "every_grant",
        r#"
deny contains finding if {
	grants := input.resource.attributes.public_access.grants
	count(grants) > 0
	every grant in grants {
		grant.access in {"write", "admin"}
	}
	finding := {"path": "/attributes/public_access", "message": "writers only", "evidence": count(grants)}
}
"#,
    ),
    (
        "with_else_function",
        r#"
deny contains finding if {
	some i, grant in input.resource.attributes.public_access.grants
	rank := _rank(grant.access)
	rank >= 2
	finding := {"path": "", "message": sprintf("%d", [rank]), "key": sprintf("%d", [i])}
}

_rank("admin") := 3

_rank("write") := 2

_rank("read") := 1
"#,
    ),
    (
        "objects",
        r#"
deny contains finding if {
	by_access := {access: names |
		some grant in input.resource.attributes.public_access.grants
		access := grant.access
		names := {other.via | some other in input.resource.attributes.public_access.grants; other.access == access}
	}
	some access, names in by_access
	count(names) > 1
	finding := {"path": "", "message": concat(",", sort(names)), "key": access}
}
"#,
    ),
];

fn opa() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join("go/bin/opa"));
    let known = [Some(PathBuf::from("opa")), home];
    let found = known.into_iter().flatten().find(|path| {
        let run = Command::new(path).arg("version").output();
        run.is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        assert!(
            std::env::var_os("NEPHOSCOPE_REQUIRE_ALL").is_none_or(|value| value != "1"),
            "`opa` is neither on PATH nor in ~/go/bin"
        );
        eprintln!("SKIPPED: `opa` is neither on PATH nor in ~/go/bin");
    }
    found
}

/// Random values that fit a schema; members of objects may be missing.
fn fitting(schema: &Value) -> BoxedStrategy<Value> {
    if let Some(names) = schema.get("enum").and_then(Value::as_array) {
        return prop::sample::select(names.clone()).boxed();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("integer") => prop::sample::select(vec![0, 1, 7, 22, 80, 443, 3389, 65535])
            .prop_map(Value::from)
            .boxed(),
        Some("string") => prop::sample::select(vec!["", "tcp", "udp", "any", "a", "b", "0.0.0.0/0"])
            .prop_map(Value::from)
            .boxed(),
        Some("array") => prop::collection::vec(fitting(&schema["items"]), 0..4)
            .prop_map(Value::from)
            .boxed(),
        _ => {
            let none = Map::new();
            let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
            let members: Vec<_> = properties
                .iter()
                .map(|(name, schema)| {
                    let name = name.clone();
                    prop::option::weighted(0.8, fitting(schema)).prop_map(move |value| Some((name.clone(), value?)))
                })
                .collect();
            members
                .prop_map(|members| Value::Object(members.into_iter().flatten().collect()))
                .boxed()
        }
    }
}

/// Resources of a kind, others for each policy.
fn samples(kind: Kind, policy: &str, count: usize) -> Vec<Resource> {
    let schema = kind_schema(kind).unwrap();
    let mut seed = [0; 32];
    for (place, byte) in seed.iter_mut().zip(policy.bytes().rev()) {
        *place = byte;
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = fitting(&schema);
    (0..count)
        .map(|index| {
            let attributes = strategy.new_tree(&mut runner).unwrap().current();
            resource(kind.as_str(), Provider::ALL[index % 3], attributes, &[])
        })
        .collect()
}

/// What OPA says for each input: the sorted elements of `deny`.
fn ask_opa(opa: &PathBuf, roots: &Root, policy: &Policy, inputs: &[Value]) -> Vec<Vec<Value>> {
    let folder = tempfile::tempdir().unwrap();
    for (index, file) in roots.files.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{index}.rego")), &file.text).unwrap();
    }
    let data = folder.path().join("inputs.json");
    std::fs::write(&data, json!({"inputs": inputs}).to_string()).unwrap();
    let query = format!(
        "[found | some one in data.inputs; found := data.{}.deny with input as one]",
        policy.info.package
    );
    let output = Command::new(opa)
        .args(["eval", "--format", "json", "--data"])
        .arg(folder.path())
        .arg(query)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = answer
        .pointer("/result/0/expressions/0/value")
        .unwrap()
        .as_array()
        .unwrap();
    assert_eq!(found.len(), inputs.len());
    found
        .iter()
        .map(|set| {
            let mut list = set.as_array().unwrap().clone();
            list.sort_by_key(order);
            list
        })
        .collect()
}

fn order(deny: &Value) -> (String, String, String) {
    let text = |key: &str| deny.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("key"), text("path"), text("message"))
}

/// Values for the parameters that have no default.
fn configured() -> Options {
    let params = json!({
        "NEPH-GOVERNANCE-001": {"tags": ["owner", "a"]},
        "NEPH-GOVERNANCE-002": {"allowed": ["eu-*"]},
    });
    Options {
        params: serde_json::from_value(params).unwrap(),
        ..Options::default()
    }
}

/// What was compared.
#[derive(Default)]
struct Compared {
    /// Pairs of policy and input.
    pairs: usize,
    /// Pairs of which OPA finds a fault.
    failed: usize,
    /// Pairs with two faults under one key, which only we object to.
    refused: usize,
    /// Clauses, and those of them that run on the VM.
    clauses: usize,
    on_vm: usize,
    /// Digests of the inputs.
    inputs: BTreeSet<u64>,
}

impl Compared {
    fn add(&mut self, input: &Value) {
        let mut hasher = DefaultHasher::new();
        input.to_string().hash(&mut hasher);
        self.inputs.insert(hasher.finish());
        self.pairs += 1;
    }

    fn check(&self, what: &str, least: usize) {
        let Compared {
            pairs,
            failed,
            refused,
            clauses,
            on_vm,
            ..
        } = self;
        let inputs = self.inputs.len();
        eprintln!(
            "{what}: {pairs} pairs over {inputs} distinct inputs, {failed} with faults, {refused} refused for their keys; \
             {on_vm} of {clauses} clauses on the VM"
        );
        assert!(inputs >= least, "{inputs} distinct inputs, fewer than {least}");
        assert!(
            failed * 10 > *pairs,
            "{failed} faults in {pairs}: the inputs test too little"
        );
        // What is refused was not compared.
        assert!(refused * 10 < *pairs, "{refused} refused of {pairs}");
    }
}

/// Holds each policy against OPA: with what is remembered and what is not, on the VM where it runs there, and interpreted.
fn compare(opa: &PathBuf, root: &Root, count: usize, options: &Options) -> Compared {
    let bundle = Bundle::load(std::slice::from_ref(root), options).unwrap_or_else(|errors| panic!("{errors}"));
    let mut evaluator = bundle.evaluator();
    let mut forgetful = bundle.evaluator_without_memo();
    let interpreted = Options {
        interpreted: true,
        ..options.clone()
    };
    let interpreted =
        Bundle::load(std::slice::from_ref(root), &interpreted).unwrap_or_else(|errors| panic!("{errors}"));
    let mut interpreter = interpreted.evaluator_without_memo();
    let mut compared = Compared::default();
    for (index, policy) in bundle.policies().iter().enumerate() {
        let params: Map<String, Value> = policy
            .params
            .iter()
            .map(|p| (p.name.clone(), p.value.clone()))
            .collect();
        let mut asked = Vec::new();
        let mut ours = Vec::new();
        let kinds = policy.kinds.iter();
        for resource in kinds.flat_map(|kind| samples(*kind, &policy.info.id.0, count)) {
            let verdict = evaluator.evaluate(index, &subject(&resource));
            let anew = forgetful.evaluate(index, &subject(&resource));
            assert_eq!(verdict, anew, "{} with and without memo", policy.info.id);
            let plain = interpreter.evaluate(index, &subject(&resource));
            assert_eq!(anew, plain, "{} on the VM and interpreted", policy.info.id);
            if verdict.outcome == Outcome::NotApplicable {
                continue;
            }
            asked.push(input(&resource, &params));
            ours.push(verdict);
        }
        assert!(!asked.is_empty(), "{} was never judged", policy.info.id);
        compared.clauses += bundle.clauses(index).count();
        compared.on_vm += bundle.clauses(index).filter(|(_, on_vm)| *on_vm).count();
        for ((theirs, ours), input) in ask_opa(opa, root, policy, &asked).iter().zip(&ours).zip(&asked) {
            compared.add(input);
            compared.failed += usize::from(!theirs.is_empty());
            if let Some(error) = &ours.error {
                // Only our own rule may object: two different faults under one key.
                assert!(
                    error.contains("two findings with one key"),
                    "{}: {ours:?}",
                    policy.info.id
                );
                compared.refused += 1;
                continue;
            }
            let shown: Vec<Value> = ours.denies.iter().map(shown).collect();
            // A finding without a key is one with an empty key.
            let mut theirs = theirs.clone();
            for finding in &mut theirs {
                let finding = finding.as_object_mut().unwrap();
                finding.entry("key").or_insert_with(|| json!(""));
            }
            assert_eq!(shown, theirs, "{} over {input:#}", policy.info.id);
        }
    }
    compared
}

/// A finding of ours as a policy writes it.
fn shown(deny: &Deny) -> Value {
    let mut map = json!({"path": deny.path, "message": deny.message, "key": deny.key});
    if let Some(evidence) = &deny.evidence {
        map["evidence"] = evidence.clone();
    }
    map
}

#[test]
fn the_pack_holds_the_stricter_rules() {
    let problems = nephoscope_policy::check(&[pack()], true, None);
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn the_pack_gives_what_opa_gives() {
    let Some(opa) = opa() else {
        return;
    };
    let compared = compare(&opa, &pack(), 300, &configured());
    compared.check("the pack", 10_000);
    // What does not run there proves nothing of it.
    assert!(compared.on_vm * 2 > compared.clauses, "{} on the VM", compared.on_vm);
}

#[test]
fn other_constructs_give_what_opa_gives() {
    let Some(opa) = opa() else {
        return;
    };
    compare(&opa, &root(&MORE), 300, &Options::default()).check("other constructs", 1_000);
}

#[test]
fn the_packs_tests_agree_with_opa_test() {
    let results = nephoscope_policy::run_tests(&[pack()], None).unwrap_or_else(|errors| panic!("{errors}"));
    let failed: Vec<_> = results.iter().filter(|result| !result.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let Some(opa) = opa() else {
        return;
    };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let output = Command::new(opa)
        .args(["test", "--format", "json", "--ignore", "*.json"])
        .arg(folder)
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let theirs = answer.as_array().unwrap();
    assert_eq!(theirs.len(), results.len());
    assert!(
        theirs
            .iter()
            .all(|result| result.get("fail").is_none() && result.get("error").is_none())
    );
}

#[test]
fn a_bundle_that_opa_builds_gives_the_same_policies() {
    let Some(opa) = opa() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.tar.gz");
    let policies = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let output = Command::new(opa)
        .args(["build", "--bundle", "--revision", "r1", "--output"])
        .arg(&path)
        .arg(policies)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let built = nephoscope_policy::read_bundle(&path, None).unwrap();
    let load = |root: &Root| {
        Bundle::load(std::slice::from_ref(root), &configured()).unwrap_or_else(|errors| panic!("{errors}"))
    };
    let infos = |bundle: &Bundle| -> Vec<_> {
        let policies = bundle.policies().iter();
        policies
            .map(|policy| (policy.info.id.clone(), policy.info.package.clone()))
            .collect()
    };
    assert_eq!(infos(&load(&built)), infos(&load(&pack())));
}
