//! Operands of `not`, bound before it, as OPA's compiler does.
//!
//! `not startswith(input.name, "x")` is undefined in OPA where `input.name` is absent, and true in regorus 0.14.1. Of
//! `a := input.name; not startswith(a, "x")` both say the same. A reference as a whole, or beside `==`, is not lifted by OPA
//! either. What this does not understand it leaves alone; the check for divergences then refuses it.

use std::collections::BTreeSet;
use std::ops::Range;

/// Returns the text with what stands under each `not` on the lines `lines` bound before it, on the same lines.
pub(super) fn out(text: &str, tokens: &[Range<usize>], lines: &BTreeSet<u32>) -> String {
    let source = Source { text, tokens };
    let mut lifted = String::with_capacity(text.len());
    let (mut copied, mut count) = (0, 0);
    for index in 0..tokens.len() {
        let Some(start) = source.range(index).map(|token| token.start) else {
            break;
        };
        if source.word(index) != "not" || start < copied || !lines.contains(&source.line(start)) {
            continue;
        }
        let Some((end, operands)) = source.operands(index + 1) else {
            continue;
        };
        let bare = index.checked_sub(1).is_some_and(|before| source.word(before) == "if");
        lifted.push_str(text.get(copied..start).unwrap_or_default());
        let mut statement = String::new();
        let mut from = start;
        for operand in operands {
            count += 1;
            lifted.push_str(if bare && from == start { "{ " } else { "" });
            let value = text.get(operand.clone()).unwrap_or_default();
            lifted.push_str(&format!("nephoscope_lifted_{count} := {value}; "));
            statement.push_str(text.get(from..operand.start).unwrap_or_default());
            statement.push_str(&format!("nephoscope_lifted_{count}"));
            from = operand.end;
        }
        statement.push_str(text.get(from..end).unwrap_or_default());
        lifted.push_str(&statement);
        lifted.push_str(if bare { " }" } else { "" });
        copied = end;
    }
    lifted.push_str(text.get(copied..).unwrap_or_default());
    lifted
}

const COMPARISONS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];
const OPERATORS: [&str; 12] = ["+", "-", "*", "/", "%", "&", "==", "!=", "<", "<=", ">", ">="];

/// A text with its tokens.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: &'t [Range<usize>],
}

