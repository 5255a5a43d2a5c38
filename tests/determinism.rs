//! The same input gives the same bytes; its order gives no difference but where things stand.

use std::path::{Path, PathBuf};

use nephoscope_tests::{nephoscope, root, run};
use serde_json::Value;

const AS_OF: &str = "2026-12-01T00:00:00Z";

fn reports(paths: &[&Path], jobs: &str) -> Vec<Vec<u8>> {
    reports_with(paths, &["--jobs", jobs])
}

fn reports_with(paths: &[&Path], flags: &[&str]) -> Vec<Vec<u8>> {
    let out = tempfile::tempdir().unwrap();
    let names = ["human", "json", "ndjson", "junit", "sarif"];
    let mut command = nephoscope(["scan", "--as-of", AS_OF, "--include", "pass"]);
    command.args(flags).args(paths);
    for name in names {
        command
            .arg("-f")
            .arg(format!("{name}={}", out.path().join(name).display()));
    }
    let run = run(&mut command);
    assert!(run.code == 1 || run.code == 3, "{}", run.err);
    names
        .iter()
        .map(|name| std::fs::read(out.path().join(name)).unwrap())
        .collect()
}

#[test]
fn twenty_runs_on_1_2_and_8_threads_are_byte_identical() {
    let (demo, worlds) = (root().join("demo"), root().join("tests/worlds"));
    let paths = [demo.as_path(), worlds.as_path()];
    let first = reports(&paths, "1");
    for round in 0..20 {
        let jobs = ["1", "2", "8"][round % 3];
        assert!(
            reports(&paths, jobs) == first,
            "run {round} with {jobs} threads differs"
        );
    }
}

#[test]
fn what_goes_to_disk_comes_back_as_it_was() {
    let (demo, worlds) = (root().join("demo"), root().join("tests/worlds"));
    let paths = [demo.as_path(), worlds.as_path()];
    let in_memory = reports(&paths, "2");
    for jobs in ["1", "3"] {
        let on_disk = reports_with(&paths, &["--jobs", jobs, "--buffer-mib", "0"]);
        assert!(on_disk == in_memory, "{jobs} threads");
    }
}

// A small generator: tests need no library to shuffle by.
struct Shuffler(u64);

impl Shuffler {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn list<T>(&mut self, list: &mut [T]) {
        for index in (1..list.len()).rev() {
            let other = self.below(index + 1);
            list.swap(index, other);
        }
    }

    /// Shuffles every list of a document. Lists of strings inside IAM policies and the like have no order either;
    /// the rows of a Resource Graph table do, with its columns, and are not shuffled against each other.
    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Array(list) => {
                list.iter_mut().for_each(|child| self.value(child));
                self.list(list);
            }
            Value::Object(map) => map.values_mut().for_each(|child| self.value(child)),
            _ => {}
        }
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json" || extension == "ndjson")
        {
            found.push(path);
        }
    }
    found.sort();
}

/// Writes a copy of `source` below `target`, every list and every line shuffled.
fn shuffled(source: &Path, target: &Path, shuffler: &mut Shuffler) {
    let mut found = Vec::new();
    files(source, &mut found);
    for file in found {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut documents: Vec<Value> = serde_json::Deserializer::from_str(&text)
            .into_iter::<Value>()
            .collect::<Result<_, _>>()
            .unwrap();
        documents.iter_mut().for_each(|document| shuffler.value(document));
        shuffler.list(&mut documents);
        let path = target.join(file.strip_prefix(source).unwrap());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let lines: Vec<String> = documents.iter().map(Value::to_string).collect();
        std::fs::write(path, lines.join("\n")).unwrap();
    }
}

/// Takes out of a JSON report where things stand: that is what shuffling changes.
fn without_places(report: &[u8]) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for key in ["line", "column", "snippet", "offset", "length", "pointer", "bytes"] {
                    map.remove(key);
                }
                map.values_mut().for_each(strip);
            }
            Value::Array(list) => list.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut report = serde_json::from_slice(report).unwrap();
    strip(&mut report);
    report
}

/// The first lines that differ.
fn difference(one: &Value, other: &Value) -> String {
    let (one, other) = (format!("{one:#}"), format!("{other:#}"));
    let lines = one.lines().zip(other.lines()).filter(|(one, other)| one != other);
    lines
        .take(10)
        .map(|(one, other)| format!("- {one}\n+ {other}\n"))
        .collect()
}

#[test]
fn shuffled_files_documents_and_lists_change_nothing_but_places() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = None;
    for seed in 0..6 {
        let copy = folder.path().join("copy");
        if copy.exists() {
            std::fs::remove_dir_all(&copy).unwrap();
        }
        let mut shuffler = Shuffler(seed);
        // Two worlds disagree about resources of one name, so only one of each is taken.
        for source in ["demo", "tests/worlds/bucket_failing", "tests/worlds/firewall_failing"] {
            shuffled(&root().join(source), &copy.join(source), &mut shuffler);
        }
        // Paths are given in another order too.
        let (a, b) = (copy.join("demo"), copy.join("tests/worlds"));
        let paths = if seed % 2 == 0 {
            [a.as_path(), b.as_path()]
        } else {
            [b.as_path(), a.as_path()]
        };
        let all = reports(&paths, "2");
        let json = without_places(&all[1]);
        match &expected {
            None => expected = Some(json),
            Some(expected) => assert!(
                *expected == json,
                "seed {seed} differs:\n{}",
                difference(expected, &json)
            ),
        }
    }
}
