//! The built-in policy pack, part of the binary.

use include_dir::{Dir, include_dir};
use nephoscope_model::Outcome;
use nephoscope_policy::{Root, SourceFile};

const FRAMEWORKS: &str = "frameworks";

static PACK: Dir = include_dir!("$CARGO_MANIFEST_DIR/../../policies");

/// Returns the pack with its Rego tests, files sorted.
pub fn root() -> Root {
    let mut files = Vec::new();
    gather(&PACK, &mut files);
    files.sort_by(|a: &SourceFile, b| a.path.cmp(&b.path));
    Root {
        name: "built-in".to_owned(),
        files,
        trusted: true,
        in_process: true,
        ..Root::default()
    }
}

/// Returns the native examples beside each policy: (path in the pack, bytes), sorted.
pub fn examples() -> Vec<(String, &'static [u8])> {
    let mut found = Vec::new();
    walk(&PACK, &mut |file| {
        if is_json(file) && !file.path().starts_with(FRAMEWORKS) {
            found.push((slashed(file.path()), file.contents()));
        }
    });
    found.sort();
    found
}

/// Returns the example that a file of the pack is, or is a part of: its own name, or that of the folder beside the policy.
pub fn example_of(path: &str) -> &str {
    let below = path.split_once("/examples/").map_or(path, |(_, below)| below);
    below.split('/').next().unwrap_or(below)
}

/// Returns what an example's name says is to come of it: `<name>.<outcome>.json`, or a folder `<name>.<outcome>`.
pub fn expected(example: &str) -> Option<Outcome> {
    let name = example.strip_suffix(".json").unwrap_or(example);
    match name.rsplit_once('.')?.1 {
        "fail" => Some(Outcome::Fail),
        "pass" => Some(Outcome::Pass),
        "unknown" => Some(Outcome::Unknown),
        _ => None,
    }
}

/// Returns the catalogs of controls: (path in the pack, bytes), sorted.
pub fn frameworks() -> Vec<(String, &'static [u8])> {
    let mut found = Vec::new();
    walk(&PACK, &mut |file| {
        if is_json(file) && file.path().starts_with(FRAMEWORKS) {
            found.push((slashed(file.path()), file.contents()));
        }
    });
    found.sort();
    found
}

fn is_json(file: &include_dir::File<'_>) -> bool {
    file.path().extension().is_some_and(|extension| extension == "json")
}

fn gather(folder: &Dir, files: &mut Vec<SourceFile>) {
    walk(folder, &mut |file| {
        if file.path().extension().is_some_and(|extension| extension == "rego")
            && let Some(text) = file.contents_utf8()
        {
            files.push(SourceFile {
                path: slashed(file.path()),
                text: text.to_owned(),
            });
        }
    });
}

fn walk<'a>(folder: &'a Dir<'a>, visit: &mut impl FnMut(&'a include_dir::File<'a>)) {
    for entry in folder.entries() {
        match entry {
            include_dir::DirEntry::Dir(inner) => walk(inner, visit),
            include_dir::DirEntry::File(file) => visit(file),
        }
    }
}

fn slashed(path: &std::path::Path) -> String {
    path.components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}
