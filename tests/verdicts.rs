//! Verdicts that nobody here wrote: what other tools' own tests and libraries say of real documents, beside ours.
//!
//! `docs/verdicts.md` is compared where the folder of real inputs is there; `NEPHOSCOPE_UPDATE=1` writes it.

mod cloud_custodian;
mod judge;
mod policy_library;

use nephoscope_tests::root;

#[test]
fn verdicts_are_as_documented() {
    let Some(corpus) = std::env::var_os("NEPHOSCOPE_CORPUS") else {
        assert!(
            std::env::var_os("NEPHOSCOPE_REQUIRE_ALL").is_none(),
            "NEPHOSCOPE_CORPUS is not set"
        );
        eprintln!("SKIPPED: verdicts: NEPHOSCOPE_CORPUS is not set");
        return;
    };
    let mut page = policy_library::page(corpus.as_ref());
    page.push_str(&cloud_custodian::section(corpus.as_ref()));
    let file = root().join("docs/verdicts.md");
    if std::env::var_os("NEPHOSCOPE_UPDATE").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let documented = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        documented == page,
        "docs/verdicts.md is stale: NEPHOSCOPE_UPDATE=1 cargo test -p nephoscope-tests verdicts"
    );
}
