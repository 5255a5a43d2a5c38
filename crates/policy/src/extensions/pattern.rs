//! Regular expressions of Go as ones of the crate `regex`. Both are RE2's, but that here `\d`, `\w`, `\s` and `\b` know all of
//! Unicode and there ASCII, and that a few texts are an expression only for one of them, or two different ones.
//!
//! Source: the syntax of Go's package `regexp/syntax`, read 2026-11-26.

use std::cell::RefCell;
use std::collections::HashMap;
use std::iter::Peekable;
use std::str::Chars;

use regex::{Regex, RegexBuilder};

use super::Fault;

/// Largest compiled expression, in bytes, which bounds what matching costs: the engine's own limit.
const MAX_SIZE: usize = 100 * 1024;
/// Most expressions that a thread remembers.
const MAX_KEPT: usize = 200;
/// Most times that Go lets an expression be repeated.
const MAX_REPEAT: u32 = 1_000;

const RARE: Fault = Fault::Beyond("that part of a regular expression");

thread_local! {
    static KEPT: RefCell<HashMap<String, Result<Regex, Fault>>> = RefCell::default();
}

/// Returns the expression of Go, compiled.
///
/// # Errors
///
/// [`Fault::Undefined`] where it is none for Go either.
pub(super) fn compiled(pattern: &str) -> Result<Regex, Fault> {
    kept(pattern, || translated(pattern))
}

/// Returns what `write` gives, compiled; a thread remembers it by `key`.
pub(super) fn kept(key: &str, write: impl FnOnce() -> Result<String, Fault>) -> Result<Regex, Fault> {
    KEPT.with_borrow_mut(|kept| {
        if let Some(found) = kept.get(key) {
            return found.clone();
        }
        let regex = write().and_then(|text| {
            RegexBuilder::new(&text)
                .size_limit(MAX_SIZE)
                .build()
                .map_err(|error| match error {
                    regex::Error::CompiledTooBig(_) => Fault::Beyond("a pattern of that size"),
                    // Go lets groups share a name.
                    regex::Error::Syntax(text) if text.contains("duplicate capture group name") => RARE,
                    _ => Fault::Undefined,
                })
        });
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(key.to_owned(), regex.clone());
        regex
    })
}

const DIGIT: &str = "0-9";
const WORD: &str = "0-9A-Za-z_";
const SPACE: &str = r"\t\n\x0c\r ";

/// Names of classes in brackets.
const NAMED: &[&str] = &[
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

fn ascii_class(letter: char) -> Option<&'static str> {
    match letter.to_ascii_lowercase() {
        'd' => Some(DIGIT),
        'w' => Some(WORD),
        's' => Some(SPACE),
        _ => None,
    }
}

type Rest<'a> = Peekable<Chars<'a>>;

/// Returns the same expression as the crate writes it.
fn translated(pattern: &str) -> Result<String, Fault> {
    let mut out = String::new();
    let mut rest = pattern.chars().peekable();
    // Whether a repetition stands before, after which Go takes no other.
    let mut repeated = false;
    while let Some(character) = rest.next() {
        let mut repeats = false;
        match character {
            '\\' => escaped(&mut rest, &mut out)?,
            '[' => class(&mut rest, &mut out)?,
            '(' => {
                out.push('(');
                if rest.next_if_eq(&'?').is_some() {
                    out.push('?');
                    group(&mut rest, &mut out)?;
                }
            }
            '*' | '+' | '?' => {
                out.push(character);
                repeats = true;
            }
            '{' => match repetition(&rest) {
                Some((text, least, most)) => {
                    if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT || most < least) {
                        return Err(Fault::Undefined);
                    }
                    rest.nth(text.chars().count().saturating_sub(1));
                    out.push('{');
                    out.push_str(&text);
                    repeats = true;
                }
                None => out.push_str(r"\{"),
            },
            '}' => out.push_str(r"\}"),
            other => out.push(other),
        }
        if repeats {
            if repeated {
                return Err(Fault::Undefined);
            }
            if rest.next_if_eq(&'?').is_some() {
                out.push('?');
            }
        }
        repeated = repeats;
    }
    Ok(out)
}

/// Reads `n}`, `n,}` or `n,m}` without moving on.
fn repetition(rest: &Rest<'_>) -> Option<(String, u32, Option<u32>)> {
    let mut text = String::new();
    for character in rest.clone() {
        text.push(character);
        match character {
            '}' => break,
            '0'..='9' | ',' if text.len() < 12 => {}
            _ => return None,
        }
    }
    let inner = text.strip_suffix('}')?;
    // Go takes no leading zeros.
    let number = |digits: &str| match digits {
        "0" => Some(0),
        digits if digits.starts_with(|first: char| first.is_ascii_digit() && first != '0') => {
            Some(digits.parse::<u32>().unwrap_or(u32::MAX))
        }
        _ => None,
    };
    match inner.split_once(',') {
        None => {
            let times = number(inner)?;
            Some((text.clone(), times, Some(times)))
        }
        Some((least, "")) => Some((text.clone(), number(least)?, None)),
        Some((least, most)) => Some((text.clone(), number(least)?, Some(number(most)?))),
    }
}

