//! Broken, empty, cut and hostile inputs: each is told aloud, with its place, and none passes for whole.

use nephoscope_model::{InputUse, Reason};
use nephoscope_read::{Input, Limits};

use crate::support::{found, gzip, item, named, read_input, snapshot, utf16, within};

/// Bytes, and what the gaps must say.
type Case = (&'static str, Vec<u8>, &'static str);

/// Wraps an item's text into a delivery between two good ones.
fn between(bad: &str) -> Vec<u8> {
    let good = item("AWS::S3::Bucket", "b");
    format!("{{\"fileVersion\":\"1.0\",\"configSnapshotId\":\"s\",\"configurationItems\":[{good},\n{bad},\n{good}]}}")
        .into_bytes()
}

fn with(field: &str) -> Vec<u8> {
    between(&format!(
        "{{\"resourceType\":\"AWS::S3::Bucket\",\"resourceId\":\"b\",\"configuration\":{{}},{field}}}"
    ))
}

fn cut(bytes: &[u8], sixteenths: usize) -> Vec<u8> {
    bytes[..bytes.len() * sixteenths / 16].to_vec()
}

/// A text that hardly compresses, so that cuts fall inside its data.
fn long_snapshot() -> String {
    let mut seed = 7_u64;
    let items: Vec<String> = (0..300)
        .map(|number| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            item("AWS::S3::Bucket", &format!("b{number}-{seed:x}")).to_string()
        })
        .collect();
    format!(
        "{{\"fileVersion\":\"1.0\",\"configSnapshotId\":\"s\",\"configurationItems\":[{}]}}",
        items.join(",\n")
    )
}

