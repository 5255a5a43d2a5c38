//! Google's policy library: 169 constraints of 62 kinds over assets, judged by its own Rego under OPA.

mod rows;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use nephoscope_model::Outcome;
use serde_json::Value;

use super::judge::{Pack, judge};
use rows::{How, ROWS, difference};

#[derive(Default)]
struct Sum {
    pairs: u64,
    agree: u64,
    explained: u64,
    /// Assets of other types, of which neither says anything.
    beside: u64,
    differences: Vec<String>,
}

/// Returns `docs/verdicts.md`.
pub(crate) fn page(corpus: &Path) -> String {
    let folder = corpus.join("gcp/cai/policy-library");
    let expected: BTreeMap<String, Value> =
        serde_json::from_slice(&std::fs::read(folder.join("EXPECTED.json")).unwrap()).unwrap();
    let mut kinds: BTreeMap<&str, Vec<(&String, &Value)>> = BTreeMap::new();
    for (file, constraint) in &expected {
        kinds.entry(kind(constraint)).or_default().push((file, constraint));
    }
    let pack = Pack::new();
    let (mut table, mut explanations) = (String::new(), String::new());
    let mut total = Sum::default();
    let mut judged = 0;
    for (name, constraints) in &kinds {
        let row = ROWS.iter().find(|row| row.kind == *name);
        let How::Judged { policies, params, note } = row.map_or(How::Not("no row yet"), |row| row.how) else {
            let pairs: usize = constraints
                .iter()
                .map(|(_, constraint)| results(constraint).len())
                .sum();
            let How::Not(why) = row.map_or(How::Not("no row yet"), |row| row.how) else {
                continue;
            };
            writeln!(table, "| {name} | {pairs} | not judged | | | {why} |").unwrap();
            continue;
        };
        judged += 1;
        let mut sum = Sum::default();
        let mut untranslated = 0;
        for (file, constraint) in constraints {
            let parameters = constraint
                .pointer("/constraint/spec/parameters")
                .cloned()
                .unwrap_or_default();
            let Some(params) = params(&parameters) else {
                untranslated += results(constraint).len();
                continue;
            };
            let bundle = pack.load(policies, params);
            let exempt = exempt(&parameters);
            for result in results(constraint) {
                compare(&bundle, &folder, (file, result), &exempt, &mut sum);
            }
        }
        let note = match untranslated {
            0 => note.to_owned(),
            pairs => format!("{pairs} pairs not translated: {note}"),
        };
        let differ = sum.pairs - sum.agree;
        writeln!(
            table,
            "| {name} | {} | {} | {} | {differ} | {note} |",
            sum.pairs,
            policies.join(", "),
            sum.agree
        )
        .unwrap();
        for difference in &sum.differences {
            writeln!(explanations, "- {name} {difference}").unwrap();
        }
        total.pairs += sum.pairs;
        total.agree += sum.agree;
        total.explained += sum.explained;
        total.beside += sum.beside;
    }
    let rest = total.pairs - total.explained;
    let share = total.agree * 1000 / rest.max(1);
    format!(
        "# Verdicts\n\nWhat others say of the same documents, beside ours. Written by `NEPHOSCOPE_UPDATE=1 cargo test -p nephoscope-tests \
         verdicts` with a folder of real inputs, held true by the same test.\n\n## Google's policy library\n\nThe constraints of \
         `GoogleCloudPlatform/policy-library` over its own test assets, evaluated with OPA by its own Rego (`spec.match` left out), beside the shipped policies \
         with the constraint's parameters. A pair is one constraint and one asset. `unknown` and `not_applicable` count as \
         disagreement; an exemption is taken for a waiver; assets of types that neither side is about are left out ({} pairs).\n\n{judged} of {} kinds are judged: {} pairs, \
         {} agree, {} differ for a reason named below; of the rest {}.{} % agree.\n\n| constraint kind | pairs | judged by | agree | differ | note |\n|---|---|---|---|---|---|\n{table}\n\
         ### Differences\n\n{explanations}",
        total.beside,
        kinds.len(),
        total.pairs,
        total.agree,
        total.explained,
        share / 10,
        share % 10,
    )
}

fn kind(constraint: &Value) -> &str {
    constraint["kind"].as_str().unwrap_or("(without kind)")
}

fn results(constraint: &Value) -> &[Value] {
    constraint["results"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Assets that the constraint lets pass: here they would be waivers.
fn exempt(parameters: &Value) -> Vec<&str> {
    let list = parameters["exemptions"].as_array();
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn compare(
    bundle: &nephoscope_policy::Bundle,
    folder: &Path,
    (file, result): (&str, &Value),
    exempt: &[&str],
    sum: &mut Sum,
) {
    let asset_file = result["asset_file"].as_str().unwrap();
    let index = usize::try_from(result["index"].as_u64().unwrap()).unwrap();
    let asset = asset(&folder.join(asset_file), index);
    let violates = result["messages"]
        .as_array()
        .is_some_and(|messages| !messages.is_empty());
    let scratch = tempfile::tempdir().unwrap();
    let ours = judge(bundle, &asset, scratch.path());
    if ours.is_none() && !violates {
        sum.beside += 1;
        return;
    }
    sum.pairs += 1;
    let name = result["asset"].as_str().unwrap_or_default();
    let waived = ours == Some(Outcome::Fail) && exempt.contains(&name);
    let agree = match (waived, violates) {
        (true, violates) => !violates,
        (false, true) => ours == Some(Outcome::Fail),
        (false, false) => ours == Some(Outcome::Pass),
    };
    if agree {
        sum.agree += 1;
        return;
    }
    let theirs = if violates { "violates" } else { "does not" };
    let ours = ours.map_or("not judged", Outcome::as_str);
    let why = difference(file, name);
    sum.explained += u64::from(why.is_some());
    sum.differences.push(format!(
        "`{file}`, `{name}` ({index}): theirs {theirs}, ours {ours}: {}",
        why.unwrap_or("not explained")
    ));
}

/// Returns one asset of a file: a list, one object, or an object a line.
fn asset(file: &Path, index: usize) -> Value {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    if let Ok(Value::Array(list)) = serde_json::from_str(&text) {
        return list[index].clone();
    }
    let mut objects = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    objects.nth(index).unwrap().unwrap()
}
