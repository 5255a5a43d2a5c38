//! One test for each quirk of real exports, numbered as in the project's notes on data.

use nephoscope_model::{Dialect, InputUse, Provider, Reason, State};
use serde_json::{Value, json};

use crate::support::{found, item, named, snapshot};

#[test]
fn quirk_1_the_three_dialects_of_an_item_are_one() {
    let api = json!({"version": "1.3", "accountId": "1", "arn": "arn:x", "configurationStateId": "5", "awsRegion": "r",
        "resourceType": "AWS::S3::Bucket", "resourceId": "b", "configurationItemStatus": "OK", "configuration": "{}"});
    let stream = item("AWS::S3::Bucket", "b");
    let old = json!({"configurationItemVersion": "1.0", "availibilityZone": "us-west-2b", "configurationStateID": "u",
        "accountId": "1", "arn": "a", "resourceType": "AWS::EC2::VOLUME", "resourceId": "v", "configuration": {}});
    for value in [api, stream, old] {
        let got = named(value.to_string());
        assert!(got.is_clean(), "{got:?}");
        assert_eq!(got.record.used, InputUse::Inventory);
        assert_eq!(got.documents[0].dialect, Dialect::AwsConfig);
        assert_eq!(got.body(0), value, "the body is untouched");
    }
}

#[test]
fn quirk_2_a_deleted_item_has_the_text_null_and_no_owner() {
    let got = named(
        r#"{"configurationItems": [{"resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-1",
            "configurationItemStatus": "ResourceDeleted", "configuration": "null", "awsRegion": "r"}]}"#,
    );
    assert!(got.is_clean(), "{got:?}");
    assert_eq!(got.documents[0].state, State::Deleted);
}

#[test]
fn quirks_3_to_6_and_12_mixed_strings_and_objects_pass_untouched() {
    let mut value = item("AWS::EC2::VOLUME", "AROAEXAMPLE");
    value["supplementaryConfiguration"] = json!({"AccessControlList": "\"{\\\"grantSet\\\":null}\"",
        "BucketPolicy": {"policyText": null}, "IsRequesterPaysEnabled": "false", "Tags": [{"key": "a", "value": "b"}]});
    value["awsRegion"] = json!("global");
    value["relationships"] = json!([{"resourceName": "n", "resourceType": "AWS::EC2::VPC", "name": "Is in"}]);
    let got = named(value.to_string());
    assert_eq!(got.body(0), value);
    assert_eq!(got.types(), ["AWS::EC2::VOLUME"], "the type stands as written");
}

#[test]
fn quirk_7_every_status_value() {
    for (status, state) in [
        (json!("OK"), Some(State::Live)),
        (json!("ResourceDiscovered"), Some(State::Live)),
        (json!(null), Some(State::Live)),
        (json!("ResourceDeleted"), Some(State::Deleted)),
        (json!("ResourceNotRecorded"), None),
        (json!("ResourceDeletedNotRecorded"), Some(State::Deleted)),
    ] {
        let mut value = item("AWS::S3::Bucket", "b");
        value["configurationItemStatus"] = status.clone();
        let got = named(value.to_string());
        assert_eq!(got.documents.first().map(|document| document.state), state, "{status}");
        if state.is_none() {
            assert_eq!(got.gaps[0].gap.reason, Reason::NotRecorded);
            assert_eq!(got.gaps[0].scope.native_type.as_deref(), Some("AWS::S3::Bucket"));
        }
    }
}

#[test]
fn quirk_8_capture_times() {
    for (time, expected) in [
        (json!("2017-03-01T10:20:30.123Z"), Some("2017-03-01T10:20:30.123Z")),
        (
            json!("2017-03-01T10:20:30.123456+00:00"),
            Some("2017-03-01T10:20:30.123456Z"),
        ),
        (json!(1_481_477_124.25), Some("2016-12-11T17:25:24.25Z")),
        (
            json!({"__class__": "datetime", "year": 2021, "month": 3, "day": 8}),
            Some("2021-03-08T00:00:00Z"),
        ),
        (json!("yesterday"), None),
    ] {
        let mut value = item("AWS::S3::Bucket", "b");
        value["configurationItemCaptureTime"] = time;
        let got = named(value.to_string());
        assert_eq!(
            got.documents[0].observed_at.map(|at| at.to_string()).as_deref(),
            expected
        );
    }
}

