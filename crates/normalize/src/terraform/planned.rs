//! The values of one planned resource, three-valued: stated, absent, or known only after apply.
//!
//! Source: Terraform internals "JSON Output Format", change representation: `after` leaves out what `after_unknown`
//! marks with `true`.

use std::collections::BTreeMap;

use nephoscope_model::{Fact, Gap, Reason, pointer};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::body::Body;
use crate::error::NormalizeError;
use crate::mapping::Native;

/// The body of a document; see `nephoscope_model::Document::body`.
#[derive(Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    pub(super) address: String,
    #[serde(default)]
    pub(super) actions: Vec<String>,
    #[serde(default)]
    pub(super) values: Option<Map<String, Value>>,
    #[serde(default)]
    pub(super) unknown: Value,
    #[serde(default)]
    pub(super) before: Option<Map<String, Value>>,
    #[serde(default)]
    pub(super) references: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) provider: BTreeMap<String, Value>,
}

impl Change {
    /// Whether the resource comes into being by this plan, also in place of one that it destroys.
    pub(super) fn created(&self) -> bool {
        self.actions.iter().any(|action| action == "create")
    }
}

/// What a mapping keeps of one planned resource.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) address: String,
    /// New with this plan, so that what the plan does not set is at the provider's defaults.
    pub(crate) created: bool,
    /// Left alone by Terraform from this plan on, or deleted.
    pub(crate) forgotten: bool,
    values: Value,
    unknown: Value,
    references: BTreeMap<String, Vec<String>>,
    /// Names the provider block in use: resources of one block are of one account.
    pub(crate) provider_key: Option<String>,
    /// The same resource before the plan, if it existed.
    pub(crate) past: Option<Box<Planned>>,
}

/// Reads a planned resource and keeps the arguments `keys` of it, and nothing else: a plan holds secrets in clear.
///
/// # Errors
///
/// [`NormalizeError::Field`] when the body has not the form of this dialect.
pub(super) fn read(body: &Body<'_>, keys: &[&str]) -> Result<Native, NormalizeError> {
    let change: Change = body.whole()?;
    let kept = |map: Map<String, Value>| -> Value {
        let mut map = map;
        map.retain(|key, _| keys.contains(&key.as_str()));
        Value::Object(map)
    };
    let created = change.created();
    let forgotten = change.actions == ["forget"] || change.actions == ["delete"];
    let past = change.before.map(|before| {
        Box::new(Planned {
            address: change.address.clone(),
            created: false,
            forgotten: false,
            values: kept(before),
            unknown: Value::Bool(false),
            references: BTreeMap::new(),
            provider_key: None,
            past: None,
        })
    });
    let provider_key = change.provider.get("provider_config_key").and_then(Value::as_str);
    let provider_key = provider_key.map(str::to_owned);
    let mut references = change.references;
    references.retain(|at, _| {
        pointer::tokens(at)
            .next()
            .is_some_and(|key| keys.contains(&key.as_str()))
    });
    Ok(Box::new(Planned {
        address: change.address,
        created,
        forgotten,
        values: kept(change.values.unwrap_or_default()),
        unknown: match change.unknown {
            Value::Object(map) => kept(map),
            other => other,
        },
        references,
        provider_key,
        past,
    }))
}

