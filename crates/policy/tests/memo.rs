//! What is remembered is what would be judged.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod support;

use nephoscope_model::{Outcome, Provider, Resource};
use nephoscope_policy::{Bundle, Evaluator, Options, Related, Subject};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{pack, resource, root, subject};

/// Each reads in a way of its own: presence, keys, count, value, elements, text, the clock, neighbors, everything.
const POLICIES: [(&str, &str); 8] = [
    (
        "presence",
        r#"
deny contains finding if {
	input.resource.attributes.tls.required == false
	finding := {"path": "", "message": "m"}
}
"#,
    ),
    (
        "elements",
        r#"
deny contains finding if {
	some i, grant in input.resource.attributes.public_access.grants
	grant.access == "write"
	finding := {"path": sprintf("/attributes/public_access/grants/%d", [i]), "message": "m", "key": sprintf("%d", [i])}
}
"#,
    ),
    (
        "counted",
        r#"
deny contains finding if {
	count(input.resource.attributes.public_access.grants) > 1
	finding := {"path": "", "message": "m"}
}
"#,
    ),
    (
        "second",
        r#"
deny contains finding if {
	input.resource.attributes.public_access.grants[1].access == "read"
	finding := {"path": "", "message": "m"}
}
"#,
    ),
    (
        "names",
        r#"
deny contains finding if {
	some name, _ in input.resource.tags
	name == "b"
	finding := {"path": "", "message": "m"}
}
"#,
    ),
    (
        "named",
        r#"
deny contains finding if {
	input.resource.attributes.logging.enabled == false
	finding := {"path": "", "message": sprintf("%s has no log", [input.resource.name]), "evidence": input.resource.attributes.tls}
}
"#,
    ),
    (
        "dated",
        r#"
deny contains finding if {
	input.resource.attributes.versioning.enabled == false
	finding := {"path": "", "message": input.as_of}
}
"#,
    ),
    (
        "whole",
        r#"
deny contains finding if {
	walk(input, [path, value])
	value == false
	finding := {"path": "", "message": sprintf("%v", [path]), "key": sprintf("%v", [path])}
}
"#,
    ),
];

const PATHS: [&str; 9] = [
    "/attributes",
    "/attributes/tls",
    "/attributes/tls/required",
    "/attributes/logging/enabled",
    "/attributes/public_access",
    "/attributes/public_access/grants",
    "/attributes/public_access/grants/0/access",
    "/tags",
    "/attributes/versioning/enabled",
];

fn attributes() -> impl Strategy<Value = Value> {
    let switch = || prop::option::of(any::<bool>());
    let grant = prop::sample::select(vec!["read", "write", "admin"]);
    let grants = prop::option::of(prop::collection::vec(grant, 0..3));
    (switch(), switch(), switch(), grants).prop_map(|(tls, logging, versioning, grants)| {
        let mut all = json!({"tls": {}, "logging": {}, "versioning": {}, "public_access": {}});
        if let Some(tls) = tls {
            all["tls"]["required"] = tls.into();
        }
        if let Some(logging) = logging {
            all["logging"]["enabled"] = logging.into();
        }
        if let Some(versioning) = versioning {
            all["versioning"]["enabled"] = versioning.into();
        }
        if let Some(grants) = grants {
            all["public_access"]["grants"] = grants
                .iter()
                .map(|access| json!({"access": access, "via": "acl"}))
                .collect();
        }
        all
    })
}

fn resources() -> impl Strategy<Value = Resource> {
    let unknown = prop::collection::vec(prop::sample::select(PATHS.to_vec()), 0..3);
    let tag = prop::sample::select(vec!["a", "b", "c"]);
    let names = prop::sample::select(vec!["one", "two"]);
    (attributes(), unknown, tag, names, 0..3_usize).prop_map(|(attributes, unknown, tag, name, provider)| {
        let unknown: Vec<String> = unknown.into_iter().map(str::to_owned).collect();
        let mut made = resource("storage.bucket", Provider::ALL[provider], attributes, &unknown);
        made.tags.insert(tag.to_owned(), "x".to_owned());
        made.name = name.to_owned();
        // Why something is unknown names the resource, and must not come from another one.
        for unknown in &mut made.unknown {
            unknown.gap.detail = Some(format!("{name} {tag}"));
        }
        made
    })
}

fn bundle(root: nephoscope_policy::Root) -> Bundle {
    let bundle = Bundle::load(&[root], &Options::default()).unwrap_or_else(|errors| panic!("{errors}"));
    bundle.configured()
}

fn same(remembering: &mut Evaluator<'_>, anew: &mut Evaluator<'_>, subject: &Subject<'_>) -> Result<(), TestCaseError> {
    let anew = anew.evaluate_all(subject);
    for _ in 0..2 {
        prop_assert_eq!(&remembering.evaluate_all(subject), &anew);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_remembered_verdict_is_the_one_judged_anew(
        resources in prop::collection::vec(resources(), 40),
        neighbors in prop::collection::vec(prop::option::of(any::<bool>()), 40),
    ) {
        let (pack, more) = (bundle(pack()), bundle(root(&POLICIES)));
        for bundle in [&pack, &more] {
            let (mut remembering, mut anew) = (bundle.evaluator(), bundle.evaluator_without_memo());
            for (resource, guard) in resources.iter().zip(&neighbors) {
                let mut subject = subject(resource);
                same(&mut remembering, &mut anew, &subject)?;
                let account = account(*guard);
                let related = Related { resources: vec![&account], gap: None };
                subject.related.insert("account".to_owned(), related);
                same(&mut remembering, &mut anew, &subject)?;
            }
        }
    }
}

fn account(guard: Option<bool>) -> Resource {
    let (value, unknown) = match guard {
        Some(true) => ("on", vec![]),
        Some(false) => ("off", vec![]),
        None => ("", vec!["/attributes/public_access/guard".to_owned()]),
    };
    let attributes = if guard.is_some() {
        json!({"public_access": {"guard": value}})
    } else {
        json!({"public_access": {}})
    };
    resource("account.scope", Provider::Aws, attributes, &unknown)
}

#[test]
fn an_instant_of_its_own_is_judged_anew() {
    let bundle = bundle(root(&POLICIES));
    let mut evaluator = bundle.evaluator();
    let resource = resource(
        "storage.bucket",
        Provider::Aws,
        json!({"versioning": {"enabled": false}}),
        &[],
    );
    let mut subject = subject(&resource);
    let mut message = |subject: &Subject<'_>| {
        let verdicts = evaluator.evaluate_all(subject);
        let dated = verdicts
            .into_iter()
            .find(|(index, _)| bundle.policies()[*index].info.id.0 == "dated");
        let (_, verdict) = dated.unwrap();
        assert_eq!(verdict.outcome, Outcome::Fail);
        verdict.denies[0].message.clone()
    };
    let first = message(&subject);
    subject.as_of = "2031-01-01T00:00:00Z".parse().unwrap();
    assert_ne!(message(&subject), first);
}
