//! Elements of sets, bound in the body.
//!
//! Where the head of a rule that iterates is undefined for one element, regorus 0.14.1 drops what the rule found for all others.
//! `p contains h if { …; h := f(x.y) }` is what OPA makes of `p contains f(x.y) if { … }`, and of it both say the same.

use std::collections::BTreeSet;
use std::ops::Range;

use super::lift::Source;

/// Returns the text with the elements of those sets bound in the body whose head stands on one of `lines`, on the same lines.
pub(super) fn out(text: &str, tokens: &[Range<usize>], lines: &BTreeSet<u32>) -> String {
    let source = Source { text, tokens };
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut depth = 0_usize;
    for index in 0..tokens.len() {
        match source.word(index) {
            "(" | "{" => depth += 1,
            "[" => {
                if depth == 0 && starts_line(&source, index) {
                    edits.extend(bound(&source, old(&source, index), lines, edits.len()));
                }
                depth += 1;
            }
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            "contains" if depth == 0 => edits.extend(bound(&source, new(&source, index), lines, edits.len())),
            _ => {}
        }
    }
    edits.sort_by_key(|(place, _)| place.start);
    let mut bound = String::with_capacity(text.len());
    let mut copied = 0;
    for (place, edit) in edits {
        bound.push_str(text.get(copied..place.start).unwrap_or_default());
        bound.push_str(&edit);
        copied = place.end;
    }
    bound.push_str(text.get(copied..).unwrap_or_default());
    bound
}

/// Tokens of a head's element, and the brace that opens its body.
type Head = (Range<usize>, usize);

/// `name contains … if {`.
fn new(source: &Source<'_>, contains: usize) -> Option<Head> {
    let first = contains + 1;
    let mut depth = 0_usize;
    for index in first..source.tokens.len() {
        match source.word(index) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.checked_sub(1)?,
            "if" if depth == 0 => return (source.word(index + 1) == "{").then_some((first..index, index + 1)),
            "contains" | "default" | "import" if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// `name[…] {` of Rego v0.
fn old(source: &Source<'_>, open: usize) -> Option<Head> {
    let close = source.close_of(open)?;
    (source.word(close + 1) == "{").then_some((open + 1..close, close + 1))
}

/// Whether the name before the bracket is the first of its line, as a rule's is.
fn starts_line(source: &Source<'_>, open: usize) -> bool {
    let name = open.checked_sub(1).and_then(|name| source.range(name));
    name.is_some_and(|name| {
        let before = source.text.get(..name.start).unwrap_or_default();
        before.is_empty() || before.ends_with('\n')
    })
}

/// Returns what is written in place of the head's element, and at the end of its body.
fn bound(source: &Source<'_>, head: Option<Head>, lines: &BTreeSet<u32>, number: usize) -> Vec<(Range<usize>, String)> {
    let edits = || {
        let (element, brace) = head?;
        let place = source.bytes(element)?;
        let on = source.line(place.start)..=source.line(place.end);
        let close = source.close_of(brace)?;
        // A second body of v0 has the same head.
        if !lines.iter().any(|line| on.contains(line)) || source.word(close + 1) == "{" || close == brace + 1 {
            return None;
        }
        let end = source.range(close - 1)?.end;
        let name = format!("nephoscope_head_{number}");
        let value = source.text.get(place.clone())?;
        // Lines of the element stay with the head, so that all others stay where they are.
        let breaks = "\n".repeat(value.matches('\n').count());
        let value = value.split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
        if !breaks.is_empty() && value.contains('#') {
            return None;
        }
        Some(vec![
            (place, format!("{name}{breaks}")),
            (end..end, format!("; {name} := {value}")),
        ])
    };
    edits().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::analysis::{bound, parse, parse_v0};

    #[test]
    fn the_element_is_bound_where_the_body_ends() {
        let text = "package p\nimport rego.v1\nd contains f(x.y) if {\n\tsome x in xs # all\n}\ne contains f(1) if {\n\ttrue\n}\n";
        let bound = bound("f", text, &BTreeSet::from([3])).unwrap();
        parse("f", &bound).unwrap();
        assert_eq!(
            bound,
            text.replace("d contains f(x.y)", "d contains nephoscope_head_0")
                .replace("in xs # all", "in xs; nephoscope_head_0 := f(x.y) # all")
        );
    }

    #[test]
    fn lines_stay_where_they_are() {
        let text = "package p\nd contains {\n\t\"msg\": x.y,\n} if {\n\tsome x in xs\n}\n";
        let bound = bound("f", text, &BTreeSet::from([3])).unwrap();
        parse("f", &bound).unwrap();
        assert_eq!(bound.matches('\n').count(), text.matches('\n').count());
        assert!(
            bound.contains("\n\tsome x in xs; nephoscope_head_0 := { \"msg\": x.y, }\n}"),
            "{bound}"
        );
    }

    #[test]
    fn so_it_is_in_v0_but_for_a_second_body() {
        let text = "package p\nd[{\"msg\": x.y}] { x := input.xs[_] }\n";
        let changed = bound("f", text, &BTreeSet::from([2])).unwrap();
        parse_v0("f", &changed).unwrap();
        assert_eq!(
            changed,
            "package p\nd[nephoscope_head_0] { x := input.xs[_]; nephoscope_head_0 := {\"msg\": x.y} }\n"
        );
        let two = text.replace("] }\n", "] } { x := input.ys[_] }\n");
        assert_eq!(bound("f", &two, &BTreeSet::from([2])).unwrap(), two);
    }
}