#[test]
fn quirk_9_an_oversized_item_is_a_gap_with_its_place() {
    let notice = json!({
        "configurationItemSummary": {"changeType": "UPDATE", "awsAccountId": "123", "resourceType": "AWS::EC2::Instance",
            "resourceId": "i-1", "awsRegion": "us-west-2", "configurationItemStatus": "OK"},
        "s3DeliverySummary": {"s3BucketLocation": "bucket/key.json.gz", "errorCode": null},
        "messageType": "OversizedConfigurationItemChangeNotification"});
    let wire = json!({"Type": "Notification", "Message": notice.to_string()});
    let documented = json!({"Type": "Notification", "Message": notice});
    let rule = json!({"invokingEvent": notice.to_string(), "ruleParameters": "{}", "eventLeftScope": false});
    for value in [notice, wire, documented, rule] {
        let got = found(value.to_string());
        assert_eq!(got.record.used, InputUse::Failed);
        let gap = &got.gaps[0];
        assert!(gap.incomplete && gap.gap.reason == Reason::NotRead, "{gap:?}");
        assert_eq!(gap.gap.detail.as_deref(), Some("s3://bucket/key.json.gz"));
        let scope = &gap.scope;
        assert_eq!(
            [&scope.account, &scope.region, &scope.native_type, &scope.resource].map(|field| field.as_deref()),
            [Some("123"), Some("us-west-2"), Some("AWS::EC2::Instance"), Some("i-1")]
        );
    }
}

#[test]
fn quirk_9_items_are_found_through_every_envelope() {
    let body = item("AWS::S3::Bucket", "b");
    let message = json!({"configurationItemDiff": null, "configurationItem": body,
        "messageType": "ConfigurationItemChangeNotification"});
    let notification = json!({"Type": "Notification", "MessageId": "m", "Message": message.to_string()});
    let cases = [
        (message.clone(), "aws_config_notification", "/configurationItem"),
        (
            notification.clone(),
            "aws_config_notification",
            "/Message/configurationItem",
        ),
        (
            json!({"Type": "Notification", "Message": message}),
            "aws_config_notification",
            "/Message/configurationItem",
        ),
        (
            json!({"invokingEvent": message.to_string(), "eventLeftScope": false, "accountId": "1"}),
            "aws_config_rule_event",
            "/invokingEvent/configurationItem",
        ),
        (
            json!({"detail-type": "Config Configuration Item Change", "source": "aws.config", "detail": message}),
            "aws_config_event",
            "/detail/configurationItem",
        ),
    ];
    for (value, format, pointer) in cases {
        let got = named(value.to_string());
        assert!(got.is_clean(), "{got:?}");
        assert_eq!(
            (got.record.format.as_str(), got.documents[0].origin.pointer.as_str()),
            (format, pointer)
        );
        assert_eq!(got.body(0), body);
    }
    let queue = json!({"Messages": [{"Body": notification.to_string(), "ReceiptHandle": "r"}, {"Body": "hello"}]});
    let got = named(queue.to_string());
    assert_eq!(got.record.format, "aws_config_queue");
    assert_eq!(got.documents[0].origin.pointer, "/Body/Message/configurationItem");
    assert!(got.record.note.unwrap().contains("plain text"));
    let sqs = json!({"Records": [{"eventSource": "aws:sqs", "body": notification.to_string()}]});
    let sns = json!({"Records": [{"EventSource": "aws:sns", "Sns": notification}]});
    for (value, pointer) in [
        (sqs, "/body/Message/configurationItem"),
        (sns, "/Sns/Message/configurationItem"),
    ] {
        assert_eq!(named(value.to_string()).documents[0].origin.pointer, pointer);
    }
    let recorded = json!({"status_code": 200, "data": queue});
    assert_eq!(named(recorded.to_string()).documents.len(), 1);
    let old = json!({"Type": "Notification", "Message": {"messageType": "x", "configurationItem": [body, body]}});
    let got = named(old.to_string());
    assert_eq!(got.documents[1].origin.pointer, "/Message/configurationItem/1");
}

