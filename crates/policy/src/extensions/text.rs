//! Functions on texts. Source: `v1/topdown/strings.go` of OPA 1.22.2 and Go's package `strings`, read 2026-11-26.

use regorus::Value;

use super::{Answer, Fault, arg, of_engine, text, whole};

/// Most bytes of text that one builtin may give.
const MAX_BYTES: usize = 16 << 20;
const LARGE: Fault = Fault::Beyond("texts of that size");

/// Returns the places, in characters, at which `part` stands, overlaps included.
fn places<'a>(whole: &'a str, part: &'a str) -> impl Iterator<Item = usize> + 'a {
    let starts = whole.char_indices().enumerate();
    starts.filter_map(move |(place, (at, _))| whole.get(at..)?.starts_with(part).then_some(place))
}

fn searched(args: &[Value]) -> Result<(&str, &str), Fault> {
    let (base, part) = (text(args, 0)?, text(args, 1)?);
    if part.is_empty() {
        Err(Fault::Undefined)
    } else {
        Ok((base, part))
    }
}

pub(super) fn index(args: &[Value]) -> Answer {
    let (base, part) = searched(args)?;
    Ok(places(base, part).next().map_or(Value::from(-1_i64), Value::from))
}

pub(super) fn indexes(args: &[Value]) -> Answer {
    let (base, part) = searched(args)?;
    Ok(Value::from(places(base, part).map(Value::from).collect::<Vec<_>>()))
}

/// Counts without overlaps. An empty text stands before each character and at the end.
pub(super) fn count(args: &[Value]) -> Answer {
    let (base, part) = (text(args, 0)?, text(args, 1)?);
    let count = if part.is_empty() {
        base.chars().count() + 1
    } else {
        base.matches(part).count()
    };
    Ok(Value::from(count))
}

pub(super) fn substring(args: &[Value]) -> Answer {
    let base = text(args, 0)?;
    let (offset, length) = (whole(args, 1)?, whole(args, 2)?);
    let offset = usize::try_from(offset).map_err(|_| Fault::Undefined)?;
    // A negative length takes all the rest.
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(Value::from(base.chars().skip(offset).take(length).collect::<String>()))
}

/// Returns the first parts of a text, or the last ones for a negative number.
pub(super) fn split_n(args: &[Value]) -> Answer {
    let (base, delimiter) = (text(args, 0)?, text(args, 1)?);
    let count = whole(args, 2)?;
    let parts: Vec<String> = if delimiter.is_empty() {
        base.chars().map(String::from).collect()
    } else {
        base.split(delimiter).map(str::to_owned).collect()
    };
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let kept = if count >= 0 {
        parts.get(..wanted.min(parts.len()))
    } else {
        parts.get(parts.len().saturating_sub(wanted)..)
    };
    Ok(Value::from(
        kept.unwrap_or_default()
            .iter()
            .map(|part| Value::from(part.as_str()))
            .collect::<Vec<_>>(),
    ))
}

const INSIDE: Fault = Fault::Beyond("an empty text inside of characters");

pub(super) fn replace(args: &[Value]) -> Answer {
    let (base, old) = (text(args, 0)?, text(args, 1)?);
    if old.is_empty() && !base.is_ascii() {
        return Err(INSIDE);
    }
    of_engine("replace", args)
}

/// Replaces from left to right; where several texts stand, the first in their order. What was put in is not looked at again.
pub(super) fn replace_n(args: &[Value]) -> Answer {
    let Value::Object(patterns) = arg(args, 0) else {
        return Err(Fault::Undefined);
    };
    let base = text(args, 1)?;
    let mut pairs = Vec::new();
    for pair in patterns.iter() {
        match pair {
            (Value::String(old), Value::String(new)) => pairs.push((&**old, &**new)),
            _ => return Err(Fault::Undefined),
        }
    }
    pairs.sort_unstable();
    if pairs.iter().any(|(old, _)| old.is_empty()) && !base.is_ascii() {
        // Go would put the new text between the bytes of a character.
        return Err(INSIDE);
    }
    let mut out = String::new();
    let mut rest = base;
    let mut after_empty = false;
    loop {
        // An empty text is found once at each place.
        let found = pairs
            .iter()
            .find(|(old, _)| rest.starts_with(old) && !(after_empty && old.is_empty()));
        after_empty = found.is_some_and(|(old, _)| old.is_empty());
        if out.len() > MAX_BYTES {
            return Err(LARGE);
        }
        if let Some((old, new)) = found {
            out.push_str(new);
            rest = rest.get(old.len()..).unwrap_or_default();
            continue;
        }
        let mut characters = rest.chars();
        let Some(character) = characters.next() else { break };
        out.push(character);
        rest = characters.as_str();
    }
    Ok(Value::from(out))
}

pub(super) fn lower(args: &[Value]) -> Answer {
    mapped(args, simple_lower)
}

pub(super) fn upper(args: &[Value]) -> Answer {
    mapped(args, simple_upper)
}

