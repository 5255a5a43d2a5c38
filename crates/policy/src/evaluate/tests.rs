use nephoscope_model::Reason;
use serde_json::json;

use super::*;
use crate::support::{bucket, judge, load, load_with, resource, subject};

const FLAG: &str = r#"
deny contains finding if {
	input.resource.attributes.tls.required == false
	finding := {"path": "/attributes/tls/required", "message": "plain"}
}
"#;

const GUARDED: &str = r#"
deny contains finding if {
	input.resource.attributes.logging.enabled == false
	not input.resource.attributes.versioning.enabled == true
	finding := {"path": "/attributes/logging", "message": "no log", "key": "log"}
}
"#;

const FAILING: &str = r#"
deny contains finding if {
	x := clash
	finding := {"path": "", "message": x, "key": "never"}
}
clash := 1 if input.resource.name == "b"
clash := 2 if input.resource.account == "1"
"#;

fn outcome(bundle: &Bundle, attributes: Value, unknown: &[&str]) -> Outcome {
    judge(bundle, &bucket(attributes, unknown)).outcome
}

#[test]
fn a_known_fault_fails_and_its_absence_passes() {
    let bundle = load(FLAG).unwrap();
    let verdict = judge(&bundle, &bucket(json!({"tls": {"required": false}}), &[]));
    assert_eq!(verdict.outcome, Outcome::Fail);
    assert_eq!(
        *verdict.denies,
        [Deny {
            path: "/attributes/tls/required".into(),
            message: "plain".into(),
            key: String::new(),
            evidence: None
        }]
    );
    assert_eq!(outcome(&bundle, json!({"tls": {"required": true}}), &[]), Outcome::Pass);
    assert_eq!(outcome(&bundle, json!({}), &[]), Outcome::Pass);
}

#[test]
fn an_unknown_that_could_add_a_fault_is_unknown() {
    let bundle = load(FLAG).unwrap();
    let verdict = judge(&bundle, &bucket(json!({"tls": {}}), &["/attributes/tls/required"]));
    assert_eq!(verdict.outcome, Outcome::Unknown);
    assert_eq!(verdict.unknown[0].path, "/attributes/tls/required");
    assert_eq!(*verdict.denies, []);
    // Also when a whole group is unknown.
    assert_eq!(outcome(&bundle, json!({}), &["/attributes/tls"]), Outcome::Unknown);
    // What the policy does not read changes nothing.
    assert_eq!(
        outcome(&bundle, json!({}), &["/attributes/logging/enabled"]),
        Outcome::Pass
    );
    let fault = json!({"tls": {"required": false}});
    assert_eq!(outcome(&bundle, fault, &["/attributes/logging/enabled"]), Outcome::Fail);
}

#[test]
fn an_unknown_that_could_take_a_fault_back_is_unknown() {
    let bundle = load(GUARDED).unwrap();
    let fault = json!({"logging": {"enabled": false}});
    assert_eq!(outcome(&bundle, fault.clone(), &[]), Outcome::Fail);
    assert_eq!(
        outcome(&bundle, fault, &["/attributes/versioning/enabled"]),
        Outcome::Unknown
    );
    // It can only take back, and there is nothing to take.
    let clean = json!({"logging": {"enabled": true}});
    assert_eq!(
        outcome(&bundle, clean, &["/attributes/versioning/enabled"]),
        Outcome::Pass
    );
}

#[test]
fn an_unknown_that_makes_no_difference_is_none() {
    let bundle = load(
        r#"
deny contains finding if {
	input.resource.attributes.tls.required == false
	input.resource.attributes.versioning.enabled == false
	finding := {"path": "", "message": "neither"}
}
"#,
    )
    .unwrap();
    let unknown = ["/attributes/tls/required"];
    let versioned = json!({"versioning": {"enabled": true}});
    assert_eq!(outcome(&bundle, versioned, &unknown), Outcome::Pass);
    let plain = json!({"versioning": {"enabled": false}});
    assert_eq!(outcome(&bundle, plain, &unknown), Outcome::Unknown);
    // A whole group can be anything.
    let versioned = json!({"versioning": {"enabled": true}});
    assert_eq!(outcome(&bundle, versioned, &["/attributes/tls"]), Outcome::Unknown);
}