#[test]
fn quirk_10_a_scheduled_invocation_and_a_left_scope_hold_nothing_to_judge() {
    let scheduled = json!({"invokingEvent": "{\"awsAccountId\":\"1\",\"messageType\":\"ScheduledNotification\"}"});
    let message = json!({"configurationItem": item("AWS::S3::Bucket", "b"), "messageType": "x"}).to_string();
    let left = json!({"invokingEvent": message, "eventLeftScope": true});
    let notice =
        json!({"configSnapshotId": "s", "s3ObjectKey": "k", "messageType": "ConfigurationSnapshotDeliveryCompleted"});
    for (value, note) in [(scheduled, "scheduled"), (left, "left the scope"), (notice, "delivery")] {
        let got = named(value.to_string());
        assert!(got.documents.is_empty() && got.is_clean(), "{got:?}");
        assert_eq!(got.record.used, InputUse::Timeline);
        assert!(
            got.record.note.as_deref().unwrap().contains(note),
            "{:?}",
            got.record.note
        );
    }
}

#[test]
fn quirk_11_query_results_are_strings_that_hold_json() {
    let body = item("AWS::S3::Bucket", "b\"quoted\" é");
    let reply = json!({"Results": [body.to_string()], "QueryInfo": {"SelectFields": []}});
    let text = reply.to_string();
    let got = named(&text);
    assert_eq!(got.body(0), body);
    let origin = &got.documents[0].origin;
    let start = usize::try_from(origin.offset).unwrap();
    let literal = &text[start..start + usize::try_from(origin.length).unwrap()];
    assert_eq!(serde_json::from_str::<String>(literal).unwrap(), body.to_string());
    let narrow = json!({"Results": ["{\"resourceId\": \"x\"}"], "QueryInfo": {}});
    let got = named(narrow.to_string());
    assert!(got.messages().contains("resourceType"), "{got:?}");
    assert_eq!(got.record.used, InputUse::Failed);
    let more = json!({"Results": [body.to_string()], "NextToken": "t", "QueryInfo": {}});
    assert_eq!(named(more.to_string()).gaps[0].gap.reason, Reason::Truncated);
}

#[test]
fn quirk_13_a_whole_snapshot_states_the_scopes_it_read() {
    let got = named(snapshot());
    assert!(got.is_clean());
    assert_eq!(got.record.format, "aws_config_snapshot");
    let scope = &got.scopes[0];
    assert_eq!(got.scopes.len(), 1);
    assert_eq!(
        (scope.provider, scope.account.as_str()),
        (Provider::Aws, "111111111111")
    );
    assert_eq!(
        (scope.region.as_deref(), &scope.native_type),
        (Some("eu-west-1"), &None)
    );
    // Keys in any order, and recorded or compressed the same.
    let value: Value = serde_json::from_str(&snapshot()).unwrap();
    let turned = format!(
        "{{\"configurationItems\":{},\"configSnapshotId\":\"s\",\"fileVersion\":\"1.0\"}}",
        value["configurationItems"]
    );
    assert_eq!(named(turned).scopes.len(), 1);
    assert_eq!(named(crate::support::gzip(snapshot().as_bytes())).scopes.len(), 1);
}

#[test]
fn quirk_13_a_history_states_no_scope() {
    let twice = json!({"fileVersion": "1.0", "configSnapshotId": "s",
        "configurationItems": [item("AWS::S3::Bucket", "b"), item("AWS::S3::Bucket", "b")]});
    let got = named(twice.to_string());
    assert_eq!(got.record.format, "aws_config_history");
    assert!(got.scopes.is_empty());
    let reply = json!({"configurationItems": [item("AWS::S3::Bucket", "b")]});
    let got = named(reply.to_string());
    assert_eq!(got.record.format, "aws_config_reply");
    assert!(got.scopes.is_empty());
}

