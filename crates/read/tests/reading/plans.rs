//! Terraform plans.

use nephoscope_model::{Dialect, InputUse, Provider, State};
use serde_json::{Value, json};

use crate::support::{found, named, utf16};

fn change(address: &str, actions: &[&str]) -> Value {
    let mut parts = address.split('.');
    let kind = parts.next().unwrap();
    json!({"address": address, "mode": "managed", "type": kind, "name": parts.next().unwrap(), "provider_name": "google",
        "change": {"actions": actions, "before": if actions.contains(&"create") { Value::Null } else { json!({"a": 0}) },
            "after": {"a": 1}, "after_unknown": {"id": true}}})
}

fn plan(changes: &[Value]) -> Value {
    json!({"format_version": "0.1", "terraform_version": "0.12.1", "planned_values": {"root_module": {}},
        "resource_changes": changes, "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}},
            "root_module": {"resources": [{"address": "aws_s3_bucket.a", "expressions": {
                "logging": [{"target": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}}]}}]}}})
}

#[test]
fn quirk_31_every_action() {
    let mut data = change("aws_iam_policy_document.d", &["read"]);
    data["mode"] = json!("data");
    let mut deposed = change("aws_s3_bucket.a", &["delete"]);
    deposed["deposed"] = json!("0f1e");
    let changes = [
        change("aws_s3_bucket.a", &["create"]),
        change("azurerm_storage_account.b", &["update"]),
        change("google_storage_bucket.c", &["no-op"]),
        change("aws_s3_bucket.replaced", &["delete", "create"]),
        change("aws_s3_bucket.replaced_first", &["create", "delete"]),
        change("aws_s3_bucket.gone", &["delete"]),
        change("aws_s3_bucket.forgotten", &["forget"]),
        change("null_resource.n", &["create"]),
        change("awscc_s3_bucket.control", &["create"]),
        data,
        deposed,
    ];
    let got = named(plan(&changes).to_string());
    let addresses: Vec<Value> = (0..got.documents.len())
        .map(|index| got.body(index)["address"].clone())
        .collect();
    assert_eq!(
        addresses,
        [
            "aws_s3_bucket.a",
            "azurerm_storage_account.b",
            "google_storage_bucket.c",
            "aws_s3_bucket.replaced",
            "aws_s3_bucket.replaced_first",
            "aws_s3_bucket.gone",
            "aws_s3_bucket.forgotten",
            "awscc_s3_bucket.control"
        ]
    );
    for (document, address) in got.documents.iter().zip(&addresses) {
        let gone = address == "aws_s3_bucket.gone";
        let state = if gone { State::Deleted } else { State::Planned };
        assert_eq!((document.state, document.dialect), (state, Dialect::TerraformPlan));
    }
    for (index, action) in [(5, "delete"), (6, "forget")] {
        let body = got.body(index);
        assert_eq!(body["actions"], json!([action]));
        assert_eq!(
            (&body["values"], &body["before"], &body["unknown"], &body["references"]),
            (&json!({"a": 0}), &json!({"a": 0}), &json!({}), &json!({}))
        );
    }
    assert_eq!(
        got.documents
            .iter()
            .map(|document| document.provider)
            .take(3)
            .collect::<Vec<_>>(),
        Provider::ALL
    );
    assert_eq!(got.record.used, InputUse::Plan);
    assert_eq!(got.gaps.len(), 1);
    assert!(!got.gaps[0].incomplete && got.messages().contains("null_resource"));
}

