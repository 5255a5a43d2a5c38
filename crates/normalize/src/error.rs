//! What can go wrong in one document.

use thiserror::Error;

/// Why a document could not be mapped. It becomes an unknown path of the resource, never a lost resource.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NormalizeError {
    /// A field that the mapping reads has another JSON type or form than documented.
    #[error("`{path}` of {native_type} `{id}`: {detail}")]
    Field {
        /// The resource's id as written.
        id: String,
        /// The native type.
        native_type: String,
        /// JSON Pointer into the document's body.
        path: String,
        /// What was expected and found.
        detail: String,
    },
    /// The document as a whole has not the form of its dialect.
    #[error("not a document of {dialect}: {detail}")]
    Document {
        /// The dialect's name.
        dialect: &'static str,
        /// What was expected and found.
        detail: String,
    },
}
