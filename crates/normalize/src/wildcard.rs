//! Patterns by which policies of AWS and role definitions of Azure name actions and resources.

/// Returns whether `text` matches a pattern with `*` and `?`, in any case.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // `reached` holds the lengths of beginnings of `text` that the pattern so far matches: linear in both.
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for wanted in pattern {
        let mut next = Vec::with_capacity(reached.len());
        let mut any = false;
        for (length, here) in reached.iter().enumerate() {
            any |= here;
            let stepped = length.checked_sub(1).is_some_and(|before| {
                reached.get(before) == Some(&true) && (wanted == '?' || text.get(before) == Some(&wanted))
            });
            next.push(if wanted == '*' { any } else { stepped });
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_end() {
        assert!(matches("a*b?d*", "aXXbcdYY"));
        assert!(!matches("a*b?d", "aXXbcdYY"));
        assert!(!matches(&"*a".repeat(500), &"a".repeat(400)));
    }
}
