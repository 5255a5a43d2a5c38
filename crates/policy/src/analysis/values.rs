//! Abstract values: what an expression's value is made of, and what a use of it reads.

use serde_json::Value;

use super::ir::Shape;
use super::reads::{COUNT, Effect, KEYS, PRESENCE, Reads, Step, Uses, VALUE};

/// More alternatives than this are one value that reads all of them.
const MAX_ALTERNATIVES: usize = 24;

/// A value of more parts than this, and paths in them, is told in less detail: each use of a value copies it, and one that holds
/// another twice, which holds another twice, doubles with each line.
const MAX_PARTS: usize = 10_000;

/// What is known of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Abs {
    /// What stands at a path of the input. That it is there was read.
    Path(Vec<Step>),
    /// A constant.
    Const(Value),
    /// Computed from what was read already, or from nothing of the input.
    Done,
    /// Always defined; its value depends on these reads.
    Lazy(Reads),
    /// True when the reads hold, else false: a rule with `default … := false`.
    Truth(Reads),
    /// What stands at the path (the first), else the second: `object.get`.
    Fallback(Box<Abs>, Box<Abs>),
    Array(Vec<Abs>),
    Set(Vec<Abs>),
    Object(Vec<(Abs, Abs)>),
    /// A comprehension or a partial rule: always defined, one element for each time the reads hold.
    Many {
        shape: Shape,
        key: Box<Abs>,
        element: Box<Abs>,
        reads: Reads,
    },
    /// One of several, chosen by what was read already.
    Any(Vec<Abs>),
    /// Undefined, whatever the input is.
    Never,
}

impl Abs {
    /// Returns one value that stands for each of `values`.
    pub(super) fn any(values: impl IntoIterator<Item = Abs>) -> Abs {
        let mut flat: Vec<Abs> = Vec::new();
        for value in values {
            let parts = match value {
                Abs::Any(parts) => parts,
                other => vec![other],
            };
            for part in parts {
                if !flat.contains(&part) {
                    flat.push(part);
                }
            }
        }
        if flat.len() > MAX_ALTERNATIVES {
            let mut reads = Reads::default();
            flat.iter().for_each(|value| value.value(&mut reads));
            return Abs::Lazy(reads.either());
        }
        match <[Abs; 1]>::try_from(flat) {
            Ok([only]) => only,
            Err(flat) if flat.is_empty() => Abs::Done,
            Err(flat) => Abs::Any(flat),
        }
    }

    /// Returns the value, of which the parts are told in less detail where they are too many: as one thing that depends on
    /// all that they depend on.
    pub(super) fn bounded(self) -> Abs {
        if self.parts(MAX_PARTS).is_some() {
            return self;
        }
        let all = |items: Vec<Abs>| items.into_iter().map(Abs::collapsed).collect();
        match self {
            // What a finding is stays visible: its key is told apart from its message.
            Abs::Object(fields) => {
                let fields = fields.into_iter();
                Abs::Object(
                    fields
                        .map(|(key, value)| (key.collapsed(), value.collapsed()))
                        .collect(),
                )
            }
            Abs::Array(items) => Abs::Array(all(items)),
            Abs::Set(items) => Abs::Set(all(items)),
            other => other.collapsed(),
        }
    }

    fn collapsed(self) -> Abs {
        if matches!(
            self,
            Abs::Path(_) | Abs::Const(_) | Abs::Done | Abs::Lazy(_) | Abs::Truth(_) | Abs::Never
        ) {
            return self;
        }
        let mut reads = Reads::default();
        self.value(&mut reads);
        // As for too many alternatives.
        Abs::Lazy(reads.either())
    }

    /// Returns how many of `left` parts and paths are left without those of this value, none when it has more.
    fn parts(&self, left: usize) -> Option<usize> {
        let left = left.checked_sub(1)?;
        let all = |left, items: &[Abs]| items.iter().try_fold(left, |left: usize, item| item.parts(left));
        match self {
            Abs::Path(_) | Abs::Const(_) | Abs::Done | Abs::Never => Some(left),
            Abs::Lazy(reads) | Abs::Truth(reads) => left.checked_sub(reads.paths.len()),
            Abs::Fallback(first, second) => first.parts(left).and_then(|left| second.parts(left)),
            Abs::Array(items) | Abs::Set(items) | Abs::Any(items) => all(left, items),
            Abs::Object(fields) => (fields.iter()).try_fold(left, |left, (key, value)| {
                key.parts(left).and_then(|left| value.parts(left))
            }),
            Abs::Many {
                key, element, reads, ..
            } => (left.checked_sub(reads.paths.len()))
                .and_then(|left| key.parts(left))
                .and_then(|left| element.parts(left)),
        }
    }

