//! Which modules a policy needs: those it names, those they name, and so on.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::analysis;

/// Returns the packages that `package` depends on, itself among them.
///
/// `texts` holds the texts of each package. The search is by name, in all that is no comment and no text of its own: a module
/// too many costs the time to compile it, a module too few would change a verdict. Whoever takes `data` without a
/// constant name behind it gets every package.
pub(crate) fn packages<'a>(package: &'a str, texts: &BTreeMap<&'a str, Vec<&str>>) -> BTreeSet<&'a str> {
    let mut needed = BTreeSet::from([package]);
    let mut open = vec![package];
    while let Some(next) = open.pop() {
        for text in texts.get(next).into_iter().flatten() {
            // What cannot be taken apart is searched as it stands.
            let code = analysis::code(text).map_or(Cow::Borrowed(*text), Cow::Owned);
            for mention in mentions(&code) {
                for other in texts.keys().filter(|other| touches(other, &mention)) {
                    if needed.insert(other) {
                        open.push(other);
                    }
                }
            }
        }
    }
    needed
}

/// One lies below the other, or they are the same.
fn touches(package: &str, mention: &str) -> bool {
    let below = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || short.is_empty())
    };
    below(package, mention) || below(mention, package)
}

/// Returns what follows each word `data`, as a dotted path; "" where it is not constant.
fn mentions(text: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = BTreeSet::new();
    for (start, _) in text.match_indices("data") {
        let before = text.get(..start).and_then(|head| head.chars().next_back());
        let Some(mut rest) = text.get(start + "data".len()..) else {
            continue;
        };
        if before.is_some_and(|c| is_word(c) || c == '.') || rest.starts_with(is_word) {
            continue;
        }
        let mut parts: Vec<&str> = Vec::new();
        loop {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(|c| !is_word(c)).unwrap_or(after.len());
                let (name, tail) = after.split_at(end);
                if name.is_empty() {
                    break;
                }
                parts.push(name);
                rest = tail;
            } else if let Some((name, tail)) = rest.strip_prefix("[\"").and_then(|after| after.split_once("\"]")) {
                parts.push(name);
                rest = tail;
            } else {
                break;
            }
        }
        found.insert(parts.join("."));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_is_taken() {
        let texts = BTreeMap::from([
            ("a.policy", vec!["import data.lib.net\nx := metadata.y\ninput.data.z"]),
            ("lib.net", vec!["y := data.lib[\"strings\"].z"]),
            ("lib.strings", vec![""]),
            ("lib.other", vec!["x := data[input.y]"]),
            (
                "b.policy",
                vec!["# of data\nx := [\"data\", \"no data[1]\", `data.lib.net`]\ny := { \"data\": 1 }"],
            ),
            ("c.policy", vec!["# it's \"\nx := data[\"lib\"].net # data"]),
        ]);
        let of = |package| packages(package, &texts).into_iter().collect::<Vec<_>>();
        assert_eq!(of("a.policy"), ["a.policy", "lib.net", "lib.strings"]);
        assert_eq!(of("lib.other").len(), 6);
        assert_eq!(of("b.policy"), ["b.policy"]);
        assert_eq!(of("c.policy"), ["c.policy", "lib.net", "lib.strings"]);
    }
}