#[test]
fn a_fault_in_every_world_is_certain_if_it_is_the_same() {
    let rules = |other: &str| {
        format!(
            r#"
deny contains {{"path": "/attributes/tls", "message": "old"}} if not input.resource.attributes.encryption.key_kind == "customer"
deny contains {{"path": "/attributes/tls", "message": "{other}"}} if input.resource.attributes.encryption.key_kind == "customer"
"#
        )
    };
    let unknown = ["/attributes/encryption/key_kind"];
    let bundle = load(&rules("old")).unwrap();
    let verdict = judge(&bundle, &bucket(json!({}), &unknown));
    assert_eq!(
        (verdict.outcome, verdict.denies.len()),
        (Outcome::Fail, 1),
        "{verdict:?}"
    );
    assert_eq!(verdict.unknown, []);
    let bundle = load(&rules("new")).unwrap();
    assert_eq!(outcome(&bundle, json!({}), &unknown), Outcome::Unknown);
}

#[test]
fn what_only_some_world_opens_is_tried_too() {
    // Without logs each kind of key fails by one of two clauses: the world decides which, and not whether.
    let bundle = load(
        r#"
deny contains {"path": "", "message": "m"} if {
	input.resource.attributes.logging.enabled == false
	not _modern
}
deny contains {"path": "", "message": "m"} if {
	input.resource.attributes.logging.enabled == false
	_modern
}
_modern if input.resource.attributes.encryption.key_kind == "customer"
"#,
    )
    .unwrap();
    let unknown = ["/attributes/logging/enabled", "/attributes/encryption/key_kind"];
    let both = json!({"logging": {}, "encryption": {}});
    // Without a log nothing is found; with one, all is.
    assert_eq!(outcome(&bundle, both.clone(), &unknown), Outcome::Unknown);
    let off = json!({"logging": {"enabled": false}, "encryption": {}});
    assert_eq!(outcome(&bundle, off, &unknown[1..]), Outcome::Fail);
    // Three clauses that share all worlds of two attributes among them, with one fault that they share.
    let shared = load(
        r#"
deny contains {"path": "", "message": "m"} if {
	not input.resource.attributes.encryption.enabled == true
	not input.resource.attributes.encryption.key_kind == "customer"
}
deny contains {"path": "", "message": "m"} if input.resource.attributes.encryption.key_kind == "customer"
deny contains {"path": "", "message": "m"} if {
	input.resource.attributes.encryption.enabled == true
	not input.resource.attributes.encryption.key_kind == "customer"
}
"#,
    )
    .unwrap();
    let unknown = ["/attributes/encryption/enabled", "/attributes/encryption/key_kind"];
    let verdict = judge(&shared, &bucket(json!({"encryption": {}}), &unknown));
    assert_eq!(
        (verdict.outcome, verdict.denies.len()),
        (Outcome::Fail, 1),
        "{verdict:?}"
    );
}

#[test]
fn a_group_that_may_be_there_and_empty_is_a_world() {
    let bundle = load(
        r#"
deny contains {"path": "", "message": "m"} if input.resource.attributes.logging == {}
"#,
    )
    .unwrap();
    let unknown = ["/attributes/logging/enabled", "/attributes/logging/target"];
    assert_eq!(outcome(&bundle, json!({}), &unknown[..1]), Outcome::Unknown);
    assert_eq!(
        outcome(&bundle, json!({"logging": {"target": "a"}}), &unknown[..1]),
        Outcome::Pass
    );
}

#[test]
fn worlds_make_up_no_elements() {
    let bundle = load(
        r#"
deny contains {"path": "", "message": "m"} if {
	some grant in input.resource.attributes.public_access.grants
	grant.effective == true
}
"#,
    )
    .unwrap();
    let unknown = ["/attributes/public_access/grants/0/effective"];
    let lists = [json!({}), json!({"public_access": {"grants": []}})];
    for attributes in lists {
        assert_eq!(outcome(&bundle, attributes, &unknown), Outcome::Unknown);
    }
}

#[test]
fn a_certain_fault_beside_an_uncertain_one_fails_and_names_what_is_open() {
    let bundle = load(&format!("{FLAG}{GUARDED}")).unwrap();
    let faults = json!({"tls": {"required": false}, "logging": {"enabled": false}});
    let verdict = judge(&bundle, &bucket(faults, &["/attributes/versioning/enabled"]));
    assert_eq!(verdict.outcome, Outcome::Fail);
    assert_eq!(verdict.denies.len(), 1);
    assert_eq!(verdict.denies[0].message, "plain");
    assert_eq!(verdict.unknown[0].path, "/attributes/versioning/enabled");
}

