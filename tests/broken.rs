//! Broken, empty, cut and partial inputs: none ends green, each names file and place.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use nephoscope_tests::{nephoscope, run};

const ITEM: &str = r#"{"configurationItemVersion": "1.3", "configurationItemStatus": "OK",
 "configurationItemCaptureTime": "2026-01-02T03:04:05.000Z", "awsAccountId": "111122223333", "awsRegion": "eu-west-1",
 "resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-1", "ARN": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1",
 "configuration": {"groupId": "sg-1", "groupName": "g", "ipPermissions": [], "ipPermissionsEgress": []}}"#;

fn snapshot() -> String {
    format!(r#"{{"fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": [{ITEM}]}}"#)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// With a checksum, as the command line tool writes it: without one a flipped bit may leave valid JSON.
fn squeeze(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}

const NSG: &str = r#"{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n", "name": "n",
  "type": "Microsoft.Network/networkSecurityGroups", "location": "westeurope", "properties": {"securityRules": []}}"#;

const FIREWALL: &str = r#"{"name": "//compute.googleapis.com/projects/p/global/firewalls/f", "asset_type": "compute.googleapis.com/Firewall", "resource": {"version": "v1", "data": {"name": "f", "direction": "INGRESS", "allowed": [], "sourceRanges": ["10.0.0.0/8"]}}}"#;

const PLAN: &str = r#"{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {}},
 "resource_changes": [{"address": "aws_security_group.g", "mode": "managed", "type": "aws_security_group", "name": "g", "provider_name": "registry.terraform.io/hashicorp/aws",
 "change": {"actions": ["create"], "before": null, "after": {"name": "g", "ingress": [], "egress": []}, "after_unknown": {"id": true}}}], "configuration": {"root_module": {}}}"#;

