//! What was not read is unknown; what was read and is not there is known.

use nephoscope_tests::{nephoscope, run};
use serde_json::{Value, json};

fn bucket() -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemStatus": "OK", "configurationItemCaptureTime": "2026-01-02T03:04:05.000Z",
        "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "resourceType": "AWS::S3::Bucket", "resourceId": "b", "resourceName": "b",
        "ARN": "arn:aws:s3:::b", "configuration": {"name": "b"},
        "supplementaryConfiguration": {
            "AccessControlList": "{\"grantSet\":null,\"grantList\":[{\"grantee\":{\"id\":\"8f3b\"},\"permission\":\"FullControl\"}]}",
            "BucketPolicy": {"policyText": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"All\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/*\"}]}"},
        },
    })
}

fn account_block(on: bool) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemStatus": "OK", "configurationItemCaptureTime": "2026-01-02T03:04:05.000Z",
        "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "resourceType": "AWS::S3::AccountPublicAccessBlock", "resourceId": "111122223333",
        "configuration": {"blockPublicAcls": on, "ignorePublicAcls": on, "blockPublicPolicy": on, "restrictPublicBuckets": on},
        "supplementaryConfiguration": {},
    })
}

/// Outcomes of "open to the internet" and "without a guard" for the bucket.
fn outcomes(input: &Value) -> [String; 2] {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("input.json");
    std::fs::write(&file, input.to_string()).unwrap();
    let run = run(&mut nephoscope([
        "scan",
        file.to_str().unwrap(),
        "-f",
        "json",
        "--include",
        "pass",
    ]));
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err));
    ["NEPH-STORAGE-001", "NEPH-STORAGE-002"].map(|policy| {
        let finding = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|finding| finding["policy"] == policy)
            .unwrap();
        finding["outcome"].as_str().unwrap().to_owned()
    })
}

#[test]
fn an_account_block_that_was_not_read_is_unknown() {
    assert_eq!(outcomes(&bucket()), ["unknown", "unknown"]);
    assert_eq!(
        outcomes(&json!({"configurationItems": [bucket()]})),
        ["unknown", "unknown"]
    );
}

#[test]
fn an_account_read_in_full_without_a_block_fails() {
    let snapshot = json!({"fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": [bucket()]});
    assert_eq!(outcomes(&snapshot), ["fail", "fail"]);
}

#[test]
fn a_snapshot_with_a_broken_item_was_not_read_in_full() {
    let snapshot = json!({"fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": [bucket(), 7]});
    assert_eq!(outcomes(&snapshot), ["unknown", "unknown"]);
}

#[test]
fn an_account_block_that_was_read_decides() {
    for (on, expected) in [(true, ["pass", "pass"]), (false, ["fail", "fail"])] {
        assert_eq!(outcomes(&json!([bucket(), account_block(on)])), expected);
    }
}

#[test]
fn documents_without_time_that_differ_are_a_gap() {
    let group = |port: &str| {
        json!({
            "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n", "name": "n",
            "type": "Microsoft.Network/networkSecurityGroups", "location": "westeurope",
            "properties": {"securityRules": [{"name": "r", "properties": {
                "direction": "Inbound", "access": "Allow", "priority": 100, "protocol": "Tcp", "sourceAddressPrefix": "10.0.0.0/8",
                "destinationAddressPrefix": "*", "sourcePortRange": "*", "destinationPortRange": port,
            }}, {"name": "out", "properties": {
                "direction": "Outbound", "access": "Deny", "priority": 100, "protocol": "*", "sourceAddressPrefix": "*",
                "destinationAddressPrefix": "Internet", "sourcePortRange": "*", "destinationPortRange": "*",
            }}]},
        })
    };
    let folder = tempfile::tempdir().unwrap();
    let scan = |first: &str, second: &str| {
        std::fs::write(folder.path().join("a.json"), group(first).to_string()).unwrap();
        std::fs::write(folder.path().join("b.json"), group(second).to_string()).unwrap();
        run(&mut nephoscope(["scan", folder.path().to_str().unwrap()]))
    };
    let same = scan("22", "22");
    assert_eq!(same.code, 0, "{}", same.out);
    let differ = scan("22", "80");
    assert_eq!(differ.code, 3, "{}", differ.out);
    assert!(differ.out.contains("documents differ about"), "{}", differ.out);
}
