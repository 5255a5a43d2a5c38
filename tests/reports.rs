//! Reports of the demo, checked by validators that nobody here wrote.

use std::path::Path;
use std::process::Command;

use nephoscope_tests::{corpus, nephoscope, redact, root, run, skip, tool};
use serde_json::Value;

const AS_OF: [&str; 2] = ["--as-of", "2026-12-01T00:00:00Z"];

fn write(folder: &Path, format: &str, extra: &[&str]) -> String {
    let file = folder.join(format!("demo.{format}"));
    let target = format!("{format}={}", file.display());
    let run = run(nephoscope(["scan", "demo", "-f", &target]).args(AS_OF).args(extra));
    assert_eq!(run.code, 1, "{}", run.err);
    file.to_str().unwrap().to_owned()
}

#[test]
fn human_is_as_it_was() {
    let run = run(nephoscope(["scan", "demo"]).args(AS_OF));
    insta::assert_snapshot!("human", redact(&run.out));
}

#[test]
fn help_is_as_it_was() {
    let run = run(&mut nephoscope(["--help"]));
    insta::assert_snapshot!("help", redact(&run.out));
}

#[test]
fn sarif_passes_its_schema_githubs_rules_and_multitool() {
    let folder = tempfile::tempdir().unwrap();
    for profile in ["github", "full"] {
        let file = write(folder.path(), "sarif", &["--sarif-profile", profile]);
        let lint = run(&mut nephoscope(["lint-sarif", &file]));
        assert_eq!(lint.code, 0, "{}", lint.out);
        if let (Some(checker), Some(schema)) = (tool("check-jsonschema"), sarif_schema()) {
            let checked =
                run(Command::new(checker).args(["--regex-variant", "python", "--schemafile", &schema, &file]));
            assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
        }
        multitool(folder.path(), &file);
    }
}

/// The SARIF 2.1.0 schema travels in the source of the crate by which SARIF is written.
fn sarif_schema() -> Option<String> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .ok()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).ok()?;
    let package = metadata["packages"]
        .as_array()?
        .iter()
        .find(|package| package["name"] == "serde-sarif")?;
    let schema = Path::new(package["manifest_path"].as_str()?)
        .parent()?
        .join("src/schema.json");
    if !schema.is_file() {
        skip("the SARIF schema is not where it was");
        return None;
    }
    Some(schema.to_str()?.to_owned())
}

fn multitool(folder: &Path, file: &str) {
    let Some(multitool) = std::env::var_os("NEPHOSCOPE_SARIF_MULTITOOL").filter(|path| Path::new(path).is_file())
    else {
        return skip("sarif-multitool is not installed");
    };
    let verdict = folder.join("verdict.sarif");
    let run = run(Command::new(multitool)
        .args([
            "validate",
            file,
            "--rule-kind",
            "Sarif;Gh",
            "--output",
            verdict.to_str().unwrap(),
            "--log",
            "ForceOverwrite",
        ])
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1"));
    // Its exit code is 0 whatever it finds: the verdict is in its output, which starts with a byte order mark.
    let text = std::fs::read_to_string(&verdict).unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err));
    let verdict: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    let results = verdict["runs"][0]["results"].as_array().cloned().unwrap_or_default();
    let errors: Vec<_> = results
        .iter()
        .filter(|result| result["level"] == "error")
        .map(|result| format!("{} {}", result["ruleId"], result["message"]))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn sarif_in_a_folder_has_one_file_per_account() {
    let folder = tempfile::tempdir().unwrap();
    let target = format!("sarif={}/out/", folder.path().display());
    let run = run(nephoscope(["scan", "demo", "-f", &target]).args(AS_OF));
    assert_eq!(run.code, 1, "{}", run.err);
    let mut categories = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir(folder.path().join("out")).unwrap() {
        let sarif: Value = serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let runs = sarif["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 1);
        assert!(categories.insert(runs[0]["automationDetails"]["id"].as_str().unwrap().to_owned()));
    }
    assert!(categories.len() >= 3, "{categories:?}");
}

#[test]
fn junit_is_valid_by_the_jenkins_schema() {
    let folder = tempfile::tempdir().unwrap();
    let Some(xsd) = std::env::var_os("NEPHOSCOPE_JUNIT_XSD") else {
        return skip("NEPHOSCOPE_JUNIT_XSD is not set");
    };
    let Some(xmllint) = tool("xmllint") else { return };
    for passes in ["all", "summary", "none"] {
        let file = write(folder.path(), "junit", &["--junit-pass", passes]);
        let checked = run(Command::new(&xmllint)
            .args(["--noout", "--schema"])
            .arg(&xsd)
            .arg(&file));
        assert_eq!(checked.code, 0, "{}", checked.err);
    }
}

#[test]
fn json_and_ndjson_are_valid_by_the_published_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let schema = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(root().join(format!("schemas/{name}.json"))).unwrap()).unwrap()
    };
    let report = jsonschema::validator_for(&schema("report")).unwrap();
    let line = jsonschema::validator_for(&schema("report_line")).unwrap();
    let text = std::fs::read_to_string(write(folder.path(), "json", &["--include", "pass"])).unwrap();
    let errors: Vec<String> = report
        .iter_errors(&serde_json::from_str(&text).unwrap())
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let text = std::fs::read_to_string(write(folder.path(), "ndjson", &[])).unwrap();
    for row in text.lines() {
        let errors: Vec<String> = line
            .iter_errors(&serde_json::from_str(row).unwrap())
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?} in {row}");
    }
}

#[test]
fn reports_of_the_corpus_are_valid_too() {
    let Some(corpus) = corpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (sarif, junit) = (folder.path().join("c/"), folder.path().join("c.xml"));
    let run_corpus = run(nephoscope(["scan", "aws/config", "./azure", "gcp/cai"])
        .args([
            "-f",
            &format!("sarif={}/", sarif.display()),
            "-f",
            &format!("junit={}", junit.display()),
        ])
        .args(AS_OF)
        .current_dir(&corpus));
    assert!(run_corpus.code == 1, "{}", run_corpus.err);
    for entry in std::fs::read_dir(&sarif).unwrap() {
        let file = entry.unwrap().path();
        let problems = nephoscope_report::lint_sarif(&std::fs::read(&file).unwrap());
        let errors: Vec<String> = problems
            .iter()
            .filter(|problem| problem.level == nephoscope_report::LintLevel::Error)
            .map(|problem| format!("{problem:?}"))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", file.display());
    }
    if let (Some(xsd), Some(xmllint)) = (std::env::var_os("NEPHOSCOPE_JUNIT_XSD"), tool("xmllint")) {
        let checked = run(Command::new(xmllint).args(["--noout", "--schema"]).arg(xsd).arg(&junit));
        assert_eq!(checked.code, 0, "{}", checked.err);
    }
}

#[test]
fn the_readme_shows_what_is_printed() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```text\n$ nephoscope scan demo\n").unwrap();
    let (transcript, _) = rest.split_once("```").unwrap();
    let run = run(&mut nephoscope(["scan", "demo"]));
    let printed: std::collections::BTreeSet<&str> = run.out.lines().collect();
    for line in transcript.lines().filter(|line| line.trim() != "…") {
        assert!(printed.contains(line), "{line}");
    }
}
