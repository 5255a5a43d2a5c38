//! Terraform plans through reader and normalizer: fixtures, the worlds' inventories, real plans, and laws.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should stop"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nephoscope_model::{Document, Reason, Resource, State};
use nephoscope_normalize::{Batch, Finished};
use nephoscope_read::{Event, Input, Limits, read};
use proptest::prelude::*;
use serde_json::{Value, json};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the documents of one file, named as if it lay in the working directory.
fn documents(path: &Path) -> Vec<Document> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let input = Input {
        name,
        path: Some(path.to_owned()),
        named: true,
    };
    let mut documents = Vec::new();
    read(&input, None, &Limits::default(), &mut |event| {
        if let Event::Document(document) = event {
            documents.push(document);
        }
    });
    documents
}

fn normalize(documents: impl IntoIterator<Item = Document>) -> Finished {
    let mut normalizer = Batch::new(None);
    let mut at_once: Vec<Resource> = documents
        .into_iter()
        .filter_map(|document| normalizer.push(document))
        .collect();
    let mut finished = normalizer.finish();
    finished.resources.append(&mut at_once);
    finished
        .resources
        .sort_by(|a, b| (&a.key, &a.native_type).cmp(&(&b.key, &b.native_type)));
    finished
}

fn files(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return found;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, wanted));
        } else if wanted(&path) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn fixtures() -> Vec<PathBuf> {
    let found = files(&here().join("tests/fixtures"), &|path| {
        path.strip_prefix(here().join("tests/fixtures"))
            .unwrap()
            .starts_with_terraform()
            && path.extension().is_some_and(|ending| ending == "json")
    });
    assert!(
        found.len() > 20,
        "fixtures are found by walking tests/fixtures/terraform_*"
    );
    found
}

trait OfTerraform {
    fn starts_with_terraform(&self) -> bool;
}

impl OfTerraform for Path {
    fn starts_with_terraform(&self) -> bool {
        self.components()
            .next()
            .is_some_and(|first| first.as_os_str().to_string_lossy().starts_with("terraform_"))
    }
}

/// What a policy and a report see of a plan.
fn shown(finished: &Finished) -> Value {
    let resources = finished.resources.iter().map(|resource| {
        let mut value = serde_json::to_value(resource).unwrap();
        // Offsets say only how the file is laid out.
        value.as_object_mut().unwrap().remove("origins");
        value
    });
    json!({
        "resources": resources.collect::<Vec<_>>(),
        "gaps": finished.gaps.iter().map(|gap| &gap.message).collect::<Vec<_>>(),
    })
}

#[test]
fn fixtures_normalize_as_recorded() {
    for path in fixtures() {
        let inside = path
            .strip_prefix(here().join("tests/fixtures"))
            .unwrap()
            .with_extension("");
        let name = inside.to_string_lossy().replace(['/', '\\'], "__");
        let documents = documents(&path);
        assert!(!documents.is_empty(), "{name}");
        insta::assert_json_snapshot!(name, shown(&normalize(documents)));
    }
}

#[test]
fn every_mapped_type_has_a_fixture() {
    let planned: Vec<String> = fixtures()
        .iter()
        .flat_map(|path| documents(path))
        .map(|document| document.native_type)
        .collect();
    for info in nephoscope_normalize::mappings().filter(|info| info.dialect == nephoscope_model::Dialect::TerraformPlan)
    {
        assert!(
            planned.iter().any(|native_type| native_type == info.native_type),
            "{}",
            info.native_type
        );
    }
}

#[test]
fn attributes_match_the_schema_of_their_kind() {
    for path in fixtures() {
        for resource in normalize(documents(&path)).resources {
            let Some(schema) = nephoscope_model::kind_schema(resource.kind) else {
                continue;
            };
            let validator = jsonschema::validator_for(&schema).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&resource.attributes)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{}: {} {errors:?}", path.display(), resource.id);
        }
    }
}

