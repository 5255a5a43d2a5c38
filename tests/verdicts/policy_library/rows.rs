//! Which constraint kind is judged by which policies, and how its parameters become theirs.

use serde_json::{Map, Value, json};

use crate::verdicts::judge::Params;

/// One kind of constraint.
pub(super) struct Row {
    pub(super) kind: &'static str,
    pub(super) how: How,
}

/// How it is judged.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// By policies whose parameters follow from the constraint's.
    Judged {
        policies: &'static [&'static str],
        params: fn(&Value) -> Params,
        note: &'static str,
    },
    /// By none, and why.
    Not(&'static str),
}

const fn judged(
    kind: &'static str,
    policies: &'static [&'static str],
    params: fn(&Value) -> Params,
    note: &'static str,
) -> Row {
    Row {
        kind,
        how: How::Judged { policies, params, note },
    }
}

const fn not(kind: &'static str, why: &'static str) -> Row {
    Row {
        kind,
        how: How::Not(why),
    }
}

/// Adding a kind is one row.
pub(super) const ROWS: &[Row] = &[
    judged("GCPStorageLocationConstraintV1", &["NEPH-GOVERNANCE-002"], regions, ""),
    judged("GCPStorageCMEKEncryptionConstraintV1", &["NEPH-STORAGE-004"], none, ""),
    not(
        "GCPAlwaysViolatesConstraintV1",
        "fails everything: a test of their harness",
    ),
    not(
        "GCPAppEngineServiceVersionsConstraintV1",
        "App Engine has no kind: housekeeping, not security",
    ),
    not(
        "GCPVPCSCAllowedRegionsConstraintV2",
        "access levels and perimeters of VPC Service Controls have no kind",
    ),
    not(
        "GCPVPCSCEnsureProjectConstraintV1",
        "access levels and perimeters of VPC Service Controls have no kind",
    ),
    not(
        "GCPVPCSCEnsureServicesConstraintV1",
        "access levels and perimeters of VPC Service Controls have no kind",
    ),
    not(
        "GCPVPCSCIPRangeConstraintV1",
        "access levels and perimeters of VPC Service Controls have no kind",
    ),
    not(
        "GCPVPCSCProjectPerimeterConstraintV3",
        "access levels and perimeters of VPC Service Controls have no kind",
    ),
];

/// Why a verdict differs: (constraint file, asset, index in its file, or `None` for all), reason.
const DIFFERENCES: &[(&str, &str, &str)] = &[];

/// Returns the reason of one difference, if it is known. An asset `*` stands for all of a constraint.
pub(super) fn difference(file: &str, asset: &str, _index: usize) -> Option<&'static str> {
    let found = DIFFERENCES
        .iter()
        .find(|(constraint, name, _)| file.starts_with(constraint) && (*name == "*" || *name == asset));
    found.map(|(_, _, why)| *why)
}

fn none(_: &Value) -> Params {
    Params::new()
}

/// `mode` and `locations` (or `zones`) with `exemptions`.
fn regions(parameters: &Value) -> Params {
    let list = |name: &str| -> Vec<String> {
        let list = parameters[name].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(Value::as_str).map(str::to_lowercase).collect()
    };
    let mut places = list("locations");
    places.extend(list("zones"));
    // Without a mode the list is of what is forbidden.
    let denied = parameters["mode"] != "allowlist";
    // An empty list allows nothing there, and everything here.
    if places.is_empty() && !denied {
        places.push("nowhere".to_owned());
    }
    let exempt: Vec<Value> = parameters["exemptions"].as_array().cloned().unwrap_or_default();
    let (allowed, forbidden) = if denied { (vec![], places) } else { (places, vec![]) };
    one(
        "NEPH-GOVERNANCE-002",
        json!({"allowed": allowed, "denied": forbidden, "exempt": exempt}),
    )
}

fn one(policy: &str, params: Value) -> Params {
    let params = params.as_object().cloned().unwrap_or_else(Map::new);
    Params::from([(policy.to_owned(), params)])
}