    /// Adds what is read when the whole value is taken.
    pub(super) fn value(&self, reads: &mut Reads) {
        self.compared(reads, VALUE, Effect::EITHER);
    }

    /// Adds what is read when the value is compared with a scalar constant: nothing that grows can become one.
    pub(super) fn scalar(&self, reads: &mut Reads, uses: Uses) {
        self.compared(reads, uses, Effect::NONE);
    }

    fn compared(&self, reads: &mut Reads, uses: Uses, grows: Effect) {
        match self {
            // INVARIANT: that it is there was read where the value was made, so that here only growth counts.
            Abs::Path(path) => reads.add(path, uses, Effect::NONE, grows),
            Abs::Const(_) | Abs::Done | Abs::Never => {}
            Abs::Lazy(inner) => reads.join(&inner.either()),
            Abs::Truth(inner) => reads.join(&inner.either()),
            Abs::Fallback(first, second) => {
                let mut inner = Reads::default();
                first.present(&mut inner);
                first.compared(&mut inner, uses, grows);
                second.compared(&mut inner, uses, grows);
                reads.join(&inner.either());
            }
            Abs::Array(items) | Abs::Set(items) => items.iter().for_each(|item| item.value(reads)),
            Abs::Any(items) => items.iter().for_each(|item| item.compared(reads, uses, grows)),
            Abs::Object(fields) => fields.iter().for_each(|(key, value)| {
                key.value(reads);
                value.value(reads);
            }),
            Abs::Many {
                key,
                element,
                reads: inner,
                ..
            } => {
                let mut all = inner.clone();
                key.value(&mut all);
                element.value(&mut all);
                reads.join(&all.either());
            }
        }
    }

    /// Adds what is read when the value stands as a condition; that it is defined was read.
    pub(super) fn truth(&self, reads: &mut Reads) {
        match self {
            Abs::Truth(inner) => reads.join(inner),
            Abs::Lazy(inner) => reads.join(&inner.either()),
            Abs::Fallback(first, second) => match &**second {
                Abs::Const(Value::Bool(false)) => first.present(reads),
                _ => self.value(reads),
            },
            Abs::Any(items) => items.iter().for_each(|item| item.truth(reads)),
            Abs::Path(_) | Abs::Const(_) | Abs::Done | Abs::Never => {}
            Abs::Array(_) | Abs::Set(_) | Abs::Object(_) | Abs::Many { .. } => {}
        }
    }

    /// Adds that what is at a path must be there.
    pub(super) fn present(&self, reads: &mut Reads) {
        match self {
            Abs::Path(path) => reads.add(path, PRESENCE, Effect::ADDS, Effect::NONE),
            Abs::Any(items) => items.iter().for_each(|item| item.present(reads)),
            _ => {}
        }
    }

    /// Adds what is read by going through the collection; returns key and element.
    pub(super) fn iterate(&self, reads: &mut Reads) -> (Abs, Abs) {
        match self {
            Abs::Path(path) => {
                reads.add(path, KEYS, Effect::NONE, Effect::ADDS);
                let mut element = path.clone();
                element.push(Step::Any);
                reads.add(&element, PRESENCE, Effect::ADDS, Effect::NONE);
                (Abs::Done, Abs::Path(element))
            }
            Abs::Const(Value::Array(items)) => {
                let keys = (0..items.len()).map(|index| Abs::Const(Value::from(index)));
                (Abs::any(keys), Abs::any(items.iter().cloned().map(Abs::Const)))
            }
            Abs::Const(Value::Object(map)) => {
                let keys = map.keys().map(|key| Abs::Const(Value::from(key.as_str())));
                (Abs::any(keys), Abs::any(map.values().cloned().map(Abs::Const)))
            }
            Abs::Const(_) | Abs::Done => (Abs::Done, Abs::Done),
            Abs::Never => (Abs::Never, Abs::Never),
            Abs::Array(items) => (Abs::Done, Abs::any(items.iter().cloned())),
            Abs::Set(items) => {
                let element = Abs::any(items.iter().cloned());
                (element.clone(), element)
            }
            Abs::Object(fields) => {
                let keys = Abs::any(fields.iter().map(|(key, _)| key.clone()));
                (keys, Abs::any(fields.iter().map(|(_, value)| value.clone())))
            }
            Abs::Many {
                key,
                element,
                reads: inner,
                ..
            } => {
                reads.join(inner);
                ((**key).clone(), (**element).clone())
            }
            Abs::Any(items) => {
                let (keys, elements): (Vec<Abs>, Vec<Abs>) = items.iter().map(|item| item.iterate(reads)).unzip();
                (Abs::any(keys), Abs::any(elements))
            }
            Abs::Fallback(first, second) if second.is_empty() => {
                first.present(reads);
                first.iterate(reads)
            }
            Abs::Lazy(_) | Abs::Truth(_) | Abs::Fallback(..) => {
                self.value(reads);
                (Abs::Done, Abs::Done)
            }
        }
    }

