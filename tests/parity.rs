//! One world in every encoding gets one verdict.

use std::collections::BTreeSet;

use nephoscope_model::Outcome;
use nephoscope_tests::parity_matrix::matrix;

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
    let mut faults = Vec::new();
    for (world, policies) in &matrix {
        for (policy, cells) in policies {
            // Kinds that plans hold have every encoding, the others those that hold them.
            let everywhere = world.starts_with("bucket_") || world.starts_with("firewall_");
            for encoding in ENCODINGS.iter().filter(|_| everywhere) {
                assert!(
                    cells.contains_key(*encoding),
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
                    // That cloud has no such attribute.
                    Some(Outcome::NotApplicable) => !everywhere,
                    // What is never rotated is not rotated too seldom.
                    outcome if world == "key_failing" && policy == "NEPH-CRYPTO-004" => outcome == Some(Outcome::Pass),
                    outcome => outcome == Some(expected),
                };
                if !right {
                    faults.push(format!("{world} {policy} {encoding}: {cell:?}"));
                }
            }
            let decided: BTreeSet<_> = cells
                .values()
                .filter_map(|cell| cell.outcome)
                .filter(|o| ![Outcome::Unknown, Outcome::NotApplicable].contains(o))
                .collect();
            assert!(!decided.is_empty(), "{world} {policy} is unknown everywhere");
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_resource_graph_and_cells_that_are_named_are_unknown() {
    for (world, policies) in matrix().unwrap() {
        for (policy, cells) in policies {
            for (encoding, cell) in cells {
                // Only an organization policy makes Cloud Storage refuse plain HTTP.
                let elsewhere =
                    policy == "NEPH-STORAGE-003" && ["gcp_cai", "terraform_google"].contains(&encoding.as_str());
                // AWS Config records neither the period of a key's rotation nor the policy of a secret.
                let unrecorded = encoding == "aws_config"
                    && (policy == "NEPH-SECRET-005" || (policy == "NEPH-CRYPTO-004" && world == "key_passing"));
                if elsewhere || unrecorded {
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
