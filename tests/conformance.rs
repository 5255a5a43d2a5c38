//! OPA's own cases give what `docs/engine.md` says.

use nephoscope_tests::opa_cases::{engine_page, folder};
use nephoscope_tests::{root, skip};

#[test]
fn the_page_says_what_the_cases_give() {
    let Some(folder) = folder() else {
        skip("OPA's conformance cases are not there");
        return;
    };
    // Some cases nest deeper than the stack of a test's thread.
    let run = std::thread::Builder::new().stack_size(64 << 20);
    let page = run
        .spawn(move || engine_page(&folder).map_err(|error| error.to_string()))
        .unwrap();
    let page = page.join().unwrap().unwrap();
    let written = std::fs::read_to_string(root().join("docs/engine.md")).unwrap();
    let mut lines = page.lines().zip(written.lines());
    let first = lines.find(|(now, then)| now != then);
    assert!(
        page == written,
        "stale: docs/engine.md: {first:?}\nhelp: cargo xtask conformance tests/.tools/opa-cases"
    );
}

#[test]
fn no_case_gets_a_wrong_answer_without_a_reason() {
    let page = std::fs::read_to_string(root().join("docs/engine.md")).unwrap();
    assert!(!page.contains("not looked into"));
}