/// Copies what follows `(?`: a name or flags. Flags that only the crate has are none for Go.
fn group(rest: &mut Rest<'_>, out: &mut String) -> Result<(), Fault> {
    let named = match rest.peek() {
        Some('P') => {
            rest.next();
            out.push('P');
            (rest.peek() == Some(&'<')).then_some(()).ok_or(Fault::Undefined)?;
            true
        }
        Some('<') => true,
        _ => false,
    };
    for character in rest.by_ref() {
        out.push(character);
        match character {
            '>' if named => return Ok(()),
            '<' | '_' | 'a'..='z' | 'A'..='Z' | '0'..='9' if named => {}
            ':' | ')' if !named => return Ok(()),
            'i' | 'm' | 's' | 'U' | '-' if !named => {}
            _ => return Err(Fault::Undefined),
        }
    }
    Err(Fault::Undefined)
}

/// Writes what a backslash outside of a class stands for.
fn escaped(rest: &mut Rest<'_>, out: &mut String) -> Result<(), Fault> {
    let Some(&letter) = rest.peek() else {
        return Err(Fault::Undefined);
    };
    if let Some(class) = ascii_class(letter) {
        rest.next();
        out.push_str(&format!(
            "[{}{class}]",
            if letter.is_ascii_uppercase() { "^" } else { "" }
        ));
        return Ok(());
    }
    match letter {
        'A' | 'z' => {
            rest.next();
            out.push('\\');
            out.push(letter);
        }
        'b' => {
            rest.next();
            out.push_str(r"(?-u:\b)");
        }
        'Q' => {
            rest.next();
            quoted(rest, out);
        }
        // The crate's `\B` of ASCII may stand inside a character, and `\C` is a byte.
        'B' | 'C' => return Err(RARE),
        'p' | 'P' => property(rest, out)?,
        _ => literal(character(rest)?, out),
    }
    Ok(())
}

/// Writes the text up to `\E`.
fn quoted(rest: &mut Rest<'_>, out: &mut String) {
    while let Some(next) = rest.next() {
        if next == '\\' && rest.next_if_eq(&'E').is_some() {
            return;
        }
        literal(next, out);
    }
}

/// Copies `\pL` or `\p{Greek}`; for `\p{^Greek}` the crate has `\P{Greek}`.
fn property(rest: &mut Rest<'_>, out: &mut String) -> Result<(), Fault> {
    let mut letter = rest.next().ok_or(Fault::Undefined)?;
    let mut name = String::from(rest.next().ok_or(Fault::Undefined)?);
    if name == "{" {
        if rest.next_if_eq(&'^').is_some() {
            letter = if letter == 'p' { 'P' } else { 'p' };
        }
        for next in rest.by_ref() {
            name.push(next);
            if next == '}' {
                break;
            }
        }
        if !name.ends_with('}') || name.contains(['=', ':', '!']) {
            return Err(Fault::Undefined);
        }
    }
    out.push_str(&format!("\\{letter}{name}"));
    Ok(())
}

fn literal(character: char, out: &mut String) {
    out.push_str(&format!("\\x{{{:x}}}", u32::from(character)));
}

/// Reads the character that a backslash, which was read, makes of what follows.
fn character(rest: &mut Rest<'_>) -> Result<char, Fault> {
    let letter = rest.next().ok_or(Fault::Undefined)?;
    let code = match letter {
        'a' => 7,
        'f' => 12,
        't' => 9,
        'n' => 10,
        'r' => 13,
        'v' => 11,
        '1'..='7' if !rest.peek().is_some_and(|next| ('0'..='7').contains(next)) => return Err(Fault::Undefined),
        '0'..='7' => {
            let mut code = letter.to_digit(8).unwrap_or(0);
            for _ in 0..2 {
                match rest.next_if(|next| ('0'..='7').contains(next)) {
                    Some(digit) => code = code * 8 + digit.to_digit(8).unwrap_or(0),
                    None => break,
                }
            }
            code
        }
        'x' => {
            let digits: String = if rest.next_if_eq(&'{').is_some() {
                rest.by_ref().take_while(|next| *next != '}').collect()
            } else {
                rest.by_ref().take(2).collect()
            };
            if digits.len() < 2 && !digits.starts_with(|digit: char| digit.is_ascii_hexdigit()) {
                return Err(Fault::Undefined);
            }
            u32::from_str_radix(&digits, 16).map_err(|_| Fault::Undefined)?
        }
        letter if letter.is_ascii_punctuation() => return Ok(letter),
        _ => return Err(Fault::Undefined),
    };
    char::from_u32(code).ok_or(Fault::Undefined)
}

