//! A subject on its way into policies.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use nephoscope_model::{Gap, Reason, Resource, Unknown, pointer};
use regorus::Value as Rego;
use serde_json::{Map, Value};

use super::{Paths, Related, Subject, Tokens, with_tokens};
use crate::analysis;
use crate::bundle::Policy;
use crate::convert::{self, plain, rego};
use crate::projection::Projection;

/// A subject, converted as far as a policy asks and then once for all that judge it.
pub(crate) struct Prepared<'a> {
    subject: &'a Subject<'a>,
    plain: OnceCell<Value>,
    rego: OnceCell<Rego>,
    related: OnceCell<Map<String, Value>>,
    /// The unknown paths of the resource itself.
    own: Vec<Own<'a>>,
    /// The same, sorted, as an evaluation takes them.
    own_tokens: OnceCell<Vec<Tokens>>,
    neighbors: BTreeMap<String, Vec<Unknown>>,
}

/// An unknown path of a resource.
pub(crate) struct Own<'a> {
    /// From the resource on.
    pub(crate) unknown: &'a Unknown,
    /// Its number among [`Paths`].
    pub(crate) path: usize,
    there: OnceCell<usize>,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(subject: &'a Subject<'a>, paths: &mut Paths) -> Prepared<'a> {
        paths.tidy();
        let mut neighbors: BTreeMap<String, Vec<Unknown>> = subject
            .related
            .iter()
            .map(|(name, found)| (name.clone(), unknown_of_neighbors(name, found)))
            .collect();
        let (related_paths, own): (Vec<&Unknown>, Vec<&Unknown>) = subject
            .resource
            .unknown
            .iter()
            .partition(|unknown| unknown.path.starts_with("/related/"));
        for unknown in related_paths {
            if let Some(name) = pointer::tokens(&unknown.path).nth(1) {
                neighbors.entry(name).or_default().push(unknown.clone());
            }
        }
        let own = own.into_iter().map(|unknown| Own {
            unknown,
            path: paths.number(&unknown.path),
            there: OnceCell::new(),
        });
        Prepared {
            subject,
            plain: OnceCell::new(),
            rego: OnceCell::new(),
            related: OnceCell::new(),
            own: own.collect(),
            own_tokens: OnceCell::new(),
            neighbors,
        }
    }

    /// The unknown paths of the resource itself.
    pub(crate) fn own(&self) -> impl Iterator<Item = &Own<'a>> {
        self.own.iter()
    }

    /// How many tokens of a path of its own, from the input on, lead to something that is there.
    pub(crate) fn there(&self, own: &Own<'_>, paths: &Paths) -> usize {
        *own.there.get_or_init(|| self.depth(paths.tokens(own.path)))
    }

    fn own_tokens(&self) -> &[Tokens] {
        self.own_tokens.get_or_init(|| {
            let own = self.own.iter();
            let mut own: Vec<Tokens> = own.map(|own| with_tokens(below("/resource", own.unknown))).collect();
            own.sort();
            own.dedup();
            own
        })
    }

    pub(crate) fn resource(&self) -> &'a Resource {
        self.subject.resource
    }

    /// The resource as plain JSON.
    pub(crate) fn plain_resource(&self) -> &Value {
        self.plain.get_or_init(|| plain(self.subject.resource))
    }

    /// One member of [`Prepared::plain_resource`].
    pub(crate) fn field(&self, name: &str) -> Option<Cow<'a, Value>> {
        convert::field(self.subject.resource, name)
    }

    pub(crate) fn as_of(&self) -> String {
        self.subject.as_of.to_string()
    }

    /// The neighbors by a relation, as a list.
    pub(crate) fn related(&self, name: &str) -> Option<&Value> {
        self.all_related().get(name)
    }

    fn all_related(&self) -> &Map<String, Value> {
        self.related.get_or_init(|| {
            let related = self.subject.related.iter();
            let list = |found: &Related<'_>| found.resources.iter().map(|resource| plain(resource)).collect();
            related
                .map(|(name, found)| (name.clone(), Value::Array(list(found))))
                .collect()
        })
    }

    /// The unknown paths of `input` for a policy, sorted, each with its tokens.
    pub(crate) fn unknown(&self, policy: &Policy) -> Cow<'_, [Tokens]> {
        if policy.needs.is_empty() {
            return Cow::Borrowed(self.own_tokens());
        }
        let mut all = self.own_tokens().to_vec();
        for name in &policy.needs {
            match self.neighbors.get(name) {
                Some(unknown) => all.extend(unknown.iter().cloned().map(with_tokens)),
                None => all.push(with_tokens(Unknown {
                    path: pointer::join(["related", name]),
                    gap: Gap::with(Reason::NotRead, name.clone()),
                })),
            }
        }
        all.sort();
        all.dedup();
        Cow::Owned(all)
    }

    /// How many tokens of a path into `input` lead to something that is there.
    pub(crate) fn depth(&self, tokens: &[String]) -> usize {
        match tokens {
            [root, name, rest @ ..] if root == "resource" => match self.field(name) {
                Some(value) => 2 + analysis::depth(&value, rest),
                None => 1,
            },
            [root] if root == "resource" => 1,
            [root, name, rest @ ..] if root == "related" => match self.related(name) {
                Some(list) => 2 + analysis::depth(list, rest),
                None => 1,
            },
            _ => 0,
        }
    }

    /// `input` as the engine takes it: what the policy reads, and of the neighbors only those that it needs.
    pub(super) fn input(&self, policy: &Policy, projection: &Projection, params: &Rego) -> Rego {
        let all = projection.takes_all();
        let mut input = BTreeMap::from([(Rego::from("params"), params.clone())]);
        match projection.below("resource") {
            _ if all => drop(input.insert(Rego::from("resource"), self.whole_resource())),
            Some(below) if below.takes_all() => drop(input.insert(Rego::from("resource"), self.whole_resource())),
            Some(below) => {
                let resource = below.resource(self.subject.resource);
                input.insert(Rego::from("resource"), resource);
            }
            None => {}
        }
        if let Some(below) = projection.below("related").or(all.then_some(projection)) {
            let related = policy.needs.iter().filter_map(|name| {
                let list = self.related(name)?;
                let list = match below.below(name) {
                    Some(below) if !all => below.value(list),
                    _ => rego(list),
                };
                Some((Rego::from(name.as_str()), list))
            });
            let related: BTreeMap<Rego, Rego> = related.collect();
            input.insert(Rego::from("related"), Rego::from(related));
        }
        if all || projection.below("as_of").is_some() {
            input.insert(Rego::from("as_of"), Rego::from(self.as_of()));
        }
        Rego::from(input)
    }

    fn whole_resource(&self) -> Rego {
        self.rego.get_or_init(|| rego(self.plain_resource())).clone()
    }
}

fn unknown_of_neighbors(name: &str, related: &Related<'_>) -> Vec<Unknown> {
    let prefix = pointer::join(["related", name]);
    let mut unknown: Vec<Unknown> = related
        .gap
        .iter()
        .map(|gap| Unknown {
            path: prefix.clone(),
            gap: gap.clone(),
        })
        .collect();
    for (index, resource) in related.resources.iter().enumerate() {
        let prefix = format!("{prefix}/{index}");
        let own = resource
            .unknown
            .iter()
            .filter(|unknown| !unknown.path.starts_with("/related/"));
        unknown.extend(own.map(|unknown| below(&prefix, unknown)));
    }
    unknown
}

fn below(prefix: &str, unknown: &Unknown) -> Unknown {
    Unknown {
        path: format!("{prefix}{}", unknown.path),
        gap: unknown.gap.clone(),
    }
}
