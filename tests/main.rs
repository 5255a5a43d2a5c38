//! Tests of the whole program, in one binary so that it links once.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test that panics has failed, as it should"
)]

mod broken;
mod cache;
mod completeness;
mod conformance;
mod conftest;
mod constraints;
mod corpus;
mod determinism;
mod exit_codes;
mod hostile_corpus;
mod hostile_policies;
mod hostile_shapes;
mod interpreted;
mod judging;
mod lock;
mod parity;
mod policy_bench;
mod policy_diff;
mod reports;
mod signatures;
mod verdicts;