impl Planned {
    /// Returns the place `at`, a JSON Pointer into the resource's values.
    pub(crate) fn at(&self, at: impl Into<String>) -> Spot<'_> {
        Spot {
            planned: self,
            pointer: at.into(),
            computed: false,
            inside: false,
        }
    }

    /// Returns an argument that the provider fills in where the configuration does not set it: of a resource that the
    /// plan creates it is absent unless the configuration refers to something for it.
    pub(crate) fn computed(&self, at: impl Into<String>) -> Spot<'_> {
        Spot {
            computed: true,
            ..self.at(at)
        }
    }

    /// Returns the same for an argument inside of a block, of a kind that no configuration takes from another resource: then
    /// a mark on it means that it was not set, also where a `dynamic` block hides what the configuration refers to.
    pub(crate) fn computed_inside(&self, at: impl Into<String>) -> Spot<'_> {
        Spot {
            inside: true,
            ..self.computed(at)
        }
    }

    /// Returns whether the argument `at` is what it was before the plan, as of the last look at an existing resource: then
    /// it may show what the deletion of another resource is about to take away.
    pub(crate) fn unchanged(&self, at: &str) -> bool {
        (self.past.as_ref()).is_some_and(|past| self.at(at).value() == past.at(at).value())
    }

    /// Returns whether both state the same but for the argument `key`.
    pub(crate) fn agrees_but_for(&self, other: &Planned, key: &str) -> bool {
        let rest = |value: &Value| match value {
            Value::Object(map) => {
                let rest = map.iter().filter(|(name, value)| *name != key && !value.is_null());
                Value::Object(rest.map(|(name, value)| (name.clone(), value.clone())).collect())
            }
            other => other.clone(),
        };
        rest(&self.values) == rest(&other.values) && rest(&self.unknown) == rest(&other.unknown)
    }

    /// Returns the addresses that the argument `at`, or a value below it, refers to.
    pub(crate) fn references(&self, at: &str) -> impl Iterator<Item = &str> {
        (self.references.iter())
            .filter(move |(place, _)| pointer::strip(place, at).is_some() || pointer::strip(at, place).is_some())
            .flat_map(|(_, addresses)| addresses.iter().map(String::as_str))
    }
}

/// A place in the values of a planned resource.
#[derive(Debug, Clone)]
pub(crate) struct Spot<'a> {
    planned: &'a Planned,
    pub(crate) pointer: String,
    computed: bool,
    inside: bool,
}

