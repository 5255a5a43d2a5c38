//! What no signer of others writes is written here; what `opa` writes is tested with the whole program.

use ring::hmac;
use serde_json::json;

use super::*;

const SECRET: &[u8] = b"a shared secret";
const NOW: i64 = 1_800_000_000;

fn token(header: &Value, payload: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(payload));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn verification() -> Verification {
    Verification {
        key: VerificationKey::new(SigningAlg::Hs256, SECRET).unwrap(),
        key_id: None,
        scope: String::new(),
        now: Timestamp::from_second(NOW).unwrap(),
        folder: PathBuf::new(),
    }
}

fn header() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

/// The payload for the file `a.rego` with the text `package a`.
fn payload() -> Value {
    let hash = hash::digest("SHA-256", "a.rego", b"package a").unwrap();
    json!({"files": [{"name": "a.rego", "hash": hash, "algorithm": "SHA-256"}]})
}

fn with(mut value: Value, name: &str, member: Value) -> Value {
    value[name] = member;
    value
}

fn check(signatures: &Value, verification: &Verification) -> Result<(), String> {
    let file = ("a.rego", b"package a".as_slice());
    verify(
        signatures.to_string().as_bytes(),
        [file].into_iter(),
        false,
        verification,
    )
}

fn check_token(header: &Value, payload: &Value, verification: &Verification) -> Result<(), String> {
    check(&json!({"signatures": [token(header, payload)]}), verification)
}

#[test]
fn a_signature_holds_for_its_scope_time_and_key() {
    let plain = verification();
    check_token(&header(), &payload(), &plain).unwrap();
    let later = with(payload(), "exp", json!(NOW + 1));
    check_token(&header(), &with(later, "nbf", json!(NOW)), &plain).unwrap();
    let named = Verification {
        key_id: Some("k1".into()),
        scope: "write".into(),
        ..verification()
    };
    let scoped = with(payload(), "scope", json!("write"));
    check_token(&header(), &scoped, &named).unwrap();
    check_token(&with(header(), "kid", json!("k1")), &scoped, &named).unwrap();

    let refused = [
        (header(), with(payload(), "exp", json!(NOW)), &plain, "expired"),
        (header(), with(payload(), "exp", json!(1e300)), &plain, ""),
        (header(), with(payload(), "exp", json!("soon")), &plain, "payload"),
        (
            header(),
            with(payload(), "nbf", json!(NOW + 1)),
            &plain,
            "does not hold before",
        ),
        (with(header(), "crit", json!(["b64"])), payload(), &plain, "extensions"),
        (
            with(header(), "alg", json!("none")),
            payload(),
            &plain,
            "`none`, not HS256",
        ),
        (
            with(header(), "alg", json!("RS256")),
            payload(),
            &plain,
            "`RS256`, not HS256",
        ),
        (json!({}), payload(), &plain, "header"),
        (header(), scoped.clone(), &plain, "scope is `write`, not ``"),
        (header(), payload(), &named, "scope is ``, not `write`"),
        (
            with(header(), "kid", json!("k2")),
            scoped.clone(),
            &named,
            "key `k2`, not `k1`",
        ),
        (
            header(),
            with(scoped, "keyid", json!("k2")),
            &named,
            "key `k2`, not `k1`",
        ),
        (header(), json!([]), &plain, "payload"),
    ];
    for (header, payload, verification, why) in refused {
        let result = check_token(&header, &payload, verification);
        // Far in the future is no fault.
        let Err(error) = result else {
            assert!(why.is_empty(), "{header} {payload}");
            continue;
        };
        assert!(!why.is_empty() && error.contains(why), "{header} {payload}: {error}");
    }
}

#[test]
fn the_file_holds_one_token_of_ours() {
    let good = token(&header(), &payload());
    let (message, tag) = good.rsplit_once('.').unwrap();
    let refused = [
        (json!({}), "0 signatures"),
        (json!({"signatures": [good, good]}), "2 signatures"),
        (json!({"signatures": [good], "plugin": "acme"}), "plugin `acme`"),
        (json!({"signatures": "x"}), "invalid type"),
        (json!({"signatures": [message]}), "three parts"),
        (json!({"signatures": [format!("{good}.x")]}), "three parts"),
        (json!({"signatures": [format!("{message}.")]}), "not made with this key"),
        (json!({"signatures": [format!("{good}=")]}), "no base64"),
        (json!({"signatures": [format!("{message}.{}", tag.to_lowercase())]}), ""),
        (json!({"signatures": ["..."]}), "three parts"),
        (json!({"signatures": [".."]}), "header"),
    ];
    for (file, why) in refused {
        let error = check(&file, &verification()).unwrap_err();
        assert!(error.contains(why), "{file}: {error}");
    }
    check(&json!({"signatures": [good], "plugin": "_default"}), &verification()).unwrap();
}

#[test]
fn names_are_those_below_the_root() {
    let file = |name: &str| {
        let mut payload = payload();
        payload["files"][0]["name"] = json!(name);
        payload
    };
    let files = || [("a.rego", b"package a".as_slice())].into_iter();
    let verify = |payload: &Value, prefix: Option<&str>| {
        let signatures = json!({"signatures": [token(&header(), payload)]}).to_string();
        let verification = Verification {
            folder: prefix.unwrap_or_default().into(),
            ..verification()
        };
        super::verify(signatures.as_bytes(), files(), prefix.is_some(), &verification)
    };
    for name in ["a.rego", "/a.rego", "./a.rego"] {
        verify(&file(name), None).unwrap();
        verify(&file(name), Some("policies/acme")).unwrap();
    }
    verify(&file("policies/acme/a.rego"), Some("policies/acme")).unwrap();
    verify(&file("/policies/acme/a.rego"), Some("/policies//acme/")).unwrap();
    verify(&file("a.rego"), Some(".")).unwrap();
    for (name, prefix) in [
        ("policies/acme/a.rego", None),
        ("policies/acme/a.rego", Some("acme")),
        ("policies/acme/a.rego", Some("policies/acm")),
        ("../a.rego", None),
        ("b.rego", None),
    ] {
        let error = verify(&file(name), prefix).unwrap_err();
        assert!(error.contains("`a.rego` is not in the signature"), "{name}: {error}");
    }
    let mut twice = payload();
    let first = twice["files"][0].clone();
    twice["files"].as_array_mut().unwrap().push(first);
    assert!(verify(&twice, None).unwrap_err().contains("twice"));
    let mut more = payload();
    let other = json!({"name": "b.rego", "hash": "00", "algorithm": "SHA-256"});
    more["files"].as_array_mut().unwrap().push(other);
    assert!(
        verify(&more, None)
            .unwrap_err()
            .contains("`b.rego` is in the signature, but")
    );
    let mut unnamed = payload();
    unnamed["files"][0]["algorithm"] = json!("");
    assert!(verify(&unnamed, None).unwrap_err().contains("names no hash"));
}

#[test]
fn any_changed_byte_of_the_file_is_refused() {
    let good = json!({"signatures": [token(&header(), &payload())]}).to_string();
    for index in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[index] ^= 1;
        let file = ("a.rego", b"package a".as_slice());
        let result = verify(&bytes, [file].into_iter(), false, &verification());
        assert!(result.is_err(), "{index}: {}", String::from_utf8_lossy(&bytes));
    }
}
