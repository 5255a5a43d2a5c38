//! Policies: Rego files in, outcomes out. The only crate of the workspace that knows the Rego engine.
//!
//! [`read_folder`] and [`read_bundle`] give [`Root`]s, [`Bundle::load`] checks and compiles their policies, and an
//! [`Evaluator`] judges one resource with its neighbors at a time. The outcome of a policy is decided here, never in
//! Rego: each `deny` clause is an evaluation of its own, and what is unknown about the resource is weighed by what
//! the clause reads.
//!
//! ```
//! use nephoscope_model::Kind;
//! use nephoscope_policy::{Bundle, Options, Root, run_tests, template};
//!
//! let kind = Kind::named("storage.bucket").unwrap();
//! let mut files = template("ACME-1", "acme.storage.example", kind);
//! files.retain(|file| file.path.ends_with(".rego"));
//! let roots = [Root { name: "acme".into(), files, ..Root::default() }];
//!
//! let bundle = Bundle::load(&roots, &Options::default()).unwrap();
//! assert_eq!(bundle.policies()[0].info.id.0, "ACME-1");
//! assert_eq!(bundle.read_set_paths(0), ["/resource/tags/example"]);
//! assert!(run_tests(&roots, None).unwrap().iter().all(|test| test.passed));
//! ```

mod analysis;
mod applicable;
mod archive;
mod bundle;
mod check;
mod closure;
mod compile;
mod conftest;
mod constraint;
mod contract;
mod convert;
mod deny;
mod evaluate;
mod extensions;
mod form;
mod guard;
mod load;
mod memo;
mod metadata;
mod meter;
mod param;
mod patience;
mod problem;
mod program;
mod projection;
mod query;
mod rego_test;
mod remote;
mod signature;
mod source;
#[cfg(test)]
mod support;
mod template;
mod v0;
mod vm;
mod worlds;

pub use analysis::{Builtin, Problem, ReadPath, Support, builtins};
pub use archive::read_bundle;
pub use bundle::{Bundle, EvaluationLimits, Options, Policy};
pub use check::{advice, check};
pub use constraint::Asset;
pub use deny::Deny;
pub use evaluate::{Evaluator, Related, Subject, Verdict};
pub use load::{declared, rehearsed};
pub use meter::{Clock, Count};
pub use param::{Param, ParamType};
pub use problem::{LoadError, LoadErrors};
pub use query::{Query, QueryError};
pub use rego_test::{TestResult, run_tests};
pub use remote::{Guest, Host, Lost, Part};
pub use signature::{KeyError, Signature, SigningAlg, Verification, VerificationKey};
pub use source::{Root, SourceFile, read_folder, sha256};
pub use template::template;