#[test]
fn quirk_14_a_broken_item_is_named_and_the_rest_goes_on() {
    let good = item("AWS::S3::Bucket", "b").to_string();
    let text = format!(
        "{{\"fileVersion\": \"1.0\", \"configSnapshotId\": \"s\", \"configurationItems\": [\n{good},\n{{\"resourceType\": \"AWS::EC2::NetworkInterface\", \"a\": [1,]}},\n{good}]}}"
    );
    let got = named(text);
    assert_eq!(got.documents.len(), 2);
    assert_eq!(got.gaps.len(), 1);
    assert_eq!(got.gaps[0].line, Some(3));
    assert!(got.gaps[0].incomplete && got.gaps[0].offset.is_some());
    assert!(got.scopes.is_empty(), "what lacks an item was not read in full");
}

#[test]
fn a_next_token_means_that_the_reply_is_incomplete() {
    for key in ["nextToken", "NextToken"] {
        let mut reply = json!({"configurationItems": [item("AWS::S3::Bucket", "b")]});
        reply[key] = json!("abc");
        let got = named(reply.to_string());
        assert_eq!(got.gaps[0].gap.reason, Reason::Truncated);
        assert!(got.gaps[0].incomplete);
    }
    let batch = json!({"baseConfigurationItems": [item("AWS::S3::Bucket", "b")],
        "unprocessedResourceKeys": [{"resourceType": "AWS::S3::Bucket", "resourceId": "c"}]});
    let got = named(batch.to_string());
    assert_eq!((got.documents.len(), got.gaps[0].gap.reason), (1, Reason::NotRead));
}

fn arm(id: &str, native_type: &str) -> Value {
    json!({"id": id, "name": "n", "type": native_type, "location": "eastus", "properties": {}})
}

#[test]
fn quirk_19_ids_and_types_stand_as_written() {
    for id in [
        "/subscriptions/s/resourceGroups/G/providers/Microsoft.Web/sites/a",
        "/subscriptions/s/resourcegroups/g/providers/microsoft.web/sites/a",
    ] {
        let got = named(arm(id, "microsoft.insights/components").to_string());
        assert_eq!(got.types(), ["microsoft.insights/components"]);
        assert_eq!(got.body(0)["id"], id);
        assert_eq!(got.documents[0].dialect, Dialect::AzureArm);
    }
}

const ID: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a";

#[test]
fn quirk_20_tables_become_objects_and_incomplete_replies_gaps() {
    let table = json!({"totalRecords": 1, "count": 1, "resultTruncated": "false", "facets": [], "data": {
        "columns": [{"name": "id", "type": "string"}, {"name": "type", "type": "string"}, {"name": "properties", "type": "object"}],
        "rows": [[ID, "microsoft.storage/storageaccounts", {"x": [1]}]]}});
    let text = table.to_string();
    let got = named(&text);
    assert!(got.is_clean(), "{got:?}");
    assert_eq!(
        got.body(0),
        json!({"id": ID, "type": "microsoft.storage/storageaccounts", "properties": {"x": [1]}})
    );
    assert_eq!(got.documents[0].dialect, Dialect::AzureResourceGraph);
    assert!(text[usize::try_from(got.documents[0].origin.offset).unwrap()..].starts_with("[\"/subscriptions"));

    let row = arm(ID, "microsoft.storage/storageaccounts");
    let whole = json!({"totalRecords": 1, "count": 1, "resultTruncated": "false", "data": [row]});
    assert!(named(whole.to_string()).is_clean());
    for (key, value) in [
        ("totalRecords", json!(386)),
        ("resultTruncated", json!("true")),
        ("resultTruncated", json!(true)),
        ("$skipToken", json!("abc")),
        ("skip_token", json!("abc")),
    ] {
        let mut partial = whole.clone();
        partial[key] = value;
        let got = named(partial.to_string());
        assert_eq!(got.documents.len(), 1, "{key}");
        assert_eq!(got.gaps[0].gap.reason, Reason::Truncated, "{key}");
        assert!(got.gaps[0].incomplete);
    }
    let columns = json!({"totalRecords": 1, "count": 1, "data": [{"name": "a", "location": "x"}]});
    let got = named(columns.to_string());
    assert_eq!(got.record.used, InputUse::Failed);
    assert!(got.messages().contains("without `id`"));
    let cli = json!({"count": 1, "data": [row], "skip_token": null, "total_records": 1});
    assert!(named(cli.to_string()).is_clean());
}

