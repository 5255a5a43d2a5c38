//! Names from the cloud are whatever their author wanted: no format may let them act.

use nephoscope_report::{Format, JunitFlavor, Options, ReportError, SarifProfile, lint_sarif, sarif_by_account};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{HOSTILE, named, render};

fn is_hidden(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn options() -> Vec<Options> {
    let mut list = vec![Options::default()];
    for verbosity in [-1, 1] {
        list.push(Options {
            verbosity,
            width: 40,
            unknown_fails: true,
            junit_flavor: JunitFlavor::Rich,
            sarif_profile: SarifProfile::Full,
            ..Options::default()
        });
    }
    list
}

fn check(name: &str, file: &str) {
    let assessment = named(name, file);
    for options in options() {
        for format in Format::ALL {
            let text = render(format, &assessment, &options);
            assert!(!text.contains(is_hidden), "{format}: {text:?}");
            for order in ["##[", "##vso["] {
                assert!(!text.contains(order), "{format}: {order}: {text:?}");
            }
            for line in text.lines() {
                // The runner trims what stands before an order, and every order begins with a letter.
                let order = line.trim_start().strip_prefix("::");
                let named = order.is_some_and(|order| order.starts_with(|first: char| first.is_ascii_alphabetic()));
                assert!(!named, "{format}: {line:?}");
            }
            match format {
                Format::Human => {}
                Format::Json => assert!(serde_json::from_str::<Value>(&text).is_ok()),
                Format::Ndjson => {
                    for line in text.lines() {
                        assert!(serde_json::from_str::<Value>(line).is_ok());
                    }
                }
                Format::Junit => {
                    let read = quick_junit::Report::deserialize_from_str(&text);
                    assert!(
                        read.is_ok() || options.junit_flavor == JunitFlavor::Strict,
                        "{read:?}: {text}"
                    );
                    assert!(!text.contains(['\u{fffe}', '\u{ffff}']));
                }
                Format::Sarif => assert!(serde_json::from_str::<Value>(&text).is_ok()),
            }
            if format != Format::Human {
                assert!(!text.contains("</script>"), "{format}: {text}");
            }
        }
    }
    let text = render(Format::Sarif, &assessment, &Options::default());
    assert_eq!(lint_sarif(text.as_bytes()), vec![]);
    let document: Value = serde_json::from_str(&text).unwrap();
    let uri = document
        .pointer("/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri")
        .unwrap()
        .as_str()
        .unwrap();
    is_relative_reference(uri);
    sarif_by_account::<ReportError>(&assessment, &Options::default(), |file| {
        assert!(
            !file.name.contains(['/', '\\', ':', ' ']) && file.name.len() < 200,
            "{}",
            file.name
        );
        Ok(())
    })
    .unwrap();
}

/// RFC 3986, section 4.2, narrowed to what we write: segments of unreserved and encoded characters.
fn is_relative_reference(uri: &str) {
    assert!(!uri.is_empty() && !uri.starts_with('/'), "{uri}");
    for segment in uri.split('/') {
        assert!(!segment.is_empty() && segment != "." && segment != "..", "{uri}");
        let mut characters = segment.chars();
        while let Some(character) = characters.next() {
            match character {
                '%' => {
                    let digits: String = characters.by_ref().take(2).collect();
                    assert!(digits.len() == 2 && u8::from_str_radix(&digits, 16).is_ok(), "{uri}");
                }
                other => assert!(other.is_ascii_alphanumeric() || "-._~".contains(other), "{uri}"),
            }
        }
    }
}

#[test]
fn known_attacks() {
    let long = "n".repeat(10_000);
    let colons = "a:".repeat(500);
    for name in [
        HOSTILE,
        "",
        ".",
        "..",
        "../../etc/passwd",
        "/",
        "//x",
        "C:\\Windows",
        "arn:aws:s3:::b",
        "a b",
        "100%",
        "%2e%2e",
        "::error file=x::y",
        "  ::add-mask::z",
        "x\n::stop-commands::t",
        "##[command]x",
        "###[x]",
        "##vso[task.x]y",
        "[link](1)",
        "{0}",
        "]]>",
        "<!--",
        "&amp;",
        "\"'",
        "ünï漢字\u{1f600}",
        "\u{202e}\u{2066}",
        "\u{fffe}\u{ffff}",
        "\u{85}\u{2028}",
        &long,
        &colons,
    ] {
        check(name, "snapshot.json");
        check(name, name);
    }
}

#[test]
fn a_name_of_ten_kilobytes_is_cut_for_people() {
    let assessment = named(&"n".repeat(10_000), "x.json");
    let text = render(Format::Human, &assessment, &Options::default());
    assert!(text.lines().all(|line| line.chars().count() <= 1_300), "{text}");
    assert!(text.len() < 20_000, "{}", text.len());
    let json = render(Format::Json, &assessment, &Options::default());
    assert!(json.contains(&"n".repeat(10_000)), "programs get the whole name");
}

/// Strings rich in what breaks formats.
fn name() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("::".to_owned()),
        Just("##[".to_owned()),
        Just("##vso[".to_owned()),
        Just("\u{1b}[2J".to_owned()),
        Just("\n".to_owned()),
        Just("</script>".to_owned()),
        Just("]]>".to_owned()),
        Just("..".to_owned()),
        Just("/".to_owned()),
        Just("\\".to_owned()),
        Just(" ".to_owned()),
        Just("%".to_owned()),
        Just("\u{202e}".to_owned()),
        any::<char>().prop_map(String::from),
        "[a-z:]{1,8}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_acts_in_any_format(name in name(), file in name()) {
        check(&name, &file);
    }
}
