//! The rival: a typed parse of the same bytes through the same kind of reader, which judges nothing.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What a program that lists an inventory would read of an item; all else is passed over by the parser.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    resource_type: String,
    resource_id: String,
    #[serde(default)]
    resource_name: Option<String>,
    #[serde(default, alias = "ARN")]
    arn: Option<String>,
    #[serde(default)]
    aws_account_id: Option<String>,
    #[serde(default)]
    aws_region: Option<String>,
    #[serde(default)]
    relationships: Option<Vec<Link>>,
    #[serde(default)]
    configuration: Option<IgnoredAny>,
    #[serde(default)]
    supplementary_configuration: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    #[serde(default)]
    resource_type: Option<String>,
    #[serde(default)]
    resource_id: Option<String>,
}

/// Returns how many items a file of one item a line holds.
///
/// # Errors
///
/// When the file cannot be read, or a line is no item.
pub(crate) fn count(file: &Path) -> Result<u64> {
    let file = File::open(file).with_context(|| format!("`{}`", file.display()))?;
    let reader = BufReader::with_capacity(64 << 10, file);
    let (mut items, mut seen) = (0, 0);
    for item in serde_json::Deserializer::from_reader(reader).into_iter::<Item>() {
        let item = item?;
        // What was parsed is looked at, so that nothing is optimized away.
        let texts = [item.resource_name, item.arn, item.aws_account_id, item.aws_region];
        seen += item.resource_type.len() + item.resource_id.len();
        seen += texts.into_iter().flatten().map(|text| text.len()).sum::<usize>();
        let links = item.relationships.into_iter().flatten();
        seen += links
            .flat_map(|link| [link.resource_type, link.resource_id])
            .flatten()
            .map(|text| text.len())
            .sum::<usize>();
        seen += usize::from(item.configuration.is_some()) + usize::from(item.supplementary_configuration.is_some());
        items += 1;
    }
    anyhow::ensure!(seen > 0 || items == 0, "nothing was parsed");
    Ok(items)
}
