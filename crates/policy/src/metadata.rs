//! METADATA: the YAML comment above a policy's package.
//!
//! Source of the block's form: Open Policy Agent documentation, "Policy metadata", read 2026-11-23. The keys
//! are ours and fewer: what is not listed is refused, so that a misspelt key is never ignored.

use std::collections::BTreeMap;

use nephoscope_model::{Kind, Severity, kinds};
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::Problem;
use crate::param::{ParamType, mismatch};
use crate::problem::problem;
use crate::source::SourceFile;

/// In `custom.kinds`: every kind that has attributes, but accounts themselves, which stand in no region and carry no tags.
const EVERY_KIND: &str = "*";

/// What the METADATA of a policy says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Metadata {
    pub(crate) line: u32,
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) severity: Severity,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) remediation: String,
    pub(crate) controls: BTreeMap<String, Vec<String>>,
    pub(crate) references: Vec<String>,
    pub(crate) needs: Vec<String>,
    pub(crate) params: BTreeMap<String, Declared>,
    pub(crate) native_types: Vec<String>,
    pub(crate) optional: Vec<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) deprecated: Option<String>,
    pub(crate) model: Option<String>,
}

/// A parameter as METADATA declares it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Declared {
    pub(crate) kind: ParamType,
    pub(crate) items: Option<ParamType>,
    pub(crate) default: Option<Value>,
    pub(crate) description: String,
    pub(crate) line: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    scope: Option<String>,
    title: Option<Spanned<String>>,
    description: Option<Spanned<String>>,
    #[serde(default)]
    schemas: Vec<BTreeMap<String, Spanned<String>>>,
    #[serde(default)]
    related_resources: Vec<RawReference>,
    custom: Option<Spanned<RawCustom>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReference {
    r#ref: Spanned<String>,
    #[serde(default, rename = "description")]
    _description: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCustom {
    id: Option<Spanned<String>>,
    severity: Option<Spanned<String>>,
    kinds: Option<Spanned<Vec<Spanned<String>>>>,
    remediation: Option<Spanned<String>>,
    controls: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    needs: Vec<Spanned<String>>,
    #[serde(default)]
    params: BTreeMap<String, Spanned<RawParam>>,
    #[serde(default)]
    native_types: Vec<String>,
    #[serde(default)]
    optional: Vec<Spanned<String>>,
    #[serde(default)]
    aliases: Vec<Spanned<String>>,
    deprecated: Option<String>,
    model: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParam {
    r#type: ParamType,
    items: Option<ParamType>,
    default: Option<Value>,
    description: Option<String>,
}

/// A block of METADATA comments: its YAML, and the lines before it in the file.
struct Block {
    yaml: String,
    before: u32,
}

/// Returns the METADATA of the file's package, with `name` for the file in messages, or `None` when it has no block above its `package`.
///
/// # Errors
///
/// Every problem found in the block.
pub(crate) fn read(name: &str, file: &SourceFile) -> Result<Option<Metadata>, Vec<Problem>> {
    let Some(block) = find(&file.text) else {
        return Ok(None);
    };
    let mut reader = Reader {
        file: name,
        before: block.before,
        problems: Vec::new(),
    };
    let raw: Raw = match serde_saphyr::from_str(&block.yaml) {
        Ok(raw) => raw,
        Err(error) => {
            let place = error.location().map_or((1, 1), |place| (place.line(), place.column()));
            // The place is ours to print, in the file's own lines.
            let text = error.without_snippet().to_string();
            let text = text.split(" at line ").next().unwrap_or(&text).to_owned();
            let text = text.strip_prefix("error: ").map(str::to_owned).unwrap_or(text);
            reader.at(place, text, "the keys are listed in the documentation of policies");
            return Err(reader.problems);
        }
    };
    let metadata = reader.convert(raw);
    match metadata {
        Some(metadata) if reader.problems.is_empty() => Ok(Some(metadata)),
        _ => Err(reader.problems),
    }
}

/// Finds the block that ends right above the `package` line, comments and blank lines apart.
fn find(text: &str) -> Option<Block> {
    let mut block: Option<Block> = None;
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let comment = line.strip_prefix('#');
        match comment {
            Some(comment) if comment.trim() == "METADATA" => {
                block = Some(Block {
                    yaml: String::new(),
                    before: u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1),
                });
                open = true;
            }
            Some(comment) if open => {
                if let Some(block) = &mut block {
                    block.yaml.push_str(comment);
                    block.yaml.push('\n');
                }
            }
            Some(_) => {}
            None if line.starts_with("package") => return block,
            None if line.is_empty() => open = false,
            None => return None,
        }
    }
    None
}

