//! A Terraform plan as `terraform show -json` writes it. Held whole: its configuration resolves references.
//!
//! Source: Terraform internals, JSON output format, format version 1.2, read 2026-11-23.

use std::collections::{BTreeMap, BTreeSet};

use nephoscope_model::{Dialect, Gap, GapScope, InputUse, Provider, Reason, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::check::{Valid, sound};
use crate::formats::terraform_references::Configuration;
use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::sink::{Draft, Sink};
use crate::text::{Extent, Stop};
use crate::walk::end;

/// A plan of a hundred thousand resources is below this.
const MAX_BYTES: u64 = 1 << 30;

pub(super) fn fits(shape: &Shape) -> bool {
    (shape.has("format_version") && shape.has_any(&["resource_changes", "planned_values"]))
        || shape.has_list("resource_changes")
        || shape
            .get("planned_values")
            .is_some_and(|values| values.has("root_module"))
}

#[derive(Deserialize)]
struct Plan<'a> {
    format_version: Option<Value>,
    #[serde(borrow)]
    resource_changes: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    planned_values: Option<&'a RawValue>,
    #[serde(borrow)]
    deferred_changes: Option<Vec<&'a RawValue>>,
    configuration: Option<Value>,
    variables: Option<Value>,
    errored: Option<bool>,
}

#[derive(Deserialize)]
struct Change<'a> {
    address: String,
    module_address: Option<String>,
    mode: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    deposed: Option<String>,
    #[serde(borrow)]
    change: Delta<'a>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    actions: Vec<String>,
    #[serde(borrow)]
    before: Option<&'a RawValue>,
    #[serde(borrow)]
    after: Option<&'a RawValue>,
    #[serde(borrow)]
    after_unknown: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Module<'a> {
    address: Option<String>,
    #[serde(borrow, default)]
    resources: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    child_modules: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct PlannedValues<'a> {
    #[serde(borrow)]
    root_module: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Planned<'a> {
    address: String,
    mode: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(borrow)]
    values: Option<&'a RawValue>,
}

/// The body of a document; see `Document::body`.
#[derive(Serialize)]
struct Body<'a> {
    address: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<&'a str>,
    actions: &'a [String],
    values: &'a RawValue,
    unknown: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a RawValue>,
    references: BTreeMap<String, Vec<String>>,
    provider: BTreeMap<String, Value>,
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    let taken = job.text.take(Extent::Value, MAX_BYTES, job.limits)?;
    let Some(value) = sound(taken, job.sink) else {
        return Ok(Done::default());
    };
    if !job.wrapped {
        end(job.text)?;
    }
    let plan: Plan<'_> = match serde_json::from_str(value.raw.get()) {
        Ok(plan) => plan,
        Err(error) => {
            let what = super::aws_config_item::plain(&error);
            job.sink.broken(
                Reason::ParseError,
                format!("a plan that cannot be understood: {what}"),
                value.place,
            );
            return Ok(Done::default());
        }
    };
    if !job.input.named {
        return Ok(Done::used(InputUse::UseGate, "a plan, judged by `gate` or when named"));
    }
    // Source: Terraform, "JSON Output Format": a new major version may change what fields mean.
    let version = plan
        .format_version
        .as_ref()
        .map(|version| version.as_str().unwrap_or("?"));
    if let Some(version) = version.filter(|version| !matches!(version.split('.').next(), Some("0" | "1"))) {
        let message = format!("plan format version `{version}` is not known, it was read as version 1");
        job.sink.broken(Reason::ParseError, message, value.place);
    }
    let mut giver = Giver {
        value: &value,
        configuration: Configuration::new(
            plan.configuration.unwrap_or_default(),
            plan.variables.unwrap_or_default(),
        ),
        others: BTreeMap::new(),
        unchanged: 0,
        staying: 0,
    };
    if plan.errored == Some(true) {
        let message = "planning ended in an error, so the plan is incomplete (`errored`)";
        job.sink.broken(Reason::Truncated, message, value.place);
    }
    if let Some(deferred) = plan.deferred_changes.filter(|list| !list.is_empty()) {
        let message = format!("{} changes are deferred to a later plan", deferred.len());
        job.sink.broken(Reason::NotRead, message, value.place);
    }
    match (plan.resource_changes, plan.planned_values) {
        (Some(changes), _) => giver.changes(job.sink, &changes),
        (None, Some(planned)) => giver.planned(job.sink, planned),
        (None, None) => {}
    }
    giver.settle(job.sink);
    let note = (giver.staying == 0).then(|| match (giver.others.len(), giver.unchanged) {
        (0, 0) => "a plan without changes".to_owned(),
        (0, count) => format!("a plan that only deletes, reads or forgets ({count})"),
        _ => "a plan without resources of a cloud provider".to_owned(),
    });
    Ok(Done {
        format: None,
        used: (job.sink.documents > 0 || job.sink.incomplete == 0).then_some(InputUse::Plan),
        note,
    })
}

