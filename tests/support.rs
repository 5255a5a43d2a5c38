//! What the tests of the whole program share: running the binary, finding tools, redacting versions and paths.

pub mod opa_cases;
pub mod parity_matrix;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Returns the repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap_or_else(|_| PathBuf::from(".."))
}

/// Returns the binary under test, built by `tests/run` or by cargo beside this test.
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test without its binary has to fail"
)]
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("NEPHOSCOPE_BINARY") {
        return PathBuf::from(path);
    }
    let test = std::env::current_exe().expect("a test knows its own path");
    let folder = test
        .parent()
        .and_then(Path::parent)
        .expect("tests are built into target/<profile>/deps");
    let binary = folder.join("nephoscope");
    assert!(binary.exists(), "build it first: cargo build");
    binary
}

/// Returns a command that runs the binary with a clean environment, in the repository's root.
pub fn nephoscope<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(root()).env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// What a run of the binary came to.
#[derive(Debug)]
pub struct Run {
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs a command to its end.
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test without its binary has to fail"
)]
pub fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().expect("the binary starts");
    Run {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// Returns the corpus of real inputs, or says that the test is skipped.
pub fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("NEPHOSCOPE_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        skip("NEPHOSCOPE_CORPUS is not set");
    }
    folder
}

/// Returns a tool by name: of `tests/.tools`, of the Go binaries, or on the PATH; or says that the test is skipped.
pub fn tool(name: &str) -> Option<PathBuf> {
    let mut folders = vec![root().join("tests/.tools/bin"), root().join("tests/.tools/python/bin")];
    folders.extend(std::env::var_os("HOME").map(|home| PathBuf::from(home).join("go/bin")));
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let found = folders
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        skip(&format!("{name} is not installed"));
    }
    found
}

/// Says that a test is skipped, or fails it where nothing may be skipped.
#[expect(
    clippy::print_stderr,
    clippy::missing_panics_doc,
    reason = "a skipped test has to be heard"
)]
pub fn skip(why: &str) {
    eprintln!("SKIPPED: {why}");
    assert!(
        std::env::var_os("NEPHOSCOPE_REQUIRE_ALL").is_none(),
        "nothing may be skipped: {why}"
    );
}

/// Returns `text` with the version replaced.
pub fn redact(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "[version]")
}
