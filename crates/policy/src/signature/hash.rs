//! Digests of files as a signature states them: of bytes, and of what a JSON or YAML document says.
//!
//! Source: `v1/bundle/hash.go` and `IsStructuredDoc` of OPA 1.22.2, read 2026-11-26: a document is written again without
//! spaces, members sorted by the bytes of their names, numbers as they stand in JSON, strings as Go's encoder writes them.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

/// Deepest document; what is loaded may be no deeper either.
const MAX_DEPTH: usize = 128;
/// Most bytes gone through, each once for each level above it: a large document of great depth would take long.
const MAX_READ: usize = 1 << 30;

/// Returns the digest of a file in hexadecimal.
///
/// # Errors
///
/// When the algorithm is unknown or broken, or a document cannot be read.
pub(super) fn digest(algorithm: &str, path: &str, bytes: &[u8]) -> Result<String, String> {
    let document;
    let bytes = if is_document(path) {
        document = canonical(path, bytes)?;
        document.as_slice()
    } else {
        bytes
    };
    let digest = match algorithm {
        "SHA-224" => Sha224::digest(bytes).to_vec(),
        "SHA-256" => Sha256::digest(bytes).to_vec(),
        "SHA-384" => Sha384::digest(bytes).to_vec(),
        "SHA-512" => Sha512::digest(bytes).to_vec(),
        "SHA-512-224" => Sha512_224::digest(bytes).to_vec(),
        "SHA-512-256" => Sha512_256::digest(bytes).to_vec(),
        "" => return Err("the signature names no hash".to_owned()),
        "MD5" | "SHA-1" => return Err(format!("its hash {algorithm} can be forged and proves nothing")),
        other => return Err(format!("the hash `{other}` is not known")),
    };
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn is_document(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "data.json" | "data.yaml" | "data.yml" | ".manifest")
}

fn canonical(path: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no UTF-8 text".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut out, mut left) = (Vec::with_capacity(text.len()), MAX_READ);
    let json = match serde_json::from_str::<&RawValue>(text) {
        Ok(document) => return write_raw(document, 0, &mut left, &mut out).map(|()| out),
        Err(error) => error,
    };
    if !path.ends_with(".yaml") && !path.ends_with(".yml") {
        return Err(json.to_string());
    }
    let value: Value = serde_saphyr::from_str(text).map_err(|error| error.without_snippet().to_string())?;
    write_value(&value, &mut out);
    Ok(out)
}

/// Writes JSON again from its text, since a number must stay as it stands there.
fn write_raw(document: &RawValue, depth: usize, left: &mut usize, out: &mut Vec<u8>) -> Result<(), String> {
    let told = |error: serde_json::Error| error.to_string();
    if depth > MAX_DEPTH {
        return Err(format!("it nests deeper than {MAX_DEPTH} levels"));
    }
    let text = document.get();
    *left = (left.checked_sub(text.len())).ok_or_else(|| "it is too large for how deep it nests".to_owned())?;
    match text.as_bytes().first() {
        Some(b'{') => {
            // Of two members with one name the last one counts, as in Go and when it is loaded.
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(told)?;
            out.push(b'{');
            for (index, (name, value)) in members.iter().enumerate() {
                comma(index, out);
                write_string(name, out);
                out.push(b':');
                write_raw(value, depth + 1, left, out)?;
            }
            out.push(b'}');
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(told)?;
            out.push(b'[');
            for (index, value) in items.iter().enumerate() {
                comma(index, out);
                write_raw(value, depth + 1, left, out)?;
            }
            out.push(b']');
        }
        Some(b'"') => write_string(&serde_json::from_str::<String>(text).map_err(told)?, out),
        _ => out.extend_from_slice(text.as_bytes()),
    }
    Ok(())
}

/// Writes what a YAML document says. The YAML reader bounds its depth.
fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(map) => {
            let members: BTreeMap<&String, &Value> = map.iter().collect();
            out.push(b'{');
            for (index, (name, value)) in members.iter().enumerate() {
                comma(index, out);
                write_string(name, out);
                out.push(b':');
                write_value(value, out);
            }
            out.push(b'}');
        }
        Value::Array(list) => {
            out.push(b'[');
            for (index, value) in list.iter().enumerate() {
                comma(index, out);
                write_value(value, out);
            }
            out.push(b']');
        }
        Value::String(text) => write_string(text, out),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => out.extend_from_slice(go_float(float).as_bytes()),
            None => out.extend_from_slice(number.to_string().as_bytes()),
        },
        Value::Bool(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Value::Null => out.extend_from_slice(b"null"),
    }
}

fn comma(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

/// Writes a float as Go's `encoding/json` does: with an exponent below 1e-6 and from 1e21 on.
fn go_float(float: f64) -> String {
    let size = float.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{float:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
            _ => text,
        };
    }
    float.to_string()
}

/// Writes a string as Go's `encoding/json` does when it does not escape for HTML.
fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(character)).as_bytes());
            }
            other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &str, text: &str) -> String {
        String::from_utf8(canonical(path, text.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn json_keeps_its_numbers_and_sorts_its_members() {
        let text = " {\"b\": [1.0, 1e3, -0, 123456789012345678901234567890], \"a\": {\"y\": null, \"x\": true}, \"b\" : 2.50}\n";
        assert_eq!(written("data.json", text), r#"{"a":{"x":true,"y":null},"b":2.50}"#);
        let text = r#"{"Z":[1.0, 1e3, -0, 123456789012345678901234567890],"é":"<&>\u2028\u0001\u0008\/\u007f"}"#;
        let expected = "{\"Z\":[1.0,1e3,-0,123456789012345678901234567890],\"é\":\"<&>\\u2028\\u0001\\b/\u{7f}\"}";
        assert_eq!(written("x/data.json", text), expected);
    }

    #[test]
    fn yaml_says_the_same_as_json() {
        let text = "b: [1.0, 2.50, 1e-7, 1e21, 0.000001]\na: {y: ~, x: true}\n";
        let expected = r#"{"a":{"x":true,"y":null},"b":[1,2.5,1e-7,1e+21,0.000001]}"#;
        assert_eq!(written("data.yaml", text), expected);
        // Numbers of JSON inside of a YAML file stay as they stand, too.
        assert_eq!(written("data.yml", r#"{"a": 1.0}"#), r#"{"a":1.0}"#);
    }

    #[test]
    fn only_documents_are_read() {
        let spaced = b"{ \"a\" : 1 }";
        let of = |path: &str| digest("SHA-256", path, spaced).unwrap();
        assert_eq!(of("data.json"), of("x/.manifest"));
        assert_ne!(of("data.json"), of("other.json"));
        for algorithm in ["MD5", "SHA-1", "", "sha-256", "CRC32"] {
            digest(algorithm, "a.rego", b"").unwrap_err();
        }
        digest("SHA-256", "data.json", b"a: 1").unwrap_err();
        digest("SHA-256", "data.json", &[0xff]).unwrap_err();
    }

    #[test]
    fn a_deep_document_is_an_error() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let error = digest("SHA-256", "data.json", deep.as_bytes()).unwrap_err();
        assert!(error.contains("deeper") || error.contains("recursion"), "{error}");
        digest("SHA-256", "data.yaml", format!("a: {deep}").as_bytes()).unwrap_err();
        let wide = format!("{}\"{}\"{}", "[".repeat(127), "x".repeat(10 << 20), "]".repeat(127));
        let error = digest("SHA-256", "data.json", wide.as_bytes()).unwrap_err();
        assert!(error.contains("too large"), "{error}");
    }
}
