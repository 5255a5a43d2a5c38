//! `policy lock` and `--locked`: policies that change are seen.

use std::path::Path;

use nephoscope_tests::{Run, nephoscope, run};

fn policy(id: &str) -> String {
    format!(
        "# METADATA\n# scope: package\n# title: T\n# description: D\n# schemas:\n#   - input: schema.network_firewall\n\
         # related_resources:\n#   - ref: https://example.com/\n# custom:\n#   id: {id}\n#   severity: low\n\
         #   kinds: [network.firewall]\n#   remediation: R\n#   controls: {{}}\npackage acme.one\n\n\
         deny contains finding if {{\n\tdata.acme.on\n\tfinding := {{\"path\": \"/attributes\", \"message\": \"m\"}}\n}}\n"
    )
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let acme = folder.path().join("policies/acme/one");
    std::fs::create_dir_all(&acme).unwrap();
    // What is above is no part of the project.
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    std::fs::write(acme.join("one.rego"), policy("ACME-1")).unwrap();
    std::fs::write(folder.path().join("policies/acme/data.json"), "{\"on\": true}").unwrap();
    std::fs::write(
        folder.path().join("nephoscope.yaml"),
        "policy: [./policies/, builtin]\n",
    )
    .unwrap();
    folder
}

fn at(folder: &Path, arguments: &[&str]) -> Run {
    run(nephoscope(arguments).current_dir(folder))
}

fn scan(folder: &Path, more: &[&str]) -> Run {
    let demo = nephoscope_tests::root().join("demo/aws");
    at(
        folder,
        &[&["scan", demo.to_str().unwrap(), "--exit-zero", "-q"], more].concat(),
    )
}

#[test]
fn a_scan_keeps_to_the_lock_beside_its_configuration() {
    let project = project();
    let folder = project.path();
    let unlocked = scan(folder, &["--locked"]);
    assert!(
        unlocked.code == 2 && unlocked.err.contains("nephoscope policy lock"),
        "{}",
        unlocked.err
    );
    assert_ne!(scan(folder, &[]).code, 2);
    let locked = at(folder, &["policy", "lock"]);
    assert_eq!((locked.code, locked.err.as_str()), (0, ""));
    let text = std::fs::read_to_string(folder.join("nephoscope.lock")).unwrap();
    assert!(
        text.contains("\"schema\": \"nephoscope/lock/1\"") && text.contains("\"source\": \"policies\""),
        "{text}"
    );
    assert_ne!(scan(folder, &[]).code, 2);
    assert_ne!(scan(folder, &["--locked"]).code, 2);
    // From a folder below, the same lock, and again the same bytes.
    let below = folder.join("policies");
    assert_ne!(scan(&below, &["--locked"]).code, 2);
    assert_eq!(at(&below, &["policy", "lock"]).code, 0);
    assert_eq!(std::fs::read_to_string(folder.join("nephoscope.lock")).unwrap(), text);

    let data = folder.join("policies/acme/data.json");
    std::fs::write(&data, "{\"on\": false}").unwrap();
    std::fs::write(folder.join("policies/acme/lib.rego"), "package acme.lib\n").unwrap();
    let words = "`policies` differs: `acme/data.json` changed, `acme/lib.rego` is new";
    let changed = scan(folder, &[]);
    assert!(changed.code == 2 && changed.err.contains(words), "{}", changed.err);
    // Who works on a policy is not kept from it, unless that is asked for; nor who names other policies.
    assert_eq!(at(folder, &["policy", "list"]).code, 0);
    let list = at(folder, &["policy", "list", "--locked"]);
    assert!(list.code == 2 && list.err.contains(words), "{}", list.err);
    assert_ne!(scan(folder, &["-p", "policies"]).code, 2);
    let other = scan(folder, &["-p", "policies", "--locked=nephoscope.lock"]);
    assert!(
        other.code == 2 && other.err.contains("`builtin` is locked, but not loaded"),
        "{}",
        other.err
    );

    assert_eq!(at(folder, &["policy", "lock", "-o", "other.lock"]).code, 0);
    assert_eq!(scan(folder, &[]).code, 2);
    assert_ne!(scan(folder, &["--locked=other.lock"]).code, 2);
}

#[test]
fn another_version_of_the_pack_is_refused() {
    let project = project();
    let folder = project.path();
    std::fs::write(folder.join("nephoscope.yaml"), "").unwrap();
    assert_eq!(at(folder, &["policy", "lock"]).code, 0);
    assert_ne!(scan(folder, &[]).code, 2);
    let file = folder.join("nephoscope.lock");
    let lock: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let with = |pointer: &str, value: &str| {
        let mut lock = lock.clone();
        *lock.pointer_mut(pointer).unwrap() = value.into();
        std::fs::write(&file, lock.to_string()).unwrap();
        scan(folder, &[])
    };
    let digest = with("/policies/0/digest", "00");
    assert!(
        digest.code == 2 && digest.err.contains("`builtin` has another digest"),
        "{}",
        digest.err
    );
    let source = with("/policies/0/source", "other");
    assert!(
        source.code == 2 && source.err.contains("`builtin` is not locked"),
        "{}",
        source.err
    );
    let schema = with("/schema", "nephoscope/lock/2");
    assert!(
        schema.code == 2 && schema.err.contains("nephoscope/lock/2"),
        "{}",
        schema.err
    );
    for text in [
        "",
        "[]",
        "{\"schema\": \"nephoscope/lock/1\", \"policies\": [], \"more\": 1}",
    ] {
        std::fs::write(&file, text).unwrap();
        let broken = scan(folder, &[]);
        assert!(
            broken.code == 2 && broken.err.contains("nephoscope.lock"),
            "{text}: {}",
            broken.err
        );
    }
}

#[test]
fn a_lock_goes_to_standard_output_when_asked() {
    let folder = project();
    let printed = at(folder.path(), &["policy", "lock", "-o", "-"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    assert!(!folder.path().join("-").exists() && !folder.path().join("nephoscope.lock").exists());
    at(folder.path(), &["policy", "lock"]);
    let file = std::fs::read_to_string(folder.path().join("nephoscope.lock")).unwrap();
    assert_eq!(printed.out, file);
}
