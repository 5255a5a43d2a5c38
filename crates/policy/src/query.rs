//! One query over modules and data. It takes the way that a policy takes, from the checks to the engine, so that
//! OPA's own cases can be put to it.

use regorus::Value as Rego;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::analysis::{self, Modules};
use crate::bundle::EvaluationLimits;
use crate::compile::data_path;
use crate::problem::{LoadErrors, problem};
use crate::program::{Local, Seat, Text};
use crate::source::SourceFile;

/// The package of the query itself.
const PACKAGE: &str = "nephoscope_query";
/// Its rule.
const RULE: &str = "answers";

/// A query and what it is asked of.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// The modules.
    pub modules: Vec<SourceFile>,
    /// The document `data`.
    pub data: Map<String, Value>,
    /// The document `input`, if there is one.
    pub input: Option<Value>,
    /// `input` as a Rego term instead, which can also hold sets.
    pub input_term: Option<String>,
    /// The query: statements of Rego.
    pub query: String,
    /// The variables of the query to answer with.
    pub variables: Vec<String>,
}

/// Why a query has no answer.
#[derive(Debug, Error)]
pub enum QueryError {
    /// It was not run, for what a policy would not be loaded for either.
    #[error("{0}")]
    Refused(LoadErrors),
    /// It ended in an error.
    #[error("{0}")]
    Failed(String),
}

impl Query {
    /// Returns the bindings of the variables, once for each way in which the query holds, without repetition. A set
    /// comes as an array.
    ///
    /// # Errors
    ///
    /// [`QueryError::Refused`] for what no bundle may contain, [`QueryError::Failed`] for an error of the evaluation.
    pub fn run(&self) -> Result<Vec<Map<String, Value>>, QueryError> {
        let input = match &self.input_term {
            Some(term) => {
                let text = format!("package {PACKAGE}\n\n{RULE} := {term}\n");
                run(&[], &Map::new(), text, Rego::Undefined)?
            }
            None => self.input.clone().map_or(Rego::Undefined, Rego::from),
        };
        let fields: Vec<String> = self
            .variables
            .iter()
            .map(|name| format!("\"{name}\": {name}"))
            .collect();
        let text = format!(
            "package {PACKAGE}\n\n{RULE} contains answer if {{\n{}\nanswer := {{{}}}\n}}\n",
            self.query,
            fields.join(", ")
        );
        let answers = run(&self.modules, &self.data, text, input)?;
        let json = serde_json::to_value(&answers).map_err(|error| QueryError::Failed(error.to_string()))?;
        serde_json::from_value(json).map_err(|error| QueryError::Failed(error.to_string()))
    }
}

/// Returns the value of the query's rule, `text`.
fn run(modules: &[SourceFile], data: &Map<String, Value>, text: String, input: Rego) -> Result<Rego, QueryError> {
    let mut texts: Vec<Text> = modules
        .iter()
        .map(|module| Text {
            file: module.path.clone(),
            text: module.text.clone(),
        })
        .collect();
    texts.push(Text {
        file: "query".into(),
        text,
    });
    let mut parsed = Vec::new();
    let mut problems = Vec::new();
    for text in &texts {
        match analysis::parse(&text.file, &text.text) {
            Ok(module) => parsed.push(module),
            Err(found) => problems.extend(found),
        }
    }
    let modules = Modules::new(parsed);
    problems.extend(modules.problems());
    // What follows references is asked only of what is safe, as for policies.
    if problems.is_empty() {
        problems.extend(modules.divergences(PACKAGE));
    }
    LoadErrors::unless_empty(problems).map_err(QueryError::Refused)?;
    let limit = EvaluationLimits::default().per_evaluation;
    let data = Rego::from(Value::Object(data.clone()));
    let program = Local::new(texts, data, data_path(PACKAGE, RULE), limit);
    program.compile().map_err(|failure| {
        let help = "`opa check --strict` may say more";
        QueryError::Refused(LoadErrors(vec![problem(
            "query",
            1,
            1,
            "compile",
            failure.message,
            help,
        )]))
    })?;
    (Seat::default().value(&program, input, limit)).map_err(|failure| QueryError::Failed(failure.message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::support::source;

    fn query(text: &str, query: &str, variables: &[&str]) -> Query {
        Query {
            modules: vec![source("t.rego", text)],
            query: query.to_owned(),
            variables: variables.iter().map(|name| (*name).to_owned()).collect(),
            ..Query::default()
        }
    }

    #[test]
    fn each_way_in_which_it_holds_is_an_answer() {
        let asked = Query {
            input: Some(json!({"xs": [1, 2, 2]})),
            ..query(
                "package t\n\np contains x if some x in input.xs\n",
                "data.t.p[x]; x > 1",
                &["x"],
            )
        };
        assert_eq!(json!(asked.run().unwrap()), json!([{"x": 2}]));
        let none = query("package t\n", "1 > 2", &[]);
        assert!(none.run().unwrap().is_empty());
        let asked = Query {
            input_term: Some("{\"s\": {2, 1}}".into()),
            ..query("package t\n\np := input.s & {1}\n", "x = data.t.p", &["x"])
        };
        assert_eq!(json!(asked.run().unwrap()), json!([{"x": [1]}]));
    }

    #[test]
    fn refusals_and_failures_are_told_apart() {
        let refused = query("package t\n\np := time.now_ns()\n", "x = data.t.p", &["x"]);
        assert!(matches!(refused.run(), Err(QueryError::Refused(_))));
        let failed = query("package t\n\np := 1\n\np := 2\n", "x = data.t.p", &["x"]);
        assert!(matches!(failed.run(), Err(QueryError::Failed(_))));
    }
}
