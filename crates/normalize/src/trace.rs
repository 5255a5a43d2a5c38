//! From an attribute back to the native document.

use nephoscope_model::{Origin, Resource, pointer};

use crate::mapping;

/// Returns where the attribute `path` (`/attributes/public_access/grants/0`) stands: the document, and the JSON Pointer
/// into its body.
///
/// The longest match wins among what the resource noted for elements of lists and for its parts, then among the
/// mapping's sources; else it is the whole first document. The pointer may lead on into JSON that the document holds
/// inside of a string, and may name something that is not there (the absence of which made the attribute): whoever looks it up
/// stops at the deepest value that exists.
pub fn trace(resource: &Resource, path: &str) -> (Origin, String) {
    let noted = resource
        .provenance
        .iter()
        // Of notes for one path the first counts, and `max_by_key` takes the last.
        .rev()
        .filter(|noted| pointer::strip(path, &noted.path).is_some())
        .max_by_key(|noted| noted.path.len());
    if let Some(noted) = noted {
        return (noted.origin.clone(), noted.pointer.clone());
    }
    // INVARIANT: a resource has at least one origin; the fallback is for one that was made by hand.
    let first = resource.origins.first().cloned().unwrap_or_else(|| Origin {
        file: "".into(),
        offset: 0,
        length: 0,
        pointer: String::new(),
    });
    let below = pointer::strip(path, "/attributes").unwrap_or_default();
    let sources = resource
        .mapping
        .and_then(|(dialect, native_type)| mapping::find(dialect, native_type, || resource.id.clone()))
        .map(|row| row.sources)
        .unwrap_or_default();
    let native = (sources.iter())
        .filter(|source| {
            pointer::strip(below, source.attribute).is_some() || pointer::strip(source.attribute, below).is_some()
        })
        // Of matches of one length the first row counts, and `max_by_key` takes the last.
        .rev()
        .max_by_key(|source| source.attribute.len().min(below.len()))
        .filter(|_| !below.is_empty());
    (first, native.map(|source| source.native.to_owned()).unwrap_or_default())
}
