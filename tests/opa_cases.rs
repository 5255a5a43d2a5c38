//! OPA's own conformance cases, put to our engine on the way that a policy takes.
//!
//! Source: the folder `v1/test/cases/testdata` of OPA 1.22.2. The cases of Rego v0 in it are not run: they are the same
//! ones in a syntax that is not loaded.

mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use nephoscope_policy::{Query, QueryError, SourceFile};
use serde::Deserialize;
use serde_json::{Map, Value};

pub use page::page;

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The result that OPA has, or an error where OPA has one.
    Passed,
    /// Another result than OPA's, and no error. What was expected and what came.
    Wrong(String),
    /// An error where OPA has a result, or none at load where OPA has one at run time. Its text.
    Refused(String),
}

/// One case with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The folder it lies in.
    pub folder: String,
    /// Its name, which begins with a subject that is not always the folder.
    pub name: String,
    /// What came of it.
    pub verdict: Verdict,
}

/// What `tests/conformance.yaml` says by hand.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notes {
    /// What OPA gives where a case asks for the error of a builtin, by name. Nowhere else it gives anything.
    pub lenient: BTreeMap<String, Answers>,
    /// Why a case gets a wrong answer, by name.
    pub wrong: BTreeMap<String, String>,
    /// Reasons of refusals, in the order in which they are tried.
    pub refused: Vec<Said>,
}

/// A reason for the refusals of a folder, or of those that say something.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Their folder.
    pub folder: Option<String>,
    /// A part of what is said.
    pub message: Option<String>,
    /// The reason.
    pub reason: String,
}

/// The bindings of a query, once for each way in which it holds.
type Answers = Vec<Map<String, Value>>;
type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Debug, Default, Deserialize)]
struct Case {
    note: String,
    query: String,
    #[serde(default)]
    modules: Vec<String>,
    data: Option<Map<String, Value>>,
    input: Option<Value>,
    input_term: Option<String>,
    want_result: Option<Answers>,
    #[serde(default)]
    sort_bindings: bool,
    #[serde(default)]
    strict_error: bool,
}

/// Returns the folder that `tests/run` links the cases to, if it is there.
pub fn folder() -> Option<PathBuf> {
    let folder = crate::root().join("tests/.tools/opa-cases");
    folder.is_dir().then_some(folder)
}

/// Returns the hand-written notes.
///
/// # Errors
///
/// When `tests/conformance.yaml` cannot be read.
pub fn notes() -> Fallible<Notes> {
    let text = std::fs::read_to_string(crate::root().join("tests/conformance.yaml"))?;
    Ok(serde_saphyr::from_str(&text)?)
}

/// Runs every case of the folder, `testdata` of OPA's sources. Sorted by folder and name.
///
/// # Errors
///
/// When a file cannot be read or is no file of cases, or when there is none.
pub fn judge(testdata: &Path, notes: &Notes) -> Fallible<Vec<Judged>> {
    let mut judged: Vec<Judged> = read(&testdata.join("v1"))?
        .into_iter()
        .map(|(folder, case)| Judged {
            folder,
            verdict: case.judge(notes),
            name: case.note,
        })
        .collect();
    judged.sort_by(|a, b| (&a.folder, &a.name).cmp(&(&b.folder, &b.name)));
    Ok(judged)
}

/// Returns `docs/engine.md` as the cases of the folder make it.
///
/// # Errors
///
/// Those of [`judge`], and notes that are not true any more.
pub fn engine_page(testdata: &Path) -> Fallible<String> {
    let notes = notes()?;
    let v0 = read(&testdata.join("v0"))?.len();
    page(&judge(testdata, &notes)?, v0, &notes)
}

/// Returns every case below the folder with the folder it lies in.
fn read(root: &Path) -> Fallible<Vec<(String, Case)>> {
    let mut cases = Vec::new();
    for path in files(root)? {
        let folder = path.strip_prefix(root)?.parent().unwrap_or(Path::new(""));
        let folder = folder.display().to_string();
        let text = std::fs::read_to_string(&path)?;
        let file: File = serde_saphyr::from_str(&text)
            .map_err(|error| format!("{}: {}", path.display(), error.without_snippet()))?;
        cases.extend(file.cases.into_iter().map(|case| (folder.clone(), case)));
    }
    if cases.is_empty() {
        return Err(format!("no case in {}", root.display()).into());
    }
    Ok(cases)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

impl Case {
    fn judge(&self, notes: &Notes) -> Verdict {
        let answers = self.query().run();
        let undefined = Answers::new();
        // Builtin errors are not strict here, as they are not in OPA unless it is asked to: then the rule that called
        // the builtin is undefined.
        let expected = match &self.want_result {
            Some(wanted) => Some(wanted),
            None if self.strict_error => Some(notes.lenient.get(&self.note).unwrap_or(&undefined)),
            None => None,
        };
        match (answers, expected) {
            (Ok(answers), Some(expected)) if self.same(expected, &answers) => Verdict::Passed,
            (Ok(answers), expected) => {
                let expected = expected.map_or_else(|| "an error".to_owned(), shown);
                Verdict::Wrong(format!("expected {expected}, found {}", shown(&answers)))
            }
            (Err(QueryError::Failed(_)), None) => Verdict::Passed,
            (Err(error), _) => Verdict::Refused(error.to_string()),
        }
    }

    fn query(&self) -> Query {
        let modules = self.modules.iter().enumerate();
        let wanted = self.want_result.iter().flatten();
        let variables: BTreeSet<&String> = wanted.flat_map(Map::keys).collect();
        Query {
            modules: modules
                .map(|(index, text)| SourceFile {
                    path: format!("test-{index}.rego"),
                    text: text.clone(),
                })
                .collect(),
            data: self.data.clone().unwrap_or_default(),
            input: self.input.clone(),
            input_term: self.input_term.clone(),
            query: self.query.clone(),
            variables: variables.into_iter().cloned().collect(),
        }
    }

    /// Compares as OPA's own runner does: the answers are a set; `sort_bindings` tells that the case gives arrays in
    /// no order.
    fn same(&self, expected: &Answers, found: &Answers) -> bool {
        let in_order = |answers: &Answers| {
            let mut answers: Vec<Vec<(String, Value)>> = answers
                .iter()
                .map(|answer| {
                    let bindings = answer.iter();
                    bindings
                        .map(|(name, value)| (name.clone(), canonical(value, self.sort_bindings)))
                        .collect()
                })
                .collect();
            answers.sort_by_key(|answer| format!("{answer:?}"));
            answers.dedup();
            answers
        };
        in_order(expected) == in_order(found)
    }
}

/// Returns the value with one spelling for each number and, if asked, with the elements of a list in order.
fn canonical(value: &Value, sort: bool) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            // 2^53: up to here every whole number has one `f64`.
            Some(float) if float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 => {
                Value::from(format!("{float:.0}"))
            }
            _ => Value::Number(number.clone()),
        },
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| canonical(item, false)).collect();
            if sort {
                items.sort_by_key(Value::to_string);
            }
            Value::Array(items)
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            Value::Object(
                fields
                    .map(|(key, value)| (key.clone(), canonical(value, false)))
                    .collect(),
            )
        }
        _ => value.clone(),
    }
}

fn shown(answers: &Answers) -> String {
    Value::Array(answers.iter().cloned().map(Value::Object).collect()).to_string()
}
