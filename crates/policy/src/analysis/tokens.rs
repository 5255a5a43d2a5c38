//! A cheap pass over the text before regorus' parser: it doubles its work with each level of brackets
//! (measured with regorus 0.14.1: 20 levels take 2 to 5 seconds), and recurses once for each term, parenthesis and minus sign.

use std::ops::Range;

use super::Problem;

const MAX_BYTES: usize = 1 << 20;
const MAX_LINES: u32 = 20_000;
/// Literals may nest twelve deep; the body of the rule is one more.
const MAX_BRACKETS: usize = 13;
const MAX_PARENTHESES: usize = 48;
/// Operators and steps of references in one expression.
const MAX_TERMS: u32 = 200;
/// The sum over all tokens of two to the power of their depth, which is what regorus' parser does.
const MAX_COST: u64 = 20_000_000;
const MAX_EXPONENT: u32 = 400;

/// What a token is, as far as the limits and spans need to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Number,
    Text,
    Open,
    Close,
    Separator,
    Operator,
    Step,
}

/// Returns the byte ranges of the tokens, in order, quotes included.
///
/// # Errors
///
/// The first limit that the text passes.
pub(super) fn scan(file: &str, text: &str) -> Result<Vec<Range<usize>>, Vec<Problem>> {
    let mut scanner = Scanner {
        file,
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        line_start: 0,
        levels: vec![Level::default()],
        cost: 0,
        formats: text.contains("sprintf"),
    };
    scanner.run().map_err(|problem| vec![problem])
}

/// Returns the text with blanks for all that is no token, and for texts other than those in brackets right behind what they
/// may be a step of.
pub(super) fn code(text: &str, tokens: &[Range<usize>]) -> String {
    let bytes = text.as_bytes();
    let mut code = vec![b' '; bytes.len()];
    for token in tokens {
        let is_text = matches!(bytes.get(token.start), Some(b'"' | b'`'));
        let is_step = || match bytes.get(..token.start) {
            Some([.., before, b'[']) => *before == b']' || *before == b'_' || before.is_ascii_alphanumeric(),
            _ => false,
        };
        if let (false, Some(to), Some(from)) = (
            is_text && !is_step(),
            code.get_mut(token.clone()),
            bytes.get(token.clone()),
        ) {
            to.copy_from_slice(from);
        }
    }
    // A token ends at the border of a character.
    String::from_utf8_lossy(&code).into_owned()
}

#[derive(Default)]
struct Level {
    open: u8,
    terms: u32,
    last: Option<(Kind, u32)>,
}

struct Scanner<'a> {
    file: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: u32,
    line_start: usize,
    levels: Vec<Level>,
    cost: u64,
    /// Whether `sprintf` stands in it.
    formats: bool,
}