/// Name and content of every input; all are given by name on the command line.
fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let snapshot = snapshot();
    let whole = snapshot.as_bytes();
    let packed = gzip(whole);
    let squeezed = squeeze(whole);
    let item = |from: &str, to: &str| snapshot.replacen(from, to, 1).into_bytes();
    let mut inputs: Vec<(&'static str, Vec<u8>)> = vec![
        ("empty.json", vec![]),
        ("blank.json", b" \n\t\n".to_vec()),
        ("bom_alone.json", b"\xef\xbb\xbf".to_vec()),
        ("no_json.json", b"hello, world\n".to_vec()),
        ("html.json", b"<!doctype html><title>Sign in</title>".to_vec()),
        ("binary.json", (0u8..=255).cycle().take(4096).collect()),
        ("zeros.json", vec![0; 4096]),
        ("object.json", b"{}".to_vec()),
        ("list.json", b"[]".to_vec()),
        ("null.json", b"null".to_vec()),
        ("number.json", b"1".to_vec()),
        ("string.json", b"\"x\"".to_vec()),
        ("other.json", br#"{"hello": "world"}"#.to_vec()),
        ("error_reply.json", br#"{"error": {"code": "AuthorizationFailed", "message": "no"}}"#.to_vec()),
        ("cut_head.json", whole[..40].to_vec()),
        ("cut_half.json", whole[..whole.len() / 2].to_vec()),
        ("cut_last_byte.json", whole[..whole.len() - 1].to_vec()),
        ("cut_last_two.json", whole[..whole.len() - 2].to_vec()),
        ("head_cut_off.json", whole[20..].to_vec()),
        ("trailing_garbage.json", [whole, b" }"].concat()),
        ("trailing_comma.json", item("}]}", "},]}")),
        ("no_comma.json", item("\"eu-west-1\",", "\"eu-west-1\"")),
        ("single_quotes.json", item("\"OK\"", "'OK'")),
        ("comment.json", item("\"fileVersion\"", "/* c */ \"fileVersion\"")),
        ("nan.json", item("\"ipPermissions\": []", "\"ipPermissions\": [NaN]")),
        ("huge_exponent.json", item("\"ipPermissions\": []", "\"ipPermissions\": [1e1000000000]")),
        ("huge_digits.json", item("\"ipPermissions\": []", &format!("\"ipPermissions\": [{}]", "9".repeat(100_000)))),
        ("duplicate_key.json", item("\"ipPermissions\": []", "\"ipPermissions\": [], \"ipPermissions\": [1]")),
        ("duplicate_key_top.json", item("\"awsRegion\": \"eu-west-1\"", "\"awsRegion\": \"eu-west-1\", \"awsRegion\": \"eu-west-2\"")),
        ("invalid_utf8.json", item("\"groupName\": \"g\"", "\"groupName\": \"@@\"").iter().map(|byte| if *byte == b'@' { 0xff } else { *byte }).collect()),
        ("lone_surrogate.json", item("\"groupName\": \"g\"", "\"groupName\": \"\\ud800\"")),
        ("control_character.json", item("\"groupName\": \"g\"", "\"groupName\": \"\u{1}\"")),
        ("deep.json", [&b"["[..]].concat().repeat(10_000)),
        ("deep_closed.json", [b"[".repeat(10_000), b"]".repeat(10_000)].concat()),
        ("deep_inside.json", item("\"ipPermissions\": []", &format!("\"ipPermissions\": {}{}", "[".repeat(10_000), "]".repeat(10_000)))),
        ("deep_objects.json", item("\"ipPermissions\": []", &format!("\"ipPermissions\": {}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)))),
        ("items_are_text.json", item("\"configurationItems\": [", "\"configurationItems\": [\"x\", ")),
        ("items_are_an_object.json", br#"{"fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": {}}"#.to_vec()),
        ("item_without_type.json", item("\"resourceType\": \"AWS::EC2::SecurityGroup\", ", "")),
        ("field_of_another_type.json", item("\"ipPermissions\": []", "\"ipPermissions\": \"yes\"")),
        ("port_out_of_range.json", item("\"ipPermissions\": []", "\"ipPermissions\": [{\"ipProtocol\": \"tcp\", \"fromPort\": 99999999, \"toPort\": \"x\"}]")),
        ("configuration_is_text.json", item("\"configuration\": {", "\"configuration\": \"{broken\", \"was\": {")),
        ("empty_snapshot.json", br#"{"fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": []}"#.to_vec()),
        ("not_recorded.json", item("\"OK\"", "\"ResourceNotRecorded\"")),
        ("cut_1.json.gz", packed[..10].to_vec()),
        ("cut_2.json.gz", packed[..packed.len() / 2].to_vec()),
        ("cut_3.json.gz", packed[..packed.len() - 4].to_vec()),
        ("flipped.json.gz", packed.iter().enumerate().map(|(index, byte)| if index == packed.len() - 6 { byte ^ 0xff } else { *byte }).collect()),
        ("garbage_after.json.gz", [packed.as_slice(), b"garbage"].concat()),
        ("empty_member.json.gz", gzip(b"")),
        ("cut.json.zst", squeezed[..squeezed.len() / 2].to_vec()),
        ("flipped.json.zst", squeezed.iter().enumerate().map(|(index, byte)| if index == squeezed.len() / 2 { byte ^ 0xff } else { *byte }).collect()),
        ("cut_utf16.json", { let wide = utf16(&snapshot); wide[..wide.len() / 2 + 1].to_vec() }),
        ("odd_utf16.json", [utf16(&snapshot).as_slice(), b"x"].concat()),
        ("next_page.json", format!(r#"{{"value": [{NSG}], "nextLink": "https://management.azure.com/next"}}"#).into_bytes()),
        ("graph_truncated.json", format!(r#"{{"totalRecords": 386, "count": 1, "resultTruncated": "false", "data": [{NSG}]}}"#).into_bytes()),
        ("graph_token.json", format!(r#"{{"totalRecords": 1, "count": 1, "resultTruncated": "false", "$skipToken": "x", "data": [{NSG}]}}"#).into_bytes()),
        ("azure_without_type.json", br#"{"value": [{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n"}]}"#.to_vec()),
        ("asset_line_cut.json", format!("{FIREWALL}\n{}", &FIREWALL[..60]).into_bytes()),
        ("asset_line_broken.json", format!("{FIREWALL}\n{{\"name\": }}\n{FIREWALL}\n").into_bytes()),
        ("asset_without_name.json", br#"[{"asset_type": "compute.googleapis.com/Firewall", "resource": {"data": {}}}]"#.to_vec()),
        ("assets_next_page.json", format!(r#"{{"assets": [{FIREWALL}], "nextPageToken": "x"}}"#).into_bytes()),
        ("oversized.json", br#"{"configurationItemSummary": {"changeType": "UPDATE", "configurationItemVersion": "1.2", "configurationItemCaptureTime": "2026-01-02T03:04:05.000Z", "awsAccountId": "111122223333", "configurationItemStatus": "OK", "resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-1", "awsRegion": "eu-west-1", "ARN": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"}, "s3DeliverySummary": {"s3BucketLocation": "bucket/AWSLogs/x.json.gz"}, "notificationCreationTime": "2026-01-02T03:04:05.000Z", "messageType": "OversizedConfigurationItemChangeNotification", "recordVersion": "1.0"}"#.to_vec()),
        ("plan_cut.json", PLAN.as_bytes()[..PLAN.len() - 30].to_vec()),
        ("plan_without_changes_key.json", br#"{"format_version": "1.2", "planned_values": 7}"#.to_vec()),
        ("plan_wrong_type.json", PLAN.replace("\"resource_changes\": [", "\"resource_changes\": [7, ").into_bytes()),
    ];
    inputs.push((
        "plan_of_the_future.json",
        PLAN.replace("\"1.2\"", "\"9.2\"").into_bytes(),
    ));
    inputs.push(("firewall_too_wide.json", too_wide().into_bytes()));
    inputs.push((
        "bomb.json.gz",
        gzip(&[b"[".as_slice(), &vec![b' '; 200 << 20]].concat()),
    ));
    inputs
}

/// Each range of ports times each source range would take gigabytes.
fn too_wide() -> String {
    let list = |texts: Vec<String>| serde_json::to_string(&texts).unwrap();
    let ports = list((1..60_000).step_by(2).map(|port| port.to_string()).collect());
    let sources = list(
        (0..20_000)
            .map(|net| format!("10.{}.{}.0/24", net / 250, net % 250))
            .collect(),
    );
    format!(
        r#"[{{"name": "//compute.googleapis.com/projects/p/global/firewalls/f", "asset_type": "compute.googleapis.com/Firewall", "resource": {{"data": {{"name": "f", "direction": "INGRESS", "allowed": [{{"IPProtocol": "tcp", "ports": {ports}}}], "sourceRanges": {sources}}}}}}}]"#
    )
}

/// A place in a text: a line, an offset, a depth, an address, or the file as a whole where nothing else can be named.
fn names_a_place(text: &str, name: &str) -> bool {
    text.lines().any(|line| line.contains(name))
}

#[test]
fn none_of_more_than_60_ends_green_and_each_names_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = inputs();
    assert!(inputs.len() >= 60, "{}", inputs.len());
    let mut faults = Vec::new();
    for (name, bytes) in &inputs {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let mut command = nephoscope(["scan", name, "--max-decoded-mib", "100", "-v"]);
        let run = run(command.current_dir(folder.path()));
        if !(run.code == 3 || run.code == 1) || !names_a_place(&run.out, name) || run.err.contains("panicked") {
            faults.push(format!("{name}: exit {}\n{}{}", run.code, run.out, run.err));
        }
        std::fs::remove_file(file).unwrap();
    }
    assert!(
        faults.is_empty(),
        "{} of {}:\n{}",
        faults.len(),
        inputs.len(),
        faults.join("\n---\n")
    );
}

#[test]
fn a_broken_input_does_not_hide_the_others() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in inputs() {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let open = snapshot().replacen(
        "\"ipPermissions\": []",
        "\"ipPermissions\": [{\"ipProtocol\": \"tcp\", \"fromPort\": 22, \"toPort\": 22, \"ipRanges\": [\"0.0.0.0/0\"]}]",
        1,
    );
    std::fs::write(folder.path().join("whole.json"), open.replace("sg-1", "sg-2")).unwrap();
    let run = run(nephoscope(["scan", ".", "--max-decoded-mib", "100", "-f", "json"]).current_dir(folder.path()));
    assert_eq!(run.code, 1, "{}", run.err);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["complete"], false);
    assert!(run.out.contains("sg-2"));
}

#[test]
fn a_position_is_named_where_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("a.json", snapshot().replacen("\"eu-west-1\",", "\"eu-west-1\"", 1)),
        ("b.json", format!("{FIREWALL}\n{{\"name\": }}\n")),
        (
            "c.json",
            snapshot().replacen("\"ipPermissions\": []", "\"ipPermissions\": [NaN]", 1),
        ),
    ];
    for (name, text) in cases {
        std::fs::write(folder.path().join(name), text).unwrap();
        let run = run(nephoscope(["scan", name, "-f", "json"]).current_dir(folder.path()));
        let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let gaps = report["coverage"]["gaps"].as_array().unwrap();
        assert!(
            gaps.iter().any(|gap| gap["line"].is_u64() || gap["offset"].is_u64()),
            "{name}: {gaps:?}"
        );
        assert!(gaps.iter().all(|gap| gap["scope"]["input"] == name), "{name}: {gaps:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_symlink_loop_and_an_unreadable_file_are_named() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(".", folder.path().join("loop")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("dangling.json")).unwrap();
    std::fs::write(folder.path().join("a.json"), snapshot()).unwrap();
    let run = run(nephoscope(["scan", "."]).current_dir(folder.path()));
    assert_ne!(run.code, 4, "{}", run.err);
    assert!(
        run.out.contains("loop") || run.out.contains("dangling.json"),
        "{}",
        run.out
    );
}

#[test]
fn hostile_names_reach_no_report_raw() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "\u{1b}[31mred",
        "</script><script>alert(1)</script>",
        "\u{202e}gpj.exe",
        "::error::x",
        "]]>",
        "a\nb",
        "\u{9b}31m",
    ];
    let long = "x".repeat(10_000);
    for (index, name) in names.iter().copied().chain([long.as_str()]).enumerate() {
        let name = serde_json::to_string(name).unwrap();
        let name = name.trim_matches('"');
        let text = snapshot()
            .replacen("\"ipPermissions\": []", &format!("\"ipPermissions\": [{{\"ipProtocol\": \"tcp\", \"fromPort\": 22, \"toPort\": 22, \"ipRanges\": [\"0.0.0.0/0\"], \"description\": \"{name}\"}}]"), 1)
            .replace("\"groupName\": \"g\"", &format!("\"groupName\": \"{name}\""))
            .replace("eu-west-1", name)
            .replace("sg-1", &format!("sg-{index}{name}"));
        std::fs::write(folder.path().join(format!("{index}.json")), text).unwrap();
    }
    let formats = ["human", "json", "ndjson", "junit", "sarif"];
    let mut command = nephoscope(["scan", ".", "-v"]);
    for format in formats {
        command.arg("-f").arg(format!("{format}=out.{format}"));
    }
    let run = run(command.current_dir(folder.path()));
    assert_eq!(run.code, 1, "{}", run.err);
    for format in formats {
        let text = std::fs::read_to_string(folder.path().join(format!("out.{format}"))).unwrap();
        for bad in ['\u{1b}', '\u{9b}'] {
            assert!(!text.contains(bad), "{format} holds {bad:?}");
        }
        assert!(
            !text.lines().any(|line| line.trim_start().starts_with("::e")),
            "{format} has a line that a log takes for a command"
        );
        if format == "human" {
            assert!(!text.contains('\u{202e}'), "{format}");
            assert!(
                text.lines().all(|line| line.len() < 2000),
                "{format}: a line is too long"
            );
        }
    }
    assert_lints(&folder.path().join("out.sarif"));
}

fn assert_lints(file: &Path) {
    let problems = nephoscope_report::lint_sarif(&std::fs::read(file).unwrap());
    let errors: Vec<String> = problems
        .iter()
        .filter(|problem| problem.level == nephoscope_report::LintLevel::Error)
        .map(|problem| format!("{problem:?}"))
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
}
