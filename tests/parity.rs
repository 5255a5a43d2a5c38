//! One world in every encoding gets one verdict.

use std::collections::BTreeSet;

use nephoscope_model::Outcome;
use nephoscope_tests::parity_matrix::matrix;

/// The encodings of the identity worlds; a policy has a cell for each that has a resource it applies to.
const IDENTITY: [&str; 4] = ["aws_config", "azure_arm", "azure_resource_graph", "gcp_cai"];

const ENCODINGS: [&str; 7] = [
    "aws_config",
    "azure_arm",
    "azure_resource_graph",
    "gcp_cai",
    "terraform_aws",
    "terraform_azurerm",
    "terraform_google",
];

#[test]
fn every_encoding_gives_the_same_outcome_or_names_what_it_cannot_carry() {
    let matrix = matrix().unwrap();
    assert_eq!(matrix.len(), 6, "{:?}", matrix.keys());
    let mut faults = Vec::new();
    for (world, policies) in &matrix {
        for (policy, cells) in policies {
            let identity = world.starts_with("identity_");
            if identity {
                assert!(cells.keys().all(|name| IDENTITY.contains(&name.as_str())), "{cells:?}");
            }
            for encoding in ENCODINGS.iter().filter(|_| !identity).copied() {
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
                    outcome => outcome == Some(expected),
                };
                if !right {
                    faults.push(format!("{world} {policy} {encoding}: {cell:?}"));
                }
            }
            let decided: BTreeSet<_> = cells
                .values()
                .filter_map(|cell| cell.outcome)
                .filter(|o| *o != Outcome::Unknown)
                .collect();
            assert!(!decided.is_empty(), "{world} {policy} is unknown everywhere");
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_resource_graph_and_tls_of_cloud_storage_have_unknown_cells() {
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
                    assert_eq!(encoding, "azure_resource_graph", "{world} {policy}: {cell:?}");
                }
            }
        }
    }
}
