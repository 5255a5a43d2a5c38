//! `regex.*`. Source: `v1/topdown/regex.go` of OPA 1.22.2 and Go's package `regexp`, read 2026-11-26.

use regorus::Value;

use super::pattern::compiled;
use super::{Answer, Fault, text, whole};

/// Most bytes of text that one builtin may give.
const MAX_BYTES: usize = 16 << 20;

pub(super) fn is_valid(args: &[Value]) -> Answer {
    match text(args, 0).and_then(compiled) {
        Ok(_) => Ok(Value::from(true)),
        Err(Fault::Undefined) => Ok(Value::from(false)),
        Err(beyond) => Err(beyond),
    }
}

pub(super) fn matches(args: &[Value]) -> Answer {
    let (pattern, name) = (text(args, 0)?, text(args, 1)?);
    Ok(Value::from(compiled(pattern)?.is_match(name)))
}

/// Takes as many as asked for; all for a negative number.
fn limit(args: &[Value]) -> Result<usize, Fault> {
    Ok(usize::try_from(whole(args, 2)?).unwrap_or(usize::MAX))
}

pub(super) fn find(args: &[Value]) -> Answer {
    let (pattern, name, limit) = (text(args, 0)?, text(args, 1)?, limit(args)?);
    let regex = compiled(pattern)?;
    let found = regex
        .find_iter(name)
        .take(limit)
        .map(|found| Value::from(found.as_str()));
    Ok(Value::from(found.collect::<Vec<_>>()))
}

pub(super) fn find_groups(args: &[Value]) -> Answer {
    let (pattern, name, limit) = (text(args, 0)?, text(args, 1)?, limit(args)?);
    let regex = compiled(pattern)?;
    let found = regex.captures_iter(name).take(limit).map(|groups| {
        let groups = groups
            .iter()
            .map(|group| Value::from(group.map_or("", |group| group.as_str())));
        Value::from(groups.collect::<Vec<_>>())
    });
    Ok(Value::from(found.collect::<Vec<_>>()))
}

/// Splits as Go does: an empty match splits neither at the start nor at the end.
pub(super) fn split(args: &[Value]) -> Answer {
    let (pattern, name) = (text(args, 0)?, text(args, 1)?);
    let regex = compiled(pattern)?;
    if name.is_empty() && !pattern.is_empty() {
        return Ok(Value::from(vec![Value::from("")]));
    }
    let (mut parts, mut begin, mut end) = (Vec::new(), 0, 0);
    for found in regex.find_iter(name) {
        end = found.start();
        if found.end() != 0 {
            parts.push(Value::from(name.get(begin..end).unwrap_or_default()));
        }
        begin = found.end();
    }
    if end != name.len() {
        parts.push(Value::from(name.get(begin..).unwrap_or_default()));
    }
    Ok(Value::from(parts))
}

pub(super) fn replace(args: &[Value]) -> Answer {
    let (base, pattern, new) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    let regex = compiled(pattern)?;
    // Go takes every letter into the name of a group, the crate those of ASCII.
    let letters = |part: &str| part.chars().find(|next| !next.is_ascii_alphanumeric() && *next != '_');
    if new
        .split('$')
        .skip(1)
        .any(|part| letters(part).is_some_and(char::is_alphanumeric))
    {
        return Err(Fault::Beyond("names of groups that are not ASCII"));
    }
    let mut out = String::new();
    let mut end = 0;
    for groups in regex.captures_iter(base) {
        let Some(found) = groups.get(0) else { continue };
        out.push_str(base.get(end..found.start()).unwrap_or_default());
        groups.expand(new, &mut out);
        end = found.end();
        if out.len() > MAX_BYTES {
            return Err(Fault::Beyond("texts of that size"));
        }
    }
    out.push_str(base.get(end..).unwrap_or_default());
    Ok(Value::from(out))
}

/// Matches a text with expressions between delimiters, of one byte each, that may nest.
pub(super) fn template(args: &[Value]) -> Answer {
    let (template, name) = (text(args, 0)?, text(args, 1)?);
    let one = |index| match text(args, index)?.as_bytes() {
        [byte] => Ok(char::from(*byte)),
        _ => Err(Fault::Undefined),
    };
    let (open, close) = (one(2)?, one(3)?);
    let mut pattern = String::from("^");
    let (mut level, mut begin) = (0_u32, 0);
    for (at, character) in template.char_indices() {
        if character == open {
            if level == 0 {
                pattern.push_str(&regex::escape(template.get(begin..at).unwrap_or_default()));
                begin = at + 1;
            }
            level += 1;
        } else if character == close {
            level = level.checked_sub(1).ok_or(Fault::Undefined)?;
            if level == 0 {
                let inner = template.get(begin..at).unwrap_or_default();
                compiled(&format!("^{inner}$"))?;
                pattern.push_str(&format!("({inner})"));
                begin = at + 1;
            }
        }
    }
    if level > 0 {
        return Err(Fault::Undefined);
    }
    pattern.push_str(&regex::escape(template.get(begin..).unwrap_or_default()));
    pattern.push('$');
    Ok(Value::from(compiled(&pattern)?.is_match(name)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, value};
    use super::*;

    // The results are OPA's: `opa eval 'regex.…'`.
    #[test]
    fn texts_are_found_split_and_replaced_as_in_opa() {
        let cases = [
            ("regex.match", r#"["^[a-z]+\\d?$", "abc7"]"#, "true"),
            ("regex.is_valid", r#"["{"]"#, "true"),
            ("regex.is_valid", r#"["("]"#, "false"),
            ("regex.is_valid", "[7]", "false"),
            ("regex.find_n", r#"["a.", "paranormal", 2]"#, r#"["ar","an"]"#),
            ("regex.find_n", r#"["a*", "baac", -1]"#, r#"["","aa",""]"#),
            (
                "regex.find_all_string_submatch_n",
                r#"["a(x*)b", "-axxb-ab-", -1]"#,
                r#"[["axxb","xx"],["ab",""]]"#,
            ),
            (
                "regex.split",
                r#"["a*", "abaabaccadaaae"]"#,
                r#"["","b","b","c","c","d","e"]"#,
            ),
            ("regex.split", r#"["", "abc"]"#, r#"["a","b","c"]"#),
            ("regex.split", r#"[",", ",a,"]"#, r#"["","a",""]"#),
            ("regex.split", r#"[",", ""]"#, r#"[""]"#),
            ("regex.replace", r#"["foo", "(o)", "<$1$$${1}>"]"#, r#""f<o$o><o$o>""#),
            ("regex.replace", r#"["foo", "o*", "x"]"#, r#""xfx""#),
            (
                "regex.template_match",
                r#"["urn:{.*}:x", "urn:a:b:x", "{", "}"]"#,
                "true",
            ),
            (
                "regex.template_match",
                r#"["a.b{[0-9]{2}}", "a.b12", "{", "}"]"#,
                "true",
            ),
            (
                "regex.template_match",
                r#"["a.b{[0-9]{2}}", "axb12", "{", "}"]"#,
                "false",
            ),
        ];
        for (name, args, expected) in cases {
            assert_eq!(value(name, args), expected, "{name} {args}");
        }
        for (name, args) in [
            ("regex.match", r#"["(", "a"]"#),
            ("regex.replace", r#"["a", "(", "a"]"#),
            ("regex.find_n", r#"["a", "a", 0.5]"#),
            ("regex.template_match", r#"["a}", "a", "{", "}"]"#),
            ("regex.template_match", r#"["a", "a", "{{", "}"]"#),
        ] {
            assert_eq!(call(name, args), Err(Fault::Undefined), "{name} {args}");
        }
    }
}
