//! Exit codes and what is said with them.

use std::io::Write;
use std::process::Stdio;

use nephoscope_tests::{nephoscope, run};

fn write(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const CLEAN_GROUP: &str = r#"{"configurationItemVersion": "1.3", "configurationItemStatus": "OK",
 "configurationItemCaptureTime": "2026-01-02T03:04:05.000Z", "awsAccountId": "111122223333", "awsRegion": "eu-west-1",
 "resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-1", "ARN": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1",
 "configuration": {"groupId": "sg-1", "groupName": "g", "vpcId": "vpc-1", "ipPermissions": [], "ipPermissionsEgress": []}}"#;

#[test]
fn demo_has_findings() {
    let run = run(&mut nephoscope(["scan", "demo"]));
    assert_eq!(run.code, 1, "{}\n{}", run.out, run.err);
}

#[test]
fn a_clean_resource_is_0() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "group.json", CLEAN_GROUP);
    let run = run(&mut nephoscope(["scan", &file]));
    assert_eq!(run.code, 0, "{}\n{}", run.out, run.err);
}

#[test]
fn a_missing_path_and_a_wrong_flag_are_2() {
    for arguments in [
        &["scan", "no/such/path"][..],
        &["scan", "demo", "--fail-on", "awful"],
        &["scan", "demo", "-f", "pdf"],
    ] {
        let run = run(&mut nephoscope(arguments));
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.err);
        assert!(!run.err.is_empty());
    }
}

#[test]
fn findings_and_a_broken_file_are_1_and_both_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let open = CLEAN_GROUP.replace(
        r#""ipPermissions": []"#,
        r#""ipPermissions": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipv4Ranges": [{"cidrIp": "0.0.0.0/0"}]}]"#,
    );
    write(&folder, "a.json", &open);
    write(&folder, "b.json", &CLEAN_GROUP[..200]);
    let run = run(&mut nephoscope(["scan", folder.path().to_str().unwrap()]));
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(
        run.out.contains("b.json") && run.out.contains("incomplete"),
        "{}",
        run.out
    );
}

#[test]
fn severity_below_fail_on_is_0() {
    let run = run(&mut nephoscope([
        "scan",
        "demo",
        "--fail-on",
        "critical",
        "--policy-id",
        "NEPH-STORAGE-004",
    ]));
    assert!(run.code == 0 || run.code == 3, "{}", run.out);
    let zero = nephoscope_tests::run(&mut nephoscope(["scan", "demo", "--exit-zero"]));
    assert_ne!(zero.code, 1, "{}", zero.out);
}

#[test]
fn unknown_fail_makes_a_scan_incomplete() {
    let folder = tempfile::tempdir().unwrap();
    let bucket = r#"{"configurationItemVersion": "1.3", "configurationItemStatus": "OK",
      "configurationItemCaptureTime": "2026-01-02T03:04:05.000Z", "awsAccountId": "111122223333", "awsRegion": "eu-west-1",
      "resourceType": "AWS::S3::Bucket", "resourceId": "b", "ARN": "arn:aws:s3:::b", "configuration": {"name": "b"},
      "supplementaryConfiguration": {"AccessControlList": {"grantList": [{"grantee": {"id": "8f3b"}, "permission": "FullControl"}]}}}"#;
    let file = write(&folder, "b.json", bucket);
    let only = ["--policy-id", "NEPH-STORAGE-002"];
    let warn = run(nephoscope(["scan", &file]).args(only));
    assert_eq!(warn.code, 0, "{}", warn.out);
    assert!(warn.out.contains("AccountPublicAccessBlock"), "{}", warn.out);
    let fail = run(nephoscope(["scan", &file, "--unknown", "fail"]).args(only));
    assert_eq!(fail.code, 3, "{}", fail.out);
    let floor = run(nephoscope(["scan", &file, "--min-coverage", "50"]).args(only));
    assert_eq!(floor.code, 3, "{}", floor.out);
}