impl Scanner<'_> {
    fn run(&mut self) -> Result<Vec<Range<usize>>, Problem> {
        if self.bytes.len() > MAX_BYTES {
            return Err(self.problem(format!("policy is larger than {MAX_BYTES} bytes")));
        }
        let mut tokens = Vec::new();
        while let Some(byte) = self.peek(0) {
            let start = self.at;
            let line = self.line;
            match byte {
                b'\n' => {
                    self.newline();
                    if self.line > MAX_LINES {
                        return Err(self.problem(format!("policy has more than {MAX_LINES} lines")));
                    }
                    continue;
                }
                _ if byte.is_ascii_whitespace() => {
                    self.at += 1;
                    continue;
                }
                b'#' => {
                    while self.peek(0).is_some_and(|byte| byte != b'\n') {
                        self.at += 1;
                    }
                    continue;
                }
                _ => {}
            }
            let kind = self.token(byte)?;
            let before = tokens.last().cloned().unwrap_or(0..0);
            tokens.push(start..self.at);
            if byte == b'(' {
                self.call(before, line)?;
            }
            self.count(kind, byte, line)?;
        }
        Ok(tokens)
    }

    /// Moves past one token.
    fn token(&mut self, byte: u8) -> Result<Kind, Problem> {
        self.at += 1;
        Ok(match byte {
            b'"' => {
                while let Some(byte) = self.peek(0) {
                    match byte {
                        b'\n' => break,
                        b'\\' => self.at += 1,
                        _ => {}
                    }
                    self.at += 1;
                    if byte == b'"' {
                        break;
                    }
                }
                self.at = self.at.min(self.bytes.len());
                Kind::Text
            }
            b'`' => {
                while let Some(byte) = self.peek(0) {
                    if byte == b'\n' {
                        self.newline();
                        continue;
                    }
                    self.at += 1;
                    if byte == b'`' {
                        break;
                    }
                }
                Kind::Text
            }
            b'0'..=b'9' => {
                self.number()?;
                Kind::Number
            }
            b'[' | b'{' | b'(' => Kind::Open,
            b']' | b'}' | b')' => Kind::Close,
            b',' | b';' => Kind::Separator,
            b'.' => Kind::Step,
            _ if is_word(byte) => {
                while self.peek(0).is_some_and(is_word) {
                    self.at += 1;
                }
                Kind::Word
            }
            b':' if self.peek(0) != Some(b'=') => Kind::Separator,
            b':' | b'=' | b'!' | b'<' | b'>' => {
                if self.peek(0) == Some(b'=') {
                    self.at += 1;
                }
                Kind::Operator
            }
            _ => Kind::Operator,
        })
    }

    fn number(&mut self) -> Result<(), Problem> {
        let start = self.at - 1;
        while let Some(byte) = self.peek(0) {
            let sign = matches!(byte, b'+' | b'-') && matches!(self.bytes.get(self.at - 1), Some(b'e' | b'E'));
            if !(byte.is_ascii_alphanumeric() || sign || byte == b'.') {
                break;
            }
            self.at += 1;
        }
        let text = self.bytes.get(start..self.at).unwrap_or_default();
        if let Some(mark) = text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            let digits = text.get(mark + 1..).unwrap_or_default();
            let digits = digits
                .strip_prefix(b"-")
                .or(digits.strip_prefix(b"+"))
                .unwrap_or(digits);
            let exponent = std::str::from_utf8(digits)
                .ok()
                .and_then(|digits| digits.parse::<u32>().ok());
            if exponent.is_none_or(|exponent| exponent > MAX_EXPONENT) {
                return Err(self.problem(format!("exponent of a number is larger than {MAX_EXPONENT}")));
            }
            let mantissa = text.get(..mark).unwrap_or_default();
            let places = mantissa.rsplit(|byte| *byte == b'.').next().unwrap_or_default().len();
            let places = if mantissa.contains(&b'.') { places } else { 0 };
            let up = text.get(mark + 1) != Some(&b'-');
            let whole = up && exponent.is_some_and(|exponent| usize::try_from(exponent).is_ok_and(|up| up >= places));
            if whole && self.formats {
                // regorus takes it for a whole number, OPA for a float, which `sprintf` tells apart.
                return Err(Problem {
                    code: "number",
                    help: Some("write its digits".to_owned()),
                    ..self.problem("whole number with an exponent".to_owned())
                });
            }
        }
        Ok(())
    }

    /// Refuses a parenthesis that starts a line after a name: regorus takes the two for a call, OPA does not.
    fn call(&self, before: Range<usize>, line: u32) -> Result<(), Problem> {
        const KEYWORDS: &[&[u8]] = &[
            b"as",
            b"contains",
            b"else",
            b"every",
            b"if",
            b"import",
            b"in",
            b"not",
            b"package",
            b"some",
            b"with",
        ];
        let Some(level) = self.levels.last() else { return Ok(()) };
        let name = self.bytes.get(before).unwrap_or_default();
        match level.last {
            Some((Kind::Word, at)) if at < line && !KEYWORDS.contains(&name) => Err(Problem {
                code: "syntax",
                help: Some("write the call on one line, or the condition without parentheses".to_owned()),
                ..self.problem("parenthesis at the start of a line after a name".to_owned())
            }),
            _ => Ok(()),
        }
    }

    /// Holds one token against the limits.
    fn count(&mut self, kind: Kind, byte: u8, line: u32) -> Result<(), Problem> {
        let brackets = self
            .levels
            .iter()
            .filter(|level| level.open == b'[' || level.open == b'{')
            .count();
        let parentheses = self.levels.iter().filter(|level| level.open == b'(').count();
        self.cost = self.cost.saturating_add(1 << brackets.min(40));
        if self.cost > MAX_COST {
            return Err(self.problem("policy nests too many brackets to be parsed in time".to_owned()));
        }
        if brackets > MAX_BRACKETS {
            return Err(self.problem(format!("brackets nest deeper than {MAX_BRACKETS}")));
        }
        if parentheses > MAX_PARENTHESES {
            return Err(self.problem(format!("parentheses nest deeper than {MAX_PARENTHESES}")));
        }
        if kind == Kind::Close {
            if self.levels.len() > 1 {
                self.levels.pop();
            }
            if let Some(level) = self.levels.last_mut() {
                level.last = Some((kind, self.line));
            }
            return Ok(());
        }
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        // A line break ends an expression unless an operator stands on one side of it.
        let joined = |kind: Kind| matches!(kind, Kind::Operator | Kind::Step);
        match level.last {
            Some((last, at)) if line > at && !joined(last) && !joined(kind) => level.terms = 0,
            _ => {}
        }
        match kind {
            Kind::Separator => level.terms = 0,
            Kind::Operator | Kind::Step | Kind::Open => level.terms += 1,
            Kind::Word | Kind::Number | Kind::Text | Kind::Close => {}
        }
        level.last = Some((kind, self.line));
        if level.terms > MAX_TERMS {
            return Err(self.problem(format!("expression has more than {MAX_TERMS} terms")));
        }
        if kind == Kind::Open {
            self.levels.push(Level {
                open: byte,
                ..Level::default()
            });
        }
        Ok(())
    }

    fn newline(&mut self) {
        self.at += 1;
        self.line += 1;
        self.line_start = self.at;
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn problem(&self, message: String) -> Problem {
        Problem {
            file: self.file.to_owned(),
            line: self.line,
            column: u32::try_from(self.at.saturating_sub(self.line_start))
                .unwrap_or(u32::MAX)
                .max(1),
            code: "limits",
            message,
            help: Some("split the expression into rules of its own, or move tables into data".to_owned()),
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<String> {
        scan("p.rego", text).err().map(|problems| problems[0].message.clone())
    }

    #[test]
    fn deep_literals_are_refused_before_they_are_parsed() {
        assert_eq!(refused(&format!("x := {}1{}", "[".repeat(12), "]".repeat(12))), None);
        assert!(
            refused(&format!("x := {}1{}", "[".repeat(14), "]".repeat(14)))
                .unwrap()
                .contains("nest deeper")
        );
        assert!(
            refused(&format!("x := {}1{}", "(".repeat(60), ")".repeat(60)))
                .unwrap()
                .contains("parentheses")
        );
        let many = format!(
            "x := [{}]",
            format!("{}1{},", "[".repeat(11), "]".repeat(11)).repeat(5000)
        );
        assert!(refused(&many).unwrap().contains("in time"));
    }

    #[test]
    fn long_expressions_are_refused_and_long_lists_are_not() {
        assert!(
            refused(&format!("x := 1{}", " + 1".repeat(300)))
                .unwrap()
                .contains("terms")
        );
        assert!(
            refused(&format!("x := 1{}", "\n + 1".repeat(300)))
                .unwrap()
                .contains("terms")
        );
        assert!(
            refused(&format!("x := {}1", "-".repeat(300)))
                .unwrap()
                .contains("terms")
        );
        assert!(
            refused(&format!("x := a{}", ".b".repeat(300)))
                .unwrap()
                .contains("terms")
        );
        assert_eq!(refused(&format!("x := [{}1]", "1, ".repeat(3000))), None);
        assert_eq!(refused(&"x := a.b\n".repeat(3000)), None);
        assert_eq!(refused(&format!("x := `{}`", "[".repeat(300))), None);
        assert_eq!(
            refused(&format!("x := \"\\\"{}\" # {}", "[".repeat(300), "(".repeat(300))),
            None
        );
    }

    #[test]
    fn a_parenthesis_on_a_line_of_its_own_is_no_call() {
        assert!(
            refused("x if {\n\tinput.a\n\t(input.b)\n}")
                .unwrap()
                .contains("start of a line")
        );
        assert_eq!(refused("x if {\n\tinput.a == 1\n\t(input.b)\n}"), None);
        assert_eq!(refused("x if\n(input.b)"), None);
        assert_eq!(refused("x := f(\n(1))"), None);
    }

    #[test]
    fn numbers_with_huge_exponents_are_refused() {
        assert!(refused("x := 1e1000000000").unwrap().contains("exponent"));
        assert!(refused("x := 1.5E-401").unwrap().contains("exponent"));
        assert_eq!(refused("x := 1e30"), None);
        assert!(
            refused("x := sprintf(\"%f\", [1.5e2])")
                .unwrap()
                .contains("whole number")
        );
        assert_eq!(refused("x := sprintf(\"%f\", [1.25e1, 1e-2, 100])"), None);
    }

    #[test]
    fn ranges_include_quotes() {
        let text = "a := \"b\" # c\nd := `e`";
        let words: Vec<_> = scan("p.rego", text)
            .unwrap()
            .into_iter()
            .filter_map(|range| text.get(range))
            .collect();
        assert_eq!(words, ["a", ":=", "\"b\"", "d", ":=", "`e`"]);
    }
}
