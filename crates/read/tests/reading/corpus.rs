//! Every real input is used or has a reason, and gives as many documents as it holds records.

use std::collections::BTreeMap;

use nephoscope_model::InputUse;
use nephoscope_read::{Limits, discover, locate, show};
use serde_json::Value;

use crate::support::{Got, corpus, read_input};

/// Files whose records are not what this program calls a document, with what it gives instead.
const EXCEPTIONS: &[(&str, u64)] = &[
    // Counted by the index as one reply or one result.
    ("aws/config/docs-examples/example-query_1.json", 7),
    ("aws/config/docs-examples/example-query_3.json", 3),
    // One row of the 18 records that the reply says exist.
    (
        "azure/resource-graph/ResourceGraphSource.test_resource_graph_and_arm_sources_storage_are_equivalent__1.json",
        1,
    ),
];

fn read_folder(folders: &[&str], named: bool, test: &str) -> Option<BTreeMap<String, Got>> {
    let root = corpus(test)?;
    let arguments: Vec<String> = folders
        .iter()
        .map(|folder| root.join(folder).to_str().unwrap().to_owned())
        .collect();
    let discovery = discover(&arguments, &[]).unwrap();
    assert!(discovery.gaps.is_empty());
    let mut all = BTreeMap::new();
    for mut input in discovery.inputs {
        input.named = named;
        let got = read_input(&input, None, &Limits::default());
        let name = input
            .name
            .strip_prefix(&format!("{}/", root.to_str().unwrap()))
            .unwrap()
            .to_owned();
        all.insert(name, got);
    }
    Some(all)
}

fn index(test: &str) -> Option<BTreeMap<String, Value>> {
    let text = std::fs::read_to_string(corpus(test)?.join("index.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    Some(
        rows.into_iter()
            .map(|row| (row["file"].as_str().unwrap().to_owned(), row))
            .collect(),
    )
}

#[test]
fn every_real_input_is_used_or_has_a_reason() {
    let folders = ["aws", "azure", "gcp", "plan", "templates"];
    for named in [false, true] {
        let Some(all) = read_folder(&folders, named, "every_real_input_is_used_or_has_a_reason") else {
            return;
        };
        assert!(all.len() > 1400, "{}", all.len());
        for (name, got) in &all {
            let record = &got.record;
            assert_eq!(record.documents, got.documents.len() as u64);
            let reason = match record.used {
                InputUse::Inventory => !got.documents.is_empty(),
                InputUse::Failed => got.gaps.iter().any(|gap| gap.incomplete),
                InputUse::Plan => named && (!got.documents.is_empty() || record.note.is_some()),
                InputUse::Empty => got.documents.is_empty(),
                InputUse::UseGate => !named && record.note.is_some(),
                InputUse::Timeline => record.note.is_some(),
                InputUse::NotRecognized => !named && record.note.is_some(),
            };
            assert!(reason, "{name}: {record:?}");
            for gap in &got.gaps {
                assert!(
                    gap.scope.input.is_some() && (gap.line.is_some() || gap.offset.is_some()),
                    "{gap:?}"
                );
                assert!(!gap.message.contains('\n'), "{gap:?}");
            }
        }
    }
}

#[test]
fn inventories_give_one_document_for_each_record_of_the_index() {
    const TEST: &str = "inventories_give_one_document_for_each_record_of_the_index";
    let Some(all) = read_folder(&["aws/config", "azure", "gcp/cai", "gcp/feed"], true, TEST) else {
        return;
    };
    let index = index(TEST).unwrap();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, got) in all.iter().filter(|(_, got)| got.record.used == InputUse::Inventory) {
        let stated = index.get(name).map(|row| row["records"].as_u64().unwrap());
        let exception = EXCEPTIONS
            .iter()
            .find(|(file, _)| file == name)
            .map(|(_, count)| *count);
        assert_eq!(Some(got.record.documents), exception.or(stated), "{name}");
        *counts.entry(got.record.format.as_str()).or_default() += got.record.documents;
    }
    eprintln!("{counts:?}");
    assert_eq!(counts["aws_config_snapshot"], 62);
    let items = all.iter().filter(|(name, _)| name.starts_with("aws/config/items/"));
    assert_eq!(items.map(|(_, got)| got.documents.len()).sum::<usize>(), 64);
    assert!(
        counts["azure_arm_list"] + counts["azure_arm_resource"] > 560,
        "{counts:?}"
    );
    let sum: u64 = index
        .iter()
        .filter(|(name, row)| name.starts_with("gcp/cai/") && row["kind"].as_str().unwrap().starts_with("Cloud Asset"))
        .map(|(_, row)| row["records"].as_u64().unwrap())
        .sum();
    assert_eq!(counts["gcp_cai_export"], sum);
}

#[test]
fn every_inventory_kind_of_the_index_is_used() {
    const TEST: &str = "every_inventory_kind_of_the_index_is_used";
    let Some(all) = read_folder(&["aws/config", "gcp/cai"], false, TEST) else {
        return;
    };
    for (name, row) in index(TEST).unwrap() {
        let kind = row["kind"].as_str().unwrap();
        if kind.starts_with("aws-config item") && !kind.contains("rule event")
            || kind.starts_with("Cloud Asset Inventory")
        {
            assert_eq!(all[&name].record.used, InputUse::Inventory, "{name}");
        }
    }
}

