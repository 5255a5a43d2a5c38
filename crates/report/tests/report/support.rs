//! Assessments to write reports of, and what all tests ask of a report.

use std::path::PathBuf;
use std::sync::Arc;

use nephoscope_model::{
    Assessment, BaselineState, Compliance, ControlResult, ControlStatus, Coverage, CoverageGap, Finding, FindingId,
    Findings, FixedFinding, Gap, GapScope, InputRecord, InputUse, Location, Origin, Outcome, PolicyId, PolicyInfo,
    Provider, Reason, ResourceKey, ResourceSummary, Severity, State, Tally, Tool, UnjudgedType, Unknown, WaiverNote,
    WaiverRecord, WaiverState,
};
use nephoscope_report::{Format, Options, write};
use serde_json::json;

/// A name as an attacker would choose it.
pub(crate) const HOSTILE: &str =
    "evil\u{1b}[31m\u{202e}txt.\u{0}</script>\"><img>\n::error::x ##vso[task.complete] ]]> %2e a:b \u{9b}2J";

pub(crate) fn render(format: Format, assessment: &Assessment, options: &Options) -> String {
    let mut bytes = Vec::new();
    write(format, assessment, options, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Says aloud that a check could not run, or fails where every check has to.
pub(crate) fn skip(why: &str) {
    assert!(
        std::env::var("NEPHOSCOPE_REQUIRE_ALL").is_err(),
        "not everything could be checked: {why}"
    );
    eprintln!("SKIPPED: {why}");
}

/// The schema of SARIF 2.1.0 that ships in the source of serde-sarif.
pub(crate) fn sarif_schema() -> Option<serde_json::Value> {
    let path = match std::env::var_os("NEPHOSCOPE_SARIF_SCHEMA") {
        Some(path) => PathBuf::from(path),
        None => {
            let output = std::process::Command::new(env!("CARGO"))
                .args(["metadata", "--format-version", "1", "--offline", "--manifest-path"])
                .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
                .output()
                .ok()?;
            let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
            let packages = metadata.pointer("/packages")?.as_array()?;
            let package = packages.iter().find(|package| package["name"] == "serde-sarif")?;
            PathBuf::from(package["manifest_path"].as_str()?)
                .parent()?
                .join("src/schema.json")
        }
    };
    // The schema's pattern of languages has a stray bracket, which strict readers of regular expressions refuse.
    let text = std::fs::read_to_string(path)
        .ok()?
        .replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    serde_json::from_str(&text).ok()
}

pub(crate) fn policy(id: &str, severity: Severity, title: &str) -> PolicyInfo {
    PolicyInfo {
        id: PolicyId(id.to_owned()),
        title: title.to_owned(),
        description: "A grant that no guard overrides lets anybody in.".to_owned(),
        severity,
        kinds: vec!["storage.bucket".to_owned()],
        remediation: "Turn on the public access guard of the bucket or account, then remove the grant.".to_owned(),
        controls: [
            ("nist-800-53-r5".to_owned(), vec!["AC-3".to_owned(), "SC-7".to_owned()]),
            ("cis-aws-3.0".to_owned(), vec!["2.1.4".to_owned()]),
        ]
        .into(),
        references: vec!["https://docs.example.com/guard?topic=public#top".to_owned()],
        package: "nephoscope.storage.bucket_public_access".to_owned(),
        file: "storage/bucket_public_access/bucket_public_access.rego".to_owned(),
        aliases: vec![],
        deprecated: None,
        portable: true,
    }
}

pub(crate) fn resource(provider: Provider, account: &str, native_type: &str, id: &str, name: &str) -> ResourceSummary {
    ResourceSummary {
        id: id.to_owned(),
        key: ResourceKey(id.to_owned()),
        provider,
        kind: "storage.bucket".to_owned(),
        native_type: native_type.to_owned(),
        name: name.to_owned(),
        account: account.to_owned(),
        region: "eu-west-1".to_owned(),
        state: State::Live,
    }
}

pub(crate) fn finding(policy: &PolicyInfo, outcome: Outcome, resource: ResourceSummary, key: &str) -> Finding {
    Finding {
        id: FindingId::new(&policy.id, &resource.key, key),
        policy: policy.id.clone(),
        outcome,
        severity: policy.severity,
        resource: Arc::new(resource),
        key: key.to_owned(),
        path: "/attributes/public_access/grants/0".to_owned(),
        message: "everyone may read".to_owned(),
        evidence: Some(json!({"principal": "*"})),
        values: String::new(),
        unknown: vec![],
        waiver: None,
        baseline: None,
        location: Location {
            origin: Origin {
                file: "snapshots/config.json".into(),
                offset: 120,
                length: 900,
                pointer: String::new(),
            },
            pointer: "/configuration/grants/0".to_owned(),
            line: Some(12),
            column: Some(16),
            mark: Some(16),
            snippet: vec!["  \"principal\": \"*\",".to_owned()],
        },
    }
}

pub(crate) fn tally(policy: &str, provider: Provider, account: &str, native_type: &str) -> Tally {
    Tally {
        policy: PolicyId(policy.to_owned()),
        provider,
        account: account.to_owned(),
        region: "eu-west-1".to_owned(),
        native_type: native_type.to_owned(),
        fail: 0,
        error: 0,
        unknown: 0,
        waived: 0,
        pass: 0,
        not_applicable: 0,
    }
}

/// An assessment without a policy, an input or a resource.
pub(crate) fn empty() -> Assessment {
    Assessment {
        tool: Tool {
            name: "nephoscope".to_owned(),
            version: "0.1.0".to_owned(),
        },
        as_of: "2026-11-23T12:00:00Z".parse().unwrap(),
        fail_on: Severity::Low,
        exit_code: 0,
        complete: true,
        incomplete_because: vec![],
        policies: vec![],
        inputs: vec![],
        findings: Findings::default(),
        tallies: vec![],
        coverage: Coverage::default(),
        compliance: None,
        waivers: vec![],
        fixed: vec![],
        not_checked: vec![],
    }
}

const AWS: &str = "111122223333";
const AZURE: &str = "8a7b6c5d-0000-4000-8000-1234567890ab";
const GCP: &str = "shop-prod";

fn compliance() -> Compliance {
    let control = |control: &str, status, fail, unknown, pass| ControlResult {
        control: control.to_owned(),
        title: Some(format!("Title of {HOSTILE}")),
        status,
        policies: vec![PolicyId("NEPH-STORAGE-001".to_owned())],
        fail,
        unknown,
        pass,
    };
    Compliance {
        framework: "f".to_owned(),
        title: "Framework".to_owned(),
        version: "1".to_owned(),
        complete: true,
        controls: vec![
            control("A-1", ControlStatus::Fail, 1, 2, 3),
            control("A-1(1)", ControlStatus::Unknown, 0, 1, 1000),
            control("B-2", ControlStatus::Pass, 0, 0, 4),
            control("C-3", ControlStatus::NotAssessed, 0, 0, 0),
        ],
    }
}

/// Three clouds, every outcome, every kind of gap and note, and a hostile name.
pub(crate) fn rich() -> Assessment {
    let public = policy("NEPH-STORAGE-001", Severity::Critical, "Bucket open to the internet");
    let mut tls = policy(
        "NEPH-STORAGE-002",
        Severity::Medium,
        "Bucket takes requests without TLS",
    );
    tls.package = "nephoscope.storage.bucket_plain_http".to_owned();
    tls.file = "storage/bucket_plain_http/bucket_plain_http.rego".to_owned();
    tls.controls.clear();
    tls.aliases = vec!["NEPH-OLD-002".to_owned()];
    tls.deprecated = Some("use NEPH-STORAGE-009".to_owned());
    let versions = policy("NEPH-STORAGE-003", Severity::Info, "Bucket keeps no versions");

    let bucket = |name: &str| {
        resource(
            Provider::Aws,
            AWS,
            "AWS::S3::Bucket",
            &format!("arn:aws:s3:::{name}"),
            name,
        )
    };
    let storage = |name: &str| {
        let id = format!("/subscriptions/{AZURE}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/{name}");
        resource(Provider::Azure, AZURE, "microsoft.storage/storageaccounts", &id, name)
    };
    let object = |name: &str| {
        let id = format!("//storage.googleapis.com/projects/_/buckets/{name}");
        resource(Provider::Gcp, GCP, "storage.googleapis.com/Bucket", &id, name)
    };

    let mut fail = finding(&public, Outcome::Fail, bucket("shop-logs"), "everyone read");
    fail.baseline = Some(BaselineState::New);
    let mut same = finding(&public, Outcome::Fail, bucket("shop-logs"), "everyone write");
    same.message = "everyone may write".to_owned();
    same.baseline = Some(BaselineState::Unchanged);
    same.location.line = Some(17);
    same.location.snippet = vec![
        "  \"grantee\": {".to_owned(),
        "    \"uri\": \"AllUsers\"".to_owned(),
        "  }".to_owned(),
    ];
    same.location.column = Some(3);
    let mut hostile = finding(&public, Outcome::Fail, object(HOSTILE), HOSTILE);
    hostile.message = format!("everyone may read {HOSTILE}");
    hostile.baseline = Some(BaselineState::New);
    hostile.location.origin.file = "-".into();
    hostile.location.line = Some(1);
    hostile.location.column = Some(40);
    hostile.location.snippet = vec![format!("{{\"name\": \"{HOSTILE}\"}}")];
    let mut unknown = finding(&public, Outcome::Unknown, storage("shopdata"), "");
    unknown.message = "the account's guard is not known".to_owned();
    unknown.unknown = vec![Unknown {
        path: "/related/account".to_owned(),
        gap: Gap::with(Reason::NotRead, "guard of the account"),
    }];
    unknown.evidence = None;
    let mut error = finding(&tls, Outcome::Error, storage("shopdata"), "");
    error.message = "the evaluation ran past 100 ms".to_owned();
    error.location.line = None;
    error.location.column = None;
    error.location.snippet.clear();
    let mut planned = finding(&tls, Outcome::Fail, bucket("shop-new"), "");
    planned.message = "requests without TLS are not denied".to_owned();
    planned.resource = Arc::new(ResourceSummary {
        state: State::Planned,
        id: "module.shop.aws_s3_bucket.new".to_owned(),
        key: ResourceKey("aws:s3:::shop-new".to_owned()),
        ..planned.resource.as_ref().clone()
    });
    planned.location.origin.file = "infra/main plan.json".into();
    planned.location.line = None;
    planned.location.column = None;
    planned.location.snippet.clear();
    planned.baseline = Some(BaselineState::New);
    let mut waived = finding(&tls, Outcome::Waived, object("shop-public"), "");
    waived.message = "requests without TLS are not denied".to_owned();
    waived.waiver = Some(WaiverNote {
        id: "W-17".to_owned(),
        owner: "web-team".to_owned(),
        reason: "a public site".to_owned(),
        expires: "2027-01-31".parse().unwrap(),
    });
    let pass = finding(&versions, Outcome::Pass, object("shop-public"), "");

    let mut tallies = vec![
        tally("NEPH-STORAGE-001", Provider::Aws, AWS, "AWS::S3::Bucket"),
        tally(
            "NEPH-STORAGE-001",
            Provider::Azure,
            AZURE,
            "microsoft.storage/storageaccounts",
        ),
        tally("NEPH-STORAGE-001", Provider::Gcp, GCP, "storage.googleapis.com/Bucket"),
        tally("NEPH-STORAGE-002", Provider::Aws, AWS, "AWS::S3::Bucket"),
        tally(
            "NEPH-STORAGE-002",
            Provider::Azure,
            AZURE,
            "microsoft.storage/storageaccounts",
        ),
        tally("NEPH-STORAGE-002", Provider::Gcp, GCP, "storage.googleapis.com/Bucket"),
        tally("NEPH-STORAGE-003", Provider::Gcp, GCP, "storage.googleapis.com/Bucket"),
    ];
    (tallies[0].fail, tallies[0].pass) = (1, 1200);
    tallies[1].unknown = 1;
    (tallies[2].fail, tallies[2].pass, tallies[2].not_applicable) = (1, 1, 2);
    tallies[3].fail = 1;
    tallies[4].error = 1;
    tallies[5].waived = 1;
    tallies[6].pass = 1;

    let input = |name: &str, format: &str, used: InputUse, note: Option<&str>| InputRecord {
        name: name.to_owned(),
        format: format.to_owned(),
        used,
        documents: u64::from(used == InputUse::Inventory),
        bytes: 4096,
        note: note.map(str::to_owned),
    };
    let gap = |scope: GapScope, gap: Gap, message: &str, incomplete: bool, accepted_by: Option<&str>| CoverageGap {
        scope,
        gap,
        message: message.to_owned(),
        line: None,
        offset: None,
        incomplete,
        accepted_by: accepted_by.map(str::to_owned),
    };
    let mut truncated = gap(
        GapScope {
            input: Some("snapshots/azure.json".to_owned()),
            ..GapScope::default()
        },
        Gap::new(Reason::Truncated),
        "the file ends in the middle of a value",
        true,
        None,
    );
    truncated.line = Some(91);

    Assessment {
        exit_code: 1,
        complete: false,
        incomplete_because: vec![
            "2 gaps in what was asked for".to_owned(),
            "1 evaluation ended in an error".to_owned(),
        ],
        inputs: vec![
            input(
                "infra/main plan.json",
                "terraform_plan",
                InputUse::Plan,
                Some("1 of 2 changes is no create or update"),
            ),
            input("snapshots/audit.json", "aws_cloudtrail", InputUse::Timeline, None),
            input(
                "snapshots/azure.json",
                "azure_arm",
                InputUse::Failed,
                Some("the file ends in the middle of a value"),
            ),
            input(
                "snapshots/config.json",
                "aws_config_snapshot",
                InputUse::Inventory,
                None,
            ),
            input("snapshots/readme.md", "", InputUse::NotRecognized, None),
        ],
        findings: vec![fail, same, hostile, unknown, planned, error, waived, pass].into(),
        tallies,
        compliance: Some(compliance()),
        coverage: Coverage {
            resources: 1206,
            superseded: 3,
            after_as_of: 1,
            deleted: 2,
            filtered: 40,
            filters: vec!["--region eu-west-1".to_owned()],
            gaps: vec![
                gap(
                    GapScope {
                        provider: Some(Provider::Aws),
                        account: Some("999988887777".to_owned()),
                        ..GapScope::default()
                    },
                    Gap::with(Reason::Denied, "config:SelectResourceConfig"),
                    "the role may not read the inventory",
                    true,
                    None,
                ),
                gap(
                    GapScope {
                        provider: Some(Provider::Gcp),
                        account: Some(GCP.to_owned()),
                        native_type: Some("storage.googleapis.com/Bucket".to_owned()),
                        ..GapScope::default()
                    },
                    Gap::new(Reason::ApiDisabled),
                    "the API is off",
                    true,
                    Some("platform-team"),
                ),
                gap(
                    GapScope {
                        provider: Some(Provider::Azure),
                        account: Some(AZURE.to_owned()),
                        native_type: Some("microsoft.cdn/profiles".to_owned()),
                        ..GapScope::default()
                    },
                    Gap::new(Reason::NotRecorded),
                    "the inventory does not record this type",
                    false,
                    None,
                ),
                truncated,
            ],
            unjudged: vec![
                UnjudgedType {
                    provider: Provider::Aws,
                    native_type: "AWS::EC2::Volume".to_owned(),
                    resources: 12,
                },
                UnjudgedType {
                    provider: Provider::Azure,
                    native_type: "microsoft.cdn/profiles".to_owned(),
                    resources: 1,
                },
            ],
            evaluated_share: Some(0.9992),
        },
        waivers: vec![
            WaiverRecord {
                id: "W-17".to_owned(),
                owner: "web-team".to_owned(),
                expires: "2027-01-31".parse().unwrap(),
                state: WaiverState::Used,
                findings: 1,
            },
            WaiverRecord {
                id: "W-9".to_owned(),
                owner: "old-team".to_owned(),
                expires: "2026-10-01".parse().unwrap(),
                state: WaiverState::Expired,
                findings: 1,
            },
        ],
        fixed: vec![FixedFinding {
            id: FindingId("0123456789abcdef0123456789abcdef".to_owned()),
            policy: PolicyId("NEPH-STORAGE-001".to_owned()),
            resource: "arn:aws:s3:::old".to_owned(),
            message: "everyone may read".to_owned(),
        }],
        not_checked: vec![FindingId("fedcba9876543210fedcba9876543210".to_owned())],
        policies: vec![public, tls, versions],
        ..empty()
    }
}

/// One policy, one resource called `name` in every place where a name can stand, found in `file`.
pub(crate) fn named(name: &str, file: &str) -> Assessment {
    let rule = policy("NEPH-STORAGE-001", Severity::High, "Bucket open to the internet");
    let mut target = resource(Provider::Gcp, name, name, name, name);
    target.region = name.to_owned();
    let mut fail = finding(&rule, Outcome::Fail, target.clone(), name);
    fail.message = name.to_owned();
    fail.location.origin.file = file.into();
    fail.location.snippet = vec![name.to_owned()];
    let mut unknown = finding(&rule, Outcome::Unknown, target.clone(), "");
    unknown.unknown = vec![Unknown {
        path: name.to_owned(),
        gap: Gap::with(Reason::NotRead, name),
    }];
    let mut error = finding(&rule, Outcome::Error, target.clone(), "");
    error.message = name.to_owned();
    let mut waived = finding(&rule, Outcome::Waived, target, "waived");
    waived.waiver = Some(WaiverNote {
        id: name.to_owned(),
        owner: name.to_owned(),
        reason: name.to_owned(),
        expires: "2027-01-31".parse().unwrap(),
    });
    let mut counts = tally("NEPH-STORAGE-001", Provider::Gcp, name, name);
    (counts.fail, counts.unknown, counts.error, counts.waived) = (1, 1, 1, 1);
    Assessment {
        exit_code: 1,
        complete: false,
        incomplete_because: vec![name.to_owned()],
        policies: vec![rule],
        inputs: vec![InputRecord {
            name: name.to_owned(),
            format: String::new(),
            used: InputUse::Failed,
            documents: 0,
            bytes: 1,
            note: Some(name.to_owned()),
        }],
        findings: vec![fail, unknown, error, waived].into(),
        tallies: vec![counts],
        compliance: None,
        coverage: Coverage {
            resources: 1,
            filters: vec![name.to_owned()],
            gaps: vec![CoverageGap {
                scope: GapScope {
                    input: Some(name.to_owned()),
                    ..GapScope::default()
                },
                gap: Gap::with(Reason::ParseError, name),
                message: name.to_owned(),
                line: None,
                offset: Some(7),
                incomplete: true,
                accepted_by: None,
            }],
            unjudged: vec![UnjudgedType {
                provider: Provider::Gcp,
                native_type: name.to_owned(),
                resources: 1,
            }],
            ..Coverage::default()
        },
        waivers: vec![WaiverRecord {
            id: name.to_owned(),
            owner: name.to_owned(),
            expires: "2026-10-01".parse().unwrap(),
            state: WaiverState::Unused,
            findings: 0,
        }],
        fixed: vec![FixedFinding {
            id: FindingId("0123456789abcdef0123456789abcdef".to_owned()),
            policy: PolicyId("NEPH-STORAGE-001".to_owned()),
            resource: name.to_owned(),
            message: name.to_owned(),
        }],
        ..empty()
    }
}
