//! The law of the outcome rule: whatever an unknown attribute turns out to be, a `fail` stays a `fail` and a
//! `pass` stays a `pass`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers of tests"
)]

mod support;

use std::sync::OnceLock;

use nephoscope_model::{Outcome, Provider};
use nephoscope_policy::{Bundle, Options};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use support::{load, resource, spread, subject};

/// Attributes with a small domain.
const LEAVES: [(&str, &str, &[&str]); 8] = [
    ("tls", "required", &["true", "false"]),
    ("tls", "min_version", &["\"TLS1_0\"", "\"TLS1_2\""]),
    ("logging", "enabled", &["true", "false"]),
    ("logging", "target", &["\"a\"", "\"b\""]),
    ("versioning", "enabled", &["true", "false"]),
    ("soft_delete", "enabled", &["true", "false"]),
    ("soft_delete", "days", &["0", "7"]),
    ("public_access", "guard", &["\"on\"", "\"partial\"", "\"off\""]),
];

/// Each policy uses its attributes in another way.
const POLICIES: [(&str, &str); 14] = [
    (
        "plain",
        r#"
deny contains finding if {
	input.resource.attributes.tls.required == false
	input.resource.attributes.logging.enabled == false
	finding := {"path": "", "message": "m"}
}
"#,
    ),
    (
        "negated",
        r#"
deny contains finding if {
	input.resource.attributes.tls.required == false
	not input.resource.attributes.logging.enabled == true
	finding := {"path": "", "message": "m"}
}
"#,
    ),
    (
        "two_clauses",
        r#"
deny contains finding if {
	input.resource.attributes.versioning.enabled == false
	input.resource.attributes.soft_delete.enabled == false
	finding := {"path": "", "message": "m", "key": "a"}
}

deny contains finding if {
	not input.resource.attributes.versioning.enabled == true
	input.resource.attributes.soft_delete.days < 3
	finding := {"path": "", "message": "m", "key": "b"}
}
"#,
    ),
    (
        "helper",
        r#"
deny contains finding if {
	not _logged
	finding := {"path": "", "message": "m"}
}

_logged if input.resource.attributes.logging.enabled == true

_logged if input.resource.attributes.logging.target == "a"
"#,
    ),
    (
        "defaulted",
        r#"
deny contains finding if {
	_kept == false
	finding := {"path": "", "message": "m"}
}

default _kept := false

_kept if {
	input.resource.attributes.soft_delete.enabled == true
	input.resource.attributes.soft_delete.days > 3
}
"#,
    ),
    (
        "otherwise",
        r#"
deny contains finding if {
	_level(input.resource.attributes) > 1
	finding := {"path": "", "message": "m"}
}

_level(a) := 3 if {
	a.public_access.guard == "off"
} else := 2 if {
	a.public_access.guard == "partial"
	a.tls.required == false
} else := 1
"#,
    ),
    (
        "defaults_of_objects",
        r#"
deny contains finding if {
	object.get(input.resource.attributes, ["tls", "required"], false) == false
	finding := {"path": "", "message": "m"}
}
"#,
    ),
    (
        "counted",
        r#"
deny contains finding if {
	weak := {name | some name, part in input.resource.attributes; part.enabled == false}
	count(weak) > 1
	finding := {"path": "", "message": "m"}
}
"#,
    ),
    (
        "few",
        r#"
deny contains finding if {
	count([1 | some part in input.resource.attributes; part.enabled == true]) < 2
	finding := {"path": "", "message": "m"}
}
"#,
    ),
    (
        "grants",
        r#"
deny contains finding if {
	some i, grant in input.resource.attributes.public_access.grants
	grant.effective == true
	not input.resource.attributes.public_access.guard == "on"
	finding := {"path": sprintf("/attributes/public_access/grants/%d", [i]), "message": "m", "key": sprintf("%d", [i])}
}
"#,
    ),
    (
        "all_grants",
        r#"
deny contains finding if {
	grants := input.resource.attributes.public_access.grants
	every grant in grants {
		grant.effective == true
	}
	finding := {"path": "", "message": "m"}
}
"#,
    ),
    (
        "no_grants",
        r#"
deny contains finding if {
	count(input.resource.attributes.public_access.grants) == 0
	finding := {"path": "", "message": "m"}
}
"#,
    ),
    (
        "message_only",
        r#"
deny contains finding if {
	input.resource.attributes.tls.required == false
	version := object.get(input.resource.attributes.tls, "min_version", "?")
	finding := {"path": "", "message": version}
}
"#,
    ),
    (
        "partial_rules",
        r#"
deny contains finding if {
	some name in _missing
	name != "tls"
	finding := {"path": "", "message": name, "key": name}
}

_parts contains "logging" if input.resource.attributes.logging.enabled == true

_parts contains "versioning" if input.resource.attributes.versioning.enabled == true

_missing := {"logging", "versioning", "tls"} - _parts
"#,
    ),
];

fn bundle() -> &'static Bundle {
    static BUNDLE: OnceLock<Bundle> = OnceLock::new();
    BUNDLE.get_or_init(|| load(&POLICIES, &Options::default()).unwrap_or_else(|errors| panic!("{errors}")))
}

/// What is said of one attribute: 0 absent, 1 unknown, else a value of its domain.
type Choice = usize;

#[derive(Debug, Clone)]
struct Case {
    leaves: [Choice; LEAVES.len()],
    /// `None` where the list is absent; each grant's `effective`; whether more may follow.
    grants: Option<(Vec<Choice>, bool)>,
}