fn wholly_broken() -> Vec<Case> {
    let text = snapshot();
    let long = long_snapshot();
    let packed = gzip(long.as_bytes());
    let zstd = zstd::encode_all(long.as_bytes(), 3).unwrap();
    let mut two = gzip(long.as_bytes()[..5000].as_ref());
    two.extend(gzip(&long.as_bytes()[5000..]));
    let mut trailing = packed.clone();
    trailing.extend(b"trailing garbage");
    let mut damaged = packed.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8].fill(0xaa);
    let mut checksum = packed.clone();
    let end = checksum.len();
    checksum[end - 6] ^= 1;
    let mut wide_cut = utf16(&text, false, true);
    wide_cut.pop();
    let mut wide_lone = utf16("{\"configurationItems\": [", false, true);
    wide_lone.extend([0x00, 0xd8, 0x41, 0x00]);
    wide_lone.extend(utf16("]}", false, false));
    let mut not_text = b"{\"fileVersion\": \"1.0\", \"configSnapshotId\": \"".to_vec();
    not_text.extend(b"\xff\", \"configurationItems\": []}");
    vec![
        ("empty", vec![], "empty file"),
        ("white space", b" \n\t ".to_vec(), "white space"),
        ("only a mark", vec![0xef, 0xbb, 0xbf], "empty file"),
        ("only a wide mark", vec![0xff, 0xfe], "empty file"),
        ("empty gzip", gzip(b""), "empty file"),
        ("gzip magic only", vec![0x1f, 0x8b], "ends early"),
        ("zstd magic only", vec![0x28, 0xb5, 0x2f, 0xfd], "ends early"),
        ("gzip of garbage", gzip(b"garbage"), "no known format"),
        ("gzip cut at 1", cut(&packed, 1), "ends early"),
        ("gzip cut at 4", cut(&packed, 4), "gzip data ends early"),
        ("gzip cut at 8", cut(&packed, 8), "gzip data ends early"),
        ("gzip cut at 15", cut(&packed, 15), "gzip data ends early"),
        ("second member cut", cut(&two, 15), "gzip data ends early"),
        ("gzip damaged", damaged, "gzip"),
        ("gzip checksum", checksum, "damaged gzip data"),
        ("gzip trailing", trailing, "not gzip"),
        ("zstd cut at 4", cut(&zstd, 4), "ends early"),
        ("zstd cut at 15", cut(&zstd, 15), "zstd data ends early"),
        ("wide cut", wide_cut, "UTF-16"),
        ("wide lone surrogate", wide_lone, "malformed UTF-16"),
        ("not UTF-8", not_text, "not valid UTF-8"),
        ("binary", (0..=255).collect(), "no known format"),
        ("text", b"hello".to_vec(), "not JSON"),
        ("number", b"42".to_vec(), "not JSON"),
        ("null", b"null".to_vec(), "not JSON"),
        ("string", b"\"a\"".to_vec(), "not JSON"),
        ("empty object", b"{}".to_vec(), "empty JSON object"),
        ("empty list", b"[]".to_vec(), "empty JSON list"),
        ("other JSON", b"{\"hello\": 1}".to_vec(), "no known format"),
        ("bracket", b"{".to_vec(), "ends early"),
        ("cut key", b"{\"configu".to_vec(), "ends early"),
        ("cut value", text.as_bytes()[..text.len() / 2].to_vec(), "ends early"),
        ("no end", text.as_bytes()[..text.len() - 1].to_vec(), "ends early"),
        ("trailing bytes", format!("{text} x").into_bytes(), "after the first value"),
        ("two snapshots", format!("{text}{text}").into_bytes(), "after the first value"),
        ("trailing comma", text.replace("\"1.0\"\n}", "\"1.0\",\n}").into_bytes(), "expected a key"),
        ("comma in list", b"{\"configurationItems\": [,]}".to_vec(), "expected a value"),
        ("missing comma", b"{\"configurationItems\": [{} {}]}".to_vec(), "expected `,`"),
        ("missing colon", b"{\"configurationItems\" []}".to_vec(), "no known format"),
        ("list twice", b"{\"configurationItems\": [], \"configurationItems\": []}".to_vec(), "appears twice"),
        ("list is none", b"{\"fileVersion\": \"1\", \"configSnapshotId\": \"s\", \"configurationItems\": 1}".to_vec(), "no list"),
        (
            "delivery without list",
            b"{\"fileVersion\": \"1.0\", \"configSnapshotId\": \"s\"}".to_vec(),
            "without `configurationItems`",
        ),
        ("null for a list", b"{\"fileVersion\": \"1.0\", \"configSnapshotId\": \"s\", \"configurationItems\": null}".to_vec(), "no list"),
        ("deep list", format!("{{\"value\":[{}", "[".repeat(10_000)).into_bytes(), "ends early"),
        ("deep from the start", "[".repeat(10_000).into_bytes(), "ends early"),
        ("deep objects", "{\"a\":".repeat(10_000).into_bytes(), "ends early"),
        ("plan is a list", b"{\"format_version\": \"1\", \"resource_changes\": 1}".to_vec(), "cannot be understood"),
        ("plan cut", b"{\"format_version\": \"1\", \"resource_changes\": [".to_vec(), "ends early"),
        ("table without rows", b"{\"totalRecords\": 0, \"data\": {\"columns\": []}}".to_vec(), "cannot be understood"),
        ("table row too short", b"{\"totalRecords\": 1, \"data\": {\"columns\": [{\"name\": \"id\"}], \"rows\": [[]]}}".to_vec(), "a row without"),
        ("column twice", b"{\"totalRecords\": 1, \"data\": {\"columns\": [{\"name\": \"id\"}, {\"name\": \"id\"}], \"rows\": [[\"a\", \"b\"]]}}".to_vec(), "a row without"),
        ("trail cut", b"{\"Records\": [{\"eventSource\": \"s\", \"eventName\": \"n\", \"awsRegion\": \"r\"}".to_vec(), "ends early"),
        ("query with bad text", b"{\"Results\": [\"{\\\"a\\\":\"], \"QueryInfo\": {}}".to_vec(), "a query result: not valid JSON"),
        ("message with bad text", b"{\"Type\": \"Notification\", \"Message\": \"{\\\"a\\\":\"}".to_vec(), "the string at `/Message`"),
    ]
}

/// Items that are refused while those around them are read.
fn broken_inside() -> Vec<Case> {
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let mut not_text = with("\"x\": \"#\"");
    let at = not_text.iter().position(|byte| *byte == b'#').unwrap();
    not_text[at] = 0xff;
    vec![
        ("deep item", between(&deep), "nested deeper than 128"),
        (
            "duplicate key",
            with("\"a\": {\"b\": 1, \"b\": 2}"),
            "`b` appears twice",
        ),
        (
            "duplicate id",
            with("\"resourceId\": \"c\""),
            "`resourceId` appears twice",
        ),
        ("huge exponent", with("\"x\": 1e999999999"), "exponent"),
        (
            "long number",
            with(&format!("\"x\": {}", "9".repeat(2000))),
            "more than 1000 digits",
        ),
        ("NaN", with("\"x\": NaN"), "not valid JSON"),
        ("Infinity", with("\"x\": -Infinity"), "not valid JSON"),
        ("comma", with("\"x\": [1,]"), "not valid JSON"),
        ("comment", with("\"x\": /* y */ 1"), "not valid JSON"),
        ("single quotes", with("\"x\": 'y'"), "not valid JSON"),
        ("lone surrogate", with("\"x\": \"\\ud800\""), "lone surrogate"),
        ("control character", with("\"x\": \"\u{1}\""), "not valid JSON"),
        ("bad escape", with("\"x\": \"\\x\""), "not valid JSON"),
        ("leading zero", with("\"x\": 01"), "not valid JSON"),
        ("crossed brackets", with("\"x\": [1}"), "not valid JSON"),
        ("not UTF-8 inside", not_text, "not valid UTF-8"),
        ("no type", between("{\"resourceId\": \"b\"}"), "without `resourceType`"),
        (
            "type of another kind",
            between("{\"resourceType\": 7, \"resourceId\": \"b\"}"),
            "cannot be understood",
        ),
        ("a number for an item", between("7"), "cannot be understood"),
        ("null for an item", between("null"), "cannot be understood"),
    ]
}

