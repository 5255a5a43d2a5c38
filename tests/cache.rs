//! Scans with `--cache`: the same bytes as without, whatever happened to the input, the policies or the cache.

use std::fs;
use std::path::Path;

use nephoscope_tests::{Run, corpus, nephoscope, root, run};
use serde_json::{Value, json};

const AS_OF: [&str; 2] = ["--as-of", "2026-11-25T00:00:00Z"];

fn scan(input: &Path, more: &[&str]) -> Run {
    run(nephoscope(["scan", "-f", "json"]).args(AS_OF).arg(input).args(more))
}

/// Scans with and without the cache and compares; returns how many documents were judged before, and how many are new.
#[track_caller]
fn same(input: &Path, cache: &Path, more: &[&str]) -> (u64, u64) {
    let without = scan(input, more);
    let cached: Vec<&str> = more
        .iter()
        .copied()
        .chain(["-v", "--cache", cache.to_str().unwrap()])
        .collect();
    let with = scan(input, &cached);
    assert_eq!(with.code, without.code, "{}", with.err);
    assert!(with.out == without.out, "other bytes with a cache: {more:?}");
    let told = with.err.lines().find_map(|line| line.strip_prefix("cache: "));
    let numbers = told.unwrap_or_default().split(' ').filter_map(|word| word.parse().ok());
    let numbers: Vec<u64> = numbers.collect();
    match numbers[..] {
        [known, new] => (known, new),
        _ => (0, 0),
    }
}

/// Security groups: `count` of them, every third open.
fn groups(count: usize) -> Vec<Value> {
    let group = |n: usize| {
        let open = if n.is_multiple_of(3) { "0.0.0.0/0" } else { "10.0.0.0/8" };
        json!({
            "resourceType": "AWS::EC2::SecurityGroup", "resourceId": format!("sg-{n}"), "awsAccountId": "111122223333",
            "awsRegion": "eu-west-1", "configurationItemCaptureTime": "2026-11-01T00:00:00.000Z",
            "configurationItemStatus": "OK", "configurationStateId": "7",
            "configuration": {"groupName": format!("web-{n}"), "groupId": format!("sg-{n}"), "ipPermissions": [{
                "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipv4Ranges": [{"cidrIp": open}]
            }], "ipPermissionsEgress": []}
        })
    };
    (0..count).map(group).collect()
}

fn write(file: &Path, groups: &[Value]) {
    let text = json!({"fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": groups});
    fs::write(file, text.to_string()).unwrap();
}

#[test]
fn what_did_not_change_is_not_judged_again_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let (file, cache) = (folder.path().join("a.json"), folder.path().join("cache"));
    let mut all = groups(300);
    write(&file, &all);
    assert_eq!(same(&file, &cache, &[]), (0, 300));
    assert_eq!(same(&file, &cache, &[]), (300, 0));
    // One is new at the front, one is changed, the order is another, and all stand in other files and on lines of their own.
    all.reverse();
    all[7]["configuration"]["ipPermissions"][0]["toPort"] = json!(3389);
    all.insert(0, groups(301).remove(300));
    write(&file, &all);
    for jobs in ["1", "2"] {
        assert_eq!(
            same(&file, &cache, &["--jobs", jobs]).0,
            if jobs == "1" { 299 } else { 301 }
        );
    }
    let lines: String = all.iter().map(|group| format!("  {group}\n")).collect();
    fs::write(&file, lines).unwrap();
    assert_eq!(same(&file, &cache, &[]), (301, 0));
    let inputs = folder.path().join("inputs");
    fs::create_dir(&inputs).unwrap();
    write(&inputs.join("1.json"), &all[150..]);
    write(&inputs.join("2.json"), &all[..150]);
    assert_eq!(same(&inputs, &cache, &["--include", "pass"]), (0, 301));
    assert_eq!(same(&inputs, &cache, &[]), (301, 0));
}

