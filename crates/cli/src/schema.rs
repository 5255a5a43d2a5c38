//! JSON Schemas of everything a user writes or reads.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use nephoscope_model::{Kind, input_schema, kinds};
use serde_json::Value;

use crate::args::SchemaArgs;
use crate::assess::exit;
use crate::command::Bench;
use crate::config::Config;
use crate::difference::Difference;
use crate::lock::LockFile;
use crate::waivers::WaiversFile;

/// Returns every published schema by file stem: one per kind, `report`, `report_line`, `config`,
/// `lock`, `policy_bench`, `policy_diff`, `waivers`.
pub fn all() -> BTreeMap<String, Value> {
    let mut schemas: BTreeMap<String, Value> = kinds()
        .iter()
        .filter_map(|info| Some((info.schema_name(), input_schema(Kind::named(info.name)?))))
        .collect();
    schemas.insert("report".to_owned(), nephoscope_report::json_schema());
    schemas.insert("report_line".to_owned(), nephoscope_report::ndjson_schema());
    schemas.insert("config".to_owned(), schemars::schema_for!(Config).to_value());
    schemas.insert("policy_bench".to_owned(), schemars::schema_for!(Bench).to_value());
    schemas.insert("policy_diff".to_owned(), schemars::schema_for!(Difference).to_value());
    schemas.insert("lock".to_owned(), schemars::schema_for!(LockFile).to_value());
    schemas.insert("waivers".to_owned(), schemars::schema_for!(WaiversFile).to_value());
    schemas
}

/// Prints one schema.
///
/// # Errors
///
/// When there is none of that name.
pub fn run(args: &SchemaArgs) -> Result<u8> {
    let schemas = all();
    let name = args.name.replace(['.', '-'], "_");
    let Some(schema) = schemas.get(&name) else {
        let known: Vec<String> = schemas
            .keys()
            .map(|name| {
                name.replace("report_line", "report-line")
                    .replace("policy_", "policy-")
                    .replace('_', ".")
            })
            .collect();
        bail!(
            "there is no schema `{}`\nhelp: there are {}",
            args.name,
            known.join(", ")
        );
    };
    crate::command::print(&text(schema))?;
    Ok(exit::CLEAN)
}

/// Returns a schema as it is published: indented, with a final newline.
pub fn text(schema: &Value) -> String {
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}