#[test]
fn what_is_broken_is_never_taken_for_whole() {
    let cases = wholly_broken();
    let inside = broken_inside();
    assert!(cases.len() + inside.len() >= 60);
    for (name, bytes, says) in cases.iter().chain(&inside) {
        let got = named(bytes);
        assert!(got.messages().contains(says), "{name}: {:?}", got.gaps);
        assert!(got.gaps.iter().any(|gap| gap.incomplete), "{name}");
        assert!(got.scopes.is_empty(), "{name}");
        for gap in &got.gaps {
            assert_eq!(gap.scope.input.as_deref(), Some("x.json"), "{name}");
            assert!(gap.offset.is_some() || gap.line.is_some(), "{name}");
            assert!(
                !gap.message.contains('\n') && gap.message.chars().next().unwrap().is_lowercase()
                    || gap.message.starts_with(['`', 'U']),
                "{name}: {}",
                gap.message
            );
        }
        assert_eq!(
            got.record.used == InputUse::Failed,
            got.documents.is_empty(),
            "{name}: {:?}",
            got.record
        );
        // Found in a folder, it is broken too, or of some other program; never an empty inventory.
        let got = found(bytes);
        assert!(
            !matches!(got.record.used, InputUse::Empty | InputUse::Plan | InputUse::Timeline),
            "{name}: {:?}",
            got.record
        );
        assert!(
            got.record.used != InputUse::Inventory || got.gaps.iter().any(|gap| gap.incomplete),
            "{name}"
        );
        assert!(got.record.used != InputUse::UseGate, "{name}");
    }
}

#[test]
fn what_stands_around_a_broken_item_is_read() {
    for (name, bytes, says) in broken_inside() {
        let got = named(&bytes);
        assert_eq!(got.documents.len(), 2, "{name}: {:?}", got.gaps);
        assert_eq!(got.gaps.len(), 1, "{name}: {:?}", got.gaps);
        assert_eq!(got.gaps[0].line, Some(2), "{name} {says}");
        let start = bytes.iter().position(|byte| *byte == b'\n').unwrap() as u64;
        assert!(got.gaps[0].offset.unwrap() > start, "{name}");
    }
}

#[test]
fn a_time_that_is_none_is_told_and_the_rest_is_judged() {
    for (time, says) in [
        ("\"yesterday\"", "`yesterday`"),
        ("[1]", "`[1]`"),
        ("\"9999-12-31T23:59:59Z\"", "`9999-"),
    ] {
        let got = named(with(&format!("\"configurationItemCaptureTime\": {time}")));
        assert_eq!((got.documents.len(), got.gaps.len()), (3, 1), "{time}: {:?}", got.gaps);
        assert!(got.messages().contains(says), "{:?}", got.gaps);
        assert_eq!((got.gaps[0].line, got.gaps[0].incomplete), (Some(2), true));
    }
    for nothing in ["null", "\"\""] {
        assert!(named(with(&format!("\"configurationItemCaptureTime\": {nothing}"))).is_clean());
    }
    let asset = r#"{"name": "//x/b", "asset_type": "storage.googleapis.com/Bucket", "update_time": "soon", "resource": {"data": {"id": "b"}}}"#;
    let got = named(asset);
    assert_eq!((got.documents.len(), got.gaps.len()), (1, 1), "{:?}", got.gaps);
    assert!(got.messages().contains("`soon`"), "{:?}", got.gaps);
}

