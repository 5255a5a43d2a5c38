//! Work on the repository itself: `cargo xtask generate` writes the generated files, `cargo xtask check` compares them,
//! `cargo xtask conformance DIR` writes `docs/engine.md` from OPA's cases.

mod cli_docs;
mod policy_docs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match std::env::args().nth(1).as_deref() {
        Some("generate") => generate(&root),
        Some("check") => check(&root),
        Some("conformance") => conformance(&root, std::env::args().nth(2).as_deref()),
        _ => bail!("usage: cargo xtask generate|check|conformance DIR"),
    }
}

/// Every generated file with its text.
fn files() -> Result<BTreeMap<PathBuf, String>> {
    let mut files = BTreeMap::new();
    for (name, schema) in nephoscope::schema::all() {
        files.insert(
            PathBuf::from(format!("schemas/{name}.json")),
            nephoscope::schema::text(&schema),
        );
    }
    files.insert(PathBuf::from("docs/cli.md"), cli_docs::text());
    files.insert(PathBuf::from("docs/policies.md"), policy_docs::text()?);
    let parity = nephoscope_tests::parity_matrix::page().map_err(|error| anyhow::anyhow!("{error}"))?;
    files.insert(PathBuf::from("docs/parity.md"), parity);
    Ok(files)
}

fn generate(root: &Path) -> Result<()> {
    for (path, text) in files()? {
        let target = root.join(&path);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&target, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn check(root: &Path) -> Result<()> {
    let stale: Vec<String> = files()?
        .into_iter()
        .filter(|(path, text)| std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(text))
        .map(|(path, _)| path.display().to_string())
        .collect();
    if !stale.is_empty() {
        bail!("stale: {}\nhelp: cargo xtask generate", stale.join(", "));
    }
    Ok(())
}

/// Writes the page that only OPA's cases can make; a test compares it.
fn conformance(root: &Path, testdata: Option<&str>) -> Result<()> {
    let testdata = testdata.context("usage: cargo xtask conformance DIR")?;
    let page =
        nephoscope_tests::opa_cases::engine_page(Path::new(testdata)).map_err(|error| anyhow::anyhow!("{error}"))?;
    std::fs::write(root.join("docs/engine.md"), page).context("cannot write docs/engine.md")
}