impl Source<'_> {
    pub(super) fn range(&self, index: usize) -> Option<&Range<usize>> {
        self.tokens.get(index)
    }

    pub(super) fn word(&self, index: usize) -> &str {
        self.range(index)
            .and_then(|token| self.text.get(token.clone()))
            .unwrap_or_default()
    }

    pub(super) fn line(&self, offset: usize) -> u32 {
        let before = self.text.get(..offset).unwrap_or_default();
        u32::try_from(before.matches('\n').count()).map_or(u32::MAX, |breaks| breaks + 1)
    }

    /// Returns where the expression that begins at a token ends, and which parts of it are to be bound before; `None` where
    /// there is nothing to bind, or it is of a form that is not understood.
    fn operands(&self, first: usize) -> Option<(usize, Vec<Range<usize>>)> {
        let end = self.end_of(first)?;
        let last = end.checked_sub(1)?;
        let mut splits = Vec::new();
        let mut others = false;
        self.at_top(first..end, &mut |index| match self.word(index) {
            word if COMPARISONS.contains(&word) || word == "in" => splits.push(index),
            "with" | "|" | ":=" | "=" | "some" | "every" | "not" | "," => others = true,
            word => others |= OPERATORS.contains(&word),
        });
        let parts: Vec<Range<usize>> = match (splits.as_slice(), others) {
            ([split], _) if !self.holds(first..end, &["with", "|", ":=", "=", "not"]) => {
                let sides = vec![first..*split, split + 1..end];
                let equal = self.word(*split) == "==";
                // OPA leaves a reference beside `==` where it is, a call not.
                let computed = |side: &Range<usize>| !equal || self.is_call(side.clone()).is_some();
                let rest_is_constant = |side: &Range<usize>| computed(side) || self.is_constant(side.clone());
                if !sides.iter().all(rest_is_constant) && equal && !sides.iter().any(computed) {
                    return None;
                }
                sides.into_iter().filter(computed).collect()
            }
            ([], false) => self.arguments(self.is_call(first..end)?, last),
            _ => return None,
        };
        let wild = |part: &Range<usize>| part.clone().any(|index| self.word(index) == "_");
        if parts.iter().any(wild) {
            return None;
        }
        let ranges = parts.into_iter().filter(|part| !self.is_constant(part.clone()));
        let ranges: Vec<Range<usize>> = ranges.filter_map(|part| self.bytes(part)).collect();
        (!ranges.is_empty()).then_some((self.range(last)?.end, ranges))
    }

    /// Returns the token after the last one of a statement.
    fn end_of(&self, first: usize) -> Option<usize> {
        let mut depth = 0_usize;
        let mut index = first;
        while index < self.tokens.len() {
            let word = self.word(index);
            if depth == 0 && index > first {
                let before = self.range(index - 1)?.end;
                let broken = self.text.get(before..self.range(index)?.start)?.contains('\n');
                let joins = |word: &str| OPERATORS.contains(&word) || [".", "in", "with"].contains(&word);
                if word == ";" || (broken && !joins(word) && !joins(self.word(index - 1))) {
                    return Some(index);
                }
            }
            match word {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" if depth == 0 => return (index > first).then_some(index),
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            index += 1;
        }
        None
    }

    /// Calls `see` on every token that stands in no bracket.
    fn at_top(&self, part: Range<usize>, see: &mut dyn FnMut(usize)) {
        let mut depth = 0_usize;
        for index in part {
            match self.word(index) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ if depth == 0 => see(index),
                _ => {}
            }
        }
    }

    fn holds(&self, part: Range<usize>, words: &[&str]) -> bool {
        let mut found = false;
        self.at_top(part, &mut |index| found |= words.contains(&self.word(index)));
        found
    }

    /// Returns the opening parenthesis of what is a call as a whole: `a.b(…)`.
    fn is_call(&self, part: Range<usize>) -> Option<usize> {
        let open = part
            .clone()
            .find(|index| ["(", "[", "{"].contains(&self.word(*index)))?;
        if self.word(open) != "(" || open == part.start {
            return None;
        }
        let close = self.close_of(open)?;
        (close + 1 == part.end).then_some(open)
    }

    /// Returns the bracket that closes one.
    pub(super) fn close_of(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for index in open..self.tokens.len() {
            match self.word(index) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return Some(index);
            }
        }
        None
    }

    /// Returns the arguments between the parentheses.
    fn arguments(&self, open: usize, close: usize) -> Vec<Range<usize>> {
        let mut commas = Vec::new();
        self.at_top(open + 1..close, &mut |index| {
            if self.word(index) == "," {
                commas.push(index);
            }
        });
        let mut start = open + 1;
        let mut arguments = Vec::new();
        for end in commas.into_iter().chain([close]) {
            if start < end {
                arguments.push(start..end);
            }
            start = end + 1;
        }
        arguments
    }

    /// A single token that is no name, which is always there.
    fn is_constant(&self, part: Range<usize>) -> bool {
        let word = self.word(part.start);
        part.len() == 1
            && (word.starts_with(|c: char| c == '"' || c == '`' || c.is_ascii_digit())
                || ["true", "false", "null"].contains(&word))
    }

    pub(super) fn bytes(&self, part: Range<usize>) -> Option<Range<usize>> {
        Some(self.range(part.start)?.start..self.range(part.end.checked_sub(1)?)?.end)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::analysis::{lifted, parse};

    /// Returns a statement with its operands lifted.
    fn of(statement: &str) -> String {
        let text = format!("package p\nx if {{\n\t{statement}\n}}\n");
        let lifted = lifted("f", &text, &BTreeSet::from([3])).unwrap();
        parse("f", &lifted).unwrap_or_else(|problems| panic!("{lifted}: {problems:?}"));
        let statement = lifted.strip_prefix("package p\nx if {\n\t").unwrap();
        statement
            .strip_suffix("\n}\n")
            .unwrap()
            .replace("nephoscope_lifted_", "l")
    }

    #[test]
    fn what_opa_lifts_is_lifted() {
        for (statement, expected) in [
            (
                "not startswith(input.a, \"x\")",
                "l1 := input.a; not startswith(l1, \"x\")",
            ),
            (
                "not data.l.f(g(input.a), [1, input.b])",
                "l1 := g(input.a); l2 := [1, input.b]; not data.l.f(l1, l2)",
            ),
            (
                "not y in object.keys(input.a)",
                "l1 := y; l2 := object.keys(input.a); not l1 in l2",
            ),
            ("not count(input.a) > 0; z", "l1 := count(input.a); not l1 > 0; z"),
            (
                "not input.a + 1 != input.b[0]",
                "l1 := input.a + 1; l2 := input.b[0]; not l1 != l2",
            ),
            ("not lower(input.a) == \"x\"", "l1 := lower(input.a); not l1 == \"x\""),
            (
                "a := [y | some y in xs; not f(y.z)]",
                "a := [y | some y in xs; l1 := y.z; not f(l1)]",
            ),
            (
                "not f(input.a,\n\t\tinput.b)",
                "l1 := input.a; l2 := input.b; not f(l1,\n\t\tl2)",
            ),
        ] {
            assert_eq!(of(statement), expected);
        }
    }

    #[test]
    fn what_opa_leaves_is_left_and_so_is_what_is_not_understood() {
        for statement in [
            "not input.a",
            "not input.a.b == \"x\"",
            "not input.a == input.b",
            "not f(input.xs[_])",
            "not f(input.a) with input as {}",
            "not f(\"x\", 1)",
            "y := \"not f(input.a)\"",
        ] {
            assert_eq!(of(statement), statement);
        }
    }

    #[test]
    fn a_body_without_braces_gets_some() {
        let text = "package p\nx if not f(input.a)\ny := 1\n";
        let lifted = lifted("f", text, &BTreeSet::from([2])).unwrap();
        assert_eq!(
            lifted,
            "package p\nx if { nephoscope_lifted_1 := input.a; not f(nephoscope_lifted_1) }\ny := 1\n"
        );
    }
}
