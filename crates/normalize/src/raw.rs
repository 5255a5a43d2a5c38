//! Documents that are judged as they stand: a resource is one document, named by its file.

use nephoscope_model::{Document, Resource, ResourceKey};

use crate::body::Body;
use crate::open::Opened;

/// Returns the document by its name: the file's, with its place among several documents of the file as `#0`, `#1`, ….
pub(crate) fn open(document: &Document, mut resource: Resource) -> Opened<'_> {
    let origin = &document.origin;
    let name = match origin.pointer.strip_prefix('/') {
        Some(place) => format!("{}#{place}", origin.file),
        None => origin.file.to_string(),
    };
    resource.key = ResourceKey(name.clone());
    resource.name.clone_from(&name);
    resource.id = name;
    let body = Body {
        id: resource.id.clone(),
        native_type: resource.native_type.clone(),
        whole: document.body.get(),
        sections: Vec::new(),
    };
    Opened { resource, body }
}
