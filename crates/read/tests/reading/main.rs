//! Reading whole inputs: quirks of real data, the corpus, broken inputs, laws.
#![expect(clippy::print_stderr, reason = "a skipped test says so")]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test ends at the first surprise"
)]

mod broken;
mod corpus;
mod finding;
mod laws;
mod plans;
mod quirks;
mod support;
