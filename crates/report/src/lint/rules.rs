//! Rules of a run: their texts, lengths, tags and severities.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Report, type_name};

/// Checks the rules of the driver and the extensions; returns their ids.
pub(super) fn check<'v>(run: &'v Value, pointer: &str, report: &mut Report) -> BTreeSet<&'v str> {
    if run.pointer("/tool/driver/rules").is_none() {
        let place = format!("{pointer}/tool/driver");
        report.error(
            "missing-member",
            &place,
            "`rules` is missing",
            "code scanning needs it: list the rules",
        );
    }
    let mut places = vec!["/tool/driver/rules".to_owned()];
    let extensions = run
        .pointer("/tool/extensions")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    places.extend((0..extensions).map(|index| format!("/tool/extensions/{index}/rules")));

    let mut ids = BTreeSet::new();
    let mut total = 0;
    for place in places {
        let rules = report.list(run, &place, pointer);
        total += rules.len();
        for (index, rule) in rules.iter().enumerate() {
            let here = format!("{pointer}{place}/{index}");
            if let Some(id) = report.required(rule, "/id", &here)
                && !ids.insert(id)
            {
                let message = format!("another rule has the id `{id}`");
                report.warning("duplicate-rule", &here, message, "list each rule once");
            }
            one(rule, &here, report);
        }
    }
    let place = format!("{pointer}/tool");
    report.limit("too-many-rules", &place, total, "rules", 25_000, 25_000);
    ids
}

fn one(rule: &Value, pointer: &str, report: &mut Report) {
    for (member, limit) in [
        ("/shortDescription/text", Some(1_024)),
        ("/fullDescription/text", Some(1_024)),
        ("/help/text", None),
    ] {
        if let (Some(text), Some(limit)) = (report.required(rule, member, pointer), limit) {
            length(text, limit, &format!("{pointer}{member}"), report);
        }
    }
    if rule.pointer("/name").is_some()
        && let Some(name) = report.required(rule, "/name", pointer)
    {
        length(name, 255, &format!("{pointer}/name"), report);
    }
    let tags = report.list(rule, "/properties/tags", pointer);
    let place = format!("{pointer}/properties/tags");
    report.limit("too-many-tags", &place, tags.len(), "tags", 20, 10);
    for (index, tag) in tags.iter().enumerate() {
        if !tag.is_string() {
            let message = format!("expected a string, found {}", type_name(tag));
            report.error("wrong-type", &format!("{place}/{index}"), message, "tags are strings");
        }
    }
    severity(rule, pointer, report);
}

fn severity(rule: &Value, pointer: &str, report: &mut Report) {
    let Some(score) = rule.pointer("/properties/security-severity") else {
        return;
    };
    let place = format!("{pointer}/properties/security-severity");
    let help = "write a number from 0.0 to 10.0 as a string, for example \"8.0\"";
    match score.as_str().map(|text| (text, text.parse::<f64>())) {
        None => {
            let message = format!("expected a string that holds a number, found {}", type_name(score));
            report.error("security-severity", &place, message, help);
        }
        Some((_, Ok(number))) if (0.0..=10.0).contains(&number) => {}
        Some((text, Ok(_))) => {
            report.warning(
                "security-severity",
                &place,
                format!("`{text}` is not between 0.0 and 10.0"),
                help,
            );
        }
        Some((text, Err(_))) => {
            report.error("security-severity", &place, format!("`{text}` is no number"), help);
        }
    }
}

fn length(text: &str, limit: usize, pointer: &str, report: &mut Report) {
    let count = text.chars().count();
    if count > limit {
        let message = format!("{count} characters; the limit is {limit}");
        report.error(
            "text-too-long",
            pointer,
            message,
            "shorten it, and move the rest to `help`",
        );
    }
}
