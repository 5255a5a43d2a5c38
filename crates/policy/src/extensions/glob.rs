//! `glob.*`. Source: the syntax of github.com/gobwas/glob 1.0.0, which OPA 1.22.2 uses, read 2026-11-26.

use std::iter::Peekable;
use std::str::Chars;

use regex::{Regex, escape};
use regorus::Value;

use super::pattern::kept;
use super::{Answer, Fault, arg, text};

pub(super) fn matches(args: &[Value]) -> Answer {
    let pattern = text(args, 0)?;
    let delimiters = match arg(args, 1) {
        Value::Null => String::new(),
        Value::Array(items) if items.is_empty() => ".".to_owned(),
        Value::Array(items) => {
            let mut all = String::new();
            for item in items.iter() {
                match item {
                    Value::String(delimiter) if delimiter.chars().count() == 1 => all.push_str(delimiter),
                    _ => return Err(Fault::Undefined),
                }
            }
            all
        }
        _ => return Err(Fault::Undefined),
    };
    let name = text(args, 2)?;
    Ok(Value::from(compile(pattern, &delimiters)?.is_match(name)))
}

pub(super) fn quote(args: &[Value]) -> Answer {
    let mut quoted = String::new();
    for character in text(args, 0)?.chars() {
        if matches!(character, '*' | '?' | '\\' | '[' | ']' | '{' | '}') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    Ok(Value::from(quoted))
}

fn compile(pattern: &str, delimiters: &str) -> Result<Regex, Fault> {
    // No regular expression has a NUL before it, so that the two are told apart.
    kept(&format!("\0{delimiters}\0{pattern}"), || {
        let mut expression = String::from(r"(?s)\A(?:");
        translate(pattern, delimiters, &mut expression).ok_or(Fault::Undefined)?;
        expression.push_str(r")\z");
        Ok(expression)
    })
}

/// Writes the pattern as a regular expression; `None` when it is no pattern.
fn translate(pattern: &str, delimiters: &str, out: &mut String) -> Option<()> {
    let one = match delimiters {
        "" => ".".to_owned(),
        delimiters => format!("[^{}]", delimiters.chars().map(in_class).collect::<String>()),
    };
    let mut depth = 0_usize;
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => out.push_str(&escape(rest.next()?.encode_utf8(&mut [0; 4]))),
            '*' if rest.next_if_eq(&'*').is_some() => out.push_str(".*"),
            '*' => out.push_str(&format!("{one}*")),
            '?' => out.push_str(&one),
            '[' => class(&mut rest, out)?,
            '{' => {
                depth += 1;
                out.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                out.push(')');
            }
            ',' if depth > 0 => out.push('|'),
            other => out.push_str(&escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    (depth == 0).then_some(())
}

/// Writes a class, whose `[` was read: one range, or a list in which `-` stands for itself.
fn class(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('[');
    if rest.next_if_eq(&'!').is_some() {
        out.push('^');
    }
    let first = rest.next()?;
    if rest.next_if_eq(&'-').is_some() {
        let last = rest.next()?;
        (rest.next()? == ']' && first <= last).then_some(())?;
        out.push_str(&format!("{}-{}]", in_class(first), in_class(last)));
        return Some(());
    }
    let mut next = first;
    let mut empty = true;
    loop {
        match next {
            ']' => break,
            '\\' => out.push_str(&in_class(rest.next()?)),
            other => out.push_str(&in_class(other)),
        }
        empty = false;
        next = rest.next()?;
    }
    out.push(']');
    (!empty).then_some(())
}

fn in_class(character: char) -> String {
    if character.is_ascii_punctuation() {
        format!("\\{character}")
    } else {
        character.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, value};
    use super::*;

    // The results are OPA's: `opa eval 'glob.match(…)'`.
    #[test]
    fn names_match_as_in_opa() {
        let cases = [
            (r#"["*.example.com", ["."], "api.example.com"]"#, true),
            (r#"["*.example.com", ["."], "a.b.example.com"]"#, false),
            (r#"["*.example.com", [], "a.b.example.com"]"#, false),
            (r#"["*.example.com", null, "a.b.example.com"]"#, true),
            (r#"["**.example.com", ["."], "a.b.example.com"]"#, true),
            (r#"["*/x", null, "a/b/x"]"#, true),
            (r#"["*/x", ["."], "a/b/x"]"#, true),
            (r#"["*:x", [":", "/"], "a/b:x"]"#, false),
            (r#"["{**/,}x", null, "x"]"#, true),
            (r#"["{cat,bat,[fr]at}", [], "rat"]"#, true),
            (r#"["{cat,{bat,rat}s}", [], "rats"]"#, true),
            (r#"["?at", ["."], ".at"]"#, false),
            (r#"["[!a-c]at", [], "dat"]"#, true),
            (r#"["[a-c]at", [], "dat"]"#, false),
            (r#"["[ab-]x", [], "-x"]"#, true),
            (r#"["a,b}", [], "a,b}"]"#, true),
            (r#"["a\\*b", [], "a*b"]"#, true),
            (r#"["a\\*b", [], "axb"]"#, false),
            (r#"["a.b", [], "axb"]"#, false),
            (r#"["*", [], "a\nb"]"#, true),
            (r#"["", [], ""]"#, true),
        ];
        for (args, expected) in cases {
            assert_eq!(value("glob.match", args), expected.to_string(), "{args}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_undefined() {
        for pattern in ["{a", "[a", "[]", "[c-a]x", "[a-cd]", "a\\\\"] {
            let args = format!("[\"{pattern}\", [], \"a\"]");
            assert_eq!(call("glob.match", &args), Err(Fault::Undefined), "{pattern}");
        }
        assert_eq!(call("glob.match", r#"["a", ["ab"], "a"]"#), Err(Fault::Undefined));
        assert_eq!(call("glob.match", r#"["a", "b", "a"]"#), Err(Fault::Undefined));
    }

    #[test]
    fn everything_with_a_meaning_is_quoted() {
        assert_eq!(
            value("glob.quote_meta", r#"["*.[a]{b}?\\,"]"#),
            r#""\\*.\\[a\\]\\{b\\}\\?\\\\,""#
        );
    }
}
