//! Reading made short.

use nephoscope_model::{CoverageGap, Document, InputRecord, ScopeRead};
use nephoscope_read::{Event, Input, Limits, read};
use serde_json::Value;

/// All that reading one input gave.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) record: InputRecord,
    pub(crate) documents: Vec<Document>,
    pub(crate) gaps: Vec<CoverageGap>,
    pub(crate) scopes: Vec<ScopeRead>,
}

impl Got {
    pub(crate) fn body(&self, index: usize) -> Value {
        serde_json::from_str(self.documents[index].body.get()).unwrap()
    }

    pub(crate) fn types(&self) -> Vec<&str> {
        self.documents
            .iter()
            .map(|document| document.native_type.as_str())
            .collect()
    }

    pub(crate) fn messages(&self) -> String {
        self.gaps
            .iter()
            .map(|gap| gap.message.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.gaps.is_empty()
    }
}

pub(crate) fn read_input(input: &Input, bytes: Option<&[u8]>, limits: &Limits) -> Got {
    let (mut documents, mut gaps, mut scopes) = (Vec::new(), Vec::new(), Vec::new());
    let mut source = bytes.unwrap_or_default();
    let stdin: Option<&mut dyn std::io::Read> = bytes.is_some().then_some(&mut source);
    let record = read(input, stdin, limits, &mut |event| match event {
        Event::Document(document) => documents.push(document),
        Event::Gap(gap) => gaps.push(gap),
        Event::ScopeRead(scope) => scopes.push(scope),
    });
    Got {
        record,
        documents,
        gaps,
        scopes,
    }
}

fn input(named: bool) -> Input {
    Input {
        name: "x.json".into(),
        path: None,
        named,
    }
}

/// Reads bytes as a named input.
pub(crate) fn named(bytes: impl AsRef<[u8]>) -> Got {
    read_input(&input(true), Some(bytes.as_ref()), &Limits::default())
}

/// Reads bytes as an input found in a folder.
pub(crate) fn found(bytes: impl AsRef<[u8]>) -> Got {
    read_input(&input(false), Some(bytes.as_ref()), &Limits::default())
}

/// Reads bytes as a named input within limits.
pub(crate) fn within(bytes: &[u8], limits: &Limits) -> Got {
    read_input(&input(true), Some(bytes), limits)
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let units = mark.then_some(0xfeff_u16).into_iter().chain(text.encode_utf16());
    for unit in units {
        bytes.extend(if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
    }
    bytes
}

/// A configuration item as deliveries write it.
pub(crate) fn item(native_type: &str, id: &str) -> Value {
    serde_json::json!({
        "configurationItemVersion": "1.3", "awsAccountId": "111111111111", "awsRegion": "eu-west-1",
        "ARN": format!("arn:aws:x:::{id}"), "resourceType": native_type, "resourceId": id,
        "configurationItemCaptureTime": "2026-01-02T03:04:05.678Z", "configurationItemStatus": "OK",
        "configuration": {"a": 1}, "supplementaryConfiguration": {}, "tags": {}, "relationships": []
    })
}

/// A snapshot delivery of a few items.
pub(crate) fn snapshot() -> String {
    let items: Vec<Value> = [
        ("AWS::S3::Bucket", "b1"),
        ("AWS::EC2::SecurityGroup", "sg-1"),
        ("AWS::IAM::User", "AIDA"),
    ]
    .into_iter()
    .map(|(kind, id)| item(kind, id))
    .collect();
    let value = serde_json::json!({"fileVersion": "1.0", "configSnapshotId": "s-1", "configurationItems": items});
    serde_json::to_string_pretty(&value).unwrap()
}

/// The corpus of real inputs, or `None` (said aloud) where it is not at hand.
pub(crate) fn corpus(test: &str) -> Option<std::path::PathBuf> {
    match std::env::var_os("NEPHOSCOPE_CORPUS") {
        Some(path) => Some(path.into()),
        None if std::env::var("NEPHOSCOPE_REQUIRE_ALL").is_ok_and(|value| value == "1") => {
            panic!("NEPHOSCOPE_CORPUS is not set, but every test is required")
        }
        None => {
            eprintln!("SKIPPED: {test}: NEPHOSCOPE_CORPUS is not set");
            None
        }
    }
}