#[test]
fn a_list_of_diagnostic_settings_says_whose_it_is_unless_other_things_stand_in_it() {
    let at = |of: &str| format!("/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/{of}");
    let setting = |of: &str, name: &str| {
        json!({"id": format!("{}/providers/microsoft.insights/diagnosticSettings/{name}", at(of)), "type": null,
            "properties": {"logs": []}})
    };
    let gateway =
        json!({"id": at("applicationGateways/a"), "type": "Microsoft.Network/applicationGateways", "location": "r"});
    let of_a = setting("applicationGateways/a", "one");
    let read = |list: Value| named(json!({ "value": list }).to_string()).scopes;
    let scopes = read(json!([of_a, setting("applicationGateways/a", "two")]));
    assert_eq!(scopes.len(), 1, "{scopes:?}");
    assert_eq!(
        scopes[0].within.as_deref(),
        Some(
            "/subscriptions/s/resourcegroups/g/providers/microsoft.network/applicationgateways/a/providers/microsoft.insights"
        )
    );
    assert_eq!(
        scopes[0].native_type.as_deref(),
        Some("microsoft.insights/diagnosticsettings")
    );
    // Somebody put them together: whether it is all there is, nobody says.
    assert!(read(json!([gateway, of_a])).is_empty());
    assert!(read(json!([of_a, setting("applicationGateways/b", "one")])).is_empty());
    let more = json!({"value": [of_a], "nextLink": "https://management.azure.com/next"});
    assert!(named(more.to_string()).scopes.is_empty());
}

#[test]
fn quirk_21_children_keep_their_full_type_and_lists_their_order() {
    let child = format!("{ID}/blobServices/default");
    let list = json!({"value": [arm(ID, "Microsoft.Storage/storageAccounts"),
        arm(&child, "Microsoft.Storage/storageAccounts/blobServices")]});
    let got = named(list.to_string());
    assert_eq!(
        got.types(),
        [
            "Microsoft.Storage/storageAccounts",
            "Microsoft.Storage/storageAccounts/blobServices"
        ]
    );
    assert!(got.is_clean());
    let next = json!({"value": [arm(ID, "a/b")], "nextLink": "https://x"});
    assert_eq!(named(next.to_string()).gaps[0].gap.reason, Reason::Truncated);
    for end in [json!(null), json!("")] {
        assert!(named(json!({"value": [arm(ID, "a/b")], "nextLink": end}).to_string()).is_clean());
    }
    let untyped = json!({"value": [{"id": ID, "type": null, "properties": {}}, {"name": "no id", "type": "a/b"}]});
    let got = named(untyped.to_string());
    assert_eq!(got.types(), ["Microsoft.Storage/storageAccounts"]);
    assert_eq!(got.gaps.len(), 1);
}

#[test]
fn quirk_22_the_activity_log_is_for_the_timeline() {
    let rest = json!({"value": [{"caller": "a", "eventTimestamp": "t", "operationName": {"value": "x"}, "id": "/subscriptions/s/x"}]});
    let hub = json!({"records": [{"time": "t", "operationName": "X", "resourceId": "/SUBSCRIPTIONS/S"}]});
    for value in [rest, hub] {
        let got = named(value.to_string());
        assert_eq!(
            (got.record.used, got.record.format.as_str()),
            (InputUse::Timeline, "azure_activity_log")
        );
    }
}

fn asset(name: &str) -> Value {
    json!({"name": name, "asset_type": "storage.googleapis.com/Bucket", "resource": {"version": "v1", "data": {"id": "b"}},
        "update_time": "2021-04-23T15:01:13.214753Z", "ancestors": ["projects/1"]})
}

