//! One world in every encoding gets one verdict.

use std::collections::BTreeSet;

use nephoscope_model::Outcome;
use nephoscope_tests::parity_matrix::matrix;

#[test]
fn every_encoding_gives_the_same_outcome_or_names_what_it_cannot_carry() {
    let matrix = matrix().unwrap();
    assert!(matrix.len() >= 6, "{:?}", matrix.keys());
    let (mut faults, mut seen, mut decided) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for (world, policies) in &matrix {
        let (kind, variant) = world.rsplit_once('_').unwrap();
        let expected = match variant {
            "failing" => Outcome::Fail,
            _ => Outcome::Pass,
        };
        let other = if variant == "failing" { "passing" } else { "failing" };
        assert!(matrix.contains_key(&format!("{kind}_{other}")), "{world} stands alone");
        for (policy, cells) in policies {
            for (encoding, cell) in cells {
                let right = match cell.outcome {
                    Some(Outcome::Unknown) => !cell.missing.is_empty(),
                    Some(Outcome::Pass) if CANNOT_FAIL.contains(&(policy, encoding)) => true,
                    outcome => outcome == Some(expected),
                };
                if !right {
                    faults.push(format!("{world} {policy} {encoding}: {cell:?}"));
                }
            }
            seen.insert((variant, policy));
            let outcomes = cells.values().filter_map(|cell| cell.outcome);
            if outcomes.into_iter().any(|outcome| outcome != Outcome::Unknown) {
                decided.insert((variant, policy));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let nowhere: Vec<_> = seen.difference(&decided).collect();
    assert!(nowhere.is_empty(), "unknown everywhere: {nowhere:?}");
}

#[test]
fn every_shipped_policy_has_a_world() {
    let judged: BTreeSet<String> = matrix()
        .unwrap()
        .into_values()
        .flat_map(|policies| policies.into_keys())
        .collect();
    let pack = nephoscope_policy::Bundle::load(&[nephoscope::builtin::root()], &nephoscope_policy::Options::default())
        .unwrap();
    let ids = pack.policies().iter().map(|policy| policy.info.id.0.clone());
    let missing: Vec<String> = ids.filter(|id| !judged.contains(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Faults that the failing world has not, since the cloud does not let anybody make them or another fault excludes them (a
/// key that is never rotated is not rotated too seldom): (policy, encoding).
const CANNOT_FAIL: &[(&str, &str)] = &[
    ("NEPH-COMPUTE-006", "azure_arm"),
    ("NEPH-COMPUTE-006", "azure_resource_graph"),
    ("NEPH-COMPUTE-006", "gcp_cai"),
    ("NEPH-COMPUTE-006", "terraform_azurerm"),
    ("NEPH-COMPUTE-006", "terraform_google"),
    ("NEPH-CRYPTO-004", "aws_config"),
    ("NEPH-CRYPTO-004", "azure_arm"),
    ("NEPH-CRYPTO-004", "gcp_cai"),
    ("NEPH-CRYPTO-004", "terraform_aws"),
    ("NEPH-CRYPTO-004", "terraform_azurerm"),
    ("NEPH-CRYPTO-004", "terraform_google"),
    ("NEPH-DATABASE-004", "gcp_cai"),
    ("NEPH-DATABASE-004", "terraform_google"),
    ("NEPH-DATABASE-006", "azure_arm"),
    ("NEPH-DATABASE-006", "azure_resource_graph"),
    ("NEPH-DATABASE-012", "aws_config"),
    ("NEPH-DATABASE-012", "gcp_cai"),
    ("NEPH-DATABASE-012", "terraform_aws"),
    ("NEPH-DATABASE-012", "terraform_google"),
];

/// What an encoding cannot carry, or no mapping reads of it yet: (policy, encoding). `tests/worlds/README.md` says why.
const CANNOT: &[(&str, &str)] = &[
    ("NEPH-AUDIT-006", "aws_config"),
    ("NEPH-AUDIT-006", "terraform_aws"),
    ("NEPH-CLUSTER-003", "azure_resource_graph"),
    ("NEPH-CRYPTO-004", "aws_config"),
    ("NEPH-DATABASE-002", "azure_resource_graph"),
    ("NEPH-DATABASE-002", "terraform_aws"),
    ("NEPH-DATABASE-003", "aws_config"),
    ("NEPH-DATABASE-004", "azure_resource_graph"),
    ("NEPH-DATABASE-005", "azure_resource_graph"),
    ("NEPH-DATABASE-008", "azure_resource_graph"),
    ("NEPH-DATABASE-009", "azure_arm"),
    ("NEPH-DATABASE-009", "azure_resource_graph"),
    ("NEPH-DATABASE-010", "azure_resource_graph"),
    ("NEPH-DATABASE-011", "azure_resource_graph"),
    ("NEPH-DATABASE-012", "azure_resource_graph"),
    ("NEPH-FUNCTION-003", "azure_resource_graph"),
    ("NEPH-NETWORK-012", "azure_resource_graph"),
    ("NEPH-NETWORK-013", "aws_config"),
    ("NEPH-NETWORK-015", "azure_resource_graph"),
    ("NEPH-REGISTRY-003", "terraform_google"),
    ("NEPH-SECRET-005", "aws_config"),
    ("NEPH-STORAGE-001", "azure_resource_graph"),
    ("NEPH-STORAGE-003", "gcp_cai"),
    ("NEPH-STORAGE-003", "terraform_google"),
    ("NEPH-STORAGE-005", "azure_resource_graph"),
    ("NEPH-STORAGE-006", "azure_resource_graph"),
];

#[test]
fn only_what_an_encoding_cannot_carry_is_unknown() {
    let (mut cells_seen, mut unknown) = (0, 0);
    let mut unlisted = Vec::new();
    let mut carried: BTreeSet<_> = CANNOT.iter().copied().collect();
    for (world, policies) in matrix().unwrap() {
        for (policy, cells) in policies {
            for (encoding, cell) in cells {
                cells_seen += 1;
                if cell.outcome == Some(Outcome::Unknown) {
                    unknown += 1;
                    carried.retain(|row| *row != (&*policy, &*encoding));
                    if !CANNOT.contains(&(&policy, &encoding)) {
                        unlisted.push(format!("{world} {policy} {encoding}: {:?}", cell.missing));
                    }
                }
            }
        }
    }
    assert!(unlisted.is_empty(), "{}", unlisted.join("\n"));
    assert!(carried.is_empty(), "no longer unknown anywhere: {carried:?}");
    // Azure keeps many facts in parts of their own, which Resource Graph has not.
    assert!(
        unknown * 100 <= cells_seen * 10,
        "{unknown} of {cells_seen} cells are unknown"
    );
}