#[test]
fn an_error_in_one_clause_hides_no_other() {
    for order in [format!("{FLAG}{FAILING}"), format!("{FAILING}{FLAG}")] {
        let bundle = load(&order).unwrap();
        let verdict = judge(&bundle, &bucket(json!({"tls": {"required": false}}), &[]));
        assert_eq!(verdict.outcome, Outcome::Fail, "{verdict:?}");
        assert_eq!(verdict.denies[0].message, "plain");
        assert!(
            verdict.error.as_ref().unwrap().starts_with("clause at t.rego:"),
            "{verdict:?}"
        );
        // Without a certain fault the error shows, whatever is unknown.
        let verdict = judge(&bundle, &bucket(json!({}), &["/attributes/tls/required"]));
        assert_eq!(verdict.outcome, Outcome::Error);
        // And the same evaluator works again after an error.
        let mut evaluator = bundle.evaluator();
        let resource = bucket(json!({"tls": {"required": false}}), &[]);
        for _ in 0..3 {
            let verdict = evaluator.evaluate(0, &subject(&resource));
            assert_eq!(verdict.outcome, Outcome::Fail);
            assert!(verdict.error.unwrap().contains("t.rego:"), "no place");
        }
    }
}

#[test]
fn two_faults_with_one_key_are_an_error() {
    let twice = format!("{FLAG}{}", FLAG.replace("\"plain\"", "\"other\""));
    let fault = json!({"tls": {"required": false}});
    let verdict = judge(&load(&twice).unwrap(), &bucket(fault.clone(), &[]));
    assert_eq!(verdict.outcome, Outcome::Error);
    assert_eq!(verdict.error.as_deref(), Some("two findings with one key: ``"));
    // The same fault found twice is one.
    let verdict = judge(&load(&format!("{FLAG}{FLAG}")).unwrap(), &bucket(fault, &[]));
    assert_eq!((verdict.outcome, verdict.denies.len()), (Outcome::Fail, 1));
}

#[test]
fn a_malformed_deny_is_an_error() {
    let bundle =
        load("deny contains finding if {\n\tinput.resource.name == \"b\"\n\tfinding := \"text\"\n}\n").unwrap();
    let verdict = judge(&bundle, &bucket(json!({}), &[]));
    assert_eq!(verdict.outcome, Outcome::Error);
    assert!(
        verdict
            .error
            .unwrap()
            .contains("is no object with `path` and `message`")
    );
}

#[test]
fn what_a_provider_does_not_have_is_not_applicable() {
    let policy = r#"
deny contains finding if {
	input.resource.attributes.shared_keys == true
	finding := {"path": "/attributes/shared_keys", "message": "m"}
}
"#;
    let mut resource = bucket(json!({"shared_keys": true}), &[]);
    assert_eq!(judge(&load(policy).unwrap(), &resource).outcome, Outcome::NotApplicable);
    let optional = load_with("optional: [/attributes/shared_keys]", policy).unwrap();
    assert_eq!(judge(&optional, &resource).outcome, Outcome::Fail);
    resource.provider = nephoscope_model::Provider::Azure;
    assert_eq!(judge(&load(policy).unwrap(), &resource).outcome, Outcome::Fail);
    // Only the native types it names.
    let native = load_with("native_types: [AWS::S3::Other]", FLAG).unwrap();
    assert_eq!(judge(&native, &resource).outcome, Outcome::NotApplicable);
}

#[test]
fn the_clock_stands_still_and_params_arrive() {
    let policy = r#"
deny contains finding if {
	input.as_of == "2026-11-23T00:00:00Z"
	some name in input.params.names
	input.resource.name == name
	finding := {"path": "/name", "message": name, "evidence": input.resource.tags}
}
"#;
    let params = "params:\n  names: {type: array, items: string, default: [a, b], description: x}";
    let verdict = judge(&load_with(params, policy).unwrap(), &bucket(json!({}), &[]));
    assert_eq!(verdict.outcome, Outcome::Fail, "{verdict:?}");
    assert_eq!(verdict.denies[0].evidence, Some(json!({"team": "x"})));
}

