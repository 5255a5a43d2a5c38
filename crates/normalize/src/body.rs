//! The parts of a native document that mappings read, each by its name.

use serde::de::DeserializeOwned;

use crate::error::NormalizeError;
use crate::json;

/// One section of a document: a subtree that is read into a typed struct of its own.
#[derive(Debug, Clone)]
pub(crate) struct Section<'a> {
    /// The name that mappings ask for, which is its pointer in the main spelling: `/configuration`.
    pub(crate) name: &'static str,
    /// Its pointer as this document spells it: `/iamPolicy` for `/iam_policy`.
    pub(crate) pointer: &'static str,
    pub(crate) raw: &'a str,
}

/// A document cut into sections, on its way into a mapping.
#[derive(Debug, Clone)]
pub(crate) struct Body<'a> {
    pub(crate) id: String,
    pub(crate) native_type: String,
    pub(crate) whole: &'a str,
    pub(crate) sections: Vec<Section<'a>>,
}

impl Body<'_> {
    /// Returns the section `name` in the mapping's type, `None` where the document does not hold it, or null.
    ///
    /// A section that stands as JSON inside of a string is decoded first.
    ///
    /// # Errors
    ///
    /// [`NormalizeError::Field`] when a field has another JSON type than documented.
    pub(crate) fn section<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, NormalizeError> {
        let Some(section) = self.find(name) else {
            return Ok(None);
        };
        json::unwrapped(section.raw)
            .map_err(|fault| self.error(&format!("{}{}", section.pointer, fault.path), fault.detail))
    }

    /// Returns fields of the document itself, beside its sections.
    ///
    /// # Errors
    ///
    /// [`NormalizeError::Field`] when a field has another JSON type than documented.
    pub(crate) fn whole<T: DeserializeOwned>(&self) -> Result<T, NormalizeError> {
        json::typed(self.whole).map_err(|fault| self.error(&fault.path, fault.detail))
    }

    /// Returns the pointer of a section as this document spells it.
    pub(crate) fn pointer(&self, name: &str) -> Option<&'static str> {
        self.find(name).map(|section| section.pointer)
    }

    pub(crate) fn holds(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Returns the same body with only the section `name`.
    pub(crate) fn only(&self, name: &str) -> Self {
        let mut body = self.clone();
        body.sections.retain(|section| section.name == name);
        body
    }

    fn find(&self, name: &str) -> Option<&Section<'_>> {
        // A section that is null says nothing: `"resource": {"data": null}`.
        self.sections
            .iter()
            .find(|section| section.name == name && section.raw != "null")
    }

    fn error(&self, path: &str, detail: String) -> NormalizeError {
        NormalizeError::Field {
            id: self.id.clone(),
            native_type: self.native_type.clone(),
            path: path.to_owned(),
            detail,
        }
    }
}
