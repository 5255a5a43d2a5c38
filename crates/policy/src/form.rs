//! In which form a program gives what it found.

use regorus::Value;
use serde::{Deserialize, Serialize};

use crate::constraint;
use crate::deny::{self, Deny};

/// The forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Form {
    /// A policy of ours: objects with `path`, `message`, `key`, `evidence`.
    Policy,
    /// The same in Rego v0: a package of conftest, brought into this form.
    PolicyV0,
    /// A template of Config Validator, in Rego v0: objects with `msg` and `details`.
    Constraint,
}

impl Form {
    /// Returns whether the text is Rego v0.
    pub(crate) fn is_v0(self) -> bool {
        match self {
            Form::Policy => false,
            Form::PolicyV0 | Form::Constraint => true,
        }
    }

    /// Reads what the entry point gave.
    ///
    /// # Errors
    ///
    /// One line that says what an element lacks.
    pub(crate) fn read(self, value: &Value) -> Result<Vec<Deny>, String> {
        match self {
            Form::Policy | Form::PolicyV0 => deny::read(value),
            Form::Constraint => constraint::violations(value),
        }
    }
}
