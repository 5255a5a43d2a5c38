//! What a plan's configuration says that its values do not: which resource an argument refers to, and the
//! region, project or subscription of its provider.

use std::collections::{BTreeMap, BTreeSet};

use nephoscope_model::{Provider, pointer};
use serde_json::Value;

/// A module that calls a module that calls a module …: deeper than this is a loop.
const MAX_HOPS: usize = 24;

/// `configuration` of a plan, its variables, and the addresses that the plan holds.
pub(super) struct Configuration {
    root: Value,
    /// Plain address → block, so that a plan of many resources is not searched for each of them.
    resources: BTreeMap<String, Value>,
    providers: Value,
    variables: Value,
    /// Address without instance keys → addresses with them.
    instances: BTreeMap<String, Vec<String>>,
}

impl Configuration {
    pub(super) fn new(mut configuration: Value, variables: Value) -> Self {
        let mut take = |key: &str| configuration.get_mut(key).map(Value::take).unwrap_or_default();
        let mut root = take("root_module");
        let mut resources = BTreeMap::new();
        index(&mut root, "", &mut resources, 0);
        Configuration {
            root,
            resources,
            providers: take("provider_config"),
            variables,
            instances: BTreeMap::new(),
        }
    }

    /// Takes note of the addresses of a plan.
    pub(super) fn learn<'a>(&mut self, addresses: impl Iterator<Item = &'a str>) {
        for address in addresses {
            self.instances
                .entry(plain(address))
                .or_default()
                .push(address.to_owned());
        }
    }

    /// Returns the references of a resource: pointer into its values → addresses, or the reference's own text
    /// where it cannot be resolved.
    pub(super) fn references(&self, address: &str, module: &str) -> BTreeMap<String, Vec<String>> {
        let calls = steps(module);
        let mut found = BTreeMap::new();
        if let Some(resource) = self.resource(address)
            && let Some(expressions) = resource.get("expressions")
        {
            let at = Scope {
                calls: &calls,
                instance: module,
                key: key_of(address),
            };
            self.collect(expressions, &mut String::new(), &at, &mut found);
        }
        found
    }

    /// Returns the constants of a resource's provider block: region, project, location, subscription.
    pub(super) fn provider(&self, address: &str, provider: Provider) -> BTreeMap<String, Value> {
        let stated = self
            .resource(address)
            .and_then(|resource| resource.get("provider_config_key"))
            .and_then(Value::as_str);
        let default = match provider {
            Provider::Aws => "aws",
            Provider::Azure => "azurerm",
            Provider::Gcp => "google",
            Provider::File => "",
        };
        // A module's provider that is passed in has no block of its own; the key then names the root's.
        let block = [stated, stated.and_then(|key| key.rsplit(':').next()), Some(default)]
            .into_iter()
            .flatten()
            .find_map(|key| self.providers.get(key));
        let mut constants = BTreeMap::new();
        // Which block is in use tells accounts apart, which a plan does not name.
        if let Some(key) = stated {
            constants.insert("provider_config_key".to_owned(), Value::from(key));
        }
        for name in ["region", "zone", "project", "location", "subscription_id", "tenant_id"] {
            let expression = block.and_then(|block| block.pointer(&format!("/expressions/{name}")));
            let constant = expression.and_then(|expression| match expression.get("constant_value") {
                Some(value) => Some(value),
                None => {
                    let variable = expression.pointer("/references/0")?.as_str()?.strip_prefix("var.")?;
                    self.variables.get(variable)?.get("value")
                }
            });
            if let Some(value) = constant.filter(|value| value.is_string()) {
                constants.insert(name.to_owned(), value.clone());
            }
        }
        constants
    }

    fn module(&self, calls: &[String]) -> Option<&Value> {
        calls.iter().try_fold(&self.root, |module, call| {
            module.get("module_calls")?.get(call)?.get("module")
        })
    }

    fn resource(&self, address: &str) -> Option<&Value> {
        self.resources.get(&plain(address))
    }

    fn collect(&self, value: &Value, path: &mut String, at: &Scope<'_>, found: &mut BTreeMap<String, Vec<String>>) {
        match value {
            Value::Object(members) => {
                if let Some(list) = members.get("references").and_then(texts) {
                    let mut addresses = Vec::new();
                    for reference in longest(&list) {
                        for address in self.resolve(reference, at, 0) {
                            if !addresses.contains(&address) {
                                addresses.push(address);
                            }
                        }
                    }
                    found.insert(path.clone(), addresses);
                } else if !members.contains_key("constant_value") {
                    for (key, member) in members {
                        self.below(key, member, path, at, found);
                    }
                }
            }
            Value::Array(blocks) => {
                for (index, block) in blocks.iter().enumerate() {
                    self.below(&index.to_string(), block, path, at, found);
                }
            }
            _ => {}
        }
    }

    fn below(
        &self,
        key: &str,
        value: &Value,
        path: &mut String,
        at: &Scope<'_>,
        found: &mut BTreeMap<String, Vec<String>>,
    ) {
        let length = path.len();
        pointer::push(path, key);
        self.collect(value, path, at, found);
        path.truncate(length);
    }

    /// Returns the addresses that a reference stands for, or its text.
    fn resolve(&self, reference: &str, at: &Scope<'_>, hops: usize) -> Vec<String> {
        let itself = || vec![reference.to_owned()];
        if hops > MAX_HOPS {
            return itself();
        }
        let parts = split(reference);
        match parts.as_slice() {
            ["var", name, ..] => self.variable(name, at, hops).unwrap_or_else(itself),
            ["module", call, output, ..] => self.output(call, output, at, hops).unwrap_or_else(itself),
            ["data", kind, name, ..] => self
                .instances_of(&format!("data.{kind}.{}", plain(name)), name, at)
                .unwrap_or_else(itself),
            [first, ..]
                if matches!(
                    *first,
                    "local" | "each" | "count" | "path" | "self" | "terraform" | "module"
                ) =>
            {
                itself()
            }
            [kind, name, ..] => self
                .instances_of(&format!("{kind}.{}", plain(name)), name, at)
                .unwrap_or_else(|| vec![joined(at.instance, &format!("{kind}.{name}"))]),
            _ => itself(),
        }
    }

    /// A variable of a called module is what the caller passes.
    fn variable(&self, name: &str, at: &Scope<'_>, hops: usize) -> Option<Vec<String>> {
        let (call, outer) = at.calls.split_last()?;
        let passed = self
            .module(outer)?
            .get("module_calls")?
            .get(call)?
            .get("expressions")?
            .get(name)?;
        let mut references = Vec::new();
        gather(passed, &mut references);
        let instance = outer_instance(at.instance);
        let scope = Scope {
            calls: outer,
            instance,
            key: key_of(at.instance),
        };
        self.all(&references, &scope, hops)
    }

    /// An output of a called module is what its expression refers to.
    fn output(&self, call: &str, output: &str, at: &Scope<'_>, hops: usize) -> Option<Vec<String>> {
        let name = plain(call);
        let mut calls = at.calls.to_vec();
        calls.push(name);
        let expression = self
            .module(&calls)?
            .get("outputs")?
            .get(plain(output))?
            .get("expression")?;
        let mut references = Vec::new();
        gather(expression, &mut references);
        let instance = joined(at.instance, &format!("module.{call}"));
        let scope = Scope {
            calls: &calls,
            instance: &instance,
            key: at.key,
        };
        self.all(&references, &scope, hops)
    }

    fn all(&self, references: &[&str], scope: &Scope<'_>, hops: usize) -> Option<Vec<String>> {
        let mut addresses = Vec::new();
        for reference in longest(references) {
            for address in self.resolve(reference, scope, hops + 1) {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
        }
        (!addresses.is_empty()).then_some(addresses)
    }

    /// Returns the planned instances of a resource: the one that is named, else the one with the same key, else
    /// every one of the same module instance.
    fn instances_of(&self, local: &str, named: &str, at: &Scope<'_>) -> Option<Vec<String>> {
        let whole = plain(&joined(at.instance, local));
        let known = self.instances.get(&whole)?;
        // A module instance is told by its keys; a call without one stands for all of them.
        let inside: Vec<&String> = known
            .iter()
            .filter(|address| module_of(address) == at.instance)
            .collect();
        let pool: Vec<&String> = if inside.is_empty() {
            known.iter().collect()
        } else {
            inside
        };
        let with_key = |key: &str| {
            pool.iter()
                .filter(|address| key_of(address) == key)
                .map(|address| (*address).clone())
                .collect::<Vec<_>>()
        };
        let stated = with_key(key_of(named));
        if !key_of(named).is_empty() && !stated.is_empty() {
            return Some(stated);
        }
        let same = with_key(at.key);
        if !at.key.is_empty() && !same.is_empty() {
            return Some(same);
        }
        Some(pool.into_iter().cloned().collect())
    }
}