#[test]
fn quirks_31_and_32_the_body_says_what_is_known_unknown_and_referred_to() {
    let text = plan(&[
        change("aws_s3_bucket.a", &["update"]),
        change("aws_s3_bucket.b", &["create"]),
    ])
    .to_string();
    let got = named(&text);
    assert_eq!(
        got.body(0),
        json!({"address": "aws_s3_bucket.a", "type": "aws_s3_bucket", "name": "a", "actions": ["update"],
            "values": {"a": 1}, "unknown": {"id": true}, "before": {"a": 0},
            "references": {"/logging/0/target": ["aws_s3_bucket.b"]}, "provider": {"region": "eu-west-1"}})
    );
    assert!(got.body(1).get("before").is_none());
    let origin = &got.documents[1].origin;
    let start = usize::try_from(origin.offset).unwrap();
    let slice = &text[start..start + usize::try_from(origin.length).unwrap()];
    assert_eq!(
        serde_json::from_str::<Value>(slice).unwrap()["address"],
        "aws_s3_bucket.b"
    );
}

#[test]
fn quirk_30_every_encoding_of_a_plan() {
    let text = serde_json::to_string_pretty(&plan(&[change("aws_s3_bucket.é", &["create"])]))
        .unwrap()
        .replace('\n', "\r\n");
    let mut marked = vec![0xef, 0xbb, 0xbf];
    marked.extend(text.as_bytes());
    let mut cases = vec![text.clone().into_bytes(), marked];
    for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
        cases.push(utf16(&text, big, mark));
    }
    for bytes in cases {
        let got = named(&bytes);
        assert!(got.is_clean(), "{got:?}");
        assert_eq!(got.body(0)["name"], "é");
        assert_eq!(
            got.documents[0].origin.offset,
            text.find("{\r\n      \"address\"").unwrap_or(0) as u64
        );
    }
}

#[test]
fn quirk_30_lines_of_a_wrapper_are_skipped_and_said() {
    let text = format!(
        "[command]/usr/bin/terraform show -json\nnoise {{\n{}%0A\n::set-output::\n",
        plan(&[change("aws_s3_bucket.a", &["create"])])
    );
    let got = named(&text);
    assert!(got.is_clean(), "{got:?}");
    assert_eq!(got.documents.len(), 1);
    assert!(got.record.note.unwrap().starts_with("2 lines before the plan"));
    let got = found(&text);
    assert_eq!((got.record.used, got.documents.len()), (InputUse::UseGate, 0));
}

#[test]
fn a_plan_without_changes_says_so() {
    let mut nothing_before = change("aws_s3_bucket.b", &["delete"]);
    nothing_before["change"]["before"] = Value::Null;
    let deleted = [
        change("aws_s3_bucket.a", &["delete"]),
        nothing_before,
        change("null_resource.n", &["delete"]),
    ];
    for (value, documents, note) in [
        (plan(&[]), 0, "without changes"),
        (plan(&deleted), 1, "only deletes, reads or forgets (3)"),
        (
            json!({"format_version": "1.2", "planned_values": {"root_module": {}}}),
            0,
            "without changes",
        ),
    ] {
        let got = named(value.to_string());
        assert!(got.is_clean(), "{got:?}");
        assert_eq!((got.record.used, got.record.documents), (InputUse::Plan, documents));
        assert!(got.record.note.unwrap().contains(note));
    }
}

#[test]
fn a_plan_that_is_incomplete_is_a_gap() {
    let mut errored = plan(&[change("aws_s3_bucket.a", &["create"])]);
    errored["errored"] = json!(true);
    let got = named(errored.to_string());
    assert!(got.gaps[0].incomplete && got.documents.len() == 1);
    let bare = json!({"planned_values": {"root_module": {"resources": [
        {"address": "aws_s3_bucket.a", "mode": "managed", "type": "aws_s3_bucket", "name": "a", "values": {"x": 1}}],
        "child_modules": [{"address": "module.m", "resources": [
            {"address": "module.m.aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": {}}]}]}}});
    let got = named(bare.to_string());
    assert_eq!(got.documents.len(), 2);
    assert_eq!(got.body(1)["module"], "module.m");
    assert!(got.gaps[0].incomplete);
    let odd = plan(&[change("aws_s3_bucket.a", &["teleport"])]);
    assert_eq!(named(odd.to_string()).record.used, InputUse::Failed);
}