fn mapped(args: &[Value], map: fn(char) -> char) -> Answer {
    Ok(Value::from(text(args, 0)?.chars().map(map).collect::<String>()))
}

/// Go maps each character to one, without a look at its neighbors: Unicode's simple case mapping.
fn simple_lower(character: char) -> char {
    let mut mapped = character.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        // U+0130, İ, is the only one whose full mapping is longer.
        (Some(one), Some(_)) => one,
        _ => character,
    }
}

fn simple_upper(character: char) -> char {
    let mut mapped = character.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        // Greek letters with iota subscript, whose full mapping writes the iota out.
        _ => match character {
            '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
                char::from_u32(u32::from(character) + 8).unwrap_or(character)
            }
            '\u{1fb3}' => '\u{1fbc}',
            '\u{1fc3}' => '\u{1fcc}',
            '\u{1ff3}' => '\u{1ffc}',
            _ => character,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, value};
    use super::*;

    #[test]
    fn parts_are_found_by_character() {
        assert_eq!(value("indexof", r#"["äbcbc", "bc"]"#), "1");
        assert_eq!(value("indexof", r#"["abc", "x"]"#), "-1");
        assert_eq!(value("indexof_n", r#"["aäaaa", "aa"]"#), "[2,3]");
        assert_eq!(call("indexof", r#"["abc", ""]"#), Err(Fault::Undefined));
        assert_eq!(call("indexof_n", r#"["abc", ""]"#), Err(Fault::Undefined));
        assert_eq!(value("substring", r#"["äbcd", 1, 2]"#), r#""bc""#);
        assert_eq!(value("substring", r#"["abc", 1, -1]"#), r#""bc""#);
        assert_eq!(value("substring", r#"["abc", 7, 9223372036854775807]"#), r#""""#);
        assert_eq!(call("substring", r#"["abc", -1, 2]"#), Err(Fault::Undefined));
        assert_eq!(call("substring", r#"["abc", 1.5, 2]"#), Err(Fault::Undefined));
    }

    #[test]
    fn counts_have_no_overlaps() {
        assert_eq!(value("strings.count", r#"["aaaa", "aa"]"#), "2");
        assert_eq!(value("strings.count", r#"["äb", ""]"#), "3");
        assert_eq!(value("strings.count", r#"["", "a"]"#), "0");
    }

    #[test]
    fn the_first_or_last_parts() {
        assert_eq!(value("strings.split_n", r#"["a/b/c", "/", 2]"#), r#"["a","b"]"#);
        assert_eq!(value("strings.split_n", r#"["a/b/c", "/", -1]"#), r#"["c"]"#);
        assert_eq!(value("strings.split_n", r#"["a/b", "/", 9]"#), r#"["a","b"]"#);
        assert_eq!(value("strings.split_n", r#"["a/b", "/", 0]"#), "[]");
        assert_eq!(value("strings.split_n", r#"["äb", "", -9]"#), r#"["ä","b"]"#);
        assert_eq!(call("strings.split_n", r#"["a", "/", 0.5]"#), Err(Fault::Undefined));
    }

    // The results are OPA's: `opa eval 'strings.replace_n(…)'`.
    #[test]
    fn replacing_goes_once_from_left_to_right() {
        let cases = [
            (r#"[{"a": "b", "b": "a"}, "abba"]"#, "baab"),
            (r#"[{"a": "YY", "bba": "bX"}, "bbab"]"#, "bXb"),
            (r#"[{"a": "1", "ab": "2"}, "ab"]"#, "1b"),
            (r#"[{"": "-"}, "ab"]"#, "-a-b-"),
            (r#"[{"": "-", "a": "x"}, "aba"]"#, "-x-b-x-"),
            (r#"[{"": "-"}, ""]"#, "-"),
            (r#"[{}, "abc"]"#, "abc"),
            (r#"[{"é": "e"}, "été"]"#, "ete"),
        ];
        for (args, expected) in cases {
            assert_eq!(value("strings.replace_n", args), format!("\"{expected}\""), "{args}");
        }
        assert_eq!(call("strings.replace_n", r#"[{"a": 1}, "a"]"#), Err(Fault::Undefined));
    }

    #[test]
    fn an_empty_text_inside_of_characters_is_said_aloud() {
        assert_eq!(value("replace", r#"["ab", "", "-"]"#), r#""-a-b-""#);
        assert_eq!(call("replace", r#"["é", "", "-"]"#), Err(INSIDE));
        assert_eq!(call("strings.replace_n", r#"[{"": "-"}, "é"]"#), Err(INSIDE));
    }

    #[test]
    fn case_is_mapped_character_by_character() {
        assert_eq!(value("upper", r#"["straße ŉ ᾳ"]"#), r#""STRAßE ŉ ᾼ""#);
        assert_eq!(value("lower", r#"["İΑΣ"]"#), r#""iασ""#);
    }
}
