//! Versions, deletion, parts and neighbors: what the normalizer decides itself.

use jiff::Timestamp;
use nephoscope_model::{Provider, Reason, Resource, ScopeRead, State};
use nephoscope_normalize::{Batch, Finished, account_key, relation, relations, trace};
use serde_json::{Value, json};

use crate::support::document;

fn bucket(status: &str, captured: &str, state_id: u64) -> Value {
    json!({
        "resourceType": "AWS::S3::Bucket", "resourceId": "data", "awsAccountId": "111122223333", "awsRegion": "eu-west-1",
        "configurationItemStatus": "OK", "configurationItemCaptureTime": captured, "configurationStateId": state_id,
        "configuration": {"name": "data"},
        "supplementaryConfiguration": {
            "AccessControlList": {"grantList": []},
            "BucketVersioningConfiguration": {"status": status},
        },
    })
}

fn run(documents: &[Value], as_of: Option<&str>) -> (Finished, Vec<Resource>) {
    let mut normalizer = Batch::new(as_of.map(|text| text.parse::<Timestamp>().unwrap()));
    let mut at_once = Vec::new();
    for (place, body) in documents.iter().enumerate() {
        at_once.extend(normalizer.push(document(body, place).unwrap()));
    }
    (normalizer.finish(), at_once)
}

fn versioning(finished: &Finished) -> Vec<Option<bool>> {
    let of = |resource: &Resource| {
        resource
            .attributes
            .pointer("/versioning/enabled")
            .and_then(Value::as_bool)
    };
    finished.resources.iter().map(of).collect()
}

#[test]
fn the_newest_version_not_after_as_of_is_kept() {
    let versions = [
        bucket("Enabled", "2026-01-02T00:00:00Z", 5),
        bucket("Suspended", "2026-01-01T00:00:00Z", 9),
        bucket("Suspended", "2026-01-03T00:00:00Z", 1),
    ];
    let (finished, _) = run(&versions, None);
    assert_eq!(
        (versioning(&finished), finished.superseded, finished.after_as_of),
        (vec![Some(false)], 2, 0)
    );
    let (finished, _) = run(&versions, Some("2026-01-02T12:00:00Z"));
    assert_eq!(
        (versioning(&finished), finished.superseded, finished.after_as_of),
        (vec![Some(true)], 1, 1)
    );
    let (finished, _) = run(&versions, Some("2025-01-01T00:00:00Z"));
    assert_eq!(
        (versioning(&finished), finished.superseded, finished.after_as_of),
        (vec![], 0, 3)
    );
}

#[test]
fn of_one_instant_the_greater_state_id_wins_as_a_number() {
    let versions = [
        bucket("Enabled", "2026-01-01T00:00:00Z", 10),
        bucket("Suspended", "2026-01-01T00:00:00Z", 9),
    ];
    assert_eq!(versioning(&run(&versions, None).0), [Some(true)]);
}

#[test]
fn a_deleted_bucket_is_named_as_the_live_one() {
    let gone = json!({
        "resourceType": "AWS::S3::Bucket", "resourceId": "data", "awsRegion": "eu-west-1", "configuration": "null",
        "configurationItemStatus": "ResourceDeleted", "configurationItemCaptureTime": "2026-02-01T00:00:00Z",
    });
    let (finished, _) = run(&[bucket("Enabled", "2026-01-01T00:00:00Z", 1), gone], None);
    let [resource] = finished.resources.as_slice() else {
        panic!("{:?}", finished.resources)
    };
    assert_eq!((resource.state, finished.superseded), (State::Deleted, 1));
    assert_eq!((&resource.attributes, resource.unknown.len()), (&json!({}), 0));
}

#[test]
fn a_deleted_asset_ends_its_earlier_lines() {
    let name = "//storage.googleapis.com/data";
    let line = |time: &str, rest: Value| {
        let mut line = json!({"name": name, "asset_type": "storage.googleapis.com/Bucket", "update_time": time});
        line.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        line
    };
    let documents = [
        line("2026-01-01T00:00:00Z", json!({"resource": {"data": {"name": "data"}}})),
        line("2026-01-01T00:00:00Z", json!({"iam_policy": {"bindings": []}})),
        line("2026-01-02T00:00:00Z", json!({})),
    ];
    let mut normalizer = Batch::new(None);
    for (place, body) in documents.iter().enumerate() {
        let mut document = document(body, place).unwrap();
        if place == 2 {
            document.state = State::Deleted;
        }
        assert!(normalizer.push(document).is_none());
    }
    let finished = normalizer.finish();
    let states: Vec<State> = finished.resources.iter().map(|resource| resource.state).collect();
    assert_eq!(states, [State::Deleted]);
}

#[test]
fn what_is_no_document_is_named_by_its_place() {
    let (_, at_once) = run(&[json!({"resourceType": "AWS::S3::Bucket", "configuration": {}})], None);
    let [resource] = at_once.as_slice() else {
        panic!("{at_once:?}")
    };
    assert_eq!(
        (resource.id.as_str(), resource.kind.as_str()),
        ("input.json@0", "storage.bucket")
    );
    assert_eq!(resource.unknown[0].gap.reason, Reason::ParseError);
}