    /// Whether it is a collection without elements, whatever the input is.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Abs::Const(Value::Array(items)) => items.is_empty(),
            Abs::Const(Value::Object(map)) => map.is_empty(),
            Abs::Array(items) | Abs::Set(items) => items.is_empty(),
            Abs::Object(fields) => fields.is_empty(),
            _ => false,
        }
    }

    /// Returns what stands at `step` of this value, and adds what is read to find it, but not that it is there.
    pub(super) fn step(&self, step: &Abs, reads: &mut Reads) -> Abs {
        match (self, step) {
            (Abs::Never, _) | (_, Abs::Never) => Abs::Never,
            (Abs::Any(items), _) => Abs::any(items.iter().map(|item| item.step(step, reads)).collect::<Vec<_>>()),
            (_, Abs::Any(steps)) => Abs::any(steps.iter().map(|step| self.step(step, reads)).collect::<Vec<_>>()),
            (Abs::Path(path), Abs::Const(key)) => {
                let mut path = path.clone();
                match token(key) {
                    Some(token) => path.push(Step::Key(token)),
                    None => return self.iterate(reads).1,
                }
                Abs::Path(path)
            }
            (Abs::Object(fields), Abs::Const(_)) if fields.iter().all(|(key, _)| matches!(key, Abs::Const(_))) => {
                let found = fields.iter().find(|(key, _)| key == step);
                found.map_or(Abs::Done, |(_, value)| value.clone())
            }
            (Abs::Array(items), Abs::Const(Value::Number(index))) => {
                let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
                index.and_then(|index| items.get(index)).cloned().unwrap_or(Abs::Done)
            }
            (Abs::Const(Value::Object(map)), Abs::Const(Value::String(key))) => {
                map.get(key).cloned().map_or(Abs::Done, Abs::Const)
            }
            (
                Abs::Many {
                    shape: Shape::Array,
                    element,
                    ..
                },
                _,
            ) => {
                // Which element has an index depends on all elements before it.
                step.value(reads);
                self.value(reads);
                (**element).clone()
            }
            (Abs::Fallback(..) | Abs::Lazy(_) | Abs::Truth(_), _) => {
                step.value(reads);
                self.value(reads);
                Abs::Done
            }
            (Abs::Many { .. } | Abs::Object(_) | Abs::Set(_), _) => {
                let (key, element) = self.iterate(reads);
                step.value(reads);
                key.value(reads);
                element
            }
            _ => {
                step.value(reads);
                self.iterate(reads).1
            }
        }
    }

    /// Adds what is read by comparing the length with a constant by an operator that more elements can only make
    /// true (`rising`), only false, or either.
    pub(super) fn count(&self, rising: Option<bool>, reads: &mut Reads) {
        let turned = |inner: Reads| match rising {
            Some(true) => inner,
            Some(false) => inner.inverted(),
            None => inner.either(),
        };
        match self {
            Abs::Path(path) => {
                let grows = match rising {
                    Some(true) => Effect::ADDS,
                    Some(false) => Effect::REMOVES,
                    None => Effect::EITHER,
                };
                reads.add(path, COUNT, Effect::NONE, grows);
            }
            Abs::Many {
                shape,
                key,
                element,
                reads: inner,
            } => {
                let mut all = inner.clone();
                if *shape != Shape::Array {
                    // Two equal elements count once.
                    key.value(&mut all);
                    element.value(&mut all);
                }
                reads.join(&turned(all));
            }
            Abs::Fallback(first, second) if second.is_empty() => {
                let mut all = Reads::default();
                first.present(&mut all);
                first.count(Some(true), &mut all);
                reads.join(&turned(all));
            }
            Abs::Any(items) => {
                items.iter().for_each(|item| item.count(rising, reads));
            }
            Abs::Set(_) => self.value(reads),
            Abs::Const(_) | Abs::Done | Abs::Array(_) | Abs::Never => {}
            Abs::Object(fields) => fields.iter().for_each(|(key, _)| key.value(reads)),
            Abs::Lazy(_) | Abs::Truth(_) | Abs::Fallback(..) => self.value(reads),
        }
    }
}

/// Returns the step a constant key makes; a number that is no index may still equal one.
fn token(key: &Value) -> Option<String> {
    match key {
        Value::String(text) => Some(text.clone()),
        Value::Number(index) => index.as_u64().map(|index| index.to_string()),
        _ => None,
    }
}