#[test]
fn quirk_24_both_cases_of_field_names() {
    let camel = json!({"name": "//s/b", "assetType": "storage.googleapis.com/Bucket", "resource": {"data": {}},
        "updateTime": "2021-04-23T15:01:13.214753Z", "iamPolicy": {"etag": "x"}});
    for value in [asset("//s/b"), camel] {
        let got = named(value.to_string());
        assert!(got.is_clean(), "{got:?}");
        assert_eq!(got.record.format, "gcp_cai_export");
        assert_eq!(got.types(), ["storage.googleapis.com/Bucket"]);
        assert_eq!(
            got.documents[0].observed_at.unwrap().to_string(),
            "2021-04-23T15:01:13.214753Z"
        );
    }
}

#[test]
fn quirk_25_each_content_type_is_a_document_of_its_own() {
    let policy =
        json!({"name": "//s/b", "asset_type": "storage.googleapis.com/Bucket", "iam_policy": {"bindings": []}});
    let perimeter = json!({"name": "//a/p", "asset_type": "accesscontextmanager.googleapis.com/ServicePerimeter", "service_perimeter": {}});
    let text = [asset("//s/b"), policy.clone(), perimeter]
        .map(|value| value.to_string())
        .join("\n");
    let got = named(text);
    assert!(got.is_clean());
    assert_eq!(got.documents.len(), 3);
    assert_eq!(got.body(1), policy);
    let hollow = json!({"name": "//s/b", "asset_type": "t/B"});
    let got = named(hollow.to_string());
    assert!(
        got.documents.is_empty() && got.messages().contains("without content"),
        "{got:?}"
    );
    assert_eq!(got.record.used, InputUse::Failed);
}

#[test]
fn quirk_26_old_singular_names_pass_untouched() {
    let mut old = asset("//compute/f");
    old["resource"]["data"] = json!({"sourceRange": ["0.0.0.0/0"], "allowed": [{"ipProtocol": "tcp", "port": ["22"]}]});
    assert_eq!(named(old.to_string()).body(0), old);
}

#[test]
fn quirk_27_change_messages_give_live_and_deleted_documents() {
    let change =
        json!({"asset": asset("//s/b"), "priorAssetState": "PRESENT", "window": {"startTime": "2022-01-01T00:00:00Z"}});
    let got = named(change.to_string());
    assert_eq!(got.record.format, "gcp_cai_change");
    assert_eq!(
        (got.documents[0].state, got.documents[0].origin.pointer.as_str()),
        (State::Live, "/asset")
    );
    assert_eq!(
        got.documents[0].observed_at.unwrap().to_string(),
        "2022-01-01T00:00:00Z"
    );
    let mut gone = change.clone();
    gone["deleted"] = json!(true);
    gone["asset"]["resource"] = json!({});
    let got = named(gone.to_string());
    assert!(got.is_clean(), "{got:?}");
    assert_eq!(got.documents[0].state, State::Deleted);
    let mut bare = change;
    bare["asset"]["resource"] = json!({});
    assert_eq!(named(bare.to_string()).record.used, InputUse::Failed);
}

#[test]
fn quirk_28_list_lines_objects_one_after_another_and_replies() {
    let (a, b) = (asset("//s/a"), asset("//s/b"));
    let pretty = format!(
        "{}\n{}",
        serde_json::to_string_pretty(&a).unwrap(),
        serde_json::to_string_pretty(&b).unwrap()
    );
    for text in [
        json!([a, b]).to_string(),
        format!("{a}\n{b}\n"),
        format!("{a}{b}"),
        pretty,
        json!({"readTime": "2022-01-01T00:00:00Z", "assets": [a, b]}).to_string(),
    ] {
        let got = named(&text);
        assert!(got.is_clean() && got.documents.len() == 2, "{text}: {got:?}");
        let origin = &got.documents[1].origin;
        let start = usize::try_from(origin.offset).unwrap();
        let slice = &text[start..start + usize::try_from(origin.length).unwrap()];
        assert_eq!(serde_json::from_str::<Value>(slice).unwrap(), b);
    }
    let next = json!({"assets": [a], "nextPageToken": "t"});
    assert_eq!(named(next.to_string()).gaps[0].gap.reason, Reason::Truncated);
    let failed = json!({"name": "//s/b", "asset_type": "t/B", "resource": {"data": {"error": {"code": 13, "message": "internal"}}}});
    let got = named(failed.to_string());
    assert_eq!(got.documents.len(), 1);
    assert!(got.messages().contains("code 13 internal"));
}

