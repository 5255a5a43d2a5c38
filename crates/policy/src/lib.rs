//! Policies: from Rego files to outcomes.
mod analysis;
mod applicable;
mod archive;
mod bundle;
mod check;
mod closure;
mod deny;
mod evaluate;
mod load;
mod metadata;
mod param;
mod problem;
mod program;
mod rego_test;
mod source;
#[cfg(test)]
mod support;
mod template;

pub use analysis::Problem;
pub use archive::read_bundle;
pub use bundle::{Bundle, EvaluationLimits, Options, Policy};
pub use check::check;
pub use deny::Deny;
pub use evaluate::{Evaluator, Related, Subject, Verdict};
pub use param::{Param, ParamType};
pub use problem::{LoadError, LoadErrors};
pub use rego_test::{TestResult, run_tests};
pub use source::{Root, SourceFile, read_folder};
pub use template::template;
