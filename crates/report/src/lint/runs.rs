//! Runs: how many, told apart by category, and what each holds.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Report, results, rules};

pub(super) fn check(runs: &[Value], report: &mut Report) {
    report.limit("too-many-runs", "/runs", runs.len(), "runs", 20, 20);
    if runs.is_empty() {
        report.warning(
            "no-runs",
            "/runs",
            "there is no run",
            "write a run without results if there are none",
        );
    }
    let mut categories: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        let pointer = format!("/runs/{index}");
        let tool = report.required(run, "/tool/driver/name", &pointer).unwrap_or_default();
        let category = category(run);
        if let Some(first) = categories.insert((tool.to_owned(), category.clone()), index) {
            report.error(
                "duplicate-category",
                &pointer,
                format!("run {first} has the same tool and the category `{category}`"),
                "give each run an `automationDetails.id` of its own; what stands before the last slash is the category",
            );
        }
        one(run, &pointer, report);
    }
}

/// Returns what stands before the last slash of the run's id; an id without a slash is a run id without category.
fn category(run: &Value) -> String {
    let id = run
        .pointer("/automationDetails/id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    id.rsplit_once('/').map_or("", |(category, _)| category).to_owned()
}

fn one(run: &Value, pointer: &str, report: &mut Report) {
    if run.pointer("/results").is_none() {
        report.error(
            "missing-member",
            pointer,
            "`results` is missing",
            "write an empty list if there are none",
        );
    }
    if run.pointer("/originalUriBaseIds").is_some() {
        report.warning(
            "uri-base-id",
            &format!("{pointer}/originalUriBaseIds"),
            "code scanning does not resolve `originalUriBaseIds`",
            "write URIs relative to the root of the repository",
        );
    }
    let extensions = report.list(run, "/tool/extensions", pointer);
    let place = format!("{pointer}/tool/extensions");
    report.limit(
        "too-many-extensions",
        &place,
        extensions.len(),
        "tool extensions",
        100,
        100,
    );

    let known = rules::check(run, pointer, report);
    let list = report.list(run, "/results", pointer);
    let place = format!("{pointer}/results");
    report.limit("too-many-results", &place, list.len(), "results", 25_000, 5_000);
    for (index, result) in list.iter().enumerate() {
        results::check(result, &format!("{pointer}/results/{index}"), run, &known, report);
    }
}
