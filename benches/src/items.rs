//! The resources of a file of one AWS Config item a line.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Result;
use nephoscope_model::{Dialect, Document, Origin, Provider, RawJson, Resource, State};
use nephoscope_normalize::Batch;

/// Returns the resources of the first `most` items.
///
/// # Errors
///
/// When the file cannot be read.
pub(crate) fn resources(file: &Path, most: usize) -> Result<Vec<Resource>> {
    let mut batch = Batch::new(None);
    let mut resources: Vec<Resource> = Vec::new();
    let mut offset = 0;
    for line in BufReader::new(File::open(file)?).lines().take(most) {
        let line = line?;
        let length = line.len() as u64;
        resources.extend(batch.push(document(line, offset)?));
        offset += length + 1;
    }
    resources.extend(batch.finish().resources);
    Ok(resources)
}

fn document(line: String, offset: u64) -> Result<Document> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Typed {
        resource_type: String,
    }
    let typed: Typed = serde_json::from_str(&line)?;
    Ok(Document {
        provider: Provider::Aws,
        native_type: typed.resource_type,
        dialect: Dialect::AwsConfig,
        observed_at: None,
        state: State::Live,
        origin: Origin {
            file: "items.ndjson".into(),
            offset,
            length: line.len() as u64,
            pointer: String::new(),
        },
        begin: None,
        body: RawJson::parse(line)?,
    })
}