struct Giver<'a> {
    value: &'a Valid,
    configuration: Configuration,
    /// Resource types of providers that are no cloud, with their number.
    others: BTreeMap<String, u64>,
    /// Changes that leave no resource.
    unchanged: u64,
    /// Documents of resources that are there after the plan.
    staying: u64,
}

/// What is left of a resource after its change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    /// What `after` says.
    After,
    /// What `before` says: Terraform leaves it alone from now on, and it goes on as it was.
    Before,
    /// Nothing. What its end means to others follows from what it was.
    Nothing,
}

/// Returns what is left after the actions; `None` where no resource is concerned, or where they are not known.
fn left(actions: &[&str]) -> Option<Left> {
    if (actions.iter()).any(|action| matches!(*action, "create" | "update" | "no-op")) {
        return Some(Left::After);
    }
    match actions {
        ["delete"] => Some(Left::Nothing),
        ["forget"] => Some(Left::Before),
        _ => None,
    }
}

impl Giver<'_> {
    fn changes(&mut self, sink: &mut Sink<'_>, changes: &[&RawValue]) {
        let mut parsed = Vec::new();
        for raw in changes {
            match serde_json::from_str::<Change<'_>>(raw.get()) {
                Ok(change) => parsed.push((change, *raw)),
                Err(error) => {
                    let what = super::aws_config_item::plain(&error);
                    let place = self.value.place_of(raw);
                    sink.broken(
                        Reason::ParseError,
                        format!("a resource change that cannot be understood: {what}"),
                        place,
                    );
                }
            }
        }
        self.configuration
            .learn(parsed.iter().map(|(change, _)| change.address.as_str()));
        let mut given = BTreeSet::new();
        for (change, raw) in &parsed {
            let actions: Vec<&str> = change.change.actions.iter().map(String::as_str).collect();
            if change.mode.as_deref() == Some("data") || change.deposed.is_some() {
                self.unchanged += 1;
                continue;
            }
            let Some(left) = left(&actions) else {
                self.unchanged += 1;
                if !actions
                    .iter()
                    .all(|action| matches!(*action, "delete" | "read" | "forget"))
                    || actions.is_empty()
                {
                    let message = format!("`{}` has actions that are not known: {actions:?}", change.address);
                    sink.broken(Reason::ParseError, message, self.value.place_of(raw));
                }
                continue;
            };
            let before = change.change.before;
            if left == Left::Nothing {
                self.unchanged += 1;
            }
            if left != Left::After && (before.is_none() || provider_of(&change.kind).is_none()) {
                // Nothing says what it was, or it is of no cloud and not planned either.
                self.unchanged += u64::from(left == Left::Before);
                continue;
            }
            if !given.insert(change.address.as_str()) {
                let message = format!("`{}` is planned twice", change.address);
                sink.broken(Reason::ParseError, message, self.value.place_of(raw));
                continue;
            }
            let (values, unknown) = match left {
                Left::After => (change.change.after, change.change.after_unknown),
                Left::Before | Left::Nothing => (before, None),
            };
            let body = Body {
                address: &change.address,
                kind: &change.kind,
                name: &change.name,
                module: change.module_address.as_deref(),
                actions: &change.change.actions,
                values: values.unwrap_or_else(|| nothing()),
                unknown: unknown.unwrap_or_else(|| nothing()),
                before,
                references: BTreeMap::new(),
                provider: BTreeMap::new(),
            };
            self.give(sink, body, raw, left);
        }
    }

    /// Old and trimmed plans state only the values. What is known after apply only is then not told from what
    /// is absent.
    fn planned(&mut self, sink: &mut Sink<'_>, planned: &RawValue) {
        let root = match serde_json::from_str::<PlannedValues<'_>>(planned.get()) {
            Ok(values) => values.root_module,
            Err(error) => {
                let what = super::aws_config_item::plain(&error);
                let message = format!("`planned_values` cannot be understood: {what}");
                return sink.broken(Reason::ParseError, message, self.value.place_of(planned));
            }
        };
        let mut modules: Vec<&RawValue> = root.into_iter().collect();
        let mut parsed = Vec::new();
        while let Some(raw) = modules.pop() {
            let module: Module<'_> = match serde_json::from_str(raw.get()) {
                Ok(module) => module,
                Err(error) => {
                    let what = super::aws_config_item::plain(&error);
                    sink.broken(
                        Reason::ParseError,
                        format!("a module that cannot be understood: {what}"),
                        self.value.place_of(raw),
                    );
                    continue;
                }
            };
            modules.extend(module.child_modules.iter().rev());
            for raw in module.resources {
                match serde_json::from_str::<Planned<'_>>(raw.get()) {
                    Ok(resource) => parsed.push((resource, raw, module.address.clone())),
                    Err(error) => {
                        let what = super::aws_config_item::plain(&error);
                        let message = format!("a planned resource that cannot be understood: {what}");
                        sink.broken(Reason::ParseError, message, self.value.place_of(raw));
                    }
                }
            }
        }
        self.configuration
            .learn(parsed.iter().map(|(resource, ..)| resource.address.as_str()));
        let any = !parsed.is_empty();
        for (resource, raw, module) in &parsed {
            if resource.mode.as_deref() == Some("data") {
                self.unchanged += 1;
                continue;
            }
            let body = Body {
                address: &resource.address,
                kind: &resource.kind,
                name: &resource.name,
                module: module.as_deref(),
                actions: &[],
                values: resource.values.unwrap_or_else(|| nothing()),
                unknown: nothing(),
                before: None,
                references: BTreeMap::new(),
                provider: BTreeMap::new(),
            };
            self.give(sink, body, raw, Left::After);
        }
        if any {
            let message = "the plan has no `resource_changes`, so values known only after apply look absent";
            sink.broken(Reason::NotRead, message, self.value.place);
        }
    }

    fn give(&mut self, sink: &mut Sink<'_>, mut body: Body<'_>, raw: &RawValue, left: Left) {
        let Some(provider) = provider_of(body.kind) else {
            *self.others.entry(body.kind.to_owned()).or_default() += 1;
            return;
        };
        let place = self.value.place_of(raw);
        // The configuration speaks of what is to be: what was is all known, and goes by its own values.
        if left == Left::After {
            body.references = self
                .configuration
                .references(body.address, body.module.unwrap_or_default());
        }
        body.provider = self.configuration.provider(body.address, provider);
        let native_type = body.kind.to_owned();
        match serde_json::value::to_raw_value(&body) {
            Ok(text) => {
                let draft = Draft {
                    provider,
                    native_type,
                    dialect: Dialect::TerraformPlan,
                    observed_at: None,
                    state: match left {
                        Left::After | Left::Before => State::Planned,
                        Left::Nothing => State::Deleted,
                    },
                    body: text.into(),
                };
                self.staying += u64::from(left != Left::Nothing);
                sink.document(draft, place, raw.get().len() as u64, String::new());
            }
            Err(error) => {
                let message = format!("`{}` cannot be read: {error}", body.address);
                sink.broken(Reason::ParseError, message, place);
            }
        }
    }

    fn settle(&mut self, sink: &mut Sink<'_>) {
        if self.others.is_empty() {
            return;
        }
        let count: u64 = self.others.values().sum();
        let names: Vec<&str> = self.others.keys().map(String::as_str).take(5).collect();
        let more = if self.others.len() > names.len() { ", …" } else { "" };
        let message = format!(
            "{count} planned resources are not of a cloud provider: {}{more}",
            names.join(", ")
        );
        let scope = GapScope {
            native_type: names
                .first()
                .filter(|_| self.others.len() == 1)
                .map(|name| (*name).to_owned()),
            ..GapScope::default()
        };
        let gap = Gap::with(Reason::NotRead, "not a cloud provider");
        sink.gap(gap, message, Some(self.value.place), scope, false);
    }
}

/// Returns the cloud of a resource type, by its prefix.
fn provider_of(kind: &str) -> Option<Provider> {
    match kind.split('_').next()? {
        // `awscc` is the same cloud through its Cloud Control API.
        "aws" | "awscc" => Some(Provider::Aws),
        "azurerm" | "azapi" => Some(Provider::Azure),
        "google" => Some(Provider::Gcp),
        _ => None,
    }
}

/// An empty object.
fn nothing<'a>() -> &'a RawValue {
    serde_json::from_str("{}").unwrap_or(RawValue::NULL)
}
