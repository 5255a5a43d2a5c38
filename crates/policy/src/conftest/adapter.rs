//! The module that brings what a rule gives into the shape of a `deny` of ours.

use serde_json::Value;

use super::rule::Rule;
use crate::compile::data_path;
use crate::program::Text;

/// A module of our own, which calls one rule.
#[derive(Debug)]
pub(super) struct Adapter {
    pub(super) package: String,
    pub(super) text: Text,
}

/// What an adapter says when an exception takes the rule back.
pub(super) const EXCEPTION: &str = "exception";

impl Adapter {
    /// Returns the adapter of a rule; no two have one number.
    pub(super) fn of(number: usize, rule: &Rule, v0: bool) -> Adapter {
        let package = format!("nephoscope_conftest.rule_{number}");
        let all = data_path(&rule.package, &rule.name);
        let head = if v0 {
            "deny[finding]"
        } else {
            "deny contains finding if"
        };
        // The result goes as it is: its shape is checked outside, where a fault of it can be told.
        let mut text = format!(
            "package {package}\n\n{head} {{\n\tresult := {all}[_]\n\tfinding := {{\"path\": \"\", \"message\": \"\", \"evidence\": result}}\n}}\n"
        );
        if !v0 {
            text = text.replace(&format!("result := {all}[_]"), &format!("some result in {all}"));
        }
        if rule.excepts {
            let exceptions = data_path(&rule.package, "exception");
            let subject = Value::from(rule.subject());
            text.push_str(&format!(
                "\n{head} {{\n\t{exceptions}[_][_] == {subject}\n\tfinding := {{\"path\": \"\", \"message\": \"{EXCEPTION}\"}}\n}}\n"
            ));
        }
        Adapter {
            package,
            text: Text {
                // What goes wrong in it is the rule's.
                file: rule.id(),
                text,
            },
        }
    }
}
