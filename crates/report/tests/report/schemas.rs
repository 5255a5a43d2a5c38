//! The published schemas describe what is written, and would notice if it changed.

use nephoscope_model::{
    Assessment, Compliance, Coverage, Finding, FindingId, FixedFinding, InputRecord, PolicyInfo, Severity, Tally, Tool,
    WaiverRecord,
};
use nephoscope_report::{Format, Options, json_schema, ndjson_schema};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::{empty, named, render, rich};

fn problems(schema: &Value, instance: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator
        .iter_errors(instance)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect()
}

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

#[test]
fn json_is_valid() {
    for assessment in [rich(), empty(), named("x", "y")] {
        let document = serde_json::from_str(&render(Format::Json, &assessment, &Options::default())).unwrap();
        assert_eq!(problems(&json_schema(), &document), Vec::<String>::new());
    }
}

#[test]
fn the_json_schema_notices_what_is_missing_or_wrong() {
    let document: Value = serde_json::from_str(&render(Format::Json, &rich(), &Options::default())).unwrap();
    for member in ["schema", "findings", "complete", "coverage", "summary", "tallies"] {
        let mut broken = document.clone();
        broken.as_object_mut().unwrap().remove(member);
        assert!(!problems(&json_schema(), &broken).is_empty(), "{member} removed");
        let mut broken = document.clone();
        broken[member] = Value::Null;
        assert!(!problems(&json_schema(), &broken).is_empty(), "{member} null");
    }
    let mut broken = document;
    *broken.pointer_mut("/findings/0/outcome").unwrap() = "maybe".into();
    assert!(!problems(&json_schema(), &broken).is_empty());
}

#[test]
fn every_line_of_ndjson_is_valid_and_typed() {
    let schema = ndjson_schema();
    let text = render(Format::Ndjson, &rich(), &Options::default());
    let mut types = Vec::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(problems(&schema, &line), Vec::<String>::new(), "{line}");
        types.push(line["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(types.first().unwrap(), "scan");
    assert_eq!(types.last().unwrap(), "summary");
    types.sort();
    types.dedup();
    let all = [
        "control",
        "finding",
        "fixed",
        "gap",
        "input",
        "not_checked",
        "policy",
        "scan",
        "summary",
        "tally",
        "unjudged",
        "waiver",
    ];
    assert_eq!(types, all);
    let strange = serde_json::json!({"type": "surprise"});
    assert!(!problems(&schema, &strange).is_empty());
}

#[test]
fn the_json_report_holds_the_assessment() {
    // What a program reads back is what the scan found: only the shape's name and the sums are added.
    let mut document: Value = serde_json::from_str(&render(Format::Json, &rich(), &Options::default())).unwrap();
    let map = document.as_object_mut().unwrap();
    map.remove("schema");
    map.remove("summary");
    // Taken apart by name: a field added to the assessment must be looked for here.
    let Assessment {
        tool,
        as_of,
        fail_on,
        exit_code,
        complete,
        incomplete_because,
        policies,
        inputs,
        findings,
        tallies,
        coverage,
        compliance,
        waivers,
        fixed,
        not_checked,
    } = rich();
    let findings: Vec<Finding> = findings.iter().map(Result::unwrap).collect();
    let mut back = |name: &str| map.remove(name).unwrap();
    assert_eq!(read::<Tool>(back("tool")), tool);
    assert_eq!(back("as_of"), as_of.to_string());
    assert_eq!(read::<Severity>(back("fail_on")), fail_on);
    assert_eq!(read::<u8>(back("exit_code")), exit_code);
    assert_eq!(read::<bool>(back("complete")), complete);
    assert_eq!(read::<Vec<String>>(back("incomplete_because")), incomplete_because);
    assert_eq!(read::<Vec<PolicyInfo>>(back("policies")), policies);
    assert_eq!(read::<Vec<InputRecord>>(back("inputs")), inputs);
    assert_eq!(read::<Vec<Finding>>(back("findings")), findings);
    assert_eq!(read::<Vec<Tally>>(back("tallies")), tallies);
    assert_eq!(read::<Coverage>(back("coverage")), coverage);
    assert_eq!(Some(read::<Compliance>(back("compliance"))), compliance);
    assert_eq!(read::<Vec<WaiverRecord>>(back("waivers")), waivers);
    assert_eq!(read::<Vec<FixedFinding>>(back("fixed")), fixed);
    assert_eq!(read::<Vec<FindingId>>(back("not_checked")), not_checked);
    assert!(map.is_empty(), "{map:?}");
}
