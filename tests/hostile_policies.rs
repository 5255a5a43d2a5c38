//! Policies that do not compile, recurse, loop or reach outside: a clear message, and the exit code says so.

use std::path::Path;

use nephoscope_tests::{nephoscope, run};

/// A policy with METADATA and this body.
pub(crate) fn policy(body: &str) -> String {
    format!(
        "# METADATA\n# scope: package\n# title: T\n# description: D\n# schemas:\n#   - input: schema.network_firewall\n\
         # related_resources:\n#   - ref: https://example.com/\n# custom:\n#   id: ACME-1\n#   severity: low\n\
         #   kinds: [network.firewall]\n#   remediation: R\n#   controls: {{}}\npackage acme.one\n\n{body}\n"
    )
}

fn write(folder: &Path, text: &str) -> String {
    let file = folder.join("acme/one/one.rego");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
    folder.to_str().unwrap().to_owned()
}

const FINDING: &str = "finding := {\"path\": \"/attributes\", \"message\": \"m\"}";

#[test]
fn what_cannot_be_loaded_is_2_with_file_and_line() {
    let nested = format!("{}1{}", "[".repeat(30), "]".repeat(30));
    let cases = [
        ("syntax", "deny contains finding if {".to_owned(), "one.rego:"),
        (
            "recursive rules",
            format!("a := b\nb := a\ndeny contains finding if {{ a; {FINDING} }}"),
            "recurs",
        ),
        (
            "recursive function",
            format!("f(x) := f(x)\ndeny contains finding if {{ f(1); {FINDING} }}"),
            "recurs",
        ),
        (
            "nested literals",
            format!("x := {nested}\ndeny contains finding if {{ x; {FINDING} }}"),
            "nest",
        ),
        (
            "network",
            format!("deny contains finding if {{ not http.send({{\"url\": \"http://127.0.0.1:1\"}}); {FINDING} }}"),
            "http.send",
        ),
        (
            "environment",
            format!("deny contains finding if {{ opa.runtime().env.HOME; {FINDING} }}"),
            "opa.runtime",
        ),
        (
            "clock",
            format!("deny contains finding if {{ time.now_ns() > 0; {FINDING} }}"),
            "time.now_ns",
        ),
        (
            "chance",
            format!("deny contains finding if {{ rand.intn(\"x\", 2) == 0; {FINDING} }}"),
            "rand.intn",
        ),
        (
            "misspelt attribute",
            format!(
                "deny contains finding if {{ some rule in input.resource.attributes.ruels; rule.action == \"allow\"; {FINDING} }}"
            ),
            "ruels",
        ),
    ];
    for (name, body, word) in cases {
        let folder = tempfile::tempdir().unwrap();
        let bundle = write(folder.path(), &policy(&body));
        let run = run(&mut nephoscope(["scan", "demo", "-p", &bundle]));
        assert_eq!(run.code, 2, "{name}: {}{}", run.out, run.err);
        assert!(
            run.err.contains(word) && run.err.contains("one.rego"),
            "{name}: {}",
            run.err
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let bundle = write(folder.path(), "package acme.one\n\ndeny contains \"x\" if true\n");
    let run = run(&mut nephoscope(["scan", "demo", "-p", &bundle]));
    assert_eq!(run.code, 2, "no METADATA: {}{}", run.out, run.err);
}

#[test]
fn what_runs_away_is_an_error_outcome_and_the_rest_goes_on() {
    let cases = [
        (
            "a loop",
            format!(
                "deny contains finding if {{ some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a * b < 0; {FINDING} }}"
            ),
        ),
        (
            "a builtin",
            format!("deny contains finding if {{ count(numbers.range(1, 200000000)) < 0; {FINDING} }}"),
        ),
        (
            "a malformed finding",
            "deny contains finding if { finding := {\"message\": 7} }".to_owned(),
        ),
    ];
    for (name, body) in cases {
        let folder = tempfile::tempdir().unwrap();
        let bundle = write(folder.path(), &policy(&body));
        let world = "tests/worlds/firewall_failing/aws_config.json";
        let mut command = nephoscope([
            "scan",
            world,
            "-p",
            &bundle,
            "-p",
            "builtin",
            "--max-evaluation-ms",
            "200",
            "-f",
            "json",
        ]);
        let run = run(&mut command);
        assert_eq!(run.code, 1, "{name}: {}", run.err);
        let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let outcome = |policy: &str, outcome: &str| {
            report["findings"]
                .as_array()
                .unwrap()
                .iter()
                .any(|finding| finding["policy"] == policy && finding["outcome"] == outcome)
        };
        assert!(outcome("ACME-1", "error"), "{name}: {}", run.out);
        assert!(outcome("NEPH-NETWORK-001", "fail"), "{name}");
        assert_eq!(report["complete"], false, "{name}");
    }
}

/// A copy of the built-in pack without the policies that wait for parameters.
fn copied_pack(to: &Path) -> String {
    for file in nephoscope::builtin::root().files {
        if file.path.contains("/governance/") {
            continue;
        }
        let path = to.join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file.text).unwrap();
    }
    to.to_str().unwrap().to_owned()
}

#[test]
fn the_worker_process_changes_no_byte_of_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let pack = copied_pack(folder.path());
    let as_of = "2026-11-25T00:00:00Z";
    let scan = |trust: &[&str]| {
        let arguments = ["scan", "demo", "-q", "-f", "json", "--as-of", as_of, "-p", &pack];
        let run = run(&mut nephoscope(arguments.iter().chain(trust)));
        assert_eq!(run.code, 1, "{}", run.err);
        run.out
    };
    let apart = scan(&[]);
    assert!(apart.contains("NEPH-STORAGE-001"));
    assert_eq!(apart, scan(&["--trust", &format!("{pack}/")]));
    // Also where the configuration says so, and what it says is relative to it.
    let config = folder.path().join("nephoscope.yaml");
    std::fs::write(&config, "trust: [.]\n").unwrap();
    assert_eq!(apart, scan(&["--config", config.to_str().unwrap()]));
}

