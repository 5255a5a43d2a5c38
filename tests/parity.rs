//! One world in every encoding gets one verdict.

use std::collections::BTreeSet;

use nephoscope_model::Outcome;
use nephoscope_tests::parity_matrix::matrix;

const CLOUDS: [&str; 4] = ["aws_config", "azure_arm", "azure_resource_graph", "gcp_cai"];
const PLANS: [&str; 3] = ["terraform_aws", "terraform_azurerm", "terraform_google"];

/// Worlds whose kinds are not read from plans.
const WITHOUT_PLANS: &[&str] = &["disk_", "instance_"];

/// What encodings beside Resource Graph cannot carry.
const ELSEWHERE: &[(&str, &[&str])] = &[
    // The addresses of a virtual machine, and whether it forwards packets, stand with its network interfaces.
    ("NEPH-COMPUTE-001", &["azure_arm"]),
    ("NEPH-COMPUTE-009", &["azure_arm"]),
    // Who manages a key stands with the key.
    ("NEPH-COMPUTE-007", &["aws_config"]),
];

/// Faults that a cloud does not let anybody make: these pass in failing worlds too.
const CANNOT_FAIL: &[(&str, &[&str])] = &[
    // Azure and Google Cloud encrypt every disk.
    ("NEPH-COMPUTE-006", &["azure_arm", "azure_resource_graph", "gcp_cai"]),
];

fn listed(table: &[(&str, &[&str])], policy: &str, encoding: &str) -> bool {
    table
        .iter()
        .any(|(id, encodings)| *id == policy && encodings.contains(&encoding))
}

#[test]
fn every_encoding_gives_the_same_outcome_or_names_what_it_cannot_carry() {
    let matrix = matrix().unwrap();
    assert_eq!(matrix.len(), 8, "{:?}", matrix.keys());
    let mut faults = Vec::new();
    for (world, policies) in &matrix {
        for (policy, cells) in policies {
            let planned = !WITHOUT_PLANS.iter().any(|start| world.starts_with(start));
            for encoding in CLOUDS.iter().chain(PLANS.iter().filter(|_| planned)).copied() {
                assert!(
                    cells.contains_key(encoding),
                    "{world} {policy}: no {encoding}, only {:?}",
                    cells.keys()
                );
            }
            let expected = if world.ends_with("_failing") {
                Outcome::Fail
            } else {
                Outcome::Pass
            };
            for (encoding, cell) in cells {
                let right = match cell.outcome {
                    Some(Outcome::Unknown) => !cell.missing.is_empty(),
                    // The schema says that the cloud has no such attribute.
                    Some(Outcome::NotApplicable) => true,
                    Some(Outcome::Pass) if listed(CANNOT_FAIL, policy, encoding) => true,
                    outcome => outcome == Some(expected),
                };
                if !right {
                    faults.push(format!("{world} {policy} {encoding}: {cell:?}"));
                }
            }
            let decided: BTreeSet<_> = cells
                .values()
                .filter_map(|cell| cell.outcome)
                .filter(|o| !matches!(o, Outcome::Unknown | Outcome::NotApplicable))
                .collect();
            assert!(!decided.is_empty(), "{world} {policy} is unknown everywhere");
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_what_is_listed_and_resource_graph_have_unknown_cells() {
    for (world, policies) in matrix().unwrap() {
        for (policy, cells) in policies {
            for (encoding, cell) in cells {
                // Only an organization policy makes Cloud Storage refuse plain HTTP.
                let elsewhere =
                    policy == "NEPH-STORAGE-003" && ["gcp_cai", "terraform_google"].contains(&encoding.as_str());
                if elsewhere {
                    assert_eq!(
                        cell.outcome,
                        Some(Outcome::Unknown),
                        "{world} {policy} {encoding}: {cell:?}"
                    );
                } else if cell.outcome == Some(Outcome::Unknown) {
                    assert!(
                        listed(ELSEWHERE, &policy, &encoding) || encoding == "azure_resource_graph",
                        "{world} {policy} {encoding}: {cell:?}"
                    );
                }
            }
        }
    }
}