#[test]
fn quirk_28_a_broken_line_does_not_swallow_the_others() {
    let (a, b) = (asset("//s/a"), asset("//s/b"));
    for broken in ["{\"name\": \"x", "{\"name\": {", "garbage", "[1, 2", "{\"a\": 1} x"] {
        let got = named(format!("{a}\n{broken}\n{b}\n"));
        assert_eq!(got.documents.len(), 2, "{broken}");
        assert!(
            got.gaps.iter().any(|gap| gap.line == Some(2) && gap.incomplete),
            "{broken}: {got:?}"
        );
    }
}

#[test]
fn logs_templates_states_and_replies_are_told_apart() {
    for (value, format, in_folder, when_named) in [
        (
            json!({"Records": [{"eventSource": "s3", "eventName": "x", "eventVersion": "1"}]}),
            "aws_cloudtrail",
            InputUse::Timeline,
            InputUse::Timeline,
        ),
        (
            json!([{"protoPayload": {}, "logName": "x"}]),
            "gcp_audit_log",
            InputUse::Timeline,
            InputUse::Timeline,
        ),
        (
            json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}),
            "cloudformation",
            InputUse::UseGate,
            InputUse::Failed,
        ),
        (
            json!({"$schema": "https://x/2019-04-01/deploymentTemplate.json#", "resources": []}),
            "arm_template",
            InputUse::UseGate,
            InputUse::Failed,
        ),
        (
            json!({"format_version": "1.0", "terraform_version": "1", "values": {}}),
            "terraform_state",
            InputUse::NotRecognized,
            InputUse::Failed,
        ),
        (
            json!({"kind": "storage#bucket", "id": "b"}),
            "gcp_api",
            InputUse::NotRecognized,
            InputUse::Failed,
        ),
        (
            json!({"status_code": 200, "data": {"SecurityGroups": []}}),
            "aws_api",
            InputUse::NotRecognized,
            InputUse::Failed,
        ),
        (json!({"hello": "world"}), "", InputUse::NotRecognized, InputUse::Failed),
    ] {
        let got = found(value.to_string());
        assert_eq!(
            (got.record.format.as_str(), got.record.used),
            (format, in_folder),
            "{value}"
        );
        assert!(got.is_clean() && got.record.note.is_some());
        let got = named(value.to_string());
        assert_eq!(got.record.used, when_named, "{value}");
        assert_eq!(
            got.gaps.iter().any(|gap| gap.incomplete),
            when_named == InputUse::Failed
        );
    }
}

#[test]
fn quirk_33_a_yaml_template_is_known_by_its_words() {
    let got = found("# x\nResources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties: !Ref X\n");
    assert_eq!(
        (got.record.format.as_str(), got.record.used),
        ("cloudformation_yaml", InputUse::UseGate)
    );
    assert_eq!(found("Resources: none\n").record.used, InputUse::NotRecognized);
}

#[test]
fn inventories_without_resources_are_empty_and_not_broken() {
    for text in [
        r#"{"value": []}"#,
        r#"{"configurationItems": []}"#,
        r#"{"fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": []}"#,
        r#"{"Results": [], "QueryInfo": {}}"#,
        r#"{"assets": []}"#,
        r#"{"readTime": "2022-01-01T00:00:00Z"}"#,
        r#"{"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"}"#,
    ] {
        let got = named(text);
        assert!(got.is_clean() && got.record.used == InputUse::Empty, "{text}: {got:?}");
    }
    for text in ["{}", "[]", "[[]]", "[{}]"] {
        assert_eq!(named(text).record.used, InputUse::Failed, "{text}");
        assert_eq!(found(text).record.used, InputUse::NotRecognized, "{text}");
    }
}
