//! What a rule says of one document: the shape of its results, checked.

use std::collections::BTreeMap;

use nephoscope_model::{Outcome, digest};
use regorus::Value as Rego;
use serde_json::Value;

use super::adapter::EXCEPTION;
use crate::deny::Deny;
use crate::evaluate::Verdict;
use crate::program::Runner;

/// Judges one document.
pub(crate) fn judge(place: &str, runner: &mut Runner<'_>, input: &Rego) -> Verdict {
    let found = runner.denies(input, None).map_err(|failure| failure.message);
    match found.and_then(results) {
        Ok(None) => Verdict::of(Outcome::NotApplicable),
        Ok(Some(denies)) if denies.is_empty() => Verdict::of(Outcome::Pass),
        Ok(Some(denies)) => {
            let mut verdict = Verdict::of(Outcome::Fail);
            verdict.denies = denies.into();
            verdict
        }
        Err(error) => {
            let mut verdict = Verdict::of(Outcome::Error);
            verdict.error = Some(format!("{place}: {error}"));
            verdict
        }
    }
}

/// Returns the faults, sorted by message; `None` where an exception of the package takes the rule back.
///
/// A package says nothing by which to tell the faults of one document apart but their messages, so these are the fault keys; two
/// with one message are told apart by their other members.
fn results(found: Vec<Deny>) -> Result<Option<Vec<Deny>>, String> {
    if found.iter().any(|deny| deny.message == EXCEPTION) {
        return Ok(None);
    }
    let results = found.into_iter().filter_map(|deny| deny.evidence);
    let mut denies: Vec<Deny> = results.map(result).collect::<Result<_, _>>()?;
    let mut messages: BTreeMap<String, usize> = BTreeMap::new();
    for deny in &denies {
        *messages.entry(deny.message.clone()).or_default() += 1;
    }
    for deny in &mut denies {
        deny.key.clone_from(&deny.message);
        if messages.get(&deny.message).is_some_and(|count| *count > 1) {
            let rest = deny.evidence.as_ref().map(Value::to_string).unwrap_or_default();
            deny.key = format!("{} {}", deny.message, digest([rest.as_str()]));
        }
    }
    denies.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(Some(denies))
}

/// A text, or an object with `msg`. What conftest leaves out unsaid is an error.
fn result(value: Value) -> Result<Deny, String> {
    let (message, evidence) = match value {
        Value::String(message) => (message, None),
        Value::Object(mut map) => match map.remove("msg") {
            Some(Value::String(message)) => (message, (!map.is_empty()).then_some(Value::Object(map))),
            _ => return Err("a result has no text `msg`".to_owned()),
        },
        _ => return Err("a result is neither a text nor an object with `msg`".to_owned()),
    };
    if message.is_empty() {
        return Err("a result has an empty message, which conftest takes for none".to_owned());
    }
    Ok(Deny {
        path: String::new(),
        message,
        key: String::new(),
        evidence,
    })
}