#[test]
fn what_is_not_recorded_is_unknown() {
    let mut item = bucket("Enabled", "2026-01-01T00:00:00Z", 1);
    item["configurationItemStatus"] = json!("ResourceNotRecorded");
    let (finished, _) = run(&[item], None);
    assert_eq!(finished.resources[0].unknown[0].path, "/attributes");
    assert_eq!(finished.resources[0].unknown[0].gap.reason, Reason::NotRecorded);
}

#[test]
fn a_scope_counts_only_for_its_account_region_and_type() {
    let guard = |region: Option<&str>, account: &str, native_type: Option<&str>| {
        let mut normalizer = Batch::new(None);
        assert!(
            normalizer
                .push(document(&bucket("Enabled", "2026-01-01T00:00:00Z", 1), 0).unwrap())
                .is_none()
        );
        normalizer.scope_read(ScopeRead {
            provider: Provider::Aws,
            account: account.to_owned(),
            region: region.map(str::to_owned),
            native_type: native_type.map(str::to_owned),
            within: None,
        });
        let resources = normalizer.finish().resources;
        let bucket = resources
            .iter()
            .find(|resource| resource.kind.as_str() == "storage.bucket")
            .unwrap();
        (
            bucket.attributes.pointer("/public_access/guard").cloned(),
            resources.len(),
        )
    };
    let off = Some(json!("off"));
    assert_eq!(guard(Some("eu-west-1"), "111122223333", None), (off.clone(), 2));
    assert_eq!(
        guard(None, "111122223333", Some("aws::s3::accountpublicaccessblock")),
        (off, 2)
    );
    assert_eq!(guard(Some("us-east-1"), "111122223333", None), (None, 1));
    assert_eq!(guard(None, "444455556666", None), (None, 1));
    assert_eq!(guard(None, "111122223333", Some("AWS::S3::Bucket")), (None, 1));
}

#[test]
fn the_account_is_a_neighbor() {
    let block = json!({
        "resourceType": "AWS::S3::AccountPublicAccessBlock", "resourceId": "111122223333", "awsAccountId": "111122223333",
        "awsRegion": "us-east-1", "configuration": {},
    });
    let (finished, _) = run(&[bucket("Enabled", "2026-01-01T00:00:00Z", 1), block], None);
    let [bucket, account] = finished.resources.as_slice() else {
        panic!("{:?}", finished.resources)
    };
    assert_eq!(
        relation(bucket, "account").unwrap().keys,
        std::slice::from_ref(&account.key)
    );
    assert_eq!(account.key, account_key(Provider::Aws, "111122223333"));
    assert!(relation(bucket, "nobody").is_none());
    assert!(
        relations()
            .iter()
            .all(|info| relation(bucket, info.name).unwrap().kind.as_str() == info.kind)
    );
}

#[test]
fn an_attribute_is_traced_to_its_document() {
    let (finished, _) = run(&[bucket("Enabled", "2026-01-01T00:00:00Z", 1)], None);
    let at = |path: &str| trace(&finished.resources[0], path).1;
    assert_eq!(
        at("/attributes/versioning/enabled"),
        "/supplementaryConfiguration/BucketVersioningConfiguration/status"
    );
    assert_eq!(
        at("/attributes/versioning"),
        "/supplementaryConfiguration/BucketVersioningConfiguration/status"
    );
    assert_eq!(at("/attributes"), "");
    assert_eq!(at("/tags/owner"), "");
}

/// A subnet's security group, of which nothing but its bytes tells the versions apart.
fn undated(native_type: &str, rule: &str) -> Value {
    json!({
        "id": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/r/providers/Microsoft.Network/networkSecurityGroups/g",
        "name": "g", "type": native_type, "location": "westeurope",
        "properties": {"securityRules": [], "provisioningState": rule},
    })
}

#[test]
fn a_row_between_two_bodies_of_one_resource_changes_nothing() {
    let body = |text: &str| undated("Microsoft.Network/networkSecurityGroups", text);
    let row = |text: &str| undated("microsoft.network/networksecuritygroups", text);
    let messages = |documents: &[Value]| -> Vec<String> {
        let (finished, _) = run(documents, None);
        finished.gaps.into_iter().map(|gap| gap.message).collect()
    };
    // Several rows, so that one of them is kept whatever the digests are.
    let rows = ["1", "2", "3", "4"].map(row);
    for row in &rows {
        let documents = [body("a"), row.clone(), body("b")];
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for order in orders {
            let messages = messages(&order.map(|place| documents[place].clone()));
            assert_eq!(messages.len(), 1, "{order:?}: {messages:?}");
            assert!(messages[0].starts_with("3 documents differ about"), "{messages:?}");
        }
        // One body and one row of a resource never are the same bytes.
        assert_eq!(messages(&[body("a"), row.clone(), body("a")]), Vec::<String>::new());
    }
}
