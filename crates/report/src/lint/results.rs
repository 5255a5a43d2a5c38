//! Results: message, rule, place and fingerprint.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Report, type_name, uri};

pub(super) fn check(result: &Value, pointer: &str, run: &Value, rules: &BTreeSet<&str>, report: &mut Report) {
    if !result.is_object() {
        let message = format!("expected an object, found {}", type_name(result));
        report.error("wrong-type", pointer, message, "see the schema of SARIF 2.1.0");
        return;
    }
    if result.pointer("/message/id").is_none() {
        report.required(result, "/message/text", pointer);
    }
    rule(result, pointer, run, rules, report);
    locations(result, pointer, run, report);
    fingerprints(result, pointer, report);
    if let Some(kind) = result.pointer("/kind").and_then(Value::as_str)
        && kind != "fail"
    {
        report.warning(
            "kind-ignored",
            &format!("{pointer}/kind"),
            format!("code scanning does not read `kind`: this `{kind}` becomes an open alert"),
            "leave out results that are no faults",
        );
    }
    if result
        .pointer("/suppressions")
        .and_then(Value::as_array)
        .is_some_and(|list| !list.is_empty())
    {
        report.warning(
            "suppressions-ignored",
            &format!("{pointer}/suppressions"),
            "code scanning does not read `suppressions`: this result becomes an open alert",
            "leave out suppressed results",
        );
    }
    let flows = result
        .pointer("/codeFlows")
        .and_then(Value::as_array)
        .map_or(0, |flows| {
            let threads = flows
                .iter()
                .filter_map(|flow| flow.pointer("/threadFlows")?.as_array())
                .flatten();
            threads
                .filter_map(|thread| thread.pointer("/locations")?.as_array())
                .map(Vec::len)
                .sum()
        });
    let place = format!("{pointer}/codeFlows");
    report.limit(
        "too-many-flow-locations",
        &place,
        flows,
        "thread flow locations",
        10_000,
        1_000,
    );
}

fn rule(result: &Value, pointer: &str, run: &Value, rules: &BTreeSet<&str>, report: &mut Report) {
    let id = result.pointer("/ruleId").or_else(|| result.pointer("/rule/id"));
    let index = result
        .pointer("/ruleIndex")
        .or_else(|| result.pointer("/rule/index"))
        .and_then(Value::as_i64);
    let listed = run
        .pointer("/tool/driver/rules")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let in_extension = result.pointer("/rule/toolComponent").is_some();
    match id {
        Some(Value::String(id)) if rules.contains(id.as_str()) => {}
        // A hierarchical id names a rule by what stands before its last slash.
        Some(Value::String(id)) if id.rsplit_once('/').is_some_and(|(parent, _)| rules.contains(parent)) => {}
        Some(Value::String(id)) => report.warning(
            "unknown-rule",
            pointer,
            format!("no rule has the id `{id}`"),
            "list the rule under `tool.driver.rules`, with its texts",
        ),
        Some(other) => {
            let message = format!("expected a string as rule id, found {}", type_name(other));
            report.error("wrong-type", pointer, message, "see the schema of SARIF 2.1.0");
        }
        None if index.is_some() => {}
        None => report.error("missing-member", pointer, "`ruleId` is missing", "name the rule"),
    }
    if let Some(index) = index
        && !in_extension
        && !usize::try_from(index).is_ok_and(|index| index < listed)
        && index != -1
    {
        let message = format!("rule index {index}, and the driver lists {listed} rules");
        report.error("rule-index", pointer, message, "count from 0, or leave the index out");
    }
}

fn locations(result: &Value, pointer: &str, run: &Value, report: &mut Report) {
    let list = report.list(result, "/locations", pointer);
    let place = format!("{pointer}/locations");
    if list.is_empty() {
        report.error(
            "no-location",
            pointer,
            "the result has no location",
            "code scanning refuses the whole file: give a physical location",
        );
    }
    report.limit("too-many-locations", &place, list.len(), "locations", 1_000, 100);
    for (index, location) in list.iter().enumerate() {
        physical(location, &format!("{place}/{index}"), run, true, report);
    }
    for (index, location) in report.list(result, "/relatedLocations", pointer).iter().enumerate() {
        let place = format!("{pointer}/relatedLocations/{index}");
        if location.pointer("/physicalLocation").is_some() {
            physical(location, &place, run, false, report);
        }
    }
}