/// The attributes by which the worlds' policies judge, without what an encoding may number or order differently.
fn judged(resource: &Resource) -> Value {
    let at = |path: &str| resource.attributes.pointer(path).cloned();
    let list = |path: &str, keys: &[&str]| {
        let mut rows: Vec<String> = (at(path).as_ref().and_then(Value::as_array).into_iter().flatten())
            .map(|row| {
                keys.iter()
                    .map(|key| row.get(key).unwrap_or(&Value::Null).to_string())
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        rows.sort();
        rows
    };
    json!({
        "kind": resource.kind,
        "guard": at("/public_access/guard"),
        "network": at("/public_access/network"),
        "grants": list("/public_access/grants", &["principal", "access", "via", "name", "effective"]),
        "key_kind": at("/encryption/key_kind"),
        "key_id": at("/encryption/key_id"),
        "versioning": at("/versioning/enabled"),
        "soft_delete": at("/soft_delete"),
        "tls": at("/tls"),
        "shared_keys": at("/shared_keys"),
        "open": list("/open_to_internet", &["protocol", "from", "to", "family", "peer"]),
        "guards": at("/storage_guards"),
    })
}

/// Design: the same world, planned by Terraform or exported by its cloud, looks the same to a policy.
#[test]
fn worlds_look_the_same_planned_and_live() {
    let worlds = here().join("../../tests/worlds");
    let mut compared = 0;
    for plan in files(&worlds, &|path| {
        path.file_name().unwrap().to_string_lossy().starts_with("terraform_")
    }) {
        let name = plan.file_stem().unwrap().to_string_lossy().into_owned();
        let inventory = match name.as_str() {
            name if name.starts_with("terraform_aws") => "aws_config",
            "terraform_azurerm" => "azure_arm",
            _ => "gcp_cai",
        };
        let inventory = files(plan.parent().unwrap(), &|path| {
            path.parent().unwrap().file_name() == Some(inventory.as_ref())
                || path.file_stem() == Some(inventory.as_ref())
        });
        let [planned, live] = [vec![plan.clone()], inventory].map(|paths| {
            let finished = normalize(paths.iter().flat_map(|path| documents(path)));
            assert!(finished.gaps.is_empty(), "{}: {:?}", plan.display(), finished.gaps);
            let mapped = finished
                .resources
                .into_iter()
                .filter(|resource| resource.kind.as_str() != "other");
            mapped.collect::<Vec<_>>()
        });
        assert!(!planned.is_empty(), "{}", plan.display());
        for resource in &planned {
            let kind = resource.kind.as_str();
            // Keys beside what a world is about are not the same ones.
            if kind == "crypto.key"
                && !plan
                    .parent()
                    .unwrap()
                    .file_name()
                    .unwrap()
                    .to_string_lossy()
                    .starts_with("key_")
            {
                continue;
            }
            let alike: Vec<&Resource> = live.iter().filter(|other| other.kind == resource.kind).collect();
            let named = alike.iter().find(|other| other.name == resource.name);
            if ["storage.bucket", "network.firewall"].contains(&kind) {
                let live = named.map(|other| judged(other));
                assert_eq!(Some(judged(resource)), live, "{} of {}", resource.name, plan.display());
            } else if let Some(other) = named.or(alike.first().filter(|_| alike.len() == 1)) {
                agree(
                    resource,
                    other,
                    (&resource.attributes, &other.attributes),
                    "/attributes",
                );
            } else {
                panic!("{} of {} stands in no inventory", resource.id, plan.display());
            }
            compared += 1;
        }
    }
    assert!(compared >= 12, "only {compared} resources were compared");
}

/// What both know must be the same, but for names that only one of the two clouds' ways to read has.
fn agree(planned: &Resource, live: &Resource, both: (&Value, &Value), path: &str) {
    if unknown(planned, path) || unknown(live, path) {
        return;
    }
    match both {
        (Value::Object(one), Value::Object(other)) => {
            for (key, value) in one {
                let named_apart = ["key_id", "id", "ids", "addresses", "target"];
                if let Some(other) = other.get(key).filter(|_| !named_apart.contains(&key.as_str())) {
                    agree(planned, live, (value, other), &format!("{path}/{key}"));
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, pair) in one.iter().zip(other).enumerate() {
                agree(planned, live, pair, &format!("{path}/{index}"));
            }
        }
        (one, other) => assert_eq!(one, other, "{path} of {} and {}", planned.id, live.id),
    }
}

/// Some real plans state values that their own provider would refuse; each is listed with the reason.
const ACCEPTED: &[(&str, &str)] = &[];

#[test]
fn real_plans_have_no_parse_errors() {
    let Some(corpus) = std::env::var_os("NEPHOSCOPE_CORPUS") else {
        assert!(
            std::env::var_os("NEPHOSCOPE_REQUIRE_ALL").is_none(),
            "NEPHOSCOPE_CORPUS is not set"
        );
        eprintln!("SKIPPED: real plans: NEPHOSCOPE_CORPUS is not set");
        return;
    };
    let plans = files(&Path::new(&corpus).join("plan/terraform"), &|_| true);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failed = Vec::new();
    for path in plans {
        let documents = documents(&path);
        let count = documents.len();
        let finished = normalize(documents);
        assert!(finished.resources.len() <= count);
        for resource in &finished.resources {
            *kinds.entry(resource.kind.as_str()).or_default() += 1;
            for unknown in &resource.unknown {
                let what = format!("{} {} {}: {}", path.display(), resource.id, unknown.path, unknown.gap);
                let accepted = ACCEPTED
                    .iter()
                    .any(|(file, id)| path.ends_with(file) && *id == resource.id);
                if unknown.gap.reason == Reason::ParseError && !accepted {
                    failed.push(what);
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(
        kinds.get("storage.bucket").is_some_and(|count| *count >= 25),
        "{kinds:?}"
    );
    assert!(
        kinds.get("network.firewall").is_some_and(|count| *count >= 20),
        "{kinds:?}"
    );
}

#[test]
fn one_address_in_two_plans_is_a_gap() {
    let path = here().join("tests/fixtures/terraform_aws/aws_security_group/rules_apart.json");
    let mut twice = documents(&path);
    twice.extend(documents(&path).into_iter().map(|mut document| {
        document.origin.file = "other.json".into();
        document
    }));
    let finished = normalize(twice);
    let gaps: Vec<&str> = finished.gaps.iter().map(|gap| gap.message.as_str()).collect();
    // Two groups, and the rules of the plan that was not taken.
    assert_eq!(gaps.len(), 3, "{gaps:?}");
    assert!(gaps[0].contains("`other.json` and `rules_apart.json`"), "{gaps:?}");
    assert!(finished.gaps.iter().all(|gap| gap.incomplete));
    // The rules of one plan do not become rules of the other's group.
    assert_eq!(
        shown(&normalize(documents(&path)))["resources"],
        shown(&finished)["resources"]
    );
}

fn fixture(path: &str) -> PathBuf {
    here().join("tests/fixtures").join(path)
}

/// Returns the only resource with this name.
fn named<'a>(finished: &'a Finished, name: &str) -> &'a Resource {
    let mut found = finished.resources.iter().filter(|resource| resource.name == name);
    let only = found
        .next()
        .unwrap_or_else(|| panic!("no {name}: {:#?}", finished.resources));
    assert!(found.next().is_none(), "two resources are named {name}");
    only
}

fn unknown(resource: &Resource, path: &str) -> bool {
    resource.unknown.iter().any(|unknown| unknown.path == path)
}

#[test]
fn block_of_another_account_guards_nothing() {
    let path = fixture("terraform_aws/aws_s3_bucket/block_of_another_account_guards_nothing.json");
    let finished = normalize(documents(&path));
    let bucket = named(&finished, "b");
    assert!(
        unknown(bucket, "/attributes/public_access/guard"),
        "{:?}",
        bucket.unknown
    );
    assert!(
        unknown(bucket, "/attributes/public_access/grants/0/effective"),
        "{:?}",
        bucket.unknown
    );
}

#[test]
fn two_public_access_blocks_that_differ_are_unknown() {
    let path = fixture("terraform_aws/aws_s3_bucket/two_public_access_blocks_that_differ.json");
    let finished = normalize(documents(&path));
    let bucket = named(&finished, "b");
    assert!(
        unknown(bucket, "/attributes/public_access/guard"),
        "{:?}",
        bucket.unknown
    );
}

#[test]
fn stated_name_goes_before_the_reference() {
    let path = fixture("terraform_aws/aws_s3_bucket/stated_name_goes_before_the_reference.json");
    let finished = normalize(documents(&path));
    let versioned = |name| named(&finished, name).attributes["versioning"]["enabled"].clone();
    assert_eq!((versioned("zero"), versioned("one")), (json!(false), json!(true)));
}

#[test]
fn rule_of_one_of_two_groups_with_one_name_is_a_gap() {
    let path = fixture("terraform_azurerm/azurerm_network_security_group/rule_of_one_of_two_groups_with_one_name.json");
    let finished = normalize(documents(&path));
    let gaps: Vec<&str> = finished.gaps.iter().map(|gap| gap.message.as_str()).collect();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].ends_with("which more than one has"), "{gaps:?}");
    assert!(finished.gaps[0].incomplete);
}

#[test]
fn one_firewall_in_two_plans_is_a_gap() {
    let path = fixture("terraform_google/google_compute_firewall/ports_tags_and_logging.json");
    let mut twice = documents(&path);
    let count = twice.len();
    twice.extend(documents(&path).into_iter().map(|mut document| {
        document.origin.file = "other.json".into();
        document
    }));
    let finished = normalize(twice);
    assert_eq!(finished.gaps.len(), count, "{:?}", finished.gaps);
    assert!(finished.gaps.iter().all(|gap| gap.incomplete));
}

#[test]
fn rules_that_a_plan_deletes_are_taken_out_of_their_groups() {
    let path = fixture("terraform_aws/aws_security_group/existing_groups_whose_rules_are_deleted.json");
    let finished = normalize(documents(&path));
    assert!(finished.gaps.is_empty(), "{:?}", finished.gaps);
    let open = |name| {
        !named(&finished, name).attributes["open_to_internet"]
            .as_array()
            .unwrap()
            .is_empty()
    };
    assert!(!open("closed"));
    // The rule goes on as a block of its group, or as another resource.
    assert!(open("block") && open("again"));
    let path = fixture("terraform_azurerm/azurerm_network_security_group/existing_group_whose_rule_is_deleted.json");
    let finished = normalize(documents(&path));
    let rules = named(&finished, "n").attributes["rules"].clone();
    assert_eq!((rules.as_array().unwrap().len(), &rules[0]["from"]), (1, &json!(443)));
}

#[test]
fn what_a_plan_forgets_goes_on_as_it_was() {
    let path = fixture("terraform_aws/aws_security_group/forgotten_group_goes_on_as_it_was.json");
    let finished = normalize(documents(&path));
    for name in ["g", "default"] {
        let group = named(&finished, name);
        assert_eq!(group.state, State::Planned);
        assert_eq!(
            group.attributes["open_to_internet"].as_array().unwrap().len(),
            1,
            "{name}"
        );
    }
}

#[test]
fn parts_that_a_plan_deletes_leave_what_the_cloud_has_without_them() {
    let path = fixture("terraform_aws/aws_s3_bucket/deleted_parts_leave_what_s3_has_without_them.json");
    let finished = normalize(documents(&path));
    assert!(finished.gaps.is_empty(), "{:?}", finished.gaps);
    let bucket = &named(&finished, "b").attributes;
    assert_eq!(bucket["public_access"]["guard"], "off");
    assert_eq!(bucket["versioning"]["enabled"], false);
    assert_eq!(bucket["encryption"]["key_kind"], "provider");
    assert_eq!(bucket["logging"]["enabled"], false);
    assert_eq!(bucket["tls"]["required"], false);
    assert_eq!(bucket["retention"]["enabled"], true);
    assert!(bucket["retention"].get("days").is_none(), "{bucket}");
    // The policy is gone, while the list that the provider does not take back still grants.
    let grants = bucket["public_access"]["grants"].as_array().unwrap();
    assert_eq!(grants.len(), 1, "{grants:?}");
    assert_eq!(grants[0]["via"], "acl");
    let path = fixture("terraform_azurerm/azurerm_storage_account/deleted_network_rules_and_key.json");
    let account = &normalize(documents(&path)).resources[0].attributes;
    assert_eq!(account["public_access"]["network"], "any");
    assert_eq!(account["encryption"]["key_kind"], "provider");
}

#[test]
fn bucket_that_a_plan_moves_to_another_address_is_judged_as_planned() {
    let path = fixture("terraform_aws/aws_s3_bucket/bucket_moved_to_another_address.json");
    let mut backwards = documents(&path);
    backwards.reverse();
    for documents in [documents(&path), backwards] {
        let finished = normalize(documents);
        assert!(finished.gaps.is_empty(), "{:?}", finished.gaps);
        let states: Vec<(&str, State)> = (finished.resources.iter())
            .map(|resource| (resource.name.as_str(), resource.state))
            .collect();
        assert_eq!(states, [("gone", State::Deleted), ("moved", State::Planned)]);
        assert_eq!(named(&finished, "moved").attributes["versioning"]["enabled"], true);
    }
}

#[test]
fn types_that_bear_on_a_kind_and_are_not_read_are_gaps() {
    let path = fixture("terraform_aws/aws_s3_bucket/types_that_bear_on_a_kind_and_are_not_read.json");
    let finished = normalize(documents(&path));
    let of: Vec<Option<&str>> = finished.gaps.iter().map(|gap| gap.scope.resource.as_deref()).collect();
    let expected = [
        "aws_s3_object.public",
        "awscc_ec2_security_group.g",
        "azapi_resource.account",
        "google_compute_network_firewall_policy_rule.r",
    ];
    assert_eq!(of, expected.map(Some));
    assert!(finished.gaps.iter().all(|gap| gap.incomplete));
}

/// Returns `value` with what `pointer` names replaced, or taken out.
fn changed(value: &Value, pointer: &[String], to: Option<&Value>) -> Value {
    let mut value = value.clone();
    let (Some(last), path) = (
        pointer.last(),
        nephoscope_model::pointer::join(pointer.iter().rev().skip(1).rev().map(String::as_str)),
    ) else {
        return value;
    };
    match (value.pointer_mut(&path), to) {
        (Some(Value::Object(map)), Some(to)) => drop(map.insert(last.clone(), to.clone())),
        (Some(Value::Object(map)), None) => drop(map.remove(last)),
        _ => {}
    }
    value
}

/// What a change of an attribute would change: its value and its being unknown, of every resource.
fn attribute(finished: &Finished, path: &str) -> Vec<Value> {
    let path = format!("/attributes{path}");
    let of = |resource: &Resource| {
        let value = json!({"attributes": resource.attributes}).pointer(&path).cloned();
        let unknown: Vec<_> = resource
            .unknown
            .iter()
            .filter(|unknown| unknown.path.starts_with(&path))
            .collect();
        json!([resource.key, value, unknown])
    };
    finished.resources.iter().map(of).collect()
}

#[test]
fn each_source_decides_its_attribute() {
    let plans: Vec<Vec<Document>> = fixtures().iter().map(|path| documents(path)).collect();
    let decides = |native_type: &str, path: &str, native: &str| {
        let tokens: Vec<String> = nephoscope_model::pointer::tokens(native).collect();
        plans.iter().any(|plan| {
            let before = attribute(&normalize(plan.clone()), path);
            (0..plan.len())
                .filter(|index| plan[*index].native_type == native_type)
                .any(|index| {
                    let body: Value = serde_json::from_str(plan[index].body.get()).unwrap();
                    let others = match body.pointer(native) {
                        None | Some(Value::Null) => return false,
                        Some(Value::Bool(flag)) => vec![Some(json!(!flag)), None],
                        Some(Value::Number(_)) => vec![Some(json!(4_000_000)), None],
                        Some(Value::Array(_)) => vec![Some(json!([])), None],
                        Some(_) => vec![Some(json!("Deny")), Some(json!("other")), None],
                    };
                    others.iter().any(|other| {
                        let text = changed(&body, &tokens, other.as_ref()).to_string();
                        let mut plan = plan.clone();
                        plan[index].body = nephoscope_model::RawJson::parse(text).unwrap();
                        attribute(&normalize(plan), path) != before
                    })
                })
        })
    };
    let mut dead = Vec::new();
    for row in nephoscope_normalize::mappings().filter(|row| row.dialect == nephoscope_model::Dialect::TerraformPlan) {
        for source in row.sources {
            if !decides(row.native_type, source.attribute, source.native) {
                dead.push(format!("{} {} <- {}", row.native_type, source.attribute, source.native));
            }
        }
    }
    assert!(
        dead.is_empty(),
        "no fixture shows that these sources are read:\n{}",
        dead.join("\n")
    );
}

/// Any value may be of any type in a file that somebody made: every resource is still told of, and what is said is valid.
#[test]
fn no_wrong_value_panics_or_loses_a_resource() {
    let wrong = [
        json!(null),
        json!(true),
        json!(-70_000),
        json!("\u{0}/${x}*"),
        json!([[]]),
        json!({"a": {"b": []}}),
    ];
    for path in fixtures() {
        let plan = documents(&path);
        let before = normalize(plan.clone());
        for index in 0..plan.len() {
            let body: Value = serde_json::from_str(plan[index].body.get()).unwrap();
            for section in ["values", "unknown", "before", "references", "provider"] {
                let keys = body
                    .get(section)
                    .and_then(Value::as_object)
                    .into_iter()
                    .flat_map(|map| map.keys());
                for tokens in keys
                    .map(|key| vec![section.to_owned(), key.clone()])
                    .chain([vec![section.to_owned()]])
                {
                    for value in &wrong {
                        let mut plan = plan.clone();
                        let text = changed(&body, &tokens, Some(value)).to_string();
                        plan[index].body = nephoscope_model::RawJson::parse(text).unwrap();
                        let after = normalize(plan);
                        let told = after.resources.len() + after.gaps.len();
                        assert!(
                            told >= before.resources.len(),
                            "{}: {tokens:?} = {value}",
                            path.display()
                        );
                        for resource in &after.resources {
                            let schema = nephoscope_model::kind_schema(resource.kind);
                            let valid = schema.is_none_or(|schema| jsonschema::is_valid(&schema, &resource.attributes));
                            assert!(
                                valid,
                                "{}: {tokens:?} = {value}: {}",
                                path.display(),
                                resource.attributes
                            );
                        }
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The order of documents, and how they are spread over workers, change nothing.
    #[test]
    fn order_of_documents_changes_nothing(seed in any::<u64>()) {
        for path in fixtures() {
            let straight = documents(&path);
            let mut shuffled: Vec<(u64, Document)> = straight
                .iter()
                .enumerate()
                .map(|(index, document)| (seed.wrapping_mul(index as u64 * 2 + 1).rotate_left(17) ^ seed, document.clone()))
                .collect();
            shuffled.sort_by_key(|(rank, _)| *rank);
            let (mut one, mut other) = (Batch::new(None), Batch::new(None));
            let mut resources = Vec::new();
            for (rank, document) in shuffled {
                let worker = if rank % 2 == 0 { &mut one } else { &mut other };
                resources.extend(worker.push(document));
            }
            one.merge(other);
            let mut finished = one.finish();
            finished.resources.append(&mut resources);
            finished.resources.sort_by(|a, b| (&a.key, &a.native_type).cmp(&(&b.key, &b.native_type)));
            prop_assert_eq!(shown(&finished), shown(&normalize(straight)));
        }
    }
}
