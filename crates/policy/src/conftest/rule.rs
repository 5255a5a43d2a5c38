//! Which rules of a package conftest runs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Problem;
use crate::analysis::{Form, Head, Modules};
use crate::problem::problem;

/// All rules of one name in one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) package: String,
    pub(super) name: String,
    /// Where the first of them stands.
    pub(super) file: String,
    pub(super) line: u32,
    /// What it gives are warnings.
    pub(super) warns: bool,
    /// Its package has exceptions.
    pub(super) excepts: bool,
}

impl Rule {
    pub(super) fn id(&self) -> String {
        format!("{}.{}", self.package, self.name)
    }

    /// Returns the name by which exceptions call it: what follows `deny_`; of `deny` alone the empty text.
    pub(super) fn subject(&self) -> &str {
        self.name.split_once('_').map_or("", |(_, subject)| subject)
    }
}

/// Returns whether conftest runs rules of that name: `deny`, `violation` or `warn`, alone or with words after underscores.
pub(crate) fn is_judged(name: &str) -> bool {
    let mut words = name.split('_');
    words
        .next()
        .is_some_and(|first| ["deny", "violation", "warn"].contains(&first))
        && words.all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Returns the rules of the packages, sorted by id, and what keeps some of them from being run.
pub(super) fn of(modules: &Modules, shown: &[String]) -> (Vec<Rule>, Vec<Problem>) {
    let heads = modules.heads();
    let excepts: BTreeSet<&str> = heads
        .iter()
        .filter(|head| head.name == "exception")
        .map(|head| head.package.as_str())
        .collect();
    let mut rules: BTreeMap<(&str, &str), Rule> = BTreeMap::new();
    let mut problems = Vec::new();
    for head in heads.iter().filter(|head| is_judged(&head.name)) {
        match trouble(head) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(message) => {
                let help = format!("write `{} contains msg if {{ …; msg := \"…\" }}`", head.name);
                problems.push(problem(&head.file, head.line, 1, "conftest", message, &help));
                continue;
            }
        }
        rules.entry((&head.package, &head.name)).or_insert_with(|| Rule {
            package: head.package.clone(),
            name: head.name.clone(),
            file: head.file.clone(),
            line: head.line,
            warns: head.name.starts_with("warn"),
            excepts: excepts.contains(head.package.as_str()),
        });
    }
    if rules.is_empty() && problems.is_empty() {
        let message = "there is no rule `deny`, `violation` or `warn`";
        let help = "a conftest package has such rules, also with a suffix: `deny_root`";
        problems.push(problem(&shown.join(", "), 0, 0, "conftest", message, help));
    }
    (rules.into_values().collect(), problems)
}

/// Returns whether a rule of such a name is one that conftest gets results from; an error where it would take no notice of
/// what the rule says.
fn trouble(head: &Head) -> Result<bool, String> {
    match &head.form {
        Form::Set | Form::Value(None | Some(Value::Array(_))) => Ok(true),
        // `default deny := false` beside rules that give more.
        Form::Value(Some(Value::Bool(false) | Value::Null)) | Form::Function => Ok(false),
        Form::Value(Some(value)) => Err(format!(
            "`{}` has the value `{value}` and gives no message, so that conftest takes no notice of it",
            head.name
        )),
        Form::Object => Err(format!(
            "`{}` gives an object and no set of messages, so that conftest takes no notice of it",
            head.name
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_conftest() {
        for name in ["deny", "violation", "warn", "deny_root", "warn_a_1b"] {
            assert!(is_judged(name), "{name}");
        }
        for name in ["denied", "deny_", "deny__x", "Deny", "exception", "warning", "deny_ä"] {
            assert!(!is_judged(name), "{name}");
        }
    }
}