fn physical(location: &Value, pointer: &str, run: &Value, primary: bool, report: &mut Report) {
    if location.pointer("/physicalLocation/artifactLocation").is_none() {
        report.error(
            "no-physical-location",
            pointer,
            "the location has no physical location with an artifact",
            "code scanning refuses the whole file: a logical location alone does not do",
        );
        return;
    }
    let place = format!("{pointer}/physicalLocation/artifactLocation");
    let artifact = location
        .pointer("/physicalLocation/artifactLocation")
        .unwrap_or(&Value::Null);
    if artifact.pointer("/uriBaseId").is_some() {
        report.warning(
            "uri-base-id",
            &format!("{place}/uriBaseId"),
            "code scanning does not resolve `uriBaseId`",
            "write URIs relative to the root of the repository",
        );
    }
    match (
        artifact.pointer("/uri"),
        artifact.pointer("/index").and_then(Value::as_u64),
    ) {
        (None, Some(index)) => {
            let listed = run
                .pointer(&format!("/artifacts/{index}/location/uri"))
                .and_then(Value::as_str);
            match listed {
                Some(text) => uri::check(text, &format!("{place}/index"), report),
                None => report.error(
                    "missing-member",
                    &place,
                    format!("artifact {index} has no URI"),
                    "write the URI here",
                ),
            }
        }
        _ => {
            if let Some(text) = report.required(artifact, "/uri", &place) {
                uri::check(text, &format!("{place}/uri"), report);
            }
        }
    }
    if primary || location.pointer("/physicalLocation/region").is_some() {
        region(location, &format!("{pointer}/physicalLocation"), report);
    }
}

fn region(location: &Value, pointer: &str, report: &mut Report) {
    let Some(region) = location.pointer("/physicalLocation/region") else {
        report.error(
            "no-region",
            pointer,
            "the location has no region",
            "use line 1, column 1 where no line is known",
        );
        return;
    };
    let place = format!("{pointer}/region");
    let mut read = |name: &str, needed: bool| -> Option<i64> {
        let Some(value) = region.get(name) else {
            let message = format!("`{name}` is missing");
            let help = "code scanning asks for the beginning and the end, as lines and columns from 1";
            if needed {
                report.error("region", &place, message, help);
            } else {
                report.warning("region", &place, message, help);
            }
            return None;
        };
        let number = value.as_i64();
        if number.is_none_or(|number| number < 1) {
            let message = format!("`{name}` is {value}");
            report.error(
                "region",
                &format!("{place}/{name}"),
                message,
                "lines and columns are whole numbers from 1",
            );
            return None;
        }
        number
    };
    let start = read("startLine", true);
    let column = read("startColumn", false);
    let end = read("endLine", false);
    let end_column = read("endColumn", false);
    let backwards = match (start, end) {
        (Some(start), Some(end)) if end < start => true,
        (Some(start), Some(end)) if end == start => matches!((column, end_column), (Some(a), Some(b)) if b < a),
        _ => false,
    };
    if backwards {
        report.error("region", &place, "the region ends before it begins", "swap the ends");
    }
}

fn fingerprints(result: &Value, pointer: &str, report: &mut Report) {
    let Some(value) = result.pointer("/partialFingerprints") else {
        return;
    };
    let place = format!("{pointer}/partialFingerprints");
    let Some(map) = value.as_object() else {
        let message = format!("expected an object, found {}", type_name(value));
        report.error("wrong-type", &place, message, "see the schema of SARIF 2.1.0");
        return;
    };
    for (name, print) in map {
        match print.as_str() {
            None => {
                let message = format!("`{name}` is {}", type_name(print));
                report.error("wrong-type", &place, message, "fingerprints are strings");
            }
            Some("") => {
                let message = format!("`{name}` is empty");
                report.error("empty-text", &place, message, "an empty text counts as none");
            }
            Some(_) => {}
        }
    }
    if !map.is_empty() && !map.contains_key("primaryLocationLineHash") {
        report.warning(
            "fingerprint-ignored",
            &place,
            "code scanning reads only `primaryLocationLineHash`",
            "write the fingerprint under that name",
        );
    }
}