fn case() -> impl Strategy<Value = Case> {
    let grants = prop::option::of((prop::collection::vec(0..4usize, 0..3), any::<bool>()));
    (prop::array::uniform8(0..5usize), grants).prop_map(|(leaves, grants)| Case { leaves, grants })
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Returns the attributes and the unknown paths.
fn build(case: &Case) -> (Value, Vec<String>) {
    let mut attributes = Map::new();
    let mut unknown = Vec::new();
    for ((part, name, domain), choice) in LEAVES.iter().zip(case.leaves) {
        let map = attributes.entry(*part).or_insert(json!({})).as_object_mut().unwrap();
        match choice {
            0 => {}
            1 => unknown.push(format!("/attributes/{part}/{name}")),
            value => {
                map.insert((*name).to_owned(), parse(domain[value % domain.len()]));
            }
        }
    }
    if let Some((grants, partial)) = &case.grants {
        let path = "/attributes/public_access/grants";
        let list = grants.iter().enumerate().map(|(index, choice)| match choice {
            0 => json!({}),
            1 => {
                unknown.push(format!("{path}/{index}/effective"));
                json!({})
            }
            value => json!({"effective": value % 2 == 0}),
        });
        let list: Vec<Value> = list.collect();
        if *partial {
            unknown.push(path.into());
        }
        attributes["public_access"]["grants"] = Value::Array(list);
    }
    (Value::Object(attributes), unknown)
}

/// Returns every world that the unknown paths leave open: each absent, or any value of its domain.
fn worlds(attributes: &Value, unknown: &[String]) -> Vec<Value> {
    let mut worlds = vec![attributes.clone()];
    for path in unknown {
        let pointer = path.strip_prefix("/attributes").unwrap();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        if name == "grants" {
            // A list known in part holds a prefix of the real one.
            let more = [
                vec![],
                vec![json!({})],
                vec![json!({"effective": true})],
                vec![json!({"effective": false}), json!({"effective": true})],
            ];
            worlds = spread(&worlds, &more, |world, more| {
                world
                    .pointer_mut(pointer)
                    .unwrap()
                    .as_array_mut()
                    .unwrap()
                    .extend(more.iter().cloned());
            });
            continue;
        }
        let domain = LEAVES
            .iter()
            .find(|(part, leaf, _)| pointer == format!("/{part}/{leaf}"));
        let domain: &[&str] = domain.map_or(&["true", "false"], |(_, _, domain)| domain);
        let values: Vec<Option<Value>> = domain.iter().map(|text| Some(parse(text))).chain([None]).collect();
        worlds = spread(&worlds, &values, |world, value| {
            if let Some(value) = value {
                world.pointer_mut(parent).unwrap()[name] = value.clone();
            }
        });
    }
    worlds
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_world_takes_back_a_fail_or_a_pass(case in case()) {
        let (attributes, unknown) = build(&case);
        // All worlds of up to four unknown paths; more of them say nothing new.
        prop_assume!(unknown.len() <= 4);
        let mut evaluator = bundle().evaluator();
        let partial = resource("storage.bucket", Provider::Azure, attributes.clone(), &unknown);
        let verdicts = evaluator.evaluate_all(&subject(&partial));
        prop_assert_eq!(verdicts.len(), POLICIES.len());
        for world in worlds(&attributes, &unknown) {
            let whole = resource("storage.bucket", Provider::Azure, world.clone(), &[]);
            for ((index, before), (_, after)) in verdicts.iter().zip(evaluator.evaluate_all(&subject(&whole))) {
                let name = &bundle().policies()[*index].info.id.0;
                prop_assert_ne!(before.outcome, Outcome::Error, "{} {:?}", name, before);
                prop_assert_ne!(after.outcome, Outcome::Error, "{} {:?}", name, after);
                prop_assert_ne!(after.outcome, Outcome::Unknown, "{}", name);
                if matches!(before.outcome, Outcome::Fail | Outcome::Pass) {
                    prop_assert_eq!(before.outcome, after.outcome, "{} of {} in {}", name, attributes, world);
                }
                for deny in before.denies.iter() {
                    let stays = after.denies.iter().any(|other| other.key == deny.key && other.path == deny.path);
                    prop_assert!(stays, "{}: {:?} of {} is gone in {}", name, deny, attributes, world);
                }
            }
        }
    }
}

/// Without this the law could hold because everything is unknown.
#[test]
fn much_is_decided_although_something_is_unknown() {
    let bundle = bundle();
    let mut evaluator = bundle.evaluator();
    let attributes =
        json!({"tls": {"required": false}, "logging": {"enabled": false}, "versioning": {}, "public_access": {}});
    let unknown = [
        "/attributes/tls/min_version".to_owned(),
        "/attributes/public_access/guard".to_owned(),
    ];
    let resource = resource("storage.bucket", Provider::Azure, attributes, &unknown);
    let outcomes: Vec<(String, &str)> = evaluator
        .evaluate_all(&subject(&resource))
        .into_iter()
        .map(|(index, verdict)| (bundle.policies()[index].info.id.0.clone(), verdict.outcome.as_str()))
        .collect();
    let of = |name: &str| outcomes.iter().find(|(id, _)| id == name).unwrap().1;
    assert_eq!(of("plain"), "fail");
    assert_eq!(of("negated"), "fail");
    assert_eq!(of("message_only"), "fail");
    assert_eq!(of("helper"), "fail");
    assert_eq!(of("two_clauses"), "pass");
    assert_eq!(of("otherwise"), "unknown");
    assert_eq!(of("grants"), "pass");
}
