//! Signed folders and bundles: what `opa` signs is loaded, and nothing else where a key is given.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nephoscope_tests::{Run, nephoscope, run, tool};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const POLICY: &str = "# METADATA\n# scope: package\n# title: T\n# description: D\n# schemas:\n#   - input: schema.network_firewall\n\
    # related_resources:\n#   - ref: https://example.com/\n# custom:\n#   id: ACME-1\n#   severity: low\n\
    #   kinds: [network.firewall]\n#   remediation: R\n#   controls: {}\npackage acme.one\n\n\
    deny contains finding if {\n\tdata.acme.on\n\tfinding := {\"path\": \"/attributes\", \"message\": \"m\"}\n}\n";

/// JSON in which nothing is written as it would be written again.
const DATA: &str = "{\"on\" : true, \"z\": [1.0, 1e3, -0, 123456789012345678901234567890, 0.1e-7], \"b\": null,\n\
    \"é\\u0001\\u007f\": \"<&>\\u2028\\t\\\"\\\\\\/ \\ud83d\\ude00\", \"a\": {\"Y\": [], \"_\": {}, \"y\": \"\"}}\n";

const MORE: &str = "more:\n  floats: [1.5, 2.50, 1e-7, 1e+21, 123456789.0]\n  ints: [0, -7, 18446744073709551615]\n  \
    words: [true, \"yes\", ~, '<&>', plain text]\n  block: |\n    one\n    two\n  \"2\": {b: 1, a: 2}\n";

struct Fixture {
    opa: PathBuf,
    openssl: PathBuf,
    folder: tempfile::TempDir,
}

/// Returns keys and an unsigned folder `policies/acme`, or nothing when a tool is missing.
fn fixture() -> Option<Fixture> {
    let fixture = Fixture {
        opa: tool("opa")?,
        openssl: tool("openssl")?,
        folder: tempfile::tempdir().unwrap(),
    };
    for name in ["rsa", "other"] {
        fixture.openssl(
            &[
                "genpkey",
                "-quiet",
                "-algorithm",
                "RSA",
                "-pkeyopt",
                "rsa_keygen_bits:2048",
            ],
            name,
        );
    }
    fixture.openssl(
        &[
            "genpkey",
            "-quiet",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ],
        "ec",
    );
    let acme = fixture.acme();
    for (name, text) in [
        ("acme/one/one.rego", POLICY),
        ("acme/data.json", DATA),
        ("acme/one/data.yaml", MORE),
        (".manifest", "{\"roots\": [\"acme\"], \"revision\": \"r1\"}"),
        ("README.md", "Read me.\n"),
    ] {
        let file = acme.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    Some(fixture)
}

impl Fixture {
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn acme(&self) -> PathBuf {
        self.folder.path().join("policies/acme")
    }

    /// Makes the key pair `name.pem` and `name.pub`.
    fn openssl(&self, generate: &[&str], name: &str) {
        let (private, public) = (self.path(&format!("{name}.pem")), self.path(&format!("{name}.pub")));
        let made = run(Command::new(&self.openssl).args(generate).args(["-out", &private]));
        assert_eq!(made.code, 0, "{}", made.err);
        let made = run(Command::new(&self.openssl).args(["pkey", "-in", &private, "-pubout", "-out", &public]));
        assert_eq!(made.code, 0, "{}", made.err);
    }

    fn opa(&self, folder: &Path, arguments: &[&str]) -> Run {
        run(Command::new(&self.opa).args(arguments).current_dir(folder))
    }

    /// Signs the folder, with names that begin with `policies/acme`.
    fn sign(&self, more: &[&str]) {
        let mut arguments = vec![
            "sign",
            "--bundle",
            "policies/acme",
            "--output-file-path",
            "policies/acme",
        ];
        arguments.extend(more);
        let signed = self.opa(self.folder.path(), &arguments);
        assert_eq!(signed.code, 0, "{}{}", signed.out, signed.err);
    }

    /// Builds and signs a bundle; returns its path.
    fn build(&self, more: &[&str]) -> String {
        let bundle = self.path("acme.tar.gz");
        let mut arguments = vec!["build", "--bundle", ".", "--output", &bundle];
        arguments.extend(more);
        let built = self.opa(&self.acme(), &arguments);
        assert_eq!(built.code, 0, "{}{}", built.out, built.err);
        bundle
    }

    fn list(&self, policies: &str, more: &[&str]) -> Run {
        let mut command = nephoscope(["policy", "list", "-p", policies]);
        run(command.args(more).current_dir(self.folder.path()))
    }

    /// Loads the folder by the key `rsa`, here and with OPA, which have to agree that it is refused or not.
    fn folder_loads(&self, what: &str, loads: bool, word: &str) {
        let ours = self.list("policies/acme", &["--verification-key", "rsa.pub"]);
        assert_eq!(ours.code, if loads { 0 } else { 2 }, "{what}: {}{}", ours.out, ours.err);
        assert!(ours.err.contains(word), "{what}: {}", ours.err);
        let arguments = "build --bundle policies/acme --verification-key rsa.pub --output out.tar.gz";
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let opa = self.opa(self.folder.path(), &arguments);
        assert_eq!(opa.code == 0, loads, "{what}: opa says {}{}", opa.out, opa.err);
    }

    fn token(&self) -> String {
        let text = std::fs::read_to_string(self.acme().join(".signatures.json")).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        file["signatures"][0].as_str().unwrap().to_owned()
    }

    fn write_token(&self, token: &str) {
        let file = serde_json::json!({"signatures": [token]}).to_string();
        std::fs::write(self.acme().join(".signatures.json"), file).unwrap();
    }
}

#[test]
fn what_opa_builds_and_signs_is_loaded() {
    let Some(fixture) = fixture() else { return };
    let secret = "hunter2, which two know";
    let secret_file = fixture.path("secret");
    std::fs::write(&secret_file, secret).unwrap();
    for (alg, private, public) in [
        ("RS256", fixture.path("rsa.pem"), fixture.path("rsa.pub")),
        ("ES256", fixture.path("ec.pem"), fixture.path("ec.pub")),
        ("HS256", secret.to_owned(), secret.to_owned()),
        ("HS256", secret.to_owned(), secret_file),
    ] {
        let bundle = fixture.build(&["--signing-key", &private, "--signing-alg", alg]);
        let key = ["--verification-key", &public, "--signing-alg", alg];
        let listed = fixture.list(&bundle, &key);
        assert_eq!((listed.code, listed.err.as_str()), (0, ""), "{alg}");
        assert!(listed.out.contains("ACME-1"), "{alg}: {}", listed.out);
        let scanned = run(nephoscope(["scan", "demo", "-p", &bundle]).args(key));
        assert_eq!(scanned.code, 1, "{alg}: {}", scanned.err);
        // Another key of the same algorithm, and each of the other algorithms.
        let wrong = match alg {
            "RS256" => fixture.path("other.pub"),
            "ES256" => fixture.path("rsa.pub"),
            _ => "hunter2, which two know or so".to_owned(),
        };
        let refused = fixture.list(&bundle, &["--verification-key", &wrong, "--signing-alg", alg]);
        assert_eq!(refused.code, 2, "{alg}: {}", refused.err);
        assert!(!refused.err.contains("hunter2"), "{}", refused.err);
        for other in ["RS256", "ES256", "HS256"].into_iter().filter(|other| *other != alg) {
            let refused = fixture.list(&bundle, &["--verification-key", &public, "--signing-alg", other]);
            assert_eq!(refused.code, 2, "{alg} as {other}: {}", refused.out);
            assert!(!refused.err.contains("hunter2"), "{}", refused.err);
        }
        // Without a key it loads, and that nobody checked is said.
        let unchecked = fixture.list(&bundle, &[]);
        assert_eq!(unchecked.code, 0, "{}", unchecked.err);
        assert_eq!(
            unchecked.err.matches("its signature was not checked").count(),
            1,
            "{}",
            unchecked.err
        );
    }
}

#[test]
fn a_signed_folder_is_loaded_by_either_kind_of_names() {
    let Some(fixture) = fixture() else { return };
    // `opa sign --bundle FOLDER` puts the folder's path, as it was given, before every name.
    fixture.sign(&["--signing-key", &fixture.path("rsa.pem")]);
    fixture.folder_loads("names with the folder", true, "");
    let key = ["--verification-key", "rsa.pub"];
    let listed = fixture.list("./policies/acme/", &key);
    assert_eq!(listed.code, 0, "{}", listed.err);
    let elsewhere = fixture.list(fixture.acme().to_str().unwrap(), &key);
    assert_eq!(elsewhere.code, 2, "{}", elsewhere.out);
    let unchecked = fixture.list("policies/acme", &[]);
    assert!(
        unchecked.err.contains("its signature was not checked"),
        "{}",
        unchecked.err
    );
    // From inside of the folder names are those below it, wherever it lies.
    std::fs::remove_file(fixture.acme().join(".signatures.json")).unwrap();
    let inside = [
        "sign",
        "--bundle",
        ".",
        "--output-file-path",
        ".",
        "--signing-key",
        "../../rsa.pem",
    ];
    let signed = fixture.opa(&fixture.acme(), &inside);
    assert_eq!(signed.code, 0, "{}", signed.err);
    for given in ["policies/acme", fixture.acme().to_str().unwrap()] {
        let listed = fixture.list(given, &key);
        assert_eq!(listed.code, 0, "{given}: {}", listed.err);
    }
}

#[test]
fn what_was_changed_after_signing_is_refused() {
    let Some(fixture) = fixture() else { return };
    let acme = fixture.acme();
    fixture.folder_loads("unsigned", false, "not signed");
    fixture.sign(&["--signing-key", &fixture.path("rsa.pem")]);
    fixture.folder_loads("untouched", true, "");
    for name in [
        "acme/one/one.rego",
        "acme/data.json",
        "acme/one/data.yaml",
        ".manifest",
        "README.md",
    ] {
        let file = acme.join(name);
        let good = std::fs::read_to_string(&file).unwrap();
        let changed = match name {
            "acme/one/one.rego" => good.replace("data.acme.on\n", "data.acme.On\n"),
            "acme/data.json" => good.replace("true", "false"),
            "acme/one/data.yaml" => good.replace("two", "too"),
            ".manifest" => good.replace("\"acme\"", "\"\""),
            _ => good.replace("me", "us"),
        };
        assert_ne!(good, changed, "{name}");
        std::fs::write(&file, changed).unwrap();
        fixture.folder_loads(name, false, &format!("`{name}` is not what was signed"));
        std::fs::remove_file(&file).unwrap();
        fixture.folder_loads(name, false, &format!("`{name}` is in the signature"));
        std::fs::write(&file, good).unwrap();
    }
    // What a document says was signed, not its spaces.
    std::fs::write(acme.join("acme/data.json"), DATA.replace(", ", " ,\n  ")).unwrap();
    fixture.folder_loads("spaces", true, "");
    for name in [
        "acme/two.rego",
        ".hidden",
        "notes.txt",
        "acme/one/data.yml",
        "acme/one/.manifest",
    ] {
        std::fs::write(acme.join(name), "{}").unwrap();
        fixture.folder_loads(name, false, &format!("`{name}` is not in the signature"));
        std::fs::remove_file(acme.join(name)).unwrap();
    }
    fixture.folder_loads("as it was", true, "");
}

/// JSON as nobody would write it, as text.
fn json_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "(0|[1-9][0-9]{0,2})\\.[0-9]{1,25}",
        "-?[1-9][0-9]{0,30}(\\.[0-9]{1,3})?[eE][+-]?[0-9]{1,2}",
        Just("-0".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        // Escapes of what needs none.
        "[a-zé\u{2028}\u{1}]{0,9}".prop_map(|text| {
            let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
            format!("\"{escaped}\\/\"")
        }),
    ];
    word.prop_recursive(5, 40, 5, |inner| {
        let name = any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap());
        let member = (name, inner.clone()).prop_map(|(name, value)| format!("{name} :\t{value}"));
        prop_oneof![
            proptest::collection::vec(inner, 0..5).prop_map(|items| format!("[ {} ]", items.join(","))),
            proptest::collection::vec(member, 0..5).prop_map(|members| format!("{{{}\n}}", members.join(" , "))),
        ]
    })
}

#[test]
fn documents_have_the_digests_that_opa_gives_them() {
    let Some(fixture) = fixture() else { return };
    let mut runner = TestRunner::deterministic();
    let texts = json_text();
    for number in 0..200 {
        let folder = fixture.acme().join(format!("acme/n{number}"));
        std::fs::create_dir(&folder).unwrap();
        let text = texts.new_tree(&mut runner).unwrap().current();
        std::fs::write(folder.join("data.json"), format!("{{\"x\": {text}}}")).unwrap();
    }
    fixture.sign(&["--signing-key", &fixture.path("rsa.pem")]);
    let listed = fixture.list("policies/acme", &["--verification-key", "rsa.pub"]);
    assert_eq!((listed.code, listed.err.as_str()), (0, ""));
}

#[test]
fn a_bundle_packed_anew_is_refused_unless_it_is_the_same() {
    let Some(fixture) = fixture() else { return };
    let Some(tar) = tool("tar") else { return };
    let bundle = fixture.build(&["--signing-key", &fixture.path("rsa.pem")]);
    let unpacked = fixture.folder.path().join("unpacked");
    std::fs::create_dir(&unpacked).unwrap();
    let unpacking = run(Command::new(&tar).args(["-xzf", &bundle]).current_dir(&unpacked));
    assert_eq!(unpacking.code, 0, "{}", unpacking.err);
    let packed = |what: &str, word: &str| {
        let made = run(Command::new(&tar)
            .args(["-czf", "../again.tar.gz", "."])
            .current_dir(&unpacked));
        assert_eq!(made.code, 0, "{}", made.err);
        let key = ["--verification-key", "rsa.pub"];
        let listed = fixture.list("again.tar.gz", &key);
        let demo = nephoscope_tests::root().join("demo/aws");
        let mut scan = nephoscope(["scan", demo.to_str().unwrap(), "-p", "again.tar.gz"]);
        let scanned = run(scan.args(key).current_dir(fixture.folder.path()));
        if word.is_empty() {
            assert_eq!((listed.code, listed.err.as_str()), (0, ""), "{what}");
            assert_eq!(scanned.code, 1, "{what}: {}", scanned.err);
        } else {
            assert_eq!((listed.code, scanned.code), (2, 2), "{what}: {}", listed.err);
            assert!(
                listed.err.contains("again.tar.gz") && listed.err.contains(word),
                "{what}: {}",
                listed.err
            );
            assert_eq!((listed.err, ""), (scanned.err, scanned.out.as_str()), "{what}");
        }
    };
    packed("the same", "");
    for (name, change, word) in [
        (
            "evil.rego",
            Some("package acme.evil\n"),
            "`evil.rego` is not in the signature",
        ),
        ("x/.hidden", Some(""), "`x/.hidden` is not in the signature"),
        (
            "acme/one/one.rego",
            Some(POLICY),
            "`acme/one/one.rego` is not what was signed",
        ),
        (
            "data.json",
            Some("{\"acme\": {\"on\": false}}"),
            "`data.json` is not what was signed",
        ),
        (
            "data.json",
            None,
            "`data.json` is in the signature, but it is not there",
        ),
        (".manifest", Some("{}"), "`.manifest` is not what was signed"),
        (".signatures.json", None, "it is not signed"),
        (
            ".signatures.json",
            Some("{\"signatures\": []}"),
            "it holds 0 signatures",
        ),
    ] {
        let file = unpacked.join(name);
        let good = std::fs::read(&file).ok();
        match change {
            None => std::fs::remove_file(&file).unwrap(),
            Some(text) => {
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                // What `opa build` wrote is formatted; a comment changes it in any case.
                let text = if text == POLICY {
                    format!("{text}# more\n")
                } else {
                    text.to_owned()
                };
                std::fs::write(&file, text).unwrap();
            }
        }
        packed(name, word);
        match good {
            Some(good) => std::fs::write(&file, good).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
    }
    packed("as it was", "");
}

#[test]
fn a_forged_token_is_refused() {
    let Some(fixture) = fixture() else { return };
    let (private, public) = (fixture.path("rsa.pem"), fixture.path("rsa.pub"));
    let acme = fixture.acme();
    fixture.sign(&["--signing-key", &fixture.path("other.pem")]);
    fixture.folder_loads("another key", false, "not made with this key");

    fixture.sign(&["--signing-key", &private]);
    let good = fixture.token();
    let parts: Vec<&str> = good.split('.').collect();
    let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let none = encoded(r#"{"alg":"none","typ":"JWT"}"#);
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    for (what, token) in [
        (
            "a changed payload",
            format!(
                "{}.{}.{}",
                parts[0],
                encoded(&payload.replace("README", "readme")),
                parts[2]
            ),
        ),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("nothing", String::new()),
        ("algorithm none", format!("{none}.{}.", parts[1])),
    ] {
        fixture.write_token(&token);
        fixture.folder_loads(what, false, ".signatures.json");
    }
    // OPA takes the algorithm of the key and looks at the header's no more; here it has to be said truly.
    fixture.write_token(&format!("{none}.{}.{}", parts[1], parts[2]));
    let listed = fixture.list(acme.to_str().unwrap(), &["--verification-key", &public]);
    assert!(
        listed.code == 2 && listed.err.contains("signed with `none`, not RS256"),
        "{}",
        listed.err
    );

    // Signed with the public key as a secret, which anybody can do.
    fixture.sign(&["--signing-alg", "HS256", "--signing-key", &public]);
    fixture.folder_loads("a public key as a secret", false, "signed with `HS256`, not RS256");
    let key = ["--verification-key", &public, "--signing-alg", "HS256"];
    let confused = fixture.list(acme.to_str().unwrap(), &key);
    assert!(
        confused.code == 2 && confused.err.contains("take for a secret"),
        "{}",
        confused.err
    );

    for text in [
        "",
        "{}",
        "[]",
        "{\"signatures\": [\"..\"]}",
        "{\"signatures\": [\"a.b.c\", \"a.b.c\"]}",
    ] {
        std::fs::write(acme.join(".signatures.json"), text).unwrap();
        fixture.folder_loads(text, false, ".signatures.json");
    }
    fixture.write_token(&good);
    std::fs::copy(acme.join(".signatures.json"), acme.join("acme/.signatures.json")).unwrap();
    fixture.folder_loads("two files", false, "two `.signatures.json`");
}

#[test]
fn a_signature_is_for_a_scope_a_key_and_a_time() {
    let Some(fixture) = fixture() else { return };
    let (private, public) = (fixture.path("rsa.pem"), fixture.path("rsa.pub"));
    let claims = |text: &str| {
        let file = fixture.path("claims.json");
        std::fs::write(&file, text).unwrap();
        fixture.build(&["--signing-key", &private, "--claims-file", &file])
    };
    let refused = |bundle: &str, more: &[&str], word: &str| {
        let run = fixture.list(bundle, &[&["--verification-key", public.as_str()], more].concat());
        assert!(run.code == 2 && run.err.contains(word), "{more:?}: {}", run.err);
    };
    let loaded = |bundle: &str, more: &[&str]| {
        let run = fixture.list(bundle, &[&["--verification-key", public.as_str()], more].concat());
        assert_eq!(run.code, 0, "{more:?}: {}", run.err);
    };
    let scoped = claims(r#"{"scope": "write", "iss": "acme", "iat": 1}"#);
    loaded(&scoped, &["--scope", "write"]);
    refused(&scoped, &["--scope", "read"], "its scope is `write`, not `read`");
    refused(&scoped, &[], "its scope is `write`, not ``");
    let plain = fixture.build(&["--signing-key", &private]);
    refused(&plain, &["--scope", "write"], "its scope is ``, not `write`");
    // `opa build` names the key `default`.
    loaded(&plain, &["--verification-key-id", "default"]);
    refused(
        &plain,
        &["--verification-key-id", "acme"],
        "signed with the key `default`, not `acme`",
    );
    refused(&claims(r#"{"exp": 1700000000}"#), &[], "it expired");
    refused(&claims(r#"{"nbf": 99999999999}"#), &[], "does not hold before");
    loaded(&claims(r#"{"exp": 99999999999}"#), &[]);
    // Who asks for a scope believes that signatures are checked.
    let run = fixture.list(&plain, &["--scope", "write"]);
    assert!(
        run.code == 2 && run.err.contains("there is no verification key"),
        "{}",
        run.err
    );
}

#[test]
fn a_configuration_asks_for_signatures() {
    let Some(fixture) = fixture() else { return };
    let config = fixture.path("nephoscope.yaml");
    let settings = "policy: [policies/acme]\nsignatures: {verification_key: ec.pub, signing_alg: ES256}\n";
    std::fs::write(&config, settings).unwrap();
    let list = |more: &[&str]| run(nephoscope(["policy", "list", "--config", &config]).args(more));
    let unsigned = list(&[]);
    assert!(
        unsigned.code == 2 && unsigned.err.contains("not signed"),
        "{}",
        unsigned.err
    );
    fixture.sign(&["--signing-alg", "ES256", "--signing-key", &fixture.path("ec.pem")]);
    let signed = list(&[]);
    assert_eq!(signed.code, 0, "{}", signed.err);
    // Names begin with the folder as the file has it, wherever one stands.
    let nested = fixture.folder.path().join("policies");
    let listed = run(nephoscope(["policy", "list", "--config", "../nephoscope.yaml"]).current_dir(nested));
    assert_eq!(listed.code, 0, "{}", listed.err);
    // A flag wins over its key in the file.
    let other = list(&["--verification-key", &fixture.path("rsa.pub"), "--signing-alg", "RS256"]);
    assert!(
        other.code == 2 && other.err.contains("signed with `ES256`, not RS256"),
        "{}",
        other.err
    );
    // What is in force is shown, a secret is not.
    let shown = run(nephoscope(["scan", "--show-config", "--config", &config]).args(["--verification-key", "hunter2"]));
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(
        shown.out.contains("ES256") && shown.out.contains("(given)"),
        "{}",
        shown.out
    );
    assert!(!shown.out.contains("hunter2"), "{}", shown.out);
    // The pack is a part of the program, which nobody signs anew.
    let pack = list(&["-p", "builtin"]);
    assert_eq!(pack.code, 0, "{}", pack.err);
    std::fs::remove_file(fixture.path("ec.pub")).unwrap();
    let missing = list(&[]);
    assert!(missing.code == 2 && missing.err.contains("ec.pub"), "{}", missing.err);
}