#[test]
fn trust_in_what_is_not_there_is_a_usage_error() {
    let run = run(&mut nephoscope(["scan", "demo", "--trust", "polcies"]));
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`--trust` names `polcies`"), "{}", run.err);
}

#[test]
fn what_kills_its_worker_again_and_again_is_not_tried_forever() {
    let folder = tempfile::tempdir().unwrap();
    // Enough memory is asked for at once, so that it is over soon.
    let body = format!(
        "deny contains finding if {{\n\tx0 := sprintf(\"%0900d\", [1])\n\tx1 := replace(x0, \"0\", x0)\n\t\
         c := [concat(\",\", [x1, sprintf(\"%d\", [y])]) | some y in numbers.range(1, 100000)]\n\tcount(c) < 0\n\t{FINDING}\n}}"
    );
    let bundle = write(folder.path(), &policy(&body));
    // However soon each is stopped, all together waste what a policy may waste.
    let groups: Vec<serde_json::Value> = (0..200)
        .map(|n| {
            serde_json::json!({
                "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-01-01T00:00:00Z",
                "configurationItemStatus": "OK", "awsAccountId": "111111111111", "awsRegion": "eu-west-1",
                "resourceType": "AWS::EC2::SecurityGroup", "resourceId": format!("sg-{n}"),
                "configuration": {"groupId": format!("sg-{n}"), "ipPermissions": [], "ipPermissionsEgress": []},
            })
        })
        .collect();
    let input = folder.path().join("groups.json");
    let items = serde_json::json!({"fileVersion": "1.0", "configurationItems": groups});
    std::fs::write(&input, items.to_string()).unwrap();
    let mut command = nephoscope(["scan", "-p", &bundle, "-f", "json", "--jobs", "1"]);
    let run = run(command.arg(&input));
    assert_eq!(run.code, 3, "{}", run.err);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let messages: Vec<&str> = (report["findings"].as_array().unwrap().iter())
        .map(|finding| finding["message"].as_str().unwrap())
        .collect();
    let told = |what: &str| messages.iter().filter(|message| message.contains(what)).count();
    assert!(
        told("needed more than 448 MiB of memory and was stopped") > 0,
        "{messages:?}"
    );
    assert!(told("was stopped too often and is not tried again") > 0, "{messages:?}");
}

#[test]
fn what_many_clauses_and_policies_waste_is_bounded_and_honest_policies_judge_all() {
    let folder = tempfile::tempdir().unwrap();
    let honest = policy(&format!("deny contains finding if {{ true; {FINDING} }}")).replace("ACME-1", "ACME-HONEST");
    let looping = |n: usize| {
        format!(
            "deny contains finding if {{ some a in numbers.range(1, 30{n:02}); some b in numbers.range(1, 3000); a * b < 0; {FINDING} }}\n\n"
        )
    };
    let clauses: String = (0..40).map(looping).collect();
    for name in ["one", "two"] {
        let text = policy(&clauses)
            .replace("ACME-1", &format!("ACME-{name}"))
            .replace("acme.one", &format!("acme.{name}"));
        std::fs::create_dir_all(folder.path().join("acme")).unwrap();
        std::fs::write(folder.path().join(format!("acme/{name}.rego")), text).unwrap();
    }
    std::fs::write(
        folder.path().join("acme/honest.rego"),
        honest.replace("acme.one", "acme.honest"),
    )
    .unwrap();
    for trust in [&[][..], &["--trust"]] {
        let bundle = folder.path().to_str().unwrap();
        let mut arguments = vec!["scan", "demo", "-p", bundle, "--max-evaluation-ms", "400", "-f", "json"];
        arguments.extend(trust);
        if !trust.is_empty() {
            arguments.push(bundle);
        }
        let started = std::time::Instant::now();
        let run = run(&mut nephoscope(arguments));
        // 40 clauses, a dozen firewalls and three stops of each would be half an hour.
        assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
        assert_eq!(run.code, 1, "{}", run.err);
        let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let count = |id: &str, outcome: &str| {
            let findings = report["findings"].as_array().unwrap().iter();
            findings
                .filter(|finding| finding["policy"] == id && finding["outcome"] == outcome)
                .count()
        };
        let firewalls = count("ACME-HONEST", "fail");
        assert!(firewalls > 5);
        assert_eq!(count("ACME-one", "error"), firewalls);
        assert_eq!(count("ACME-two", "error"), firewalls);
    }
}
