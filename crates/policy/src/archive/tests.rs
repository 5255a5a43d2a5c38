use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

use super::*;

const POLICY: &[u8] = b"package lib.a\n";

fn header(name: &str, kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    // Written past the builder, which refuses the names that an attacker would choose.
    let bytes = name.as_bytes();
    header.as_old_mut().name[..bytes.len()].copy_from_slice(bytes);
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(size);
    header.set_cksum();
    header
}

fn bundle(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for (name, kind, content) in entries {
        builder
            .append(&header(name, *kind, content.len() as u64), *content)
            .unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn read(bytes: &[u8]) -> Result<Root, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inner/bundle.tar.gz");
    fs::create_dir(folder.path().join("inner")).unwrap();
    let sentinel = folder.path().join("evil.rego");
    fs::write(&sentinel, "untouched").unwrap();
    fs::write(&path, bytes).unwrap();
    let result = read_bundle(&path, None).map_err(|error| error.to_string());
    assert_eq!(fs::read_to_string(sentinel).unwrap(), "untouched");
    assert_eq!(fs::read_dir(folder.path().join("inner")).unwrap().count(), 1);
    result
}

#[test]
fn a_bundle_is_read_in_memory() {
    let manifest = br#"{"revision": "r7", "roots": ["lib"]}"#;
    let root = read(&bundle(&[
        ("/.manifest", EntryType::Regular, manifest),
        ("/lib", EntryType::Directory, b""),
        ("/lib/a.rego", EntryType::Regular, POLICY),
        ("/lib/data.json", EntryType::Regular, br#"{"x": 1}"#),
        ("/LICENSE", EntryType::Regular, b"free"),
    ]))
    .unwrap();
    assert_eq!(
        root.files,
        [SourceFile {
            path: "lib/a.rego".into(),
            text: "package lib.a\n".into()
        }]
    );
    assert_eq!(Value::Object(root.data), serde_json::json!({"lib": {"x": 1}}));
    assert!(root.name.ends_with("bundle.tar.gz (r7)"), "{}", root.name);
}

#[test]
fn attacks_are_refused() {
    use EntryType::{Block, Char, Fifo, GNUSparse, Link, Regular, Symlink};
    type Attack<'a> = (&'a str, &'a [(&'a str, EntryType, &'a [u8])]);
    let attacks: &[Attack] = &[
        ("leads outside", &[("../evil.rego", Regular, POLICY)]),
        ("leads outside", &[("lib/../../evil.rego", Regular, POLICY)]),
        ("leads outside", &[("//etc/evil.rego", Regular, POLICY)]),
        ("leads outside", &[("..\\evil.rego", Regular, POLICY)]),
        ("leads outside", &[("C:/evil.rego", Regular, POLICY)]),
        (
            "absolute and relative paths are mixed",
            &[("a.rego", Regular, POLICY), ("/etc/evil.rego", Regular, POLICY)],
        ),
        ("is a link", &[("a.rego", Symlink, b"")]),
        ("is a link", &[("a.rego", Link, b"")]),
        ("is no file", &[("a.rego", Char, b"")]),
        ("is no file", &[("a.rego", Block, b"")]),
        ("is no file", &[("a.rego", Fifo, b"")]),
        ("no whole tar.gz", &[("a.rego", GNUSparse, b"")]),
        (
            "comes twice",
            &[("a.rego", Regular, POLICY), ("./a.rego", Regular, POLICY)],
        ),
        (
            "differs from another only by case",
            &[("a.rego", Regular, POLICY), ("A.rego", Regular, POLICY)],
        ),
        ("holds no policy", &[]),
        ("holds no policy", &[("data.json", Regular, b"{}")]),
        ("is no UTF-8 text", &[("a.rego", Regular, b"package \xff")]),
        ("a data document is an object", &[("data.json", Regular, b"[]")]),
        ("delta bundles", &[("patch.json", Regular, b"{}")]),
        (
            "lies outside the manifest's roots",
            &[
                (".manifest", Regular, br#"{"roots": ["other"]}"#),
                ("a.rego", Regular, POLICY),
            ],
        ),
        (
            "data `other` lies outside the manifest's roots",
            &[
                (".manifest", Regular, br#"{"roots": ["lib"]}"#),
                ("a.rego", Regular, POLICY),
                ("other/data.json", Regular, br#"{"x": 1}"#),
            ],
        ),
    ];
    for (expected, entries) in attacks {
        let error = read(&bundle(entries)).unwrap_err();
        assert!(error.contains(expected), "wanted `{expected}`, got `{error}`");
    }
}

#[test]
fn bombs_and_cut_files_are_refused() {
    let zeros = vec![b' '; 8 << 20];
    let error = read(&bundle(&[("big.txt", EntryType::Regular, &zeros)])).unwrap_err();
    assert!(error.contains("more than 100 times its size"), "{error}");

    // The header promises a gigabyte that the file does not hold.
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    let lying = header("a.rego", EntryType::Regular, 1 << 30);
    builder.append(&lying, POLICY).unwrap();
    let error = read(&builder.into_inner().unwrap().finish().unwrap()).unwrap_err();
    assert!(error.contains("more than 64 MiB"), "{error}");

    // Behind the end of the tar.
    let mut tar = Builder::new(Vec::new());
    tar.append(&header("a.rego", EntryType::Regular, POLICY.len() as u64), POLICY)
        .unwrap();
    let mut bytes = tar.into_inner().unwrap();
    bytes.extend(vec![0; 16 << 20]);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes).unwrap();
    let error = read(&encoder.finish().unwrap()).unwrap_err();
    assert!(error.contains("more than 100 times its size"), "{error}");

    let whole = bundle(&[("a.rego", EntryType::Regular, POLICY)]);
    assert!(read(&whole).is_ok());
    for sixteenth in 0..16 {
        let cut = &whole[..whole.len() * sixteenth / 16];
        assert!(read(cut).is_err(), "cut at {} of {}", cut.len(), whole.len());
    }

    let many: Vec<String> = (0..10_001).map(|index| format!("{index}.txt")).collect();
    let entries: Vec<(&str, EntryType, &[u8])> = many
        .iter()
        .map(|name| (name.as_str(), EntryType::Regular, b"".as_slice()))
        .collect();
    let error = read(&bundle(&entries)).unwrap_err();
    assert!(
        error.contains("10,000") || error.contains("10000") || error.contains("100 times"),
        "{error}"
    );
}