struct Reader<'a> {
    file: &'a str,
    before: u32,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn at(&mut self, (line, column): (u64, u64), message: impl Into<String>, help: &str) {
        let line = u32::try_from(line).unwrap_or(u32::MAX).saturating_add(self.before);
        // One column further for the `#` that the YAML no longer has.
        let column = u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1);
        self.problems
            .push(problem(self.file, line, column, "metadata", message, help));
    }

    fn wrong<T>(&mut self, place: &Spanned<T>, message: impl Into<String>, help: &str) {
        self.at((place.referenced.line(), place.referenced.column()), message, help);
    }

    fn required<T>(&mut self, value: Option<T>, key: &str) -> Option<T> {
        if value.is_none() {
            self.at(
                (0, 2),
                format!("`{key}` is missing from the METADATA"),
                "every policy states it",
            );
        }
        value
    }

    fn text(&mut self, value: Option<Spanned<String>>, key: &str) -> Option<String> {
        let value = self.required(value, key)?;
        let text = value.value.trim();
        if text.is_empty() {
            self.wrong(&value, format!("`{key}` is empty"), "every policy states it");
        }
        Some(text.to_owned())
    }

    fn convert(&mut self, raw: Raw) -> Option<Metadata> {
        if raw.scope.as_deref() != Some("package") {
            self.at(
                (0, 2),
                "`scope` of the block above a package is `package`",
                "write `scope: package`",
            );
        }
        let title = self.text(raw.title, "title");
        let description = self.text(raw.description, "description");
        let custom = self.required(raw.custom, "custom")?;
        let line = u32::try_from(custom.referenced.line())
            .unwrap_or(u32::MAX)
            .saturating_add(self.before);
        let custom = custom.value;
        let id = self.id(custom.id);
        let severity = self.severity(custom.severity);
        let kinds = self.kinds(custom.kinds);
        let remediation = self.text(custom.remediation, "custom.remediation");
        let controls = self.required(custom.controls, "custom.controls");
        if let Some(kinds) = &kinds {
            self.schemas(&raw.schemas, kinds);
        }
        let mut references = Vec::new();
        for reference in raw.related_resources {
            let url = reference.r#ref;
            if !(url.value.starts_with("https://") || url.value.starts_with("http://")) {
                self.wrong(
                    &url,
                    format!("`{}` is no web address", url.value),
                    "write `ref: https://…`",
                );
            }
            references.push(url.value);
        }
        for need in &custom.needs {
            self.name(need, "relation");
        }
        for path in &custom.optional {
            if !path.value.starts_with("/attributes/") {
                let message = format!("`{}` is no path of an attribute", path.value);
                self.wrong(path, message, "write a JSON Pointer into the resource: `/attributes/…`");
            }
        }
        let params = custom
            .params
            .into_iter()
            .filter_map(|(name, raw)| self.param(name, raw))
            .collect();
        Some(Metadata {
            line,
            id: id?,
            title: title?,
            description: description?,
            severity: severity?,
            kinds: kinds?,
            remediation: remediation?,
            controls: controls?,
            references,
            needs: custom.needs.into_iter().map(|need| need.value).collect(),
            params,
            native_types: custom.native_types,
            optional: custom.optional.into_iter().map(|path| path.value).collect(),
            aliases: custom.aliases.into_iter().map(|alias| alias.value).collect(),
            deprecated: custom.deprecated,
            model: custom.model,
        })
    }

    fn id(&mut self, id: Option<Spanned<String>>) -> Option<String> {
        let id = self.required(id, "custom.id")?;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if id.value.is_empty() || id.value.len() > 64 || !id.value.chars().all(fits) {
            let help = "an id has 1 to 64 letters, digits, `-`, `_` or `.`";
            self.wrong(&id, format!("`{}` is no policy id", id.value), help);
        }
        Some(id.value)
    }

    fn severity(&mut self, severity: Option<Spanned<String>>) -> Option<Severity> {
        let severity = self.required(severity, "custom.severity")?;
        let parsed = severity.value.parse().ok();
        if parsed.is_none() {
            let help = "use one of critical, high, medium, low, info";
            self.wrong(&severity, format!("`{}` is no severity", severity.value), help);
        }
        parsed
    }

    fn kinds(&mut self, names: Option<Spanned<Vec<Spanned<String>>>>) -> Option<Vec<Kind>> {
        let names = self.required(names, "custom.kinds")?;
        let every = names.value.iter().find(|name| name.value == EVERY_KIND);
        if let (Some(every), true) = (every, names.value.len() > 1) {
            let message = format!("`{EVERY_KIND}` stands beside other kinds");
            self.wrong(every, message, "name it alone");
            return None;
        }
        if names.value.is_empty() {
            self.wrong(
                &names,
                "`custom.kinds` is empty",
                "name the kinds that the policy judges",
            );
        }
        let mut found = Vec::new();
        for name in &names.value {
            if name.value == EVERY_KIND {
                let of_resources = kinds()
                    .iter()
                    .filter(|info| info.schema.is_some() && info.name != "account.scope");
                found.extend(of_resources.filter_map(|info| Kind::named(info.name)));
                continue;
            }
            match Kind::named(&name.value) {
                Some(kind) if found.contains(&kind) => {
                    self.wrong(name, format!("kind `{kind}` is named twice"), "name it once");
                }
                Some(kind) => found.push(kind),
                None => {
                    let all: Vec<_> = kinds().iter().map(|info| info.name).collect();
                    let help = format!(
                        "use one of {}; `{EVERY_KIND}` is every kind but accounts",
                        all.join(", ")
                    );
                    self.wrong(name, format!("`{}` is no kind", name.value), &help);
                }
            }
        }
        found.sort();
        Some(found)
    }

    /// `schemas` names `schema.<kind>` for `input`, one for each kind, or `schema.other` for what all kinds share.
    fn schemas(&mut self, schemas: &[BTreeMap<String, Spanned<String>>], kinds: &[Kind]) {
        let mut named = Vec::new();
        for (path, schema) in schemas.iter().flatten() {
            // What every kind has is the envelope, which is all that `other` has.
            let envelope = (kinds.len() > 1).then_some(&Kind::OTHER);
            let kind = (kinds.iter().chain(envelope))
                .find(|kind| schema.value == format!("schema.{}", kind.info().schema_name()));
            match kind {
                Some(kind) if path == "input" => named.push(*kind),
                _ => {
                    let message = format!("`{path}: {}` is no schema of a kind in `custom.kinds`", schema.value);
                    let wanted: Vec<_> = kinds
                        .iter()
                        .map(|kind| format!("`input: schema.{}`", kind.info().schema_name()))
                        .collect();
                    self.wrong(schema, message, &format!("write {}", wanted.join(", ")));
                }
            }
        }
        // A policy of several kinds cannot name one schema for `input`; a policy of one kind has to.
        if let ([kind], true) = (kinds, named.is_empty()) {
            let help = format!("write `schemas:` with `- input: schema.{}`", kind.info().schema_name());
            self.at((0, 2), "`schemas` does not name the schema of the kind", &help);
        }
    }

    fn name(&mut self, name: &Spanned<String>, what: &str) {
        if !is_name(&name.value) {
            let message = format!("`{}` is no name of a {what}", name.value);
            self.wrong(name, message, "use lower-case letters, digits and `_`");
        }
    }

    fn param(&mut self, name: String, raw: Spanned<RawParam>) -> Option<(String, Declared)> {
        if !is_name(&name) {
            let help = "use lower-case letters, digits and `_`";
            self.wrong(&raw, format!("`{name}` is no name of a parameter"), help);
        }
        let description = raw.value.description.clone().unwrap_or_default();
        if description.trim().is_empty() {
            let message = format!("parameter `{name}` has no description");
            self.wrong(&raw, message, "say what it means and in which unit");
        }
        if raw.value.items.is_some() && raw.value.r#type != ParamType::Array {
            let message = format!("parameter `{name}`: only a list has `items`");
            self.wrong(&raw, message, "write `type: array`, or leave `items` out");
        }
        let default = raw.value.default.as_ref();
        if let Some(wrong) = default.and_then(|value| mismatch(raw.value.r#type, raw.value.items, value)) {
            let message = format!("parameter `{name}`: default: {wrong}");
            self.wrong(&raw, message, "make the default fit the type");
        }
        let line = u32::try_from(raw.referenced.line())
            .unwrap_or(u32::MAX)
            .saturating_add(self.before);
        let declared = Declared {
            kind: raw.value.r#type,
            items: raw.value.items,
            default: raw.value.default,
            description,
            line,
        };
        Some((name, declared))
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests;