#[test]
fn an_inventory_without_resources_is_3_and_a_plan_without_changes_0() {
    let folder = tempfile::tempdir().unwrap();
    let empty = write(
        &folder,
        "empty.json",
        r#"{"fileVersion": "1.0", "configSnapshotId": "x", "configurationItems": []}"#,
    );
    let run_empty = run(&mut nephoscope(["scan", &empty]));
    assert_eq!(run_empty.code, 3, "{}", run_empty.out);
    let plan = write(
        &folder,
        "plan.json",
        r#"{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {}}, "resource_changes": [], "configuration": {"root_module": {}}}"#,
    );
    let run_plan = run(&mut nephoscope(["scan", &plan]));
    assert_eq!(run_plan.code, 0, "{}", run_plan.out);
    assert!(
        run_plan.out.contains("no changes") || run_plan.out.contains("without changes"),
        "{}",
        run_plan.out
    );
    let deleting = write(
        &folder,
        "deleting.json",
        r#"{"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [{"address": "aws_s3_bucket.b",
            "mode": "managed", "type": "aws_s3_bucket", "name": "b", "change": {"actions": ["delete"],
            "before": {"bucket": "b", "policy": ""}, "after": null, "after_unknown": {}}}]}"#,
    );
    let run_deleting = run(&mut nephoscope(["scan", &deleting]));
    assert_eq!(run_deleting.code, 0, "{}", run_deleting.out);
    for said in ["a plan that only deletes", "1 deleted"] {
        assert!(run_deleting.out.contains(said), "{}", run_deleting.out);
    }
}

#[test]
fn standard_input_is_judged_and_its_lines_are_shown() {
    let mut child = nephoscope(["scan", "-", "-f", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = CLEAN_GROUP.replace(
        r#""ipPermissions": []"#,
        "\"ipPermissions\": [\n{\"ipProtocol\": \"tcp\", \"fromPort\": 22, \"toPort\": 22, \"ipv4Ranges\": [{\"cidrIp\": \"0.0.0.0/0\"}]}]",
    );
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["location"]["line"].as_u64())
        .collect();
    assert!(
        !lines.is_empty() && lines.iter().all(|line| *line == Some(5)),
        "{lines:?}"
    );
}

#[test]
fn a_plan_and_an_inventory_are_not_judged_in_one_scan() {
    let (plan, inventory) = (
        "tests/worlds/firewall_failing/terraform_aws.json",
        "tests/worlds/firewall_passing/aws_config.json",
    );
    let run = run(&mut nephoscope(["scan", plan, inventory]));
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.err.contains("one after the other"), "{}", run.err);
}

#[test]
fn a_selection_that_leaves_nothing_is_3() {
    for arguments in [
        &["--account", "999999999999"][..],
        &["--kind", "none"],
        &["--kind", "other", "--min-coverage", "100"],
    ] {
        let run = run(nephoscope(["scan", "demo"]).args(arguments));
        assert_eq!(run.code, 3, "{arguments:?}: {}", run.out);
    }
}

#[test]
fn a_report_never_overwrites_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "in.json", CLEAN_GROUP);
    let target = format!("json={}/./in.json", folder.path().display());
    let run_over = run(&mut nephoscope(["scan", &file, "-f", &target]));
    assert_eq!(run_over.code, 2, "{}", run_over.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), CLEAN_GROUP);
    let twice = format!("sarif={}/in.sarif", folder.path().display());
    let again = format!("json={}/./in.sarif", folder.path().display());
    assert_eq!(
        run(&mut nephoscope(["scan", &file, "-f", &twice, "-f", &again])).code,
        2
    );
}

#[test]
fn a_closed_pipe_keeps_the_exit_code() {
    let binary = nephoscope_tests::binary();
    for format in ["human", "json", "ndjson", "junit", "sarif"] {
        let script = format!(
            "set -o pipefail; {} scan demo -f {format} | head -c 10 >/dev/null; echo ${{PIPESTATUS[0]}}",
            binary.display()
        );
        let run = run(std::process::Command::new("bash")
            .args(["-c", &script])
            .current_dir(nephoscope_tests::root()));
        assert_eq!(run.out.trim(), "1", "{format}: {}", run.err);
    }
}

#[test]
fn odd_values_are_usage_errors_and_nothing_acts_on_the_terminal() {
    let deep = "{".repeat(5000);
    let cases: [&[&str]; 10] = [
        &["--min-coverage", "NaN"],
        &["--min-coverage", "101"],
        &["--jobs", "0"],
        &["--jobs", "100000"],
        &["--account", &deep],
        &["--account", ""],
        &["--as-of", "yesterday"],
        &["--policy-id", "TYPO"],
        &["--policy-id", "\u{1b}[31m\u{202e}"],
        &["\u{1b}[31m\u{202e}no-such-file"],
    ];
    for arguments in cases {
        let run = run(nephoscope(["scan", "demo"]).args(arguments));
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.err);
        assert!(
            !run.err.contains(['\u{1b}', '\u{202e}']),
            "{arguments:?}: {:?}",
            run.err
        );
    }
    assert_eq!(run(&mut nephoscope(["scan", "demo", "--as-of", "2026-12-01"])).code, 1);
}
