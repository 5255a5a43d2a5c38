//! Which part belongs to which whole: by the name that the part states, else by reference, else by the name it had.
//!
//! Names hold only within one plan file, since two plans may use one address for different things.

use std::collections::BTreeSet;

use nephoscope_model::Resource;

use super::planned::Planned;
use crate::mapping::Native;

/// Returns a name that holds within the plan of `resource`.
pub(super) fn within(resource: &Resource, name: &str) -> String {
    let file = resource.origins.first().map(|origin| &*origin.file).unwrap_or_default();
    format!("{name} of {file}")
}

/// Returns the names of a whole: its address, and what its parts may state, each the values of some arguments.
pub(super) fn whole(resource: &Resource, native: &Native, further: &[&[&str]]) -> Vec<String> {
    let Some(planned) = native.downcast_ref::<Planned>() else {
        return Vec::new();
    };
    let stated = further.iter().filter_map(|keys| known_or_past(planned, keys));
    std::iter::once(planned.address.clone())
        .chain(stated)
        .map(|name| within(resource, &name))
        .collect()
}

/// Returns the names of the whole of type `of` that a part states, each by the values of some arguments of which the
/// last one may refer to it: the values, the address it refers to, or the values before the plan.
///
/// A value goes before a reference, since a plan names the instances of a resource in its references only where the
/// configuration does, and what was computed from them is what is applied. Several resources of that type in one expression leave open which it is.
pub(super) fn part(resource: &Resource, native: Option<&Native>, of: &str, ways: &[&[&str]]) -> Vec<String> {
    let mut names = Vec::new();
    let mut former = Vec::new();
    if let Some(planned) = native.and_then(|native| native.downcast_ref::<Planned>()) {
        for keys in ways {
            names.extend(stated(planned, keys).map(|name| within(resource, &name)));
            let key = keys.last().copied().unwrap_or_default();
            names.extend(referred(planned, key, of).map(|address| within(resource, address)));
            former.extend(known_or_past(planned, keys).map(|name| within(resource, &name)));
        }
    }
    names.extend(former);
    if names.is_empty() {
        // INVARIANT: never empty, so that a part without its whole is a gap and not a resource that nobody judges.
        let key = ways.first().and_then(|keys| keys.last()).copied().unwrap_or_default();
        names.push(within(resource, &format!("the {key} of {}", resource.id)));
    }
    names
}

/// Returns the address of the only resource of type `of` that an argument refers to.
pub(super) fn referred<'a>(planned: &'a Planned, key: &str, of: &str) -> Option<&'a str> {
    let place = format!("/{key}");
    let referred: BTreeSet<&str> = planned
        .references(&place)
        .filter(|address| type_of(address) == of)
        .collect();
    referred.first().copied().filter(|_| referred.len() == 1)
}

/// Returns the values of arguments as a name: lower case and without the path of an id, since Azure spells both freely.
fn stated(planned: &Planned, keys: &[&str]) -> Option<String> {
    name(keys, |at| planned.at(at).text().value().cloned())
}

/// Returns the same, with the values from before the plan where the new ones are not known.
fn known_or_past(planned: &Planned, keys: &[&str]) -> Option<String> {
    let past = |at: &str| planned.past.as_ref()?.at(at).text().value().cloned();
    name(keys, |at| planned.at(at).text().value().cloned().or_else(|| past(at)))
}

fn name(keys: &[&str], value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut name = Vec::new();
    for key in keys {
        let text = value(&format!("/{key}"))?;
        let last = text.rsplit('/').next().unwrap_or(&text);
        // A bucket may be given by its ARN: `arn:aws:s3:::name`.
        name.push(last.rsplit(":::").next().unwrap_or(last).to_ascii_lowercase());
    }
    Some(name.join("/"))
}

/// Returns the resource type of an address: `aws_s3_bucket` of `module.a["x.y"].aws_s3_bucket.b[0]`; `data` of a data source.
pub(super) fn type_of(address: &str) -> &str {
    let mut rest = address;
    while let Some(inner) = rest.strip_prefix("module.") {
        rest = after_dot(inner);
    }
    rest.split('.').next().unwrap_or(rest)
}

/// Returns what follows the first dot outside of brackets.
fn after_dot(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut quoted = false;
    for (index, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            '.' if !quoted && depth == 0 => return text.get(index + 1..).unwrap_or_default(),
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::type_of;

    #[test]
    fn the_type_is_found_behind_modules() {
        assert_eq!(type_of("aws_s3_bucket.b"), "aws_s3_bucket");
        assert_eq!(
            type_of("module.a[\"x.y]\"].module.b[0].aws_s3_bucket.b[\"k\"]"),
            "aws_s3_bucket"
        );
        assert_eq!(type_of("data.aws_s3_bucket.b"), "data");
        assert_eq!(type_of("var.name"), "var");
    }
}