/// Where a reference is written.
struct Scope<'a> {
    /// Names of the module calls from the root.
    calls: &'a [String],
    /// Address of the module instance; "" for the root.
    instance: &'a str,
    /// Instance key of the resource, with brackets; "" for none.
    key: &'a str,
}

/// Moves the resources of a module and of those it calls to their plain addresses.
fn index(module: &mut Value, path: &str, resources: &mut BTreeMap<String, Value>, hops: usize) {
    if let Some(Value::Array(blocks)) = module.get_mut("resources").map(Value::take) {
        for block in blocks {
            if let Some(address) = block.get("address").and_then(Value::as_str) {
                resources.insert(joined(path, address), block);
            }
        }
    }
    if let Some(Value::Object(calls)) = module.get_mut("module_calls")
        && hops < MAX_HOPS
    {
        for (name, call) in calls {
            if let Some(called) = call.get_mut("module") {
                index(called, &joined(path, &format!("module.{name}")), resources, hops + 1);
            }
        }
    }
}

/// Splits an address at the dots outside brackets.
fn split(address: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut depth = 0_usize;
    let mut quoted = false;
    for (index, character) in address.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            '.' if !quoted && depth == 0 => {
                parts.push(address.get(start..index).unwrap_or_default());
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(address.get(start..).unwrap_or_default());
    parts
}

/// Returns an address without instance keys.
fn plain(address: &str) -> String {
    let parts: Vec<&str> = split(address)
        .into_iter()
        .map(|part| part.split('[').next().unwrap_or(part))
        .collect();
    parts.join(".")
}

/// Returns the instance key that an address ends with, with its brackets; "" for none.
fn key_of(address: &str) -> &str {
    let last = split(address).pop().unwrap_or_default();
    last.find('[').and_then(|at| last.get(at..)).unwrap_or_default()
}

/// Returns the module part of a resource's address; "" for the root.
fn module_of(address: &str) -> &str {
    let mut length = 0;
    let parts = split(address);
    let mut rest = parts.as_slice();
    while let ["module", name, others @ ..] = rest {
        length += "module.".len() + name.len() + 1;
        rest = others;
    }
    address.get(..length.saturating_sub(1)).unwrap_or_default()
}

/// Returns the address of the module that holds a module.
fn outer_instance(module: &str) -> &str {
    let parts = split(module);
    let tail: usize = parts.iter().rev().take(2).map(|part| part.len() + 1).sum();
    module.get(..module.len().saturating_sub(tail)).unwrap_or_default()
}

/// Returns the names of the calls in a module's address.
fn steps(module: &str) -> Vec<String> {
    split(module)
        .into_iter()
        .skip(1)
        .step_by(2)
        .map(|name| name.split('[').next().unwrap_or(name).to_owned())
        .collect()
}

fn joined(module: &str, local: &str) -> String {
    if module.is_empty() {
        local.to_owned()
    } else {
        format!("{module}.{local}")
    }
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

/// Takes every reference in an expression.
fn gather<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => match members.get("references").and_then(texts) {
            Some(list) => found.extend(list),
            None => members.values().for_each(|member| gather(member, found)),
        },
        Value::Array(list) => list.iter().for_each(|member| gather(member, found)),
        _ => {}
    }
}

/// Leaves out references that another one spells further: Terraform lists `a.b.id` and `a.b`.
fn longest<'a>(references: &[&'a str]) -> Vec<&'a str> {
    let mut kept: Vec<&str> = Vec::new();
    let all: BTreeSet<&str> = references.iter().copied().collect();
    for reference in references {
        let further = all.iter().any(|other| {
            other
                .strip_prefix(reference)
                .is_some_and(|rest| rest.starts_with('.') || rest.starts_with('['))
        });
        if !further && !kept.contains(reference) {
            kept.push(reference);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