#[test]
fn every_report_of_the_demo_and_the_corpus_has_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let demo = root().join("demo");
    let inputs = [Some(demo), corpus().map(|corpus| corpus.join("aws"))];
    for input in inputs.iter().flatten() {
        for _ in 0..2 {
            same(input, &cache, &[]);
        }
        for format in ["human", "ndjson", "junit", "sarif"] {
            let report = |more: &[&str]| {
                run(nephoscope(["scan", "-q", "-f", format])
                    .args(AS_OF)
                    .arg(input)
                    .args(more))
                .out
            };
            assert!(report(&[]) == report(&["--cache", cache.to_str().unwrap()]), "{format}");
        }
    }
}

#[test]
fn what_decides_an_outcome_is_part_of_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let (file, cache) = (folder.path().join("a.json"), folder.path().join("cache"));
    write(&file, &groups(40));
    same(&file, &cache, &[]);
    let config = folder.path().join("nephoscope.yaml");
    let config_flag = ["--config", config.to_str().unwrap()];
    for (settings, more) in [
        ("policies:\n  NEPH-NETWORK-001:\n    severity: info\n", &config_flag[..]),
        ("policies:\n  NEPH-NETWORK-001:\n    enabled: false\n", &config_flag[..]),
        ("", &["--include", "pass"]),
        ("", &["--max-evaluation-ms", "1900"]),
        ("", &["--region", "eu-*"]),
        ("", &["--region", "us-*"]),
        ("", &["--policy-id", "NEPH-NETWORK-*"]),
    ] {
        fs::write(&config, settings).unwrap();
        assert_eq!(same(&file, &cache, more).0, 0, "{settings}{more:?}");
        assert_eq!(same(&file, &cache, more).0, 40, "{settings}{more:?}");
    }
    // What is newer than the instant judged counts for nothing, whatever is known of it.
    let early = |more: &[&str]| {
        let mut command = nephoscope(["scan", "-f", "json", "-q", "--as-of", "2026-10-01"]);
        run(command.arg(&file).args(more)).out
    };
    assert_eq!(early(&[]), early(&["--cache", cache.to_str().unwrap()]));
}

#[test]
fn damage_anywhere_changes_nothing_but_the_time_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let (file, cache) = (folder.path().join("a.json"), folder.path().join("cache"));
    write(&file, &groups(60));
    same(&file, &cache, &[]);
    let without = scan(&file, &["-q"]).out;
    let entry = fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    let sound = fs::read(&entry).unwrap();
    let mut told = 0;
    for step in 0..24 {
        let at = step * (sound.len() - 1) / 23;
        let mut broken = sound.clone();
        broken[at] ^= 0x41;
        let cut = &sound[..at];
        for bytes in [broken.as_slice(), cut] {
            // What was written beside it meanwhile would be used instead.
            for other in fs::read_dir(&cache).unwrap() {
                fs::remove_file(other.unwrap().path()).unwrap();
            }
            fs::write(&entry, bytes).unwrap();
            let run = scan(&file, &["-q", "--cache", cache.to_str().unwrap()]);
            assert!(run.out == without, "byte {at}");
            told += usize::from(run.err.contains("warning: "));
        }
    }
    assert!(told >= 47, "{told} of 48 were told");
}

#[cfg(unix)]
#[test]
fn a_folder_that_others_can_write_is_not_used() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (file, cache) = (folder.path().join("a.json"), folder.path().join("cache"));
    write(&file, &groups(10));
    let scan = |cache: &Path| scan(&file, &["-v", "--cache", cache.to_str().unwrap()]);
    assert!(scan(&cache).err.contains("0 documents were judged before, 10 are new"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let entry = fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    assert_eq!((mode(&cache), mode(&entry)), (0o700, 0o600));

    let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    allow(&entry, 0o620);
    let run = scan(&cache);
    assert!(
        run.err.contains("others can write it") && run.err.contains("0 documents"),
        "{}",
        run.err
    );
    allow(&entry, 0o600);
    allow(&cache, 0o770);
    let run = scan(&cache);
    assert!(
        run.err.contains("others can write it") && !run.err.contains("cache: "),
        "{}",
        run.err
    );
    allow(&cache, 0o700);
    let link = folder.path().join("link");
    symlink(&cache, &link).unwrap();
    assert!(scan(&link).err.contains("it is no folder"));
    assert!(scan(&cache).err.contains("10 documents were judged before"));
    // One that cannot be made, or written, does not stop the scan.
    assert_eq!(scan(Path::new("/proc/nephoscope-cache")).code, 1);
}