impl<'a> Spot<'a> {
    /// Returns the place below this one.
    pub(crate) fn at(&self, below: &str) -> Spot<'a> {
        Spot {
            pointer: format!("{}{below}", self.pointer),
            ..self.clone()
        }
    }

    /// Returns the value; null is absent.
    pub(crate) fn value(&self) -> Fact<&'a Value> {
        let mut unknown = Some(&self.planned.unknown);
        let mut depth = 0_usize;
        for token in pointer::tokens(&self.pointer) {
            if unknown == Some(&Value::Bool(true)) {
                break;
            }
            unknown = unknown.and_then(|node| step(node, &token));
            depth += 1;
        }
        let value = self
            .planned
            .values
            .pointer(&self.pointer)
            .filter(|value| !value.is_null());
        // Terraform leaves out what is not known, so that a value which is there is known, whatever the mark says.
        if unknown == Some(&Value::Bool(true)) && value.is_none() {
            // A block that is there was configured, so that only a mark of the whole argument may mean that it was not.
            let outside = depth <= 1 || self.inside;
            let left_out = self.computed && outside && self.planned.created && self.referred().next().is_none();
            return if left_out {
                Fact::Absent
            } else {
                Fact::Unknown(self.after_apply())
            };
        }
        value.into()
    }

    /// Returns the addresses that it refers to.
    pub(crate) fn referred(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let at = self.pointer.clone();
        let references = &self.planned.references;
        (references.iter())
            .filter(move |(place, _)| pointer::strip(place, &at).is_some() || pointer::strip(&at, place).is_some())
            .flat_map(|(_, addresses)| addresses.iter().map(String::as_str))
    }

    /// Returns the addresses of resources that it refers to, without variables and the like that could not be resolved.
    pub(crate) fn referred_resources(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.referred().filter(|address| is_resource(address))
    }

    /// Returns text; the SDK of older providers writes "" for none.
    pub(crate) fn text(&self) -> Fact<String> {
        match self.scalar("text", |value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }) {
            Fact::Known(text) if text.is_empty() => Fact::Absent,
            other => other,
        }
    }

    pub(crate) fn flag(&self) -> Fact<bool> {
        self.scalar("a boolean", |value| match value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    pub(crate) fn integer(&self) -> Fact<i64> {
        self.scalar("an integer", |value| match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        })
    }

    /// Returns the elements of a list or set.
    pub(crate) fn items(&self) -> Fact<Vec<Spot<'a>>> {
        self.scalar("a list", Value::as_array)
            .map(|list| (0..list.len()).map(|index| self.at(&format!("/{index}"))).collect())
    }

    /// Returns the block of a kind that stands at most once; none, an empty list and null are absent.
    pub(crate) fn block(&self) -> Fact<Spot<'a>> {
        match self.value() {
            // Plugin framework providers write some blocks as an object.
            Fact::Known(Value::Object(_)) => Fact::Known(self.clone()),
            _ => match self.items() {
                Fact::Known(items) => items.into_iter().next().into(),
                Fact::Partial(_, gap) | Fact::Unknown(gap) => Fact::Unknown(gap),
                Fact::Absent => Fact::Absent,
            },
        }
    }

    /// Returns the texts of a list, in part where some are known only after apply; one text is a list of one.
    pub(crate) fn texts(&self) -> Fact<Vec<String>> {
        if let Fact::Known(Value::String(_)) = self.value() {
            return self.text().map(|text| vec![text]);
        }
        let items = match self.items() {
            Fact::Known(items) => items,
            Fact::Partial(_, gap) | Fact::Unknown(gap) => return Fact::Unknown(gap),
            Fact::Absent => return Fact::Absent,
        };
        let mut texts = Vec::new();
        let mut missing = None;
        for item in items {
            match item.text() {
                Fact::Known(text) | Fact::Partial(text, _) => texts.push(text),
                Fact::Unknown(gap) => missing = Some(gap),
                Fact::Absent => {}
            }
        }
        match missing {
            None => Fact::Known(texts),
            Some(gap) => Fact::Partial(texts, gap),
        }
    }

    /// Returns the pointer into the document's body.
    pub(crate) fn native(&self) -> String {
        format!("/values{}", self.pointer)
    }

    fn scalar<T: 'a>(&self, expected: &str, take: impl FnOnce(&'a Value) -> Option<T>) -> Fact<T> {
        self.value().and_then(|value| match take(value) {
            Some(taken) => Fact::Known(taken),
            // The value itself may be a secret.
            None => Fact::Unknown(Gap::with(
                Reason::ParseError,
                format!("`{}`: expected {expected}, found {}", self.argument(), name_of(value)),
            )),
        })
    }

    pub(crate) fn after_apply(&self) -> Gap {
        Gap::with(Reason::UnknownAtPlan, self.argument())
    }

    /// Returns the argument as Terraform writes it: `aws_s3_bucket.b.versioning[0].enabled`.
    fn argument(&self) -> String {
        let mut argument = self.planned.address.clone();
        for token in pointer::tokens(&self.pointer) {
            match token.parse::<usize>() {
                Ok(index) => argument.push_str(&format!("[{index}]")),
                Err(_) => {
                    argument.push('.');
                    argument.push_str(&token);
                }
            }
        }
        argument
    }
}

/// Returns whether a reference is the address of a resource, and no variable or the like that could not be resolved.
pub(crate) fn is_resource(reference: &str) -> bool {
    let unresolved = ["var", "local", "each", "count", "path", "self", "terraform"];
    let first = reference.split('.').next();
    first.is_some_and(|first| !unresolved.contains(&first))
}

fn step<'a>(node: &'a Value, token: &str) -> Option<&'a Value> {
    match node {
        Value::Object(map) => map.get(token),
        Value::Array(list) => list.get(token.parse::<usize>().ok()?),
        _ => None,
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Joins what two sources say of one thing: the first that says anything.
pub(crate) fn either<T>(first: Fact<T>, second: impl FnOnce() -> Fact<T>) -> Fact<T> {
    match first {
        Fact::Absent => second(),
        other => other,
    }
}