/// Counts what a plan leaves behind, from its JSON alone.
fn planned(value: &Value) -> Option<usize> {
    let changes = value.get("resource_changes")?.as_array()?;
    let stays = |change: &&Value| {
        let actions = change["change"]["actions"].as_array().unwrap();
        let kind = change["type"].as_str().unwrap();
        change["mode"] == "managed"
            && actions
                .iter()
                .any(|action| ["create", "update", "no-op"].contains(&action.as_str().unwrap()))
            && ["aws_", "azurerm_", "azapi_", "google_"]
                .iter()
                .any(|prefix| kind.starts_with(prefix))
    };
    Some(changes.iter().filter(stays).count())
}

#[test]
fn plans_give_what_they_leave_behind() {
    let Some(all) = read_folder(&["plan/terraform"], true, "plans_give_what_they_leave_behind") else {
        return;
    };
    let root = corpus("").unwrap();
    let (mut plans, mut references) = (0, 0);
    for (name, got) in &all {
        if got.record.format != "terraform_plan" || got.record.used == InputUse::Failed {
            continue;
        }
        plans += 1;
        for index in 0..got.documents.len() {
            references += got.body(index)["references"].as_object().unwrap().len();
        }
        let bytes = std::fs::read(root.join(name)).unwrap();
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
            continue;
        };
        if let Some(count) = planned(&value) {
            assert_eq!(got.documents.len(), count, "{name}");
        }
    }
    assert_eq!(plans, 108);
    assert!(references > 200, "{references}");
}

#[test]
fn real_inputs_that_are_cut_are_never_clean() {
    const TEST: &str = "real_inputs_that_are_cut_are_never_clean";
    let folders = [
        "aws/config",
        "azure/arm",
        "azure/resource-graph",
        "gcp/cai",
        "gcp/feed",
        "plan/terraform",
    ];
    let Some(all) = read_folder(&folders, true, TEST) else {
        return;
    };
    let root = corpus(TEST).unwrap();
    let mut cuts = 0;
    // A wrapper's lines may follow a plan and be cut.
    let clean = |(name, got): &(&String, &Got)| got.is_clean() && !name.contains("wrapper");
    for (name, got) in all.iter().filter(clean) {
        let bytes = std::fs::read(root.join(name)).unwrap();
        for seventh in 0..7 {
            let end = bytes.len() * seventh / 7;
            // Lines stand for themselves: at the end of one nothing shows that others followed.
            if bytes[..end].last() == Some(&b'}')
                || bytes.get(end.wrapping_sub(1)) == Some(&b'\n')
                    && bytes[0] == b'{'
                    && got.record.format == "gcp_cai_export"
            {
                continue;
            }
            cuts += 1;
            let cut = crate::support::named(&bytes[..end]);
            assert!(
                cut.gaps.iter().any(|gap| gap.incomplete),
                "{name} cut at {end}: {:?}",
                cut.record
            );
        }
    }
    assert!(cuts > 2000, "{cuts}");
}

#[test]
fn real_inputs_with_a_changed_byte_are_read_without_panic() {
    const TEST: &str = "real_inputs_with_a_changed_byte_are_read_without_panic";
    let Some(all) = read_folder(
        &["aws/config", "azure/resource-graph", "gcp", "plan/terraform"],
        true,
        TEST,
    ) else {
        return;
    };
    let root = corpus(TEST).unwrap();
    let mut seed = 1_u64;
    for name in all.keys() {
        let whole = std::fs::read(root.join(name)).unwrap();
        for _ in 0..4 {
            let mut bytes = whole.clone();
            for _ in 0..3 {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let at = usize::try_from(seed >> 33).unwrap() % bytes.len();
                let strange = b"{}[]\",:\\0e-n\x00\xff\n";
                bytes[at] = strange[usize::try_from(seed >> 20).unwrap() % strange.len()];
            }
            let got = crate::support::named(&bytes);
            assert!(
                got.record.used != InputUse::Failed || got.gaps.iter().any(|gap| gap.incomplete),
                "{name}"
            );
        }
    }
}

/// Adds pointers to values of all depths, and to some that are not there, `most` at most.
fn pointers(value: &Value, at: &str, most: usize, found: &mut Vec<String>) {
    if found.len() >= most {
        return;
    }
    found.push(at.to_owned());
    found.push(format!("{at}/not there"));
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            pointers(value, &format!("{at}/{name}"), most, found);
        }),
        Value::Array(list) => list.iter().enumerate().for_each(|(index, value)| {
            pointers(value, &format!("{at}/{index}"), most, found);
        }),
        // Some hold JSON, percent-encoded or not.
        Value::String(_) => found.push(format!("{at}/Statement/0")),
        _ => {}
    }
}

#[test]
fn values_shown_at_once_are_those_found_again() {
    let Some(all) = read_folder(
        &["aws", "azure", "gcp"],
        false,
        "values_shown_at_once_are_those_found_again",
    ) else {
        return;
    };
    let root = corpus("values_shown_at_once_are_those_found_again").unwrap();
    let (mut same, mut left) = (0, 0);
    for (name, got) in all {
        let mut lookups = Vec::new();
        let mut shown = Vec::new();
        for document in got.documents.iter().take(40) {
            let mut paths = Vec::new();
            pointers(&serde_json::from_str(document.body.get()).unwrap(), "", 200, &mut paths);
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            shown.extend(show(document, &paths));
            let mut origin = document.origin.clone();
            origin.file = root.join(&name).to_str().unwrap().into();
            lookups.extend(paths.iter().map(|path| (origin.clone(), (*path).to_owned())));
        }
        let found = locate(&lookups, &Limits::default());
        for (((origin, path), shown), found) in lookups.iter().zip(shown).zip(found) {
            match shown {
                Some(_) => {
                    assert_eq!(shown, found, "{origin:?} {path}");
                    same += 1;
                }
                None => left += 1,
            }
        }
    }
    assert!(same > 50_000 && left * 4 < same, "{same} {left}");
}