#[test]
fn neighbors_are_three_valued() {
    let policy = r#"
deny contains finding if {
	some account in input.related.account
	account.attributes.storage_guards.block_public_acls == false
	finding := {"path": "", "message": "open"}
}
"#;
    let bundle = load_with("needs: [account]", policy).unwrap();
    let resource_ = bucket(json!({}), &[]);
    let judge = |accounts: Vec<&Resource>, gap: Option<Gap>| {
        let mut subject = subject(&resource_);
        let related = Related {
            resources: accounts,
            gap,
        };
        subject.related.insert("account".into(), related);
        bundle.evaluator().evaluate(0, &subject)
    };
    let account = |guard: Value, unknown: &[&str]| resource("account.scope", json!({"storage_guards": guard}), unknown);
    let open = account(json!({"block_public_acls": false}), &[]);
    let shut = account(json!({"block_public_acls": true}), &[]);
    let blind = account(json!({}), &["/attributes/storage_guards/block_public_acls"]);
    let gap = || Some(Gap::new(Reason::NotRead));
    assert_eq!(judge(vec![&open], None).outcome, Outcome::Fail);
    assert_eq!(judge(vec![&open], gap()).outcome, Outcome::Fail);
    assert_eq!(judge(vec![&shut], None).outcome, Outcome::Pass);
    assert_eq!(judge(vec![], None).outcome, Outcome::Pass);
    assert_eq!(judge(vec![&shut], gap()).unknown[0].path, "/related/account");
    assert_eq!(
        judge(vec![&shut, &blind], None).unknown[0].path,
        "/related/account/1/attributes/storage_guards/block_public_acls"
    );
    // A relation that nobody resolved is unknown, not empty.
    let verdict = bundle.evaluator().evaluate(0, &subject(&resource_));
    assert_eq!(verdict.outcome, Outcome::Unknown);
    assert_eq!(verdict.unknown[0].path, "/related/account");
}

#[test]
fn evaluators_run_on_many_threads() {
    fn moves<T: Send>(_: &T) {}
    fn is_shared<T: Send + Sync>(_: &T) {}
    let bundle = load(&format!("{FLAG}{GUARDED}")).unwrap();
    let resource = bucket(json!({"tls": {"required": false}}), &[]);
    is_shared(&bundle);
    moves(&bundle.evaluator());
    std::thread::scope(|scope| {
        for mut evaluator in bundle.evaluators(4) {
            let resource = &resource;
            scope.spawn(move || {
                for _ in 0..50 {
                    let all = evaluator.evaluate_all(&subject(resource));
                    assert_eq!(all.len(), 1);
                    assert_eq!(all[0].1.outcome, Outcome::Fail);
                }
            });
        }
    });
}

/// A millisecond goes by each time that somebody looks.
fn clock() -> std::time::Duration {
    thread_local!(static NOW: std::cell::Cell<u64> = const { std::cell::Cell::new(0) });
    let now = NOW.get() + 1;
    NOW.set(now);
    std::time::Duration::from_millis(now)
}

#[test]
fn what_one_evaluator_judged_the_others_remember() {
    let bundle = load(FLAG).unwrap();
    let plain = bucket(json!({"tls": {"required": false}}), &[]);
    let mut evaluators = bundle.evaluators(2);
    let counts = evaluators.iter_mut().map(|evaluator| {
        evaluator.measure(clock);
        assert_eq!(evaluator.evaluate(0, &subject(&plain)).outcome, Outcome::Fail);
        (evaluator.counts()[0].evaluations, evaluator.counts()[0].remembered)
    });
    assert_eq!(counts.collect::<Vec<_>>(), [(1, 0), (0, 1)]);
}

#[test]
fn a_measured_evaluator_counts_what_it_does() {
    use Outcome::{Fail, NotApplicable, Pass};
    let bundle = load(FLAG).unwrap();
    let plain = bucket(json!({"tls": {"required": false}}), &[]);
    let guarded = bucket(json!({"tls": {"required": true}}), &[]);
    let database = resource("database.sql", json!({}), &[]);
    for (mut evaluator, evaluations, remembered) in
        [(bundle.evaluator(), 2, 3), (bundle.evaluator_without_memo(), 5, 0)]
    {
        assert_eq!(evaluator.counts(), []);
        evaluator.measure(clock);
        let resources = [&plain, &guarded, &plain, &database, &guarded, &plain];
        let verdicts = resources.map(|resource| evaluator.evaluate(0, &subject(resource)).outcome);
        assert_eq!(verdicts, [Fail, Pass, Fail, NotApplicable, Pass, Fail]);
        let took = std::time::Duration::from_millis(evaluations);
        assert_eq!(
            evaluator.counts(),
            [crate::Count {
                evaluations,
                remembered,
                took
            }]
        );
    }
}