#[test]
fn bombs_end_at_the_limits() {
    let text = format!("{{\"configurationItems\":[{}\n", " ".repeat(3 << 20));
    let limits = Limits {
        max_decoded_bytes: 1 << 20,
        ..Limits::default()
    };
    let zstd = zstd::encode_all(text.as_bytes(), 3).unwrap();
    for bytes in [gzip(text.as_bytes()), zstd, text.clone().into_bytes()] {
        let got = within(&bytes, &limits);
        assert_eq!(got.record.used, InputUse::Failed);
        assert_eq!(got.gaps[0].gap.reason, Reason::Truncated);
        assert!(got.messages().contains("raise --max-decoded-mib"), "{:?}", got.gaps);
    }
    let large = format!("{{\"configurationItems\":[{}]}}", " ".repeat(80 << 20));
    let got = within(
        &gzip(large.as_bytes()),
        &Limits {
            max_ratio: 100,
            ..Limits::default()
        },
    );
    assert!(got.messages().contains("more than 100 times"), "{:?}", got.gaps);
    assert!(named(gzip(large.as_bytes())).record.used == InputUse::Empty || !named(gzip(large.as_bytes())).is_clean());
}

#[test]
fn a_document_that_is_too_large_is_left_out_and_the_rest_goes_on() {
    let mut large = item("AWS::S3::Bucket", "large");
    large["configuration"] = "x".repeat(10_000).into();
    let bytes = between(&large.to_string());
    let got = within(
        &bytes,
        &Limits {
            max_document_bytes: 5_000,
            ..Limits::default()
        },
    );
    assert_eq!((got.documents.len(), got.gaps.len()), (2, 1));
    assert!(got.messages().contains("larger than 5000 bytes"));
    assert_eq!(got.gaps[0].line, Some(2));
    let got = within(
        &between("{\"a\": [[[1]]]}"),
        &Limits {
            max_depth: 3,
            ..Limits::default()
        },
    );
    assert!(got.messages().contains("nested deeper than 3"));
    assert_eq!(got.documents.len(), 2);
}

#[test]
fn several_members_frames_and_marks_are_read() {
    let text = long_snapshot();
    let (head, tail) = text.as_bytes().split_at(7777);
    let members: Vec<u8> = [gzip(head), gzip(tail)].concat();
    let frames: Vec<u8> = [zstd::encode_all(head, 1).unwrap(), zstd::encode_all(tail, 1).unwrap()].concat();
    let wide = gzip(&utf16(&text, false, true));
    for bytes in [members, frames, wide] {
        let got = named(&bytes);
        assert!(got.is_clean(), "{:?}", got.gaps);
        assert_eq!(got.documents.len(), 300);
    }
}

#[test]
fn a_flood_of_gaps_is_counted() {
    let text = format!(
        "{{\"value\":[{{\"id\":\"/subscriptions/s/x\",\"type\":\"a/b\"}},{}1]}}",
        "1,".repeat(5000)
    );
    let got = named(text);
    assert_eq!(got.documents.len(), 1);
    assert!(got.gaps.len() <= 1001);
    assert_eq!(got.gaps.last().unwrap().message, "4001 more problems in this input");
    assert!(got.gaps.last().unwrap().incomplete);
}

#[test]
fn empty_files_of_a_folder_are_told_apart() {
    let in_folder = |name: &str| {
        let input = Input {
            name: name.into(),
            path: None,
            named: false,
        };
        read_input(&input, Some(b""), &Limits::default()).record.used
    };
    assert_eq!(in_folder("a/export.json"), InputUse::Failed);
    assert_eq!(in_folder("a/.keep"), InputUse::NotRecognized);
    assert_eq!(
        in_folder("AWSLogs/1/Config/ConfigWritabilityCheckFile"),
        InputUse::NotRecognized
    );
    assert_eq!(named("").record.used, InputUse::Failed);
}

#[cfg(unix)]
#[test]
fn files_that_cannot_be_opened_are_gaps() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    std::fs::write(&path, snapshot()).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o0)).unwrap();
    let secret = Input {
        name: "x.json".into(),
        path: Some(path.clone()),
        named: true,
    };
    // The administrator reads everything.
    if std::fs::File::open(&path).is_err() {
        let got = read_input(&secret, None, &Limits::default());
        assert_eq!(
            (got.record.used, got.gaps[0].gap.reason),
            (InputUse::Failed, Reason::Denied)
        );
    }
    for path in [folder.path().join("gone"), folder.path().to_owned()] {
        let got = read_input(
            &Input {
                name: "y".into(),
                path: Some(path),
                named: false,
            },
            None,
            &Limits::default(),
        );
        assert_eq!(got.record.used, InputUse::Failed);
        assert!(got.gaps[0].incomplete);
    }
    let got = read_input(
        &Input {
            name: "-".into(),
            path: None,
            named: true,
        },
        None,
        &Limits::default(),
    );
    assert!(got.messages().contains("no standard input"));
}
