//! `spec.match`: below which organizations, folders and projects a constraint applies.
//!
//! Source: `pkg/gcptarget` and `pkg/gcv/configs` of `GoogleCloudPlatform/config-validator`, read 2026-11-26.

use serde_json::Value;

use super::documents::Constraint;
use crate::Problem;

/// Where a constraint applies.
#[derive(Debug, Default)]
pub(super) struct Ancestry {
    /// Patterns of ancestry paths; none takes every asset, also one whose path is not known.
    include: Option<Vec<String>>,
    exclude: Vec<String>,
}

impl Ancestry {
    /// Reads `spec.match`.
    ///
    /// # Errors
    ///
    /// When it holds something else, or a pattern is no ancestry path.
    pub(super) fn of(constraint: &Constraint) -> Result<Ancestry, Vec<Problem>> {
        let mut ancestry = Ancestry::default();
        let found = match constraint.spec("match") {
            None | Some(Value::Null) => return Ok(ancestry),
            Some(found) => found,
        };
        let mut problems = Vec::new();
        let mut wrong = |message: String| {
            let help = "it holds `ancestries` and `excludedAncestries`, lists of paths like `organizations/1/**`";
            problems.push(constraint.problem(message, help));
        };
        let Value::Object(map) = found else {
            wrong("`spec.match` is no object".to_owned());
            return Err(problems);
        };
        for key in map.keys() {
            if !["ancestries", "target", "excludedAncestries", "exclude"].contains(&key.as_str()) {
                wrong(format!("`spec.match.{key}` is not known"));
            }
        }
        for (name, old) in [("ancestries", "target"), ("excludedAncestries", "exclude")] {
            let (list, key) = match (map.get(name), map.get(old)) {
                (Some(_), Some(_)) => {
                    wrong(format!("`spec.match` has both `{name}` and `{old}`"));
                    continue;
                }
                (Some(list), None) => (list, name),
                (None, Some(list)) => (list, old),
                (None, None) => continue,
            };
            let Some(patterns) = texts(list) else {
                wrong(format!("`spec.match.{key}` is no list of texts"));
                continue;
            };
            let legacy = constraint.version == "v1alpha1" && key == old;
            let patterns: Vec<String> = (patterns.into_iter())
                .map(|pattern| if legacy { widened(&pattern) } else { pattern })
                .collect();
            if let Some(pattern) = patterns.iter().find(|pattern| !is_pattern(pattern)) {
                wrong(format!(
                    "`{pattern}` in `spec.match.{key}` is no path of organizations, folders and projects"
                ));
            }
            match name {
                "ancestries" => ancestry.include = Some(patterns),
                _ => ancestry.exclude = patterns,
            }
        }
        if problems.is_empty() {
            Ok(ancestry)
        } else {
            Err(problems)
        }
    }

    /// Returns whether an asset at `path` is one of those that the constraint is about; `None` when that cannot be told.
    pub(super) fn takes(&self, path: Option<&str>) -> Option<bool> {
        let everything = |pattern: &String| pattern == "**";
        let all = self
            .include
            .as_ref()
            .is_none_or(|include| include.iter().any(everything));
        let Some(path) = path else {
            // What is excluded may be anywhere.
            return (all && self.exclude.is_empty()).then_some(true);
        };
        let among = |patterns: &[String]| {
            patterns
                .iter()
                .any(|pattern| matches(pattern.as_bytes(), path.as_bytes()))
        };
        let included = all || self.include.as_ref().is_some_and(|include| among(include));
        Some(included && !among(&self.exclude))
    }
}

/// Returns an ancestry path with its words in plural, as they were not always.
pub(super) fn plural(path: &str) -> String {
    path.replace("organization/", "organizations/")
        .replace("folder/", "folders/")
        .replace("project/", "projects/")
}

/// Patterns of old constraints mean what is below too.
fn widened(pattern: &str) -> String {
    let pattern = plural(pattern);
    let pattern = match pattern.strip_suffix("/*") {
        Some(start) => format!("{start}/**"),
        None => pattern,
    };
    pattern.replace("/*/", "/**/")
}

fn texts(list: &Value) -> Option<Vec<String>> {
    let list = list.as_array()?;
    list.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

fn is_pattern(pattern: &str) -> bool {
    let is_id = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let is_number = |part: &str| {
        let digits = part.trim_end_matches('*');
        !digits.is_empty() && part.len() - digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut project = false;
    pattern.split('/').all(|part| match part {
        "projects" => {
            project = true;
            true
        }
        "organizations" | "folders" | "*" | "**" | "unknown" => true,
        part => is_number(part) || (project && !part.is_empty() && is_id(part)),
    })
}

/// `**` stands for anything, `*` for anything but `/`. A pattern has few stars, so trying all is cheap.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    // The rows of what the first n bytes of the pattern match: no pattern takes more than their product.
    let mut row: Vec<bool> = (0..=path.len()).map(|length| length == 0).collect();
    let mut rest = pattern;
    while let Some((first, after)) = rest.split_first() {
        let mut next = vec![false; path.len() + 1];
        let star = *first == b'*';
        let deep = star && after.first() == Some(&b'*');
        for length in 0..=path.len() {
            let byte = length.checked_sub(1).and_then(|last| path.get(last));
            let before = |row: &[bool]| {
                length
                    .checked_sub(1)
                    .and_then(|last| row.get(last))
                    .copied()
                    .unwrap_or(false)
            };
            let found = match byte {
                _ if star && row.get(length).copied().unwrap_or(false) => true,
                Some(byte) if star => (deep || *byte != b'/') && before(&next),
                Some(byte) => byte == first && before(&row),
                None => false,
            };
            if let Some(slot) = next.get_mut(length) {
                *slot = found;
            }
        }
        row = next;
        rest = if deep {
            after.get(1..).unwrap_or_default()
        } else {
            after
        };
    }
    row.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stays_in_its_part_and_two_do_not() {
        let path = "organizations/1/folders/22/projects/3";
        for (pattern, fits) in [
            ("**", true),
            ("organizations/**", true),
            ("organizations/*", false),
            ("organizations/*/folders/*/projects/3", true),
            ("organizations/1/**/projects/3", true),
            ("organizations/1/**/projects/4", false),
            ("organizations/1/folders/2*/**", true),
            ("organizations/1/folders/2/**", false),
            ("folders/22/**", false),
            (path, true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), path.as_bytes()), fits, "{pattern}");
        }
    }

    #[test]
    fn old_patterns_mean_what_is_below() {
        assert_eq!(widened("organization/*"), "organizations/**");
        assert_eq!(widened("organizations/1/*/project/2"), "organizations/1/**/projects/2");
    }

    #[test]
    fn what_is_no_path_is_no_pattern() {
        for pattern in [
            "organizations/**",
            "**",
            "organizations/12*/projects/my-project-1",
            "folders/*",
        ] {
            assert!(is_pattern(pattern), "{pattern}");
        }
        for pattern in ["", "organizations/abc/**", "a/{b,c}", "organizations//", "projects/A"] {
            assert!(!is_pattern(pattern), "{pattern}");
        }
    }
}
