//! Snapshots of every format, and what every format must say.

use nephoscope_report::{Format, JunitFlavor, JunitPass, Options, SarifProfile};

use crate::support::{empty, render, rich};

#[test]
fn human() {
    insta::assert_snapshot!(render(Format::Human, &rich(), &Options::default()));
}

#[test]
fn human_verbose() {
    let options = Options {
        verbosity: 1,
        width: 72,
        ..Options::default()
    };
    insta::assert_snapshot!(render(Format::Human, &rich(), &options));
}

#[test]
fn human_quiet() {
    let options = Options {
        verbosity: -1,
        ..Options::default()
    };
    insta::assert_snapshot!(render(Format::Human, &rich(), &options));
}

#[test]
fn human_clean() {
    insta::assert_snapshot!(render(Format::Human, &empty(), &Options::default()));
}

#[test]
fn json() {
    insta::assert_snapshot!(render(Format::Json, &rich(), &Options::default()));
}

#[test]
fn ndjson() {
    insta::assert_snapshot!(render(Format::Ndjson, &rich(), &Options::default()));
}

#[test]
fn junit_strict() {
    insta::assert_snapshot!(render(Format::Junit, &rich(), &Options::default()));
}

#[test]
fn junit_rich() {
    let options = Options {
        junit_flavor: JunitFlavor::Rich,
        junit_pass: JunitPass::All,
        unknown_fails: true,
        ..Options::default()
    };
    insta::assert_snapshot!(render(Format::Junit, &rich(), &options));
}

#[test]
fn sarif_github() {
    insta::assert_snapshot!(render(Format::Sarif, &rich(), &Options::default()));
}

#[test]
fn sarif_full() {
    let options = Options {
        sarif_profile: SarifProfile::Full,
        ..Options::default()
    };
    insta::assert_snapshot!(render(Format::Sarif, &rich(), &options));
}

#[test]
fn a_partial_scan_says_so_in_every_format() {
    let mut partial = empty();
    partial.complete = false;
    partial.exit_code = 3;
    partial.incomplete_because = vec!["no input held a resource".to_owned()];
    for format in Format::ALL {
        let text = render(format, &partial, &Options::default());
        assert!(text.contains("no input held a resource"), "{format}: {text}");
        let whole = render(format, &empty(), &Options::default());
        assert_ne!(text, whole, "{format}");
    }
    for verbosity in [-1, 0, 1] {
        let options = Options {
            verbosity,
            ..Options::default()
        };
        assert!(render(Format::Human, &partial, &options).contains("INCOMPLETE"));
    }
}

#[test]
fn the_same_assessment_gives_the_same_bytes() {
    for format in Format::ALL {
        let options = Options::default();
        assert_eq!(render(format, &rich(), &options), render(format, &rich(), &options));
    }
}