/// Writes a class, whose `[` was read.
fn class(rest: &mut Rest<'_>, out: &mut String) -> Result<(), Fault> {
    out.push('[');
    if rest.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut first = true;
    loop {
        let next = rest.next().ok_or(Fault::Undefined)?;
        match next {
            ']' if !first => break,
            '[' if rest.peek() == Some(&':') && named_class(rest).is_some() => {
                // The crate knows the same names in brackets of their own.
                let name = named_class(rest).unwrap_or_default();
                let known = name.trim_start_matches(':').trim_end_matches(":]");
                let known = known.trim_start_matches('^');
                if !NAMED.contains(&known) {
                    return Err(Fault::Undefined);
                }
                rest.nth(name.chars().count().saturating_sub(1));
                out.push('[');
                out.push_str(&name);
            }
            '\\' if rest.peek().is_some_and(|letter| ascii_class(*letter).is_some()) => {
                let letter = rest.next().unwrap_or_default();
                let class = ascii_class(letter).unwrap_or_default();
                if letter.is_ascii_uppercase() {
                    out.push_str(&format!("[^{class}]"));
                } else {
                    out.push_str(class);
                }
            }
            '\\' if matches!(rest.peek(), Some('p' | 'P')) => property(rest, out)?,
            next => {
                let low = if next == '\\' { character(rest)? } else { next };
                literal(low, out);
                // A dash before the end of the class stands for itself.
                let mut ahead = rest.clone();
                if ahead.next() == Some('-') && ahead.peek().is_some_and(|end| *end != ']') {
                    rest.next();
                    let end = rest.next().ok_or(Fault::Undefined)?;
                    let high = if end == '\\' { character(rest)? } else { end };
                    if high < low {
                        return Err(Fault::Undefined);
                    }
                    out.push('-');
                    literal(high, out);
                }
            }
        }
        first = false;
    }
    out.push(']');
    Ok(())
}

/// Reads `:name:]` without moving on.
fn named_class(rest: &Rest<'_>) -> Option<String> {
    let mut name = String::new();
    for next in rest.clone() {
        name.push(next);
        if name.len() > 2 && name.ends_with(":]") {
            return Some(name);
        }
        if name.len() > 16 {
            break;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(pattern: &str, text: &str) -> bool {
        compiled(pattern).unwrap().is_match(text)
    }

    // The results are OPA's: `opa eval 'regex.match(…)'`.
    #[test]
    fn classes_are_those_of_ascii() {
        assert!(holds(r"^\w+$", "az_09") && !holds(r"^\w+$", "é"));
        assert!(holds(r"^\d$", "7") && !holds(r"^\d$", "٣"));
        assert!(holds(r"^[\w.-]+$", "a.b-c") && !holds(r"^[\w.-]+$", "ä"));
        assert!(holds(r"^[^\s\d]$", "é") && !holds(r"^[^\s\d]$", "5"));
        assert!(holds(r"^[\D]$", "é") && holds(r"\bé", "aé") && !holds(r"\ba", "ba"));
    }

    #[test]
    fn what_only_go_knows_is_translated() {
        assert!(holds(r"{a}", "{a}") && holds(r"a{,3}", "a{,3}") && holds(r"^a{2,3}$", "aaa"));
        assert!(holds(r"^\Qa.b*\E+$", "a.b**") && !holds(r"^\Qa.b\E$", "axb"));
        assert!(holds(r"^\101\x41\x{42}\_\<$", "AAB_<"));
        assert!(holds(r"^[[a]+$", "[a") && holds(r"^[a&&b]+$", "&") && holds(r"^[a-\x63~~]+$", "b~"));
        assert!(holds(r"^\p{^Greek}\P{^Greek}\pL$", "aαb"));
        assert!(holds(r"^[]a]$", "]") && holds(r"^[[:alpha:]-]+$", "a-") && holds(r"^[a-]$", "-"));
        assert!(holds(r"(?i)^STRASSE$", "strasse") && holds(r"^(?P<x>a)(?:b)$", "ab"));
    }

    #[test]
    fn what_is_none_for_go_is_none_here() {
        for pattern in [
            "(",
            ")",
            "a**",
            "a{1001}",
            "a{3,2}",
            r"\1",
            r"\y",
            r"\u0041",
            "(?x)a",
            "(?=a)",
            "[b-a]",
            r"[a-\d]",
            "[",
            "*a",
            r"\é",
            "a\\",
            "(?P<n",
            "(?P=n)",
            "[[:foo:]]",
            r"\p{sc=Greek}",
        ] {
            assert_eq!(compiled(pattern).err(), Some(Fault::Undefined), "{pattern}");
        }
        assert_eq!(compiled(r"a\Bb").err(), Some(RARE));
        assert_eq!(compiled("(?P<n>a)(?P<n>b)").err(), Some(RARE));
        assert!(compiled("[[:^alpha:]]").is_ok());
        assert!(matches!(compiled("((a{100}){100}){100}").err(), Some(Fault::Beyond(_))));
    }
}
